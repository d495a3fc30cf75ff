//! SKILL.md's front matter: its fences, its name, its description.

use serde::Deserialize;

use crate::answer::Refusal;

/// Words that a name must not contain.
const RESERVED: [&str; 2] = ["anthropic", "claude"];

#[derive(Debug, Deserialize)]
struct FrontMatter {
    name: Option<String>,
    description: Option<String>,
}

/// Name and description, when they are allowed.
pub(super) fn read(skill: &[u8]) -> Result<(String, String), Refusal> {
    let text = std::str::from_utf8(skill).map_err(|_| refused("must be UTF-8"))?;
    if text.starts_with('\u{feff}') {
        return Err(refused("must not start with a byte order mark"));
    }
    let yaml = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map(|(yaml, _)| yaml)
        .ok_or_else(|| refused("must begin with front matter between lines that are exactly `---`"))?;
    let front: FrontMatter =
        serde_saphyr::from_str(yaml).map_err(|error| refused(&format!("front matter is not YAML: {error}")))?;
    let name = front.name.ok_or_else(|| refused("name: is required"))?;
    let fits = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-');
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(refused("name: 1 to 64 lower-case letters, digits and hyphens"));
    }
    if let Some(word) = RESERVED.iter().find(|word| name.contains(**word)) {
        return Err(refused(&format!("name: must not contain the reserved word `{word}`")));
    }
    let description = front.description.ok_or_else(|| refused("description: is required"))?;
    let length = description.chars().count();
    if description.trim().is_empty() || length > 1024 {
        return Err(refused(&format!("description: 1 to 1024 characters, not {length}")));
    }
    if has_tag(&description) {
        return Err(refused("description: must not contain XML tags"));
    }
    Ok((name, description))
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
