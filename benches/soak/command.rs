//! What is asked, and the right answer: calculated here from the club's timetable and diary, apart
//! from the client's code.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::London;
use fastrand::Rng;
use gladstone_sim::{Club, Fault, TruthBooking, TruthSlot};
use serde_json::Value;

use crate::conditions::{Conditions, Need};

/// The activities with the sport's word in their name.
const PADEL: [&str; 4] = ["PADEL30", "PADEL60", "PADEL90", "014A001015"];

/// Warnings that are right without a fault: a catalogue that could not be asked for once more, and
/// bookings of which the other two can be true.
const KNOWN_WARNINGS: [&str; 3] = [
    "could not be looked up",
    "gives no end",
    "but all of them are",
];

/// A command line, and the question behind it.
pub(crate) struct Command {
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

/// A slot as it is compared: activity, courts, start, end, state.
type SlotKey = (String, Vec<String>, DateTime<Utc>, DateTime<Utc>, String);

impl Command {
    pub(crate) fn draw(rng: &mut Rng, member: bool) -> Self {
        let ahead = rng.i64(0..13);
        let (question, text) = match rng.u32(..100) {
            0..40 => {
                let days = rng.i64(1..4);
                let text = format!("availability --all --json --date +{ahead} --days {days}");
                let length = None;
                (
                    Question::Slots {
                        ahead,
                        days,
                        length,
                    },
                    text,
                )
            }
            40..60 => {
                let minutes = rng.i64(6..37) * 5;
                let text = format!("availability --json --date +{ahead} --duration {minutes}");
                let (days, length) = (1, Some(minutes));
                (
                    Question::Slots {
                        ahead,
                        days,
                        length,
                    },
                    text,
                )
            }
            60..70 => {
                let format = ["table", "markdown"][rng.usize(..2)];
                let text = format!("availability --date +{ahead} --format {format}");
                (Question::Count { ahead }, text)
            }
            70..75 => (Question::Activities, "activities --json".to_owned()),
            75..80 if member => (Question::Login, "login --json".to_owned()),
            80.. if member => {
                let (history, limit) = (rng.bool(), rng.usize(1..60));
                let flag = if history { " --history" } else { "" };
                let text = format!("bookings --json --limit {limit}{flag}");
                (Question::Bookings { history, limit }, text)
            }
            _ => {
                let text = format!("availability --date +{ahead}");
                (Question::Count { ahead }, text)
            }
        };
        Self {
            args: text.split(' ').map(str::to_owned).collect(),
            question,
        }
    }

    pub(crate) fn need(&self) -> Need {
        match self.question {
            Question::Slots { .. } | Question::Count { .. } => Need::Courts,
            Question::Activities => Need::Catalogue,
            Question::Login | Question::Bookings { .. } => Need::Member,
        }
    }

    /// True for `padel login`, which sends a password that is held back.
    pub(crate) fn is_login(&self) -> bool {
        matches!(self.question, Question::Login)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.args.iter().any(|argument| argument == "--json")
    }

    /// Compares a successful answer with the club's own timetable and diary.
    pub(crate) fn check_answer(
        &self,
        club: &Club,
        member: Option<(&str, &str)>,
        now: DateTime<Utc>,
        conditions: Conditions,
        [stdout, stderr]: [&str; 2],
    ) -> Result<()> {
        let fault = conditions.fault;
        // A bad element, or padding that is no booking: all others are there, with a warning.
        let padded = fault == Some(Fault::Huge) && self.need() == Need::Member;
        // One entry of such a catalogue can be read.
        let garbled = fault == Some(Fault::WrongTypes) && self.need() == Need::Catalogue;
        if !padded && !garbled && fault != Some(Fault::WrongElement) {
            ensure!(
                stderr.lines().all(is_known_warning),
                "warnings without a fault"
            );
        }
        let today = now.with_timezone(&London).date_naive();
        match &self.question {
            Question::Slots {
                ahead,
                days,
                length,
            } => {
                let dates = (0..*days).map(|day| today + TimeDelta::days(ahead + day));
                let slots: Vec<_> = dates
                    .flat_map(|date| padel_slots(club, date, now))
                    .collect();
                let expected = match length {
                    Some(length) => find_runs(&slots, *length, now),
                    None => slots.iter().map(|slot| slot_key(slot, now)).collect(),
                };
                let answered = read_slots(&serde_json::from_str(stdout)?, length.is_some())?;
                let more = answered.difference(&expected).next();
                let less = expected.difference(&answered).next();
                ensure!(
                    answered == expected,
                    "too much: {more:?}, too little: {less:?}"
                );
            }
            Question::Count { ahead } => {
                let day = padel_slots(club, today + TimeDelta::days(*ahead), now);
                let verdict = describe_count(&day, *ahead == 0, now);
                let first = stdout.lines().next().unwrap_or_default();
                ensure!(first.ends_with(&verdict), "expected {verdict}");
            }
            Question::Bookings { history, limit } => {
                let (email, password) = member.context("no member")?;
                let bookings = club.truth_bookings_of(email, password);
                let expected = choose_bookings(bookings, now, *history, *limit);
                let answered = read_bookings(&serde_json::from_str(stdout)?)?;
                ensure!(answered == expected, "expected {expected:?}");
            }
            Question::Login => {
                let document: Value = serde_json::from_str(stdout)?;
                let left = read_time(&document["until"]) - now;
                let life = TimeDelta::minutes(1)..=TimeDelta::minutes(30);
                ensure!(life.contains(&left), "a session for {left}");
            }
            Question::Activities => {
                let document: Value = serde_json::from_str(stdout)?;
                let activities = document["activities"].as_array().context("no activities")?;
                let used: BTreeSet<_> = activities
                    .iter()
                    .filter(|activity| activity["used"] == true)
                    .filter_map(|activity| activity["id"].as_str())
                    .collect();
                let expected = if garbled {
                    BTreeSet::new()
                } else {
                    BTreeSet::from(PADEL)
                };
                ensure!(used == expected, "other activities");
            }
        }
        Ok(())
    }
}

fn is_known_warning(line: &str) -> bool {
    KNOWN_WARNINGS.iter().any(|part| line.contains(part))
}

/// Start and reference of the bookings of a period, in its order, and no more than asked for.
fn choose_bookings(
    mut bookings: Vec<TruthBooking>,
    now: DateTime<Utc>,
    history: bool,
    limit: usize,
) -> Vec<(DateTime<Utc>, Option<String>)> {
    bookings.retain(|booking| (booking.end.unwrap_or(booking.start) <= now) == history);
    bookings.sort_by_key(|booking| booking.start);
    if history {
        bookings.reverse();
    }
    bookings.truncate(limit);
    let pairs = bookings
        .into_iter()
        .map(|booking| (booking.start, booking.reference));
    pairs.collect()
}

fn read_bookings(document: &Value) -> Result<Vec<(DateTime<Utc>, Option<String>)>> {
    let bookings = document["bookings"].as_array().context("no bookings")?;
    let pairs = bookings.iter().map(|booking| {
        let reference = booking["reference"].as_str().map(str::to_owned);
        (read_time(&booking["start_at"]), reference)
    });
    Ok(pairs.collect())
}

/// Returns what the portal is asked for: padel that starts from now on.
fn padel_slots(club: &Club, date: NaiveDate, now: DateTime<Utc>) -> Vec<TruthSlot> {
    let mut slots = club.truth(date);
    slots.retain(|slot| PADEL.contains(&slot.activity.as_str()) && slot.start >= now);
    slots
}

/// The end of the first line about a day.
fn describe_count(day: &[TruthSlot], is_today: bool, now: DateTime<Utc>) -> String {
    let of_state = |wanted| {
        day.iter()
            .filter(move |slot| slot_state(slot, now) == wanted)
    };
    let has = |wanted| of_state(wanted).next().is_some();
    let first = of_state("free").map(|slot| slot.start).min();
    let courts: BTreeSet<_> = of_state("free")
        .map(|slot| (&slot.site, &slot.court_ids))
        .collect();
    let from = first.map(|start| start.with_timezone(&London).format("%H:%M").to_string());
    match (courts.len(), from) {
        (1, Some(from)) => format!("1 court free, from {from}"),
        (count, Some(from)) => format!("{count} courts free, from {from}"),
        _ if day.is_empty() && is_today => "nothing left today".to_owned(),
        _ if day.is_empty() => "nothing listed for this day".to_owned(),
        _ if has("opens_later") => "nothing free yet".to_owned(),
        _ if has("taken") && has("closed") => {
            "nothing free, all is taken or no longer bookable".to_owned()
        }
        _ if has("taken") => "nothing free, all is taken".to_owned(),
        _ => "nothing free, all is no longer bookable".to_owned(),
    }
}

fn slot_state(slot: &TruthSlot, now: DateTime<Utc>) -> &'static str {
    match slot {
        slot if slot.taken => "taken",
        slot if now >= slot.start => "closed",
        slot if now < slot.bookable_from => "opens_later",
        _ => "free",
    }
}

fn slot_key(slot: &TruthSlot, now: DateTime<Utc>) -> SlotKey {
    let state = slot_state(slot, now).to_owned();
    let (activity, courts) = (slot.activity.clone(), slot.court_ids.clone());
    (activity, courts, slot.start, slot.end, state)
}

/// Every stretch of free slots of one activity on one court that lasts `wanted` minutes, less a
/// changeover of up to five and fifteen minutes in all: from each slot on for as long as one follows the other.
fn find_runs(slots: &[TruthSlot], wanted: i64, now: DateTime<Utc>) -> BTreeSet<SlotKey> {
    let mut found = BTreeSet::new();
    for first in slots {
        let mut court: Vec<&TruthSlot> = slots
            .iter()
            .filter(|slot| slot.activity == first.activity && slot.court_ids == first.court_ids)
            .filter(|slot| slot.start >= first.start)
            .collect();
        court.sort_by_key(|slot| slot.start);
        let (mut end, mut played) = (first.start, 0);
        for slot in court {
            if slot_state(slot, now) != "free"
                || slot.start < end
                || slot.start - end > TimeDelta::minutes(5)
            {
                break;
            }
            end = slot.end;
            played += (slot.end - slot.start).num_minutes();
            let span = (end - first.start).num_minutes();
            if played <= wanted && wanted <= span + 5 && wanted - played <= 15 {
                // Under whichever activity: see `read_slots`.
                let courts = first.court_ids.clone();
                found.insert((String::new(), courts, first.start, end, "free".to_owned()));
            }
        }
    }
    found
}

/// A stretch that several activities can make up is listed once for each or once for all, so
/// lengths leave the activity out.
fn read_slots(document: &Value, any_activity: bool) -> Result<BTreeSet<SlotKey>> {
    let slots = document["slots"].as_array().context("no slots")?;
    let keys: BTreeSet<SlotKey> = slots
        .iter()
        .map(|slot| {
            let courts = slot["court_ids"].as_array().into_iter().flatten();
            let activity = if any_activity {
                &Value::Null
            } else {
                &slot["activity_id"]
            };
            (
                read_text(activity),
                courts.map(read_text).collect(),
                read_time(&slot["start_at"]),
                read_time(&slot["end_at"]),
                read_text(&slot["state"]),
            )
        })
        .collect();
    ensure!(
        any_activity || keys.len() == slots.len(),
        "a slot is listed twice"
    );
    Ok(keys)
}

fn read_text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read_time(value: &Value) -> DateTime<Utc> {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.unwrap_or_default()
}
