//! What each command found out, before it is put into a format.

use chrono::{DateTime, Utc};

use crate::{
    config::{Club, Looked},
    courts::{Answer, Booking, LatestByReference, Period, Query, State, Stretch},
    error::Error,
    gladstone::{SignedIn, Site},
    learn::{Finding, Learned},
    local, text,
    zone::Zone,
};

/// The one value that a command produces.
pub enum Output {
    /// `padel availability`
    Availability(Availability),
    /// `padel bookings`
    Bookings(Bookings),
    /// `padel login`
    Login(Login),
    /// `padel logout`
    Logout(Logout),
    /// `padel activities`
    Activities(Activities),
    /// `padel portal learn`
    Portal(Portal),
    /// `padel doctor`
    Doctor(Doctor),
    /// A generated text, printed as it is.
    Text(String),
}

/// The courts that answer a query.
pub struct Availability {
    /// Where.
    pub club: Club,
    /// When it was asked.
    pub now: DateTime<Utc>,
    /// What was asked.
    pub query: Query,
    /// Whether slots that are not free are to be shown, too.
    pub all: bool,
    /// What was found.
    pub answer: Answer,
    /// The names of the answer's sites, where it could be at another one and the names are at
    /// hand.
    pub sites: Vec<Site>,
    /// What to know about the answer.
    pub warnings: Vec<String>,
}

impl Availability {
    /// The stretches that are to be shown, in order of time.
    pub fn shown(&self) -> impl Iterator<Item = &Stretch> {
        self.answer.stretches.iter().filter(|slot| self.shows(slot))
    }

    /// Whether this one is to be shown.
    #[must_use]
    pub fn shows(&self, slot: &Stretch) -> bool {
        self.all || slot.state == State::Free
    }
}

/// A member's bookings.
pub struct Bookings {
    /// Where.
    pub club: Club,
    /// The club's zone.
    pub zone: Zone,
    /// When it was asked.
    pub now: DateTime<Utc>,
    /// Upcoming or past.
    pub period: Period,
    /// In the order of the period.
    pub bookings: Vec<Booking>,
    /// Which bookings go by their reference in a calendar.
    pub latest: LatestByReference,
    /// How many more there are with a larger `--limit`.
    pub more: usize,
    /// What to know about the answer.
    pub warnings: Vec<String>,
}

/// A member who is signed in.
pub struct Login {
    /// Where.
    pub club: Club,
    /// The club's zone.
    pub zone: Zone,
    /// As whom, until when, from which file.
    pub signed_in: SignedIn,
    /// What to know about the credentials.
    pub warnings: Vec<String>,
}

/// A session that is forgotten.
pub struct Logout {
    /// Where.
    pub club: Club,
    /// Whether there was one.
    pub forgotten: bool,
}

impl Login {
    /// The one sentence to say.
    pub(super) fn sentence(&self) -> String {
        let SignedIn {
            user,
            source,
            since,
            until,
            already,
        } = &self.signed_in;
        let club = self.club.name();
        let until = local::format_moment(until.with_timezone(&self.zone));
        let source = text::line(source, 400);
        if !already {
            return format!(
                "signed in at {club} as {user} until {until} (credentials from {source})"
            );
        }
        let since = local::format_clock(since.with_timezone(&self.zone));
        format!(
            "signed in at {club} as {user} since {since}, until {until} (credentials from {source}); the club was not \
             asked again: `padel logout`, then `padel login` asks it"
        )
    }
}

impl Logout {
    /// The one sentence to say.
    pub(super) fn sentence(&self) -> String {
        let what = if self.forgotten {
            "forgot the session"
        } else {
            "there was no session to forget"
        };
        format!("{what} at {}", self.club.name())
    }
}

/// The club's catalogue.
pub struct Activities {
    /// Where.
    pub club: Club,
    /// The sites that were looked at.
    pub sites: Vec<Named>,
    /// The activities to show.
    pub activities: Vec<Named>,
    /// How many more there are with `--all`.
    pub more: usize,
    /// The sport by which activities are picked.
    pub sport: String,
    /// What was skipped of the portal's answers.
    pub warnings: Vec<String>,
}

/// An entry of the catalogue.
pub struct Named {
    /// The id for `config.toml`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
    /// One printable line; may be empty.
    pub description: String,
    /// Whether `padel availability` asks for it as things are set.
    pub used: bool,
}

/// What a browser's capture taught of a portal.
pub struct Portal {
    /// The portal's host.
    pub host: String,
    /// The table for `config.toml` and how sure each of its values is.
    pub learned: Learned,
}

impl Portal {
    /// How many values are certain, and how many are guessed or missing.
    pub(super) fn verdict(&self) -> String {
        let (kept, values): (Vec<_>, Vec<_>) = self
            .learned
            .findings
            .iter()
            .partition(|finding| finding.kept);
        let certain = values.iter().filter(|finding| finding.certain).count();
        let look = if kept.is_empty() {
            String::new()
        } else {
            format!(", {} kept as sent", kept.len())
        };
        format!(
            "{certain} certain, {} guessed or missing{look}",
            values.len() - certain
        )
    }
}

/// How sure a finding is, in a word.
pub(super) fn sureness(finding: &Finding) -> &'static str {
    match (finding.certain, finding.value.is_empty()) {
        _ if finding.kept => "kept",
        (true, _) => "certain",
        (false, false) => "guessed",
        (false, true) => "missing",
    }
}

/// Where the table belongs.
pub(super) const CONFIG_FILE: &str = "~/.config/pslc-padel/config.toml";

/// Where in that file.
pub(super) const CONFIG_PLACE: &str = "at its end, in place of any [portal] there";

/// What to do then.
pub(super) const AFTER_LEARNING: &str = "Try it with `padel login` and `padel bookings`; then delete the capture, because it holds your password.";

/// What works.
pub struct Doctor {
    /// In the order in which one would look.
    pub checks: Vec<Check>,
    /// Every file that was looked for.
    pub looked: Vec<Looked>,
    /// How to teach padel the members' side of this portal; empty when that is done.
    pub steps: &'static [&'static str],
    /// Why `padel availability` would fail, if it would.
    pub failure: Option<Error>,
}

/// One thing that the doctor looked at.
pub struct Check {
    /// What was looked at, such as `club`.
    pub name: &'static str,
    /// The verdict.
    pub health: Health,
    /// What was found.
    pub found: String,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// Works, but should be looked at.
    Odd,
    /// Does not work.
    Bad,
}

impl Health {
    /// `ok`, `warning` or `failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Odd => "warning",
            Self::Bad => "failed",
        }
    }
}

/// A time at the club, for people: `Sun 29 Nov 00:00`.
pub(super) fn short(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone)
        .format("%a %-d %b %H:%M")
        .to_string()
}

impl Activities {
    /// The lines for `config.toml` that keep things as they are in use now, and make every call one
    /// request. A list of nothing would mean everything: it is left out.
    pub(super) fn config(&self) -> String {
        let line = |key: &str, named: &[Named]| {
            let ids: Vec<String> = named
                .iter()
                .filter(|named| named.used)
                .map(|named| format!("{:?}", named.id))
                .collect();
            if ids.is_empty() {
                String::new()
            } else {
                format!("{key} = [{}]\n", ids.join(", "))
            }
        };
        let club = self.club.setting();
        format!(
            "club = {club:?}\n{}{}",
            line("sites", &self.sites),
            line("activities", &self.activities)
        )
    }
}
