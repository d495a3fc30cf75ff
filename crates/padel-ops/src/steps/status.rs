//! `status`: a skill's versions and what agents use of them. Only reads.

use serde::Serialize;

use super::pin;
use crate::{
    cli,
    error::{Code, Error, from_platform},
    ids,
    ops::{
        agents,
        content::{self, Downloads},
        skills,
    },
    report::Report,
    rules,
    world::World,
};

/// The document `padel.status/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    pub(crate) skill_id: String,
    pub(crate) display_name: Option<String>,
    /// Newest first.
    pub(crate) versions: Vec<Version>,
    pub(crate) agents: Vec<Follower>,
    /// Why an agent that pins an older version does not drift.
    pub(crate) notes: Vec<String>,
}

/// One version.
#[derive(Debug, Serialize)]
pub(crate) struct Version {
    pub(crate) version: String,
    pub(crate) created_at: Option<String>,
    pub(crate) pinned_by: Vec<String>,
}

/// One agent.
#[derive(Debug, Serialize)]
pub(crate) struct Follower {
    pub(crate) agent: String,
    pub(crate) follows: Follows,
    /// The version that it gets now, if it has the skill.
    pub(crate) version: Option<String>,
    /// `padel_ops` in its metadata.
    pub(crate) release: Option<String>,
    pub(crate) archived: bool,
}

/// How an agent relates to the newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Follows {
    /// Pins the newest, or the same files, or the newest that is no pre-release.
    Newest,
    /// Pins an older one: drift.
    Older,
    /// Pins one that is not listed.
    Unknown,
    /// Gets each version as soon as it is published.
    Latest,
    /// Lacks the skill.
    Nothing,
}

pub(super) async fn run(
    step: &cli::Status,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let skill_id = skills::require(&world.client, &step.target.skill).await?;
    let skill = world.client.skill(&skill_id).await.map_err(from_platform)?;
    let line = |text: &str| printable::line(text, 80);
    let versions = world
        .client
        .skill_versions(&skill_id)
        .await
        .map_err(from_platform)?
        .into_iter()
        .map(|version| Version {
            version: line(&version.id),
            created_at: version.created_at.as_deref().map(line),
            pinned_by: Vec::new(),
        });
    let mut overview = Overview {
        skill_id,
        display_name: skill.display_name.as_deref().map(line),
        versions: versions.collect(),
        agents: Vec::new(),
        notes: Vec::new(),
    };
    let newest = overview
        .versions
        .first()
        .map(|version| version.version.clone());
    let mut downloads = Downloads::default();
    for agent in pin::read(&ids::Agents::all(&step.agents), world).await? {
        let pinned = agents::version(&agent, &overview.skill_id)?.map(line);
        let equal = match &pinned {
            Some(version) if Some(version) != newest.as_ref() => {
                is_as_good_as_newest(version, &overview, &mut downloads, world).await?
            }
            _ => None,
        };
        let listed = overview
            .versions
            .iter_mut()
            .find(|version| Some(&version.version) == pinned.as_ref());
        let follows = match (&pinned, &listed) {
            (None, _) => Follows::Nothing,
            (Some(version), _) if version == "latest" => Follows::Latest,
            (_, None) => Follows::Unknown,
            (pinned, Some(_)) if *pinned == newest || equal.is_some() => Follows::Newest,
            _ => Follows::Older,
        };
        if let Some(why) = equal {
            overview.notes.push(format!("{}: {why}", agent.id));
        }
        listed
            .into_iter()
            .for_each(|version| version.pinned_by.push(agent.id.clone()));
        overview.agents.push(Follower {
            follows,
            version: if follows == Follows::Latest {
                newest.clone()
            } else {
                pinned
            },
            release: agent
                .metadata
                .get("padel_ops")
                .and_then(|value| value.as_str())
                .map(line),
            archived: agent.archived_at.is_some(),
            agent: agent.id,
        });
    }
    report.status = Some(overview);
    Ok(())
}

/// Why a version that is not the newest is none the worse for it: those that are newer hold the
/// same files, or are pre-releases, which nobody pins. None where it is older, or where that cannot
/// be told.
async fn is_as_good_as_newest(
    version: &str,
    overview: &Overview,
    downloads: &mut Downloads,
    world: &World<'_>,
) -> Result<Option<String>, Error> {
    let Some(place) = overview
        .versions
        .iter()
        .position(|known| known.version == version)
    else {
        return Ok(None);
    };
    let skill = &overview.skill_id;
    let mut reasons = Vec::new();
    for newer in overview.versions[..place]
        .iter()
        .map(|newer| &newer.version)
    {
        let files = match (
            downloads.get(&world.client, skill, newer).await,
            downloads.get(&world.client, skill, version).await,
        ) {
            (Ok(newer), Ok(files)) => (newer, files),
            (Err(error), _) | (_, Err(error)) if error.code == Code::NotFound => return Ok(None),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        reasons.push(if content::are_equal(&files.0, &files.1) {
            format!("`{newer}` holds the same files as `{version}`")
        } else if let Some(release) = rules::pre_release(&files.0) {
            format!("`{newer}` is the pre-release {release}")
        } else {
            return Ok(None);
        });
    }
    Ok(Some(reasons.join(", ")))
}
