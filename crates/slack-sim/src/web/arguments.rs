//! A call's arguments: from the query, a form or JSON, and read as what each should be.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use super::Refusal;

/// A call of a method, as it came.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    fn content_type(&self) -> &str {
        let value = self.headers.get(header::CONTENT_TYPE);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn is_json(&self) -> bool {
        self.content_type().starts_with("application/json")
    }

    /// Known of Slack, not looked up: JSON should name its character set, forms need not.
    pub(super) fn charset_warning(&self) -> Option<&'static str> {
        let has_charset = self.content_type().contains("charset");
        match (self.is_json(), has_charset) {
            (true, false) => Some("missing_charset"),
            (false, true) => Some("superfluous_charset"),
            _ => None,
        }
    }

    fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        value.strip_prefix("Bearer ").map(str::trim)
    }
}

#[derive(Debug)]
pub(crate) struct Arguments {
    token: Option<String>,
    values: Map<String, Value>,
}

impl Arguments {
    /// Reads the arguments. A form is refused when it is none of the types that Slack takes; values
    /// of forms are text.
    pub(super) fn read(call: &Call) -> Result<Self, Refusal> {
        let mut values = Map::new();
        read_form(call.query.as_bytes(), &mut values);
        // Documented: no token in the query, for apps made since 2021.
        values.remove("token");
        if call.is_json() {
            match serde_json::from_slice(&call.body) {
                Ok(Value::Object(fields)) => values.extend(fields),
                Ok(_) => return Err(Refusal::new("json_not_object")),
                Err(_) => return Err(Refusal::new("invalid_json")),
            }
            // JSON carries no token.
            values.remove("token");
        } else if call
            .content_type()
            .starts_with("application/x-www-form-urlencoded")
        {
            read_form(&call.body, &mut values);
        } else if !call.body.is_empty() {
            return Err(Refusal::new("invalid_post_type"));
        }
        let in_form = values.remove("token");
        let in_form = in_form.as_ref().and_then(Value::as_str);
        Ok(Self {
            token: call.bearer().or(in_form).map(str::to_owned),
            values,
        })
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// An argument as text; a number as its digits, `null` and nothing as `None`.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)
            .ok_or_else(|| Refusal::missing_argument(name))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.as_str(), "1" | "true" | "True"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// An argument that is a structure: JSON, as text or not.
    pub(super) fn structure(&self, name: &str) -> Option<Value> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }
}

fn read_form(form: &[u8], values: &mut Map<String, Value>) {
    for (name, value) in form_urlencoded::parse(form) {
        values.insert(name.into_owned(), Value::String(value.into_owned()));
    }
}
