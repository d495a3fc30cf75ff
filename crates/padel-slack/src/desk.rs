//! The platform's side: the session of a thread, a new one where there is none that fits, what was
//! said in it, and how it ends.
//!
//! **Only an owner's session gets the credentials**: `describe_session` is the one place that makes
//! sessions, and a question of anybody else never reaches one that it made for an owner.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use claude_platform::{Client, Cost, Error, Kind, NewSession, Session, SessionFilter};
use serde_json::{Map, Value};

use crate::{
    failure::Failure,
    ledger::{Millis, OpenQuestion},
    question::{Access, Question},
    turn::{Turn, is_question},
};

/// A session's sandbox keeps its files for 30 days (documented); a successor comes well before.
const OLDEST_SESSION: TimeDelta = TimeDelta::days(20);
/// Lag that the platform's clock may have behind ours when sessions are looked for.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// Newest messages in which a question is looked for that may have been said just now.
const RECENT_MESSAGES: u32 = 50;
/// Between two tries to follow a session.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Credentials that an owner's sessions may use, and no others.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Vaults.
    pub vault_ids: Vec<String>,
    /// Mounted files, such as `{"type":"file","file_id":…,"mount_path":…}`.
    pub resources: Vec<Value>,
}

/// The deployment that is asked.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The platform.
    pub client: Client,
    /// The deployment's name, in the metadata of all that is its.
    pub deployment: String,
    /// The agent's id; its current version answers.
    pub agent: String,
    /// The environment's id.
    pub environment: String,
    /// Limit of what one session may cost.
    pub max_cost: Option<Cost>,
    /// For owners.
    pub credentials: Credentials,
}

impl Desk {
    /// Looks for the session in which a question was said already.
    ///
    /// # Errors
    ///
    /// The platform's.
    pub async fn find_said(&self, open: &OpenQuestion) -> Result<Option<String>, Error> {
        if let Some(session) = &open.session
            && self.was_said(session, &open.question).await?
        {
            return Ok(open.session.clone());
        }
        let filter = SessionFilter {
            created_since: format_time(open.accepted_at, -CLOCK_SKEW),
            ..SessionFilter::default()
        };
        // Every thread's sessions of that time come by: only this one's are kept.
        let is_ours = |session: &Session| self.is_of_thread(session, &open.question);
        for session in self.client.find_sessions(&filter, is_ours).await? {
            if self.was_said(&session.id, &open.question).await? {
                return Ok(Some(session.id));
            }
        }
        Ok(None)
    }

    /// Looks whether a question was said in this session. One that is gone has nothing in it.
    ///
    /// # Errors
    ///
    /// The platform's.
    pub async fn was_said(&self, session: &str, question: &Question) -> Result<bool, Error> {
        let types = ["user.message"];
        let newest = self
            .client
            .list_newest_events(session, &types, RECENT_MESSAGES);
        match newest.await {
            Ok(events) => Ok(events.iter().any(|event| is_question(event, question))),
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says a question, once: in the thread's session if it fits, else in a new one. Returns the
    /// session.
    ///
    /// # Errors
    ///
    /// The platform's. If it may have happened, look with [`Self::find_said`].
    pub async fn say(&self, open: &OpenQuestion, now: Millis) -> Result<String, Error> {
        let question = &open.question;
        if let Some(session) = &open.session
            && self.fits(session, question, now).await?
        {
            match self.client.send_message(session, &question.to_line()).await {
                Ok(_) => return Ok(session.clone()),
                // It ended meanwhile.
                Err(error)
                    if matches!(error.kind, Kind::NotFound | Kind::Invalid | Kind::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        let new = self.describe_session(question);
        self.client
            .create_session(&new)
            .await
            .map(|session| session.id)
    }

    /// Describes the session that a question begins: with credentials for an owner, and without
    /// for anybody else.
    fn describe_session(&self, question: &Question) -> NewSession {
        let Credentials {
            vault_ids,
            resources,
        } = match question.access {
            Access::Owner => self.credentials.clone(),
            Access::Courts => Credentials::default(),
        };
        let thread = &question.thread;
        NewSession {
            agent: self.agent.clone(),
            environment: self.environment.clone(),
            title: Some(format!("Slack {} {}", thread.channel, thread.ts)),
            metadata: self.describe_thread(question),
            max_cost: self.max_cost.clone(),
            vault_ids,
            resources,
            initial_message: Some(question.to_line()),
            ..NewSession::default()
        }
    }

    /// Writes the metadata by which a thread's session is found again.
    fn describe_thread(&self, question: &Question) -> Map<String, Value> {
        let pairs = [
            ("padel_deployment", self.deployment.as_str()),
            ("padel_use", "slack"),
            ("padel_access", question.access.name()),
            ("slack_channel", &question.thread.channel),
            ("slack_thread_ts", &question.thread.ts),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.into()));
        Map::from_iter(pairs)
    }

    fn is_of_thread(&self, session: &Session, question: &Question) -> bool {
        let wanted = self.describe_thread(question);
        let has_it = |(name, value): (&String, &Value)| session.metadata.get(name) == Some(value);
        // Whoever may write metadata may not lead a stranger's question to credentials.
        let has_none = session.vault_ids.is_empty() && session.resources.is_empty();
        wanted.iter().all(has_it) && (question.access == Access::Owner || has_none)
    }

    /// Returns whether the thread's session takes another question: it is there, young enough, and
    /// of the agent's current version.
    async fn fits(&self, id: &str, question: &Question, now: Millis) -> Result<bool, Error> {
        let (session, agent) = tokio::join!(
            self.client.get_session(id),
            self.client.get_agent(&self.agent)
        );
        let session = match session {
            Err(error) if error.kind == Kind::NotFound => return Ok(false),
            session => session?,
        };
        let created = session.created_at.as_deref().unwrap_or_default();
        let is_young = match DateTime::parse_from_rfc3339(created) {
            Ok(created) => now - created.timestamp_millis() < OLDEST_SESSION.num_milliseconds(),
            Err(_) => true,
        };
        let version = match agent {
            // A role that may not read agents is allowed to keep a session's version.
            Err(error) if error.kind == Kind::Denied => None,
            agent => Some(agent?.version),
        };
        let session_version = session.agent["version"].as_u64();
        let is_current =
            session_version.is_none() || version.is_none() || session_version == version;
        let is_over = session.archived_at.is_some() || session.status == "terminated";
        Ok(!is_over && is_young && is_current && self.is_of_thread(&session, question))
    }

    /// Waits for the end of the turn that a question began; returns the agent's last message. A turn
    /// that takes longer is stopped, for nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// Why there is no answer. A platform that is away for a moment is none.
    pub async fn await_answer(
        &self,
        session: &str,
        question: &Question,
        within: Duration,
    ) -> Result<String, Failure> {
        let following = self.follow_turn(session, question);
        if let Ok(outcome) = tokio::time::timeout(within, following).await {
            return outcome;
        }
        // Whether that worked matters to nobody: the next question gets another session.
        let _ = self.client.interrupt_session(session).await;
        Err(Failure::Slow)
    }

    async fn follow_turn(&self, session: &str, question: &Question) -> Result<String, Failure> {
        let mut turn = Turn::new(question);
        let mut follower = self.client.follow_session(session, None);
        loop {
            match follower.next_event().await {
                Ok(Some(event)) => {
                    if let Some(outcome) = turn.read(&event) {
                        return outcome;
                    }
                }
                // It rests from what was before.
                Ok(None) => {}
                Err(error) if error.kind == Kind::NotFound => return Err(Failure::Ended),
                Err(_) => tokio::time::sleep(AFTER_FAILURE).await,
            }
        }
    }
}

fn format_time(millis: Millis, shift: TimeDelta) -> Option<String> {
    let time = DateTime::from_timestamp_millis(millis)?.checked_add_signed(shift)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
