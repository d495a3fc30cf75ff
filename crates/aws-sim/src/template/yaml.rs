//! CloudFormation's YAML as its JSON: a tag like `!Ref` is an object with one field.

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value, json};

/// A list or a map that is being read.
struct Open {
    tag: Option<String>,
    value: Value,
    /// The key whose value comes next.
    key: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut document = Value::Null;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let value = match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.and_then(|tag| short_tag(&tag));
                let is_key = open
                    .last()
                    .is_some_and(|open| open.value.is_object() && open.key.is_none());
                if is_key {
                    if let Some(open) = open.last_mut() {
                        open.key = Some(text.into_owned());
                    }
                    continue;
                }
                let value = match (style, &tag) {
                    (ScalarStyle::Plain, None) => plain_value(&text),
                    _ => json!(text),
                };
                apply_tag(tag, value)
            }
            Event::MappingStart(_, _, tag) => {
                open.push(Open {
                    tag: tag.and_then(|tag| short_tag(&tag)),
                    value: json!({}),
                    key: None,
                });
                continue;
            }
            Event::SequenceStart(_, _, tag) => {
                open.push(Open {
                    tag: tag.and_then(|tag| short_tag(&tag)),
                    value: json!([]),
                    key: None,
                });
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(done) => apply_tag(done.tag, done.value),
                None => continue,
            },
            Event::Alias(_) => return Err(format!("an alias at line {}", span.start.line())),
            _ => continue,
        };
        match open.last_mut() {
            None => document = value,
            Some(open) => match &mut open.value {
                Value::Array(values) => values.push(value),
                Value::Object(fields) => {
                    let key = open.key.take().unwrap_or_default();
                    if fields.insert(key.clone(), value).is_some() {
                        return Err(format!("{key} stands there twice"));
                    }
                }
                _ => {}
            },
        }
    }
    Ok(document)
}

/// The name behind the exclamation mark.
fn short_tag(tag: &Tag) -> Option<String> {
    (tag.handle() == "!").then(|| tag.suffix().to_owned())
}

fn apply_tag(tag: Option<String>, value: Value) -> Value {
    let Some(tag) = tag else {
        return value;
    };
    let (name, value) = match (tag.as_str(), &value) {
        ("Ref" | "Condition", _) => (tag, value),
        ("GetAtt", Value::String(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
            ("Fn::GetAtt".to_owned(), json!([id, attribute]))
        }
        _ => (format!("Fn::{tag}"), value),
    };
    Value::Object(Map::from_iter([(name, value)]))
}

/// A scalar without quotes: a number, a truth, nothing, or a text.
fn plain_value(text: &str) -> Value {
    match text {
        "true" => return json!(true),
        "false" => return json!(false),
        "" | "~" | "null" => return Value::Null,
        _ => {}
    }
    let number = text.parse::<i64>().ok().map(Value::from);
    number
        .or_else(|| {
            let looks_so =
                text.contains('.') && text.starts_with(|letter: char| letter.is_ascii_digit());
            looks_so.then(|| text.parse::<f64>().ok().map(Value::from))?
        })
        .unwrap_or_else(|| json!(text))
}
