//! The portal client, and the only code that knows the portal's endpoints and JSON.
//!
//! Reads only: every request is a GET, but for the one that signs a member in. What is known of the
//! portal, and how surely, stands beside each endpoint and in `profile.toml`.

mod availability;
mod body;
mod bookings;
mod cache;
mod catalogue;
mod cause;
mod certificates;
mod cookies;
mod endpoints;
pub(crate) mod envelope;
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod json;
mod member;
pub(crate) mod profile;
mod proxy;
mod redirect;
mod resolver;
mod retry;
mod sending;
#[cfg(test)]
mod tests;
pub(crate) mod times;
mod token;
mod transport;
mod trust;
mod tunnel;
mod visitor;
mod waits;

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashSet,
    path::PathBuf,
};

use chrono::{DateTime, TimeDelta, Utc};
use toml::Table;

pub(crate) use self::member::verdict;
use self::{
    availability::Question,
    cache::Cache,
    catalogue::Shelf,
    member::Member,
    transport::{Reply, Transport},
    visitor::Session,
};
pub use self::{
    availability::{Range, Sessions},
    catalogue::{Activity, Site},
    failure::{Failure, Part, Refuser},
    member::{LastSignIn, SignedIn},
    profile::{Entry, Profile, Status},
    proxy::{Proxy, Route, proxy_variables, route},
    trust::{Source, roots},
    visitor::Flow,
};
use crate::{
    config::{Club, Credentials, Environment},
    error::Error,
    log::Log,
    zone::Zone,
};

/// The most ids of one kind in a request; one public client splits there.
const CHUNK: usize = 15;
/// The most slots of one question, over all its requests. The largest that is known of has some ten
/// thousand.
const MOST_SLOTS: usize = 300_000;
/// The most sites or activities of a club.
const MOST_NAMES: usize = 10_000;

/// What a portal client needs besides the club.
pub struct Setup<'a> {
    /// The environment, for proxies and trust roots.
    pub env: &'a Environment,
    /// The club's zone, for times in messages.
    pub zone: Zone,
    /// The current time.
    pub now: DateTime<Utc>,
    /// When the command gives up.
    pub deadline: tokio::time::Instant,
    /// Where sessions and catalogues are kept; `None` for nowhere.
    pub cache: Option<PathBuf>,
    /// Where requests are told.
    pub log: Log,
    /// `[portal]`: what replaces values of the built-in profile.
    pub portal: &'a Table,
    /// A member's, for where the portal refuses anonymous visitors.
    pub credentials: Option<Credentials>,
}

/// A club's portal.
pub struct Portal {
    transport: Transport,
    cache: Cache,
    zone: Zone,
    now: DateTime<Utc>,
    log: Log,
    profile: OnceCell<Profile>,
    credentials: Option<Credentials>,
    session: RefCell<Option<Session>>,
    visitor: Cell<Option<Visitor>>,
    member: RefCell<Option<Member>>,
    known_sites: Shelf<Site>,
    known_activities: Shelf<Activity>,
    gaps: RefCell<Vec<String>>,
}

/// This machine's clock and the portal's may differ by so many seconds: an answer takes its time,
/// and `Date` has whole ones.
pub const SKEW: i64 = 120;

/// How the portal lets an anonymous visitor in, and its clock where it tells it.
pub type Visitor = (Flow, Option<DateTime<Utc>>);

impl Portal {
    /// A client; sends nothing yet.
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
        let profile = OnceCell::new();
        if !portal.is_empty() {
            // What a member wrote is checked at once, whether it is needed or not.
            let _ = profile.set(Profile::new(portal)?);
        }
        Ok(Self {
            transport: Transport::new(club, env, zone, now, deadline, log)?,
            cache: Cache::new(cache, club.base(), log),
            zone,
            now,
            log,
            profile,
            credentials,
            session: RefCell::default(),
            visitor: Cell::default(),
            member: RefCell::default(),
            known_sites: Shelf::new("sites"),
            known_activities: Shelf::new("activities"),
            gaps: RefCell::default(),
        })
    }

    /// Everything listed in these ranges for these ids; one request for a range and up to 15 ids of
    /// a kind.
    ///
    /// `GET /api/availability/V2/sessions`, confirmed by several public clients. Slots are as the
    /// portal lists them, duplicates included, times in UTC.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; `Changed` when nothing at all can be read of an answer.
    pub async fn sessions(
        &self,
        sites: &[String],
        activities: &[String],
        ranges: &[Range],
    ) -> Result<Sessions, Failure> {
        let mut sessions = Sessions::default();
        for range in ranges {
            for sites in sites.chunks(CHUNK) {
                for activities in activities.chunks(CHUNK) {
                    let reply = self
                        .get(
                            endpoints::AVAILABILITY,
                            &availability::query(sites, activities, *range),
                        )
                        .await?;
                    let question = Question {
                        sites,
                        activities,
                        now: self.now,
                    };
                    availability::read(&reply, self.transport.host(), &question, &mut sessions)?;
                    bounded(endpoints::AVAILABILITY, sessions.slots.len(), MOST_SLOTS)?;
                }
            }
        }
        Ok(sessions)
    }

    /// From now on uses no catalogue that an earlier call kept; `true` where one was used so far.
    pub fn distrust_kept(&self) -> bool {
        self.known_sites.distrust() | self.known_activities.distrust()
    }

    /// The club's sites, asked for once an hour.
    ///
    /// `GET /api/configuration/sites`, seen with one public client only: a club may lack it.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; `Changed` where the list is empty.
    pub async fn sites(&self) -> Result<Vec<Site>, Failure> {
        if let Some(items) = self.known_sites.get(&[], &self.cache, self.now) {
            return Ok(items);
        }
        let query = catalogue::SITES_QUERY.map(|(name, value)| (name, value.to_owned()));
        let reply = self.get(endpoints::SITES, &query).await?;
        let (items, warnings) = catalogue::sites(&reply, self.transport.host())?;
        bounded(endpoints::SITES, items.len(), MOST_NAMES)?;
        if items.is_empty() {
            // Else it would be the sport that such a club seems to lack.
            return Err(Failure::changed(
                endpoints::SITES,
                "the club's sites",
                "none",
                "",
            ));
        }
        self.known_sites
            .put(&[], &items, warnings.is_empty(), &self.cache, self.now);
        self.tell(warnings);
        Ok(items)
    }

    /// The club's sites where they were asked for within the hour; sends nothing.
    #[must_use]
    pub fn known_sites(&self) -> Vec<Site> {
        self.known_sites
            .known(&[], &self.cache, self.now)
            .unwrap_or_default()
    }

    /// The activities of these sites that can be booked on the web, asked for once an hour.
    ///
    /// `GET /api/search/activities/`, confirmed by several public clients.
    ///
    /// # Errors
    ///
    /// Any [`Failure`].
    pub async fn activities(&self, sites: &[String]) -> Result<Vec<Activity>, Failure> {
        if let Some(items) = self.known_activities.get(sites, &self.cache, self.now) {
            return Ok(items);
        }
        let mut all: Vec<Activity> = Vec::new();
        let mut told = Vec::new();
        for sites in sites.chunks(CHUNK) {
            let query = [
                ("siteIds", sites.join(",")),
                ("webBookableOnly", "true".to_owned()),
            ];
            let reply = self.get(endpoints::ACTIVITIES, &query).await?;
            let (items, warnings) = catalogue::activities(&reply, self.transport.host())?;
            bounded(endpoints::ACTIVITIES, all.len() + items.len(), MOST_NAMES)?;
            let known: HashSet<&String> = all.iter().map(|activity| &activity.id).collect();
            let new: Vec<Activity> = items
                .into_iter()
                .filter(|item| !known.contains(&item.id))
                .collect();
            all.extend(new);
            told.extend(warnings);
        }
        self.known_activities
            .put(sites, &all, told.is_empty(), &self.cache, self.now);
        self.tell(told);
        Ok(all)
    }

    /// A warning where this machine's clock differs from the portal's: what is free is reckoned by
    /// this machine's.
    #[must_use]
    pub fn clock_warning(&self) -> Option<String> {
        let ahead = self
            .transport
            .ahead()
            .filter(|ahead| ahead.num_seconds().abs() > SKEW)?;
        let way = if ahead > TimeDelta::zero() {
            "ahead of"
        } else {
            "behind"
        };
        let seconds = ahead.num_seconds().abs();
        let (unit, name) = match seconds {
            172_800.. => (86_400, "days"),
            7_200.. => (3_600, "hours"),
            _ => (60, "minutes"),
        };
        let by = format!("{} {name}", (seconds + unit / 2) / unit);
        Some(format!(
            "this machine's clock is {by} {way} the portal's: what is free, open or over may be wrong"
        ))
    }

    /// What of the catalogue could not be read so far, a sentence each.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        self.gaps.borrow().clone()
    }

    /// The profile. The built-in one is read when it is first needed: a call with a kept session
    /// needs none, and reading takes its time.
    fn profile(&self) -> Result<&Profile, Failure> {
        if let Some(profile) = self.profile.get() {
            return Ok(profile);
        }
        let profile =
            Profile::new(&Table::new()).map_err(|error| Failure::Settings(Box::new(error)))?;
        Ok(self.profile.get_or_init(|| profile))
    }

    /// The club's host, for messages.
    #[must_use]
    pub fn club(&self) -> &str {
        self.transport.host()
    }

    /// Asks for an anonymous session now, whatever is kept.
    ///
    /// `GET /api/samlauthentication/anonymous`, confirmed by several public clients; where it is
    /// absent `GET /validate/tenant/anonymous`, confirmed until summer 2025 only.
    ///
    /// # Errors
    ///
    /// Any [`Failure`].
    pub async fn sign_in_anonymously(&self) -> Result<Visitor, Failure> {
        let (session, date) =
            Session::anonymous(&self.transport, self.profile()?, self.now).await?;
        let flow = session.flow();
        self.log
            .decision(|| format!("a new anonymous session ({flow:?} flow)"));
        self.cache.write("session", &session);
        *self.session.borrow_mut() = Some(session);
        self.visitor.set(Some((flow, date)));
        Ok((flow, date))
    }

    /// GETs as a visitor, and as the member where visitors may not.
    async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Reply, Failure> {
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        match (self.get_as_visitor(path, &query).await, &self.credentials) {
            (Err(Failure::Unauthorized { .. }), Some(credentials)) => {
                self.log
                    .decision(|| "anonymous visitors are refused: asked as a member".to_owned());
                self.get_as_member(credentials, path, &query).await
            }
            (outcome, _) => outcome,
        }
    }

    /// GETs with the session that is at hand; a 401 gets one new session.
    async fn get_as_visitor(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Failure> {
        if !self.has_session() {
            self.sign_in_anonymously().await?;
        }
        match self.send(path, query).await {
            Err(Failure::Unauthorized { .. }) => {}
            outcome => return outcome,
        }
        self.log
            .decision(|| "the session is no longer good".to_owned());
        self.sign_in_anonymously().await?;
        self.send(path, query).await
    }

    /// What is wrong with the trusted certificates that the environment names, a sentence each.
    #[must_use]
    pub fn trust_warnings(&self) -> Vec<String> {
        self.transport.trust_warnings().to_vec()
    }

    /// What came of asking for an anonymous session; `None` where none was asked for, or none came.
    #[must_use]
    pub fn visitor(&self) -> Option<Visitor> {
        self.visitor.get()
    }

    /// Whether an anonymous session is at hand or kept; a kept one is at hand then.
    #[must_use]
    pub fn has_session(&self) -> bool {
        let mut session = self.session.borrow_mut();
        if session.is_none() {
            *session = self
                .cache
                .read("session")
                .filter(|session: &Session| session.is_fresh(self.now));
        }
        session.is_some()
    }

    /// Whether a member's session was needed so far.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.member.borrow().is_some()
    }

    async fn send(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Failure> {
        let session = self.session.borrow().clone();
        let identity = session.as_ref().map(Session::identity).unwrap_or_default();
        let reply = self.transport.get(path, query, &identity).await?;
        if let Some(session) = self.session.borrow_mut().as_mut()
            && session.keep_cookies(reply.cookies.all.clone())
        {
            self.cache.write("session", session);
        }
        Ok(reply)
    }

    fn tell(&self, warnings: Vec<String>) {
        let mut gaps = self.gaps.borrow_mut();
        for warning in warnings {
            // A command may look into the catalogue twice.
            if !gaps.contains(&warning) {
                gaps.push(warning);
            }
        }
    }
}

/// Refuses what no club can mean: a host might go on and on.
fn bounded(endpoint: &str, count: usize, most: usize) -> Result<(), Failure> {
    if count <= most {
        return Ok(());
    }
    Err(Failure::changed(
        endpoint,
        &format!("at most {most} entries"),
        "more than that",
        "",
    ))
}
