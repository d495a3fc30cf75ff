//! Attribute values: their JSON, their size, what may be compared.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, json};

use super::number::Number;
use crate::answer::Refusal;

/// An item: its attributes by name.
pub(crate) type Item = BTreeMap<String, Value>;

/// The deepest nesting of lists and maps.
const DEEPEST: usize = 32;

/// An attribute's value. Ordered as keys are; other comparisons go by [`Value::compare`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    S(String),
    N(Number),
    B(Vec<u8>),
    Bool(bool),
    Null,
    L(Vec<Self>),
    M(Item),
    Ss(BTreeSet<String>),
    Ns(BTreeSet<Number>),
    Bs(BTreeSet<Vec<u8>>),
}

impl Value {
    /// The name of its type in JSON.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// Reads `{"S":"…"}`.
    pub(crate) fn parse(json: &serde_json::Value) -> Result<Self, Refusal> {
        Self::parse_nested(json, 0)
    }

    fn parse_nested(json: &serde_json::Value, depth: usize) -> Result<Self, Refusal> {
        let fields = json.as_object().ok_or_else(|| wrong_json("a map"))?;
        // A field that is null is none.
        let mut fields = fields.iter().filter(|(_, value)| !value.is_null());
        let (Some((kind, value)), None) = (fields.next(), fields.next()) else {
            return Err(Refusal::validation(
                "Supplied AttributeValue is empty, must contain exactly one of the supported \
                 datatypes",
            ));
        };
        if depth > DEEPEST {
            return Err(Refusal::validation(
                "Nesting Levels have exceeded supported limits",
            ));
        }
        let is_true = value.as_bool();
        Ok(match kind.as_str() {
            "S" => Self::S(text(value)?.to_owned()),
            "N" => Self::N(number(value)?),
            "B" => Self::B(binary(value)?),
            "BOOL" => Self::Bool(is_true.ok_or_else(|| wrong_json("a boolean"))?),
            "NULL" if is_true == Some(true) => Self::Null,
            "NULL" => {
                return Err(Refusal::invalid(
                    "Null attribute value types must have the value of true",
                ));
            }
            "L" => {
                let values = list(value)?.iter();
                let values = values.map(|value| Self::parse_nested(value, depth + 1));
                Self::L(values.collect::<Result<_, _>>()?)
            }
            "M" => {
                let fields = value.as_object().ok_or_else(|| wrong_json("a map"))?;
                let fields = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::parse_nested(value, depth + 1)?)));
                Self::M(fields.collect::<Result<_, Refusal>>()?)
            }
            "SS" => Self::Ss(set(value, |value| Ok(text(value)?.to_owned()))?),
            "NS" => Self::Ns(set(value, number)?),
            "BS" => Self::Bs(set(value, binary)?),
            _ => {
                return Err(Refusal::validation(
                    "Supplied AttributeValue is empty, must contain exactly one of the supported \
                     datatypes",
                ));
            }
        })
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::S(text) => json!({ "S": text }),
            Self::N(number) => json!({"N": number.to_string()}),
            Self::B(bytes) => json!({"B": BASE64_STANDARD.encode(bytes)}),
            Self::Bool(value) => json!({ "BOOL": value }),
            Self::Null => json!({"NULL": true}),
            Self::L(values) => {
                json!({"L": values.iter().map(Self::to_json).collect::<Vec<_>>()})
            }
            Self::M(fields) => json!({"M": item_to_json(fields)}),
            Self::Ss(texts) => json!({ "SS": texts }),
            Self::Ns(numbers) => {
                json!({"NS": numbers.iter().map(ToString::to_string).collect::<Vec<_>>()})
            }
            Self::Bs(all) => {
                let all = all.iter().map(|bytes| BASE64_STANDARD.encode(bytes));
                json!({"BS": all.collect::<Vec<_>>()})
            }
        }
    }

    /// The order of two values of one type that has one.
    pub(crate) fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::S(one), Self::S(two)) => Some(one.cmp(two)),
            (Self::N(one), Self::N(two)) => Some(one.cmp(two)),
            (Self::B(one), Self::B(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }

    /// `size()` of expressions; none for types that have none.
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::S(text) => Some(text.len()),
            Self::B(bytes) => Some(bytes.len()),
            Self::L(values) => Some(values.len()),
            Self::M(fields) => Some(fields.len()),
            Self::Ss(set) => Some(set.len()),
            Self::Ns(set) => Some(set.len()),
            Self::Bs(set) => Some(set.len()),
            Self::N(_) | Self::Bool(_) | Self::Null => None,
        }
    }

    /// Bytes towards the size of an item.
    fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(values) => 3 + values.iter().map(|value| value.size() + 1).sum::<usize>(),
            Self::M(fields) => 3 + fields.len() + item_size(fields),
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().map(Number::size).sum(),
            Self::Bs(set) => set.iter().map(Vec::len).sum(),
        }
    }
}

/// Bytes of an item as the limit of 400 KB and the capacity count them.
pub(crate) fn item_size(item: &Item) -> usize {
    let sizes = item.iter().map(|(name, value)| name.len() + value.size());
    sizes.sum()
}

pub(crate) fn item_to_json(item: &Item) -> serde_json::Value {
    let fields = item
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()));
    serde_json::Value::Object(fields.collect::<Map<_, _>>())
}

/// A JSON value of another type than the operation's; the sentence is assumed.
pub(crate) fn wrong_json(wanted: &str) -> Refusal {
    Refusal::serialization(&format!(
        "Unexpected token received from parser, not {wanted}"
    ))
}

fn text(json: &serde_json::Value) -> Result<&str, Refusal> {
    json.as_str().ok_or_else(|| wrong_json("a string"))
}

fn list(json: &serde_json::Value) -> Result<&Vec<serde_json::Value>, Refusal> {
    json.as_array().ok_or_else(|| wrong_json("a list"))
}

fn number(json: &serde_json::Value) -> Result<Number, Refusal> {
    Number::parse(text(json)?).map_err(|message| Refusal::validation(&message))
}

fn binary(json: &serde_json::Value) -> Result<Vec<u8>, Refusal> {
    let bytes = BASE64_STANDARD.decode(text(json)?);
    bytes.map_err(|_| Refusal::serialization("Base64 encoded binary is malformed"))
}

fn set<T: Ord>(
    json: &serde_json::Value,
    read: impl Fn(&serde_json::Value) -> Result<T, Refusal>,
) -> Result<BTreeSet<T>, Refusal> {
    let values = list(json)?;
    if values.is_empty() {
        return Err(Refusal::invalid("A set may not be empty"));
    }
    let set = values
        .iter()
        .map(read)
        .collect::<Result<BTreeSet<T>, _>>()?;
    if set.len() < values.len() {
        return Err(Refusal::invalid("Input collection contains duplicates"));
    }
    Ok(set)
}
