//! Watching: what became bookable since the last look, and what of it is told.
//!
//! Pure, as all of the domain: a look's slots, the current time and the kept [`WatchState`] come in,
//! events go out. What is told is a [`Game`], not a slot: a site, a start and a playing time,
//! whichever courts and activities offer it.
//!
//! Absence is no evidence. A failed look changes nothing that is known of a game, and an answer that
//! is not complete proves of no game that it is gone.
//!
//! Events wait in the state's outbox until their targets took them, so that what is told is told at
//! least once. A game counts as told when a target took its message, not when there was one.

mod compare;
mod event;
mod game;
mod outbox;
mod schedule;
mod state;
mod wish;

pub use compare::{Answered, Evidence, LookFailure, News};
pub use event::{Event, GoneReason, Reason, What};
pub use game::{Game, GameKey, Games, collect_games};
pub use outbox::{Dropped, Loss};
pub use schedule::{Due, LEAST_GAP, next_look};
pub use state::{WatchState, WishState};
pub use wish::{Quiet, Wish};

#[cfg(test)]
mod tests;
