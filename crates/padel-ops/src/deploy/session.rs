//! The session that a deployment describes: what `ask`, `tick` and the bridge start.

use claude_platform::{Cost, NewSession};

use super::{CredentialKind, Declaration, Lock, desired::mount};
use crate::error::{Code, Error};

/// Describes a session: the agent at its current version, environment, budget and the member's
/// credentials, as far as they are declared. Metadata, title and first message are the caller's.
///
/// # Errors
///
/// `not_found` when the lock lacks what a session needs: `up` was not carried out.
pub(crate) fn describe_session(
    declaration: &Declaration,
    lock: &Lock,
) -> Result<NewSession, Error> {
    let missing = |what: &str| {
        let message = format!("the deployment `{}` has no {what} yet", declaration.name);
        let hint = "run `padel-ops up --execute` first";
        Error::new(Code::NotFound, message, hint)
    };
    let agent = lock.agent_id.clone().ok_or_else(|| missing("agent"))?;
    let environment = lock.environment_id.clone();
    let mut session = NewSession {
        agent,
        environment: environment.ok_or_else(|| missing("environment"))?,
        max_cost: Some(Cost {
            amount: declaration.max_cost.to_string(),
            currency: "USD".to_owned(),
        }),
        ..NewSession::default()
    };
    if declaration.needs_vault() {
        let vault = lock.vault_id.clone().ok_or_else(|| missing("vault"))?;
        session.vault_ids = vec![vault];
    }
    if declaration.uses(CredentialKind::File) {
        let file = lock.file_id.as_ref().ok_or_else(|| missing("file"))?;
        session.resources = vec![mount(file)];
    }
    Ok(session)
}
