//! Findings and the TOML that they make. The last gate: nothing secret passes.
//!
//! TOML is written here: the crate `toml` leaves invisible characters such as U+202E as they are,
//! and what a person is to check must be what they see.

use std::collections::BTreeMap;

use super::{Finding, Learned, allow_list::AllowList};
use crate::text;

const GROUPS: [&str; 3] = ["login", "token", "bookings"];

/// Gathers findings, and the values of the table among them.
pub(super) struct Report<'a> {
    pub(super) allow_list: &'a AllowList,
    findings: Vec<Finding>,
    values: Vec<(&'static str, String)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(allow_list: &'a AllowList) -> Self {
        Self {
            allow_list,
            findings: Vec::new(),
            values: Vec::new(),
        }
    }

    /// A value for the table, as TOML.
    pub(super) fn add_value(&mut self, name: &'static str, toml: String, certain: bool, how: &str) {
        if self.allow_list.secrets.occur_in(&toml) {
            return self.add_missing(name, "it was left out because it holds something secret");
        }
        let value = text::line(&toml, 400);
        self.findings.push(Finding {
            name: name.to_owned(),
            value,
            certain,
            how: how.to_owned(),
            kept: false,
        });
        self.values.push((name, toml));
    }

    /// A text for the table.
    pub(super) fn add_text(&mut self, name: &'static str, text: &str, certain: bool, how: &str) {
        self.add_value(name, toml_string(text), certain, how);
    }

    /// Something that the capture does not show; what is built in stays in force.
    pub(super) fn add_missing(&mut self, name: &'static str, how: &str) {
        let how = how.to_owned();
        self.findings.push(Finding {
            name: name.to_owned(),
            value: String::new(),
            certain: false,
            how,
            kept: false,
        });
    }

    /// Parts of a value that were kept as they were sent: each is for a person to look at.
    pub(super) fn add_kept(&mut self, place: &str, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            self.findings.push(Finding {
                name: format!("{place}: {}", text::line(name, 60)),
                value: toml_string(&text::line(value, 200)),
                certain: true,
                how: "kept as it was sent; look whether it says something about you".to_owned(),
                kept: true,
            });
        }
    }

    pub(super) fn finish(self) -> Learned {
        let mut table = String::new();
        for group in GROUPS {
            table.push_str(&format!("[portal.{group}]\n"));
            let of_group = self.values.iter().filter_map(|(name, toml)| {
                let (of, name) = name.split_once('.')?;
                (of == group).then_some((name, toml))
            });
            of_group.for_each(|(name, toml)| table.push_str(&format!("{name} = {toml}\n")));
            table.push('\n');
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
        Learned {
            table,
            findings: self.findings,
        }
    }
}

/// A string; literal where that is easier to read.
pub(super) fn toml_string(text: &str) -> String {
    if text.contains('"') && text.chars().all(|char| is_plain(char) && char != '\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\r' => quoted.push_str("\\r"),
            '\n' => quoted.push_str("\\n"),
            char if is_plain(char) => quoted.push(char),
            char => quoted.push_str(&format!("\\U{:08X}", u32::from(char))),
        }
    }
    quoted.push('"');
    quoted
}

/// Tells whether TOML may hold a character as it is, and a reader sees it.
fn is_plain(char: char) -> bool {
    char == ' ' || char.is_ascii_graphic() || char.is_alphanumeric()
}

/// A list of strings.
pub(super) fn toml_list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| toml_string(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A table of strings.
pub(super) fn toml_map(pairs: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{} = {}", toml_string(name), toml_string(value)))
        .collect();
    if pairs.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", pairs.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_string_is_read_back(text in any::<String>(), other in "[\"'\\\\a\u{202e}]{0,6}") {
            for text in [text, other] {
                let table: toml::Table = format!("x = {}", toml_string(&text)).parse().unwrap();
                prop_assert_eq!(table["x"].as_str(), Some(text.as_str()));
            }
        }
    }

    #[test]
    fn a_string_reads_back_as_it_was_and_can_be_seen() {
        assert_eq!(toml_string(r#"{"a":1}"#), r#"'{"a":1}'"#);
        for text in ["", "it's", "a\"b'c\\d", "\r\n\t\u{1b}[31m\0", "\u{202e}é"] {
            let written = toml_string(text);
            let table: toml::Table = format!("x = {written}").parse().unwrap();
            assert_eq!(table["x"].as_str(), Some(text));
            assert!(written.chars().all(is_plain), "{written:?}");
        }
    }
}
