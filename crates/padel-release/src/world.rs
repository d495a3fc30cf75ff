//! What a step has at hand: the platform, a way to wait, and where to tell of it. Made once, at the edge.

use std::{cell::RefCell, time::Duration};

use claude_platform::Client;

use crate::log::Log;

/// Handed to every step that talks to the platform.
pub(crate) struct World<'a> {
    pub(crate) client: Client,
    pub(crate) log: &'a Log,
    /// Each wait times this.
    pub(crate) pace: f64,
    /// A session that costs money until it is archived, also when a signal stops the step.
    pub(crate) session: RefCell<Option<String>>,
}

impl World<'_> {
    /// A wait of about so long.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait.mul_f64(self.pace)).await;
    }

    /// Archives the session that is open, if one is. What fails there must not hide what went wrong before.
    pub(crate) async fn close_session(&self) {
        let Some(id) = self.session.take() else { return };
        if let Err(error) = self.client.archive_session(&id).await {
            self.log.warning(&format!("the session `{id}` was not archived: {error}"));
        }
    }
}
