//! `status`: a skill's versions and what agents use of them. Only reads.

use std::fmt::{self, Display};

use claude_platform::Agent;
use serde::Serialize;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    error::{Code, Error, from_platform},
    ids,
    ops::{
        agents,
        content::{self, DownloadCache},
        history, pinning, provenance, skills,
    },
    plan, rules,
};

/// The one thing that the step does.
pub(crate) struct Look<'a>(&'a cli::Status, &'a ids::Skill);

impl plan::Action for Look<'_> {
    type State = Option<Overview>;

    async fn perform(
        self,
        overview: &mut Option<Overview>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let found = look(self.0, self.1, context).await?;
        context.answer.tell(overview.insert(found))
    }

    fn part(&self) -> &'static str {
        "status"
    }
}

impl Display for Look<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("read the versions of the skill, and what the agents use of them")
    }
}

/// The document `padel.status/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    skill_id: String,
    display_name: Option<String>,
    /// Newest first.
    versions: Vec<Version>,
    agents: Vec<Follower>,
    /// Reasons why an agent that pins an older version does not drift.
    notes: Vec<String>,
}

/// One version.
#[derive(Debug, Serialize)]
struct Version {
    version: String,
    created_at: Option<String>,
    pinned_by: Vec<String>,
}

/// One agent.
#[derive(Debug, Serialize)]
struct Follower {
    agent: String,
    follows: Follows,
    /// The version that it gets now, if it has the skill.
    version: Option<String>,
    /// `padel_ops` in its metadata.
    release: Option<String>,
    archived: bool,
}

/// The relation of an agent to the newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Follows {
    /// Pins the newest, or an older one that is none the worse: the notes say why.
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

impl Step for cli::Status {
    const NAME: &'static str = "status";
    type Action<'a> = Look<'a>;
    type State = Option<Overview>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, None)
    }

    fn plan(&self, _: &mut Option<Overview>, _: Answer) -> Result<Option<Vec<Look<'_>>>, Error> {
        Ok(Some(
            self.skill.iter().map(|skill| Look(self, skill)).collect(),
        ))
    }

    fn document(overview: &Option<Overview>) -> impl Serialize {
        overview
    }

    fn has_results(overview: &Option<Overview>) -> bool {
        overview.is_some()
    }
}

impl Display for Overview {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.display_name.as_deref().unwrap_or_default();
        writeln!(out, "{} {name}", self.skill_id)?;
        for (place, version) in self.versions.iter().enumerate() {
            let time = version.created_at.as_deref().unwrap_or_default();
            let newest = if place == 0 { " newest" } else { "" };
            write!(out, "  {} {time}{newest}", version.version)?;
            if !version.pinned_by.is_empty() {
                write!(out, " pinned by {}", version.pinned_by.join(", "))?;
            }
            writeln!(out)?;
        }
        let newest = self.versions.first().map(|newest| newest.version.as_str());
        for agent in &self.agents {
            let version = agent.version.as_deref().unwrap_or_default();
            let says = match agent.follows {
                Follows::Newest if newest != Some(version) => {
                    format!("pins {version}, and nothing newer is for it")
                }
                Follows::Newest => format!("pins the newest, {version}"),
                Follows::Older => format!("drifts: pins {version}, which is not the newest"),
                Follows::Unknown => format!("pins {version}, which does not exist"),
                Follows::Latest => format!("follows `latest`, now {version}"),
                Follows::Nothing => "does not have the skill".to_owned(),
            };
            let release = agent.release.as_ref();
            let release = release.map(|release| format!(" (release {release})"));
            let archived = if agent.archived { ", archived" } else { "" };
            let release = release.unwrap_or_default();
            writeln!(out, "{} {says}{release}{archived}", agent.agent)?;
        }
        for note in &self.notes {
            writeln!(out, "{note}")?;
        }
        Ok(())
    }
}

async fn look(
    options: &cli::Status,
    skill: &ids::Skill,
    context: &StepContext<'_>,
) -> Result<Overview, Error> {
    let skill_id = skills::require_skill(&context.client, skill).await?;
    let skill = context
        .client
        .get_skill(&skill_id)
        .await
        .map_err(from_platform)?;
    let versions = context
        .client
        .list_skill_versions(&skill_id)
        .await
        .map_err(from_platform)?;
    let versions = versions.into_iter().map(|version| Version {
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
    let agents = pinning::read_agents(&ids::Agents::merge(&options.agents), context).await?;
    for agent in &agents {
        let pinned = agents::pinned_version(agent, &overview.skill_id)?.map(line);
        let mut versions = overview.versions.iter_mut();
        if let Some(version) = versions.find(|version| Some(&version.version) == pinned.as_ref()) {
            version.pinned_by.push(agent.id.clone());
        }
    }
    let mut downloads = DownloadCache::default();
    for agent in agents {
        let follower = relate(agent, &mut overview, &mut downloads, context).await?;
        overview.agents.push(follower);
    }
    Ok(overview)
}

fn line(text: &str) -> String {
    printable::line(text, 80)
}

/// Relates an agent to the newest version. The reason why an older one is no drift becomes a note.
async fn relate(
    agent: Agent,
    overview: &mut Overview,
    downloads: &mut DownloadCache,
    context: &StepContext<'_>,
) -> Result<Follower, Error> {
    let pinned = agents::pinned_version(&agent, &overview.skill_id)?.map(line);
    let newest = overview
        .versions
        .first()
        .map(|newest| newest.version.clone());
    let place = overview
        .versions
        .iter()
        .position(|version| Some(&version.version) == pinned.as_ref());
    let follows = match (&pinned, place) {
        (None, _) => Follows::Nothing,
        (Some(version), _) if version == "latest" => Follows::Latest,
        (_, None) => Follows::Unknown,
        (_, Some(0)) => Follows::Newest,
        (_, Some(place)) => match excuse(&agent, place, overview, downloads, context).await? {
            Some(why) => {
                overview.notes.push(format!("{}: {why}", agent.id));
                Follows::Newest
            }
            None => Follows::Older,
        },
    };
    Ok(Follower {
        follows,
        version: if follows == Follows::Latest {
            newest
        } else {
            pinned
        },
        release: provenance::of_metadata(&agent.metadata)
            .release
            .as_deref()
            .map(line),
        archived: agent.archived_at.is_some(),
        agent: agent.id,
    })
}

/// Returns why an agent that pins a version at this place, which is not the newest, does not drift:
/// each newer one holds the same files, is a pre-release, which nobody pins, or did not become what
/// `padel-ops` pinned there, as after a trial that failed. None where it drifts, or where that
/// cannot be told.
async fn excuse(
    agent: &Agent,
    place: usize,
    overview: &Overview,
    downloads: &mut DownloadCache,
    context: &StepContext<'_>,
) -> Result<Option<String>, Error> {
    let (skill, version) = (&overview.skill_id, &overview.versions[place].version);
    let mut pins = None;
    let mut reasons = Vec::new();
    for newer in &overview.versions[..place] {
        let files = match (
            downloads.get(&context.client, skill, &newer.version).await,
            downloads.get(&context.client, skill, version).await,
        ) {
            (Ok(newer), Ok(files)) => (newer, files),
            (Err(error), _) | (_, Err(error)) if error.code == Code::NotFound => return Ok(None),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let id = &newer.version;
        if content::hold_same_files(&files.0, &files.1) {
            reasons.push(format!("`{id}` holds the same files as `{version}`"));
            continue;
        }
        if let Some(release) = rules::pre_release(&files.0) {
            reasons.push(format!("`{id}` is the pre-release {release}"));
            continue;
        }
        // Another tool that pins a version leaves the metadata of ours as they are.
        let release = provenance::of_metadata(&agent.metadata).release;
        let is_ours = release.is_some() && release == rules::stated_version(&files.1);
        if !is_ours || !newer.pinned_by.is_empty() {
            return Ok(None);
        }
        if pins.is_none() {
            pins = Some(history::list_pins(&context.client, agent, skill).await?);
        }
        let mut earlier = pins.iter().flatten();
        reasons.push(match earlier.any(|pin| pin.version == *id) {
            true => format!("`{id}` is newer and was pinned here; `{version}` was pinned after it"),
            false => format!(
                "`{id}` is newer, and was never pinned here: its trial failed, or it was not tried"
            ),
        });
    }
    Ok(Some(reasons.join(", ")))
}
