//! Sends a zip so that no lost answer and no second run at the same time makes two versions that
//! are both used.
//!
//! The platform knows no idempotency key. So an answer that is missing is looked for among the
//! versions before the zip is sent again, and of equal versions that are new the oldest is the one.
//! Nothing is sent sooner than the platform asks for, nor at all when it asks for that.

use claude_platform::{Kind, SkillVersion};

use super::{
    content::{self, Comparison},
    creation::{WAITS, await_arrival, explain_failure, is_final},
    package::Package,
    skills,
};
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// Makes a version after the one that was newest, `base`. That may be another run's twin, which is
/// gone soon.
pub(crate) async fn create_version(
    context: &StepContext<'_>,
    skill: &str,
    base: Option<&SkillVersion>,
    package: &Package,
) -> Result<String, Error> {
    let mut failed = None;
    for wait in WAITS {
        let sent = context
            .client
            .create_version(skill, package.archive())
            .await;
        let ours = await_arrival(sent, wait, &mut failed, context).await?;
        let versions = context
            .client
            .list_skill_versions(skill)
            .await
            .map_err(from_platform)?;
        let is_new = |version: &SkillVersion| {
            base.is_none_or(|base| version.id != base.id && version.created_at >= base.created_at)
        };
        let mut new: Vec<_> = versions.into_iter().take_while(is_new).collect();
        // The list may lag behind: each run must see the same order, for of twins each deletes its
        // own.
        if let Some(ours) = ours
            .as_ref()
            .filter(|ours| new.iter().all(|version| version.id != ours.id))
        {
            let older = new
                .iter()
                .position(|version| version.created_at <= ours.created_at);
            new.insert(older.unwrap_or(new.len()), ours.clone());
        }
        let ours = ours
            .map(|version| skills::check_id(&version.id))
            .transpose()?;
        let oldest = find_oldest_equal(context, skill, &new, ours.as_deref(), package).await?;
        if let (Some(oldest), Some(twin)) =
            (&oldest, ours.filter(|ours| Some(ours) != oldest.as_ref()))
        {
            delete_twin(context, skill, &twin, oldest).await;
        }
        if let Some(version) = oldest {
            return Ok(version);
        }
        if is_final(failed.as_ref()) {
            break;
        }
    }
    Err(explain_failure(failed, "the version was not made"))
}

/// Of versions, newest first. `ours` is known to be equal.
async fn find_oldest_equal(
    context: &StepContext<'_>,
    skill: &str,
    new: &[SkillVersion],
    ours: Option<&str>,
    package: &Package,
) -> Result<Option<String>, Error> {
    for version in new.iter().rev() {
        let id = skills::check_id(&version.id)?;
        if ours == Some(&id)
            || content::compare_trees(
                &package.tree,
                &content::download_version(&context.client, skill, &id).await?,
            ) != Comparison::Different
        {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Takes away the version that this run made beside an equal one of another run. Nobody can use it
/// yet.
async fn delete_twin(context: &StepContext<'_>, skill: &str, twin: &str, used: &str) {
    match context.client.delete_version(skill, twin).await {
        Err(error) if error.kind != Kind::NotFound => context.log.warning(&format!(
            "another run published the same files first: `{used}` is used; its twin `{twin}`, \
             made here, could not be deleted ({error}) and does no harm"
        )),
        _ => context.log.progress(&format!(
            "another run published the same files first: `{used}` is used; its twin `{twin}`, \
             made here, is deleted"
        )),
    }
}

/// Makes a skill with its first version, when there was none of the name. Gives the ids of both.
///
/// Of several that are made at the same time the oldest is the one, which each run sees, for it
/// knows its own also where the list lags behind. What this run made in vain it takes away again,
/// and nothing else.
pub(crate) async fn create_skill(
    context: &StepContext<'_>,
    package: &Package,
) -> Result<(String, String), Error> {
    let name = Some(package.name.as_str());
    let mut failed = None;
    for wait in WAITS {
        let sent = context.client.create_skill(package.archive(), name).await;
        let made = await_arrival(sent, wait, &mut failed, context).await?;
        let ours = made.as_ref().map(|skill| skill.id.clone());
        let mut found = context.client.list_skills().await.map_err(from_platform)?;
        found.retain(|skill| {
            skill.display_name.as_deref() == name && Some(&skill.id) != ours.as_ref()
        });
        found.extend(made);
        found.sort_by(|one, other| (&one.created_at, &one.id).cmp(&(&other.created_at, &other.id)));
        let mut found = found.into_iter().map(|skill| skill.id);
        let id = match found.next() {
            Some(first) => skills::check_id(&first)?,
            None if is_final(failed.as_ref()) => break,
            None => continue,
        };
        for twin in found {
            delete_twin_skill(context, &twin, Some(&twin) == ours.as_ref(), &id).await;
        }
        let newest = context
            .client
            .list_newest_versions(&id, 1)
            .await
            .map_err(from_platform)?
            .into_iter()
            .next();
        let newest = newest.ok_or_else(|| explain_failure(None, "the new skill has no version"))?;
        let version = skills::check_id(&newest.id)?;
        if ours.as_ref() != Some(&id)
            && content::compare_trees(
                &package.tree,
                &content::download_version(&context.client, &id, &version).await?,
            ) == Comparison::Different
        {
            let message = format!(
                "another run makes the skill `{}` with other files at the same time",
                package.name
            );
            let hint = "run the same command again";
            return Err(Error::new(Code::Conflict, message, hint));
        }
        return Ok((id, version));
    }
    Err(explain_failure(failed, "the skill was not made"))
}

/// Takes away a skill beside the one of the name, when this run made it. Tells what there is to do
/// otherwise.
async fn delete_twin_skill(context: &StepContext<'_>, twin: &str, is_ours: bool, used: &str) {
    let shown = printable::line(twin, 80);
    let left = match is_ours {
        true => match context.client.delete_skill(twin).await {
            Ok(()) => {
                return context.log.progress(&format!(
                    "another run made the skill first: `{shown}`, made here, is deleted"
                ));
            }
            Err(error) => format!("`{shown}`, made here, could not be deleted ({error})"),
        },
        false => format!("`{shown}` is not used; its run may still delete it"),
    };
    context.log.warning(&format!(
        "another run made a skill of the same name: {left}; while both are there, use --skill \
         {used}, and when no run is at work any more, send `DELETE /v1/skills/{shown}`"
    ));
}
