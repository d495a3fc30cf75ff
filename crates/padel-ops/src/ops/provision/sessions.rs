//! The sessions of a deployment, ended.

use std::time::Duration;

use claude_platform::{Kind, Session, SessionFilter};
use serde_json::Value;

use super::{Outcome, Part, Provision};
use crate::{
    context::StepContext,
    deploy::OWNER_KEY,
    error::{Error, from_platform},
};

/// The looks at a session that was interrupted: half a minute in all, for its state follows only
/// some moments later (documented), and a tool that runs has to be stopped.
const LOOKS: u32 = 8;

impl Provision {
    /// Lists the ids of the deployment's sessions and of those that its schedules started, archived
    /// ones too: an environment cannot be deleted while one refers to it.
    pub(super) async fn list_sessions(
        &self,
        schedules: &[String],
        context: &StepContext<'_>,
    ) -> Result<Vec<String>, Error> {
        let filter = SessionFilter {
            include_archived: true,
            ..SessionFilter::default()
        };
        let all = context
            .client
            .list_sessions(&filter)
            .await
            .map_err(from_platform)?;
        let name = self.declaration.name.as_str();
        let is_ours = |session: &Session| {
            let owner = session.metadata.get(OWNER_KEY).and_then(Value::as_str);
            let schedule = session.deployment_id.as_ref();
            owner == Some(name) || schedule.is_some_and(|schedule| schedules.contains(schedule))
        };
        let ours = all.into_iter().filter(is_ours);
        Ok(ours.map(|session| session.id).collect())
    }

    /// Deletes a session with its events, and interrupts it before where it runs. One that may not
    /// be deleted is archived.
    pub(super) async fn end_session(
        &mut self,
        id: &str,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let client = &context.client;
        let mut outcome = Outcome::Deleted;
        let mut wait = Duration::from_millis(250);
        for look in 1..=LOOKS {
            match client.delete_session(id).await {
                Ok(()) => break,
                Err(error) if error.kind == Kind::NotFound => break,
                Err(error) if is_refusal(error.kind) && look < LOOKS => {
                    // The next try tells whether it helped.
                    let _ = client.interrupt_session(id).await;
                    context.pause(wait).await;
                    wait *= 2;
                }
                Err(error) if is_refusal(error.kind) => {
                    let why = from_platform(error);
                    client.archive_session(id).await.map_err(|_| why.clone())?;
                    let warning = format!("the session `{id}` is archived only: {}", why.message);
                    context.log.warning(&warning);
                    outcome = Outcome::Archived;
                }
                Err(error) => return Err(from_platform(error)),
            }
        }
        self.note(Part::Session, id, outcome, Vec::new());
        if self.file.lock.tick_session_id.as_deref() == Some(id) {
            self.file.lock.tick_session_id = None;
            self.file.write()?;
        }
        Ok(())
    }
}

/// A session that runs refuses its end.
pub(super) fn is_refusal(kind: Kind) -> bool {
    matches!(kind, Kind::Invalid | Kind::Conflict)
}
