//! What watching keeps: one item for the right to look, and one for the state of each club. An item has
//! at most 400 KB (documented).

use super::{
    DynamoLedger, Write,
    item::{number, read_number, text},
};
use crate::{
    function::units::{THREAD_KEPT, expiry},
    ledger::{Lease, LedgerError, Millis},
    watch::ledger::{KeptState, LONGEST_PAUSE, Turn, WatchLedger, decide_turn},
};

/// The item of the right to look.
const LOOK: &str = "look";

fn state_id(club: &str) -> String {
    format!("watch#{club}")
}

impl WatchLedger for DynamoLedger {
    // Mostly it is not time yet, and reading costs less than a write that is refused.
    async fn claim_look(&self, lease: &Lease, now: Millis) -> Result<Turn, LedgerError> {
        let item = self.find_item(LOOK.to_owned()).await?.unwrap_or_default();
        let (until, next) = (read_number(&item, "until"), read_number(&item, "next"));
        let turn = decide_turn(until, next, now);
        if turn != Turn::Taken {
            return Ok(turn);
        }
        let is_taken = self.write(Write {
            id: LOOK.to_owned(),
            set: "#holder = :holder, #until = :until".to_owned(),
            remove: "",
            condition: "(attribute_not_exists(#until) OR #until < :now) AND \
                (attribute_not_exists(#next) OR #next <= :now OR #next > :far)",
            names: &["holder", "until", "next"],
            keys: Vec::new(),
            values: vec![
                (":holder", text(&lease.holder)),
                (":until", number(lease.until)),
                (":now", number(now)),
                (":far", number(now.saturating_add(LONGEST_PAUSE))),
            ],
            question: None,
        });
        Ok(if is_taken.await? {
            Turn::Taken
        } else {
            Turn::Busy
        })
    }

    async fn end_look(&self, holder: &str, next: Millis) -> Result<(), LedgerError> {
        let ended = self.write(Write {
            id: LOOK.to_owned(),
            set: "#next = :next".to_owned(),
            remove: "#holder, #until",
            condition: "#holder = :holder",
            names: &["next", "holder", "until"],
            keys: Vec::new(),
            values: vec![(":next", number(next)), (":holder", text(holder))],
            question: None,
        });
        ended.await.map(drop)
    }

    async fn read_state(&self, club: &str) -> Result<Option<KeptState>, LedgerError> {
        let item = self.find_item(state_id(club)).await?.unwrap_or_default();
        let state = item.get("state").and_then(|state| state.as_s().ok());
        let version = read_number(&item, "version");
        Ok(state.zip(version).map(|(state, version)| KeptState {
            text: state.clone(),
            version,
        }))
    }

    async fn write_state(
        &self,
        club: &str,
        state: &str,
        version: i64,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        let mut values = vec![
            (":state", text(state)),
            (":next", number(version + 1)),
            (":expires", number(expiry(now, THREAD_KEPT))),
        ];
        let condition = if version == 0 {
            "attribute_not_exists(#version)"
        } else {
            values.push((":version", number(version)));
            "#version = :version"
        };
        self.write(Write {
            id: state_id(club),
            set: "#state = :state, #version = :next, #expires = :expires".to_owned(),
            remove: "",
            condition,
            names: &["state", "version", "expires"],
            keys: Vec::new(),
            values,
            question: None,
        })
        .await
    }
}
