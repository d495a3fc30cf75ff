//! `front-matter`, `name`, `description`, `one-skill-md`, `top-directory`: what makes a directory a
//! skill.

use serde_json::{Map, Value};

use super::plain::{self, Kind, NOTHING, Node};
use crate::{findings::Findings, ids, source::Tree};

const FILE: &str = "SKILL.md";
/// The Agent Skills specification's; uploads with others were refused.
const KEYS: [&str; 6] = [
    "name",
    "description",
    "license",
    "compatibility",
    "metadata",
    "allowed-tools",
];
/// The specification's limit.
const MAX_COMPATIBILITY: usize = 500;
const RESERVED: [&str; 2] = ["anthropic", "claude"];

/// Checks SKILL.md and gives its front matter, if it can be read.
pub(super) fn check_front_matter(
    tree: &Tree,
    findings: &mut Findings,
) -> Option<Map<String, Value>> {
    for path in tree.files.keys() {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(FILE) && path != FILE {
            let what = "rename or remove it: a skill has one SKILL.md, at its root";
            findings.violation(path, "one-skill-md", what);
        }
    }
    let Some(file) = tree.files.get(FILE) else {
        let what = "add it at the root of the top directory, spelt like this";
        findings.violation(FILE, "one-skill-md", what);
        return None;
    };
    let matter = match parse_front_matter(&file.data) {
        Ok(matter) => matter,
        Err(what) => {
            findings.violation(FILE, "front-matter", what);
            return None;
        }
    };
    let pairs = extract_block(&file.data)
        .map(plain::parse_pairs)
        .unwrap_or_default();
    if let Some(style) = extract_block(&file.data)
        .ok()
        .and_then(plain::find_foreign_style)
    {
        let what = format!("write it without {style}: the official validator refuses them");
        findings.violation(FILE, "front-matter", what);
    }
    for pair in &pairs {
        let (key, value) = (pair.key.text.as_str(), pair.value.as_ref());
        match key {
            "metadata" if value.is_some_and(|value| value.kind == Kind::Map) => {
                check_metadata(&pair.inner, findings);
            }
            "metadata" => {
                let what = "write `metadata` as a map of texts, or leave it out";
                findings.violation(FILE, "front-matter", what);
            }
            _ if KEYS.contains(&key) => check_text(key, value, findings),
            _ => {
                let what = format!(
                    "remove `{key}`, or put it below `metadata`; known keys: {}",
                    KEYS.join(", ")
                );
                findings.violation(FILE, "front-matter", what);
            }
        }
    }
    let is_text = |key: &str| {
        pairs
            .iter()
            .find(|pair| pair.key.text == key)
            .is_none_or(|pair| {
                pair.value
                    .as_ref()
                    .is_some_and(|value| value.kind == Kind::Text)
            })
    };
    if is_text("name") {
        check_name(&matter, &tree.top, findings);
    }
    if is_text("description") {
        check_description(&matter, findings);
    }
    let compatibility = matter
        .get("compatibility")
        .and_then(Value::as_str)
        .filter(|_| is_text("compatibility"));
    if let Some(length) = compatibility
        .map(|text| text.chars().count())
        .filter(|length| !(1..=MAX_COMPATIBILITY).contains(length))
    {
        let what = format!(
            "write `compatibility` in 1 to {MAX_COMPATIBILITY} characters, not {length}, or leave \
             it out"
        );
        findings.violation(FILE, "front-matter", what);
    }
    Some(matter)
}

/// A value that must be text to every reader.
fn check_text(key: &str, value: Option<&Node>, findings: &mut Findings) {
    let rule = match key {
        "name" => "name",
        "description" => "description",
        _ => "front-matter",
    };
    match value.map(|value| (value.kind, &value.text)) {
        Some((Kind::Text, _)) => {}
        Some((Kind::Number, text)) => {
            findings.violation(FILE, rule, ask_for_quotes(key, text, "a number"));
        }
        Some((Kind::Other(what), text)) => {
            findings.violation(FILE, rule, ask_for_quotes(key, text, what));
        }
        Some((Kind::List | Kind::Map, _)) => {
            findings.violation(FILE, rule, format!("write `{key}` as one text"));
        }
        None => findings.violation(FILE, rule, format!("give `{key}` a text, or leave it out")),
    }
}

/// A map of texts. A decimal number passes: the official validator takes it as it is written.
fn check_metadata(pairs: &[(Node, Option<Node>)], findings: &mut Findings) {
    for (key, value) in pairs {
        let name = format!("metadata.{}", key.text);
        match key.kind {
            Kind::Text | Kind::Number => {}
            Kind::Other(what) => {
                findings.violation(
                    FILE,
                    "front-matter",
                    ask_for_quotes("metadata", &key.text, what),
                );
            }
            Kind::List | Kind::Map => findings.violation(
                FILE,
                "front-matter",
                "write the keys of `metadata` as texts",
            ),
        }
        match value {
            Some(value) if value.kind == Kind::Number => {
                findings.warning(
                    FILE,
                    "front-matter",
                    ask_for_quotes(&name, &value.text, "a number"),
                );
            }
            value => check_text(&name, value.as_ref(), findings),
        }
    }
}

fn ask_for_quotes(key: &str, text: &str, what: &str) -> String {
    if what == NOTHING {
        return format!("give `{key}` a text in quotes, or leave it out: YAML reads it as nothing");
    }
    format!("put `{text}` of `{key}` in quotes: YAML reads it as {what}")
}

/// Only reads it.
pub(super) fn parse_front_matter(data: &[u8]) -> Result<Map<String, Value>, String> {
    extract_block(data).and_then(parse_yaml)
}

/// The text below it, without white space at the ends of lines and around it.
pub(super) fn extract_body(data: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(data).ok()?;
    let (_, body) = text
        .trim_start_matches('\u{feff}')
        .strip_prefix("---")?
        .split_once("\n---")?;
    let lines = body.lines().map(|line| format!("{}\n", line.trim_end()));
    Some(lines.collect::<String>().trim().to_owned())
}

/// Reads it as it may come back from the platform: with other line ends, a byte order mark, without
/// its last newline.
pub(super) fn read_leniently(data: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(data)
        .ok()?
        .trim_start_matches('\u{feff}');
    parse_front_matter(format!("{}\n", text.replace("\r\n", "\n")).as_bytes()).ok()
}

/// The text between the fences.
fn extract_block(data: &[u8]) -> Result<&str, String> {
    if data.starts_with(b"\xef\xbb\xbf") {
        return Err("save it without a byte order mark".to_owned());
    }
    let text = std::str::from_utf8(data).map_err(|_| "save it as UTF-8".to_owned())?;
    let rest = text
        .strip_prefix("---\n")
        .ok_or("begin with a line that is exactly `---`, ended by a bare newline")?;
    let end = if rest.starts_with("---\n") {
        Some(0)
    } else {
        rest.find("\n---\n").map(|at| at + 1)
    };
    let end =
        end.ok_or("end the front matter with a line that is exactly `---`, followed by a newline")?;
    Ok(&rest[..end])
}

fn parse_yaml(block: &str) -> Result<Map<String, Value>, String> {
    if block.len() > 64 * 1024 {
        return Err("shorten the front matter to 64 KiB".to_owned());
    }
    match serde_saphyr::from_str(block) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("write `name: …` and `description: …` between the fences".to_owned()),
        Err(error) => {
            let error = error.to_string();
            Err(format!(
                "correct the YAML: {}",
                error.lines().next().unwrap_or_default()
            ))
        }
    }
}

fn check_name(matter: &Map<String, Value>, top: &str, findings: &mut Findings) {
    let Some(name) = matter.get("name").and_then(Value::as_str) else {
        findings.violation(FILE, "name", format!("add `name: {top}`, a string"));
        return;
    };
    if !ids::is_name(name) {
        findings.violation(FILE, "name", "write 1 to 64 of a-z, 0-9 and hyphen");
    }
    if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        let what = "write hyphens only between letters and digits, one at a time";
        findings.violation(FILE, "name", what);
    }
    for word in RESERVED
        .iter()
        .filter(|word| name.to_lowercase().contains(*word))
    {
        let what = format!("leave out the reserved word `{word}`");
        findings.violation(FILE, "name", what);
    }
    if name != top {
        let what = format!("name the top directory `{name}` like the skill, not `{top}`");
        findings.violation(FILE, "top-directory", what);
    }
}

fn check_description(matter: &Map<String, Value>, findings: &mut Findings) {
    let Some(text) = matter.get("description").and_then(Value::as_str) else {
        let what = "add `description: …`, a string: what it does and when to use it";
        findings.violation(FILE, "description", what);
        return;
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > 1024 {
        let what = format!("write 1 to 1024 characters, not {length}");
        findings.violation(FILE, "description", what);
    }
    if text.contains(['<', '>']) {
        let what = "write it without `<` and `>`: the platform refuses tags";
        findings.violation(FILE, "description", what);
    }
}
