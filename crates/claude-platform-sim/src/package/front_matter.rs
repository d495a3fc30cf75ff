//! SKILL.md's front matter: its fences, its name, its description.

use super::yaml::{self, Item, Type};
use crate::answer::Refusal;

const RESERVED: [&str; 2] = ["anthropic", "claude"];

const ALLOWED: [&str; 6] = [
    "allowed-tools",
    "compatibility",
    "description",
    "license",
    "metadata",
    "name",
];

/// Name and description, when they are allowed.
pub(super) fn parse(skill: &[u8]) -> Result<(String, String), Refusal> {
    let text = std::str::from_utf8(skill).map_err(|_| refused("must be UTF-8"))?;
    if text.starts_with('\u{feff}') {
        return Err(refused("must not start with a byte order mark"));
    }
    let yaml = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map(|(yaml, _)| yaml)
        .ok_or_else(|| {
            refused("must begin with front matter between lines that are exactly `---`")
        })?;
    let items = yaml::parse(yaml)
        .map_err(|error| refused(&format!("front matter is not YAML: {error}")))?;
    let (mut name, mut description) = (None, None);
    let mut seen: Vec<&str> = Vec::new();
    for pair in items.chunks(2) {
        let [key, value] = pair else {
            return Err(refused("a key without a value"));
        };
        let field = key.text.as_str();
        if key.kind != Type::Str || !ALLOWED.contains(&field) {
            let message = format!(
                "unexpected key `{field}`; allowed are {}",
                ALLOWED.join(", ")
            );
            return Err(refused(&message));
        }
        if seen.contains(&field) {
            return Err(refused(&format!("{field}: stands twice")));
        }
        seen.push(field);
        if field == "metadata" {
            check_metadata(value)?;
            continue;
        }
        if value.kind != Type::Str {
            return Err(refused(&format!(
                "{field}: must be a string, not {}",
                python_name(value.kind)
            )));
        }
        match field {
            "name" => name = Some(value.text.clone()),
            "description" => description = Some(value.text.clone()),
            "compatibility" if value.text.is_empty() || value.text.chars().count() > 500 => {
                return Err(refused("compatibility: 1 to 500 characters"));
            }
            _ => {}
        }
    }
    let name = name.ok_or_else(|| refused("name: is required"))?;
    let description = description.ok_or_else(|| refused("description: is required"))?;
    check_name(&name)?;
    let length = description.chars().count();
    if description.trim().is_empty() || length > 1024 {
        return Err(refused(&format!(
            "description: 1 to 1024 characters, not {length}"
        )));
    }
    if has_tag(&description) {
        return Err(refused("description: must not contain XML tags"));
    }
    Ok((name, description))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let mut letters = name.chars();
    let fits = letters.all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'));
    if name.is_empty() || name.len() > 64 || !fits {
        return Err(refused(
            "name: 1 to 64 lower-case letters, digits and hyphens",
        ));
    }
    if name.split('-').any(str::is_empty) {
        return Err(refused(
            "name: no hyphen at the beginning, at the end or beside another",
        ));
    }
    match RESERVED.iter().find(|word| name.contains(**word)) {
        Some(word) => Err(refused(&format!(
            "name: must not contain the reserved word `{word}`"
        ))),
        None => Ok(()),
    }
}

/// A map of strings; whether numbers are taken is not established, so they are.
fn check_metadata(metadata: &Item) -> Result<(), Refusal> {
    if metadata.kind != Type::Dict {
        return Err(refused("metadata: must be a mapping of strings"));
    }
    match metadata
        .items
        .iter()
        .find(|item| !matches!(item.kind, Type::Str | Type::Int | Type::Float))
    {
        Some(item) => Err(refused(&format!(
            "metadata: `{}` must be a string, not {}",
            item.text,
            python_name(item.kind)
        ))),
        None => Ok(()),
    }
}

fn python_name(kind: Type) -> &'static str {
    match kind {
        Type::Str => "str",
        Type::Int => "int",
        Type::Float => "float",
        Type::Odd(name) => name,
        Type::List => "list",
        Type::Dict => "dict",
    }
}

/// `<`, a letter or `/`, and a `>` somewhere after it.
fn has_tag(text: &str) -> bool {
    text.split('<').skip(1).any(|after| {
        let first = after.chars().next();
        first.is_some_and(|first| first == '/' || first.is_alphabetic()) && after.contains('>')
    })
}

fn refused(message: &str) -> Refusal {
    Refusal::invalid(format!("SKILL.md: {message}"))
}
