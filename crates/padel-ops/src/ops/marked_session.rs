//! A session of the deployment that is started once: a mark in its metadata, which no other has,
//! finds it after a lost answer.

use std::hash::{BuildHasher as _, RandomState};

use claude_platform::{NewSession, Session, SessionFilter};
use serde_json::Value;

use super::creation::create_once;
use crate::{
    context::StepContext,
    deploy::{self, Declaration, Lock},
    error::Error,
};

/// The metadata key of the mark.
const REQUEST_KEY: &str = "padel_request";

/// A session to be started, with its mark.
pub(crate) struct MarkedSession {
    new: NewSession,
}

impl MarkedSession {
    /// Marks a session in metadata and title.
    pub(crate) fn new(mut new: NewSession) -> Self {
        let mark = random_mark();
        let title = new.title.as_deref().unwrap_or("padel-ops");
        new.title = Some(format!("{title} {mark}"));
        new.metadata.insert(REQUEST_KEY.to_owned(), mark.into());
        Self { new }
    }

    /// The title, for people who look for the session.
    pub(crate) fn title(&self) -> &str {
        self.new.title.as_deref().unwrap_or_default()
    }

    /// Starts the session, or finds the one that was started although its answer was lost.
    pub(crate) async fn start(&self, context: &StepContext<'_>) -> Result<Session, Error> {
        let create = async || context.client.create_session(&self.new).await;
        let find = async || {
            let filter = SessionFilter {
                agent: Some(self.new.agent.clone()),
                ..SessionFilter::default()
            };
            let mark = self.new.metadata.get(REQUEST_KEY);
            let sessions = context.client.list_sessions(&filter).await?;
            let is_ours = |session: &Session| session.metadata.get(REQUEST_KEY) == mark;
            Ok(sessions.into_iter().find(is_ours))
        };
        create_once("the session", create, find, context).await
    }
}

/// Describes a session of the deployment for a use, which its metadata and title tell.
pub(crate) fn describe_session(
    declaration: &Declaration,
    lock: &Lock,
    purpose: &str,
) -> Result<NewSession, Error> {
    let mut session = deploy::describe_session(declaration, lock)?;
    session.title = Some(format!("padel-ops {purpose}"));
    for (key, value) in [
        (deploy::OWNER_KEY, declaration.name.as_str()),
        (deploy::USE_KEY, purpose),
    ] {
        session.metadata.insert(key.to_owned(), Value::from(value));
    }
    Ok(session)
}

/// Nobody gains by guessing a mark, so the standard library's randomness is enough: it seeds each
/// of these with fresh bits.
fn random_mark() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_sessions_have_the_same_mark() {
        let marked = (0..100).map(|_| MarkedSession::new(NewSession::default()));
        let marks: BTreeSet<String> = marked.map(|session| session.title().to_owned()).collect();
        assert_eq!(marks.len(), 100);
    }
}
