//! What a step has at hand: the platform, a way to wait, and where to tell of it. Made once, at the edge.

use std::{cell::RefCell, time::Duration};

use claude_platform::{Client, Kind, Limits};

use crate::{error::Error, log::Log};

/// Handed to every step that talks to the platform.
pub(crate) struct World<'a> {
    pub(crate) client: Client,
    pub(crate) log: &'a Log,
    /// Whether the command line says `--aws`: a command in a hint needs it, too.
    pub(crate) aws: bool,
    /// Each wait times this.
    pub(crate) pace: f64,
    /// A session that costs money until it is archived, also when a signal stops the step.
    pub(crate) session: RefCell<Option<String>>,
}

impl World<'_> {
    /// A command of this tool, for a hint.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("`padel-release {words}{}`", if self.aws { " --aws" } else { "" })
    }

    /// The command that shows a skill's versions and what these agents use of them.
    pub(crate) fn status(&self, skill: &str, agents: &[impl AsRef<str>]) -> String {
        let agents: String = agents.iter().map(|agent| format!(" --agent {}", agent.as_ref())).collect();
        self.command(&format!("status --skill {skill}{agents}"))
    }

    /// A wait of about so long.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait.mul_f64(self.pace)).await;
    }

    /// How long to wait after a failure: about so long, and not less than the platform asks for.
    ///
    /// # Errors
    ///
    /// The failure, when the platform asks for more than is waited.
    pub(crate) fn wait_after(&self, error: &claude_platform::Error, wait: Duration) -> Result<Duration, Error> {
        let stated = error.retry_after.unwrap_or_default();
        if stated > Limits::default().longest_wait {
            return Err(error.clone().into());
        }
        Ok(wait.mul_f64(self.pace).max(stated))
    }

    /// Archives the session that is open, if one is, and stops it before where it still runs. What fails there must not
    /// hide what went wrong before.
    pub(crate) async fn close_session(&self) {
        let Some(id) = self.session.take() else { return };
        let mut archived = self.client.archive_session(&id).await;
        for _ in 0..3 {
            let Err(error) = &archived else { break };
            if matches!(error.kind, Kind::Invalid | Kind::Conflict) {
                // The next try tells whether it helped.
                let _ = self.client.interrupt(&id).await;
            } else if !error.may_have_happened() || error.should_retry == Some(false) {
                break;
            }
            // Archived twice is archived.
            let Ok(wait) = self.wait_after(error, Duration::from_millis(500)) else { break };
            tokio::time::sleep(wait).await;
            archived = self.client.archive_session(&id).await;
        }
        if let Err(error) = archived {
            let (id, error) = (padel::text::line(&id, 80), Error::from(error));
            self.log.warning(&format!("the session `{id}` was not archived and ends by its budget: {error}"));
        }
    }
}
