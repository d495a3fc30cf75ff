//! Asking: says a question in a session, once, and waits for the agent.

use std::time::Duration;

use claude_platform::Kind;

use super::{Answerer, Pause, Reply, has_passed, keep};
use crate::{
    failure::Failure,
    ledger::{Ledger, Millis, OpenQuestion, Stage},
    log::{Entry, Level},
    question::Question,
};

/// Outcome of asking.
pub(super) enum Asked {
    In(String, Millis),
    Failed(Failure),
}

impl<L: Ledger> Answerer<L> {
    /// Says the question, unless an earlier run did.
    pub(super) async fn ask(&self, open: &OpenQuestion, holder: &str) -> Result<Asked, Pause> {
        let question = &open.question;
        let mut session = None;
        if open.stage != Stage::Accepted {
            let looking = async {
                match &self.reply {
                    Reply::Bridge => self.desk.find_said(open).await,
                    Reply::Agent(fixed) => {
                        let was_said = self.desk.was_said(fixed, question).await?;
                        Ok(was_said.then(|| fixed.clone()))
                    }
                }
            };
            session = match looking.await {
                Ok(session) => session,
                Err(error) if !self.is_late(open) => return self.pause_asking(open, &error),
                Err(_) => None,
            };
        }
        let session = match session {
            Some(session) => session,
            None if self.is_late(open) => return Ok(Asked::Failed(Failure::Late)),
            None => {
                if open.stage != Stage::Accepted {
                    self.hold(&question.thread, holder).await?;
                }
                let saying = async {
                    match &self.reply {
                        Reply::Bridge => self.desk.say(open, (self.clock)()).await,
                        Reply::Agent(fixed) => {
                            let line = question.to_line();
                            self.desk.client.send_message(fixed, &line).await?;
                            Ok(fixed.clone())
                        }
                    }
                };
                match saying.await {
                    Ok(session) => session,
                    Err(error) => return self.pause_asking(open, &error),
                }
            }
        };
        let now = (self.clock)();
        keep(
            self.ledger
                .note_asked(question, holder, &session, now)
                .await?,
        )?;
        let entry = Entry::new(Level::Info, "asked").with("session", session.as_str());
        (self.log)(&self.describe(entry, open));
        Ok(Asked::In(session, now))
    }

    /// Decides what a failure of the platform means for a question that is to be said.
    fn pause_asking(
        &self,
        open: &OpenQuestion,
        error: &claude_platform::Error,
    ) -> Result<Asked, Pause> {
        let may_pass =
            error.may_have_happened() || matches!(error.kind, Kind::Connect | Kind::RateLimited);
        let level = if may_pass {
            Level::Warning
        } else {
            Level::Error
        };
        let mut entry = Entry::new(level, "platform_failed").with("reason", error.to_string());
        if let Some(action) = error.action {
            entry = entry.with("action", action);
        }
        (self.log)(&self.describe(entry, open));
        if !may_pass {
            return Ok(Asked::Failed(Failure::Setup));
        }
        let settle = if error.may_have_happened() {
            self.timing.settle
        } else {
            Duration::ZERO
        };
        Err(Pause::Later(
            error.retry_after.unwrap_or_default().max(settle),
        ))
    }

    /// Waits for the end of the turn, for as long as is left of its time.
    pub(super) async fn wait(
        &self,
        session: &str,
        question: &Question,
        asked_at: Millis,
    ) -> Result<String, Failure> {
        let elapsed = u64::try_from((self.clock)() - asked_at).unwrap_or(0);
        let left = self
            .timing
            .answer_within
            .saturating_sub(Duration::from_millis(elapsed));
        // A turn that ended while nobody looked is worth a look.
        let within = left.max(self.timing.settle);
        self.desk.await_answer(session, question, within).await
    }

    fn is_late(&self, open: &OpenQuestion) -> bool {
        has_passed((self.clock)(), open.accepted_at, self.timing.ask_within)
    }
}
