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
        agents, facts,
        history::{self, Pinned},
        pinning, skills,
    },
    plan,
};

pub(super) struct Prune<'a> {
    options: &'a cli::Prune,
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
pub(super) enum Action {
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

impl<'a> Prune<'a> {
    pub(super) fn new(options: &'a cli::Prune) -> Self {
        Self {
            options,
            skill: String::new(),
            versions: Vec::new(),
            pruned: None,
        }
    }

    /// Why a version stays, by version.
    async fn find_reasons(
        &self,
        context: &StepContext<'_>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let keep = self.options.keep;
        let mut reasons = BTreeMap::new();
        let newest = self.versions.iter().enumerate();
        for (place, version) in newest.take(usize::try_from(keep).unwrap_or(usize::MAX)) {
            let reason = match place {
                0 => "it is the newest".to_owned(),
                _ => format!("it is one of the newest {keep}"),
            };
            reasons.insert(version.clone(), reason);
        }
        for agent in list_users(self.options, &self.skill, context).await? {
            let pins = history::pins(&context.client, &agent, &self.skill).await?;
            for (place, pin) in needed(pins).into_iter().enumerate() {
                let when = if place == 0 {
                    "pins it"
                } else {
                    "pinned it before"
                };
                let reason = || format!("`{}` {when}", agent.id);
                reasons.entry(pin.version).or_insert_with(reason);
            }
        }
        Ok(reasons)
    }
}

impl Step for Prune<'_> {
    const NAME: &'static str = "prune";
    type Action = Action;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.options.access, Some(&self.options.change))
    }

    /// The deletions first, the oldest version before the others; then what is kept.
    async fn plan_by_reading(&mut self, context: &StepContext<'_>) -> Result<Vec<Action>, Error> {
        self.skill = skills::require(&context.client, &self.options.target.skill).await?;
        let mut versions = Vec::new();
        for version in context
            .client
            .skill_versions(&self.skill)
            .await
            .map_err(from_platform)?
        {
            let time = version.created_at.as_deref();
            versions.push(Version {
                id: skills::plain(&version.id)?,
                created_at: time.map(|time| printable::line(time, 40)),
            });
        }
        self.versions = versions.iter().map(|version| version.id.clone()).collect();
        let mut reasons = self.find_reasons(context).await?;
        let (mut deleted, mut kept) = (Vec::new(), Vec::new());
        for version in versions {
            match reasons.remove(&version.id) {
                Some(reason) => kept.push(Action::Keep { version, reason }),
                None => deleted.push(Action::Delete(version)),
            }
        }
        deleted.reverse();
        if deleted.is_empty() {
            let skill = self.skill.clone();
            deleted.push(Action::DeleteNothing { skill });
        }
        deleted.extend(kept);
        Ok(deleted)
    }

    async fn perform(&mut self, action: Action, context: &StepContext<'_>) -> Result<(), Error> {
        let pruned = self.pruned.get_or_insert_with(|| Pruned {
            skill_id: self.skill.clone(),
            deleted: Vec::new(),
            kept: Vec::new(),
        });
        let version = match action {
            Action::DeleteNothing { .. } => return Ok(()),
            Action::Keep { version, .. } => {
                pruned.kept.push(version.id);
                return Ok(());
            }
            Action::Delete(version) => version.id,
        };
        // There is no lock on a version: this leaves the time of one request.
        if in_use(&self.skill, context).await?.contains(&version) {
            let kept = format!("`{version}` came into use meanwhile and is kept");
            context.log.warning(&kept);
            pruned.kept.push(version);
            return Ok(());
        }
        match context.client.delete_version(&self.skill, &version).await {
            // Gone is gone: an answer may have been lost.
            Err(error) if error.kind != Kind::NotFound => return Err(from_platform(error)),
            _ => pruned.deleted.push(version),
        }
        Ok(())
    }

    fn conclude(
        &mut self,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Some(pruned) = &mut self.pruned else {
            return outcome;
        };
        for list in [&mut pruned.deleted, &mut pruned.kept] {
            list.sort_by_key(|version| self.versions.iter().position(|known| known == version));
        }
        outcome.and(context.answer.tell(&*pruned))
    }

    fn document(&self) -> impl Serialize {
        Document {
            prune: &self.pruned,
        }
    }
}

/// What the agent pins, and what it would go back to: the newest of other contents, with their
/// twins, as far as the zips are known.
fn needed(pins: Vec<Pinned>) -> Vec<Pinned> {
    let first = pins
        .first()
        .and_then(|pin| facts::zip_hash(&pin.facts))
        .map(str::to_owned);
    let other = pins
        .iter()
        .skip(1)
        .position(|pin| first.is_none() || facts::zip_hash(&pin.facts) != first.as_deref());
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
    let mut found = pinning::read_agents(&ids::Agents::all(&step.agents), context).await?;
    for agent in context.client.agents().await.map_err(from_platform)? {
        if agents::version(&agent, skill)?.is_some()
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
    for agent in context.client.agents().await.map_err(from_platform)? {
        used.extend(agents::version(&agent, skill)?.map(str::to_owned));
    }
    if used.iter().any(|version| version == "latest") {
        used.push(
            context
                .client
                .skill_version(skill, "latest")
                .await
                .map_err(from_platform)?
                .id,
        );
    }
    Ok(used)
}
