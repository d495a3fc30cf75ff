//! What is asked, and the right answer: calculated here from the club's timetable and diary, apart
//! from the client's code.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::London;
use fastrand::Rng;
use gladstone_sim::{Club, Fault, TruthBooking, TruthSlot};
use serde_json::Value;

use crate::weather::Weather;

/// The activities with the sport's word in their name.
const PADEL: [&str; 4] = ["PADEL30", "PADEL60", "PADEL90", "014A001015"];

/// What a command needs of the club.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Courts, which are asked for each time.
    Courts,
    /// The catalogue, which is asked for each time, too, and read as far as it can be.
    Catalogue,
    /// A member's session, which is kept for half an hour, and bookings.
    Member,
}

/// A question.
pub(crate) struct Command {
    pub(crate) kind: Kind,
    pub(crate) args: Vec<String>,
    question: Question,
}

enum Question {
    /// Days ahead of today, days, a length.
    Slots {
        ahead: i64,
        days: i64,
        length: Option<i64>,
    },
    Count {
        ahead: i64,
    },
    Bookings {
        history: bool,
        limit: usize,
    },
    Login,
    Activities,
}

type Key = (String, Vec<String>, DateTime<Utc>, DateTime<Utc>, String);

impl Command {
    pub(crate) fn of(rng: &mut Rng, member: bool) -> Self {
        let ahead = rng.i64(0..13);
        let (kind, question, text) = match rng.u32(..100) {
            0..40 => {
                let days = rng.i64(1..4);
                let text = format!("availability --all --json --date +{ahead} --days {days}");
                (
                    Kind::Courts,
                    Question::Slots {
                        ahead,
                        days,
                        length: None,
                    },
                    text,
                )
            }
            40..60 => {
                let length = rng.i64(6..37) * 5;
                let text = format!("availability --json --date +{ahead} --duration {length}");
                (
                    Kind::Courts,
                    Question::Slots {
                        ahead,
                        days: 1,
                        length: Some(length),
                    },
                    text,
                )
            }
            60..70 => {
                let format = ["table", "markdown"][rng.usize(..2)];
                (
                    Kind::Courts,
                    Question::Count { ahead },
                    format!("availability --date +{ahead} --format {format}"),
                )
            }
            70..75 => (
                Kind::Catalogue,
                Question::Activities,
                "activities --json".to_owned(),
            ),
            number if member => {
                let (history, limit) = (rng.bool(), rng.usize(1..60));
                if number < 80 {
                    (Kind::Member, Question::Login, "login --json".to_owned())
                } else {
                    let history_flag = if history { " --history" } else { "" };
                    let text = format!("bookings --json --limit {limit}{history_flag}");
                    (Kind::Member, Question::Bookings { history, limit }, text)
                }
            }
            _ => (
                Kind::Courts,
                Question::Count { ahead },
                format!("availability --date +{ahead}"),
            ),
        };
        Self {
            kind,
            args: text.split(' ').map(str::to_owned).collect(),
            question,
        }
    }

    /// Whether it is `padel login`, which sends a password that is held back.
    pub(crate) fn is_login(&self) -> bool {
        matches!(self.question, Question::Login)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.args.iter().any(|argument| argument == "--json")
    }

    /// Whether a successful answer is the right one.
    pub(crate) fn check(
        &self,
        club: &Club,
        member: Option<(&str, &str)>,
        now: DateTime<Utc>,
        weather: Weather,
        stdout: &str,
        stderr: &str,
    ) -> Result<(), String> {
        // A bad element, or padding that is no booking: all others are there, and it is told.
        let padded = weather.fault == Some(Fault::Huge) && self.kind == Kind::Member;
        // One entry of such a catalogue can be read.
        let garbled = weather.fault == Some(Fault::WrongTypes) && self.kind == Kind::Catalogue;
        let warned = padded || garbled || weather.fault == Some(Fault::WrongElement);
        // A catalogue that could not be asked for once more, and bookings of which that can be
        // true.
        let known = [
            "could not be looked up",
            "gives no end",
            "but all of them are",
        ];
        let is_known = |line: &str| known.iter().any(|part| line.contains(part));
        if !warned && !stderr.lines().all(is_known) {
            return Err("warnings in fair weather".to_owned());
        }
        let today = now.with_timezone(&London).date_naive();
        let document = || serde_json::from_str::<Value>(stdout).map_err(|error| error.to_string());
        match &self.question {
            Question::Slots {
                ahead,
                days,
                length,
            } => {
                let dates = (0..*days).map(|day| today + TimeDelta::days(ahead + day));
                let slots: Vec<TruthSlot> = dates.flat_map(|date| padel(club, date, now)).collect();
                let expected =
                    length.map_or_else(|| all(&slots, now), |length| runs(&slots, length, now));
                same(&answered(&document()?, length.is_some())?, &expected)
            }
            Question::Count { ahead } => {
                let day = padel(club, today + TimeDelta::days(*ahead), now);
                let count = |wanted| day.iter().filter(|slot| state(slot, now) == wanted).count();
                let verdict = match (count("free"), count("opens_later")) {
                    (0, 0) if day.is_empty() => if *ahead == 0 {
                        "nothing left today"
                    } else {
                        "nothing listed for this day"
                    }
                    .to_owned(),
                    (0, 0) => "nothing free".to_owned(),
                    (0, _) => "nothing free yet".to_owned(),
                    (1, _) => "1 free slot".to_owned(),
                    (free, _) => format!("{free} free slots"),
                };
                let first = stdout.lines().next().unwrap_or_default();
                if first.ends_with(&verdict) {
                    Ok(())
                } else {
                    Err(format!("expected {verdict}"))
                }
            }
            Question::Bookings { history, limit } => {
                let (email, password) = member.ok_or("no member")?;
                same_bookings(
                    &document()?,
                    club.truth_bookings_of(email, password),
                    now,
                    *history,
                    *limit,
                )
            }
            Question::Login => {
                let until = time(&document()?["until"]) - now;
                let life = TimeDelta::minutes(1)..=TimeDelta::minutes(30);
                if life.contains(&until) {
                    Ok(())
                } else {
                    Err(format!("a session for {until}"))
                }
            }
            Question::Activities => {
                let document = document()?;
                let used = document["activities"].as_array().ok_or("no activities")?;
                let used: BTreeSet<_> = used
                    .iter()
                    .filter(|one| one["used"] == true)
                    .filter_map(|one| one["id"].as_str())
                    .collect();
                let expected = if garbled {
                    BTreeSet::new()
                } else {
                    BTreeSet::from(PADEL)
                };
                if used == expected {
                    Ok(())
                } else {
                    Err("other activities".to_owned())
                }
            }
        }
    }
}

/// Whether those of the period are told, in its order, and no more than asked for.
fn same_bookings(
    document: &Value,
    mut bookings: Vec<TruthBooking>,
    now: DateTime<Utc>,
    history: bool,
    limit: usize,
) -> Result<(), String> {
    bookings.retain(|booking| (booking.end.unwrap_or(booking.start) <= now) == history);
    bookings.sort_by_key(|booking| booking.start);
    if history {
        bookings.reverse();
    }
    bookings.truncate(limit);
    let expected: Vec<_> = bookings
        .iter()
        .map(|one| (one.start, one.reference.clone()))
        .collect();
    let told = document["bookings"].as_array().ok_or("no bookings")?;
    let told: Vec<_> = told
        .iter()
        .map(|one| {
            (
                time(&one["start_at"]),
                one["reference"].as_str().map(str::to_owned),
            )
        })
        .collect();
    if told == expected {
        Ok(())
    } else {
        Err(format!("expected {expected:?}"))
    }
}

/// What the portal is asked for: padel that starts from now on.
fn padel(club: &Club, date: NaiveDate, now: DateTime<Utc>) -> Vec<TruthSlot> {
    let mut slots = club.truth(date);
    slots.retain(|slot| PADEL.contains(&slot.activity.as_str()) && slot.start >= now);
    slots
}

fn state(slot: &TruthSlot, now: DateTime<Utc>) -> &'static str {
    match slot {
        slot if slot.taken => "taken",
        slot if now >= slot.start => "closed",
        slot if now < slot.bookable_from => "opens_later",
        _ => "free",
    }
}

fn all(slots: &[TruthSlot], now: DateTime<Utc>) -> BTreeSet<Key> {
    let key = |slot: &TruthSlot| {
        (
            slot.activity.clone(),
            slot.court_ids.clone(),
            slot.start,
            slot.end,
            state(slot, now).to_owned(),
        )
    };
    slots.iter().map(key).collect()
}

/// Every stretch of free slots of one activity on one court that lasts `wanted` minutes, less a
/// changeover of up to five: from each slot on for as long as one follows the other.
fn runs(slots: &[TruthSlot], wanted: i64, now: DateTime<Utc>) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    for first in slots {
        let alike = |slot: &&TruthSlot| {
            (&slot.activity, &slot.court_ids) == (&first.activity, &first.court_ids)
        };
        let mut court: Vec<&TruthSlot> = slots
            .iter()
            .filter(alike)
            .filter(|slot| slot.start >= first.start)
            .collect();
        court.sort_by_key(|slot| slot.start);
        let (mut end, mut played) = (first.start, 0);
        for slot in court {
            if state(slot, now) != "free"
                || slot.start < end
                || slot.start - end > TimeDelta::minutes(5)
            {
                break;
            }
            end = slot.end;
            played += (slot.end - slot.start).num_minutes();
            if played <= wanted && wanted <= (end - first.start).num_minutes() + 5 {
                // Under whichever activity: see `answered`.
                found.insert((
                    String::new(),
                    first.court_ids.clone(),
                    first.start,
                    end,
                    "free".to_owned(),
                ));
            }
        }
    }
    found
}

/// A stretch that several activities can make up is told once for each or once for all, so lengths
/// leave them out.
fn answered(document: &Value, any_activity: bool) -> Result<BTreeSet<Key>, String> {
    let slots = document["slots"].as_array().ok_or("no slots")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let key = |slot: &Value| {
        let courts = slot["court_ids"]
            .as_array()
            .map(|ids| ids.iter().map(text).collect())
            .unwrap_or_default();
        let activity = if any_activity {
            String::new()
        } else {
            text(&slot["activity_id"])
        };
        (
            activity,
            courts,
            time(&slot["start_at"]),
            time(&slot["end_at"]),
            text(&slot["state"]),
        )
    };
    let keys: BTreeSet<Key> = slots.iter().map(key).collect();
    if !any_activity && keys.len() != slots.len() {
        return Err("a slot stands twice".to_owned());
    }
    Ok(keys)
}

fn same(told: &BTreeSet<Key>, expected: &BTreeSet<Key>) -> Result<(), String> {
    let (more, less) = (
        told.difference(expected).next(),
        expected.difference(told).next(),
    );
    if more.is_none() && less.is_none() {
        Ok(())
    } else {
        Err(format!("too much: {more:?}, too little: {less:?}"))
    }
}

fn time(value: &Value) -> DateTime<Utc> {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
