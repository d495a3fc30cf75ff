//! The queue of deliveries: what waits, what is under way, and the journal of attempts.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use sim_server::{Armed, Order, locked};
use tokio::sync::{Notify, mpsc};

use super::{Attempt, Event, delivery::deliver_event};
use crate::{mishap::Mishap, sim::Sim};

#[derive(Debug)]
pub(crate) struct Deliveries {
    queue: mpsc::UnboundedSender<Delivery>,
    next: AtomicU64,
    stages: Mutex<BTreeMap<u64, Stage>>,
    mishaps: Mutex<Vec<Armed<Mishap>>>,
    attempts: Mutex<Attempts>,
    /// Notified whenever an attempt has been made; those that were swapped wait for it.
    pub(super) made: Notify,
}

/// An event and its number in the queue.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(super) number: u64,
    pub(super) event: Event,
    /// Of its first attempt, chosen here so that it goes by the order of the queue.
    pub(super) mishap: Option<Mishap>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Busy,
    /// Until this time of the workspace's clock.
    Waiting(DateTime<Utc>),
}

#[derive(Debug, Default)]
struct Attempts {
    /// Those that were begun.
    begun: u32,
    /// Those that ended, in that order.
    ended: Vec<Attempt>,
}

impl Deliveries {
    /// The queue, and its end that [`run_queue`] takes from.
    pub(crate) fn new(mishaps: Vec<Order<Mishap>>) -> (Self, mpsc::UnboundedReceiver<Delivery>) {
        let (queue, receiver) = mpsc::unbounded_channel();
        let armed = mishaps.into_iter().map(|order| Armed::new(order, 0));
        let deliveries = Self {
            queue,
            next: AtomicU64::new(0),
            stages: Mutex::default(),
            mishaps: Mutex::new(armed.collect()),
            attempts: Mutex::default(),
            made: Notify::new(),
        };
        (deliveries, receiver)
    }

    pub(crate) fn push(&self, event: Event) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.set_stage(number, Some(Stage::Busy));
        let mishap = self.begin_attempt(&event.path);
        // Without a receiver the workspace is being dropped.
        let _ = self.queue.send(Delivery {
            number,
            event,
            mishap,
        });
    }

    pub(super) fn set_stage(&self, number: u64, stage: Option<Stage>) {
        let mut stages = locked(&self.stages);
        match stage {
            Some(stage) => stages.insert(number, stage),
            None => stages.remove(&number),
        };
    }

    /// True when nothing is under way, and nothing can begin before the clock goes on.
    pub(crate) fn is_at_rest(&self, now: DateTime<Utc>) -> bool {
        let stages = locked(&self.stages);
        stages
            .values()
            .all(|stage| matches!(stage, Stage::Waiting(due) if *due > now))
    }

    pub(crate) fn push_mishap(&self, order: Order<Mishap>) {
        let begun = locked(&self.attempts).begun;
        locked(&self.mishaps).push(Armed::new(order, begun));
    }

    pub(crate) fn clear_mishaps(&self) {
        locked(&self.mishaps).clear();
    }

    /// Begins an attempt; returns the mishap that strikes it, the earliest that does.
    pub(super) fn begin_attempt(&self, path: &str) -> Option<Mishap> {
        let number = {
            let mut attempts = locked(&self.attempts);
            attempts.begun += 1;
            attempts.begun
        };
        locked(&self.mishaps)
            .iter_mut()
            .find_map(|armed| armed.strike(number, "POST", path))
    }

    pub(super) fn note_attempt(&self, attempt: Attempt) {
        locked(&self.attempts).ended.push(attempt);
        self.made.notify_waiters();
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        locked(&self.attempts).ended.clone()
    }
}

/// Starts deliveries as they are queued, until the workspace is dropped.
pub(crate) async fn run_queue(sim: Arc<Sim>, mut queue: mpsc::UnboundedReceiver<Delivery>) {
    while let Some(delivery) = queue.recv().await {
        tokio::spawn(deliver_event(Arc::clone(&sim), delivery));
    }
}
