//! Sessions that a step has started. Each costs money until it is archived, also when a signal stops
//! the step.

use std::{cell::RefCell, time::Duration};

use claude_platform::{Kind, Session};

use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// Time in which a stopped step still tries to archive its sessions. GitHub kills ten seconds after
/// the first signal.
const STOP_TIME: Duration = Duration::from_secs(5);

/// Milliseconds between the tries to archive: that a session rests is known to its events before
/// it is to the rest of the platform (documented as "a little").
const ARCHIVE_WAITS: [u64; 6] = [500, 500, 1_000, 1_000, 2_000, 4_000];

/// A session that is not archived yet.
#[derive(Debug, Clone, PartialEq, Eq)]
enum OpenSession {
    /// Asked for by this title; whether it is there is not known yet.
    Starting(String),
    /// Its id.
    Started(String),
}

/// The sessions of a step; an evaluation has several at a time.
#[derive(Debug, Default)]
pub(crate) struct OpenSessions(RefCell<Vec<OpenSession>>);

impl OpenSessions {
    /// Notes that a session of this title is asked for.
    pub(crate) fn note_start(&self, title: &str) {
        let starting = OpenSession::Starting(title.to_owned());
        self.0.borrow_mut().push(starting);
    }

    /// Notes what became of it: its id, or none where it is not there.
    pub(crate) fn note_started(&self, title: &str, id: Option<&str>) {
        self.forget(&OpenSession::Starting(title.to_owned()));
        let started = id.map(|id| OpenSession::Started(id.to_owned()));
        self.0.borrow_mut().extend(started);
    }

    fn forget(&self, session: &OpenSession) {
        self.0.borrow_mut().retain(|open| open != session);
    }

    fn started(&self) -> Vec<String> {
        let open = self.0.borrow();
        let ids = open.iter().filter_map(|session| match session {
            OpenSession::Started(id) => Some(id.clone()),
            OpenSession::Starting(_) => None,
        });
        ids.collect()
    }
}

impl StepContext<'_> {
    /// Archives a session, and stops it before where it still runs. What fails there must not hide
    /// what went wrong before: it becomes a warning. Gives the session as it ended.
    pub(crate) async fn close_session(&self, id: &str) -> Option<Session> {
        let mut archived = self.client.archive_session(id).await;
        for wait in ARCHIVE_WAITS {
            let Err(error) = &archived else { break };
            if matches!(error.kind, Kind::Invalid | Kind::Conflict) {
                // The next try tells whether it helped.
                let _ = self.client.interrupt_session(id).await;
            } else if !error.may_have_happened() || error.should_retry == Some(false) {
                break;
            }
            // Archived twice is archived.
            let Ok(wait) = self.wait_after(error, Duration::from_millis(wait)) else {
                break;
            };
            tokio::time::sleep(wait).await;
            archived = self.client.archive_session(id).await;
        }
        // Not before: a signal that comes in the middle begins again.
        let started = OpenSession::Started(id.to_owned());
        self.sessions.forget(&started);
        match archived {
            Ok(session) => Some(session),
            Err(error) => {
                self.warn_open(id, &from_platform(error).message);
                None
            }
        }
    }

    /// After a signal: archives the sessions, for a while at most or until the next signal, and says
    /// what is left.
    pub(crate) async fn stop_after_signal(&self, next_signal: impl Future<Output = ()>) -> Error {
        let started = self.sessions.started();
        for id in &started {
            let id = printable::line(id, 80);
            self.log.progress(&format!(
                "stopped by a signal: archiving the session `{id}`"
            ));
        }
        let close_all = async {
            for id in &started {
                self.close_session(id).await;
            }
        };
        tokio::select! {
            biased;
            () = next_signal, if !started.is_empty() => {}
            _ = tokio::time::timeout(STOP_TIME, close_all) => {}
        }
        let mut message = "stopped by a signal".to_owned();
        for session in self.sessions.0.take() {
            message.push_str(&match session {
                OpenSession::Starting(title) => format!(
                    "; a session was asked for, and one titled `{title}` may be left, which ends \
                     by its budget"
                ),
                OpenSession::Started(id) => {
                    self.warn_open(&id, "it was stopped before the platform answered");
                    format!("; the session `{}` may be open", printable::line(&id, 80))
                }
            });
        }
        let hint = "run the same command again: it looks at what is there before it sends anything";
        Error::new(Code::Interrupted, message, hint)
    }

    fn warn_open(&self, id: &str, why: &str) {
        let id = printable::line(id, 80);
        self.log.warning(&format!(
            "the session `{id}` was not archived and ends by its budget: {why}; to end it now, \
             archive it in the Console or send `POST /v1/sessions/{id}/archive`"
        ));
    }
}
