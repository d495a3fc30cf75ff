//! A zip becomes a version of its skill, once.

use std::{cmp::Ordering, fmt};

use claude_platform::Agent;
use serde::Serialize;

use super::{
    agents,
    content::{self, Comparison},
    history,
    package::Package,
    record, skills, upload,
};
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
    rules,
    source::Tree,
};

/// The version that holds the zip's files.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Published {
    pub(crate) skill_id: String,
    pub(crate) version: String,
    /// True when it was there already, so that nothing was sent.
    pub(crate) skipped: bool,
    /// True when the skill was made for it.
    created: bool,
    /// True for a pre-release, which is never pinned.
    pub(crate) pre_release: bool,
}

impl fmt::Display for Published {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            skill_id, version, ..
        } = self;
        match (self.skipped, self.created) {
            (true, _) => writeln!(
                out,
                "unchanged: {version} of {skill_id} holds the same files"
            ),
            (_, true) => writeln!(out, "made {skill_id} with {version}"),
            _ => writeln!(out, "published {version} of {skill_id}"),
        }
    }
}

/// Publishes the zip as a version of the skill, which is made where there is no id of it.
///
/// With the look for the skill, that is three requests when nothing has changed: skills, newest
/// version, its content. Where that comes back as other files than were sent, `agents` may remember
/// the zip of which the version was made.
pub(crate) async fn publish_zip(
    skill: Option<String>,
    package: &Package,
    agents: &[Agent],
    context: &StepContext<'_>,
) -> Result<Published, Error> {
    let created = skill.is_none();
    let (skill_id, version, skipped) = match skill {
        Some(id) => {
            let (version, skipped) = publish_version(&id, package, agents, context).await?;
            (id, version, skipped)
        }
        None => {
            let (skill_id, version) = upload::create_skill(context, package).await?;
            (skill_id, version, false)
        }
    };
    record::record_publication(package, (&skill_id, &version), context);
    Ok(Published {
        skill_id,
        version,
        skipped,
        created,
        pre_release: rules::pre_release(&package.tree).is_some(),
    })
}

/// Gives the version, and whether it was there already.
async fn publish_version(
    skill: &str,
    package: &Package,
    agents: &[Agent],
    context: &StepContext<'_>,
) -> Result<(String, bool), Error> {
    let newest = context
        .client
        .list_newest_versions(skill, 1)
        .await
        .map_err(from_platform)?;
    let Some(newest) = newest.into_iter().next() else {
        return Ok((
            upload::create_version(context, skill, None, package).await?,
            false,
        ));
    };
    if let Some(name) = newest.name.as_deref().filter(|name| *name != package.name) {
        let (name, zips) = (printable::line(name, 80), &package.name);
        let message = format!("the skill `{skill}` is named `{name}`, and the zip's is `{zips}`");
        let hint = "a skill keeps its name: choose the other skill or the other zip";
        return Err(Error::new(Code::Conflict, message, hint));
    }
    let base = skills::check_id(&newest.id)?;
    let there = content::download_version(&context.client, skill, &base).await?;
    let is_there = match content::compare_trees(&package.tree, &there) {
        Comparison::Same => true,
        Comparison::Normalised(what) => {
            context.log.progress(&format!(
                "`{base}` holds the same files; the platform gives them back with {what}"
            ));
            true
        }
        Comparison::Different if record::is_recorded(package, (skill, &base), context) => true,
        Comparison::Different => {
            let zips = history::list_zips(&context.client, agents, skill).await?;
            zips.get(&base)
                .and_then(Option::as_ref)
                .is_some_and(|zip| zip.eq_ignore_ascii_case(&package.sha256))
        }
    };
    if is_there {
        let twin = find_pinned_twin(skill, &base, package, agents, context).await?;
        return Ok((twin.unwrap_or(base), true));
    }
    refuse_downgrade(package, &there, (skill, &base), context)?;
    let version = upload::create_version(context, skill, Some(&newest), package).await?;
    Ok((version, false))
}

/// The version that all agents pin, where that is another one than `newest`, made of the same zip:
/// a run whose answer was lost may have left such a twin, and nothing is better about it.
async fn find_pinned_twin(
    skill: &str,
    newest: &str,
    package: &Package,
    agents: &[Agent],
    context: &StepContext<'_>,
) -> Result<Option<String>, Error> {
    let mut pinned = Vec::new();
    for agent in agents {
        pinned.push(agents::pinned_version(agent, skill)?.unwrap_or_default());
    }
    pinned.dedup();
    let [version] = pinned[..] else {
        return Ok(None);
    };
    if matches!(version, "" | "latest") || version == newest {
        return Ok(None);
    }
    let zips = history::list_zips(&context.client, agents, skill).await?;
    let is_twin = zips
        .get(version)
        .is_some_and(|zip| zip.as_ref() == Some(&package.sha256));
    if is_twin {
        skills::check_id(version).map(Some)
    } else {
        Ok(None)
    }
}

/// Stops before a newer release is followed by an older one, as when the jobs of an older tag are
/// run again: agents would go back unasked. Two contents of one release are only pointed out: while
/// a release is made, that is usual.
fn refuse_downgrade(
    package: &Package,
    there: &Tree,
    (skill, version): (&str, &str),
    context: &StepContext<'_>,
) -> Result<(), Error> {
    let releases = [&package.tree, there]
        .map(|tree| semver::Version::parse(&rules::stated_version(tree)?).ok());
    let [Some(ours), Some(theirs)] = releases else {
        return Ok(());
    };
    match theirs.cmp_precedence(&ours) {
        Ordering::Less => {}
        Ordering::Equal => context.log.warning(&format!(
            "`{version}` holds other files of the same release {ours}: the trial tells them apart \
             by their checksums, people cannot; raise the version where that matters"
        )),
        Ordering::Greater => {
            let message = format!(
                "the skill's newest version `{version}` is release {theirs}, the zip's is {ours}"
            );
            let back =
                context.hint_command(&format!("rollback --skill {skill} --agent AGENT --execute"));
            let back = if rules::pre_release(there).is_some() {
                "no agent pins that pre-release".to_owned()
            } else {
                format!("agents go back with {back}")
            };
            let hint =
                format!("{back}; to publish these files, raise their version above {theirs}");
            return Err(Error::new(Code::Conflict, message, hint));
        }
    }
    Ok(())
}
