//! `.env` files with literal values: what stands there is what is meant, `$`, `#` and `\` included.
//!
//! Must not be read with `dotenvy`: it expands `$`, decodes escapes and strips what follows `#`,
//! which breaks passwords that the Python skill accepted, and its errors quote the line, which is a
//! password. A property test compares the two where they must agree. A file may serve other programs
//! as well, so only lines of padel's keys are read, and only those can be wrong.

use super::oddities::{self, Oddity};

/// The names of the pair, in any case.
pub(super) const USER: &str = "pslc_user";
pub(super) const PASSWORD: &str = "pslc_password";
/// The keys that are read, in any case.
const KEYS: [&str; 7] = [
    USER,
    PASSWORD,
    "pslc_club",
    "pslc_timezone",
    "pslc_sport",
    "pslc_sites",
    "pslc_activities",
];
/// Words of shells and programs before a key.
const BEFORE_KEYS: [&str; 13] = [
    "export", "declare", "typeset", "set", "setx", "setenv", "env", "let", "const", "var", "local",
    "x", "gx",
];
/// Only what an editor leaves around a value is trimmed: other white space may belong to it.
const AROUND: [char; 4] = [' ', '\t', '\r', '\n'];
const BYTE_ORDER_MARK: char = '\u{feff}';
/// A key stands at a line's beginning: so many characters are searched for it.
const BEGINNING: usize = 200;

/// The lines of a file under padel's keys. Values may be secret, so `Debug` only counts them.
#[derive(Default)]
pub(super) struct Pairs {
    entries: Vec<Entry>,
    /// Keys of ours inside a quoted value of another key, which do not count.
    hidden: Vec<Hidden>,
    /// Lines that are neither `KEY=value`, nor empty, nor comments, nor part of a value.
    skipped: Vec<usize>,
    /// Lines with a `pslc_` key that is not known.
    unknown: Vec<usize>,
}

struct Entry {
    key: &'static str,
    /// From 1.
    line: usize,
    /// The last line that belongs to it.
    last: usize,
    value: Result<Value, Flaw>,
}

struct Value {
    text: String,
    oddities: Vec<Oddity>,
}

struct Hidden {
    key: &'static str,
    line: usize,
    /// The position at which the quoted value begins.
    begin: usize,
}

/// The reason that a line with a key of ours cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Form,
    Encoding,
    Lines,
}

/// The value of a key, or its lack. Never the text of a line that is wrong: it may be a password.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Value(String),
    /// Nothing.
    Absent,
    /// Something that is not a value; why, in words.
    Missing(String),
    /// A line that is wrong; how, in words.
    Broken(String),
}

impl std::fmt::Debug for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pairs", self.entries.len())
    }
}

impl Pairs {
    /// Returns the value of a key. The last line with it counts, as everywhere.
    pub(super) fn find(&self, name: &str) -> Found {
        match self.last(name) {
            Some(Entry {
                value: Ok(value), ..
            }) if !value.text.is_empty() => Found::Value(value.text.clone()),
            Some(Entry {
                value: Ok(_), line, ..
            }) => Found::Missing(format!("{name} is empty (line {line})")),
            Some(Entry {
                value: Err(flaw),
                line,
                ..
            }) => Found::Broken(match flaw {
                Flaw::Form => format!("line {line} is not of the form {name}=value"),
                Flaw::Encoding => format!("line {line} ({name}) is not UTF-8 text"),
                Flaw::Lines => {
                    format!("the value of {name} in line {line} goes on in the next line")
                }
            }),
            None => match self.hidden.iter().rfind(|hidden| hidden.key == name) {
                None => Found::Absent,
                Some(hidden) => {
                    Found::Missing(format!("{name} is missing ({})", hidden.in_words()))
                }
            },
        }
    }

    /// Returns the value of a key, if it is there, can be read and is not empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match self.find(name) {
            Found::Value(value) => Some(value),
            Found::Absent | Found::Missing(_) | Found::Broken(_) => None,
        }
    }

    /// Returns whether a line has this key, readable or not.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    /// Returns whether both of the pair are there and can be read.
    pub(super) fn has_credentials(&self) -> bool {
        [USER, PASSWORD].iter().all(|name| self.get(name).is_some())
    }

    /// Returns whether the file is meant to hold both of the pair, readable or not.
    pub(super) fn mentions_credentials(&self) -> bool {
        self.mentions(USER) && self.mentions(PASSWORD)
    }

    /// Describes what is odd about the lines with these keys, by their numbers.
    pub(super) fn notes(&self, names: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        for name in names {
            let lines: Vec<usize> = self
                .entries
                .iter()
                .filter(|entry| entry.key == *name)
                .map(|entry| entry.line)
                .collect();
            if lines.len() > 1 {
                notes.push(format!(
                    "{name} stands in {}, and the last one counts",
                    name_lines(&lines)
                ));
            }
            if let Some(Entry {
                value: Ok(Value { oddities, .. }),
                line,
                ..
            }) = self.last(name)
                && !oddities.is_empty()
            {
                notes.push(format!(
                    "line {line} ({name}) {}",
                    oddities::join_words(oddities)
                ));
            }
            notes.extend(
                self.hidden
                    .iter()
                    .filter(|hidden| hidden.key == *name)
                    .map(Hidden::in_words),
            );
        }
        notes
    }

    /// Describes all that is odd about the file, by its lines' numbers.
    pub(super) fn all_notes(&self) -> Vec<String> {
        let mut notes = self.notes(&KEYS);
        notes.extend(KEYS.iter().filter_map(|name| match self.find(name) {
            Found::Broken(what) => Some(what),
            Found::Value(_) | Found::Absent | Found::Missing(_) => None,
        }));
        if !self.unknown.is_empty() {
            notes.push(format!(
                "a pslc_ key that padel does not know in {}",
                name_lines(&self.unknown)
            ));
        }
        if !self.skipped.is_empty() {
            notes.push(format!(
                "skipped what is not KEY=value in {}",
                name_lines(&self.skipped)
            ));
        }
        notes
    }

    fn last(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.key == name)
    }

    /// Returns all values that can be read.
    #[cfg(any(test, fuzzing))]
    pub(super) fn values(self) -> impl Iterator<Item = (&'static str, String)> {
        self.entries
            .into_iter()
            .filter_map(|entry| Some((entry.key, entry.value.ok()?.text)))
    }
}

impl Hidden {
    fn in_words(&self) -> String {
        let Self { key, line, begin } = self;
        format!(
            "line {line} ({key}) does not count: it is inside the quoted value that begins in line \
                {begin}"
        )
    }
}

/// A line's text without what stands around it, and what it is.
struct Line {
    text: String,
    kind: Kind,
}

enum Kind {
    /// Empty, or a comment.
    Blank,
    /// `KEY=value` with a key of ours; the value as it stands there.
    Ours(&'static str, String),
    /// A key of ours in another form.
    Broken(&'static str, Flaw),
    /// `KEY=value` of another program; the value as it stands there.
    Foreign { value: String, is_like_ours: bool },
    /// Anything else.
    Other,
}

/// Parses a file.
pub(super) fn parse(bytes: &[u8]) -> Pairs {
    let lines: Vec<Line> = split_lines(bytes).into_iter().map(read_line).collect();
    let mut pairs = Pairs::default();
    let mut at = 0;
    while let Some((line, rest)) = lines.get(at..).and_then(<[Line]>::split_first) {
        let number = at + 1;
        let mut further = 0;
        match &line.kind {
            Kind::Blank => {}
            Kind::Ours(key, raw) => {
                further = count_further_lines_of_ours(raw, rest);
                let value = if further == 0 {
                    let text = unquote(raw);
                    Ok(Value {
                        text: text.to_owned(),
                        oddities: oddities::find_in_line(raw, text),
                    })
                } else {
                    Err(Flaw::Lines)
                };
                pairs.entries.push(Entry {
                    key,
                    line: number,
                    last: number + further,
                    value,
                });
            }
            Kind::Broken(key, flaw) => {
                pairs.entries.push(Entry {
                    key,
                    line: number,
                    last: number,
                    value: Err(*flaw),
                });
            }
            Kind::Foreign {
                value,
                is_like_ours,
            } => {
                further = count_further_lines(value, rest).unwrap_or(0);
                let inside = rest.iter().take(further).enumerate();
                pairs
                    .hidden
                    .extend(inside.filter_map(|(offset, line)| match line.kind {
                        Kind::Ours(key, _) | Kind::Broken(key, _) => Some(Hidden {
                            key,
                            line: number + 1 + offset,
                            begin: number,
                        }),
                        _ => None,
                    }));
                pairs.unknown.extend(is_like_ours.then_some(number));
            }
            Kind::Other => pairs.skipped.push(number),
        }
        at += 1 + further;
    }
    pairs
}

/// Returns a file with other values for some keys, in lines at its end, or `None` for a key to
/// remove; all other lines stay as they are, to the byte.
///
/// # Errors
///
/// Explains in words why the values would not count there.
pub(super) fn edited(bytes: &[u8], values: &[(&str, Option<&str>)]) -> Result<Vec<u8>, String> {
    let old = parse(bytes);
    let goes = |number: usize| {
        let mut entries = old
            .entries
            .iter()
            .filter(|entry| (entry.line..=entry.last).contains(&number));
        entries.any(|entry| values.iter().any(|(name, _)| *name == entry.key))
    };
    let mut edited = Vec::new();
    for (index, line) in split_lines(bytes).into_iter().enumerate() {
        if !goes(index + 1) {
            edited.extend_from_slice(line);
        }
    }
    if !edited.is_empty() && !edited.ends_with(b"\n") {
        edited.push(b'\n');
    }
    for (name, value) in values {
        if let Some(value) = value {
            edited.extend_from_slice(format!("{name}=\"{value}\"\n").as_bytes());
        }
    }
    let new = parse(&edited);
    match values
        .iter()
        .find(|(name, value)| new.get(name).as_deref() != *value)
    {
        None => Ok(edited),
        Some((name, _)) => Err(format!("{name} would not count behind what stands there")),
    }
}

/// Splits into lines with their ends: `\n`, `\r\n` or, of an old editor, `\r`.
fn split_lines(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while !bytes.is_empty() {
        let end = match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(at) if bytes.get(at..at + 2) == Some(b"\r\n") => at + 2,
            Some(at) => at + 1,
            None => bytes.len(),
        };
        let (line, rest) = bytes.split_at(end);
        lines.push(line);
        bytes = rest;
    }
    lines
}

fn read_line(line: &[u8]) -> Line {
    let text = String::from_utf8_lossy(line);
    let text = text
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(&text)
        .trim_matches(AROUND);
    let kind = classify(text, std::str::from_utf8(line).is_ok());
    Line {
        text: text.to_owned(),
        kind,
    }
}

fn classify(text: &str, is_utf8: bool) -> Kind {
    if text.is_empty() || text.starts_with(['#', ';']) || text.starts_with("//") {
        return Kind::Blank;
    }
    if let Some((key, value)) = text.split_once('=') {
        let key = match key.strip_prefix("export") {
            Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_matches(AROUND),
            _ => key.trim_matches(AROUND),
        };
        if !key.is_empty()
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            let value = value.trim_matches(AROUND).to_owned();
            return match KEYS.iter().find(|name| name.eq_ignore_ascii_case(key)) {
                Some(name) if is_utf8 => Kind::Ours(name, value),
                Some(name) => Kind::Broken(name, Flaw::Encoding),
                None => {
                    let is_like_ours = key
                        .get(..5)
                        .is_some_and(|start| start.eq_ignore_ascii_case("pslc_"));
                    Kind::Foreign {
                        value,
                        is_like_ours,
                    }
                }
            };
        }
    }
    find_key_in_another_form(text).map_or(Kind::Other, |name| Kind::Broken(name, Flaw::Form))
}

/// A key of ours that begins a line in the form of something else: YAML, JSON, a shell's own words,
/// or with characters that nobody sees.
fn find_key_in_another_form(text: &str) -> Option<&'static str> {
    let beginning: String = text
        .chars()
        .take(BEGINNING)
        .filter(|char| !oddities::is_invisible(*char))
        .collect();
    let mut words = beginning
        .split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'))
        .filter(|word| !word.is_empty());
    let first = words.find(|word| {
        !BEFORE_KEYS
            .iter()
            .any(|before| before.eq_ignore_ascii_case(word))
    })?;
    KEYS.into_iter()
        .find(|name| name.eq_ignore_ascii_case(first))
}

/// Counts the lines that a quoted value goes on for, as other readers of such files have it: its
/// quote must end a line.
fn count_further_lines(value: &str, rest: &[Line]) -> Option<usize> {
    let quote = value
        .chars()
        .next()
        .filter(|first| ['"', '\'', '`'].contains(first))?;
    if after_quote(value.get(1..)?, quote).is_some() {
        return None;
    }
    let (index, after) = rest
        .iter()
        .enumerate()
        .find_map(|(index, line)| Some((index, after_quote(&line.text, quote)?)))?;
    (after.is_empty() || after.starts_with('#')).then_some(index + 1)
}

/// The same for a key of ours, whose value is literal: only where what follows can be nothing else
/// than the rest of it.
fn count_further_lines_of_ours(value: &str, rest: &[Line]) -> usize {
    let is_whole = unquote(value).len() < value.len();
    let further = if is_whole {
        None
    } else {
        count_further_lines(value, rest)
    };
    let is_value = |line: &Line| matches!(line.kind, Kind::Other | Kind::Foreign { .. });
    further
        .filter(|further| rest.iter().take(*further).all(is_value))
        .unwrap_or(0)
}

/// Returns the text behind the first quote that no backslash precedes.
fn after_quote(text: &str, quote: char) -> Option<&str> {
    let mut is_escaped = false;
    for (at, char) in text.char_indices() {
        if char == quote && !is_escaped {
            return text.get(at + 1..).map(str::trim);
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    None
}

/// Removes one pair of matching outer quotes.
fn unquote(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Names lines: `line 3`, `lines 2 and 3`, `5 lines from line 2 on`.
fn name_lines(lines: &[usize]) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("line {line}"),
        [first @ .., last] if lines.len() <= 4 => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("lines {} and {last}", first.join(", "))
        }
        [first, ..] => format!("{} lines from line {first} on", lines.len()),
    }
}

#[cfg(test)]
mod tests;
