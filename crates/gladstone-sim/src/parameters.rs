//! Query parameters: names in any case, values as comma lists.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// Decoded query parameters.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From decoded names and values.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The values of a parameter; `None` when it is absent or empty, which means: all.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self
            .values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .collect();
        (!values.is_empty()).then_some(values)
    }

    /// True for a parameter that is `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.values(name)
            .any(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A time, or a date, which is its midnight in UTC; the error is what the portal says of one
    /// that it does not understand.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        let Some(value) = self.values(name).next() else {
            return Ok(None);
        };
        let time = DateTime::parse_from_rfc3339(value)
            .ok()
            .map(|at| at.to_utc());
        let date = || {
            value
                .parse::<NaiveDate>()
                .ok()
                .map(|date| date.and_time(NaiveTime::MIN).and_utc())
        };
        match time.or_else(date) {
            Some(at) => Ok(Some(at)),
            None => Err(format!("The value '{value}' is not valid for {name}.")),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
