//! Which fields of an item are the start, the end, the court and so on: by their names, and by what
//! their values are.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    token::child_pointer,
    words::{has_word, last_index, split_words},
};
use crate::{
    gladstone::times::{any_time, time_at},
    sort::{sort_by, sort_by_key},
    zone::Zone,
};

/// No more items than these are looked at, and no more pointers kept for a field.
pub(super) const ITEMS: usize = 200;
const POINTERS: usize = 4;

const STARTS: &str = "start begin from commence";
const ENDS: &str = "end ends finish until till to stop stops";
const TIMES: &str = "date time when at ms scheduled";
/// Times that are not when play begins.
const OTHER_TIMES: &str = "created made booked bookable updated modified cancelled canceled \
    paid payment invoice expire expiry issued last deadline opens birth dob joined due release \
    check";
/// Words of fields about people and money, and of those for machines.
const PEOPLE: &str = "member user person customer attendee organiser guest player by email mail \
    phone card price cost amount payment owner contact forename surname";
const TECHNICAL: &str = "id code url uri image link type key colour color order index count";

/// A field of the profile with the words of its names; the larger the weight, the surer.
struct Kind {
    name: &'static str,
    sets: &'static [(i32, &'static str)],
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "reference",
        sets: &[
            (5, "reference ref"),
            (4, "confirmation"),
            (3, "number code no"),
            (2, "id"),
        ],
    },
    Kind {
        name: "activity",
        sets: &[
            (5, "activity"),
            (4, "title what class event product service sport"),
            (3, "description desc"),
            (2, "name label"),
        ],
    },
    Kind {
        name: "court",
        sets: &[
            (5, "court courts pitch resource facility room"),
            (4, "location area place"),
            (2, "where"),
        ],
    },
    Kind {
        name: "site",
        sets: &[(5, "site venue centre center club branch"), (1, "where")],
    },
    Kind {
        name: "status",
        sets: &[(5, "status state")],
    },
];

/// Pointers by the profile's names, the best first, and whether the name and the values leave no
/// doubt.
pub(super) type Fields = BTreeMap<&'static str, (Vec<String>, bool)>;

/// Values by the index of their item, at most one for each, in order. Not a map: that is 5 KB of the
/// binary for each type.
type ByItem<T> = Vec<(usize, T)>;

/// The values at one pointer, over all items.
#[derive(Default)]
struct Column {
    words: Vec<String>,
    times: ByItem<DateTime<Utc>>,
    /// Dates without a time, and times of the day without a date.
    days: ByItem<NaiveDate>,
    clocks: ByItem<NaiveTime>,
    /// Values that are neither times nor times of the day, for counting only.
    texts: BTreeSet<String>,
    count: usize,
    numbers: usize,
}

/// The fields of a list of items; `None` unless nearly each has a start time.
pub(super) fn find_fields(items: &[&Value]) -> Option<Fields> {
    let items = &items[..items.len().min(ITEMS)];
    let mut columns = collect_columns(items);
    join_dates_and_clocks(&mut columns);
    let mut fields = find_times(&columns, items.len())?;
    for kind in &KINDS {
        let mut scored: Vec<(i32, usize, &String)> = Vec::new();
        for (pointer, column) in &columns {
            let score = score_column(kind, column, items.len());
            let better = KINDS
                .iter()
                .any(|other| score_column(other, column, items.len()) > score);
            if score > 0 && !better {
                scored.push((score, usize::MAX - column.count, pointer));
            }
        }
        sort_by(&mut scored, |a, b| {
            (-a.0, a.1, a.2.len(), a.2).cmp(&(-b.0, b.1, b.2.len(), b.2))
        });
        if let Some((score, ..)) = scored.first() {
            // A title is an activity's as a rule, a description or a name may be anything's.
            let certain = *score >= if kind.name == "reference" { 30 } else { 40 };
            let pointers = scored
                .iter()
                .take(POINTERS)
                .map(|(.., pointer)| (*pointer).clone())
                .collect();
            fields.insert(kind.name, (pointers, certain));
        }
    }
    Some(fields)
}

/// The times of a list's items, by its start pointers.
pub(super) fn start_times(items: &[&Value], pointers: &[String]) -> Vec<DateTime<Utc>> {
    let times = items.iter().filter_map(|item| {
        pointers
            .iter()
            .find_map(|pointer| time_at(item, pointer, Zone::UTC))
    });
    times.collect()
}

/// A column of times, and how surely its name says of what.
#[derive(Clone, Copy)]
struct Timed<'a> {
    sure: i32,
    pointer: &'a String,
    column: &'a Column,
}

impl Timed<'_> {
    /// The surest first, then what most items have, then the shortest pointer.
    fn order(&self) -> impl Ord + '_ {
        (
            Reverse(self.sure),
            Reverse(self.column.times.len()),
            self.pointer.len(),
            self.pointer,
        )
    }
}

fn find_times(columns: &BTreeMap<String, Column>, items: usize) -> Option<Fields> {
    let (mut starts, mut ends): (Vec<Timed<'_>>, Vec<Timed<'_>>) = (Vec::new(), Vec::new());
    for (pointer, column) in columns {
        if column.times.is_empty() || has_word(&column.words, OTHER_TIMES) {
            continue;
        }
        match (
            last_index(&column.words, STARTS),
            last_index(&column.words, ENDS),
        ) {
            (start, Some(end)) if start.is_none_or(|start| end > start) => {
                ends.push(Timed {
                    sure: 5,
                    pointer,
                    column,
                });
            }
            (Some(_), _) => starts.push(Timed {
                sure: 5,
                pointer,
                column,
            }),
            _ if has_word(&column.words, TIMES) => starts.push(Timed {
                sure: 2,
                pointer,
                column,
            }),
            _ => starts.push(Timed {
                sure: 0,
                pointer,
                column,
            }),
        }
    }
    for timed in [&mut starts, &mut ends] {
        sort_by(timed, |a, b| a.order().cmp(&b.order()));
    }
    let first = *starts.first()?;
    if first.column.times.len() * 5 < items * 4 {
        return None;
    }
    // Two times under one name, such as `/times/0` and `/times/1`, are told apart by what they are.
    if ends.is_empty() {
        ends = starts
            .iter()
            .skip(1)
            .filter(|start| start.column.follows(first.column))
            .copied()
            .collect();
    }
    starts.retain(|start| !ends.iter().any(|end| end.pointer == start.pointer));
    let named: Vec<Timed<'_>> = starts
        .iter()
        .filter(|other| other.sure >= first.sure || other.pointer == first.pointer)
        .copied()
        .collect();
    let mut fields = Fields::new();
    fields.insert(
        "start",
        (first_pointers(&named), first.sure >= 5 || starts.len() == 1),
    );
    if let Some(end) = ends.first() {
        fields.insert(
            "end",
            (first_pointers(&ends), end.column.follows(first.column)),
        );
    }
    Some(fields)
}

fn first_pointers(fields: &[Timed<'_>]) -> Vec<String> {
    let first = fields.iter().take(POINTERS);
    first.map(|field| field.pointer.clone()).collect()
}

/// Scores how likely a column is of a kind; 0 for not at all.
fn score_column(kind: &Kind, column: &Column, items: usize) -> i32 {
    let Column {
        words,
        times,
        texts,
        count,
        numbers,
        ..
    } = column;
    // What is null throughout may be anything.
    if texts.is_empty()
        || !times.is_empty()
        || has_word(words, PEOPLE)
        || has_word(words, OTHER_TIMES)
    {
        return 0;
    }
    let weighed = kind.sets.iter().filter_map(|(weight, set)| {
        let place = last_index(words, set)?;
        // In `activityStatus` the last word counts most, if both are as sure.
        Some(weight * 10 + i32::try_from(place.min(8)).unwrap_or(8))
    });
    let Some(best) = weighed.max() else { return 0 };
    if kind.name == "reference" {
        let anothers = KINDS
            .iter()
            .skip(1)
            .flat_map(|kind| kind.sets)
            .any(|(weight, list)| *weight > 3 && has_word(words, list));
        let distinct = texts.len() * 10 >= count * 9 || items < 3;
        return if anothers {
            0
        } else {
            best - if distinct { 0 } else { 15 }
        };
    }
    let technical = if words
        .last()
        .is_some_and(|last| has_word(std::slice::from_ref(last), TECHNICAL))
    {
        40
    } else {
        0
    };
    let numeric = if *numbers * 2 > *count { 25 } else { 0 };
    let readable = if words
        .last()
        .is_some_and(|last| ["name", "title", "label", "text"].contains(&last.as_str()))
    {
        2
    } else {
        0
    };
    (best + readable - technical - numeric).max(0)
}

fn collect_columns(items: &[&Value]) -> BTreeMap<String, Column> {
    let mut columns = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let mut queue = vec![(String::new(), Vec::new(), *item, 0)];
        while let Some((pointer, names, value, depth)) = queue.pop() {
            match value {
                Value::Object(fields) if depth < 4 => {
                    queue.extend(fields.iter().map(|(name, value)| {
                        let names = [names.clone(), split_words(name)].concat();
                        (child_pointer(&pointer, name), names, value, depth + 1)
                    }));
                }
                Value::Array(list) if depth < 4 => {
                    let list = list.iter().take(2).enumerate();
                    queue.extend(list.map(|(at, value)| {
                        (format!("{pointer}/{at}"), names.clone(), value, depth + 1)
                    }));
                }
                Value::String(_) | Value::Number(_) | Value::Null if depth > 0 => {
                    let column: &mut Column = columns.entry(pointer).or_default();
                    column.words = names;
                    column.add_value(index, value);
                }
                _ => {}
            }
        }
    }
    columns
}

impl Column {
    /// Tells whether these times end what begins at the first ones, within a day.
    fn follows(&self, first: &Self) -> bool {
        let lengths = self.times.iter();
        let lengths: Vec<TimeDelta> = lengths
            .filter_map(|(item, end)| Some(*end - value_of(&first.times, *item)?))
            .collect();
        !lengths.is_empty()
            && lengths
                .iter()
                .all(|length| *length > TimeDelta::zero() && *length <= TimeDelta::hours(24))
    }

    fn add_value(&mut self, index: usize, value: &Value) {
        match value {
            Value::Number(number) => {
                self.count += 1;
                self.numbers += 1;
                let timely = [STARTS, ENDS, TIMES, OTHER_TIMES]
                    .iter()
                    .any(|set| has_word(&self.words, set));
                match any_time(value, Zone::UTC)
                    .filter(|time| timely && *time > DateTime::UNIX_EPOCH + TimeDelta::days(3650))
                {
                    Some(time) => self.times.push((index, time)),
                    None => drop(self.texts.insert(number.to_string())),
                }
            }
            Value::String(text) if !text.trim().is_empty() => {
                self.count += 1;
                match any_time(value, Zone::UTC) {
                    Some(time) => self.times.push((index, time)),
                    None => self.add_part(index, text),
                }
            }
            _ => {}
        }
    }

    fn add_part(&mut self, index: usize, text: &str) {
        let text = text.trim();
        let clock = ["%H:%M:%S", "%H:%M"]
            .iter()
            .find_map(|form| NaiveTime::parse_from_str(text, form).ok());
        match (NaiveDate::parse_from_str(text, "%Y-%m-%d"), clock) {
            (Ok(day), _) => self.days.push((index, day)),
            (_, Some(clock)) => self.clocks.push((index, clock)),
            _ => drop(self.texts.insert(text.to_owned())),
        }
    }
}

fn value_of<T: Copy>(values: &[(usize, T)], item: usize) -> Option<T> {
    let at = values
        .binary_search_by_key(&item, |(index, _)| *index)
        .ok()?;
    Some(values[at].1)
}

/// Puts dates and times of the day together that stand apart, as in `date` and `startTime`.
fn join_dates_and_clocks(columns: &mut BTreeMap<String, Column>) {
    if columns.values().all(|column| column.clocks.is_empty()) {
        return;
    }
    // A date may be written as a midnight.
    for column in columns.values_mut() {
        if column
            .times
            .iter()
            .all(|(_, time)| time.time() == NaiveTime::MIN)
        {
            let times = std::mem::take(&mut column.times);
            column.days.extend(
                times
                    .into_iter()
                    .map(|(item, time)| (item, time.date_naive())),
            );
            sort_by_key(&mut column.days, |(item, _)| *item);
        }
    }
    let mut joined = BTreeMap::new();
    for (day_pointer, day) in columns
        .iter()
        .filter(|(_, column)| !has_word(&column.words, OTHER_TIMES))
    {
        for (pointer, clock) in columns
            .iter()
            .filter(|(_, column)| !column.clocks.is_empty())
        {
            // The last day with the first hour is no time.
            if has_word(&day.words, ENDS) && !has_word(&clock.words, ENDS) {
                continue;
            }
            let times = clock.clocks.iter();
            let times: ByItem<DateTime<Utc>> = times
                .filter_map(|(item, time)| {
                    Some((*item, value_of(&day.days, *item)?.and_time(*time).and_utc()))
                })
                .collect();
            if !times.is_empty() {
                let column = Column {
                    words: clock.words.clone(),
                    times,
                    ..Column::default()
                };
                joined.insert(format!("{day_pointer} + {pointer}"), column);
            }
        }
    }
    columns.extend(joined);
}
