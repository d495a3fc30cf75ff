//! Reads an answer's Markdown with nothing else to go by: days, courts, times, and the words about
//! the rest.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::oracle::{FreeTime, Play};

/// One day as it is told.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    /// Such as `3 courts free, from 17:15`.
    pub(crate) verdict: String,
    /// In the order in which they are told.
    pub(crate) items: Vec<String>,
    /// Names of sites with items of their own.
    pub(crate) sites: Vec<String>,
    /// What else is said, such as when it opens.
    pub(crate) notes: Vec<String>,
}

/// The days of an answer. Each is a heading, lists, and lines about what is not free.
pub(crate) fn days(markdown: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let lines: Vec<&str> = markdown.lines().filter(|line| !line.is_empty()).collect();
    for (at, line) in lines.iter().enumerate() {
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
                sites: Vec::new(),
                notes: Vec::new(),
            });
            continue;
        }
        let day = days.last_mut().expect("a heading first");
        match line.strip_prefix("- ") {
            Some(item) => day.items.push(item.to_owned()),
            None if line.starts_with("Book: ") => {}
            None if lines.get(at + 1).is_some_and(|next| next.starts_with("- ")) => {
                day.sites.push((*line).to_owned());
            }
            None => day.notes.push((*line).to_owned()),
        }
    }
    days
}

/// The free times of `17:15 Padel Court 2 until 20:45 · 3 until 17:45`, one a court.
pub(crate) fn free_times(days: &[Day]) -> BTreeSet<FreeTime> {
    let mut times = BTreeSet::new();
    for (day, start, part, court) in parts(days) {
        let (_, end) = part.split_once(" until ").expect("an end");
        let inserted = times.insert(FreeTime {
            start: moment(day, start),
            end: after(moment(day, start), moment(day, end)),
            court,
        });
        assert!(inserted, "told twice: {part}");
    }
    times
}

/// The games of `18:15–19:45 Padel Court 1, 2 (3 × 30 min)`, one a court, or of `Padel Court 1
/// 08:45–11:15 every 30 min, 14:15`, whose ends are not told.
pub(crate) fn plays(days: &[Day], minutes: i64) -> BTreeSet<Play> {
    let mut plays = BTreeSet::new();
    for (day, hours, part, court) in parts(days) {
        let (start, end) = hours.split_once('–').expect("two times");
        let start = moment(day, start);
        let played = match part.split_once(" (") {
            None => (1, minutes),
            Some((_, said)) => {
                let said = said.strip_suffix(" min)").expect("minutes");
                let (count, each) = said.split_once(" × ").unwrap_or(("1", said));
                let count: i64 = count.parse().expect("a number");
                (count, count * each.parse::<i64>().expect("a number"))
            }
        };
        let inserted = plays.insert(Play {
            start,
            court,
            told: Some((after(start, moment(day, end)), played)),
        });
        assert!(inserted, "told twice: {part}");
    }
    for day in days {
        for item in day.items.iter().filter(|item| !is_row_of_time(item)) {
            plays.extend(starts_of(day, item));
        }
    }
    plays
}

/// The starts of `Padel Court 1 08:45–11:15 every 30 min, 14:15`.
fn starts_of(day: &Day, item: &str) -> Vec<Play> {
    let at = item.find(':').expect("a time") - 2;
    let (court, list) = (item[..at].trim(), &item[at..]);
    // Such as ` (55 min each)`.
    let list = list.split(" (").next().unwrap_or(list);
    let mut starts = Vec::new();
    for part in list.split(", ") {
        match part.split_once('–') {
            None => starts.push(moment(day.date, part)),
            Some((first, rest)) => {
                let (last, step) = rest.split_once(" every ").expect("a step");
                let step = step.strip_suffix(" min").expect("minutes");
                let step = TimeDelta::minutes(step.parse().expect("a number"));
                let (mut start, last) = (moment(day.date, first), moment(day.date, last));
                while start <= last {
                    starts.push(start);
                    start += step;
                }
            }
        }
    }
    let play = |start| Play {
        start,
        court: court.to_owned(),
        told: None,
    };
    starts.into_iter().map(play).collect()
}

fn is_row_of_time(item: &str) -> bool {
    item.starts_with(|char: char| char.is_ascii_digit())
}

/// Each court of each row that begins with a time: day, time, what is said of it, and its name.
fn parts(days: &[Day]) -> Vec<(NaiveDate, &str, &str, String)> {
    let mut all = Vec::new();
    for day in days {
        for item in day.items.iter().filter(|item| is_row_of_time(item)) {
            let (time, text) = item.split_once(' ').expect("courts");
            let mut stem = String::new();
            for part in text.split(" · ") {
                let names = part.split(" until ").next().unwrap_or(part);
                let names = names.split(" (").next().unwrap_or(names);
                let first = names.find(|char: char| char.is_ascii_digit());
                let (own, numbers) = names.split_at(first.expect("a number"));
                if !own.is_empty() {
                    own.clone_into(&mut stem);
                }
                let courts = courts_of(&stem, numbers).into_iter();
                all.extend(courts.map(|court| (day.date, time, part, court)));
            }
        }
    }
    all
}

/// `1–3, 5` is four courts.
fn courts_of(stem: &str, numbers: &str) -> Vec<String> {
    let mut courts = Vec::new();
    for part in numbers.split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        let [first, last] = [first, last].map(|text| text.parse::<u32>().expect("a number"));
        courts.extend((first..=last).map(|number| format!("{stem}{number}")));
    }
    courts
}

fn moment(day: NaiveDate, clock: &str) -> NaiveDateTime {
    let time = NaiveTime::parse_from_str(clock, "%H:%M");
    day.and_time(time.unwrap_or_else(|error| panic!("{error}: {clock}")))
}

/// An end, on the next day where it would be before the start.
fn after(start: NaiveDateTime, end: NaiveDateTime) -> NaiveDateTime {
    if end <= start {
        end + TimeDelta::days(1)
    } else {
        end
    }
}
