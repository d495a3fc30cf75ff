//! The ledger: what became of each question, and which sessions a thread has.
//!
//! A question is `accepted`, then `begun` (from here on it may have been said or answered, so
//! whoever takes it over looks first), then `asked` in a session, then closed: answered, failed or
//! dropped. One run at a time holds a thread's lease, and answers its questions in their order. Each
//! change names the holder: a run that was slower than its lease changes nothing more.
//!
//! Who else may hold the lease, which states may follow and what a rate is are decided here, in one
//! condition each, never by who calls.

use std::future::Future;

use crate::question::{Access, Question, Thread};

/// Milliseconds since 1970. Never seconds, in any ledger.
pub type Millis = i64;

/// The ledger cannot be read or written now. Holds no text of a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the ledger: {0}")]
pub struct LedgerError(pub String);

/// The right of one run to answer a thread's questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// A random text, of one run only.
    pub holder: String,
    /// From then on others may take it.
    pub until: Millis,
}

/// The most questions of one person in one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Questions in a window.
    pub questions: u32,
    /// The length of a window. Windows begin at multiples of it, so that twice as many may come
    /// within one length; it guards against loops, not against haste.
    pub window: Millis,
}

/// Outcome of recording a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// A question that has to be answered.
    New,
    /// The first question too many of its window: the person has to be told.
    OverLimit,
    /// Another question too many, which is dropped.
    Dropped,
    /// Its key is known.
    Known,
}

/// Progress of a question that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was sent anywhere.
    Accepted,
    /// It may have been said, and something may have been posted.
    Begun,
    /// It was said in a session; something may have been posted.
    Asked {
        /// The session's id.
        session: String,
        /// The time at which that was known.
        at: Millis,
    },
}

/// A question that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The question.
    pub question: Question,
    /// The time at which it was accepted.
    pub accepted_at: Millis,
    /// It is one too many: it gets a sentence and is not asked.
    pub is_over_limit: bool,
    /// Its progress.
    pub stage: Stage,
    /// The session that the thread has for questions of this access.
    pub session: Option<String>,
    /// The times of our posts for other questions of the thread.
    pub posts: Vec<String>,
}

/// Outcome of taking a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Another run holds it.
    Busy,
    /// No question is open. The lease may have been taken: give it back.
    Nothing,
    /// The lease is taken, and the question is begun.
    Question(Box<OpenQuestion>),
}

/// End of a question; by default without a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closing {
    /// The reason for the log; none when it was answered.
    pub failure: Option<&'static str>,
    /// The time of our post; none when nothing could be posted.
    pub post: Option<String>,
    /// The thread's session of this access takes no more questions: the next one gets a successor.
    pub ends_session: bool,
}

/// The port to the ledger. Conditions that do not hold are answers, never errors.
pub trait Ledger: Send + Sync + 'static {
    /// Records a question unless its key is known, and counts it.
    fn record(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> impl Future<Output = Result<Recorded, LedgerError>> + Send;

    /// Takes the lease of a thread if nobody holds it; returns whether it did.
    fn claim(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Prolongs a lease; returns false if somebody else took it.
    fn renew(
        &self,
        thread: &Thread,
        lease: &Lease,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Gives a lease back, unless somebody else took it.
    fn release(
        &self,
        thread: &Thread,
        holder: &str,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Returns the question of a thread that is begun or asked, else the oldest that is accepted. So
    /// one at most is under way, also when an older one arrives after a crash: a post that nobody
    /// noted can only be its own. A question that is recorded before this is called is seen.
    fn find_next(
        &self,
        thread: &Thread,
    ) -> impl Future<Output = Result<Option<OpenQuestion>, LedgerError>> + Send;

    /// Makes an accepted question a begun one; returns false if the lease is lost.
    fn begin(
        &self,
        question: &Question,
        holder: &str,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Takes the lease as [`Self::claim`] does, and begins the next question as
    /// [`Self::begin_next`] does.
    fn claim_next(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> impl Future<Output = Result<Taken, LedgerError>> + Send {
        async move {
            if !self.claim(thread, lease, now).await? {
                return Ok(Taken::Busy);
            }
            self.begin_next(thread, &lease.holder).await
        }
    }

    /// Finds the next question as [`Self::find_next`] does, and begins it if it is accepted. Returns
    /// it as it was found: accepted, if it was begun by this.
    fn begin_next(
        &self,
        thread: &Thread,
        holder: &str,
    ) -> impl Future<Output = Result<Taken, LedgerError>> + Send {
        async move {
            let found = self.find_next(thread).await?;
            self.begin_found(found, holder).await
        }
    }

    /// Begins the question that [`Self::find_next`] has found, as [`Self::begin_next`] does.
    fn begin_found(
        &self,
        found: Option<OpenQuestion>,
        holder: &str,
    ) -> impl Future<Output = Result<Taken, LedgerError>> + Send {
        async move {
            let Some(open) = found else {
                return Ok(Taken::Nothing);
            };
            if open.stage == Stage::Accepted && !self.begin(&open.question, holder).await? {
                return Ok(Taken::Busy);
            }
            Ok(Taken::Question(Box::new(open)))
        }
    }

    /// Notes that a begun question was said in a session, which is the thread's from now on; returns
    /// false if the lease is lost.
    fn note_asked(
        &self,
        question: &Question,
        holder: &str,
        session: &str,
        now: Millis,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Closes a question and forgets its text; returns false if the lease is lost.
    fn close(
        &self,
        question: &Question,
        holder: &str,
        closing: &Closing,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Returns the threads that have a question accepted before `accepted_before` and not closed,
    /// and that nobody holds.
    fn find_waiting(
        &self,
        accepted_before: Millis,
        now: Millis,
    ) -> impl Future<Output = Result<Vec<Thread>, LedgerError>> + Send;

    /// Forgets questions that were accepted before `accepted_before` and are closed, and threads
    /// that have none. A message that is delivered once more after that is a new question.
    fn forget(
        &self,
        accepted_before: Millis,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

impl Access {
    /// Reads [`Access::name`]; anything that is not an owner's gets no credentials.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if name == Self::Owner.name() {
            Self::Owner
        } else {
            Self::Courts
        }
    }
}
