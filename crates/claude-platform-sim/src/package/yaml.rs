//! A front matter as the uploader reads it: YAML 1.1, where a scalar without quotes has the type
//! that it looks like.

use granit_parser::{Event, Parser, ScalarStyle};

/// A type of Python's reader of YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Str,
    Int,
    Float,
    /// `bool`, `date`, `datetime`, `NoneType`, or an integer that is not written in plain decimals.
    Odd(&'static str),
    List,
    Dict,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: Type,
    pub(super) text: String,
    /// Of a map: its keys and values in turn. Deeper ones are left out.
    pub(super) items: Vec<Item>,
}

/// Keys and values of the outermost map, in turn.
pub(super) fn parse(yaml: &str) -> Result<Vec<Item>, String> {
    let mut items: Vec<Item> = Vec::new();
    let mut depth = 0_usize;
    for event in Parser::new_from_str(yaml) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let (kind, text, opens) = match &event {
            Event::Scalar(text, ScalarStyle::Plain, _, None) => {
                (type_of(text), text.clone().into_owned(), false)
            }
            Event::Scalar(text, _, _, tag) => {
                let is_text = tag
                    .as_ref()
                    .is_none_or(|tag| tag.is_yaml_core_schema_tag("str"));
                (
                    if is_text {
                        Type::Str
                    } else {
                        Type::Odd("object")
                    },
                    text.clone().into_owned(),
                    false,
                )
            }
            Event::Alias(_) => (Type::Odd("alias"), String::new(), false),
            Event::MappingStart(..) => (Type::Dict, String::new(), true),
            Event::SequenceStart(..) => (Type::List, String::new(), true),
            Event::MappingEnd | Event::SequenceEnd => {
                depth -= 1;
                continue;
            }
            _ => continue,
        };
        let item = Item {
            kind,
            text,
            items: Vec::new(),
        };
        match depth {
            0 if kind != Type::Dict => return Err("it must be a mapping".to_owned()),
            0 => {}
            1 => items.push(item),
            2 => match items.last_mut() {
                Some(last) => last.items.push(item),
                None => return Err("a value without a key".to_owned()),
            },
            _ => {}
        }
        depth += usize::from(opens);
    }
    Ok(items)
}

/// By the patterns of YAML 1.1's types, as documented at yaml.org/type.
fn type_of(text: &str) -> Type {
    let lower = text.to_ascii_lowercase();
    if ["", "~", "null"].contains(&lower.as_str()) {
        return Type::Odd("NoneType");
    }
    if ["yes", "no", "on", "off", "true", "false"].contains(&lower.as_str()) {
        return Type::Odd("bool");
    }
    let shape: String = lower
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '9' } else { letter })
        .collect();
    if shape == "9999-99-99" {
        return Type::Odd("date");
    }
    if ["9999-9-9", "9999-99-9", "9999-9-99", "9999-99-99"]
        .iter()
        .any(|date| {
            shape
                .strip_prefix(date)
                .is_some_and(|time| time.starts_with(['t', ' ']) && time.contains("9:99:99"))
        })
    {
        return Type::Odd("datetime");
    }
    let digits = shape.trim_start_matches(['+', '-']).replace('_', "");
    let runs: Vec<&str> = digits.split(':').collect();
    if runs.len() > 1
        && runs.iter().all(|run| is_digits(run))
        && runs[1..].iter().all(|run| run.len() < 3)
    {
        return Type::Odd("int");
    }
    if is_digits(&digits) {
        let is_octal = lower.trim_start_matches(['+', '-']).len() > 1
            && lower.trim_start_matches(['+', '-']).starts_with('0');
        return if is_octal || shape.contains('_') {
            Type::Odd("int")
        } else {
            Type::Int
        };
    }
    match digits.split_once('.') {
        Some(("", fraction)) if is_digits(fraction) => Type::Float,
        Some((whole, "")) if is_digits(whole) => Type::Float,
        Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => Type::Float,
        _ if ["0x", "0b", "0o"]
            .iter()
            .any(|base| lower.trim_start_matches(['+', '-']).starts_with(base)) =>
        {
            Type::Odd("int")
        }
        _ => Type::Str,
    }
}

/// A run of decimal digits, in a text where every digit is a 9.
fn is_digits(run: &str) -> bool {
    !run.is_empty() && run.chars().all(|letter| letter == '9')
}
