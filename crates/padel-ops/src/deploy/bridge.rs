//! The settings that `padel-slack` needs of a deployment. None of them is secret.

use super::{Declaration, Lock};

/// Lists the bridge's variables in the order of the guide, with none where the deployment has no
/// value for it.
pub(crate) fn list_bridge_settings(
    declaration: &Declaration,
    lock: &Lock,
) -> [(&'static str, Option<String>); 8] {
    let list = |items: &[String]| Some(items.join(",")).filter(|list| !list.is_empty());
    // The bridge starts a session per thread, unless the agent posts from its one session.
    let session = lock.tick_session_id.clone();
    let max_cost = declaration.max_cost;
    [
        ("PADEL_SLACK_CHANNELS", list(&declaration.channels)),
        ("PADEL_SLACK_OWNERS", list(&declaration.owners)),
        ("PADEL_AGENT_ID", lock.agent_id.clone()),
        ("PADEL_ENVIRONMENT_ID", lock.environment_id.clone()),
        ("PADEL_VAULT_IDS", lock.vault_id.clone()),
        ("PADEL_FILE_ID", lock.file_id.clone()),
        (
            "PADEL_SESSION_ID",
            session.filter(|_| declaration.posts_itself()),
        ),
        (
            "PADEL_MAX_COST",
            Some(format!("{}.{:02}", max_cost / 100, max_cost % 100)),
        ),
    ]
}
