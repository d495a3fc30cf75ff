//! The state of a club as text: that of `padel watch`, in the same JSON.

use padel::courts::watch::WatchState;
use serde::{Deserialize, Serialize};

use super::WatchError;

/// Kind and version.
const SCHEMA: &str = "padel.watch.state/v1";
/// The kind alone.
const KIND: &str = "padel.watch.state/";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    state: &'a WatchState,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Read {
    state: WatchState,
}

/// Reads a state; none where it cannot be understood.
///
/// # Errors
///
/// A later release wrote it.
pub fn parse_state(text: &str) -> Result<Option<WatchState>, WatchError> {
    match serde_json::from_str::<Head>(text) {
        Ok(head) if head.schema == SCHEMA => {}
        Ok(head) if head.schema.starts_with(KIND) => return Err(WatchError::Later),
        _ => return Ok(None),
    }
    let read = serde_json::from_str::<Read>(text);
    Ok(read.ok().map(|read| read.state))
}

/// Writes a state.
pub(super) fn write_state(state: &WatchState) -> Result<String, String> {
    let written = Written {
        schema: SCHEMA,
        state,
    };
    serde_json::to_string(&written).map_err(|error| error.to_string())
}
