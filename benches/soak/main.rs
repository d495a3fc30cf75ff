//! The soak behind `scripts/soak`: thousands of commands against clubs whose faults come at random
//! from a seed.
//!
//! Each worker has a club, three callers with homes of their own and a clock that goes on. It lets
//! some commands run at once under one fault, and then compares what they did with what they may
//! do. The first wrong thing ends all, with the seed and the command.
//!
//! - `conditions`: which fault, how often, and how a command may end under it.
//! - `command`: what is asked, and the answer calculated from the club's own timetable and diary.
//! - `caller`: one home, one run of the real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a soak that cannot go on has to stop"
)]
#![allow(clippy::print_stdout, reason = "the figures go to stdout")]

mod caller;
mod command;
mod conditions;

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use gladstone_sim::Club;

use crate::{
    caller::{Caller, Done, count_open_files},
    command::Command,
    conditions::{Conditions, Need},
};

const WORKERS: u64 = 4;
/// The most commands of a club at once.
const AT_ONCE: usize = 3;
/// A Monday in winter.
const START: &str = "2026-11-23T07:00:00Z";
/// A session lasts half an hour, and is replaced in its last minute.
const SESSION: TimeDelta = TimeDelta::minutes(29);
/// For so long a pair is not sent again by itself that brought no session.
const PAUSE: TimeDelta = TimeDelta::minutes(10);
/// The longest wait that a club states here, and so the longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(30);
const MEMBERS: [(&str, &str); 2] = [
    ("ada@example.org", "pass$word #1"),
    ("ben@example.org", "pÄss \"word\" 2"),
];

/// Numbers of commands by what they did.
type Counts = BTreeMap<String, usize>;

fn main() {
    let numbers: Vec<u64> = env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let count = numbers.first().copied().unwrap_or(20_000);
    let seed = numbers.get(1).copied();
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("soak: {count} commands, seed {seed}: repeat with `scripts/soak {count} {seed}`");
    let started = Instant::now();
    let files = count_open_files();
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let share = count / WORKERS + u64::from(worker < count % WORKERS);
            std::thread::spawn(move || Worker::new(seed * WORKERS + worker).run(share))
        })
        .collect();
    let mut counts = Counts::new();
    for worker in workers {
        let Ok(done) = worker.join() else {
            std::process::exit(1)
        };
        for (what, times) in done {
            *counts.entry(what).or_default() += times;
        }
    }
    // The clubs are closed, which takes its time; what a client left open would keep their sockets
    // for ever.
    let end = Instant::now() + Duration::from_secs(20);
    while count_open_files() > files + 2 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        count_open_files() <= files + 2,
        "{} files are open, and {files} were",
        count_open_files()
    );
    for (what, times) in &counts {
        println!("{times:>7}  {what}");
    }
    println!(
        "soak: all right in {:.0} s",
        started.elapsed().as_secs_f64()
    );
}

/// A club, who asks it, and the time there.
struct Worker {
    rng: Rng,
    club: Club,
    callers: Vec<Caller>,
    now: DateTime<Utc>,
    /// The last sign-in of each member, and the number of sign-ins that were seen.
    sign_ins: (BTreeMap<String, DateTime<Utc>>, usize),
    /// The last password that each caller sent.
    sent: Vec<Option<Sent>>,
    /// Number of requests that were looked at for passwords.
    seen: usize,
}

/// A password that came to the club.
struct Sent {
    at: DateTime<Utc>,
    /// Codes that a call may end with while the pair is held back.
    codes: Vec<&'static str>,
}

impl Worker {
    fn new(seed: u64) -> Self {
        // Sessions of visitors end many times in between, too.
        let mut builder = Club::builder()
            .now(START)
            .seed(seed)
            .gzip(seed.is_multiple_of(2))
            .token_life(2 * 60 * 60);
        for (email, password) in MEMBERS {
            builder = builder.member(email, password);
        }
        let club = builder.start();
        let mut callers: Vec<Caller> = MEMBERS
            .iter()
            .map(|member| Caller::new(&club.url(), Some(*member)))
            .collect();
        callers.push(Caller::new(&club.url(), None));
        let now = START.parse().unwrap();
        let sent = callers.iter().map(|_| None).collect();
        Self {
            rng: Rng::with_seed(seed),
            club,
            callers,
            now,
            sign_ins: Default::default(),
            sent,
            seen: 0,
        }
    }

    fn run(mut self, share: u64) -> Counts {
        let mut counts = Counts::new();
        let mut left = usize::try_from(share).unwrap();
        while left > 0 {
            let at_once = self.rng.usize(1..=AT_ONCE).min(left);
            left -= at_once;
            self.now += TimeDelta::seconds(self.rng.i64(1..40));
            self.club.set_now(&format_time(self.now));
            let conditions = Conditions::draw(&mut self.rng);
            self.club.set_fault(conditions.fault);
            let running: Vec<_> = (0..at_once)
                .map(|_| {
                    let caller = self.rng.usize(..self.callers.len());
                    let command =
                        Command::draw(&mut self.rng, self.callers[caller].member.is_some());
                    let run = self.callers[caller].start(
                        &command.args,
                        conditions.timeout,
                        &format_time(self.now),
                    );
                    (caller, command, run)
                })
                .collect();
            let done: Vec<(usize, Command, Done)> = running
                .into_iter()
                .map(|(caller, command, run)| (caller, command, run.wait()))
                .collect();
            let logins = done.iter().filter(|(_, command, _)| command.is_login());
            let logins: Vec<usize> = logins.map(|(caller, ..)| *caller).collect();
            self.check_passwords(conditions, &logins);
            for (caller, command, done) in &done {
                let outcome = self.check_run(*caller, command, conditions, done);
                *counts
                    .entry(format!("{outcome:<18} {}", conditions.name()))
                    .or_default() += 1;
            }
            self.check_sign_ins();
        }
        self.club.set_fault(None);
        for caller in &self.callers {
            caller.check_home();
        }
        counts
    }

    /// Checks that the command did what it may do; returns its code, or `ok`.
    fn check_run(
        &self,
        caller: usize,
        command: &Command,
        conditions: Conditions,
        done: &Done,
    ) -> String {
        let told = format!(
            "under {}: {:?} at {}: {done:?}",
            conditions.name(),
            command.args,
            format_time(self.now)
        );
        let grace = Duration::from_secs(conditions.timeout) + Duration::from_secs(4);
        assert!(done.took < grace, "past the deadline {told}");
        let code = done.read_code(command.is_json());
        let code = code.unwrap_or_else(|wrong| panic!("{wrong} {told}"));
        let mut allowed = conditions.allowed_codes(command.need());
        if command.need() == Need::Member
            && done.stderr.contains("is not sent again before")
            && let Some(sent) = self.sent[caller]
                .as_ref()
                .filter(|sent| self.now < sent.at + LONGEST_PAUSE)
        {
            allowed.extend(&sent.codes);
        }
        assert!(
            allowed.contains(&code.as_str()),
            "{code} is none of {allowed:?} {told}"
        );
        if code == "ok" {
            let right = command.check_answer(
                &self.club,
                self.callers[caller].member,
                self.now,
                conditions,
                [&done.stdout, &done.stderr],
            );
            right.unwrap_or_else(|wrong| panic!("{wrong} {told}"));
        }
        code
    }

    /// A password comes to the club once in a pause, whatever is answered; `padel login` alone may
    /// send it once more: `logins` has the caller of each.
    fn check_passwords(&mut self, conditions: Conditions, logins: &[usize]) {
        let calls = self.club.calls();
        for (caller, (email, _)) in MEMBERS.iter().enumerate() {
            let sign_ins = calls[self.seen..].iter().filter(|call| {
                let mut parts = call.body.windows(email.len());
                call.method == "POST" && parts.any(|part| part == email.as_bytes())
            });
            let new = sign_ins.count();
            let is_held = self.sent[caller]
                .as_ref()
                .is_some_and(|sent| self.now < sent.at + PAUSE);
            let own_logins = logins.iter().filter(|login| **login == caller).count();
            let most = own_logins + usize::from(!is_held);
            assert!(
                new <= most,
                "{email} was sent {new} times at {}, and {most} are right",
                format_time(self.now)
            );
            if new > 0 {
                // Whoever ran out of time says that no answer came.
                let codes = conditions.allowed_codes(Need::Member).into_iter();
                let mut codes: Vec<_> = codes
                    .map(|code| if code == "timeout" { "network" } else { code })
                    .collect();
                // A call beside a `padel login` may still have seen the pair held back for what was
                // before.
                codes.extend(
                    self.sent[caller]
                        .take()
                        .filter(|_| is_held)
                        .into_iter()
                        .flat_map(|sent| sent.codes),
                );
                self.sent[caller] = Some(Sent {
                    at: self.now,
                    codes,
                });
            }
        }
        self.seen = calls.len();
    }

    /// At most one sign-in that works in the life of a session, for each member.
    fn check_sign_ins(&mut self) {
        let attempts = self.club.login_attempts();
        for (email, worked) in &attempts[self.sign_ins.1..] {
            assert!(worked, "the club refused {email}");
            if let Some(before) = self.sign_ins.0.insert(email.clone(), self.now) {
                assert!(
                    self.now - before >= SESSION,
                    "{email} signed in twice within {}",
                    self.now - before
                );
            }
        }
        self.sign_ins.1 = attempts.len();
    }
}

fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
