//! The ledger in a SQLite file: for one machine, and for several processes on it.
//!
//! Each operation is one transaction that takes the write lock first, so that its condition and its
//! change are one. Whatever a process has committed outlives it. A commit whose loss could lose or
//! double something is on the disk before its answer is given, with all commits before it; after a
//! power failure the file is as it was after one of the commits since then.

mod schema;
mod statements;
mod watching;

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Mutex;

use self::schema::Safety;
use crate::{
    ledger::{
        Closing, Lease, Ledger, LedgerError, Millis, OpenQuestion, RateLimit, Recorded, Taken,
    },
    question::{Question, Thread},
};

/// A ledger in a file; clones share its connections.
#[derive(Clone, Debug)]
pub struct SqliteLedger {
    transactions: Arc<Mutex<Connection>>,
    /// Moves commits from the log into the file meanwhile: in a transaction this would take the disk
    /// as long as Slack's whole answer may.
    checkpoints: Arc<Mutex<Connection>>,
}

impl SqliteLedger {
    /// Opens the file, or makes it: readable by its owner only, for it holds what people asked.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or a newer release wrote it.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let open = || schema::open(path).map_err(|error| LedgerError(error.to_string()));
        Ok(Self {
            transactions: Arc::new(Mutex::new(open()?)),
            checkpoints: Arc::new(Mutex::new(open()?)),
        })
    }

    /// Moves what is committed into the file, so that the log begins anew; nobody waits for it.
    async fn checkpoint(&self) -> Result<(), LedgerError> {
        let connection = Arc::clone(&self.checkpoints).lock_owned().await;
        let outcome = tokio::task::spawn_blocking(move || schema::checkpoint(&connection)).await;
        let outcome = outcome.map_err(|error| LedgerError(error.to_string()))?;
        outcome.map_err(|error| LedgerError(error.to_string()))
    }

    /// Runs one transaction on a thread that may wait for the disk, in the order in which they come:
    /// waiting costs no thread. Once begun it ends, also when nobody waits for it any more.
    async fn transact<T: Send + 'static>(
        &self,
        safety: Safety,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let mut connection = Arc::clone(&self.transactions).lock_owned().await;
        let run = move || {
            schema::set_safety(&connection, safety)?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit().map(|()| value)
        };
        let outcome = tokio::task::spawn_blocking(run).await;
        let outcome = outcome.map_err(|error| LedgerError(error.to_string()))?;
        outcome.map_err(|error: rusqlite::Error| LedgerError(error.to_string()))
    }
}

impl Ledger for SqliteLedger {
    async fn record(
        &self,
        question: &Question,
        limit: RateLimit,
        now: Millis,
    ) -> Result<Recorded, LedgerError> {
        let question = question.clone();
        self.transact(Safety::Disk, move |file| {
            statements::record(file, &question, limit, now)
        })
        .await
    }

    async fn claim(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        let (thread, lease) = (thread.clone(), lease.clone());
        self.transact(Safety::Disk, move |file| {
            statements::claim(file, &thread, &lease, now)
        })
        .await
    }

    // Leases end with the machine, which runs no process of ours then.
    async fn renew(&self, thread: &Thread, lease: &Lease) -> Result<bool, LedgerError> {
        let (thread, lease) = (thread.clone(), lease.clone());
        self.transact(Safety::Process, move |file| {
            statements::set_lease(file, &thread, &lease.holder, Some(&lease))
        })
        .await
    }

    async fn release(&self, thread: &Thread, holder: &str) -> Result<(), LedgerError> {
        let (thread, holder) = (thread.clone(), holder.to_owned());
        self.transact(Safety::Process, move |file| {
            statements::set_lease(file, &thread, &holder, None).map(drop)
        })
        .await
    }

    async fn find_next(&self, thread: &Thread) -> Result<Option<OpenQuestion>, LedgerError> {
        let thread = thread.clone();
        self.transact(Safety::Process, move |file| {
            statements::find_next(file, &thread)
        })
        .await
    }

    async fn begin(&self, question: &Question, holder: &str) -> Result<bool, LedgerError> {
        let (question, holder) = (question.clone(), holder.to_owned());
        self.transact(Safety::Disk, move |file| {
            statements::begin(file, &question, &holder)
        })
        .await
    }

    async fn claim_next(
        &self,
        thread: &Thread,
        lease: &Lease,
        now: Millis,
    ) -> Result<Taken, LedgerError> {
        let (thread, lease) = (thread.clone(), lease.clone());
        self.transact(Safety::Disk, move |file| {
            if !statements::claim(file, &thread, &lease, now)? {
                return Ok(Taken::Busy);
            }
            statements::begin_next(file, &thread, &lease.holder)
        })
        .await
    }

    async fn begin_next(&self, thread: &Thread, holder: &str) -> Result<Taken, LedgerError> {
        let (thread, holder) = (thread.clone(), holder.to_owned());
        self.transact(Safety::Disk, move |file| {
            statements::begin_next(file, &thread, &holder)
        })
        .await
    }

    async fn note_asked(
        &self,
        question: &Question,
        holder: &str,
        session: &str,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        let (question, holder, session) = (question.clone(), holder.to_owned(), session.to_owned());
        self.transact(Safety::Disk, move |file| {
            statements::note_asked(file, &question, &holder, &session, now)
        })
        .await
    }

    // Open again, the question is looked for in its thread, and found there.
    async fn close(
        &self,
        question: &Question,
        holder: &str,
        closing: &Closing,
    ) -> Result<bool, LedgerError> {
        let (question, holder, closing) = (question.clone(), holder.to_owned(), closing.clone());
        self.transact(Safety::Process, move |file| {
            statements::close(file, &question, &holder, &closing)
        })
        .await
    }

    async fn find_waiting(
        &self,
        accepted_before: Millis,
        now: Millis,
    ) -> Result<Vec<Thread>, LedgerError> {
        self.transact(Safety::Process, move |file| {
            statements::find_waiting(file, accepted_before, now)
        })
        .await
    }

    async fn forget(&self, accepted_before: Millis) -> Result<(), LedgerError> {
        self.transact(Safety::Process, move |file| {
            statements::forget(file, accepted_before)
        })
        .await?;
        self.checkpoint().await
    }
}
