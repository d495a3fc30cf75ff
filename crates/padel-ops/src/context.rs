//! What a step has at hand: the platform, a way to wait, and where to tell of it. Made once, at the
//! edge.

use std::{cell::RefCell, fmt::Display, sync::Arc, time::Duration};

use claude_platform::{Client, Exchange, Kind, Limits, Settings};

use crate::{
    cli::Access,
    error::{Code, Error, from_platform},
    log::{self, Log},
    output::print,
};

/// The place for a step's results.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    /// True for one document, printed at the end.
    pub(crate) json: bool,
}

impl Answer {
    /// Prints a result, unless the document tells it.
    pub(crate) fn tell(self, result: impl Display) -> Result<(), Error> {
        if self.json {
            Ok(())
        } else {
            print(&result.to_string())
        }
    }
}

/// Handed to every step that talks to the platform.
pub(crate) struct StepContext<'a> {
    pub(crate) client: Client,
    pub(crate) log: &'a Log,
    pub(crate) answer: Answer,
    /// Its address.
    pub(crate) platform: String,
    /// True when the command line says `--aws`: a command in a hint needs it, too.
    pub(crate) aws: bool,
    /// Each wait times this.
    pub(crate) pace: f64,
    /// The session of a trial, until it is archived.
    pub(crate) session: RefCell<Option<OpenSession>>,
}

/// A session that costs money until it is archived, also when a signal stops the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpenSession {
    /// Asked for by this title; whether it is there is not known yet.
    Starting(String),
    /// Its id.
    Started(String),
}

/// Time in which a stopped step still tries to archive its session. GitHub kills ten seconds after
/// the first signal.
const STOP_TIME: Duration = Duration::from_secs(5);

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        settings: Settings,
        access: &Access,
        log: &'a Log,
        answer: Answer,
    ) -> Result<Self, Error> {
        let described = settings.describe();
        let platform = described.split(' ').next().unwrap_or_default().to_owned();
        let limits = Limits {
            first_wait: Limits::default().first_wait.mul_f64(access.pace),
            ..Limits::default()
        };
        let mut client = Client::new(settings.with_limits(limits)).map_err(from_platform)?;
        if access.verbose {
            client = client.with_observer(Arc::new(log_exchange));
        }
        Ok(Self {
            client,
            log,
            answer,
            platform,
            aws: access.aws,
            pace: access.pace,
            session: RefCell::default(),
        })
    }
    /// A command of this tool, for a hint.
    pub(crate) fn hint_command(&self, words: &str) -> String {
        format!(
            "`padel-ops {words}{}`",
            if self.aws { " --aws" } else { "" }
        )
    }

    /// The command that shows a skill's versions and what these agents use of them.
    pub(crate) fn status_command(&self, skill: &str, agents: &[impl AsRef<str>]) -> String {
        let agents: String = agents
            .iter()
            .map(|agent| format!(" --agent {}", agent.as_ref()))
            .collect();
        self.hint_command(&format!("status --skill {skill}{agents}"))
    }

    /// A wait of about so long.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait.mul_f64(self.pace)).await;
    }

    /// Returns the wait after a failure: about so long, and not less than the platform asks for.
    ///
    /// # Errors
    ///
    /// The failure, when the platform asks for more than is waited.
    pub(crate) fn wait_after(
        &self,
        error: &claude_platform::Error,
        wait: Duration,
    ) -> Result<Duration, Error> {
        let stated = error.retry_after.unwrap_or_default();
        if stated > Limits::default().longest_wait {
            return Err(from_platform(error.clone()));
        }
        Ok(wait.mul_f64(self.pace).max(stated))
    }

    /// Archives the session that is open, if one is, and stops it before where it still runs. What
    /// fails there must not hide what went wrong before.
    pub(crate) async fn close_session(&self) {
        let Some(OpenSession::Started(id)) = self.session.borrow().clone() else {
            return;
        };
        let mut archived = self.client.archive_session(&id).await;
        for _ in 0..3 {
            let Err(error) = &archived else { break };
            if matches!(error.kind, Kind::Invalid | Kind::Conflict) {
                // The next try tells whether it helped.
                let _ = self.client.interrupt_session(&id).await;
            } else if !error.may_have_happened() || error.should_retry == Some(false) {
                break;
            }
            // Archived twice is archived.
            let Ok(wait) = self.wait_after(error, Duration::from_millis(500)) else {
                break;
            };
            tokio::time::sleep(wait).await;
            archived = self.client.archive_session(&id).await;
        }
        // Not before: a signal that comes in the middle begins again.
        self.session.take();
        if let Err(error) = archived {
            self.warn_open(&id, &from_platform(error).message);
        }
    }

    /// After a signal: archives the session, for a while at most or until the next signal, and says
    /// what is left.
    pub(crate) async fn stop_after_signal(&self, next_signal: impl Future<Output = ()>) -> Error {
        let hint = "run the same command again: it looks at what is there before it sends anything";
        let stopped = |what: &str| {
            Error::new(
                Code::Interrupted,
                format!("stopped by a signal{what}"),
                hint,
            )
        };
        let trial = self.session.borrow().clone();
        let id = match trial {
            None => return stopped(""),
            Some(OpenSession::Starting(title)) => {
                return stopped(&format!(
                    " while a session was started: one titled `{title}` may be left, which ends \
                     by its budget"
                ));
            }
            Some(OpenSession::Started(id)) => id,
        };
        let shown = printable::line(&id, 80);
        self.log.progress(&format!(
            "stopped by a signal: archiving the session `{shown}`"
        ));
        tokio::select! {
            biased;
            () = next_signal => {}
            _ = tokio::time::timeout(STOP_TIME, self.close_session()) => {}
        }
        if self.session.take().is_none() {
            return stopped("");
        }
        self.warn_open(&id, "it was stopped before the platform answered");
        stopped(&format!(": the session `{shown}` may be open"))
    }

    fn warn_open(&self, id: &str, why: &str) {
        let id = printable::line(id, 80);
        self.log.warning(&format!(
            "the session `{id}` was not archived and ends by its budget: {why}; to end it now, \
             archive it in the Console or send `POST /v1/sessions/{id}/archive`"
        ));
    }
}

fn log_exchange(exchange: &Exchange) {
    let Exchange {
        method,
        host,
        path,
        status,
        elapsed,
        request_id,
    } = exchange;
    let status = status.map_or("no answer".to_owned(), |status| status.to_string());
    let id = request_id.as_deref().unwrap_or("no request id");
    log::line(&format!(
        "{method} {host}{path}: {status}, {} ms, {id}",
        elapsed.as_millis()
    ));
}
