//! `config.toml`: a member's own and the skill's have the same keys.
//!
//! Edited without `toml_edit`, which would be 65 KB of the binary (measured, with `toml` kept for
//! reading): `toml` gives the places of keys and values, and `setup` sets three keys.

use std::path::Path;

use toml::{Table, Value, de::DeTable};

use super::{Origin, layer::Layer, origin::Sourced, watch, watch::WatchSettings};
use crate::error::{Code, Error};

const KEYS: [&str; 9] = [
    "club",
    "name",
    "timezone",
    "sites",
    "activities",
    "sport",
    "portal",
    "watch",
    "notify",
];

/// Parses one file's text.
///
/// # Errors
///
/// `config_invalid`: not TOML (with the line), an unknown key (with the closest one), a
/// value of a wrong type.
pub(super) fn parse(text: &str, path: &Path) -> Result<Layer, Error> {
    let table = text
        .parse()
        .map_err(|error| explain_syntax(&error, text, path))?;
    let mut file = Reader { table, path };
    let layer = Layer {
        club: file.take_text("club", "\"brunelsport\"")?,
        name: file.take_text("name", "\"Brunel Sport\"")?,
        timezone: file.take_text("timezone", "\"Europe/London\"")?,
        sport: file.take_text("sport", "\"padel\"")?,
        sites: file.take_list("sites", "[\"14\"]")?,
        activities: file.take_list("activities", "[\"149A001015\"]")?,
        portal: file.take_portal()?,
        watch: file.take_watch()?,
        ..Layer::default()
    };
    match file.table.keys().next() {
        None => Ok(layer),
        Some(key) => Err(explain_unknown_key(key, path)),
    }
}

/// A file's keys that are not read yet.
struct Reader<'a> {
    table: Table,
    path: &'a Path,
}

impl Reader<'_> {
    fn take_text(&mut self, key: &str, example: &str) -> Result<Option<Sourced<String>>, Error> {
        self.take(key, into_text, &format!("a string, such as {example}"))
    }

    fn take_list(
        &mut self,
        key: &str,
        example: &str,
    ) -> Result<Option<Sourced<Vec<String>>>, Error> {
        self.take(
            key,
            into_list,
            &format!("a list of strings, such as {example}"),
        )
    }

    fn take_portal(&mut self) -> Result<Table, Error> {
        let form = "tables such as [portal.login]; `padel portal learn FILE.har` writes them";
        let portal = self.take("portal", into_table, form)?;
        Ok(portal.map(|portal| portal.value).unwrap_or_default())
    }

    fn take_watch(&mut self) -> Result<Option<WatchSettings>, Error> {
        let (watch, notify) = (self.table.remove("watch"), self.table.remove("notify"));
        let read = watch::read(watch, notify, watch::Ways::Own)
            .map_err(|(what, hint)| invalid(self.path, &what, hint))?;
        Ok(read.map(|settings| WatchSettings {
            origin: Origin::of_file(self.path),
            ..settings
        }))
    }

    fn take<T>(
        &mut self,
        key: &str,
        convert: fn(Value) -> Option<T>,
        form: &str,
    ) -> Result<Option<Sourced<T>>, Error> {
        let Some(value) = self.table.remove(key) else {
            return Ok(None);
        };
        match convert(value) {
            Some(value) => Ok(Some(Sourced::new(value, &Origin::of_file(self.path)))),
            None => Err(invalid(
                self.path,
                &format!("`{key}` has a value of a wrong type"),
                format!("write `{key}` as {form}"),
            )),
        }
    }
}

fn into_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn into_list(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(into_text).collect(),
        _ => None,
    }
}

fn into_table(value: Value) -> Option<Table> {
    match value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

pub(super) fn invalid(path: &Path, what: &str, hint: String) -> Error {
    let file = path.display().to_string();
    Error::new(Code::ConfigInvalid, format!("{file}: {what}"), hint).with("file", file)
}

pub(super) fn explain_syntax(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    let message = error.message().lines().next().unwrap_or("not TOML");
    let hint = "correct that line; values are written like club = \"brunelsport\"";
    invalid(path, &format!("line {line}: {message}"), hint.to_owned())
}

fn explain_unknown_key(key: &str, path: &Path) -> Error {
    let closest = diagnostic::names::closest_names(key, KEYS);
    let meant = closest
        .first()
        .map(|name| format!("did you mean `{name}`? "));
    let hint = format!(
        "{}known keys: {}",
        meant.unwrap_or_default(),
        KEYS.join(", ")
    );
    let shown = printable::line(key, 40);
    invalid(path, &format!("unknown key `{shown}`"), hint)
}

/// Returns the text of a `config.toml` with other values for some keys, each written as TOML, or
/// `None` for a key to remove. Everything else stays as it is, comments included. `None` where the
/// text is not TOML.
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

/// Returns the end of the line, if nothing more stands in it.
fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    if line.trim().is_empty() {
        from + line.len()
    } else {
        from
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
