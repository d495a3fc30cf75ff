//! The worker: answers threads side by side, and sweeps the ledger for what nobody answers.
//!
//! The ledger is the truth; what is handed over here only says that it is worth a look now.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    answer::{Answerer, Progress},
    handover::{Errand, Handover, HandoverError},
    ledger::{Ledger, Millis},
    log::{Entry, Level},
    machine::stop::Stop,
    question::Thread,
};

/// Errands that wait; more are left to the sweep.
const WAITING: usize = 1024;
/// Threads that are answered at once; the platform has limits of its own. One that waits for another
/// try is none of them.
const AT_ONCE: usize = 64;
/// Signs that are shown at once for questions of threads that are answered already.
const SIGNS_AT_ONCE: usize = 16;
/// The first wait before a thread that did not work is tried again, doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait for runs to give their threads back.
const STOP_TIME: Duration = Duration::from_secs(5);
/// Redeliveries come within minutes or hours, sessions last 20 days: then nobody asks any more.
const KEPT: Millis = 30 * 24 * 3600 * 1000;

/// Hands errands to the worker of this process.
#[derive(Debug, Clone)]
pub struct Inbox(mpsc::Sender<Errand>);

/// The other end of an [`Inbox`].
#[derive(Debug)]
pub struct Errands(mpsc::Receiver<Errand>);

/// Makes an inbox.
#[must_use]
pub fn make_inbox() -> (Inbox, Errands) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Inbox(sender), Errands(receiver))
}

impl Handover for Inbox {
    async fn hand_over(&self, errand: Errand) -> Result<(), HandoverError> {
        let sent = self.0.try_send(errand);
        sent.map_err(|error| HandoverError(error.to_string()))
    }
}

/// Threads that a task answers, and whether to look once more when it ends.
type Active = HashMap<Thread, bool>;

/// Answers what comes in and what a sweep every `pause` finds, until `stop` says so; then waits for
/// the runs to give their threads back.
pub async fn work<L: Ledger + Clone>(
    answerer: Arc<Answerer<L>>,
    mut errands: Errands,
    pause: Duration,
    mut stop: Stop,
) {
    let stopping = stop.clone();
    let (mut tasks, mut active) = (JoinSet::new(), Active::new());
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let signs = Arc::new(Semaphore::new(SIGNS_AT_ONCE));
    let mut sweeps = interval(pause);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let found = tokio::select! {
            () = stop.wait() => break,
            Some(errand) = errands.0.recv() => vec![errand],
            _ = sweeps.tick() => sweep(&answerer, pause).await,
            Some(ended) = tasks.join_next() => finish_task(&mut active, ended.ok().flatten()),
        };
        for errand in found {
            let answerer = Arc::clone(&answerer);
            if let Some(again) = active.get_mut(&errand.thread) {
                *again = true;
                let signs = Arc::clone(&signs);
                tasks.spawn(async move {
                    let _sign = signs.acquire().await;
                    Box::pin(answerer.show_seen(&errand)).await;
                    None
                });
                continue;
            }
            active.insert(errand.thread.clone(), false);
            let (places, stop) = (Arc::clone(&places), stopping.clone());
            tasks.spawn(async move { answer_until_done(&answerer, errand, &places, stop).await });
        }
    }
    let ending = async { while tasks.join_next().await.is_some() {} };
    let _ = timeout(STOP_TIME, ending).await;
}

/// Frees a thread whose task has ended; one that something came for meanwhile is looked at again.
fn finish_task(active: &mut Active, thread: Option<Thread>) -> Vec<Errand> {
    let again = thread.and_then(|thread| Some((active.remove(&thread)?, thread)));
    match again {
        Some((true, thread)) => vec![Errand {
            thread,
            arrived: None,
        }],
        _ => Vec::new(),
    }
}

/// Answers a thread, again and again while something does not work. Returns the thread.
async fn answer_until_done<L: Ledger>(
    answerer: &Answerer<L>,
    mut errand: Errand,
    places: &Semaphore,
    mut stop: Stop,
) -> Option<Thread> {
    let mut wait = FIRST_WAIT;
    loop {
        let place = places.acquire().await;
        let mut stopped = stop.clone();
        // Boxed, so that a task that waits for its place is small.
        let progress = Box::pin(answerer.answer(&errand, stopped.wait())).await;
        drop(place);
        match progress {
            Progress::Done | Progress::Busy => return Some(errand.thread),
            Progress::Later(stated) => {
                errand.arrived = None;
                tokio::select! {
                    () = stop.wait() => return Some(errand.thread),
                    () = sleep(wait.max(stated)) => {}
                }
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

/// Finds threads that wait for longer than an errand takes, and forgets what is old.
async fn sweep<L: Ledger>(answerer: &Answerer<L>, pause: Duration) -> Vec<Errand> {
    let now = (answerer.clock)();
    let pause = Millis::try_from(pause.as_millis()).unwrap_or(Millis::MAX);
    let found = answerer.ledger.find_waiting(now - pause, now).await;
    let swept = match (found, answerer.ledger.forget(now - KEPT).await) {
        (Ok(found), Ok(())) => found,
        (Err(error), _) | (_, Err(error)) => {
            let entry = Entry::new(Level::Error, "ledger_failed");
            (answerer.log)(&entry.with("reason", error.to_string()));
            Vec::new()
        }
    };
    let errand = |thread| Errand {
        thread,
        arrived: None,
    };
    swept.into_iter().map(errand).collect()
}
