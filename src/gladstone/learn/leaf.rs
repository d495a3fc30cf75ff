//! The values of a body with their places in its text, so that some can be replaced and all else stays byte for byte.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::gladstone::profile::Encoding;

/// One value. It may be a secret: no `Debug`.
pub(super) struct Leaf {
    /// Where it stands in the text, quotes included.
    pub(super) span: Range<usize>,
    /// The name of the field that it belongs to, or of the list that it is in.
    pub(super) name: String,
    /// Decoded.
    pub(super) value: String,
    /// Whether it is a number.
    pub(super) number: bool,
}

/// The values of a JSON text, or of a form if it is one.
pub(super) fn leaves(text: &str, form: bool) -> Option<(Encoding, Vec<Leaf>)> {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        return Some((Encoding::Json, json(text)));
    }
    form.then(|| (Encoding::Form, pairs(text)))
}

/// Walks through a text that is known to be JSON.
fn json(text: &str) -> Vec<Leaf> {
    let bytes = text.as_bytes();
    let (mut leaves, mut at) = (Vec::new(), 0);
    // For each open list or object its name, and whether it is a list.
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut key = String::new();
    while let Some(byte) = bytes.get(at) {
        let name = || match open.last() {
            Some((name, true)) => name.clone(),
            _ => key.clone(),
        };
        match byte {
            b'{' | b'[' => {
                let name = name();
                open.push((name, *byte == b'['));
                at += 1;
            }
            b'}' | b']' => {
                open.pop();
                at += 1;
            }
            b'"' => {
                let end = end_of_string(bytes, at);
                let value: String = text.get(at..end).and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
                let next = bytes[end.min(bytes.len())..].iter().find(|byte| !byte.is_ascii_whitespace());
                let is_key = next == Some(&b':') && open.last().is_some_and(|(_, list)| !list);
                if is_key {
                    key = value;
                } else {
                    leaves.push(Leaf { span: at..end, name: name(), value, number: false });
                }
                at = end;
            }
            b'0'..=b'9' | b'-' => {
                let length = bytes[at..].iter().take_while(|byte| !b",]} \t\r\n".contains(byte)).count();
                let value = text[at..at + length].to_owned();
                leaves.push(Leaf { span: at..at + length, name: name(), value, number: true });
                at += length;
            }
            _ => at += 1,
        }
    }
    leaves
}

/// The place behind the closing quote of the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn pairs(text: &str) -> Vec<Leaf> {
    let (mut leaves, mut at) = (Vec::new(), 0);
    for pair in text.split('&') {
        if let Some(equals) = pair.find('=') {
            let decoded = form_urlencoded::parse(pair.as_bytes()).next();
            let (name, value) =
                decoded.map(|(name, value)| (name.into_owned(), value.into_owned())).unwrap_or_default();
            leaves.push(Leaf { span: at + equals + 1..at + pair.len(), name, value, number: false });
        }
        at += pair.len() + 1;
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, form: bool) -> Vec<(String, String, String)> {
        let (_, leaves) = leaves(text, form).unwrap();
        leaves.into_iter().map(|leaf| (leaf.name, leaf.value, text[leaf.span].to_owned())).collect()
    }

    #[test]
    fn values_are_found_with_names_and_places() {
        let found = told(r#"{ "a" : "x\"y", "b": [1, ["two"]], "c":{"d":-3.5e1,"e":null}, "f":"}" }"#, false);
        let expected = [
            ("a", "x\"y", r#""x\"y""#),
            ("b", "1", "1"),
            ("b", "two", r#""two""#),
            ("d", "-3.5e1", "-3.5e1"),
            ("f", "}", r#""}""#),
        ];
        assert_eq!(found, expected.map(|(name, value, raw)| (name.to_owned(), value.to_owned(), raw.to_owned())));
        let form = told("a=1+2&b&c%5B%5D=%c3%BC&=", true);
        let expected = [("a", "1 2", "1+2"), ("c[]", "ü", "%c3%BC"), ("", "", "")];
        assert_eq!(form, expected.map(|(name, value, raw)| (name.to_owned(), value.to_owned(), raw.to_owned())));
        assert!(leaves("AAECAw==", false).is_none());
        assert_eq!(told("\"AAECAw==\"", false).len(), 1);
    }
}
