//! Reads an answer's Markdown with nothing else to go by: days, games, and the words about the rest.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::oracle::Game;

/// One day as it is told.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    /// Such as `3 free slots`.
    pub(crate) verdict: String,
    /// In the order in which they are told.
    pub(crate) items: Vec<String>,
    /// Such as `3 taken · 4 not open yet: …`; may be empty.
    pub(crate) rest: String,
}

/// The days of an answer. Each is a heading, a list and a line about what is not free.
pub(crate) fn days(markdown: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for line in markdown.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("**") {
            let (day, told) = heading.split_once("**").expect("an end of what is bold");
            // NaiveDate refuses a weekday that does not belong to its date.
            let date = NaiveDate::parse_from_str(day, "%A %d %B %Y")
                .unwrap_or_else(|error| panic!("{error}: {day}"));
            let (_, verdict) = told.rsplit_once(": ").expect("a verdict");
            days.push(Day {
                date,
                verdict: verdict.to_owned(),
                items: Vec::new(),
                rest: String::new(),
            });
            continue;
        }
        let day = days.last_mut().expect("a heading first");
        match line.strip_prefix("- ") {
            Some(item) => day.items.push(item.to_owned()),
            None if ["Book: ", "Site ", "All at "]
                .iter()
                .any(|start| line.starts_with(start)) => {}
            None if day.rest.is_empty() => day.rest = line.to_owned(),
            None => assert!(line.starts_with('×'), "unknown: {line}"),
        }
    }
    days
}

/// The games of `18:15–19:45 · 90 min · Padel Court 1–3, 5 · Padel 30 Mins · site UB · 3 bookings`,
/// one a court.
pub(crate) fn games(days: &[Day]) -> BTreeSet<Game> {
    let mut games = BTreeSet::new();
    for day in days {
        for item in &day.items {
            let parts: Vec<&str> = item.split(" · ").collect();
            let [times, length, courts, activity, notes @ ..] = &parts[..] else {
                panic!("{item}")
            };
            let (start, end) = times.split_once('–').expect("two times");
            let (start, mut end) = (
                day.date.and_time(clock(start)),
                day.date.and_time(clock(end)),
            );
            if end <= start {
                end += TimeDelta::days(1);
            }
            let bookings = notes.iter().find_map(|note| note.strip_suffix(" bookings"));
            for court in courts_of(courts) {
                let inserted = games.insert(Game {
                    start,
                    end,
                    court,
                    activity: (*activity).to_owned(),
                    minutes: length
                        .strip_suffix(" min")
                        .expect("a length")
                        .parse()
                        .expect("a number"),
                    bookings: bookings.map_or(1, |count| count.parse().expect("a number")),
                });
                assert!(inserted, "told twice: {item}");
            }
        }
    }
    games
}

fn clock(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// `Padel Court 1–3, 5` is four courts.
fn courts_of(text: &str) -> Vec<String> {
    let (stem, _) = text
        .split_once(|char: char| char.is_ascii_digit())
        .expect("a number");
    let mut courts = Vec::new();
    for part in text[stem.len()..].split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        let [first, last] = [first, last].map(|text| text.parse::<u32>().expect("a number"));
        courts.extend((first..=last).map(|number| format!("{stem}{number}")));
    }
    courts
}
