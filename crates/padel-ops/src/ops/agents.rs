//! One entry of an agent's skills: found, replaced, and seen to be replaced.

use std::time::Duration;

use claude_platform::{Agent, AgentFields, AgentUpdate, Kind, SkillEntry};
use serde_json::Value;

use super::{
    content,
    provenance::{KEYS, Provenance},
    skills,
};
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// The platform's limit.
const MAX_PAIRS: usize = 16;
/// The wait before an agent is read again, when the platform states no longer one.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The version of the skill that an agent should pin.
#[derive(Debug, Clone, Default)]
pub(crate) struct DesiredPin {
    pub(crate) skill: String,
    pub(crate) version: String,
    pub(crate) provenance: Provenance,
    /// True when an agent that lacks the skill gets it.
    pub(crate) add: bool,
}

impl DesiredPin {
    /// Returns what to send: all skills with one entry replaced, and the pairs of metadata that
    /// differ, unknown ones removed with the old version. None when all is as desired.
    pub(crate) fn update_for(&self, agent: &Agent) -> Result<Option<AgentUpdate>, Error> {
        if agent.archived_at.is_some() {
            let message = format!("the agent `{}` is archived and cannot be changed", agent.id);
            let hint = "name an agent that is in use";
            return Err(Error::new(Code::Conflict, message, hint));
        }
        let mut skills = agent.skills.clone();
        match find_entry(agent, &self.skill)? {
            Some(place) => skills[place].set_version(&self.version),
            None if self.add => skills.push(SkillEntry::custom(&self.skill, &self.version)),
            None => {
                let message = format!(
                    "the agent `{}` does not have the skill `{}`",
                    agent.id, self.skill
                );
                let hint = "add --add to give it the skill";
                return Err(Error::new(Code::NotFound, message, hint));
            }
        }
        let pinned = pinned_version(agent, &self.skill)? == Some(self.version.as_str());
        let pairs = self.provenance.pairs().map(|(key, value)| {
            let known = agent.metadata.get(key).and_then(Value::as_str);
            (key, value, known)
        });
        // What we do not know stays when it was told of this version: of another one, it is wrong
        // of this one.
        let is_denied = pairs
            .iter()
            .any(|(_, value, known)| value.is_some() && known.is_some() && value != known);
        let keeps_unknown = pinned && !is_denied;
        let metadata: serde_json::Map<String, Value> = pairs
            .into_iter()
            .filter(|(_, value, known)| value != known && (value.is_some() || !keeps_unknown))
            .map(|(key, value, _)| (key.to_owned(), value.map_or(Value::Null, Value::from)))
            .collect();
        let kept = agent
            .metadata
            .keys()
            .filter(|key| !metadata.contains_key(*key))
            .count();
        if kept + metadata.values().filter(|value| !value.is_null()).count() > MAX_PAIRS {
            let message = format!(
                "the metadata of the agent `{}` has no room for {}",
                agent.id,
                KEYS.join(", ")
            );
            let hint = "remove pairs of it: the platform allows 16";
            return Err(Error::new(Code::Conflict, message, hint));
        }
        Ok((!pinned || !metadata.is_empty()).then_some(AgentUpdate {
            version: agent.version,
            fields: AgentFields {
                skills: Some(skills),
                metadata,
                ..AgentFields::default()
            },
        }))
    }

    /// Refuses to overwrite what somebody else did to the skill's entry after the agent was `seen`.
    ///
    /// Gives the version that is there now when nothing is left to do, for it holds the same files:
    /// another run made a twin, and pinned it first. A version that does not exist any more, such
    /// as a twin that its own run took away, is overwritten.
    pub(crate) async fn check_undisturbed(
        &self,
        seen: &Agent,
        now: &Agent,
        context: &StepContext<'_>,
    ) -> Result<Option<String>, Error> {
        let (before, found) = (
            pinned_version(seen, &self.skill)?,
            pinned_version(now, &self.skill)?,
        );
        if found == before || found == Some(self.version.as_str()) {
            return Ok(None);
        }
        if let Some(twin) = found.filter(|found| *found != "latest") {
            let twin = skills::check_id(twin)?;
            match content::download_version(&context.client, &self.skill, &twin).await {
                Ok(files) => {
                    let ours =
                        content::download_version(&context.client, &self.skill, &self.version);
                    if content::hold_same_files(&files, &ours.await?) {
                        return Ok(Some(twin));
                    }
                }
                Err(error) if error.code == Code::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let told = [Some(now.id.as_str()), before, found];
        let [id, before, found] = told.map(|text| printable::line(text.unwrap_or("nothing"), 80));
        let message = format!(
            "somebody else changed the skill of the agent `{id}`: `{found}` now, `{before}` a \
             moment ago"
        );
        let hint = format!(
            "look at {}, then run the same command again",
            context.status_command(&self.skill, &[&seen.id])
        );
        Err(Error::new(Code::Conflict, message, hint))
    }
}

/// Returns the place of the skill in the agent's list.
pub(crate) fn find_entry(agent: &Agent, skill: &str) -> Result<Option<usize>, Error> {
    let mut places = agent
        .skills
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.skill_id() == Some(skill));
    let first = places.next().map(|(place, _)| place);
    if places.next().is_some() {
        let id = printable::line(&agent.id, 80);
        let message = format!("the agent `{id}` lists the skill `{skill}` more than once");
        let hint = "remove all but one of the entries";
        return Err(Error::new(Code::Conflict, message, hint));
    }
    Ok(first)
}

/// Returns the agent's skills with this one at this version, replaced or added: what a session gets
/// that tries it.
pub(crate) fn skills_with(
    agent: &Agent,
    skill: &str,
    version: &str,
) -> Result<Vec<SkillEntry>, Error> {
    let mut skills = agent.skills.clone();
    match find_entry(agent, skill)? {
        Some(place) => skills[place].set_version(version),
        None => skills.push(SkillEntry::custom(skill, version)),
    }
    Ok(skills)
}

/// Returns the version that the agent pins: `latest`, or nothing, when it follows the newest.
/// None without the skill.
pub(crate) fn pinned_version<'a>(agent: &'a Agent, skill: &str) -> Result<Option<&'a str>, Error> {
    Ok(find_entry(agent, skill)?.map(|place| agent.skills[place].version().unwrap_or("latest")))
}

/// An agent that pins what is wanted.
#[derive(Debug)]
pub(crate) struct PinOutcome {
    /// The version that the agent pins now: the one that is wanted, or its twin.
    pub(crate) version: String,
    /// The version of the agent that was changed, as [`pinned_version`] tells it.
    pub(crate) before: Option<String>,
    /// True when we changed it; `false` when all was as desired.
    pub(crate) changed: bool,
}

/// An agent that was not seen to have what is desired.
#[derive(Debug)]
pub(crate) struct PinFailure {
    pub(crate) error: Error,
    /// True when it may have it nevertheless: the change was sent, and nothing after that told what
    /// came of it.
    pub(crate) uncertain: bool,
}

impl From<Error> for PinFailure {
    fn from(error: Error) -> Self {
        Self {
            error,
            uncertain: false,
        }
    }
}

/// Changes the agent as it was `seen`.
///
/// On a conflict, and when the answer is lost, the agent is read again first: it may have what is
/// wanted by now. Other changes of it are built upon, another pin of the skill is not. Sent twice
/// at most, and not again when the platform says so, or asks for a longer wait than the client
/// keeps.
pub(crate) async fn pin_agent(
    context: &StepContext<'_>,
    seen: &Agent,
    desired: &DesiredPin,
) -> Result<PinOutcome, PinFailure> {
    let mut agent = seen.clone();
    let mut failed: Option<claude_platform::Error> = None;
    // What the agent had when a change was sent to it whose answer was lost.
    let mut lost = None;
    let mut left = 2;
    loop {
        if let Some(twin) = desired.check_undisturbed(seen, &agent, context).await? {
            return Ok(PinOutcome {
                version: twin.clone(),
                before: Some(twin),
                changed: false,
            });
        }
        let before =
            pinned_version(&agent, &desired.skill)?.map(|version| printable::line(version, 80));
        let Some(update) = desired.update_for(&agent)? else {
            // After a lost answer it was ours; after a conflict somebody else wanted the same.
            let changed = lost.is_some();
            return Ok(PinOutcome {
                version: desired.version.clone(),
                before: lost.unwrap_or(before),
                changed,
            });
        };
        match failed.take() {
            Some(error) if left == 0 => return Err(from_platform(error).into()),
            _ => left -= 1,
        }
        match context.client.update_agent(&agent.id, &update).await {
            Ok(answer) => {
                let look = context.status_command(&desired.skill, &[&agent.id]);
                confirm_pin(&answer, desired, &look).map_err(|error| PinFailure {
                    error,
                    uncertain: true,
                })?;
                return Ok(PinOutcome {
                    version: desired.version.clone(),
                    before,
                    changed: true,
                });
            }
            Err(error) if error.kind == Kind::Conflict || error.may_have_happened() => {
                if error.may_have_happened() {
                    lost = Some(before);
                }
                let uncertain = lost.is_some();
                let wait = context
                    .wait_after(&error, READ_AGAIN_AFTER)
                    .map_err(|error| PinFailure { error, uncertain })?;
                context
                    .log
                    .progress(&format!("{error}; reading the agent again"));
                tokio::time::sleep(wait).await;
                let again = context.client.get_agent(&agent.id).await;
                agent = again.map_err(|error| PinFailure {
                    error: from_platform(error),
                    uncertain,
                })?;
                if error.should_retry == Some(false) {
                    left = 0;
                }
                failed = Some(error);
            }
            Err(error) => return Err(from_platform(error).into()),
        }
    }
}

/// The entry in the answer is what counts: it may still follow `latest`. `look` is the command that
/// shows it.
fn confirm_pin(answer: &Agent, desired: &DesiredPin, look: &str) -> Result<(), Error> {
    let found = pinned_version(answer, &desired.skill)?;
    if found == Some(desired.version.as_str()) {
        return Ok(());
    }
    let (id, found) = (
        printable::line(&answer.id, 80),
        printable::line(found.unwrap_or("nothing"), 80),
    );
    let message =
        format!("the agent `{id}` was changed, but answers with `{found}` as the version");
    let hint = format!("look at the agent with {look}");
    Err(Error::new(Code::ServiceChanged, message, hint))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_answer_with_the_version_sent_confirms_a_pin() {
        let desired = DesiredPin {
            skill: "skill_1".to_owned(),
            version: "skver_new".to_owned(),
            provenance: Provenance::default(),
            add: false,
        };
        let confirmed = |skills: Value| {
            let answer = json!({"id": "agent_\u{1b}[2J1", "version": 2, "skills": skills});
            confirm_pin(&serde_json::from_value(answer).unwrap(), &desired, "")
                .map_err(|error| error.message)
        };
        let entry = |id: &str, version: Value| json!({"type": "custom", "skill_id": id, "version": version});
        let ours = entry("skill_1", json!("skver_new"));
        assert_eq!(
            confirmed(json!([entry("skill_2", json!("skver_old")), ours])),
            Ok(())
        );
        for (skills, found) in [
            (json!([entry("skill_1", json!("latest"))]), "`latest`"),
            (json!([entry("skill_1", Value::Null)]), "`latest`"),
            (json!([entry("skill_1", json!("skver_old"))]), "`skver_old`"),
            (json!([entry("skill_2", json!("skver_new"))]), "`nothing`"),
            (json!([ours, ours]), "more than once"),
        ] {
            let message = confirmed(skills).unwrap_err();
            assert!(
                message.contains(found) && !message.contains(char::is_control),
                "{message}"
            );
        }
    }
}
