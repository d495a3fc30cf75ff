//! The tables of a TOML file, each value with its line, so that a refusal names both. What a value
//! must look like is not decided here.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::error::{Code, Error};

/// The most characters of a value that are repeated.
const SHOWN: usize = 80;

/// A file's path and text.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// A table whose keys are taken one by one, so that what is left is unknown.
pub(super) struct Section<'a> {
    source: Source<'a>,
    /// Empty for the whole file.
    name: &'static str,
    table: DeTable<'a>,
    line: usize,
    known: Vec<&'static str>,
}

/// A value, the name of its key and its line.
#[derive(Debug, Clone)]
pub(super) struct Setting<T> {
    pub(super) value: T,
    /// Such as `agent.model`.
    pub(super) key: String,
    /// From 1.
    pub(super) line: usize,
    path: PathBuf,
}

impl<'a> Source<'a> {
    /// Parses the whole file.
    ///
    /// # Errors
    ///
    /// `usage` with the line that is not TOML.
    pub(super) fn parse(self) -> Result<Section<'a>, Error> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let line = self.line_at(error.span().map_or(0, |span| span.start));
            let message = error.message().lines().next().unwrap_or("not TOML");
            let hint = "correct that line; values are written like name = \"padel\"";
            refuse(self.path, line, message, hint)
        })?;
        Ok(Section {
            source: self,
            name: "",
            table: table.into_inner(),
            line: 1,
            known: Vec::new(),
        })
    }

    fn line_at(self, start: usize) -> usize {
        let before = self.text.get(..start).unwrap_or_default();
        before.matches('\n').count() + 1
    }
}

impl<'a> Section<'a> {
    /// Takes a text.
    pub(super) fn take_text(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Result<Option<Setting<String>>, Error> {
        let form = format!("a string, such as {example}");
        self.take(key, &form, |value| match value {
            DeValue::String(text) => Some(text.into_owned()),
            _ => None,
        })
    }

    /// Takes a text that must be there.
    pub(super) fn require_text(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Result<Setting<String>, Error> {
        self.take_text(key, example)?.ok_or_else(|| {
            let key = self.full_name(key);
            let hint = format!("write {key} = {example}");
            refuse(
                self.source.path,
                self.line,
                &format!("`{key}` is missing"),
                &hint,
            )
        })
    }

    /// Takes a list of texts, each with the line on which the list begins; none is an empty one.
    pub(super) fn take_list(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Result<Vec<Setting<String>>, Error> {
        let form = format!("a list of strings, such as {example}");
        let list = self.take(key, &form, |value| match value {
            DeValue::Array(items) => items
                .into_iter()
                .map(|item| match item.into_inner() {
                    DeValue::String(text) => Some(text.into_owned()),
                    _ => None,
                })
                .collect::<Option<Vec<String>>>(),
            _ => None,
        })?;
        Ok(list.map_or(Vec::new(), |list| {
            let Setting {
                value,
                key,
                line,
                path,
            } = list;
            let settings = value.into_iter().map(|value| Setting {
                value,
                key: key.clone(),
                line,
                path: path.clone(),
            });
            settings.collect()
        }))
    }

    /// Takes a table.
    pub(super) fn take_section(&mut self, name: &'static str) -> Result<Option<Self>, Error> {
        let source = self.source;
        let form = format!("a table that begins with [{name}]");
        let found = self.take(name, &form, |value| match value {
            DeValue::Table(table) => Some(table),
            _ => None,
        })?;
        Ok(found.map(|found| Section {
            source,
            name,
            table: found.value,
            line: found.line,
            known: Vec::new(),
        }))
    }

    /// Takes a value of whatever form, which somebody else checks. Returns whether it is there.
    pub(super) fn take_unread(&mut self, key: &'static str) -> Result<bool, Error> {
        Ok(self.take(key, "", |_| Some(()))?.is_some())
    }

    fn take<T>(
        &mut self,
        key: &'static str,
        form: &str,
        convert: impl FnOnce(DeValue<'a>) -> Option<T>,
    ) -> Result<Option<Setting<T>>, Error> {
        self.known.push(key);
        let Some((found, value)) = self.table.remove_entry(key) else {
            return Ok(None);
        };
        let line = self.source.line_at(found.span().start);
        let key = self.full_name(key);
        match convert(value.into_inner()) {
            Some(value) => Ok(Some(Setting {
                value,
                key,
                line,
                path: self.source.path.to_owned(),
            })),
            None => {
                let what = format!("`{key}` has a value of a wrong type");
                let hint = format!("write `{key}` as {form}");
                Err(refuse(self.source.path, line, &what, &hint))
            }
        }
    }

    fn full_name(&self, key: &str) -> String {
        match self.name {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    /// Refuses a key that nothing took, with the closest of those that there are.
    pub(super) fn finish(self) -> Result<(), Error> {
        // The first in the file, whatever the order of the names.
        let unknown = self.table.keys().min_by_key(|key| key.span().start);
        let Some(unknown) = unknown else {
            return Ok(());
        };
        let name = unknown.get_ref();
        let closest = diagnostic::names::closest_names(name, self.known.iter().copied());
        let meant = closest
            .first()
            .map(|name| format!("did you mean `{name}`? "));
        let place = match self.name {
            "" => String::new(),
            name => format!(" in [{name}]"),
        };
        let what = format!("unknown key `{}`{place}", printable::line(name, SHOWN));
        let hint = format!(
            "{}known keys{place}: {}",
            meant.unwrap_or_default(),
            self.known.join(", ")
        );
        let line = self.source.line_at(unknown.span().start);
        Err(refuse(self.source.path, line, &what, &hint))
    }
}

impl Setting<String> {
    /// Returns the error for a value that is not `what`, such as `an effort`.
    pub(super) fn refuse(&self, what: &str, hint: &str) -> Error {
        let shown = printable::line(&self.value, SHOWN);
        let message = format!("`{}` is `{shown}`, which is not {what}", self.key);
        refuse(&self.path, self.line, &message, hint)
    }

    /// Keeps the key and line for what the value became.
    pub(super) fn refuse_words(&self, message: &str, hint: &str) -> Error {
        refuse(
            &self.path,
            self.line,
            &format!("`{}`: {message}", self.key),
            hint,
        )
    }
}

fn refuse(path: &Path, line: usize, what: &str, hint: &str) -> Error {
    let file = path.display().to_string();
    Error::new(Code::Usage, format!("{file}, line {line}: {what}"), hint)
        .with("file", file)
        .with("line", line)
}
