//! The games that a patient person finds in the club's timetable: the truth behind every answer,
//! worked out from the rules in `docs/asking.md` by trying everything. It shares nothing with
//! `src/courts`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Europe::London;
use gladstone_sim::{Club, TruthSlot};

/// A game that can be booked at once, in the club's local time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Game {
    pub(crate) start: NaiveDateTime,
    pub(crate) end: NaiveDateTime,
    pub(crate) court: String,
    pub(crate) activity: String,
    /// Minutes of play.
    pub(crate) minutes: i64,
    /// The number of slots that it takes.
    pub(crate) bookings: usize,
}

/// A time for which a court is free, as long as it can be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FreeTime {
    pub(crate) start: NaiveDateTime,
    pub(crate) court: String,
    pub(crate) end: NaiveDateTime,
}

/// One way to play on a court from a time on; end, bookings and minutes where they are told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Play {
    pub(crate) start: NaiveDateTime,
    pub(crate) court: String,
    pub(crate) told: Option<(NaiveDateTime, (i64, i64))>,
}

/// A question for courts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) dates: Vec<NaiveDate>,
    /// Hours and minutes, `(0, 0)` and `(24, 0)` when none are named.
    pub(crate) hours: Option<((i64, i64), (i64, i64))>,
    pub(crate) minutes: Option<i64>,
    /// All padel activities when empty.
    pub(crate) activities: Vec<&'static str>,
    /// A moment, in hours and minutes.
    pub(crate) at: Option<(i64, i64)>,
    /// Names of courts; all when empty.
    pub(crate) courts: Vec<&'static str>,
}

impl Wish {
    fn is_for(&self, court: &str) -> bool {
        self.courts.is_empty() || self.courts.contains(&court)
    }

    /// Minutes from the moment to a time of its day.
    fn since(&self, day: NaiveDate, time: NaiveDateTime) -> i64 {
        let (hour, minute) = self.at.unwrap_or_default();
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        (time - midnight).num_minutes() - hour * 60 - minute
    }

    fn covers(&self, start: NaiveDateTime, end: NaiveDateTime) -> bool {
        self.at.is_none()
            || (self.since(start.date(), start) <= 0 && self.since(start.date(), end) > 0)
    }

    fn begins_about(&self, start: NaiveDateTime) -> bool {
        self.at.is_none() || self.since(start.date(), start).abs() <= 30
    }
}

/// Names as the catalogue has them, blanks put right.
const ACTIVITIES: [(&str, &str); 4] = [
    ("PADEL30", "Padel 30 Mins"),
    ("PADEL60", "Padel 60 Mins"),
    ("PADEL90", "Padel 90 Mins"),
    ("014A001015", "Padel Tennis"),
];

pub(crate) fn local(time: DateTime<Utc>) -> NaiveDateTime {
    time.with_timezone(&London).naive_local()
}

/// `PC3` is `Padel Court 3`, `014PAD02` is `Padel 2`.
fn court(slot: &TruthSlot) -> String {
    let [id] = &slot.court_ids[..] else {
        panic!("padel is played on one court: {slot:?}")
    };
    match id.strip_prefix("014PAD0") {
        Some(number) => format!("Padel {number}"),
        None => format!(
            "Padel Court {}",
            id.strip_prefix("PC").expect("a padel court")
        ),
    }
}

fn activity(slot: &TruthSlot) -> Option<&'static str> {
    ACTIVITIES
        .iter()
        .find(|(id, _)| *id == slot.activity)
        .map(|(_, name)| *name)
}

/// The padel slots of a day that nobody has and that have not begun.
pub(crate) fn unclaimed(club: &Club, now: DateTime<Utc>, day: NaiveDate) -> Vec<TruthSlot> {
    let mut slots = club.truth(day);
    slots.retain(|slot| activity(slot).is_some() && !slot.taken && slot.start > now);
    slots
}

/// Every game that answers the wish and can be booked at `now`.
pub(crate) fn games(club: &Club, now: DateTime<Utc>, wish: &Wish) -> BTreeSet<Game> {
    let mut games = BTreeSet::new();
    for day in &wish.dates {
        let mut slots = unclaimed(club, now, *day);
        slots.retain(|slot| slot.bookable_from <= now);
        slots.retain(|slot| {
            wish.activities.is_empty() || wish.activities.contains(&slot.activity.as_str())
        });
        let Some(wanted) = wish.minutes else {
            games.extend(slots.iter().map(|slot| game(&[slot])));
            continue;
        };
        let ones: Vec<Game> = slots
            .iter()
            .map(|slot| game(&[slot]))
            .filter(|game| answers(game, wanted))
            .collect();
        for chain in chains(&slots, wanted) {
            let joined = game(&chain);
            // Nobody books three times what one booking gives.
            let known = ones.iter().any(|one| {
                (&one.court, one.start, one.end) == (&joined.court, joined.start, joined.end)
            });
            if answers(&joined, wanted) && (chain.len() == 1 || !known) {
                games.insert(joined);
            }
        }
    }
    let ((from_hour, from_minute), (to_hour, to_minute)) = wish.hours.unwrap_or(((0, 0), (24, 0)));
    games.retain(|game| {
        let midnight = game.start.date().and_time(chrono::NaiveTime::MIN);
        let from = midnight + TimeDelta::minutes(from_hour * 60 + from_minute);
        let to = midnight + TimeDelta::minutes(to_hour * 60 + to_minute);
        game.start >= from && (wish.hours.is_none() || game.end <= to)
    });
    games.retain(|game| {
        wish.is_for(&game.court)
            && (wish.covers(game.start, game.end) || wish.begins_about(game.start))
    });
    games
}

/// The courts of a wish on which something is free, at its moment where it has one.
pub(crate) fn courts(games: &BTreeSet<Game>, wish: &Wish) -> BTreeSet<String> {
    let free = games
        .iter()
        .filter(|game| wish.covers(game.start, game.end));
    free.map(|game| game.court.clone()).collect()
}

/// How long each court is free: everything that can be put together, without what is only a part of
/// something longer on the same court.
pub(crate) fn free_times(club: &Club, now: DateTime<Utc>, wish: &Wish) -> BTreeSet<FreeTime> {
    let mut times = BTreeSet::new();
    for day in &wish.dates {
        let begins = games(
            club,
            now,
            &Wish {
                dates: vec![*day],
                ..wish.clone()
            },
        );
        let mut slots = unclaimed(club, now, *day);
        slots.retain(|slot| slot.bookable_from <= now);
        slots.retain(|slot| {
            wish.activities.is_empty() || wish.activities.contains(&slot.activity.as_str())
        });
        if wish.hours.is_some() {
            slots.retain(|slot| begins.contains(&game(&[slot])));
        }
        let all: Vec<Game> = chains(&slots, 10_000)
            .iter()
            .map(|chain| game(chain))
            .collect();
        let names: BTreeSet<&String> = begins.iter().map(|game| &game.court).collect();
        for court in names {
            let mut starts: BTreeSet<NaiveDateTime> = begins
                .iter()
                .filter(|game| game.court == *court)
                .map(|game| game.start)
                .collect();
            // About a moment: what begins then, or else the latest that goes on across it.
            match starts.iter().any(|start| wish.begins_about(*start)) {
                true => starts.retain(|start| wish.begins_about(*start)),
                false => starts = starts.pop_last().into_iter().collect(),
            }
            let own: Vec<&Game> = all
                .iter()
                .filter(|game| game.court == *court && starts.contains(&game.start))
                .collect();
            let is_part = |game: &Game| {
                own.iter().any(|other| {
                    other.start <= game.start
                        && game.end <= other.end
                        && (other.start, other.end) != (game.start, game.end)
                })
            };
            times.extend(
                own.iter()
                    .filter(|game| !is_part(game))
                    .map(|game| FreeTime {
                        start: game.start,
                        court: game.court.clone(),
                        end: game.end,
                    }),
            );
        }
    }
    times
}

/// One way to play from each time on each court: the longest, and then that with the fewest
/// bookings.
pub(crate) fn plays(games: &BTreeSet<Game>) -> BTreeSet<Play> {
    let mut plays = BTreeSet::new();
    for game in games {
        let same = games
            .iter()
            .filter(|other| (&other.court, other.start) == (&game.court, game.start));
        let best = same.min_by_key(|other| (-other.minutes, other.end, other.bookings));
        let best = best.expect("itself");
        let bookings = i64::try_from(best.bookings).expect("a few");
        plays.insert(Play {
            start: best.start,
            court: best.court.clone(),
            told: Some((best.end, (bookings, best.minutes))),
        });
    }
    plays
}

/// Everything that can be put together on one court as one activity, with at most five minutes
/// between.
fn chains(slots: &[TruthSlot], wanted: i64) -> Vec<Vec<&TruthSlot>> {
    let mut all: Vec<Vec<&TruthSlot>> = slots.iter().map(|slot| vec![slot]).collect();
    let mut next = 0;
    while next < all.len() {
        let chain = all[next].clone();
        let last = chain[chain.len() - 1];
        if (last.start - chain[0].start).num_minutes() < wanted {
            let next_ones = slots.iter().filter(|slot| {
                (&slot.activity, &slot.court_ids) == (&last.activity, &last.court_ids)
                    && (0..=5).contains(&(slot.start - last.end).num_minutes())
            });
            all.extend(next_ones.map(|slot| [&chain[..], &[slot]].concat()));
        }
        next += 1;
    }
    all
}

/// A game answers when it is no longer than wanted and, with a changeover of five minutes, not
/// much shorter.
fn answers(game: &Game, wanted: i64) -> bool {
    // Fifteen minutes of changeovers in all: seven times 55 minutes are no seven hours.
    game.minutes <= wanted
        && wanted <= (game.end - game.start).num_minutes() + 5
        && wanted - game.minutes <= 15
}

fn game(chain: &[&TruthSlot]) -> Game {
    let (first, last) = (chain[0], chain[chain.len() - 1]);
    Game {
        start: local(first.start),
        end: local(last.end),
        court: court(first),
        activity: activity(first).expect("padel").to_owned(),
        minutes: chain
            .iter()
            .map(|slot| (slot.end - slot.start).num_minutes())
            .sum(),
        bookings: chain.len(),
    }
}
