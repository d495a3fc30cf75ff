//! Small helpers around JSON bodies.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads null as empty: the service writes it for some empty lists and maps.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Leaves out the fields that are not set.
pub(crate) fn without_nulls(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    body
}
