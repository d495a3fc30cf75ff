//! Settings of a club before it starts.

use std::path::PathBuf;

use axum::body::Bytes;
use sim_server::{Certificate, Options, Order};

use crate::{
    Fault, Shape,
    behaviour::{Behaviour, Flow},
    members::Member,
};

/// Describes a club, then starts it; [`Club::builder`](crate::Club::builder) makes one.
#[derive(Debug)]
pub struct Builder {
    pub(crate) seed: u64,
    pub(crate) courts: usize,
    pub(crate) activities: usize,
    pub(crate) behaviour: Behaviour,
    pub(crate) server: Options<Fault>,
    pub(crate) certificate: Certificate,
    pub(crate) members: Vec<Member>,
    pub(crate) history: usize,
    pub(crate) host_name: Option<String>,
    pub(crate) court_sets: bool,
    pub(crate) moving_windows: bool,
    pub(crate) replay: Option<PathBuf>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            seed: 7,
            courts: 4,
            activities: 3,
            behaviour: Behaviour {
                anonymous_token_life: 24 * 60 * 60,
                ..Behaviour::default()
            },
            server: Options::default(),
            certificate: Certificate::Valid,
            members: Vec::new(),
            history: 48,
            host_name: None,
            court_sets: false,
            moving_windows: false,
            replay: None,
        }
    }
}

impl Builder {
    /// Seed of timetable and bookings; 7 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops the club's clock at an RFC 3339 time; by default it is the real clock.
    pub fn now(mut self, now: impl Into<String>) -> Self {
        self.server.now = Some(now.into());
        self
    }

    /// Padel courts at `UB`, named `PC1` and so on; 4 by default.
    pub fn courts(mut self, courts: usize) -> Self {
        self.courts = courts;
        self
    }

    /// Web-bookable padel activities at `UB`, all over the same courts; 3 by default (`PADEL30`,
    /// `PADEL60`, `PADEL90`), then `PADELX4` and so on, of 60 minutes each.
    pub fn activities(mut self, activities: usize) -> Self {
        self.activities = activities;
        self
    }

    /// The anonymous flow; the cookie by default.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.behaviour.flow = flow;
        self
    }

    /// Answers 400, with a JSON body, to a `dateFrom` more than a minute in the past.
    pub fn reject_past_date_from(mut self, reject: bool) -> Self {
        self.behaviour.reject_past_date_from = reject;
        self
    }

    /// Leaves the `date` out of elements, as one captured response does by its author's slip; not
    /// by default.
    pub fn undated(mut self, undated: bool) -> Self {
        self.behaviour.undated = undated;
        self
    }

    /// Adds sets of courts with long names, and names with `&`, to site `14` (`014A300002` to
    /// `014A300004`); not by default.
    pub fn court_sets(mut self, court_sets: bool) -> Self {
        self.court_sets = court_sets;
        self
    }

    /// Makes booking windows depend on the day of the question; not by default. At site `14` one
    /// that is open opened at 00:00 UTC of that day, at `UB` a few slots' windows change from day
    /// to day, some from open to not yet.
    pub fn moving_windows(mut self, moving: bool) -> Self {
        self.moving_windows = moving;
        self
    }

    /// Serves a captured response for sessions, whatever is asked.
    pub fn replay(mut self, path: impl Into<PathBuf>) -> Self {
        self.replay = Some(path.into());
        self
    }

    /// Serves this text for sessions, whatever is asked and whether or not it is JSON.
    pub fn sessions_json(mut self, text: impl Into<String>) -> Self {
        self.behaviour.replaced.sessions = Some(Bytes::from(text.into()));
        self
    }

    /// Serves this text for the search of activities.
    pub fn activities_json(mut self, text: impl Into<String>) -> Self {
        self.behaviour.replaced.activities = Some(Bytes::from(text.into()));
        self
    }

    /// Serves this text for the sites.
    pub fn sites_json(mut self, text: impl Into<String>) -> Self {
        self.behaviour.replaced.sites = Some(Bytes::from(text.into()));
        self
    }

    /// The shape of the member side; [`Shape::Assumed`] by default.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.behaviour.shape = shape;
        self
    }

    /// A member; repeatable, and several may share an e-mail. Without any there is one,
    /// [`DEFAULT_MEMBER`](crate::DEFAULT_MEMBER). Both are compared byte for byte.
    pub fn member(mut self, email: impl Into<String>, password: impl Into<String>) -> Self {
        self.members.push(Member::new(email, password));
        self
    }

    /// Past bookings of each member; 48 by default. Those to come are about ten.
    pub fn bookings(mut self, history: usize) -> Self {
        self.history = history;
        self
    }

    /// Serves this text for a member's bookings, whatever is asked and whether or not it is JSON.
    pub fn bookings_json(mut self, text: impl Into<String>) -> Self {
        self.behaviour.replaced.bookings = Some(Bytes::from(text.into()));
        self
    }

    /// Refuses availability to anonymous sessions.
    pub fn require_member(mut self, require: bool) -> Self {
        self.behaviour.require_member = require;
        self
    }

    /// The host that a HAR is of, for example `riverside.gladstonego.cloud`, over https; by default
    /// it is of the club's own URL. Sealed texts in the HAR take their key from it. Those over the
    /// wire take theirs, as ever, from the host that the client says it calls.
    pub fn host_name(mut self, name: impl Into<String>) -> Self {
        self.host_name = Some(name.into());
        self
    }

    /// Seconds, by the club's clock, that an anonymous token is good for; 24 hours by default.
    pub fn token_life(mut self, seconds: u32) -> Self {
        self.behaviour.anonymous_token_life = seconds;
        self
    }

    /// Answers the anonymous call with 302 to a page of this club, the cookie set on the redirect.
    pub fn redirect_anonymous(mut self, redirect: bool) -> Self {
        self.behaviour.redirect_anonymous = redirect;
        self
    }

    /// Serves https with a throw-away CA; the club tells its certificate.
    pub fn https(mut self) -> Self {
        self.behaviour.https = true;
        self
    }

    /// The certificate of https, right or wrong.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = certificate;
        self
    }

    /// Compresses for clients that accept gzip; not by default.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.behaviour.gzip = gzip;
        self
    }

    /// A fault from the start on; several are tried in this order.
    pub fn fault(mut self, fault: impl Into<Order<Fault>>) -> Self {
        self.server.faults.push(fault.into());
        self
    }

    /// Port, clock, faults and log at once.
    pub fn server(mut self, options: Options<Fault>) -> Self {
        self.server = options;
        self
    }
}
