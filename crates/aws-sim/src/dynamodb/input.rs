//! The fields of an operation, read strictly: a wrong type is an error of its own.

use serde_json::{Map, Value};

use super::value::{self, Item, wrong_json};
use crate::answer::Refusal;

/// Parameters from before there were expressions, which the simulator does not know.
const LEGACY: [&str; 9] = [
    "AttributeUpdates",
    "AttributesToGet",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
    "ScanSegment",
    "TotalSegments",
];

/// The object of a request, or one within it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a>(&'a Map<String, Value>);

impl<'a> Input<'a> {
    pub(crate) fn new(json: &'a Value) -> Result<Self, Refusal> {
        let fields = json.as_object().ok_or_else(|| wrong_json("a structure"))?;
        if let Some(field) = LEGACY.iter().find(|field| fields.contains_key(**field)) {
            return Err(Refusal::validation(&format!(
                "the simulator does not know {field}; use expressions"
            )));
        }
        Ok(Self(fields))
    }

    /// A field; none where it is missing or null.
    pub(crate) fn field(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let value = self.field(name);
        let text = value.map(|value| value.as_str().ok_or_else(|| wrong_json("a string")));
        text.transpose()
    }

    pub(crate) fn needed_text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// A text that is one of a few; the first without.
    pub(crate) fn choice(
        &self,
        name: &str,
        among: &[&'static str],
    ) -> Result<&'static str, Refusal> {
        let Some(text) = self.text(name)? else {
            return Ok(among.first().copied().unwrap_or_default());
        };
        let choice = among.iter().find(|one| **one == text).copied();
        choice.ok_or_else(|| {
            constraint(
                name,
                text,
                &format!("Member must satisfy enum value set: [{}]", among.join(", ")),
            )
        })
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let value = self.field(name);
        let flag = value.map(|value| value.as_bool().ok_or_else(|| wrong_json("a boolean")));
        flag.transpose()
    }

    /// A positive whole number.
    pub(crate) fn count(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let Some(value) = self.field(name) else {
            return Ok(None);
        };
        let count = value.as_i64().ok_or_else(|| wrong_json("a number"))?;
        match usize::try_from(count) {
            Ok(count) if count > 0 => Ok(Some(count)),
            _ => Err(constraint(
                name,
                &count.to_string(),
                "Member must have value greater than or equal to 1",
            )),
        }
    }

    /// The fields of an object; none where it is missing.
    pub(crate) fn map(
        &self,
        name: &str,
    ) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Refusal> {
        let map = match self.field(name) {
            None => None,
            Some(value) => Some(value.as_object().ok_or_else(|| wrong_json("a map"))?),
        };
        Ok(map.into_iter().flatten())
    }

    /// The elements of a list; none where it is missing.
    pub(crate) fn list(&self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.field(name) {
            None => Ok(&[]),
            Some(value) => value
                .as_array()
                .map(Vec::as_slice)
                .ok_or_else(|| wrong_json("a list")),
        }
    }

    pub(crate) fn inner(&self, name: &str) -> Result<Option<Self>, Refusal> {
        self.field(name).map(Self::new).transpose()
    }

    pub(crate) fn item(&self, name: &str) -> Result<Option<Item>, Refusal> {
        if self.field(name).is_none() {
            return Ok(None);
        }
        let fields = self.map(name)?;
        let fields = fields.map(|(name, value)| Ok((name.clone(), value::Value::parse(value)?)));
        fields.collect::<Result<Item, Refusal>>().map(Some)
    }

    pub(crate) fn needed_item(&self, name: &str) -> Result<Item, Refusal> {
        self.item(name)?.ok_or_else(|| missing(name))
    }
}

pub(crate) fn missing(name: &str) -> Refusal {
    constraint(name, "null", "Member must not be null").tidy()
}

/// A sentence of the framework that checks requests.
pub(crate) fn constraint(name: &str, value: &str, rule: &str) -> Refusal {
    let mut field = name.to_owned();
    if let Some(first) = field.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Refusal::validation(&format!(
        "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: \
         {rule}"
    ))
}

impl Refusal {
    /// What is missing stands without quotes.
    fn tidy(mut self) -> Self {
        self.message = self.message.replace("Value 'null'", "Value null");
        self
    }
}
