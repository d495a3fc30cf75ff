//! `config.toml`: a member's own and the skill's have the same keys.

use std::path::Path;

use toml::{Table, Value};

use super::settings::Layer;
use crate::{
    error::{Code, Error},
    names,
};

const KEYS: [&str; 6] = ["club", "timezone", "sites", "activities", "sport", "portal"];

/// Reads one file's text.
///
/// Errors are `config_invalid`: not TOML (with the line), an unknown key (with the closest one), a value of a wrong type.
pub(super) fn parse(text: &str, path: &Path) -> Result<Layer, Error> {
    let invalid = |what: String, hint: String| {
        Error::new(Code::ConfigInvalid, format!("{}: {what}", path.display()), hint)
            .with("file", path.display().to_string())
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
        invalid(
            format!("line {line}: {message}"),
            "correct that line; values are written like club = \"brunelsport\"".to_owned(),
        )
    })?;
    let mut layer = Layer::default();
    for (key, value) in table {
        match key.as_str() {
            "club" => layer.club = text_of(value),
            "timezone" => layer.timezone = text_of(value),
            "sport" => layer.sport = text_of(value),
            "sites" => layer.sites = list_of(value),
            "activities" => layer.activities = list_of(value),
            "portal" => layer.portal = table_of(value),
            _ => {
                let closest = names::closest(&key, KEYS).first().map(|name| format!("did you mean `{name}`? "));
                let hint = format!("{}known keys: {}", closest.unwrap_or_default(), KEYS.join(", "));
                return Err(invalid(format!("unknown key `{}`", crate::text::line(&key, 40)), hint));
            }
        }
        let (read, form) = match key.as_str() {
            "club" => (layer.club.is_some(), "a string, such as \"brunelsport\""),
            "timezone" => (layer.timezone.is_some(), "a string, such as \"Europe/London\""),
            "sport" => (layer.sport.is_some(), "a string, such as \"padel\""),
            "portal" => {
                (layer.portal.is_some(), "tables such as [portal.login]; `padel portal learn FILE.har` writes them")
            }
            "sites" => (layer.sites.is_some(), "a list of strings, such as [\"14\"]"),
            _ => (layer.activities.is_some(), "a list of strings, such as [\"149A001015\"]"),
        };
        if !read {
            return Err(invalid(format!("`{key}` has a value of a wrong type"), format!("write `{key}` as {form}")));
        }
    }
    Ok(layer)
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn table_of(value: Value) -> Option<Table> {
    match value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

fn list_of(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text_of).collect(),
        _ => None,
    }
}
