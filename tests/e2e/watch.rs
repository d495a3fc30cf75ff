//! `padel watch`: looks, what it tells and whom, what it keeps.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use gladstone_sim::{Club, Fault};
use serde_json::{Value, json};

use crate::harness::{Member, NOW, Outcome, club, mode, pair, spawn};

const SESSIONS: &str = "/api/availability/V2/sessions";
/// Saturday evening at site `UB`.
const EVENING: &str =
    "watch --date 2026-11-28 --from 17:00 --to 20:00 --site UB --activity PADEL60";
const GAME: &str = "2026-11-28T17:45:00Z";

/// A club whose courts are all taken on Saturday 28 November, and somebody who watches it.
pub(crate) struct Watched {
    pub(crate) club: Club,
    pub(crate) member: Member,
}

impl Watched {
    pub(crate) fn new() -> Self {
        let club = club().start();
        for court in ["PC1", "PC2", "PC3", "PC4"] {
            club.set_taken(court, "2026-11-28T06:00:00Z", 18 * 60, true);
        }
        let member = Member::of(&club);
        Self { club, member }
    }

    /// Moves both clocks.
    pub(crate) fn at(mut self, now: &str) -> Self {
        self.set_now(now);
        self
    }

    pub(crate) fn set_now(&mut self, now: &str) {
        self.club.set_now(now);
        let member = std::mem::replace(&mut self.member, Member::new());
        self.member = member.env("PADEL_NOW", now);
    }

    fn free(&self, court: &str, start: &str) {
        self.club.set_taken(court, start, 60, false);
    }

    fn take(&self, court: &str, start: &str) {
        self.club.set_taken(court, start, 60, true);
    }

    /// Looks at a time; the outcome and its events' kinds.
    fn look(&mut self, now: &str, words: &str) -> (Outcome, Vec<String>) {
        self.set_now(now);
        let outcome = self.member.run(format!("{words} --once --json"));
        let kinds = documents(&outcome)
            .iter()
            .filter(|document| document["schema"] == "padel.watch.event/v1")
            .map(|event| event["event"].as_str().expect("a kind").to_owned())
            .collect();
        (outcome, kinds)
    }

    fn looks(&self) -> usize {
        let calls = self.club.calls();
        calls.iter().filter(|call| call.path == SESSIONS).count()
    }
}

pub(crate) fn documents(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON on each line"))
        .collect()
}

/// A webhook: it answers with one status after the other, the last one for ever, and keeps bodies.
struct Hook {
    url: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Hook {
    fn new(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!(
            "http://{}/services/T0/B0/s3cr3t",
            listener.local_addr().expect("it")
        );
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, answers) = (Arc::clone(&bodies), answers.to_vec());
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let answer = answers[number.min(answers.len() - 1)];
                let body = read_body(stream.expect("a connection"), answer);
                kept.lock().expect("it").push(body);
            }
        });
        Self { url, bodies }
    }

    fn bodies(&self) -> Vec<String> {
        self.bodies.lock().expect("it").clone()
    }
}

fn read_body(mut stream: TcpStream, answer: &str) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).expect("a request");
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse().ok())?
            })
            .unwrap_or(0);
        if count == 0 || body.len() >= length {
            let _ = write!(
                stream,
                "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            return body.to_owned();
        }
    }
}

#[test]
fn a_court_that_becomes_free_is_told_once() {
    let mut watched = Watched::new();
    let (first, kinds) = watched.look(NOW, EVENING);
    first.assert_quiet_success();
    assert_eq!(kinds, ["watching"]);
    watched.free("PC1", GAME);
    watched.free("PC2", GAME);
    let (freed, kinds) = watched.look("2026-11-23T09:05:00Z", EVENING);
    assert_eq!(kinds, ["free"]);
    let told = documents(&freed);
    let event = &told[0];
    for (name, value) in [
        ("reason", json!("freed")),
        ("date", json!("2026-11-28")),
        ("weekday", json!("Saturday")),
        ("start", json!("17:45")),
        ("end", json!("18:45")),
        ("start_at", json!("2026-11-28T17:45:00+00:00")),
        ("duration_minutes", json!(60)),
        ("site_id", json!("UB")),
        ("courts", json!(["Padel Court 1", "Padel Court 2"])),
        ("bookings", json!(1)),
        ("sent", json!({"stdout": "sent"})),
    ] {
        assert_eq!(event[name], value, "{name}: {event}");
    }
    assert!(
        event["link"]
            .as_str()
            .expect("a link")
            .contains("/book/calendar/PADEL60?")
    );
    let look = told.last().expect("a look");
    assert_eq!(
        (
            &look["schema"],
            &look["free"],
            &look["requests"],
            &look["events"],
            &look["pending"]
        ),
        (
            &json!("padel.watch.look/v1"),
            &json!(1),
            &json!(1),
            &json!(1),
            &json!(0)
        )
    );
    let (_, kinds) = watched.look("2026-11-23T09:10:00Z", EVENING);
    assert!(kinds.is_empty());
    watched.take("PC1", GAME);
    watched.take("PC2", GAME);
    let (_, kinds) = watched.look("2026-11-23T09:40:00Z", &format!("{EVENING} --gone"));
    assert_eq!(kinds, ["gone"]);
    watched.free("PC3", GAME);
    let (outcome, _) = watched.look("2026-11-23T09:45:00Z", &format!("{EVENING} --exit-code"));
    assert_eq!(outcome.code, 10, "{outcome:?}");
    let (outcome, _) = watched.look("2026-11-23T09:50:00Z", &format!("{EVENING} --exit-code"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(watched.looks(), 6, "one request a look");
}

#[test]
fn a_moment_and_a_court_can_be_watched() {
    const MOMENT: &str =
        "watch --date 2026-11-28 --at 18:00 --court 2 --site UB --activity PADEL60";
    let mut watched = Watched::new();
    let (first, _) = watched.look(NOW, MOMENT);
    first.assert_quiet_success();
    // Another court, another hour, and what is meant.
    for (now, court, start, count) in [
        ("2026-11-23T09:05:00Z", "PC1", GAME, 0),
        ("2026-11-23T09:10:00Z", "PC2", "2026-11-28T19:45:00Z", 0),
        ("2026-11-23T09:15:00Z", "PC2", GAME, 1),
    ] {
        watched.free(court, start);
        let (_, kinds) = watched.look(now, MOMENT);
        assert_eq!(kinds.len(), count, "{court} {start}: {kinds:?}");
    }
    let (other, _) = watched.look(
        "2026-11-23T09:20:00Z",
        &MOMENT.replace("--court 2", "--court 9"),
    );
    assert!(
        other
            .stderr
            .contains("no court that is listed is called `9`"),
        "{other:?}"
    );
}

#[test]
fn a_person_reads_a_line_an_event() {
    let watched = Watched::new();
    watched.free("PC1", GAME);
    let table = watched.member.run(format!("{EVENING} --once"));
    table.assert_quiet_success();
    let name = "2026-11-28, 17:00–20:00, UB, PADEL60";
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert_eq!(
        lines[0],
        format!("{name}: watched from now on; 1 game is free")
    );
    let line = format!("{name}: free Sat 28 Nov 17:45–18:45, 60 min, Padel Court 1, ");
    assert!(lines[1].starts_with(&line) && lines.len() == 2, "{table:?}");
    let watched = watched.at("2026-11-23T09:05:00Z");
    let again = watched.member.run(format!("{EVENING} --once"));
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""));
    let watched = watched.at("2026-11-23T09:05:30Z");
    let soon = watched.member.run(format!("{EVENING} --once"));
    soon.assert_success()
        .assert_stderr_has("less than a minute ago");
    assert_eq!(watched.looks(), 2);
    watched
        .member
        .run("watch --forget")
        .assert_stdout_has("Forgotten");
    let markdown = watched
        .member
        .run(format!("{EVENING} --once --format markdown"));
    markdown.assert_stdout_has("- 2026-11-28, 17:00–20:00, UB, PADEL60: free Sat 28 Nov");
    markdown.assert_stdout_has("[book](http");
}

const CONFIG: &str = "\
[[watch]]
name = 'evening'
date = '2026-11-28'
from = '17:00'
to = '20:00'
site = ['UB']
activity = ['PADEL60']
notify = ['hook']

[[watch]]
name = 'morning'
date = '2026-11-28'
from = '08:00'
to = '12:00'
site = ['UB']
activity = ['PADEL60']

[[watch]]
name = 'any length'
weekday = ['sat']
days = 14
duration = 90
site = ['UB']
activity = ['PADEL30', 'PADEL90']
notify = ['program']
first = 'quiet'

[notify.hook]
post = { env = 'HOOK' }
body = 'slack'

[notify.program]
exec = ['/bin/sh', '-c', 'cat >> told.txt; echo \"$PADEL_EVENTS\" >> events.txt; env >> env.txt']
";

fn with_config(watched: Watched, hook: &Hook) -> Watched {
    let member = watched.member;
    let member = member
        .file(crate::harness::CONFIG, CONFIG)
        .env("HOOK", &hook.url);
    Watched { member, ..watched }
}

#[test]
fn all_wishes_are_answered_by_one_request_and_each_tells_its_own() {
    let hook = Hook::new(&["200 OK"]);
    let mut watched = with_config(Watched::new(), &hook);
    let member = std::mem::replace(&mut watched.member, Member::new());
    watched.member = member
        .env("PSLC_USER", "alex@example.org")
        .env("PSLC_PASSWORD", "hunter2 hunter2");
    let (outcome, kinds) = watched.look(NOW, "watch");
    outcome.assert_quiet_success();
    assert_eq!(kinds, ["watching", "watching"], "{outcome:?}");
    watched.free("PC1", GAME);
    watched.free("PC1", "2026-11-28T08:45:00Z");
    let (outcome, kinds) = watched.look("2026-11-23T09:05:00Z", "watch");
    outcome.assert_quiet_success();
    assert_eq!(kinds, ["free", "free"], "{outcome:?}");
    assert_eq!(watched.looks(), 2, "three wishes, one request a look");
    let bodies = hook.bodies();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    let last: Value = serde_json::from_str(&bodies[1]).expect("JSON");
    let text = last["text"].as_str().expect("a text");
    assert!(
        text.contains("evening: free Sat 28 Nov 17:45–18:45") && text.contains("|book>"),
        "{text}"
    );
    let told = watched.member.read("told.txt");
    assert!(
        told.contains("morning: free Sat 28 Nov 08:45–09:45"),
        "{told}"
    );
    assert!(!told.contains("evening"), "{told}");
    let events = watched.member.read("events.txt");
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).expect("events"))
        .collect();
    assert_eq!(events[1][0]["watch"], "morning", "{events:?}");
    let env = watched.member.read("env.txt").to_lowercase();
    assert!(env.contains("padel_events") && !env.contains("hunter2") && !env.contains("pslc_"));
}

#[test]
fn a_dead_target_stops_no_other_and_gets_its_message_later() {
    let hook = Hook::new(&[
        "200 OK",
        "500 Oops",
        "302 Found\r\nlocation: http://127.0.0.1:1/",
        "200 OK",
    ]);
    let mut watched = with_config(Watched::new(), &hook);
    watched.look(NOW, "watch").0.assert_quiet_success();
    watched.free("PC1", GAME);
    watched.free("PC1", "2026-11-28T08:45:00Z");
    let (outcome, _) = watched.look("2026-11-23T09:05:00Z", "watch -vv");
    assert_eq!(outcome.code, 9, "{outcome:?}");
    outcome
        .assert_stderr_has("not_delivered")
        .assert_stderr_has("it answered 500");
    assert!(watched.member.read("told.txt").contains("morning: free"));
    let sent = &documents(&outcome)[0]["sent"];
    assert_eq!(sent, &json!({"hook": "waiting"}));
    assert_eq!(documents(&outcome).last().expect("a look")["pending"], 2);
    // A redirect is no delivery, and is not followed.
    let (outcome, kinds) = watched.look("2026-11-23T09:10:00Z", "watch -vv");
    assert_eq!((outcome.code, kinds.len()), (9, 0), "{outcome:?}");
    outcome
        .assert_stderr_has("it answered 302")
        .assert_stderr_lacks("s3cr3t");
    let (outcome, kinds) = watched.look("2026-11-23T09:15:00Z", "watch");
    outcome.assert_quiet_success();
    // What is sent at last is told again in the answer.
    assert_eq!(kinds.len(), 2, "{outcome:?}");
    let last = hook.bodies().pop().expect("a body");
    assert!(
        last.contains("evening: free") && last.contains("morning: free"),
        "{last}"
    );
    let told = watched.member.read("told.txt");
    assert_eq!(told.matches("morning: free").count(), 1, "{told}");
    assert!(
        !fs::read_to_string(watched.member.path("told.txt"))
            .expect("it")
            .contains("s3cr3t")
    );
}

#[test]
fn a_program_may_read_slacks_markup() {
    let config = "[[watch]]\nsite = ['UB']\nactivity = ['PADEL60']\ndate = '2026-11-28'\n\
                  [notify.bot]\nexec = ['/bin/sh', '-c', 'cat > told.txt']\nbody = 'slack'\n";
    let watched = Watched::new();
    watched.free("PC1", GAME);
    let member = Member::of(&watched.club).file(crate::harness::CONFIG, config);
    member.run("watch --once").assert_quiet_success();
    let told = member.read("told.txt");
    assert!(
        told.contains("free Sat 28 Nov 17:45–18:45") && told.contains("|book>"),
        "{told}"
    );
}

#[test]
fn what_is_wrong_with_a_target_is_said_without_its_address() {
    let config = |post: &str| {
        format!("[[watch]]\nsite = ['UB']\nactivity = ['PADEL60']\n[notify.hook]\npost = {post}\n")
    };
    let watched = Watched::new();
    watched.club.never_called();
    let run = |member: Member| member.run("watch --test");
    let member = || Member::of(&watched.club).env("HOOK", "https://hooks.invalid/s3cr3t");
    let absent = run(member().file(crate::harness::CONFIG, &config("{ env = 'NO_SUCH' }")));
    assert_eq!(absent.code, 9, "{absent:?}");
    absent.assert_stdout_has("hook: the variable NO_SUCH is not set");
    let plain = member()
        .env("HOOK", "http://hooks.example/s3cr3t")
        .file(crate::harness::CONFIG, &config("{ env = 'HOOK' }"));
    let plain = run(plain);
    plain.assert_stdout_has("hook: its address must begin with https://");
    let unknown = run(member().file(crate::harness::CONFIG, &config("{ env = 'HOOK' }")));
    unknown.assert_stdout_has("hook: ");
    let file = member()
        .file("hook.url", "https://hooks.invalid/s3cr3t\n")
        .file(crate::harness::CONFIG, &config("{ file = '~/hook.url' }"));
    let file = run(file);
    assert_eq!(file.code, 9);
    let wrong = member().file(
        crate::harness::CONFIG,
        &config("'https://hooks.example/s3cr3t'"),
    );
    let wrong = wrong.run("doctor -vv");
    for outcome in [absent, plain, unknown, file, wrong] {
        outcome
            .assert_stderr_lacks("s3cr3t")
            .assert_stdout_lacks("s3cr3t");
    }
    let missing = member().run("watch --notify nobody");
    missing.assert_error("usage", 2);
}

#[test]
fn a_refusal_is_waited_out_whoever_asks() {
    let mut watched = Watched::new();
    watched.look(NOW, EVENING).0.assert_quiet_success();
    watched.club.set_fault(Some(Fault::Every403));
    let (outcome, kinds) = watched.look("2026-11-23T09:05:00Z", EVENING);
    assert_eq!((outcome.code, kinds.len()), (5, 0), "{outcome:?}");
    let look = documents(&outcome).pop().expect("a look");
    assert_eq!(
        (&look["failures"], &look["complete"], &look["error"]["code"]),
        (&json!(1), &json!(false), &json!("portal_refused"))
    );
    watched.club.set_fault(None);
    let calls = watched.club.calls().len();
    let (outcome, _) = watched.look("2026-11-23T09:34:00Z", EVENING);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    assert_eq!(
        outcome.error_json()["details"]["retry_at"],
        "2026-11-23T09:35:00Z"
    );
    assert_eq!(watched.club.calls().len(), calls, "nothing was asked");
    watched
        .look("2026-11-23T09:35:00Z", EVENING)
        .0
        .assert_quiet_success();
    // A wait that the club states.
    watched.club.set_fault(Some(Fault::Seconds429(600)));
    let (outcome, _) = watched.look("2026-11-23T09:40:00Z", &format!("{EVENING} --timeout 2"));
    assert_eq!(outcome.code, 7, "{outcome:?}");
    watched.club.set_fault(None);
    let (outcome, _) = watched.look("2026-11-23T09:49:00Z", EVENING);
    assert_eq!(outcome.code, 7, "{outcome:?}");
    watched
        .look("2026-11-23T09:50:30Z", EVENING)
        .0
        .assert_quiet_success();
}

#[test]
fn a_wrong_name_is_said_at_once() {
    let mut watched = Watched::new();
    let (outcome, _) = watched.look(NOW, "watch --site UB --activity PADEL61");
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert_eq!(outcome.error_json()["code"], "not_found");
    let (outcome, _) = watched.look(
        "2026-11-23T09:05:00Z",
        "watch --site UB --activity 'Padel 60 Mins'",
    );
    outcome.assert_quiet_success();
    for (words, part) in [
        ("watch --date someday", "--date"),
        ("watch --from 20:00 --to 18:00", "not before"),
        ("watch --every 10s", "--every"),
        ("watch --exit-code", "--once"),
    ] {
        let outcome = watched.member.run(words);
        outcome.assert_error("usage", 2).assert_stderr_has(part);
    }
}

#[test]
fn the_state_is_private_and_a_bad_one_is_moved_aside() {
    let mut watched = Watched::new();
    watched.look(NOW, EVENING).0.assert_quiet_success();
    let dir = watched.member.path(".local/state/padel");
    let names = || -> Vec<String> {
        let entries = fs::read_dir(&dir).expect("it");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("it").file_name().display().to_string())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names().len(), 2, "a state and its lock: {:?}", names());
    let state = dir.join(
        names()
            .iter()
            .find(|name| name.ends_with(".json"))
            .expect("it"),
    );
    assert_eq!((mode(&state), mode(&dir)), (0o600, 0o700));
    assert!(fs::metadata(&state).expect("it").len() < 2_000);
    fs::write(&state, "{\"schema\":\"padel.watch").expect("damage");
    let (outcome, kinds) = watched.look("2026-11-23T09:05:00Z", EVENING);
    outcome
        .assert_success()
        .assert_stderr_has("could not be understood");
    assert_eq!((kinds, names().len()), (vec!["watching".to_owned()], 3));
    let text = fs::read_to_string(&state).expect("it");
    for (from, to, part) in [
        ("state/v1", "state/v2", "later version"),
        ("http://127", "https://other", "another club"),
    ] {
        fs::write(&state, text.replace(from, to)).expect("it");
        let (outcome, _) = watched.look("2026-11-23T09:10:00Z", EVENING);
        assert_eq!(outcome.code, 8, "{outcome:?}");
        outcome.assert_stderr_has(part);
    }
    fs::write(&state, text).expect("it");
    // Somebody else is at it.
    let lock = fs::File::options()
        .write(true)
        .open(state.with_extension("lock"))
        .expect("it");
    lock.lock().expect("a lock");
    watched.set_now("2026-11-23T09:15:00Z");
    let outcome = watched.member.run(format!("{EVENING} --once"));
    outcome
        .assert_success()
        .assert_stderr_has("another padel watch is at it");
    drop(lock);
    let listed = watched.member.json("watch --list");
    assert_eq!(
        (&listed["looks"], &listed["watches"][0]["over"]),
        (&json!(1), &json!(false))
    );
    let named = watched
        .member
        .run(format!("{EVENING} --once --state here/state.json"));
    named.assert_quiet_success();
    assert!(watched.member.path("here/state.json").exists());
}

#[test]
fn a_dry_run_sends_and_keeps_nothing() {
    let hook = Hook::new(&["200 OK"]);
    let mut watched = with_config(Watched::new(), &hook);
    watched.free("PC1", GAME);
    let (outcome, kinds) = watched.look(NOW, "watch --dry-run");
    outcome.assert_quiet_success();
    assert!(kinds.contains(&"free".to_owned()), "{outcome:?}");
    assert_eq!(documents(&outcome)[0]["sent"]["hook"], "dry_run");
    assert!(hook.bodies().is_empty() && !watched.member.path("told.txt").exists());
    assert!(!fs::exists(watched.member.path(".local/state/padel/watch.json")).expect("it"));
    let listed = watched.member.json("watch --list");
    assert_eq!(listed["looks"], 0);
    let tested = watched.member.json("watch --test");
    assert_eq!(
        tested["targets"][0],
        json!({"name": "hook", "delivered": true, "fault": null})
    );
    assert_eq!(hook.bodies().len(), 1);
}

#[test]
fn quiet_hours_look_on_and_tell_later_what_is_still_true() {
    let hook = Hook::new(&["200 OK"]);
    let mut watched = with_config(Watched::new(), &hook);
    let member = std::mem::replace(&mut watched.member, Member::new());
    let config = CONFIG.replace("body = 'slack'", "body = 'text'\nquiet = '22:00-07:00'");
    watched.member = member.file(crate::harness::CONFIG, &config);
    watched
        .look("2026-11-23T21:50:00Z", "watch")
        .0
        .assert_quiet_success();
    let before = hook.bodies().len();
    watched.free("PC1", GAME);
    watched.free("PC2", "2026-11-28T18:45:00Z");
    let (outcome, kinds) = watched.look("2026-11-23T22:30:00Z", "watch");
    outcome.assert_quiet_success();
    assert_eq!(kinds, ["free", "free"]);
    assert_eq!(documents(&outcome)[0]["sent"]["hook"], "quiet");
    watched.take("PC1", GAME);
    watched
        .look("2026-11-24T03:00:00Z", "watch")
        .0
        .assert_quiet_success();
    assert_eq!(hook.bodies().len(), before);
    watched
        .look("2026-11-24T07:00:00Z", "watch")
        .0
        .assert_quiet_success();
    let bodies = hook.bodies();
    assert_eq!(bodies.len(), before + 1);
    let last = &bodies[before];
    assert!(
        last.contains("18:45–19:45") && !last.contains("17:45"),
        "{last}"
    );
}

#[test]
fn an_opening_is_told_before_and_when_it_comes() {
    let mut watched = Watched::new();
    // Site UB opens a day a week before, at local midnight.
    let words =
        "watch --date 2026-12-01 --from 17:00 --to 20:00 --site UB --activity PADEL60 --opens 15";
    let (_, kinds) = watched.look("2026-11-23T23:30:00Z", words);
    assert_eq!(kinds, ["watching"]);
    let (outcome, kinds) = watched.look("2026-11-23T23:46:00Z", words);
    assert_eq!(kinds, ["opens"], "{outcome:?}");
    let opens = &documents(&outcome)[0];
    assert_eq!(opens["opens_at"], "2026-11-24T00:00:00+00:00");
    assert!(opens["games"].as_u64().expect("a number") > 1);
    let (_, kinds) = watched.look("2026-11-23T23:50:00Z", words);
    assert!(kinds.is_empty());
    let (outcome, kinds) = watched.look("2026-11-24T00:00:30Z", words);
    assert!(
        !kinds.is_empty() && kinds.iter().all(|kind| kind == "free"),
        "{outcome:?}"
    );
    assert!(documents(&outcome)[0]["reason"] == "opened");
}

#[test]
fn a_wish_that_is_over_ends_the_loop() {
    let watched = Watched::new().at("2026-11-29T09:00:00Z");
    watched.club.never_called();
    let outcome = watched.member.run(EVENING);
    outcome
        .assert_success()
        .assert_stderr_has("every wish is over");
    let once = watched.member.run(format!("{EVENING} --once"));
    once.assert_success().assert_stderr_has("nothing was asked");
}

#[test]
fn a_loop_looks_tells_and_ends_by_a_signal() {
    let watched = Watched::new();
    watched.free("PC1", GAME);
    let mut command = watched.member.command(format!("{EVENING} --json"));
    command.env_remove("PADEL_NOW").env("PADEL_NOW", NOW);
    let mut child = spawn(command);
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut seen = String::new();
    let mut buffer = [0; 4096];
    while !seen.contains("padel.watch.look/v1") || !seen.ends_with('\n') {
        let count = stdout.read(&mut buffer).expect("an answer");
        assert!(count > 0, "it ended: {seen}");
        seen += std::str::from_utf8(&buffer[..count]).expect("text");
    }
    let look: Value = serde_json::from_str(seen.lines().last().expect("a line")).expect("JSON");
    assert!(look["next_look_at"].is_string(), "{look}");
    let listed = watched.member.json("watch --list");
    assert_eq!(listed["looks"], 1, "the state is kept while it waits");
    let id = i32::try_from(child.id()).expect("an id");
    let pid = rustix::process::Pid::from_raw(id).expect("an id");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is there");
    assert_eq!(child.wait().expect("an end").code(), Some(130));
}

#[test]
#[ignore = "takes three minutes: a loop goes by the machine's clock"]
fn a_loop_tells_what_came_between_its_looks_each_time() {
    let clock = padel::config::Environment::default();
    let now = || clock.now().expect("a clock");
    let day = (now() + chrono::TimeDelta::days(3))
        .format("%Y-%m-%d")
        .to_string();
    let club = Club::builder().now(now().to_rfc3339()).start();
    for court in ["PC1", "PC2", "PC3", "PC4"] {
        club.set_taken(court, &format!("{day}T00:00:00Z"), 24 * 60, true);
    }
    let member = Member::of(&club);
    let words = format!("watch --date {day} --site UB --activity PADEL60 --every 1m --json");
    let mut command = member.command(words);
    command.env_remove("PADEL_NOW");
    let mut child = spawn(command);
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(
        child.stdout.take().expect("a pipe"),
    ));
    let mut seen = Vec::new();
    for hour in [12, 14, 16] {
        loop {
            let line = lines.next().expect("it goes on").expect("text");
            let document: Value = serde_json::from_str(&line).expect("JSON");
            let is_look = document["schema"] == "padel.watch.look/v1";
            seen.push(document["event"].as_str().unwrap_or("look").to_owned());
            if is_look {
                break;
            }
        }
        club.set_now(&now().to_rfc3339());
        club.set_taken("PC1", &format!("{day}T{hour}:00:00Z"), 120, false);
    }
    let calls = club.calls();
    let looks = calls.iter().filter(|call| call.path == SESSIONS).count();
    assert_eq!(looks, 3, "one request a look");
    let (looks, events): (Vec<_>, Vec<_>) = seen.into_iter().partition(|kind| kind == "look");
    assert_eq!(looks.len(), 3);
    assert_eq!(events[0], "watching");
    assert!(
        events.len() > 2 && events[1..].iter().all(|kind| kind == "free"),
        "{events:?}"
    );
    child.kill().expect("it is there");
    child.wait().expect("an end");
}

#[test]
fn a_member_only_club_ends_the_loop_at_a_rejected_password() {
    let club = club().require_member(true).start();
    let member = Member::of(&club).file(crate::harness::DOTENV, &pair("alex@example.org", "wrong"));
    let outcome = member.run(format!("{EVENING} --exec /bin/sh -c 'cat > told.txt'"));
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(
        member.read("told.txt").contains("a look failed"),
        "{outcome:?}"
    );
}
