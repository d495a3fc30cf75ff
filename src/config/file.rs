//! `config.toml`: a member's own and the skill's have the same keys.

use std::path::Path;

use toml::{Table, Value, de::DeTable};

use super::settings::Layer;
use crate::error::{Code, Error};

const KEYS: [&str; 6] = ["club", "timezone", "sites", "activities", "sport", "portal"];

/// Reads one file's text.
///
/// Errors are `config_invalid`: not TOML (with the line), an unknown key (with the closest one), a
/// value of a wrong type.
pub(super) fn parse(text: &str, path: &Path) -> Result<Layer, Error> {
    let invalid = |what: String, hint: String| {
        Error::new(
            Code::ConfigInvalid,
            format!("{}: {what}", path.display()),
            hint,
        )
        .with("file", path.display().to_string())
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = text
            .get(..error.span().map_or(0, |span| span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or("not TOML")
            .to_owned();
        invalid(
            format!("line {line}: {message}"),
            "correct that line; values are written like club = \"brunelsport\"".to_owned(),
        )
    })?;
    let mut layer = Layer::default();
    for (key, value) in table {
        let (read, form) = match key.as_str() {
            "club" => (
                set(&mut layer.club, text_of(value)),
                "a string, such as \"brunelsport\"",
            ),
            "timezone" => (
                set(&mut layer.timezone, text_of(value)),
                "a string, such as \"Europe/London\"",
            ),
            "sport" => (
                set(&mut layer.sport, text_of(value)),
                "a string, such as \"padel\"",
            ),
            "sites" => (
                set(&mut layer.sites, list_of(value)),
                "a list of strings, such as [\"14\"]",
            ),
            "activities" => (
                set(&mut layer.activities, list_of(value)),
                "a list of strings, such as [\"149A001015\"]",
            ),
            "portal" => (
                set(&mut layer.portal, table_of(value)),
                "tables such as [portal.login]; `padel portal learn FILE.har` writes them",
            ),
            _ => {
                let closest = diagnostic::names::closest(&key, KEYS)
                    .first()
                    .map(|name| format!("did you mean `{name}`? "));
                let hint = format!(
                    "{}known keys: {}",
                    closest.unwrap_or_default(),
                    KEYS.join(", ")
                );
                return Err(invalid(
                    format!("unknown key `{}`", crate::text::line(&key, 40)),
                    hint,
                ));
            }
        };
        if !read {
            return Err(invalid(
                format!("`{key}` has a value of a wrong type"),
                format!("write `{key}` as {form}"),
            ));
        }
    }
    Ok(layer)
}

/// The text of a `config.toml` with other values for some keys, each written as TOML, or `None` for
/// a key that is to go. Everything else stays as it is, comments included. `None` where the text is
/// no TOML.
#[must_use]
pub fn edited(text: &str, values: &[(&str, Option<String>)]) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let mut edits = Vec::new();
    let (mut edited, mut rest) = (String::new(), text.to_owned());
    for (name, value) in values {
        let known = table
            .get_ref()
            .iter()
            .find(|(key, _)| key.get_ref().as_ref() == *name);
        match (known, value) {
            (Some((_, old)), Some(value)) => edits.push((old.span(), value.as_str())),
            (Some((key, old)), None) => {
                edits.push((key.span().start..line_end(text, old.span().end), ""));
            }
            // A key of the whole file stands before its tables.
            (None, Some(value)) => edited.push_str(&format!("{name} = {value}\n")),
            (None, None) => {}
        }
    }
    // From the last one on: what stands before it keeps its place.
    while let Some(last) = (0..edits.len()).max_by_key(|at| edits[*at].0.start) {
        let (place, value) = edits.swap_remove(last);
        rest.replace_range(place, value);
    }
    edited.push_str(&rest);
    Some(edited)
}

/// The end of the line, if nothing more stands in it.
fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    if line.trim().is_empty() {
        from + line.len()
    } else {
        from
    }
}

/// Sets what was read; `false` for what could not be.
fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    *slot = value;
    slot.is_some()
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

#[cfg(test)]
mod tests {
    use super::edited;

    #[test]
    fn an_edit_touches_nothing_else() {
        let text = "# mine\nsport = \"squash\" # not padel\nclub=\"a\"  # ours\nsites = [\n  \"1\", # one\n]\n\n\
                    activities = []\n[portal.login]\nclub = \"b\"\n";
        let list = |text: &str| Some(text.to_owned());
        assert_eq!(
            edited(
                text,
                &[
                    ("club", list("\"c\"")),
                    ("sites", list("[\"2\"]")),
                    ("activities", None)
                ]
            )
            .unwrap(),
            "# mine\nsport = \"squash\" # not padel\nclub=\"c\"  # ours\nsites = [\"2\"]\n\n[portal.login]\nclub = \"b\"\n"
        );
        assert_eq!(
            edited("[portal]\n", &[("club", list("\"c\"")), ("sites", None)]).unwrap(),
            "club = \"c\"\n[portal]\n"
        );
        assert_eq!(
            edited("", &[("club", list("\"c\""))]).unwrap(),
            "club = \"c\"\n"
        );
        assert_eq!(
            edited("club = \"a\" # ours", &[("club", None)]).unwrap(),
            " # ours"
        );
        assert_eq!(edited("club = ", &[]), None);
    }

    #[test]
    fn a_line_that_is_no_toml_is_told_by_its_number() {
        for (text, line) in [
            ("club", "line 1:"),
            ("club = \"a\"\n\nsport = x\n", "line 3:"),
        ] {
            let error = super::parse(text, std::path::Path::new("config.toml")).unwrap_err();
            assert!(error.message.contains(line), "{text}: {}", error.message);
        }
    }
}
