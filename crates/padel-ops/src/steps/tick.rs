//! `tick`: says `tick` to the deployment's long session, for a timer that wants the agent to look
//! around. Starts a successor where the session cannot go on.
//!
//! It is carried out at once, as a timer needs it, and does not wait for what the agent says.

use std::fmt;

use chrono::{DateTime, TimeDelta};
use claude_platform::{Agent, Event, Kind, NewSession, Session, SessionFilter};
use serde::Serialize;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    deploy::{self, Declaration, LockFile},
    error::{Code, Error, from_platform},
    ops::{
        creation::create_once,
        marked_session::{self, MarkedSession},
        readiness, skills,
        stop::{self, Stop},
    },
    plan,
};

/// All that is said.
const WORD: &str = "tick";
/// The files of a sandbox live for 30 days (documented): a successor comes well before.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(20);
/// The metadata key of the mounted `.env`: a session cannot be given another one.
const FILE_KEY: &str = "padel_file";
/// So many events are looked through for our own after a lost answer: far more than a timer and a
/// few people say meanwhile.
const LOOKED_AT: u32 = 20;

/// The one thing that the step does.
pub(crate) struct SayTick<'a>(&'a cli::Tick);

/// The document `padel.tick/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Ticked {
    session: String,
    outcome: Outcome,
    /// The session that was replaced, and why.
    replaced: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// A session was started, which begins with it.
    Started,
    /// Said to the session that was there.
    Said,
    /// Not said, for the session is still at work.
    StillAtWork,
}

/// The state of a session that might hear it.
enum Fitness {
    /// It rests.
    Ready,
    AtWork,
    /// It cannot go on, for this reason.
    Over(String),
}

impl plan::Action for SayTick<'_> {
    type State = Option<Ticked>;

    async fn perform(
        self,
        ticked: &mut Option<Ticked>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let (declaration, file) = context.open_deployment(&self.0.deployment)?;
        let mut new = marked_session::describe_session(&declaration, &file.lock, WORD)?;
        if let Some(id) = &file.lock.file_id {
            new.metadata.insert(FILE_KEY.to_owned(), id.as_str().into());
        }
        new.initial_message = Some(WORD.to_owned());
        let agent = readiness::check_smoke_agent(&new.agent, context).await?;
        let mut ticker = Ticker {
            declaration,
            file,
            agent,
            new,
        };
        let done = ticker.say(context).await?;
        context.answer.tell(ticked.insert(done))
    }

    fn part(&self) -> &'static str {
        WORD
    }
}

impl fmt::Display for SayTick<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "say `{WORD}` to the deployment's long session")
    }
}

impl Step for cli::Tick {
    const NAME: &'static str = WORD;
    type Action<'a> = SayTick<'a>;
    type State = Option<Ticked>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, None)
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    fn plan(&self, _: &mut Option<Ticked>, _: Answer) -> Result<Option<Vec<SayTick<'_>>>, Error> {
        Ok(Some(vec![SayTick(self)]))
    }

    fn document(ticked: &Option<Ticked>) -> impl Serialize {
        ticked
    }

    fn has_results(ticked: &Option<Ticked>) -> bool {
        ticked.is_some()
    }
}

impl fmt::Display for Ticked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = &self.session;
        match self.outcome {
            Outcome::Said => writeln!(out, "said `{WORD}` to {session}"),
            Outcome::StillAtWork => {
                writeln!(
                    out,
                    "{session} is still at work on what it heard before: nothing was said"
                )
            }
            Outcome::Started => {
                write!(out, "started {session}, which begins with `{WORD}`")?;
                match (&self.replaced, &self.reason) {
                    (Some(replaced), Some(reason)) => writeln!(out, "; {replaced} {reason}"),
                    _ => writeln!(out),
                }
            }
        }
    }
}

/// Everything that a tick needs to know.
struct Ticker {
    declaration: Declaration,
    file: LockFile,
    agent: Agent,
    /// The session as it would be started now.
    new: NewSession,
}

impl Ticker {
    async fn say(&mut self, context: &StepContext<'_>) -> Result<Ticked, Error> {
        let mut replaced = None;
        for session in self.find_sessions(context).await? {
            let id = skills::check_id(&session.id)?;
            let outcome = match self.judge(&session, context).await? {
                Fitness::Over(reason) => {
                    replaced.get_or_insert((id, reason));
                    continue;
                }
                Fitness::AtWork => Outcome::StillAtWork,
                Fitness::Ready => {
                    say_once(&id, context).await?;
                    Outcome::Said
                }
            };
            self.keep(&id)?;
            return Ok(Ticked {
                session: id,
                outcome,
                replaced: None,
                reason: None,
            });
        }
        let new = MarkedSession::new(self.new.clone());
        let id = skills::check_id(&new.start(context).await?.id)?;
        self.keep(&id)?;
        let (replaced, reason) = replaced.unzip();
        if let Some(old) = &replaced {
            context.close_session(old).await;
        }
        Ok(Ticked {
            session: id,
            outcome: Outcome::Started,
            replaced,
            reason,
        })
    }

    /// The session of the lock; where it cannot be used, those that an earlier run may have started
    /// without getting to the lock.
    async fn find_sessions(&self, context: &StepContext<'_>) -> Result<Vec<Session>, Error> {
        // A lock may come from a merge: what it names counts as ours only by its metadata.
        let is_ours = |session: &Session| {
            let has = |key: &str, value: &str| {
                session.metadata.get(key).and_then(|found| found.as_str()) == Some(value)
            };
            has(deploy::OWNER_KEY, &self.declaration.name) && has(deploy::USE_KEY, WORD)
        };
        let mut found = Vec::new();
        if let Some(id) = &self.file.lock.tick_session_id {
            match context.client.get_session(id).await {
                Ok(session) => found.extend(Some(session).filter(is_ours)),
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) => return Err(from_platform(error)),
            }
        }
        let filter = SessionFilter {
            agent: Some(self.agent.id.clone()),
            ..SessionFilter::default()
        };
        let sessions = context.client.list_sessions(&filter).await;
        let known = found.first().map(|session| session.id.clone());
        let sessions = sessions.map_err(from_platform)?.into_iter();
        found.extend(
            sessions.filter(|session| is_ours(session) && known.as_ref() != Some(&session.id)),
        );
        Ok(found)
    }

    async fn judge(&self, session: &Session, context: &StepContext<'_>) -> Result<Fitness, Error> {
        if let Some(reason) = self.find_fault(session, context) {
            return Ok(Fitness::Over(reason));
        }
        let types = [
            "session.error",
            "session.status_idle",
            "session.status_running",
            "session.status_rescheduled",
            "session.status_terminated",
        ];
        let events = context
            .client
            .list_newest_events(&session.id, &types, LOOKED_AT)
            .await;
        let mut events = events.map_err(from_platform)?;
        events.reverse();
        let over = |stop: &Stop| Fitness::Over(format!("cannot go on: {stop}"));
        match Stop::find(&events) {
            None => Ok(Fitness::AtWork),
            Some(Stop::RequiresAction) => Err(self.explain_wait(&session.id, context)),
            Some(stop @ (Stop::BudgetReached | Stop::Terminated)) => Ok(over(&stop)),
            Some(Stop::EndTurn) => Ok(Fitness::Ready),
            Some(stop) => {
                let error = events.iter().rev().find_map(stop::describe_error);
                let error = error.map_or(String::new(), |error| format!("; {error}"));
                context
                    .log
                    .warning(&format!("the tick before came to nothing: {stop}{error}"));
                Ok(Fitness::Ready)
            }
        }
    }

    /// Returns why a session is none that would be started now, as a verb phrase.
    fn find_fault(&self, session: &Session, context: &StepContext<'_>) -> Option<String> {
        if session.archived_at.is_some() || session.status == "terminated" {
            return Some("is over".to_owned());
        }
        let version = session.agent["version"].as_u64();
        if version != Some(self.agent.version) {
            return Some(format!(
                "has another version of the agent than {}, which is the newest",
                self.agent.version
            ));
        }
        let same_file = session.metadata.get(FILE_KEY) == self.new.metadata.get(FILE_KEY);
        if !same_file || session.vault_ids != self.new.vault_ids {
            return Some("has other credentials".to_owned());
        }
        if session.environment_id.as_ref() != Some(&self.new.environment) {
            return Some("runs in another environment".to_owned());
        }
        let created = session.created_at.as_deref();
        let created = created.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        let age = created.map(|created| context.surroundings.now - created.to_utc());
        (age > Some(LONGEST_LIFE))
            .then(|| format!("is older than {} days", LONGEST_LIFE.num_days()))
    }

    /// It would wait without limit, and so would its successor.
    fn explain_wait(&self, session: &str, context: &StepContext<'_>) -> Error {
        let session = printable::line(session, 80);
        let message = format!("the session `{session}` waits for somebody to allow a tool");
        let hint = format!(
            "let the tools of `{}` be used without asking: `padel-ops up --execute` sets that; {} \
             shows the tool; archive the session in the Console",
            self.agent.id,
            context.hint_command(&format!("logs {session}"))
        );
        Error::new(Code::Conflict, message, hint)
    }

    fn keep(&mut self, session: &str) -> Result<(), Error> {
        let known = &mut self.file.lock.tick_session_id;
        if known.as_deref() == Some(session) {
            return Ok(());
        }
        *known = Some(session.to_owned());
        self.file.write()
    }
}

/// Says it to a session. After a lost answer, a tick that was not there before is ours, or as good.
async fn say_once(session: &str, context: &StepContext<'_>) -> Result<(), Error> {
    let list = async || {
        let types = ["user.message"];
        let events = context
            .client
            .list_newest_events(session, &types, LOOKED_AT)
            .await?;
        Ok::<_, claude_platform::Error>(events)
    };
    let known = list().await.map_err(from_platform)?;
    let newest = known.first().and_then(Event::id);
    let say = async || context.client.send_message(session, WORD).await.map(drop);
    let find = async || {
        let events = list().await?;
        let mut new = events.iter().take_while(|event| event.id() != newest);
        Ok(new.any(|event| event.text() == WORD).then_some(()))
    };
    create_once("the message", say, find, context).await
}
