//! `.env` files with literal values: what stands there is what is meant, `$`, `#` and `\` included.
//!
//! Not dotenvy: it expands `$` and strips what follows `#`, which breaks passwords that the Python skill accepted. A file
//! may serve other programs as well, so only lines of padel's keys are read, and only those can be wrong.

use super::oddities::{self, Oddity};

/// The keys that are read, in any case.
pub(super) const KEYS: [&str; 7] =
    ["pslc_user", "pslc_password", "pslc_club", "pslc_timezone", "pslc_sport", "pslc_sites", "pslc_activities"];
/// Words of shells and programs before a key.
const BEFORE_KEYS: [&str; 13] =
    ["export", "declare", "typeset", "set", "setx", "setenv", "env", "let", "const", "var", "local", "x", "gx"];
/// Only what an editor leaves around a value is trimmed: other white space may belong to it.
const AROUND: [char; 4] = [' ', '\t', '\r', '\n'];
const BYTE_ORDER_MARK: char = '\u{feff}';
/// A key stands at a line's beginning: so many characters are searched for it.
const BEGINNING: usize = 200;

/// What a file says under padel's keys. Values may be secret, so `Debug` counts them only.
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
    /// Where the quoted value begins.
    begin: usize,
}

/// Why a line with a key of ours cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Form,
    Encoding,
    Lines,
}

/// What a file says under a key. Never the text of a line that is wrong: it may be a password.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Value(String),
    /// Why there is none, in words.
    Missing(String),
    /// What is wrong with the line, in words.
    Broken(String),
}

impl std::fmt::Debug for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pairs", self.entries.len())
    }
}

impl Pairs {
    /// What counts under a key: the last line with it, as everywhere.
    pub(super) fn find(&self, name: &str) -> Found {
        match self.last(name) {
            Some(Entry { value: Ok(value), .. }) if !value.text.is_empty() => Found::Value(value.text.clone()),
            Some(Entry { value: Ok(_), line, .. }) => Found::Missing(format!("{name} is empty (line {line})")),
            Some(Entry { value: Err(flaw), line, .. }) => Found::Broken(match flaw {
                Flaw::Form => format!("line {line} is not of the form {name}=value"),
                Flaw::Encoding => format!("line {line} ({name}) is not UTF-8 text"),
                Flaw::Lines => format!("the value of {name} in line {line} goes on in the next line"),
            }),
            None => Found::Missing(match self.hidden.iter().rfind(|hidden| hidden.key == name) {
                None => format!("{name} is missing"),
                Some(hidden) => format!("{name} is missing ({})", hidden.in_words()),
            }),
        }
    }

    /// The value of a key, if it is there, can be read and is not empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match self.find(name) {
            Found::Value(value) => Some(value),
            Found::Missing(_) | Found::Broken(_) => None,
        }
    }

    /// Whether a line says something under this key, readable or not.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    /// What is odd about the lines with these keys, by their numbers.
    pub(super) fn notes(&self, names: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        for name in names {
            let lines: Vec<usize> =
                self.entries.iter().filter(|entry| entry.key == *name).map(|entry| entry.line).collect();
            if lines.len() > 1 {
                notes.push(format!("{name} stands in {}, and the last one counts", numbered(&lines)));
            }
            if let Some(Entry { value: Ok(Value { oddities, .. }), line, .. }) = self.last(name)
                && !oddities.is_empty()
            {
                notes.push(format!("line {line} ({name}) {}", oddities::in_words(oddities)));
            }
            notes.extend(self.hidden.iter().filter(|hidden| hidden.key == *name).map(Hidden::in_words));
        }
        notes
    }

    /// All that is odd about the file, by its lines' numbers.
    pub(super) fn all_notes(&self) -> Vec<String> {
        let mut notes = self.notes(&KEYS);
        notes.extend(KEYS.iter().filter_map(|name| match self.find(name) {
            Found::Broken(what) => Some(what),
            Found::Value(_) | Found::Missing(_) => None,
        }));
        if !self.unknown.is_empty() {
            notes.push(format!("a pslc_ key that padel does not know in {}", numbered(&self.unknown)));
        }
        if !self.skipped.is_empty() {
            notes.push(format!("skipped what is not KEY=value in {}", numbered(&self.skipped)));
        }
        notes
    }

    fn last(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.key == name)
    }

    /// All values that can be read.
    #[cfg(any(test, fuzzing))]
    pub(super) fn values(self) -> impl Iterator<Item = (&'static str, String)> {
        self.entries.into_iter().filter_map(|entry| Some((entry.key, entry.value.ok()?.text)))
    }
}

impl Hidden {
    fn in_words(&self) -> String {
        let Self { key, line, begin } = self;
        format!("line {line} ({key}) does not count: it is inside the quoted value that begins in line {begin}")
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

/// Reads a file.
pub(super) fn parse(bytes: &[u8]) -> Pairs {
    let lines: Vec<Line> = lines(bytes).into_iter().map(read_line).collect();
    let mut pairs = Pairs::default();
    let mut at = 0;
    while let Some((line, rest)) = lines.get(at..).and_then(<[Line]>::split_first) {
        let number = at + 1;
        let mut further = 0;
        match &line.kind {
            Kind::Blank => {}
            Kind::Ours(key, raw) => {
                further = further_lines_of_ours(raw, rest);
                let value = if further == 0 {
                    let text = unquote(raw);
                    Ok(Value { text: text.to_owned(), oddities: oddities::of_line(raw, text) })
                } else {
                    Err(Flaw::Lines)
                };
                pairs.entries.push(Entry { key, line: number, last: number + further, value });
            }
            Kind::Broken(key, flaw) => {
                pairs.entries.push(Entry { key, line: number, last: number, value: Err(*flaw) });
            }
            Kind::Foreign { value, is_like_ours } => {
                further = further_lines(value, rest).unwrap_or(0);
                let inside = rest.iter().take(further).enumerate();
                pairs.hidden.extend(inside.filter_map(|(offset, line)| match line.kind {
                    Kind::Ours(key, _) | Kind::Broken(key, _) => {
                        Some(Hidden { key, line: number + 1 + offset, begin: number })
                    }
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

/// A file with other values for some keys, in lines at its end, or `None` for a key that is to go; all other lines stay as
/// they are, to the byte.
///
/// # Errors
///
/// Why the values would not count there, in words.
pub(super) fn edited(bytes: &[u8], values: &[(&str, Option<&str>)]) -> Result<Vec<u8>, String> {
    let old = parse(bytes);
    let goes = |number: usize| {
        let mut entries = old.entries.iter().filter(|entry| (entry.line..=entry.last).contains(&number));
        entries.any(|entry| values.iter().any(|(name, _)| *name == entry.key))
    };
    let mut edited = Vec::new();
    for (index, line) in lines(bytes).into_iter().enumerate() {
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
    match values.iter().find(|(name, value)| new.get(name).as_deref() != *value) {
        None => Ok(edited),
        Some((name, _)) => Err(format!("{name} would not count behind what stands there")),
    }
}

/// The lines with their ends: `\n`, `\r\n` or, of an old editor, `\r`.
fn lines(mut bytes: &[u8]) -> Vec<&[u8]> {
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
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text).trim_matches(AROUND);
    let kind = kind_of(text, std::str::from_utf8(line).is_ok());
    Line { text: text.to_owned(), kind }
}

fn kind_of(text: &str, is_utf8: bool) -> Kind {
    if text.is_empty() || text.starts_with(['#', ';']) || text.starts_with("//") {
        return Kind::Blank;
    }
    if let Some((key, value)) = text.split_once('=') {
        let key = match key.strip_prefix("export") {
            Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_matches(AROUND),
            _ => key.trim_matches(AROUND),
        };
        if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            let value = value.trim_matches(AROUND).to_owned();
            return match KEYS.iter().find(|name| name.eq_ignore_ascii_case(key)) {
                Some(name) if is_utf8 => Kind::Ours(name, value),
                Some(name) => Kind::Broken(name, Flaw::Encoding),
                None => {
                    let is_like_ours = key.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("pslc_"));
                    Kind::Foreign { value, is_like_ours }
                }
            };
        }
    }
    key_in_another_form(text).map_or(Kind::Other, |name| Kind::Broken(name, Flaw::Form))
}

/// A key of ours that begins a line in the form of something else: YAML, JSON, a shell's own words, or with characters that
/// nobody sees.
fn key_in_another_form(text: &str) -> Option<&'static str> {
    let beginning: String = text.chars().take(BEGINNING).filter(|char| !oddities::is_invisible(*char)).collect();
    let mut words =
        beginning.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_')).filter(|word| !word.is_empty());
    let first = words.find(|word| !BEFORE_KEYS.iter().any(|before| before.eq_ignore_ascii_case(word)))?;
    KEYS.into_iter().find(|name| name.eq_ignore_ascii_case(first))
}

/// How many lines a quoted value goes on for, as other readers of such files have it: its quote must end a line.
fn further_lines(value: &str, rest: &[Line]) -> Option<usize> {
    let quote = value.chars().next().filter(|first| ['"', '\'', '`'].contains(first))?;
    if after_quote(value.get(1..)?, quote).is_some() {
        return None;
    }
    let (index, after) =
        rest.iter().enumerate().find_map(|(index, line)| Some((index, after_quote(&line.text, quote)?)))?;
    (after.is_empty() || after.starts_with('#')).then_some(index + 1)
}

/// The same for a key of ours, whose value is literal: only where what follows can be nothing else than the rest of it.
fn further_lines_of_ours(value: &str, rest: &[Line]) -> usize {
    let is_whole = unquote(value).len() < value.len();
    let further = if is_whole { None } else { further_lines(value, rest) };
    let is_value = |line: &Line| matches!(line.kind, Kind::Other | Kind::Foreign { .. });
    further.filter(|further| rest.iter().take(*further).all(is_value)).unwrap_or(0)
}

/// What follows the first quote that no backslash precedes.
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

/// Without one pair of matching outer quotes.
fn unquote(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// `line 3`, `lines 2 and 3`, `5 lines from line 2 on`.
fn numbered(lines: &[usize]) -> String {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str, name: &str) -> Option<String> {
        parse(text.as_bytes()).get(name)
    }

    #[test]
    fn values_are_literal() {
        for text in ["a$b", "a#b", "a=b", r"a\b\n", "a'b\"c", "a b", "pässwörd", "$HOME", "${X}", "\"", "'a\""] {
            assert_eq!(value(&format!("PSLC_club={text}"), "pslc_club").as_deref(), Some(text));
        }
    }

    #[test]
    fn what_surrounds_a_value_is_tolerated() {
        let text = "\u{feff}# a comment\r\n\r\nexport PSLC_USER = 1 \r\npslc_club='2 '\r\n  pslc_sport=\"\"\n\
                    export\tpslc_sites=\t3\r pslc_timezone=4\n";
        let pairs: Vec<_> = parse(text.as_bytes()).values().collect();
        let of = |key, value: &str| (key, value.to_owned());
        let expected = [of("pslc_user", "1"), of("pslc_club", "2 "), of("pslc_sport", "")];
        assert_eq!(pairs, [&expected[..], &[of("pslc_sites", "3"), of("pslc_timezone", "4")]].concat());
    }

    #[test]
    fn the_last_of_a_doubled_key_counts() {
        let pairs = parse(b"pslc_user=a\nPSLC_USER=b\nOTHER=1\nOTHER=2\n");
        assert_eq!(pairs.get("pslc_user").as_deref(), Some("b"));
        assert_eq!(pairs.all_notes(), ["pslc_user stands in lines 1 and 2, and the last one counts"]);
        let pairs = parse(b"pslc_user=a\npslc_user=\n");
        assert_eq!(pairs.find("pslc_user"), Found::Missing("pslc_user is empty (line 2)".to_owned()));
        let pairs = parse(b"pslc_user=a\npslc_user: b\n");
        let wrong = "line 2 is not of the form pslc_user=value".to_owned();
        assert_eq!(pairs.find("pslc_user"), Found::Broken(wrong));
        assert_eq!(value("pslc_user: a\npslc_user=b", "pslc_user").as_deref(), Some("b"));
    }

    #[test]
    fn lines_of_others_are_skipped() {
        for text in [
            "KEY=\"-----BEGIN PRIVATE KEY-----\nMIIabc+/==\n-----END PRIVATE KEY-----\"",
            "-----BEGIN PRIVATE KEY-----\nMIIabc+/==\n-----END PRIVATE KEY-----",
            "what is this",
            "declare -x HOME=\"/root\"\ndeclare -fx f",
            "database:\n  host: localhost\n- a\n---",
            "{\n \"a\": 1\n}",
            "[section]\n; pslc_user=old\n// pslc_user=old",
            "A B=1\n=1\n<a b=\"c\">",
            "KEY=\"open\nOTHER='open",
            "the pslc_user is below",
        ] {
            for text in [format!("{text}\npslc_user=a\n"), format!("pslc_user=a\n{text}")] {
                assert_eq!(value(&text, "pslc_user").as_deref(), Some("a"), "{text}");
            }
        }
        let pairs = parse(b"pslc_user=a\xe9\n# caf\xe9\ncaf\xe9\npslc_password=b\nX=\xff\n\0\x01\n");
        assert_eq!(pairs.get("pslc_password").as_deref(), Some("b"));
        assert_eq!(pairs.find("pslc_user"), Found::Broken("line 1 (pslc_user) is not UTF-8 text".to_owned()));
        assert_eq!(pairs.all_notes().last().unwrap(), "skipped what is not KEY=value in lines 3 and 6");
    }

    #[test]
    fn a_key_of_ours_in_another_form_is_broken() {
        for line in [
            "pslc_password secret",
            "pslc_password: secret",
            "  - pslc_password: secret",
            "\"pslc_password\": \"secret\",",
            "{\"pslc_password\":\"secret\",\"pslc_user\":\"a\"}",
            "declare -x pslc_password=\"secret\"",
            "set pslc_password=secret",
            "$env:pslc_password = \"secret\"",
            "export pslc_password",
            "PSLC_PASSWORD",
            "pslc_password+=secret",
            "\u{200b}pslc_password=secret",
            "pslc_pass\u{ad}word=secret",
            "pslc_password\u{a0}=secret",
        ] {
            let expected = "line 1 is not of the form pslc_password=value".to_owned();
            assert_eq!(parse(line.as_bytes()).find("pslc_password"), Found::Broken(expected), "{line}");
        }
        let pairs = parse(b"pslc_password=\"sec\nret\"\npslc_user=a");
        let expected = "the value of pslc_password in line 1 goes on in the next line".to_owned();
        assert_eq!(pairs.find("pslc_password"), Found::Broken(expected));
        assert_eq!(pairs.get("pslc_user").as_deref(), Some("a"));
        assert_eq!(value("pslc_password=\"sec\npslc_user=a\"", "pslc_password").as_deref(), Some("\"sec"));
    }

    #[test]
    fn a_key_inside_a_quoted_value_of_another_does_not_count() {
        let pairs = parse(b"pslc_user=new\nNOTE=\"before:\npslc_user=old\npslc_password=old\" # note\npslc_club=x\n");
        assert_eq!(pairs.get("pslc_user").as_deref(), Some("new"));
        assert_eq!(pairs.get("pslc_club").as_deref(), Some("x"));
        let Found::Missing(why) = pairs.find("pslc_password") else { panic!("it is not missing") };
        assert!(why.contains("line 4") && why.contains("begins in line 2"), "{why}");
        for open in ["NOTE=\"open", "NOTE='it", "SIZE=5\"", "DIR=\"C:\\\"", "A=\"b\" c"] {
            let text = format!("{open}\npslc_user=\"a\"\npslc_password='b'\n");
            assert_eq!(value(&text, "pslc_user").as_deref(), Some("a"), "{open}");
            assert_eq!(value(&text, "pslc_password").as_deref(), Some("b"), "{open}");
        }
    }

    #[test]
    fn an_edit_keeps_all_other_lines() {
        let text = b"\xef\xbb\xbfpslc_user=old\r\n# mine\n\nexport PSLC_Password = 'old'\nB='2 '\t\n\xe9 \
                     nothing\npslc_user: older\nKEY=\"a\nb\"\rpslc_club=3";
        let values = [("pslc_user", Some("a@b.c")), ("pslc_password", Some("\"a $\\#")), ("pslc_club", None)];
        let new = edited(text, &values).unwrap();
        let rest = b"# mine\n\nB='2 '\t\n\xe9 nothing\nKEY=\"a\nb\"\r\n";
        let ours = b"pslc_user=\"a@b.c\"\npslc_password=\"\"a $\\#\"\n";
        assert_eq!(new, [&rest[..], ours].concat());
        let pairs = parse(&new);
        for (name, value) in values {
            assert_eq!(pairs.get(name).as_deref(), value);
        }
        assert_eq!(edited(&new, &values).unwrap(), new);
    }

    #[test]
    fn an_edit_after_an_open_quote_still_counts() {
        for open in ["KEY=\"open", "KEY='open", "pslc_sport=\"open", "KEY=\"", "\\"] {
            let values = [("pslc_user", Some("a")), ("pslc_password", Some("b\\")), ("pslc_club", Some("c"))];
            let new = edited(open.as_bytes(), &values).unwrap();
            assert_eq!(parse(&new).get("pslc_password").as_deref(), Some("b\\"), "{open}");
        }
        let wrong = edited(b"KEY=\"open", &[("pslc_user", Some("#1"))]).unwrap_err();
        assert!(wrong.contains("pslc_user would not count"), "{wrong}");
    }

    proptest! {
        #[test]
        fn a_pair_counts_behind_any_lines_without_quotes(
            before in proptest::collection::vec(any::<u8>(), 0..200),
            text in "[^\\s\\p{C}'\"]([^\\p{C}]{0,20}[^\\s\\p{C}'\"])?",
        ) {
            let before: Vec<u8> = before.into_iter().filter(|byte| !b"'\"`".contains(byte)).collect();
            let file = [&before[..], format!("\npslc_user={text}\n").as_bytes()].concat();
            prop_assert_eq!(parse(&file).get("pslc_user"), Some(text));
        }

        #[test]
        fn an_edit_of_any_file_counts_or_is_refused(
            old in proptest::collection::vec("(pslc_user|PSLC_PASSWORD|export X|a|)[=: ]?[\"'#a\\\\]{0,3}(\n|\r\n)", 0..8),
            user in "[a#'\"\\\\]{1,3}",
        ) {
            let old = old.concat();
            let is_other = |line: &&str| !line.to_lowercase().contains("pslc_");
            if let Ok(new) = edited(old.as_bytes(), &[("pslc_user", Some(user.as_str())), ("pslc_password", None)]) {
                let pairs = parse(&new);
                prop_assert_eq!(pairs.get("pslc_user"), Some(user));
                prop_assert_eq!(pairs.get("pslc_password"), None);
                let new = String::from_utf8(new).unwrap();
                // A value of ours that goes on goes as a whole.
                let goes_on = parse(old.as_bytes()).entries.iter().any(|entry| entry.last > entry.line);
                prop_assert!(goes_on || old.lines().filter(is_other).all(|line| new.contains(line)));
                prop_assert!(new.lines().count() <= old.lines().count() + 1);
            }
        }
    }
}
