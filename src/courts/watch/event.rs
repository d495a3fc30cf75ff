//! What is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::GameKey;

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Time of the look that found it.
    pub at: DateTime<Utc>,
    /// The wish's name; `None` for what concerns the club.
    pub watch: Option<String>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A wish is watched from now on; `free` games are free already.
    Watching {
        /// Number of free games.
        free: usize,
    },
    /// A game can be booked.
    Free {
        /// Why it is told now.
        reason: Reason,
        /// The game.
        key: GameKey,
        /// First instant after play.
        end: DateTime<Utc>,
        /// The courts that are free.
        courts: Vec<String>,
        /// The activity to book it under.
        activity_id: String,
        /// Number of slots to book.
        bookings: usize,
    },
    /// A booking window opens soon.
    Opens {
        /// The time at which it opens.
        opens_at: DateTime<Utc>,
        /// Number of games that it opens for.
        games: usize,
        /// The first of them.
        first: GameKey,
    },
    /// A game that was told as free is not any more.
    Gone {
        /// What became of it.
        reason: GoneReason,
        /// The game.
        key: GameKey,
        /// Time of the message that it is free.
        told_at: DateTime<Utc>,
    },
    /// Looks fail.
    Failing {
        /// Number of failed looks in a row.
        looks: u32,
        /// The error's code, such as `portal_refused`.
        code: String,
        /// The error in words.
        message: String,
    },
    /// Looks work again.
    Recovered {
        /// Number of looks that had failed.
        looks: u32,
    },
}

/// Reason why a free game is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was free at the wish's first look.
    First,
    /// Somebody had it.
    Freed,
    /// Its booking window has opened.
    Opened,
    /// It is new in the timetable.
    Listed,
}

/// What became of a game that was free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoneReason {
    /// Somebody has it.
    Taken,
    /// Its booking window is over, or not open any more.
    Closed,
    /// The club does not list it any more.
    Unlisted,
}

impl Reason {
    /// The name used in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Freed => "freed",
            Self::Opened => "opened",
            Self::Listed => "listed",
        }
    }
}

impl GoneReason {
    /// The name used in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Closed => "closed",
            Self::Unlisted => "unlisted",
        }
    }
}

impl What {
    /// The kind's name used in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Watching { .. } => "watching",
            Self::Free { .. } => "free",
            Self::Opens { .. } => "opens",
            Self::Gone { .. } => "gone",
            Self::Failing { .. } => "failing",
            Self::Recovered { .. } => "recovered",
        }
    }

    /// The game that it is about, if it is about one.
    #[must_use]
    pub const fn game(&self) -> Option<&GameKey> {
        match self {
            Self::Free { key, .. } | Self::Gone { key, .. } => Some(key),
            _ => None,
        }
    }
}
