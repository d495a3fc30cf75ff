//! `front-matter`, `name`, `description`, `one-skill-md`, `top-directory`: what makes a directory a skill.

use serde_json::{Map, Value};

use super::Findings;
use crate::{ids, source::Tree};

const FILE: &str = "SKILL.md";
/// The Agent Skills format's; the platform ignores others.
const KEYS: [&str; 6] = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];
const RESERVED: [&str; 2] = ["anthropic", "claude"];

/// Checks SKILL.md and gives its front matter, if it can be read.
pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Option<Map<String, Value>> {
    for path in tree.files.keys() {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(FILE) && path != FILE {
            findings.violation(path, "one-skill-md", "rename or remove it: a skill has one SKILL.md, at its root");
        }
    }
    let Some(file) = tree.files.get(FILE) else {
        findings.violation(FILE, "one-skill-md", "add it at the root of the top directory, spelt like this");
        return None;
    };
    let matter = match read(&file.data) {
        Ok(matter) => matter,
        Err(what) => {
            findings.violation(FILE, "front-matter", what);
            return None;
        }
    };
    name(&matter, &tree.top, findings);
    description(&matter, findings);
    for key in matter.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let what = format!("`{key}` is unknown to the platform; known keys: {}", KEYS.join(", "));
        findings.warning(FILE, "front-matter", what);
    }
    Some(matter)
}

/// Only reads it.
pub(super) fn read(data: &[u8]) -> Result<Map<String, Value>, String> {
    block(data).and_then(parse)
}

/// Reads it as it may come back from the platform: with other line ends, a byte order mark, without its last newline.
pub(super) fn read_leniently(data: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(data).ok()?.trim_start_matches('\u{feff}');
    read(format!("{}\n", text.replace("\r\n", "\n")).as_bytes()).ok()
}

/// The text between the fences.
fn block(data: &[u8]) -> Result<&str, String> {
    if data.starts_with(b"\xef\xbb\xbf") {
        return Err("save it without a byte order mark".to_owned());
    }
    let text = std::str::from_utf8(data).map_err(|_| "save it as UTF-8".to_owned())?;
    let rest = text.strip_prefix("---\n").ok_or("begin with a line that is exactly `---`, ended by a bare newline")?;
    let end = if rest.starts_with("---\n") { Some(0) } else { rest.find("\n---\n").map(|at| at + 1) };
    let end = end.ok_or("end the front matter with a line that is exactly `---`, followed by a newline")?;
    Ok(&rest[..end])
}

fn parse(block: &str) -> Result<Map<String, Value>, String> {
    if block.len() > 64 * 1024 {
        return Err("shorten the front matter to 64 KiB".to_owned());
    }
    match serde_saphyr::from_str(block) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("write `name: …` and `description: …` between the fences".to_owned()),
        Err(error) => {
            let error = error.to_string();
            Err(format!("correct the YAML: {}", error.lines().next().unwrap_or_default()))
        }
    }
}

fn name(matter: &Map<String, Value>, top: &str, findings: &mut Findings) {
    let Some(name) = matter.get("name").and_then(Value::as_str) else {
        findings.violation(FILE, "name", format!("add `name: {top}`, a string"));
        return;
    };
    if !ids::is_name(name) {
        findings.violation(FILE, "name", "write 1 to 64 of a-z, 0-9 and hyphen");
    }
    for word in RESERVED.iter().filter(|word| name.to_lowercase().contains(*word)) {
        findings.violation(FILE, "name", format!("leave out the reserved word `{word}`"));
    }
    if name != top {
        let what = format!("name the top directory `{name}` like the skill, not `{top}`");
        findings.violation(FILE, "top-directory", what);
    }
}

fn description(matter: &Map<String, Value>, findings: &mut Findings) {
    let Some(text) = matter.get("description").and_then(Value::as_str) else {
        findings.violation(FILE, "description", "add `description: …`, a string: what it does and when to use it");
        return;
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > 1024 {
        findings.violation(FILE, "description", format!("write 1 to 1024 characters, not {length}"));
    }
    if text.contains(['<', '>']) {
        findings.violation(FILE, "description", "write it without `<` and `>`: the platform refuses tags");
    }
}
