//! The bridge on one machine, with the ledger in a file: where this program's stages have it.

use std::time::Duration;

use padel_slack::{
    answer::Progress, envelope::Envelope, handover::Errand, machine::sqlite::SqliteLedger,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    order::check_order,
    stage::{Stage, run},
};

pub(crate) type Store = SqliteLedger;

/// Length of leases in histories with crashes. What a run that died has sent has arrived by then.
pub(crate) const LEASE: Duration = Duration::from_millis(150);
/// Histories with crashes that a test run plays.
pub(crate) const HISTORIES: u64 = 250;
/// Short histories without them.
pub(crate) const SHORT_HISTORIES: u64 = 40;

pub(crate) struct Home {
    pub(crate) place: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        Self { place }
    }

    /// The ledger as one more process has it.
    pub(crate) fn open_ledger(&self) -> Store {
        SqliteLedger::open(&self.place.path().join("padel-slack.db")).unwrap()
    }

    /// Checks that the questions of one thread were answered in their order, see [`check_order`].
    pub(crate) async fn check_order(&self, keys: &[String]) {
        check_order(&self.place.path().join("padel-slack.db"), keys);
    }
}

impl Stage {
    /// Takes a delivery; returns the status for Slack.
    pub(crate) async fn take(&self, delivery: &Value) -> u16 {
        let envelope = Envelope::parse(delivery.to_string().as_bytes());
        let verdict = self.intake().take(envelope, (self.clock())()).await;
        verdict.status
    }

    /// Answers until nothing is left to do.
    pub(crate) async fn answer(&self, errand: &Errand) -> Progress {
        run(&self.answerer().await, errand).await
    }
}
