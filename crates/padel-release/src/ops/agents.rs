//! One entry of an agent's skills: found, replaced, and seen to be replaced.

use std::time::Duration;

use claude_platform::{Agent, AgentUpdate, Kind, SkillEntry};
use serde_json::Value;

use super::facts::{Facts, KEYS};
use crate::{
    error::{Code, Error},
    world::World,
};

/// The platform's limit.
const PAIRS: usize = 16;

/// What an agent is to have.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) skill: String,
    pub(crate) version: String,
    pub(crate) facts: Facts,
    /// Whether an agent that lacks the skill gets it.
    pub(crate) add: bool,
}

impl Wanted {
    /// What to send: all skills with one entry replaced, and the facts that differ. None when all is as wanted.
    pub(crate) fn change_for(&self, agent: &Agent) -> Result<Option<AgentUpdate>, Error> {
        if agent.archived_at.is_some() {
            let message = format!("the agent `{}` is archived and cannot be changed", agent.id);
            return Err(Error::new(Code::Conflict, message, "name an agent that is in use"));
        }
        let mut skills = agent.skills.clone();
        match place(agent, &self.skill)? {
            Some(place) => skills[place].set_version(&self.version),
            None if self.add => skills.push(SkillEntry::custom(&self.skill, &self.version)),
            None => {
                let message = format!("the agent `{}` does not have the skill `{}`", agent.id, self.skill);
                return Err(Error::new(Code::NotFound, message, "add --add to give it the skill"));
            }
        }
        let known = |key: &str| agent.metadata.get(key).and_then(Value::as_str);
        let differ = KEYS.iter().zip(&self.facts).filter(|(key, value)| known(key) != value.as_deref());
        let metadata: serde_json::Map<String, Value> =
            differ.map(|(key, value)| ((*key).to_owned(), value.clone().map_or(Value::Null, Value::String))).collect();
        let kept = agent.metadata.keys().filter(|key| !metadata.contains_key(*key)).count();
        if kept + metadata.values().filter(|value| !value.is_null()).count() > PAIRS {
            let message = format!("the metadata of the agent `{}` has no room for {}", agent.id, KEYS.join(", "));
            return Err(Error::new(Code::Conflict, message, "remove pairs of it: the platform allows 16"));
        }
        let same = metadata.is_empty() && version(agent, &self.skill)? == Some(self.version.as_str());
        Ok((!same).then_some(AgentUpdate { version: agent.version, skills, metadata }))
    }
}

/// Where the agent lists the skill.
pub(crate) fn place(agent: &Agent, skill: &str) -> Result<Option<usize>, Error> {
    let mut places = agent.skills.iter().enumerate().filter(|(_, entry)| entry.skill_id() == Some(skill));
    let first = places.next().map(|(place, _)| place);
    if places.next().is_some() {
        let id = padel::text::line(&agent.id, 80);
        let message = format!("the agent `{id}` lists the skill `{skill}` more than once");
        return Err(Error::new(Code::Conflict, message, "remove all but one of the entries"));
    }
    Ok(first)
}

/// What the agent says of the skill's version: `latest`, or nothing, when it follows the newest. None without the skill.
pub(crate) fn version<'a>(agent: &'a Agent, skill: &str) -> Result<Option<&'a str>, Error> {
    Ok(place(agent, skill)?.map(|place| agent.skills[place].version().unwrap_or("latest")))
}

/// Changes the agent. Gives whether anything had to be sent.
///
/// On a conflict, and when the answer is lost, the agent is read again first: it may have what is wanted by now. Sent
/// twice at most.
pub(crate) async fn apply(world: &World<'_>, mut agent: Agent, wanted: &Wanted) -> Result<bool, Error> {
    let mut failed: Option<claude_platform::Error> = None;
    for _ in 0..2 {
        let Some(update) = wanted.change_for(&agent)? else { return Ok(failed.is_some()) };
        match world.client.update_agent(&agent.id, &update).await {
            Ok(answer) => return confirm(&answer, wanted).map(|()| true),
            Err(error) if error.kind == Kind::Conflict || error.may_have_happened() => {
                world.log.progress(&format!("{error}; reading the agent again"));
                world.pause(Duration::from_millis(500)).await;
                agent = world.client.agent(&agent.id).await?;
                failed = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match (wanted.change_for(&agent)?, failed) {
        (Some(_), Some(error)) => Err(error.into()),
        _ => Ok(true),
    }
}

/// The entry in the answer is what counts: it may still follow `latest`.
fn confirm(answer: &Agent, wanted: &Wanted) -> Result<(), Error> {
    let found = version(answer, &wanted.skill)?;
    if found == Some(wanted.version.as_str()) {
        return Ok(());
    }
    let (id, found) = (padel::text::line(&answer.id, 80), padel::text::line(found.unwrap_or("nothing"), 80));
    let message = format!("the agent `{id}` was changed, but answers with `{found}` as the version");
    Err(Error::new(Code::ServiceChanged, message, "look at the agent with `padel-release status`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_counts_only_when_it_names_the_version_that_was_sent() {
        let wanted = Wanted {
            skill: "skill_1".to_owned(),
            version: "skver_new".to_owned(),
            facts: Facts::default(),
            add: false,
        };
        let confirmed = |skills: Value| {
            let answer = json!({"id": "agent_\u{1b}[2J1", "version": 2, "skills": skills});
            confirm(&serde_json::from_value(answer).unwrap(), &wanted).map_err(|error| error.message)
        };
        let entry = |id: &str, version: Value| json!({"type": "custom", "skill_id": id, "version": version});
        let ours = entry("skill_1", json!("skver_new"));
        assert_eq!(confirmed(json!([entry("skill_2", json!("skver_old")), ours])), Ok(()));
        for (skills, found) in [
            (json!([entry("skill_1", json!("latest"))]), "`latest`"),
            (json!([entry("skill_1", Value::Null)]), "`latest`"),
            (json!([entry("skill_1", json!("skver_old"))]), "`skver_old`"),
            (json!([entry("skill_2", json!("skver_new"))]), "`nothing`"),
            (json!([ours, ours]), "more than once"),
        ] {
            let message = confirmed(skills).unwrap_err();
            assert!(message.contains(found) && !message.contains(char::is_control), "{message}");
        }
    }
}
