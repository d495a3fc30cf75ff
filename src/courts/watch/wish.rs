//! A wish: which games somebody waits for, and when it is over.

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc, Weekday};

use crate::{
    courts::{Day, Query, Time, weekday_name},
    zone::Zone,
};

/// Days that a wish without a date looks ahead: two weeks, about as far as clubs let members book.
const DAYS_AHEAD: u64 = 14;

/// Which games somebody waits for, and who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its name: one wish of a club has it.
    pub name: String,
    /// The first day; today at each look when `None`.
    pub date: Option<Day>,
    /// The first day as it was written, for messages.
    pub date_text: String,
    /// Number of days; see [`query`](Self::query) for `None`.
    pub days: Option<u64>,
    /// Only these weekdays; all when empty.
    pub weekdays: Vec<Weekday>,
    /// Wanted minutes; whatever lengths the club offers when `None`.
    pub minutes: Option<i64>,
    /// Not before this time of day.
    pub from: Option<Time>,
    /// Over by this time of day.
    pub to: Option<Time>,
    /// Covering this time of day, or beginning within half an hour of it.
    pub at: Option<Time>,
    /// Words of the courts' names; all courts when empty.
    pub courts: Vec<String>,
    /// Ids or names of sites; those of the settings when empty.
    pub sites: Vec<String>,
    /// Ids or names of activities; those of the settings when empty.
    pub activities: Vec<String>,
    /// So long before a booking window opens it is told; never when `None`.
    pub notice: Option<TimeDelta>,
    /// Tells what is gone again, too.
    pub gone: bool,
    /// The last day of watching.
    pub until: Option<NaiveDate>,
    /// Says nothing at the first look.
    pub quiet_first: bool,
    /// The names of those who are told.
    pub targets: Vec<String>,
}

impl Wish {
    /// Returns the question to ask now. `None` when the wish is over: its last day or `until` has
    /// passed. Only a wish for a day of the calendar passes by itself.
    ///
    /// Without a number of days it is one with a date, a week with a date and weekdays, two weeks
    /// without a date.
    #[must_use]
    pub fn query(&self, zone: Zone, now: DateTime<Utc>) -> Option<Query> {
        let today = now.with_timezone(&zone).date_naive();
        if self.until.is_some_and(|until| until < today) {
            return None;
        }
        let default_days = match (self.date, self.weekdays.is_empty()) {
            (None, _) => DAYS_AHEAD,
            (Some(_), true) => 1,
            (Some(_), false) => 7,
        };
        let query = Query {
            zone,
            date: self.date.map_or(today, |day| day.resolve(today)),
            days: self.days.unwrap_or(default_days),
            weekdays: self.weekdays.clone(),
            minutes: self.minutes,
            from: self.from,
            to: self.to,
            at: self.at,
            courts: self.courts.clone(),
        };
        let is_over = query.dates().all(|date| date < today);
        (!is_over).then_some(query)
    }

    /// Returns what decides which games are meant. Where it changes, nothing that was known counts.
    #[must_use]
    pub fn filters(&self) -> String {
        let weekdays: Vec<&str> = self.weekdays.iter().copied().map(weekday_name).collect();
        let number = |number: Option<String>| number.unwrap_or_default();
        let mut filters = [
            self.date_text.clone(),
            number(self.days.map(|days| days.to_string())),
            weekdays.join(","),
            number(self.minutes.map(|minutes| minutes.to_string())),
            number(self.from.map(|from| from.to_string())),
            number(self.to.map(|to| to.to_string())),
            self.sites.join(","),
            self.activities.join(","),
        ]
        .join("|");
        // At the end, so that wishes without them stay as states know them.
        if let Some(at) = self.at {
            filters += &format!("|at {at}");
        }
        if !self.courts.is_empty() {
            filters += &format!("|court {}", self.courts.join(","));
        }
        filters
    }

    /// Returns the wish in a few words: `sat, 17:00–21:00, 90 min`.
    #[must_use]
    pub fn describe(&self) -> String {
        let day = (!self.date_text.is_empty()).then(|| self.date_text.clone());
        let weekdays: Vec<&str> = self.weekdays.iter().copied().map(weekday_name).collect();
        let weekdays = (!weekdays.is_empty()).then(|| weekdays.join(", "));
        let hours = match (self.from, self.to) {
            (Some(from), Some(to)) => Some(format!("{from}–{to}")),
            (Some(from), None) => Some(format!("from {from}")),
            (None, Some(to)) => Some(format!("until {to}")),
            (None, None) => self.at.map(|at| format!("at {at}")),
        };
        let courts = (!self.courts.is_empty()).then(|| format!("court {}", self.courts.join(", ")));
        let length = self.minutes.map(|minutes| format!("{minutes} min"));
        let places = [&self.sites, &self.activities];
        let places = places.map(|names| (!names.is_empty()).then(|| names.join(", ")));
        let parts = [day, weekdays, hours, length, courts]
            .into_iter()
            .chain(places);
        let words = parts.flatten().collect::<Vec<_>>().join(", ");
        if words.is_empty() {
            "any time".to_owned()
        } else {
            words
        }
    }
}

/// Hours of the day at the club in which a target is left alone, such as 22:30 to 07:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// The first quiet minute.
    pub from: Time,
    /// The first minute that is not quiet any more; before `from` it is the next day's.
    pub to: Time,
}

impl Quiet {
    /// Returns whether `now` is within these hours at the club.
    #[must_use]
    pub fn covers(self, now: DateTime<Utc>, zone: Zone) -> bool {
        let local = now.with_timezone(&zone);
        let minute = Time(local.hour() * 60 + local.minute());
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}
