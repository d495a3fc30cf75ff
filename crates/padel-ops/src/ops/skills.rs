//! Finds a skill by what people call it.

use claude_platform::Client;

use crate::{
    error::{Code, Error, from_platform},
    ids,
};

/// The skill's id; none when no skill has the name. An id is taken as it is: its first use shows
/// whether it exists.
///
/// A skill is found by its display name, which `--create` sets to the name, else by the name in its
/// newest version.
pub(crate) async fn find_skill(
    client: &Client,
    skill: &ids::Skill,
) -> Result<Option<String>, Error> {
    let name = match skill {
        ids::Skill::Id(id) => return Ok(Some(id.clone())),
        ids::Skill::Name(name) => name,
    };
    let skills = client.list_skills().await.map_err(from_platform)?;
    let shown = skills
        .iter()
        .filter(|skill| skill.display_name.as_deref() == Some(name));
    let mut found: Vec<&str> = shown.map(|skill| skill.id.as_str()).collect();
    if found.is_empty() {
        for skill in &skills {
            let newest = client
                .list_newest_versions(&skill.id, 1)
                .await
                .map_err(from_platform)?;
            if newest
                .first()
                .is_some_and(|version| version.name.as_deref() == Some(name))
            {
                found.push(&skill.id);
            }
        }
    }
    match found[..] {
        [] => Ok(None),
        [id] => check_id(id).map(Some),
        _ => {
            let ids: Vec<String> = found
                .iter()
                .take(10)
                .map(|id| printable::line(id, 80))
                .collect();
            let message = format!(
                "{} skills have the name `{name}`: {}",
                found.len(),
                ids.join(", ")
            );
            let hint = "name one of them by its id with --skill";
            Err(Error::new(Code::Conflict, message, hint))
        }
    }
}

/// The skill's id, of a skill that must be there.
pub(crate) async fn require_skill(client: &Client, skill: &ids::Skill) -> Result<String, Error> {
    find_skill(client, skill)
        .await?
        .ok_or_else(|| skill_missing(skill))
}

/// No skill has the name.
pub(crate) fn skill_missing(skill: &ids::Skill) -> Error {
    let message = format!("the workspace has no skill `{skill}`");
    let hint = "look at the name and the workspace; `publish --create` makes the skill";
    Error::new(Code::NotFound, message, hint)
}

/// An id in an answer, before it is printed, stored or sent.
pub(crate) fn check_id(id: &str) -> Result<String, Error> {
    if ids::is_plain(id) {
        return Ok(id.to_owned());
    }
    let message = format!(
        "the platform answered with an id that is none: `{}`",
        printable::line(id, 80)
    );
    let hint = "look whether this is the platform's address";
    Err(Error::new(Code::ServiceChanged, message, hint))
}
