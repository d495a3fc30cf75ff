//! Fields of a body: texts within their lengths, metadata, hosts.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::answer::Refusal;

/// A body, or an object in it.
pub(crate) type Fields = Map<String, Value>;

/// A text that must be there, of so many characters.
pub(crate) fn require_text(
    fields: &Fields,
    key: &str,
    length: RangeInclusive<usize>,
) -> Result<Value, Refusal> {
    match fields.get(key) {
        Some(value @ Value::String(text)) if length.contains(&text.chars().count()) => {
            Ok(value.clone())
        }
        None | Some(Value::Null) => Err(Refusal::invalid(format!("{key}: is required"))),
        Some(_) => Err(Refusal::invalid(format!(
            "{key}: a text of {} to {} characters",
            length.start(),
            length.end()
        ))),
    }
}

/// A text of at most so many characters; null where it is null or left out.
pub(crate) fn optional_text(fields: &Fields, key: &str, longest: usize) -> Result<Value, Refusal> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(value @ Value::String(text)) if text.chars().count() <= longest => Ok(value.clone()),
        Some(_) => Err(Refusal::invalid(format!(
            "{key}: a text of at most {longest} characters"
        ))),
    }
}

/// Refuses the fields of an object that are not among the known ones, as the platform does.
pub(crate) fn only_known(fields: &Fields, known: &[&str]) -> Result<(), Refusal> {
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Refusal::invalid(format!(
            "{key}: Extra inputs are not permitted"
        ))),
        None => Ok(()),
    }
}

pub(crate) fn require_object<'a>(value: &'a Value, what: &str) -> Result<&'a Fields, Refusal> {
    value
        .as_object()
        .ok_or_else(|| Refusal::invalid(format!("{what}: must be an object")))
}

/// The entries of an array; none where it is null or left out.
pub(crate) fn read_array<'a>(
    value: Option<&'a Value>,
    what: &str,
    most: usize,
) -> Result<&'a [Value], Refusal> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) if list.len() <= most => Ok(list),
        Some(_) => Err(Refusal::invalid(format!(
            "{what}: must be an array of at most {most}"
        ))),
    }
}

/// The metadata of a new object; none where it is null or left out.
pub(crate) fn read_metadata(wanted: Option<&Value>) -> Result<Value, Refusal> {
    match wanted {
        None | Some(Value::Null) => Ok(Fields::new().into()),
        Some(wanted)
            if wanted
                .as_object()
                .is_some_and(|map| map.values().all(Value::is_string)) =>
        {
            merge_metadata(&Value::Null, wanted)
        }
        Some(_) => Err(refuse_metadata("must be an object of texts")),
    }
}

/// Key by key: a text sets, null deletes. At most 16 pairs, keys of 64 characters, values of 512.
pub(crate) fn merge_metadata(before: &Value, patch: &Value) -> Result<Value, Refusal> {
    let mut merged = before.as_object().cloned().unwrap_or_default();
    let patch = patch
        .as_object()
        .ok_or_else(|| refuse_metadata("must be an object"))?;
    for (key, value) in patch {
        match value {
            Value::Null => drop(merged.remove(key)),
            Value::String(text) if key.chars().count() <= 64 && text.chars().count() <= 512 => {
                merged.insert(key.clone(), value.clone());
            }
            _ => {
                return Err(refuse_metadata(&format!(
                    "`{key}`: keys of at most 64, texts of at most 512 characters"
                )));
            }
        }
    }
    if merged.len() > 16 {
        return Err(refuse_metadata("at most 16 pairs"));
    }
    Ok(merged.into())
}

fn refuse_metadata(reason: &str) -> Refusal {
    Refusal::invalid(format!("metadata: {reason}")).with_code("invalid_metadata")
}

/// Hosts that may be reached: bare names or `*.suffix`, without scheme, port and path.
pub(crate) fn read_hosts(value: &Value, most: usize) -> Result<Value, Refusal> {
    let hosts = value.as_array().filter(|hosts| hosts.len() <= most);
    let are_hosts = hosts.is_some_and(|hosts| {
        let mut hosts = hosts.iter().map(|host| host.as_str().unwrap_or_default());
        hosts.all(is_host)
    });
    match are_hosts {
        true => Ok(value.clone()),
        false => Err(Refusal::invalid(
            "allowed_hosts: an array of bare hosts or `*.suffix`, without scheme, port and path",
        )),
    }
}

fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    name.split('.').all(|label| {
        let mut letters = label.chars();
        !label.is_empty() && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
}
