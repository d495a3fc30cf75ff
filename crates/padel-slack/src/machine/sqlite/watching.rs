//! What watching keeps, in the ledger's file.

use rusqlite::{OptionalExtension as _, params};

use super::{SqliteLedger, schema::Safety};
use crate::{
    ledger::{Lease, LedgerError, Millis},
    watch::ledger::{KeptState, Turn, WatchLedger, decide_turn},
};

/// A state that nobody wrote for so long is of a club that is not watched any more.
const KEPT: Millis = 30 * 24 * 3600 * 1000;

impl WatchLedger for SqliteLedger {
    // A lease ends with the machine, which runs no process of ours then.
    async fn claim_look(&self, lease: &Lease, now: Millis) -> Result<Turn, LedgerError> {
        let lease = lease.clone();
        self.transact(Safety::Process, move |file| {
            let find = "SELECT until, next FROM look";
            let found = file
                .query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (until, next) = found.unwrap_or_default();
            let turn = decide_turn(until, next, now);
            if turn == Turn::Taken {
                file.execute(
                    "INSERT INTO look (id, holder, until) VALUES (1, ?1, ?2)
                     ON CONFLICT DO UPDATE SET holder = ?1, until = ?2",
                    params![lease.holder, lease.until],
                )?;
            }
            Ok(turn)
        })
        .await
    }

    async fn end_look(&self, holder: &str, next: Millis) -> Result<(), LedgerError> {
        let holder = holder.to_owned();
        self.transact(Safety::Process, move |file| {
            let end = "UPDATE look SET holder = NULL, until = NULL, next = ?2 WHERE holder = ?1";
            file.execute(end, params![holder, next]).map(drop)
        })
        .await
    }

    async fn read_state(&self, club: &str) -> Result<Option<KeptState>, LedgerError> {
        let club = club.to_owned();
        self.transact(Safety::Process, move |file| {
            let find = "SELECT state, version FROM watched WHERE club = ?1";
            let read = |row: &rusqlite::Row<'_>| {
                Ok(KeptState {
                    text: row.get(0)?,
                    version: row.get(1)?,
                })
            };
            file.query_row(find, [club], read).optional()
        })
        .await
    }

    // What Slack took must not be posted again after a power failure, and what waits not be lost.
    async fn write_state(
        &self,
        club: &str,
        text: &str,
        version: i64,
        now: Millis,
    ) -> Result<bool, LedgerError> {
        let (club, text) = (club.to_owned(), text.to_owned());
        self.transact(Safety::Disk, move |file| {
            let forget = "DELETE FROM watched WHERE written_at < ?1 AND club <> ?2";
            file.execute(forget, params![now - KEPT, club])?;
            let count = if version == 0 {
                let add = "INSERT OR IGNORE INTO watched (club, state, version, written_at)
                    VALUES (?1, ?2, 1, ?3)";
                file.execute(add, params![club, text, now])?
            } else {
                let replace = "UPDATE watched SET state = ?2, version = version + 1,
                    written_at = ?4 WHERE club = ?1 AND version = ?3";
                file.execute(replace, params![club, text, version, now])?
            };
            Ok(count == 1)
        })
        .await
    }
}
