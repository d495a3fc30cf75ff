//! The lease around a run: taken, renewed while the run works and before it does what cannot be taken
//! back, given back. A run that loses it stops where it is, as if it had crashed.

use std::{pin::pin, time::Duration};

use super::{Answerer, Pause, Progress, is_over, keep};
use crate::{
    ledger::{Lease, Ledger, LedgerError, Millis, Taken},
    log::{Entry, Level},
    question::Thread,
};

impl<L: Ledger> Answerer<L> {
    /// Takes the thread and answers until it has no open question.
    pub(super) async fn answer_thread(
        &self,
        thread: &Thread,
        stop: impl Future<Output = ()>,
    ) -> Progress {
        let mut stop = pin!(stop);
        loop {
            if is_over(stop.as_mut()).await {
                return Progress::Later(Duration::ZERO);
            }
            let holder = format!("{:032x}", fastrand::u128(..));
            let lease = self.lease(&holder);
            let taken = self.ledger.claim_next(thread, &lease, (self.clock)());
            let first = match taken.await {
                Ok(Taken::Busy) => return Progress::Busy,
                Ok(taken) => taken,
                Err(error) => {
                    // It may have been taken before that.
                    let _ = self.ledger.release(thread, &holder).await;
                    return self.report(&error);
                }
            };
            let outcome = tokio::select! {
                outcome = self.answer_all(thread, &holder, first, stop.as_mut()) => outcome,
                () = self.keep_lease(thread, &holder) => Err(Pause::Lost),
            };
            if let Err(error) = self.ledger.release(thread, &holder).await {
                return self.report(&error);
            }
            let is_stopped = match outcome {
                Ok(()) => false,
                Err(Pause::Stopped) => true,
                Err(Pause::Lost) => {
                    let entry = Entry::new(Level::Warning, "lease_lost");
                    (self.log)(&entry.with("thread", thread.to_string()));
                    return Progress::Busy;
                }
                Err(Pause::Later(wait)) => return Progress::Later(wait),
                Err(Pause::Ledger(error)) => return self.report(&error),
            };
            // A question that came since the last look found the thread taken.
            match self.ledger.find_next(thread).await {
                Ok(None) => return Progress::Done,
                Ok(Some(_)) if is_stopped => return Progress::Later(Duration::ZERO),
                Ok(Some(_)) => {}
                Err(error) => return self.report(&error),
            }
        }
    }

    /// Renews the lease until somebody else has it, or it may have ended.
    async fn keep_lease(&self, thread: &Thread, holder: &str) {
        let mut until = self.lease(holder).until;
        loop {
            tokio::time::sleep(self.timing.renewal).await;
            let lease = self.lease(holder);
            match self.ledger.renew(thread, &lease).await {
                Ok(true) => until = lease.until,
                Ok(false) => return,
                Err(_) if (self.clock)() > until => return,
                Err(_) => {}
            }
        }
    }

    /// Goes on only if the thread is still this run's: the process may have slept for longer than its
    /// lease, and another may have said or posted the same meanwhile.
    pub(super) async fn hold(&self, thread: &Thread, holder: &str) -> Result<(), Pause> {
        keep(self.ledger.renew(thread, &self.lease(holder)).await?)
    }

    fn lease(&self, holder: &str) -> Lease {
        let length = Millis::try_from(self.timing.lease.as_millis()).unwrap_or(Millis::MAX);
        Lease {
            holder: holder.to_owned(),
            until: (self.clock)().saturating_add(length),
        }
    }

    fn report(&self, error: &LedgerError) -> Progress {
        let entry = Entry::new(Level::Error, "ledger_failed");
        (self.log)(&entry.with("reason", error.to_string()));
        Progress::Later(self.timing.settle)
    }
}
