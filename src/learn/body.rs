//! The names and values of a body with their places in its text, so that some can be replaced and
//! all else stays byte for byte.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::gladstone::profile::Encoding;

/// Boundary of multipart forms that padel sends.
pub(super) const BOUNDARY: &str = "padel-form-data";

/// More values than any form has: each takes many times the memory of its text, and a capture may
/// be large.
const MOST: usize = 100_000;

/// One value. It may be a secret: no `Debug`.
pub(super) struct Leaf {
    /// Range in the text, quotes included.
    pub(super) span: Range<usize>,
    /// The name of the field that it belongs to, or of the list that it is in.
    pub(super) name: String,
    /// Decoded.
    pub(super) value: String,
    /// Text that replaces it where it may not be written.
    pub(super) blank: &'static str,
}

/// A name, which may be somebody's, too.
pub(super) struct Name {
    /// Range in the text, quotes included.
    pub(super) span: Range<usize>,
    /// Decoded.
    pub(super) text: String,
}

/// A body in its parts.
pub(super) struct Body {
    pub(super) encoding: Encoding,
    /// In the order of the text.
    pub(super) leaves: Vec<Leaf>,
    /// In the order of the text.
    pub(super) names: Vec<Name>,
    /// The text that the places are in, where it is another than was read.
    pub(super) text: Option<String>,
}

/// The parts of a text: JSON whatever it says that it is, a form, or a form in parts. `None` for
/// all else, and for more than 100,000 values.
pub(super) fn parse_body(text: &str, content_type: &str) -> Option<Body> {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let (leaves, names) = parse_json(text)?;
        return Some(Body {
            encoding: Encoding::Json,
            leaves,
            names,
            text: None,
        });
    }
    if let Some(body) = parse_multipart(text) {
        return Some(body);
    }
    if content_type == "text/plain"
        && let Some(body) = parse_lines(text)
    {
        return Some(body);
    }
    if content_type.contains("urlencoded") || is_form(text) {
        if text.split('&').count() > MOST {
            return None;
        }
        let (leaves, names) = parse_pairs(text);
        return Some(Body {
            encoding: Encoding::Form,
            leaves,
            names,
            text: None,
        });
    }
    None
}

/// Recognises a form that does not say that it is one: two or more names with encoded values.
fn is_form(text: &str) -> bool {
    text.contains('&')
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"%+-_.*~&=@$[]!'(),:;/".contains(&it))
        && text.split('&').all(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, _)| !name.is_empty())
        })
}

/// Walks through a text that is known to be JSON.
fn parse_json(text: &str) -> Option<(Vec<Leaf>, Vec<Name>)> {
    let bytes = text.as_bytes();
    let (mut leaves, mut names, mut at) = (Vec::new(), Vec::new(), 0);
    // For each open list or object its name, and whether it is a list.
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut key = String::new();
    while let Some(byte) = bytes.get(at) {
        if leaves.len() > MOST {
            return None;
        }
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
                let value: String = text
                    .get(at..end)
                    .and_then(|it| serde_json::from_str(it).ok())
                    .unwrap_or_default();
                let next = bytes[end.min(bytes.len())..]
                    .iter()
                    .find(|byte| !byte.is_ascii_whitespace());
                let is_key = next == Some(&b':') && open.last().is_some_and(|(_, list)| !list);
                if is_key {
                    key.clone_from(&value);
                    names.push(Name {
                        span: at..end,
                        text: value,
                    });
                } else {
                    leaves.push(Leaf {
                        span: at..end,
                        name: name(),
                        value,
                        blank: "\"\"",
                    });
                }
                at = end;
            }
            b'0'..=b'9' | b'-' | b't' | b'f' => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| !b",]} \t\r\n".contains(byte))
                    .count();
                let is_switch = matches!(byte, b't' | b'f');
                leaves.push(Leaf {
                    span: at..at + length,
                    name: name(),
                    value: text[at..at + length].to_owned(),
                    blank: if is_switch { "false" } else { "0" },
                });
                at += length;
            }
            _ => at += 1,
        }
    }
    Some((leaves, names))
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

/// Names and values of a form or a query. A pair without `=` is all name.
pub(super) fn parse_pairs(text: &str) -> (Vec<Leaf>, Vec<Name>) {
    let (mut leaves, mut names, mut at) = (Vec::new(), Vec::new(), 0);
    for pair in text.split('&') {
        let (name, value) = form_urlencoded::parse(pair.as_bytes())
            .next()
            .unwrap_or_default();
        let equals = pair.find('=').unwrap_or(pair.len());
        if equals > 0 {
            names.push(Name {
                span: at..at + equals,
                text: name.clone().into_owned(),
            });
        }
        if equals < pair.len() {
            let span = at + equals + 1..at + pair.len();
            leaves.push(Leaf {
                span,
                name: name.into_owned(),
                value: value.into_owned(),
                blank: "",
            });
        }
        at += pair.len() + 1;
    }
    (leaves, names)
}

/// A form as HTML's `text/plain` has it: a line for each field, nothing encoded.
fn parse_lines(text: &str) -> Option<Body> {
    let (mut leaves, mut names, mut at) = (Vec::new(), Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if leaves.len() == MOST {
            return None;
        }
        let (name, value) = line
            .trim_end_matches(['\r', '\n'])
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())?;
        let start = at + name.len() + 1;
        names.push(Name {
            span: at..start - 1,
            text: name.to_owned(),
        });
        leaves.push(Leaf {
            span: start..start + value.len(),
            name: name.to_owned(),
            value: value.to_owned(),
            blank: "",
        });
        at += line.len();
    }
    (leaves.len() > 1).then_some(Body {
        encoding: Encoding::Verbatim,
        leaves,
        names,
        text: None,
    })
}

/// A form in parts, written anew with padel's own boundary: that of a browser is made for one time.
fn parse_multipart(text: &str) -> Option<Body> {
    let boundary = text
        .trim_start()
        .strip_prefix("--")?
        .lines()
        .next()?
        .trim_end();
    if boundary.is_empty() {
        return None;
    }
    let (mut written, mut leaves, mut names) = (String::new(), Vec::new(), Vec::new());
    for part in text
        .split(&format!("--{boundary}"))
        .skip(1)
        .filter(|part| !part.starts_with("--"))
    {
        if leaves.len() == MOST {
            return None;
        }
        let part = part.trim_start_matches(['\r', '\n']);
        let (head, value) = part
            .split_once("\r\n\r\n")
            .or_else(|| part.split_once("\n\n"))?;
        let value = value
            .strip_suffix("\r\n")
            .or_else(|| value.strip_suffix('\n'))
            .unwrap_or(value);
        let name = head.split_once("name=\"")?.1.split_once('"')?.0;
        written.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\""
        ));
        names.push(Name {
            span: written.len()..written.len() + name.len(),
            text: name.to_owned(),
        });
        written.push_str(&format!("{name}\"\r\n\r\n"));
        let span = written.len()..written.len() + value.len();
        leaves.push(Leaf {
            span,
            name: name.to_owned(),
            value: value.to_owned(),
            blank: "",
        });
        written.push_str(&format!("{value}\r\n"));
    }
    written.push_str(&format!("--{BOUNDARY}--\r\n"));
    (!leaves.is_empty()).then_some(Body {
        encoding: Encoding::Verbatim,
        leaves,
        names,
        text: Some(written),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, form: bool) -> Vec<(String, String, String)> {
        let body = parse_body(
            text,
            if form {
                "application/x-www-form-urlencoded"
            } else {
                ""
            },
        )
        .unwrap();
        let text = body.text.as_deref().unwrap_or(text);
        body.leaves
            .into_iter()
            .map(|leaf| (leaf.name, leaf.value, text[leaf.span].to_owned()))
            .collect()
    }

    #[test]
    fn values_are_found_with_names_and_places() {
        let found = told(
            r#"{ "a" : "x\"y", "b": [1, ["two"],true], "c":{"d":-3.5e1,"e":null}, "f":"}" }"#,
            false,
        );
        let expected = [
            ("a", "x\"y", r#""x\"y""#),
            ("b", "1", "1"),
            ("b", "two", r#""two""#),
            ("b", "true", "true"),
            ("d", "-3.5e1", "-3.5e1"),
            ("f", "}", r#""}""#),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value, raw)| (name.to_owned(), value.to_owned(), raw.to_owned()))
        );
        let form = told("a=1+2&b&c%5B%5D=%c3%BC&=", true);
        let expected = [("a", "1 2", "1+2"), ("c[]", "ü", "%c3%BC"), ("", "", "")];
        assert_eq!(
            form,
            expected.map(|(name, value, raw)| (name.to_owned(), value.to_owned(), raw.to_owned()))
        );
        for text in ["AAECAw==", "AAECAw", "a=b", "<a>b&c=d</a>", ""] {
            assert!(parse_body(text, "").is_none(), "{text}");
        }
        assert_eq!(
            told("a=1&b=2", false).len(),
            2,
            "a form need not say that it is one"
        );
        assert_eq!(told("\"AAECAw==\"", false).len(), 1);
    }

    #[test]
    fn a_body_of_more_values_than_a_form_has_is_not_taken_apart() {
        let json = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        let form = |count: usize| format!("a=1{}", "&a=1".repeat(count - 1));
        let parts = |count: usize| {
            format!(
                "{}--B--",
                "--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n".repeat(count)
            )
        };
        let lines = |count: usize| "a=1\n".repeat(count);
        let count = |text: &str, kind: &str| parse_body(text, kind).map(|body| body.leaves.len());
        for (most, more, kind) in [
            (json(MOST), json(MOST + 1), ""),
            (form(MOST), form(MOST + 1), "urlencoded"),
            (parts(MOST), parts(MOST + 1), ""),
            (lines(MOST), lines(MOST + 1), "text/plain"),
        ] {
            assert_eq!(count(&most, kind), Some(MOST));
            assert_eq!(count(&more, kind), None);
        }
    }

    #[test]
    fn a_form_in_parts_gets_our_own_boundary() {
        let text = "----X\r\nContent-Disposition: form-data; name=\"e\"\r\n\r\na@b\r\n----X\r\nContent-Disposition: form-data; name=\"p\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n1\r\n2\r\n----X--\r\n";
        for text in [text.to_owned(), text.replace("\r\n", "\n")] {
            let body = parse_body(&text, "").unwrap();
            let written = body.text.unwrap();
            assert!(
                !written.contains("--X") && written.ends_with("--padel-form-data--\r\n"),
                "{written}"
            );
            let names: Vec<_> = body
                .names
                .iter()
                .map(|name| &written[name.span.clone()])
                .collect();
            assert_eq!(names, ["e", "p"]);
            let values: Vec<_> = body
                .leaves
                .iter()
                .map(|leaf| written[leaf.span.clone()].lines().count())
                .collect();
            assert_eq!(values, [1, 2]);
        }
    }
}
