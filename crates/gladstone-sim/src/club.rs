//! A running club.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use axum::{Router, body::Body, extract::Request, http::header, response::Response};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use sim_server::{Arrival, Authority, Call, Control, Order, Server, StartError, locked};
use tower::ServiceExt;

use crate::{
    Builder, Fault, TruthBooking, TruthSlot,
    diary::Diary,
    fault, har,
    members::{DEFAULT_MEMBER, Member},
    portal,
    sim::Sim,
    timetable::{Change, Timetable},
};

/// A simulated club that serves HTTP on 127.0.0.1 until it is dropped.
///
/// Its runtime and threads are its own, so a plain `#[test]` can use it. Dropping it fails the test
/// when the club was never called (or was, after [`never_called`](Self::never_called)), and when a
/// handler panicked.
///
/// ```
/// use gladstone_sim::{Club, Fault};
///
/// let club = Club::builder().now("2026-11-23T09:00:00Z").start();
/// club.push_fault("/api/availability", Fault::Reset, 1);
/// assert!(club.url().starts_with("http://127.0.0.1:"));
/// club.never_called();
/// ```
#[derive(Debug)]
pub struct Club {
    sim: Arc<Sim>,
    server: Server<Fault>,
    host_name: Option<String>,
    expected_calls: Mutex<ExpectedCalls>,
}

/// The calls that a test means to make.
#[derive(Debug)]
enum ExpectedCalls {
    Some,
    None,
    /// It is no test.
    Any,
}

impl Builder {
    /// Opens the club. Panics when [`try_start`](Self::try_start) fails.
    pub fn start(self) -> Club {
        match self.try_start() {
            Ok(club) => club,
            Err(error) => panic!("the simulated club does not start: {error}"),
        }
    }

    /// Opens the club. Fails when the time is not RFC 3339, the captured response cannot be read or
    /// the port is taken.
    pub fn try_start(mut self) -> Result<Club, StartError> {
        if let Some(path) = self.replay {
            match fs::read(&path) {
                Ok(text) => self.behaviour.replaced.sessions = Some(text.into()),
                Err(source) => return Err(StartError::File { path, source }),
            }
        }
        if self.members.is_empty() {
            let (email, password) = DEFAULT_MEMBER;
            self.members.push(Member::new(email, password));
        }
        self.server.certificate = self.behaviour.https.then_some(self.certificate);
        let control = Control::new(&self.server)?;
        let mut timetable = Timetable::new(self.seed, self.courts, self.activities);
        if self.court_sets {
            timetable = timetable.with_court_sets();
        }
        if self.moving_windows {
            timetable = timetable.with_moving_windows();
        }
        let now = control.clock.now();
        let diaries: Arc<[Diary]> = (0..self.members.len())
            .map(|member| Diary::new(self.seed, member, now, self.history))
            .collect();
        let timetable = timetable.with_bookings(diaries.iter().flat_map(Diary::all), now);
        let sim = Arc::new(Sim {
            behaviour: self.behaviour,
            timetable: Arc::new(timetable),
            diaries,
            members: self.members.into(),
            clock: Arc::clone(&control.clock),
            tokens: Mutex::default(),
            logins: Mutex::default(),
            cache: Mutex::default(),
        });
        let routes = portal::dated_routes(&sim);
        let answer = move |arrival| answer_arrival(routes.clone(), arrival);
        Ok(Club {
            sim,
            server: Server::start(&self.server, control, Router::new(), answer)?,
            host_name: self.host_name,
            expected_calls: Mutex::new(ExpectedCalls::Some),
        })
    }
}

/// The portal's answer, or what a fault makes of it.
async fn answer_arrival(portal: Router, arrival: Arrival<Fault>) -> Response {
    let mut request = Request::from_parts(arrival.parts, Body::from(arrival.body));
    let Some(fault) = arrival.fault else {
        let Ok(answer) = portal.oneshot(request).await;
        return answer;
    };
    if let Some(answer) = fault::replace_answer(fault, &arrival.peer).await {
        return answer;
    }
    // Damage is done to plain text.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let Ok(answer) = portal.oneshot(request).await;
    fault::damage_answer(fault, answer).await
}

impl Club {
    /// A club with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Prints the URL, then serves until the process is told to stop. Fails when nobody reads the
    /// URL.
    pub fn run(self) -> io::Result<()> {
        *locked(&self.expected_calls) = ExpectedCalls::Any;
        self.server.run()
    }

    /// Every request so far, in order of arrival; those to the control endpoint are left out.
    pub fn calls(&self) -> Vec<Call> {
        self.server.control().calls()
    }

    /// Replaces all faults with this one, or none.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.server.control().clear_faults();
        if let Some(fault) = fault {
            self.server.control().push_fault(fault);
        }
    }

    /// Adds a fault for calls to paths that begin so, for that many times; earlier ones come first.
    pub fn push_fault(&self, path_prefix: &str, fault: Fault, times: u32) {
        self.server.control().push_fault(Order {
            fault,
            at: Some(path_prefix.into()),
            times: Some(times),
        });
    }

    /// Moves the club's clock to an RFC 3339 time, where it stands still. Panics when it is no such
    /// time.
    pub fn set_now(&self, now: &str) {
        if let Err(error) = self.sim.clock.set(now) {
            panic!("{error}");
        }
    }

    /// Has somebody take a court for so many minutes from an RFC 3339 time on, or give it back. Of two
    /// changes of one time the later one counts. Panics when it is no such time.
    pub fn set_taken(&self, court: &str, start: &str, minutes: i64, taken: bool) {
        let Ok(start) = start.parse::<DateTime<Utc>>() else {
            panic!("{start} is no RFC 3339 time");
        };
        self.sim.timetable.change(Change {
            court: court.to_owned(),
            start,
            end: start + TimeDelta::minutes(minutes),
            taken,
        });
        locked(&self.sim.cache).clear();
    }

    /// Makes all issued tokens invalid, so that they answer 401.
    pub fn expire_tokens(&self) {
        locked(&self.sim.tokens).expire_all();
    }

    /// Makes members' tokens invalid, and no others.
    pub fn expire_member_tokens(&self) {
        locked(&self.sim.tokens).expire_members();
    }

    /// Every attempt to sign in, in order: the e-mail, and whether it succeeded. What was no login
    /// at all (400, 415) does not count.
    pub fn login_attempts(&self) -> Vec<(String, bool)> {
        locked(&self.sim.logins).attempts.clone()
    }

    /// The passwords of those attempts, unsealed and decoded, byte for byte.
    pub fn passwords_seen(&self) -> Vec<Vec<u8>> {
        locked(&self.sim.logins).passwords.clone()
    }

    /// A member's bookings, past ones and those to come, by start; those of the first member with
    /// this e-mail, none without one. They are made from the time at which the club opened.
    pub fn truth_bookings(&self, email: &str) -> Vec<TruthBooking> {
        self.find_bookings(|member| member.email == email)
    }

    /// The same for one of several members who share an e-mail.
    pub fn truth_bookings_of(&self, email: &str, password: &str) -> Vec<TruthBooking> {
        self.find_bookings(|member| member.email == email && member.password == password)
    }

    fn find_bookings(&self, wanted: impl Fn(&Member) -> bool) -> Vec<TruthBooking> {
        let number = self.sim.members.iter().position(wanted);
        number.map_or_else(Vec::new, |number| self.sim.diaries[number].all().to_vec())
    }

    /// The HAR 1.2 that a browser would have captured while this member opens the start page, signs
    /// in and looks at the bookings. It is recorded by calling the portal's own handlers, in a twin
    /// of the club: it leaves no call, no attempt to sign in and no valid token behind, and meets
    /// no fault. Panics when there is no member with this e-mail.
    pub fn har(&self, email: &str) -> Value {
        let Some(member) = self.sim.members.iter().find(|member| member.email == email) else {
            panic!("the simulated club has no member {email}");
        };
        let origin = match &self.host_name {
            Some(name) => format!("https://{name}"),
            None => self.url(),
        };
        match har::record_visit(self.sim.twin(), &origin, member) {
            Ok(har) => har,
            Err(error) => panic!("no HAR can be recorded: {error}"),
        }
    }

    /// The same as Chrome exports it unless asked otherwise: without cookies and without
    /// `Authorization`. Panics when there is no member with this e-mail.
    pub fn har_sanitized(&self, email: &str) -> Value {
        har::sanitize_har(self.har(email))
    }

    /// Declares that the test expects no call at all.
    pub fn never_called(&self) {
        *locked(&self.expected_calls) = ExpectedCalls::None;
    }

    /// Every slot of a local day as it truly is, on all sites, by activity and court; those of
    /// activities that are not web-bookable (`PADELBLK`) included.
    pub fn truth(&self, date: NaiveDate) -> Vec<TruthSlot> {
        self.sim.timetable.list_truth(date, self.sim.now())
    }

    /// The throw-away CA's certificate. Panics when the club does not serve https.
    pub fn ca_pem(&self) -> &str {
        self.authority().pem()
    }

    /// A file with the throw-away CA's certificate; it goes when the club does. Panics when the
    /// club does not serve https.
    pub fn ca_file(&self) -> &Path {
        self.authority().file()
    }

    fn authority(&self) -> &Authority {
        match self.server.authority() {
            Some(authority) => authority,
            None => panic!("a club without https has no CA"),
        }
    }
}

impl Drop for Club {
    fn drop(&mut self) {
        self.server.stop();
        if thread::panicking() {
            return;
        }
        let calls = self.server.control().calls().len();
        match *locked(&self.expected_calls) {
            ExpectedCalls::Any => {}
            ExpectedCalls::Some => assert!(
                calls > 0,
                "the simulated club was never called (if that is right: `club.never_called()`)"
            ),
            ExpectedCalls::None => assert!(
                calls == 0,
                "the simulated club was called {calls} times, and should never have been"
            ),
        }
    }
}
