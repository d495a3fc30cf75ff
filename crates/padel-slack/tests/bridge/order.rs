//! The order of a thread's answers, held against the ledger's file.

use std::path::Path;

/// Checks that the questions of one thread were answered in their order, given their keys in the
/// order of the posts: one that was typed earlier comes later only if it arrived later.
pub(crate) fn check_order(file: &Path, keys: &[String]) {
    let file = rusqlite::Connection::open(file).unwrap();
    let mut select = file
        .prepare("SELECT ts, rowid FROM question WHERE key = ?1")
        .unwrap();
    let places: Vec<(String, i64)> = keys
        .iter()
        .map(|key| {
            let place = select.query_row([key], |row| Ok((row.get(0)?, row.get(1)?)));
            place.unwrap()
        })
        .collect();
    for (index, (ts, arrival)) in places.iter().enumerate() {
        for (later_ts, later_arrival) in &places[index..] {
            let is_in_order = ts <= later_ts || later_arrival > arrival;
            assert!(is_in_order, "{keys:?}: {places:?}");
        }
    }
}
