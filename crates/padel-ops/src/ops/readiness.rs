//! What later steps are going to use, looked at before anything is sent: a version that can be
//! neither tried nor pinned should not be made.

use claude_platform::{Agent, Kind};

use super::skills;
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// The agent that tries a version: it must be there and in use, with the skill or without.
pub(crate) async fn check_smoke_agent(id: &str, context: &StepContext<'_>) -> Result<Agent, Error> {
    let agent = context.client.get_agent(id).await.map_err(from_platform)?;
    skills::check_id(&agent.id)?;
    if agent.archived_at.is_some() {
        let message = format!("the agent `{id}` is archived and starts no session");
        let hint = "name an agent that is in use";
        return Err(Error::new(Code::Conflict, message, hint));
    }
    Ok(agent)
}

/// The environment that a version is tried in. A role that may not look at it may still start
/// sessions there.
pub(crate) async fn check_environment(id: &str, context: &StepContext<'_>) -> Result<(), Error> {
    match context.client.get_environment(id).await {
        Ok(found) if found.archived_at.is_some() => {
            let message = format!("the environment `{id}` is archived and takes no session");
            let hint = "name an environment that is in use";
            Err(Error::new(Code::Conflict, message, hint))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind == Kind::Denied => {
            context.log.warning(&format!(
                "whether the environment `{id}` is there could not be looked at: {error}"
            ));
            Ok(())
        }
        Err(error) => Err(from_platform(error)),
    }
}
