//! Query parameters: names in any case, values as comma lists.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
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

    /// True for an id that a parameter lists, and for every id without the parameter.
    pub(crate) fn allows(&self, name: &str, id: &str) -> bool {
        self.list(name).is_none_or(|ids| ids.contains(&id))
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
        if let Ok(time) = DateTime::parse_from_rfc3339(value) {
            return Ok(Some(time.to_utc()));
        }
        match value.parse::<NaiveDate>() {
            Ok(date) => Ok(Some(date.and_time(NaiveTime::MIN).and_utc())),
            Err(_) => Err(format!("The value '{value}' is not valid for {name}.")),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
