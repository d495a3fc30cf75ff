//! The platform's ids. Opaque but for their kind, so that an id of the wrong kind is refused before
//! anything is sent.

use std::{fmt, str::FromStr};

/// The kinds that are known for sure to begin so.
const PREFIXES: [(&str, &str); 7] = [
    ("skill_", "a skill"),
    ("skver_", "a skill version"),
    ("agent_", "an agent"),
    ("env_", "an environment"),
    ("sesn_", "a session"),
    ("file_", "a file"),
    ("wrkspc_", "a workspace"),
];

/// A skill, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skill {
    /// `skill_…`.
    Id(String),
    /// The name in the front matter.
    Name(String),
}

impl FromStr for Skill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("skill_") {
            return parse_id(text, "skill_", "a skill").map(Self::Id);
        }
        refuse_other_kind(text, "a skill")?;
        if !is_name(text) {
            return Err(
                "it is neither an id `skill_…` nor a name of 1 to 64 of a-z, 0-9 and hyphen"
                    .to_owned(),
            );
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for Skill {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Id(text) | Self::Name(text)) = self;
        out.write_str(text)
    }
}

/// A version's id: `skver_…`.
///
/// # Errors
///
/// Says what it is instead.
pub fn parse_version(text: &str) -> Result<String, String> {
    if text == "latest" {
        return Err(
            "a version is pinned by its id `skver_…`: `latest` would change under the agent"
                .to_owned(),
        );
    }
    refuse_other_kind(text, "a skill version")?;
    parse_id(text, "skver_", "a skill version")
}

/// An agent's id. Its prefix is not documented: only what is something else for sure is refused.
///
/// # Errors
///
/// Says what it is instead.
pub fn parse_agent(text: &str) -> Result<String, String> {
    refuse_other_kind(text, "an agent")?;
    parse_id(text, "", "an agent")
}

/// Agents' ids, as a variable of CI holds them: separated by commas or white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agents(Vec<String>);

impl Agents {
    /// The ids of several such lists, each once.
    #[must_use]
    pub fn merge(lists: &[Self]) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for id in lists.iter().flat_map(|list| &list.0) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids
    }
}

impl FromStr for Agents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split(|letter: char| letter == ',' || letter.is_whitespace())
            .filter(|part| !part.is_empty());
        let ids = parts.map(parse_agent).collect::<Result<Vec<_>, _>>()?;
        if ids.is_empty() {
            Err("no agent is named".to_owned())
        } else {
            Ok(Self(ids))
        }
    }
}

/// An environment's id. Its prefix is not documented either.
///
/// # Errors
///
/// Says what it is instead.
pub fn parse_environment(text: &str) -> Result<String, String> {
    refuse_other_kind(text, "an environment")?;
    parse_id(text, "", "an environment")
}

/// A session's id. Its prefix is not documented either.
///
/// # Errors
///
/// Says what it is instead.
pub fn parse_session(text: &str) -> Result<String, String> {
    refuse_other_kind(text, "a session")?;
    parse_id(text, "", "a session")
}

/// Checks a skill's name by the platform's rule, but for reserved words.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    (1..=64).contains(&text.len())
        && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Checks that an id in the platform's answer may be printed, stored and sent.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    (1..=255).contains(&text.len())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn refuse_other_kind(text: &str, wanted: &str) -> Result<(), String> {
    match PREFIXES
        .iter()
        .find(|(prefix, what)| text.starts_with(prefix) && *what != wanted)
    {
        Some((_, what)) => Err(format!(
            "it is the id of {what}, where that of {wanted} belongs"
        )),
        None => Ok(()),
    }
}

fn parse_id(text: &str, prefix: &str, wanted: &str) -> Result<String, String> {
    match text.strip_prefix(prefix) {
        Some(rest) if !rest.is_empty() && is_plain(text) => Ok(text.to_owned()),
        Some(_) => Err(format!(
            "the id of {wanted} consists of letters, digits, `-` and `_`"
        )),
        None => Err(format!("the id of {wanted} begins with `{prefix}`")),
    }
}
