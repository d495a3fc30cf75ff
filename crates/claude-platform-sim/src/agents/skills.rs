//! The skills of an agent: each entry, and the version that it follows.

use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    fields::{only_known, read_array, require_object},
    objects::Objects,
    request::text_field,
};

const ANTHROPIC: [&str; 4] = ["docx", "pdf", "pptx", "xlsx"];

/// Documented in older text.
const MOST_SKILLS: usize = 20;

/// A list of skills, with the version that each follows. An entry that the agent had before is not
/// questioned.
pub(crate) fn read(objects: &Objects, before: &Value, wanted: &Value) -> Result<Value, Refusal> {
    let mut list = Vec::<Value>::new();
    for entry in read_array(Some(wanted), "skills", MOST_SKILLS)? {
        only_known(
            require_object(entry, "skills: an entry")?,
            &["type", "skill_id", "version"],
        )?;
        let (kind, id) = (text_field(entry, "type"), text_field(entry, "skill_id"));
        let version = match text_field(entry, "version") {
            "" => "latest",
            version => version,
        };
        let settled = json!({"type": kind, "skill_id": id, "version": version});
        let is_kept = before
            .as_array()
            .is_some_and(|list| list.contains(&settled));
        match kind {
            _ if list.iter().any(|other| other["skill_id"] == id) => {
                return Err(Refusal::invalid(format!("skills: `{id}` is listed twice")));
            }
            _ if is_kept => {}
            "custom" => drop(
                objects
                    .skill(id)
                    .and_then(|skill| skill.find_version(version))
                    .map_err(|refusal| Refusal::invalid(format!("skills: {}", refusal.message)))?,
            ),
            "anthropic" if ANTHROPIC.contains(&id) => {}
            _ => {
                return Err(Refusal::invalid(format!(
                    "skills: `{kind}` `{id}` is no skill"
                )));
            }
        }
        list.push(settled);
    }
    Ok(list.into())
}
