//! All that a deployment has on the platform. Only reads.

use claude_platform::{Agent, Credential, Deployment, Environment, Vault};

use super::{
    ChosenSkill, file_name, is_file_of, is_routed,
    resource::{Resource, find},
};
use crate::{
    context::StepContext,
    deploy::{Declaration, Lock, LockFile},
    error::{Code, Error, from_platform},
    ops::skills::check_id,
};

/// The things of a deployment that are there.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) environment: Option<Environment>,
    pub(crate) vault: Option<Vault>,
    /// All of the vault's, other people's too.
    pub(crate) credentials: Vec<Credential>,
    /// The upload with the lock's salt.
    pub(crate) file: Option<String>,
    /// Earlier uploads.
    pub(crate) old_files: Vec<String>,
    pub(crate) agent: Option<Agent>,
    pub(crate) schedule: Option<Deployment>,
    /// Chosen, not found: none until then.
    pub(crate) skill: Option<ChosenSkill>,
}

/// Looks at everything that the lock or our metadata names.
///
/// # Errors
///
/// `conflict` when the lock names something that is archived or not marked as ours.
pub(crate) async fn look(
    declaration: &Declaration,
    lock: &Lock,
    context: &StepContext<'_>,
) -> Result<Found, Error> {
    let (client, name) = (&context.client, declaration.name.as_str());
    let environment = find(
        name,
        lock.environment_id.as_deref(),
        false,
        async |id: &str| client.get_environment(id).await,
        async || client.list_environments().await,
        context,
    )
    .await?;
    let vault = find(
        name,
        lock.vault_id.as_deref(),
        false,
        async |id: &str| client.get_vault(id).await,
        async || client.list_vaults().await,
        context,
    )
    .await?;
    let credentials = match &vault {
        Some(vault) => client
            .list_credentials(&vault.id)
            .await
            .map_err(from_platform)?,
        None => Vec::new(),
    };
    let agent = find(
        name,
        lock.agent_id.as_deref(),
        false,
        async |id: &str| client.get_agent(id).await,
        async || client.list_agents().await,
        context,
    )
    .await?;
    let mut found = Found {
        environment,
        vault,
        credentials,
        agent,
        schedule: find_schedule(name, lock, context).await?,
        ..Found::default()
    };
    let current = lock.secret_salt.as_ref().map(|salt| file_name(name, salt));
    for file in client.list_files().await.map_err(from_platform)? {
        if !is_file_of(&file, name) {
            continue;
        }
        let id = check_id(&file.id)?;
        if found.file.is_none() && current.is_some() && file.filename == current {
            found.file = Some(id);
        } else {
            found.old_files.push(id);
        }
    }
    Ok(found)
}

/// An archived schedule is as good as none: another one takes its place. On AWS the routes may be
/// missing: then there is none.
async fn find_schedule(
    name: &str,
    lock: &Lock,
    context: &StepContext<'_>,
) -> Result<Option<Deployment>, Error> {
    let client = &context.client;
    find(
        name,
        lock.deployment_id.as_deref(),
        true,
        async |id: &str| client.get_deployment(id).await,
        async || match client.list_deployments().await {
            Err(error) if !is_routed(error.kind, context) => Ok(Vec::new()),
            listed => listed,
        },
        context,
    )
    .await
}

/// Refuses a lock of which nothing is there: the direct API does not say which workspace the
/// credentials are of, and a second agent would be made in another one.
pub(crate) fn refuse_other_workspace(file: &LockFile, found: &Found) -> Result<(), Error> {
    let lock = &file.lock;
    let pairs = [
        (
            &lock.environment_id,
            found.environment.as_ref().map(Resource::id),
        ),
        (&lock.vault_id, found.vault.as_ref().map(Resource::id)),
        (&lock.agent_id, found.agent.as_ref().map(Resource::id)),
        (
            &lock.deployment_id,
            found.schedule.as_ref().map(Resource::id),
        ),
    ];
    let named: Vec<&str> = pairs.iter().filter_map(|(id, _)| id.as_deref()).collect();
    let is_any_there = pairs.iter().any(|(_, found)| found.is_some());
    if named.is_empty() || is_any_there {
        return Ok(());
    }
    let message = format!(
        "nothing that `{}` names is in this workspace: {}",
        file.path().display(),
        named.join(", ")
    );
    let hint = "use the credentials of the workspace that it was made in; if everything was \
        deleted by hand, delete the lock and run the same command again";
    Err(Error::new(Code::Conflict, message, hint))
}
