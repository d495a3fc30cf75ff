//! A running club.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use chrono::NaiveDate;
use serde_json::Value;

use crate::{
    Builder, Call, Fault, TruthBooking, TruthSlot,
    builder::instant,
    clock::Clock,
    diary::Diary,
    fault::Armed,
    har,
    journal::Journal,
    members::Member,
    server::Server,
    sim::{Sim, locked},
    timetable::Timetable,
    tls,
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
    server: Server,
    authority: Option<Authority>,
    host_name: Option<String>,
    expects_no_call: AtomicBool,
}

#[derive(Debug)]
struct Authority {
    pem: String,
    file: PathBuf,
}

impl Club {
    /// A club with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(builder: Builder, clock: Clock) -> io::Result<Self> {
        let (pem, tls) = match builder.conduct.https {
            true => tls::authority(builder.certificate).map(|(pem, tls)| (Some(pem), Some(tls)))?,
            false => (None, None),
        };
        let diary = |member| Diary::new(builder.seed, member, clock.now(), builder.history);
        let mut timetable = Timetable::new(builder.seed, builder.courts, builder.activities);
        if builder.court_sets {
            timetable = timetable.with_court_sets();
        }
        if builder.moving_windows {
            timetable = timetable.with_moving_windows();
        }
        let sim = Arc::new(Sim {
            timetable: timetable.into(),
            diaries: (0..builder.members.len()).map(diary).collect(),
            members: builder.members.into(),
            conduct: builder.conduct,
            clock: Mutex::new(clock),
            tokens: Mutex::default(),
            door: Mutex::default(),
            faults: Mutex::new(builder.faults),
            journal: Mutex::new(Journal {
                log: builder.log,
                ..Journal::default()
            }),
            cache: Mutex::default(),
        });
        let server = Server::start(&sim, builder.port, tls)?;
        let authority = pem
            .map(|pem| Authority::new(pem, server.port()))
            .transpose()?;
        Ok(Self {
            sim,
            server,
            authority,
            host_name: builder.host_name,
            expects_no_call: AtomicBool::new(false),
        })
    }

    /// Where it is, for example `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        let scheme = if self.sim.conduct.https {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://127.0.0.1:{}", self.server.port())
    }

    /// Every request so far, in order of arrival; those to the control endpoint are left out.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.sim.journal).calls.clone()
    }

    /// Replaces all faults with this one, or none.
    pub fn set_fault(&self, fault: Option<Fault>) {
        *locked(&self.sim.faults) = fault
            .map(|fault| Armed::new(fault, None, None))
            .into_iter()
            .collect();
    }

    /// Adds a fault for calls to paths that begin so, for that many times; earlier ones come first.
    pub fn push_fault(&self, path_prefix: &str, fault: Fault, times: u32) {
        locked(&self.sim.faults).push(Armed::new(fault, Some(path_prefix.to_owned()), Some(times)));
    }

    /// Moves the club's clock to an RFC 3339 time, where it stands still.
    ///
    /// # Panics
    ///
    /// When it is no such time.
    pub fn set_now(&self, now: &str) {
        match instant(now) {
            Ok(now) => *locked(&self.sim.clock) = Clock::Fixed(now),
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes all issued tokens invalid, so that they answer 401.
    pub fn expire_tokens(&self) {
        locked(&self.sim.tokens).expire();
    }

    /// Makes members' tokens invalid, and no others.
    pub fn expire_member_tokens(&self) {
        locked(&self.sim.tokens).expire_members();
    }

    /// Every attempt to sign in, in order: the e-mail, and whether it succeeded. What was no login
    /// at all (400, 415) does not count.
    pub fn login_attempts(&self) -> Vec<(String, bool)> {
        locked(&self.sim.door).attempts.clone()
    }

    /// The passwords of those attempts, unsealed and decoded, byte for byte.
    pub fn passwords_seen(&self) -> Vec<Vec<u8>> {
        locked(&self.sim.door).passwords.clone()
    }

    /// A member's bookings, past ones and those to come, by start; those of the first member with
    /// this e-mail, none without one. They are made from the time at which the club opened.
    pub fn truth_bookings(&self, email: &str) -> Vec<TruthBooking> {
        self.bookings_where(|member| member.email == email)
    }

    /// The same for one of several members who share an e-mail.
    pub fn truth_bookings_of(&self, email: &str, password: &str) -> Vec<TruthBooking> {
        self.bookings_where(|member| member.email == email && member.password == password)
    }

    fn bookings_where(&self, wanted: impl Fn(&Member) -> bool) -> Vec<TruthBooking> {
        let mut diaries = self.sim.members.iter().zip(self.sim.diaries.iter());
        diaries
            .find(|(member, _)| wanted(member))
            .map(|(_, diary)| diary.all().to_vec())
            .unwrap_or_default()
    }

    /// The HAR 1.2 that a browser would have captured while this member opens the start page, signs
    /// in and looks at the bookings. It is recorded by calling the portal's own handlers, in a twin
    /// of the club: it leaves no call, no attempt to sign in and no valid token behind, and meets
    /// no fault.
    ///
    /// # Panics
    ///
    /// When there is no member with this e-mail.
    pub fn har(&self, email: &str) -> Value {
        let Some(member) = self.sim.members.iter().find(|member| member.email == email) else {
            panic!("the simulated club has no member {email}");
        };
        let own = self.url();
        let origin = self
            .host_name
            .as_ref()
            .map_or(own, |name| format!("https://{name}"));
        match har::record(self.sim.twin(), &origin, member) {
            Ok(har) => har,
            Err(error) => panic!("no HAR can be recorded: {error}"),
        }
    }

    /// The same as Chrome exports it unless asked otherwise: without cookies and without
    /// `Authorization`.
    ///
    /// # Panics
    ///
    /// When there is no member with this e-mail.
    pub fn har_sanitized(&self, email: &str) -> Value {
        har::sanitized(self.har(email))
    }

    /// Declares that the test expects no call at all.
    pub fn never_called(&self) {
        self.expects_no_call.store(true, Ordering::Relaxed);
    }

    /// Every slot of a local day as it truly is, on all sites, by activity and court; those of
    /// activities that are not web-bookable (`PADELBLK`) included.
    pub fn truth(&self, date: NaiveDate) -> Vec<TruthSlot> {
        self.sim.timetable.truth(date, self.sim.now())
    }

    /// The throw-away CA's certificate.
    ///
    /// # Panics
    ///
    /// When the club does not serve https.
    pub fn ca_pem(&self) -> &str {
        &self.authority().pem
    }

    /// A file with the throw-away CA's certificate; it goes when the club does.
    ///
    /// # Panics
    ///
    /// When the club does not serve https.
    pub fn ca_file(&self) -> &Path {
        &self.authority().file
    }

    fn authority(&self) -> &Authority {
        match &self.authority {
            Some(authority) => authority,
            None => panic!("a club without https has no CA"),
        }
    }
}

impl Authority {
    fn new(pem: String, port: u16) -> io::Result<Self> {
        // No two clubs of a process are on one port.
        let file = env::temp_dir().join(format!("gladstone-sim-{}-{port}.pem", process::id()));
        fs::write(&file, &pem)?;
        Ok(Self { pem, file })
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

impl Drop for Club {
    fn drop(&mut self) {
        self.server.stop();
        if thread::panicking() {
            return;
        }
        let journal = locked(&self.sim.journal);
        let (calls, panics) = (journal.calls.len(), journal.panics.join("; "));
        drop(journal);
        assert!(
            panics.is_empty(),
            "a handler of the simulated club panicked: {panics}"
        );
        if self.expects_no_call.load(Ordering::Relaxed) {
            assert!(
                calls == 0,
                "the simulated club was called {calls} times, and should never have been"
            );
        } else {
            assert!(
                calls > 0,
                "the simulated club was never called (if that is right: `club.never_called()`)"
            );
        }
    }
}
