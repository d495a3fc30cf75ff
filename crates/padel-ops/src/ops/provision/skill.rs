//! The version of the skill that the agent gets: the one that it has, the one that the lock names,
//! else the newest release.

use claude_platform::{Agent, Kind};

use crate::{
    SKILL,
    context::StepContext,
    deploy::Lock,
    error::{Code, Error, from_platform},
    ids,
    ops::{agents, content, provenance, skills},
    rules,
    source::Tree,
};

/// The most versions that are looked at for one that is a release.
const LOOKED_AT: usize = 5;

/// A version of the skill.
#[derive(Debug, Clone)]
pub(crate) struct ChosenSkill {
    pub(crate) id: String,
    pub(crate) version: String,
    /// The pairs of an agent's metadata that tell where it comes from, where that is known.
    pub(crate) provenance: Vec<(&'static str, String)>,
}

/// Chooses the version. A pre-release is never chosen unless the agent has it already.
///
/// # Errors
///
/// `not_found` with the command that publishes, when there is none.
pub(crate) async fn choose_skill(
    lock: &Lock,
    agent: Option<&Agent>,
    context: &StepContext<'_>,
) -> Result<ChosenSkill, Error> {
    let (id, versions) = list_versions(lock, context).await?;
    let pinned = match agent {
        Some(agent) => agents::pinned_version(agent, &id)?,
        None => None,
    };
    let known = [pinned, lock.skill_version.as_deref()]
        .into_iter()
        .flatten();
    for version in known {
        if versions.iter().any(|it| it == version) {
            return Ok(ChosenSkill {
                id,
                version: version.to_owned(),
                provenance: Vec::new(),
            });
        }
    }
    for version in versions.iter().take(LOOKED_AT) {
        let files = content::download_version(&context.client, &id, version).await?;
        if rules::pre_release(&files).is_none() {
            return Ok(ChosenSkill {
                version: version.clone(),
                provenance: list_pairs(&files)?,
                id,
            });
        }
    }
    Err(not_published("no release of it was published", context))
}

/// Returns the skill's id and its versions, newest first.
async fn list_versions(
    lock: &Lock,
    context: &StepContext<'_>,
) -> Result<(String, Vec<String>), Error> {
    let client = &context.client;
    let mut candidates: Vec<String> = lock.skill_id.iter().cloned().collect();
    if candidates.is_empty() {
        candidates.extend(find_by_name(context).await?);
    }
    while let Some(id) = candidates.pop() {
        match client.list_skill_versions(&id).await {
            Ok(versions) => {
                let ids = versions.iter().map(|version| skills::check_id(&version.id));
                return Ok((id, ids.collect::<Result<_, _>>()?));
            }
            // Deleted since the lock was written, and published again perhaps.
            Err(error) if error.kind == Kind::NotFound && lock.skill_id.as_ref() == Some(&id) => {
                let found = find_by_name(context).await?;
                candidates.extend(found.filter(|found| *found != id));
            }
            Err(error) => return Err(from_platform(error)),
        }
    }
    Err(not_published(
        "the workspace has no skill of the name",
        context,
    ))
}

async fn find_by_name(context: &StepContext<'_>) -> Result<Option<String>, Error> {
    skills::find_skill(&context.client, &ids::Skill::Name(SKILL.to_owned())).await
}

fn not_published(what: &str, context: &StepContext<'_>) -> Error {
    let message = format!("the agent needs the skill `{SKILL}`, and {what}");
    let hint = format!(
        "publish it with it: {}",
        context.hint_command("up --publish dist/pslc-padel.zip --execute")
    );
    Error::new(Code::NotFound, message, hint)
}

/// Returns what an agent's metadata tell of a version.
pub(crate) fn list_pairs(files: &Tree) -> Result<Vec<(&'static str, String)>, Error> {
    let provenance = provenance::of_download(files, None)?;
    let pairs = provenance.pairs().into_iter();
    Ok(pairs
        .filter_map(|(key, value)| Some((key, value?.to_owned())))
        .collect())
}
