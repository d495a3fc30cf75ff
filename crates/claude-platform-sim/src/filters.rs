//! Filters of lists that several resources have.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::{answer::Refusal, request::Request};

/// Times that a list is narrowed to: `created_at[gte]=…` and so on.
#[derive(Debug)]
pub(crate) struct TimeRange(Vec<(Bound, DateTime<FixedOffset>)>);

#[derive(Debug, Clone, Copy)]
enum Bound {
    After,
    From,
    Before,
    Until,
}

impl TimeRange {
    /// The range of that name in a request; all times where there is none.
    pub(crate) fn read(request: &Request, name: &str) -> Result<Self, Refusal> {
        let bounds = [
            ("gt", Bound::After),
            ("gte", Bound::From),
            ("lt", Bound::Before),
            ("lte", Bound::Until),
        ];
        let mut named = Vec::new();
        for (operator, bound) in bounds {
            let key = format!("{name}[{operator}]");
            if let Some(text) = request.query(&key) {
                let time = DateTime::parse_from_rfc3339(text)
                    .map_err(|_| Refusal::invalid(format!("{key}: must be an RFC 3339 time")))?;
                named.push((bound, time));
            }
        }
        Ok(Self(named))
    }

    /// True for a time in the range; something that is no time is in no range but that of all.
    pub(crate) fn holds(&self, time: &Value) -> bool {
        self.0.is_empty()
            || DateTime::parse_from_rfc3339(time.as_str().unwrap_or_default()).is_ok_and(|time| {
                self.0.iter().all(|(bound, limit)| match bound {
                    Bound::After => time > *limit,
                    Bound::From => time >= *limit,
                    Bound::Before => time < *limit,
                    Bound::Until => time <= *limit,
                })
            })
    }
}
