//! `padel availability`: the courts that answer a query.
//!
//! `view` says what is told, with `rows`, `nothing` and `week`; a file a format says how.

mod chat;
mod html;
mod ics;
mod json;
mod nothing;
mod rows;
mod table;
mod view;
mod week;

use std::{
    collections::BTreeMap,
    io::{Result, Write},
};

use chrono::{DateTime, Utc};

use super::{escape::Marks, report::Report, style::Style};
use crate::{
    config::Club,
    courts::{Answer, Query, State, Stretch},
    gladstone::Site,
    sort::sort_by,
};

/// The courts that answer a query.
pub struct AvailabilityReport {
    pub club: Club,
    pub now: DateTime<Utc>,
    pub query: Query,
    pub asked: AskedIds,
    /// `true` if slots that are not free are shown, too.
    pub all: bool,
    /// The number of start times to tell; `None` for all.
    pub limit: Option<usize>,
    /// All slots that answer it, free or not.
    pub answer: Answer,
    /// The names of the answer's sites, where it could be at another one and the names are at
    /// hand.
    pub sites: Vec<Site>,
    pub warnings: Vec<String>,
}

/// What was asked for by flag or setting, and what is known of it.
#[derive(Debug, Default)]
pub struct AskedIds {
    /// Ids of the sites; empty where all are meant.
    pub sites: Vec<String>,
    /// Ids of the activities; empty where those of the sport are meant.
    pub activities: Vec<String>,
    /// The club's sites, where their names are at hand.
    pub known: Vec<Site>,
    /// Ids of the activities' groups, by the activity's.
    pub groups: BTreeMap<String, String>,
}

/// More activities than so many are counted in a heading, not named.
const NAMED_ACTIVITIES: usize = 2;

/// Said where there are more start times than the limit.
const LATER: &str = "There are later ones: leave out --limit to see them.";

/// So many days and more are told as a grid.
const WEEK: usize = 7;

impl AvailabilityReport {
    /// The stretches to show, in order of time.
    fn shown(&self) -> impl Iterator<Item = &Stretch> {
        let last = self.last_start();
        let stretches = self.answer.stretches.iter();
        stretches.filter(move |stretch| {
            self.is_shown(stretch) && last.is_none_or(|last| stretch.start <= last)
        })
    }

    fn is_shown(&self, stretch: &Stretch) -> bool {
        self.all || stretch.state == State::Free
    }

    /// The last of the start times within the limit; `None` where there are no more.
    fn last_start(&self) -> Option<DateTime<Utc>> {
        let limit = self.limit?;
        let shown = self.answer.stretches.iter();
        let mut starts: Vec<DateTime<Utc>> = shown
            .filter(|stretch| self.is_shown(stretch))
            .map(|stretch| stretch.start)
            .collect();
        sort_by(&mut starts, Ord::cmp);
        starts.dedup();
        starts.get(limit.checked_sub(1)?).or(starts.last()).copied()
    }

    /// Returns whether the answer is told as a grid of days and hours. Of a moment there are few rows
    /// a day, and hours would hide it.
    fn is_grid(&self) -> bool {
        !self.all
            && self.limit.is_none()
            && self.query.at.is_none()
            && self.query.dates().count() >= WEEK
    }

    /// The query besides its days, such as `17:00–21:00` and `60 min`: without it a part of the
    /// club, or of a day, passes for the whole.
    fn wishes(&self) -> Vec<String> {
        let mut wishes = Vec::new();
        wishes.extend(match (self.query.from, self.query.to) {
            (Some(from), Some(to)) => Some(format!("{from}–{to}")),
            (Some(from), None) => Some(format!("from {from}")),
            (None, Some(to)) => Some(format!("until {to}")),
            (None, None) => None,
        });
        wishes.extend(self.query.at.map(|at| format!("at {at}")));
        wishes.extend(self.query.minutes.map(|minutes| format!("{minutes} min")));
        if !self.query.courts.is_empty() {
            wishes.push(format!("court {}", self.query.courts.join(", ")));
        }
        match self.asked.activities.len() {
            0 => {}
            1..=NAMED_ACTIVITIES => wishes.extend(self.asked.activities.iter().map(|id| {
                let mut listed = self.answer.stretches.iter().map(|one| &one.listing);
                let named = listed.find(|listing| listing.activity_id == *id);
                named.map_or_else(|| id.clone(), |listing| listing.activity.clone())
            })),
            count => wishes.push(format!("{count} activities")),
        }
        wishes.extend(self.place());
        wishes
    }

    /// The sites that it is about, where the club has others. The only one that can be booked is
    /// named, too; where none can, it would pass for a wish.
    fn place(&self) -> Option<String> {
        let summary = &self.answer.summary;
        let is_bookable = self.all || summary.free + summary.opens_later > 0;
        let ids: Vec<&str> = match (self.answer.spans_sites(), &self.sites[..]) {
            (false, [site]) if self.asked.sites.is_empty() && is_bookable => vec![&site.id],
            _ => self.asked.sites.iter().map(String::as_str).collect(),
        };
        let names: Vec<String> = ids.iter().map(|id| self.site_name(id)).collect();
        // Where there are several, each has a heading of its own.
        let is_told = names.is_empty() || (self.answer.spans_sites() && names.len() > 1);
        (!is_told).then(|| names.join(" and "))
    }

    /// The site's name, or `site 14` where it is not at hand.
    fn site_name(&self, id: &str) -> String {
        let mut known = self.asked.known.iter();
        let site = known.find(|site| site.id == id && !site.name.is_empty());
        site.map_or_else(|| format!("site {id}"), |site| site.name.clone())
    }

    /// The site's name where the answer is about several sites, else empty.
    fn site_if_several(&self, id: &str) -> String {
        if self.answer.spans_sites() && !id.is_empty() {
            self.site_name(id)
        } else {
            String::new()
        }
    }

    /// `Riverside Padel Centre` where other sites could have been meant, else empty.
    fn site_if_others(&self, id: &str) -> String {
        if self.asked.sites.len() == 1 || self.asked.known.len() < 2 || id.is_empty() {
            String::new()
        } else {
            self.site_name(id)
        }
    }

    /// The page where a stretch is booked: that of its first slot where it is on one court and can
    /// be booked, else that of its activity on the day.
    fn page(&self, stretch: &Stretch) -> Option<String> {
        let listing = &stretch.listing;
        let group = self.asked.groups.get(&listing.activity_id);
        let slot = match (&listing.court_ids[..], group) {
            ([court], Some(group)) if stretch.state == State::Free => {
                let ids = [&**group, &listing.activity_id, court, &listing.site_id];
                self.club.slot_page(ids, stretch.start, stretch.first_end)
            }
            _ => None,
        };
        slot.or_else(|| self.club.booking_page(&listing.activity_id, stretch.start))
    }
}

impl Report for AvailabilityReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        table::write(self, style, out)
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        json::write(self, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        chat::write(self, Marks::Markdown, out)
    }

    fn write_text(&self, out: &mut dyn Write) -> Result<()> {
        chat::write(self, Marks::Plain, out)
    }

    fn write_html(&self, out: &mut dyn Write) -> Result<()> {
        html::write(self, out)
    }

    fn write_ics(&self, out: &mut dyn Write) -> Result<()> {
        ics::write(self, out)
    }
}
