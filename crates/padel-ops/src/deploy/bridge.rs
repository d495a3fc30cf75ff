//! The settings that `padel-slack` needs of a deployment. None of them is secret.

use super::{Declaration, Lock};

/// Lists the bridge's variables with their values, in the order of the guide; those without a value
/// are left out.
pub(crate) fn list_bridge_settings(
    declaration: &Declaration,
    lock: &Lock,
) -> Vec<(&'static str, String)> {
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    let max_cost = format!(
        "{}.{:02}",
        declaration.max_cost / 100,
        declaration.max_cost % 100
    );
    let settings = [
        ("PADEL_SLACK_CHANNELS", declaration.channels.join(",")),
        ("PADEL_SLACK_OWNERS", declaration.owners.join(",")),
        ("PADEL_AGENT_ID", id(&lock.agent_id)),
        ("PADEL_ENVIRONMENT_ID", id(&lock.environment_id)),
        ("PADEL_VAULT_IDS", id(&lock.vault_id)),
        ("PADEL_FILE_ID", id(&lock.file_id)),
        ("PADEL_SESSION_ID", id(&lock.tick_session_id)),
        ("PADEL_MAX_COST", max_cost),
    ];
    let set = settings.into_iter().filter(|(_, value)| !value.is_empty());
    // The bridge starts a session per thread, unless the agent posts from its one session.
    set.filter(|(name, _)| *name != "PADEL_SESSION_ID" || declaration.posts_itself())
        .collect()
}
