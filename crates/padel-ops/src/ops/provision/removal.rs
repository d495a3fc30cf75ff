//! Takes one thing of a deployment away, and out of the lock. What may not be deleted is archived,
//! and told.

use claude_platform::Kind;

use super::{
    Outcome, Part, Provision, is_file_of, is_routed,
    resource::{Resource, pick_ours},
    sessions::is_refusal,
};
use crate::{
    context::StepContext,
    error::{Error, from_platform},
    ops::skills::check_id,
};

/// One thing to take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) part: Part,
    pub(crate) id: String,
}

/// Lists all that our metadata and names mark as the deployment's, in the order in which it can go:
/// the schedule first, so that it starts no session any more. What the lock alone names is left, for
/// a lock may come from a merge or from somebody else's change.
pub(crate) async fn list_removals(
    provision: &mut Provision,
    context: &StepContext<'_>,
) -> Result<Vec<Removal>, Error> {
    let client = &context.client;
    let name = provision.declaration.name.clone();
    let schedules = match client.list_deployments().await {
        Err(error) if !is_routed(error.kind, context) => Vec::new(),
        listed => pick(listed, &name)?,
    };
    let agents = pick(client.list_agents().await, &name)?;
    let vaults = pick(client.list_vaults().await, &name)?;
    let environments = pick(client.list_environments().await, &name)?;
    let files = client.list_files().await.map_err(from_platform)?;
    let files = files.into_iter().filter(|file| is_file_of(file, &name));
    let files: Vec<String> = files.map(|file| file.id).collect();
    let sessions = provision.list_sessions(&schedules, context).await?;
    let mut removals = Vec::new();
    for (part, ids) in [
        (Part::Schedule, schedules),
        (Part::Session, sessions),
        (Part::Agent, agents),
        (Part::Vault, vaults),
        (Part::Environment, environments),
        (Part::File, files),
    ] {
        for id in ids {
            let id = check_id(&id)?;
            removals.push(Removal { part, id });
        }
    }
    Ok(removals)
}

/// The ids of ours among all that are not archived.
fn pick<T: Resource>(
    listed: Result<Vec<T>, claude_platform::Error>,
    deployment: &str,
) -> Result<Vec<String>, Error> {
    let ours = pick_ours(listed.map_err(from_platform)?, deployment);
    Ok(ours.iter().map(|it| it.id().to_owned()).collect())
}

impl Provision {
    /// Takes it away. Gone is gone: an answer may have been lost.
    pub(crate) async fn remove(
        &mut self,
        removal: Removal,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Removal { part, id } = removal;
        let client = &context.client;
        let mut outcome = Outcome::Deleted;
        match part {
            Part::Session => return self.end_session(&id, context).await,
            Part::Schedule => {
                let archived = client.archive_deployment(&id).await;
                repeat_archive(
                    archived,
                    async || client.archive_deployment(&id).await,
                    context,
                )
                .await?;
                outcome = Outcome::Archived;
            }
            Part::Agent => {
                let archived = client.archive_agent(&id).await;
                repeat_archive(archived, async || client.archive_agent(&id).await, context).await?;
                outcome = Outcome::Archived;
            }
            Part::Environment => match client.delete_environment(&id).await {
                Err(error) if is_refusal(error.kind) => {
                    let why = error.to_string();
                    let archived = client.archive_environment(&id).await;
                    let again = async || client.archive_environment(&id).await;
                    repeat_archive(archived, again, context).await?;
                    context.log.warning(&format!(
                        "the environment `{id}` is archived only, for sessions refer to it: {why}"
                    ));
                    outcome = Outcome::Archived;
                }
                deleted => accept_gone(deleted)?,
            },
            Part::Vault => accept_gone(client.delete_vault(&id).await)?,
            Part::File => accept_gone(client.delete_file(&id).await)?,
            Part::Credentials => {
                let vault = self.found.vault.as_ref().map_or("", |vault| &vault.id);
                accept_gone(client.delete_credential(vault, &id).await)?;
            }
            Part::Skill => return Ok(()),
        }
        self.forget(part, &id);
        self.note(part, &id, outcome, Vec::new());
        if self.file.exists {
            self.file.write()
        } else {
            Ok(())
        }
    }

    /// Takes out of the lock what is neither declared nor there.
    pub(crate) fn forget_missing(&mut self, part: Part) -> Result<(), Error> {
        let lock = &self.file.lock;
        let id = match part {
            Part::Schedule => lock.deployment_id.clone(),
            Part::Vault => lock.vault_id.clone(),
            Part::File => lock.file_id.clone(),
            _ => None,
        };
        self.forget(part, &id.unwrap_or_default());
        self.file.write()
    }

    /// Takes it out of the lock, if that names it.
    fn forget(&mut self, part: Part, id: &str) {
        let lock = &mut self.file.lock;
        lock.credential_ids.retain(|known| known != id);
        let field = match part {
            Part::Schedule => &mut lock.deployment_id,
            Part::Agent => &mut lock.agent_id,
            Part::Environment => &mut lock.environment_id,
            Part::Vault => &mut lock.vault_id,
            Part::File => &mut lock.file_id,
            Part::Session | Part::Credentials | Part::Skill => return,
        };
        if field.as_deref() != Some(id) {
            return;
        }
        *field = None;
        match part {
            Part::Agent => lock.agent_version = None,
            Part::Vault => lock.credential_ids.clear(),
            _ => {}
        }
        // The hash may be that of the credentials in their other place.
        if self.declaration.credentials.is_none() {
            lock.secret_salt = None;
            lock.secret_hash = None;
        }
    }
}

fn accept_gone(deleted: Result<(), claude_platform::Error>) -> Result<(), Error> {
    match deleted {
        Err(error) if error.kind != Kind::NotFound => Err(from_platform(error)),
        _ => Ok(()),
    }
}

/// Archived twice is archived, so it is sent once more after a lost answer.
async fn repeat_archive<T>(
    first: Result<T, claude_platform::Error>,
    again: impl AsyncFn() -> Result<T, claude_platform::Error>,
    context: &StepContext<'_>,
) -> Result<(), Error> {
    let second = match first {
        Err(error) if error.may_have_happened() => {
            let wait = context.wait_after(&error, std::time::Duration::from_secs(1))?;
            tokio::time::sleep(wait).await;
            again().await
        }
        first => first,
    };
    match second {
        Err(error) if error.kind != Kind::NotFound => Err(from_platform(error)),
        _ => Ok(()),
    }
}
