//! A platform's state: what all handlers share.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::{
    agents::Agent,
    aws::AwsAccess,
    clock::Clock,
    fault::{Armed, Fault, Order},
    federation::{Federation, Tokens},
    files::StoredObject,
    journal::Journal,
    model::Model,
    sessions::Session,
    skills::Skill,
};

/// How the platform behaves, fixed for its lifetime.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) api_keys: Vec<String>,
    pub(crate) aws: Option<AwsAccess>,
    pub(crate) aws_keys: Vec<String>,
    pub(crate) federation: Option<Federation>,
    pub(crate) token_life: Duration,
    /// By id: whether it is archived.
    pub(crate) environments: BTreeMap<String, bool>,
    pub(crate) denied: BTreeSet<String>,
    pub(crate) clock: Clock,
    pub(crate) page_size: usize,
    pub(crate) model: Model,
    pub(crate) tool_limit: Duration,
    pub(crate) stale_mounts: bool,
    pub(crate) normalised_downloads: bool,
}

impl Setup {
    /// Whether it is Claude Platform on AWS rather than the direct API.
    pub(crate) fn on_aws(&self) -> bool {
        self.aws.is_some() || !self.aws_keys.is_empty()
    }
}

/// What clients made.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Oldest first.
    pub(crate) skills: Vec<Skill>,
    pub(crate) agents: BTreeMap<String, Agent>,
    /// Oldest first.
    pub(crate) sessions: Vec<Session>,
    /// Oldest first.
    pub(crate) files: Vec<StoredObject>,
}

/// One simulated platform.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) setup: Setup,
    /// Where the sessions' file systems are.
    pub(crate) grounds: PathBuf,
    pub(crate) world: Mutex<World>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) faults: Mutex<Vec<Armed>>,
    pub(crate) journal: Mutex<Journal>,
    /// Nobody is served any more: who still works may stop.
    pub(crate) closed: AtomicBool,
    pub(crate) ids: AtomicU64,
}

impl Sim {
    /// An id nobody has seen: opaque, and not sorted by age.
    pub(crate) fn id(&self, prefix: &str) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let hash: String = Sha256::digest(format!("{prefix} {number}"))
            .iter()
            .take(11)
            .map(|byte| format!("{byte:02X}"))
            .collect();
        format!("{prefix}_01{hash}")
    }

    /// The present, as objects tell it.
    pub(crate) fn now(&self) -> String {
        self.setup.clock.stamp()
    }

    /// Adds a fault, from now on.
    pub(crate) fn push(&self, order: Order) {
        let calls = u32::try_from(locked(&self.journal).calls.len()).unwrap_or(u32::MAX);
        locked(&self.faults).push(order.arm(calls));
    }

    /// The fault that strikes a call; the earliest that does.
    pub(crate) fn strike(&self, number: u32, method: &str, path: &str) -> Option<Fault> {
        locked(&self.faults)
            .iter_mut()
            .find_map(|armed| armed.meet(number, method, path))
    }
}

/// The value behind a lock. A handler that panicked while it held one fails the test when the
/// platform is dropped, so nothing is gained by a second panic here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}
