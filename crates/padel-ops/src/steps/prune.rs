//! `prune`: old versions go, but none that an agent may need.

use std::{collections::BTreeMap, fmt};

use claude_platform::{Agent, Kind};
use serde::Serialize;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::StepContext,
    error::{Error, from_platform},
    ids,
    ops::{
        agents,
        history::{self, PastPin},
        pinning, skills,
    },
    plan,
};

/// The versions that there are, and those that were deleted.
#[derive(Default)]
pub(crate) struct State {
    skill: String,
    /// Newest first.
    versions: Vec<String>,
    pruned: Option<Pruned>,
}

/// Versions, newest first.
#[derive(Debug, Serialize)]
struct Pruned {
    skill_id: String,
    deleted: Vec<String>,
    kept: Vec<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    prune: &'a Option<Pruned>,
}

/// One version, and what becomes of it.
pub(crate) enum Action {
    Delete(Version),
    Keep {
        version: Version,
        reason: String,
    },
    /// All are kept.
    DeleteNothing {
        skill: String,
    },
}

pub(super) struct Version {
    id: String,
    created_at: Option<String>,
}

impl plan::Action for Action {
    type State = State;

    async fn perform(self, state: &mut State, context: &StepContext<'_>) -> Result<(), Error> {
        let pruned = state.pruned.get_or_insert_with(|| Pruned {
            skill_id: state.skill.clone(),
            deleted: Vec::new(),
            kept: Vec::new(),
        });
        let version = match self {
            Self::DeleteNothing { .. } => return Ok(()),
            Self::Keep { version, .. } => {
                pruned.kept.push(version.id);
                return Ok(());
            }
            Self::Delete(version) => version.id,
        };
        // There is no lock on a version: this leaves the time of one request.
        if in_use(&state.skill, context).await?.contains(&version) {
            let kept = format!("`{version}` came into use meanwhile and is kept");
            context.log.warning(&kept);
            pruned.kept.push(version);
            return Ok(());
        }
        match context.client.delete_version(&state.skill, &version).await {
            // Gone is gone: an answer may have been lost.
            Err(error) if error.kind != Kind::NotFound => return Err(from_platform(error)),
            _ => pruned.deleted.push(version),
        }
        Ok(())
    }

    fn part(&self) -> &'static str {
        "prune"
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete(version) => {
                write!(out, "delete {version}, unless an agent came to use it")
            }
            Self::Keep { version, reason } => write!(out, "keep {version}: {reason}"),
            Self::DeleteNothing { skill } => write!(out, "delete nothing of `{skill}`"),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`", self.id)?;
        match &self.created_at {
            Some(time) => write!(out, " of {time}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Pruned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for version in &self.deleted {
            writeln!(out, "deleted {version}")?;
        }
        for version in &self.kept {
            writeln!(out, "kept {version}")?;
        }
        Ok(())
    }
}

impl Step for cli::Prune {
    const NAME: &'static str = "prune";
    type Action<'a> = Action;
    type State = State;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    /// The deletions first, the oldest version before the others; then what is kept.
    async fn plan_by_reading(
        &self,
        state: &mut State,
        context: &StepContext<'_>,
    ) -> Result<Vec<Action>, Error> {
        state.skill = skills::require_skill(&context.client, &self.target.skill).await?;
        let mut versions = Vec::new();
        for version in context
            .client
            .list_skill_versions(&state.skill)
            .await
            .map_err(from_platform)?
        {
            let time = version.created_at.as_deref();
            versions.push(Version {
                id: skills::check_id(&version.id)?,
                created_at: time.map(|time| printable::line(time, 40)),
            });
        }
        state.versions = versions.iter().map(|version| version.id.clone()).collect();
        let mut reasons = find_reasons(self, state, context).await?;
        let (mut deleted, mut kept) = (Vec::new(), Vec::new());
        for version in versions {
            match reasons.remove(&version.id) {
                Some(reason) => kept.push(Action::Keep { version, reason }),
                None => deleted.push(Action::Delete(version)),
            }
        }
        deleted.reverse();
        if deleted.is_empty() {
            let skill = state.skill.clone();
            deleted.push(Action::DeleteNothing { skill });
        }
        deleted.extend(kept);
        Ok(deleted)
    }

    fn conclude(
        &self,
        state: &mut State,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Some(pruned) = &mut state.pruned else {
            return outcome;
        };
        for list in [&mut pruned.deleted, &mut pruned.kept] {
            list.sort_by_key(|version| state.versions.iter().position(|known| known == version));
        }
        outcome.and(context.answer.tell(&*pruned))
    }

    fn document(state: &State) -> impl Serialize {
        Document {
            prune: &state.pruned,
        }
    }
}

/// Finds the versions that stay, each with the reason.
async fn find_reasons(
    options: &cli::Prune,
    state: &State,
    context: &StepContext<'_>,
) -> Result<BTreeMap<String, String>, Error> {
    let keep = options.keep;
    let mut reasons = BTreeMap::new();
    let newest = state.versions.iter().enumerate();
    for (place, version) in newest.take(usize::try_from(keep).unwrap_or(usize::MAX)) {
        let reason = match place {
            0 => "it is the newest".to_owned(),
            _ => format!("it is one of the newest {keep}"),
        };
        reasons.insert(version.clone(), reason);
    }
    for agent in list_users(options, &state.skill, context).await? {
        let pins = history::list_pins(&context.client, &agent, &state.skill).await?;
        for (place, pin) in needed(pins).into_iter().enumerate() {
            let when = if place == 0 {
                "pins it"
            } else {
                "pinned it before"
            };
            let reason = format!("`{}` {when}", agent.id);
            reasons.entry(pin.version).or_insert(reason);
        }
    }
    Ok(reasons)
}

/// Returns the version that the agent pins, and those that it would go back to: the newest of other
/// contents, with their twins, as far as the zips are known.
fn needed(pins: Vec<PastPin>) -> Vec<PastPin> {
    let first = pins
        .first()
        .and_then(|pin| pin.provenance.zip.as_deref())
        .map(str::to_owned);
    let other = pins
        .iter()
        .skip(1)
        .position(|pin| first.is_none() || pin.provenance.zip.as_deref() != first.as_deref());
    let count = other.map_or(pins.len(), |place| place + 2);
    pins.into_iter().take(count).collect()
}

/// The agents that have the skill, and those that are named: one that is archived or lacks the
/// skill may have it still, in a session that runs or in somebody's plans.
async fn list_users(
    step: &cli::Prune,
    skill: &str,
    context: &StepContext<'_>,
) -> Result<Vec<Agent>, Error> {
    let mut found = pinning::read_agents(&ids::Agents::merge(&step.agents), context).await?;
    for agent in context.client.list_agents().await.map_err(from_platform)? {
        if agents::pinned_version(&agent, skill)?.is_some()
            && found.iter().all(|known| known.id != agent.id)
        {
            found.push(agent);
        }
    }
    Ok(found)
}

/// The versions that the workspace's agents get now: the newest where one follows `latest`.
async fn in_use(skill: &str, context: &StepContext<'_>) -> Result<Vec<String>, Error> {
    let mut used = Vec::new();
    for agent in context.client.list_agents().await.map_err(from_platform)? {
        used.extend(agents::pinned_version(&agent, skill)?.map(str::to_owned));
    }
    if used.iter().any(|version| version == "latest") {
        used.push(
            context
                .client
                .get_skill_version(skill, "latest")
                .await
                .map_err(from_platform)?
                .id,
        );
    }
    Ok(used)
}
