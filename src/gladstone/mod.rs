//! The portal client, and the only code that knows the portal's endpoints and JSON.
//!
//! Reads only: every request is a GET, but for the one that signs a member in. What is known of the
//! portal, and how surely, stands beside each endpoint and in `profile.toml`.
//!
//! From the bottom: `transport` makes one exchange (`identity`, `cookies`, `redirect`, `retry`,
//! `status`, `body`); `context` is what all parts share, with `cache` and `profile`. `visitor` and
//! `member` own a session each, and `access` picks the one to ask with. `availability`, `catalogue`
//! and `bookings` ask for one thing each and read it with `json` and `times`. A new endpoint is a
//! path in `endpoints`, a part of its own, and a function of [`Portal`], which is the front of all.

mod access;
mod availability;
mod body;
mod bookings;
mod cache;
mod catalogue;
mod context;
mod cookies;
mod endpoints;
pub(crate) mod envelope;
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod identity;
mod json;
mod member;
mod peer;
pub(crate) mod profile;
mod redirect;
mod retry;
#[cfg(test)]
mod tests;
pub(crate) mod times;
mod token;
mod transport;
mod visitor;

use std::{path::PathBuf, rc::Rc};

use chrono::{DateTime, TimeDelta, Utc};
use toml::Table;

pub(crate) use self::member::verdict;
use self::{
    access::Access, cache::Cache, catalogue::Catalogue, context::PortalContext, member::Member,
    transport::Transport,
};
pub use self::{
    availability::{ListedSlots, Range},
    catalogue::{Activity, Site, kept_activities, kept_sites},
    failure::{Failure, Part, Refuser, SignInRefusal},
    member::{LastSignIn, SignedIn},
    profile::{Entry, Profile, Status},
    visitor::{Flow, OpenedSession},
};
use crate::{
    config::{Club, Credentials, Environment},
    courts::{Booking, Period},
    error::Error,
    log::Log,
    zone::Zone,
};

/// The most ids of one kind in a request; one public client splits there.
const IDS_PER_REQUEST: usize = 15;

/// This machine's clock and the portal's may differ by so many seconds: an answer takes its time,
/// and `Date` has whole ones.
pub const SKEW: i64 = 120;

/// Everything that a portal client needs besides the club.
pub struct Setup<'a> {
    /// The environment, for proxies and trust roots.
    pub env: &'a Environment,
    /// The club's zone, for times in messages.
    pub zone: Zone,
    /// The current time.
    pub now: DateTime<Utc>,
    /// Time at which the command gives up.
    pub deadline: tokio::time::Instant,
    /// Directory of kept sessions and catalogues; `None` for none.
    pub cache: Option<PathBuf>,
    /// Log of requests.
    pub log: Log,
    /// `[portal]`: what replaces values of the built-in profile.
    pub portal: &'a Table,
    /// A member's, for where the portal refuses anonymous visitors.
    pub credentials: Option<Credentials>,
}

/// A club's portal: the front of its parts, each of which keeps its own state.
pub struct Portal {
    context: Rc<PortalContext>,
    access: Access,
    catalogue: Catalogue,
}

impl Portal {
    /// Makes a client; sends nothing yet.
    ///
    /// # Errors
    ///
    /// `config_invalid` for a wrong `[portal]`, `internal` when the HTTP client cannot be made.
    pub fn new(club: &Club, setup: Setup<'_>) -> Result<Self, Error> {
        let Setup {
            env,
            zone,
            now,
            deadline,
            cache,
            log,
            portal,
            credentials,
        } = setup;
        let transport = Transport::new(club, env, zone, now, deadline, log)?;
        let cache = Cache::new(cache, club.base(), log);
        let context = PortalContext::new(transport, cache, zone, now, log, portal)?;
        let context = Rc::new(context);
        Ok(Self {
            access: Access::new(&context, credentials),
            catalogue: Catalogue::new(&context),
            context,
        })
    }

    /// Lists everything in these ranges for these ids; one request for a range and up to 15 ids of
    /// a kind.
    ///
    /// `GET /api/availability/V2/sessions`, confirmed by several public clients. Slots are as the
    /// portal lists them, duplicates included, times in UTC.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; `Changed` when nothing at all can be read of an answer.
    pub async fn list_slots(
        &self,
        sites: &[String],
        activities: &[String],
        ranges: &[Range],
    ) -> Result<ListedSlots, Failure> {
        availability::list_slots(&self.context, &self.access, sites, activities, ranges).await
    }

    /// From now on uses no catalogue that an earlier call kept; `true` where one was used so far.
    pub fn distrust_kept(&self) -> bool {
        self.catalogue.distrust_kept()
    }

    /// Returns the club's sites, asked for once an hour.
    ///
    /// `GET /api/configuration/sites`, seen with one public client only: a club may lack it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; `Changed` where the list is empty.
    pub async fn sites(&self) -> Result<Vec<Site>, Failure> {
        self.catalogue.sites(&self.access).await
    }

    /// Returns the club's sites where they were asked for within the hour; sends nothing.
    #[must_use]
    pub fn known_sites(&self) -> Vec<Site> {
        self.catalogue.known_sites()
    }

    /// Returns the activities of these sites that can be booked on the web, asked for once an hour.
    ///
    /// `GET /api/search/activities/`, confirmed by several public clients.
    ///
    /// # Errors
    ///
    /// Any [`Failure`].
    pub async fn activities(&self, sites: &[String]) -> Result<Vec<Activity>, Failure> {
        self.catalogue.activities(&self.access, sites).await
    }

    /// Returns what of the catalogue could not be read so far, a sentence each.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        self.catalogue.gaps()
    }

    /// Returns the member's bookings of a period as the portal lists them, and what was skipped.
    /// Times are UTC.
    ///
    /// The request is the profile's; `GET /api/bookings?dateFrom=…&dateTo=…` and all fields are
    /// assumed.
    ///
    /// # Errors
    ///
    /// Those of signing in; `Unverified` where the portal's bookings are not as assumed; any other
    /// [`Failure`].
    pub async fn bookings(
        &self,
        credentials: &Credentials,
        period: Period,
    ) -> Result<(Vec<Booking>, Vec<String>), Failure> {
        bookings::list_bookings(&self.context, &self.access, credentials, period).await
    }

    /// Signs in, unless a session is kept. A pair that was refused before this call is sent again
    /// only if `anew`.
    ///
    /// The request is the profile's; `POST /api/samlauthentication/login` is assumed. Times are
    /// UTC.
    ///
    /// # Errors
    ///
    /// `SignInRefused`, `Unverified` where the portal is not as assumed; `Withheld` in place of
    /// sending the pair again; any other [`Failure`].
    pub async fn sign_in(
        &self,
        credentials: &Credentials,
        anew: bool,
    ) -> Result<SignedIn, Failure> {
        let Access {
            visitor, member, ..
        } = &self.access;
        member.sign_in(visitor, credentials, anew).await
    }

    /// Forgets the member's session; `false` when none was kept. Sends nothing: how to sign out at
    /// a portal is not known. That a pair was refused is not forgotten.
    pub fn sign_out(&self) -> bool {
        Member::sign_out(&self.context.cache)
    }

    /// Returns what is kept of the last sign-in with this pair; sends nothing.
    #[must_use]
    pub fn last_sign_in(&self, credentials: &Credentials) -> LastSignIn {
        self.access.member.last_sign_in(credentials)
    }

    /// Returns `true` where a member's session was needed so far.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.access.member.is_signed_in()
    }

    /// Asks for an anonymous session now, whatever is kept.
    ///
    /// `GET /api/samlauthentication/anonymous`, confirmed by several public clients; where it is
    /// absent `GET /validate/tenant/anonymous`, confirmed until summer 2025 only.
    ///
    /// # Errors
    ///
    /// Any [`Failure`].
    pub async fn open_session(&self) -> Result<OpenedSession, Failure> {
        self.access.visitor.open_session().await
    }

    /// Returns what came of asking for an anonymous session; `None` where none was asked for, or
    /// none came.
    #[must_use]
    pub fn opened_session(&self) -> Option<OpenedSession> {
        self.access.visitor.opened_session()
    }

    /// Returns `true` where an anonymous session is at hand or kept.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.access.visitor.has_session()
    }

    /// Returns the club's host, for messages.
    #[must_use]
    pub fn club(&self) -> &str {
        self.context.host()
    }

    /// Returns what is wrong with the trusted certificates that the environment names, a sentence
    /// each.
    #[must_use]
    pub fn trust_warnings(&self) -> Vec<String> {
        self.context.transport.trust_warnings().to_vec()
    }

    /// Returns the number of requests so far, retries and redirects included.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.context.transport.requests()
    }

    /// Returns a warning where this machine's clock differs from the portal's: what is free is
    /// reckoned by this machine's.
    #[must_use]
    pub fn clock_warning(&self) -> Option<String> {
        let ahead = self.context.transport.ahead()?;
        let seconds = ahead.num_seconds().abs();
        let way = if ahead > TimeDelta::zero() {
            "ahead of"
        } else {
            "behind"
        };
        let (unit, name) = match seconds {
            ..=SKEW => return None,
            172_800.. => (86_400, "days"),
            7_200.. => (3_600, "hours"),
            _ => (60, "minutes"),
        };
        let by = format!("{} {name}", (seconds + unit / 2) / unit);
        Some(format!(
            "this machine's clock is {by} {way} the portal's: what is free, open or over may be \
                wrong"
        ))
    }
}

/// Refuses what no club can mean: a host might go on and on.
fn refuse_more_than(most: usize, count: usize, endpoint: &str) -> Result<(), Failure> {
    if count <= most {
        return Ok(());
    }
    let expected = format!("at most {most} entries");
    Err(Failure::changed(endpoint, &expected, "more than that", ""))
}
