//! A game: a time to play at a site, whichever courts and activities offer it.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    courts::{State, Stretch},
    sort::sort_by,
};

/// Identity of a game, ordered by start. As text `SITE|START|MINUTES`, such as
/// `UB|2026-11-28T18:00:00Z|90`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GameKey {
    /// First instant of play.
    pub start: DateTime<Utc>,
    /// The site's id.
    pub site_id: String,
    /// Playing time in minutes.
    pub minutes: i64,
}

/// What a look says of one game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Game {
    /// First instant after play.
    pub end: DateTime<Utc>,
    /// The best state of all courts and activities that offer it.
    pub state: State,
    /// The earliest time at which it can be booked, where it cannot be yet and the time is known.
    pub opens_at: Option<DateTime<Utc>>,
    /// The courts in that state, shorter names first.
    pub courts: Vec<String>,
    /// The activity in that state that takes the fewest bookings.
    pub activity_id: String,
    /// Number of slots to book under that activity.
    pub bookings: usize,
}

/// The games of one look.
pub type Games = BTreeMap<GameKey, Game>;

impl fmt::Display for GameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "{}|{start}|{}", self.site_id, self.minutes)
    }
}

impl FromStr for GameKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, minutes) = text.rsplit_once('|').ok_or("no game")?;
        let (site_id, start) = rest.rsplit_once('|').ok_or("no game")?;
        Ok(Self {
            start: start.parse().map_err(|_| "no time of a game")?,
            site_id: site_id.to_owned(),
            minutes: minutes.parse().map_err(|_| "no length of a game")?,
        })
    }
}

impl Serialize for GameKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GameKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Merges stretches into games. Those that have begun at `now` are left out.
#[must_use]
pub fn collect_games(stretches: &[Stretch], now: DateTime<Utc>) -> Games {
    let mut games = Games::new();
    for stretch in stretches.iter().filter(|stretch| stretch.start > now) {
        let key = GameKey {
            start: stretch.start,
            site_id: stretch.listing.site_id.clone(),
            minutes: stretch.minutes,
        };
        match games.get_mut(&key) {
            Some(game) => game.add(stretch),
            None => drop(games.insert(key, Game::new(stretch))),
        }
    }
    for game in games.values_mut() {
        sort_by(&mut game.courts, |one, other| {
            (one.len(), one).cmp(&(other.len(), other))
        });
        game.courts.dedup();
    }
    games
}

impl Game {
    fn new(stretch: &Stretch) -> Self {
        let opens_at = stretch.bookable_from;
        Self {
            end: stretch.end,
            state: stretch.state,
            opens_at: opens_at.filter(|_| stretch.state == State::OpensLater),
            courts: vec![stretch.listing.court.clone()],
            activity_id: stretch.listing.activity_id.clone(),
            bookings: stretch.bookings,
        }
    }

    fn add(&mut self, stretch: &Stretch) {
        let mut other = Self::new(stretch);
        if other.state > self.state {
            return;
        }
        if other.state < self.state {
            *self = other;
            return;
        }
        self.courts.append(&mut other.courts);
        self.end = self.end.min(other.end);
        self.opens_at = [self.opens_at, other.opens_at].into_iter().flatten().min();
        if (other.bookings, &other.activity_id) < (self.bookings, &self.activity_id) {
            self.bookings = other.bookings;
            self.activity_id = other.activity_id;
        }
    }
}
