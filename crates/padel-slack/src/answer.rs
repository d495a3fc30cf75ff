//! Answering: a thread's questions, one after the other, from the ledger to the posts in the thread.
//!
//! It may be dropped at any await, and run again anywhere: what the ledger says is enough to go on.
//! A run that takes a question over looks in the thread before it posts, and in the sessions before
//! it says anything. What does not work now is left to a later run.

mod asking;
mod lease;
mod posting;

use std::{future::ready, pin::Pin, time::Duration};

use self::asking::Asked;
use crate::{
    clock::Clock,
    desk::Desk,
    failure::Failure,
    handover::Errand,
    ledger::{Ledger, LedgerError, Millis, OpenQuestion, Stage, Taken},
    log::{Entry, Level, Log},
    question::Thread,
    slack::{Identity, SlackClient, SlackError},
};

/// The emoji below a question that has come.
const SEEN: &str = "eyes";

/// Who of agent and bridge posts the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// We do.
    Bridge,
    /// The agent does, by Slack's MCP server; every question goes to this session.
    Agent(String),
}

/// Times of a run.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Time that a thread stays a run's without renewal, which is the wait after a crash.
    pub lease: Duration,
    /// Time between two renewals of a lease: several fit into its length.
    pub renewal: Duration,
    /// A question that was not said by then gets a sentence, from its acceptance on.
    pub ask_within: Duration,
    /// A turn that takes longer is stopped.
    pub answer_within: Duration,
    /// A question that nothing could be posted for by then is given up, from its acceptance on.
    pub post_within: Duration,
    /// The wait before looking for something that may have been done without an answer, and the
    /// shortest look at a turn whose time is over.
    pub settle: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            renewal: Duration::from_secs(4),
            ask_within: Duration::from_secs(600),
            answer_within: Duration::from_secs(180),
            post_within: Duration::from_secs(3600),
            settle: Duration::from_secs(5),
        }
    }
}

/// Everything that answering needs.
#[derive(Clone)]
pub struct Answerer<L> {
    /// Outcome of each question.
    pub ledger: L,
    /// Slack, where answers go.
    pub slack: SlackClient,
    /// The bot in its workspace.
    pub identity: Identity,
    /// The platform's agents, which are asked.
    pub desk: Desk,
    /// The one who posts.
    pub reply: Reply,
    /// Times of a run.
    pub timing: Timing,
    /// The time.
    pub clock: Clock,
    /// Log for lines about runs.
    pub log: Log,
}

/// Outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// No question of the thread is open.
    Done,
    /// Another run has the thread.
    Busy,
    /// Something did not work; run again after this time or later.
    Later(Duration),
}

/// Reason why a run does not go on with a question.
enum Pause {
    /// Another run has taken the thread.
    Lost,
    /// It was told to stop.
    Stopped,
    /// Something did not work, and may work after this time.
    Later(Duration),
    /// The ledger cannot be used.
    Ledger(LedgerError),
}

impl From<LedgerError> for Pause {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl<L: Ledger> Answerer<L> {
    /// Answers the open questions of a thread, unless another run does. Ends early when `stop` is
    /// over, and gives the thread back for another run: between two questions or while it waits for
    /// the agent, never amid a request, which the next run could not see yet.
    pub async fn answer(&self, errand: &Errand, stop: impl Future<Output = ()>) -> Progress {
        let answering = self.answer_thread(&errand.thread, stop);
        tokio::join!(answering, self.show_seen(errand)).0
    }

    /// Shows the author of a message that it has come. Shown twice is shown once.
    pub async fn show_seen(&self, errand: &Errand) {
        if let (Some(ts), Reply::Bridge) = (&errand.arrived, &self.reply) {
            self.react(&errand.thread.channel, ts, SEEN).await;
        }
    }

    /// Goes on from the first question to the next until the thread has none.
    async fn answer_all(
        &self,
        thread: &Thread,
        holder: &str,
        first: Taken,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Pause> {
        let mut taken = first;
        loop {
            match taken {
                Taken::Busy => return Err(Pause::Lost),
                Taken::Nothing => return Ok(()),
                Taken::Question(open) => self.answer_one(&open, holder, stop.as_mut()).await?,
            }
            if is_over(stop.as_mut()).await {
                return Err(Pause::Stopped);
            }
            taken = self.ledger.begin_next(thread, holder).await?;
        }
    }

    async fn answer_one(
        &self,
        open: &OpenQuestion,
        holder: &str,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Pause> {
        let question = &open.question;
        // One that this run has begun was neither said nor answered before.
        if open.stage != Stage::Accepted && self.reply == Reply::Bridge {
            let bot = &self.identity.bot;
            match self.slack.find_post(question, bot, &open.posts).await {
                Ok(None) => {}
                Ok(Some(found)) => return self.close_found(open, holder, found).await,
                Err(error) => return self.pause_posting(open, holder, &error).await,
            }
        }
        if open.is_over_limit {
            return self.finish(open, holder, Err(Failure::TooMany)).await;
        }
        let asked = match &open.stage {
            Stage::Asked { session, at } => Asked::In(session.clone(), *at),
            _ => self.ask(open, holder).await?,
        };
        let outcome = match (asked, &self.reply) {
            (Asked::Failed(failure), _) => Err(failure),
            (Asked::In(..), Reply::Agent(_)) => {
                return self.close(open, holder, None, None).await;
            }
            (Asked::In(session, at), Reply::Bridge) => tokio::select! {
                outcome = self.wait(&session, question, at) => outcome,
                () = stop => return Err(Pause::Stopped),
            },
        };
        self.finish(open, holder, outcome).await
    }

    /// Shows a sign; that it is missing is worth a line and nothing else.
    async fn react(&self, channel: &str, ts: &str, name: &str) {
        self.note_reaction(self.slack.add_reaction(channel, ts, name).await);
    }

    fn note_reaction(&self, outcome: Result<(), SlackError>) {
        if let Err(error) = outcome {
            let entry = Entry::new(Level::Warning, "reaction_failed");
            (self.log)(&entry.with("reason", error.to_string()));
        }
    }

    fn describe(&self, entry: Entry, open: &OpenQuestion) -> Entry {
        entry
            .with("key", open.question.key.as_str())
            .with("access", open.question.access.name())
            .with("since_accepted_ms", (self.clock)() - open.accepted_at)
    }
}

/// Returns whether a stop has come by now.
async fn is_over(stop: Pin<&mut impl Future<Output = ()>>) -> bool {
    tokio::select! {
        biased;
        () = stop => true,
        () = ready(()) => false,
    }
}

/// Goes on if the ledger took the change.
fn keep(is_ours: bool) -> Result<(), Pause> {
    is_ours.then_some(()).ok_or(Pause::Lost)
}

fn has_passed(now: Millis, since: Millis, time: Duration) -> bool {
    now - since > Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX)
}
