//! Odd machines: no home, no environment, full disks, closed pipes, interrupts. Each works or says
//! why.

use std::{
    io::Read as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use gladstone_sim::Fault;

use crate::harness::{Member, Outcome, binary, club, spawn, succeeds};

#[test]
fn an_empty_environment_is_enough() {
    let club = club().start();
    let output = Command::new(binary())
        .env_clear()
        .args(["availability", "--no-cache", "--club", &club.url()])
        .output();
    let outcome = Outcome::from(output.expect("it starts"));
    // The real clock: a club whose clock stands elsewhere lists nothing today, but all else works.
    outcome.assert_success();
}

#[test]
fn the_machines_zone_and_language_make_no_difference() {
    let club = club().start();
    let member = Member::of(&club);
    let plain = member.run("availability --date 2026-11-29").stdout;
    for (name, value) in [
        ("TZ", "Pacific/Auckland"),
        ("TZ", "Nowhere/At-All"),
        ("TZDIR", "/nowhere"),
        ("LC_ALL", "C"),
    ] {
        let member = Member::of(&club).env(name, value);
        assert_eq!(
            member.run("availability --date 2026-11-29").stdout,
            plain,
            "{name}={value}"
        );
    }
}

#[test]
fn no_home_means_no_cache_and_no_trouble() {
    let club = club().start();
    let member = Member::of(&club)
        .without("HOME")
        .env("XDG_CACHE_HOME", "relative");
    member.run("availability --no-cache").assert_success();
}

#[test]
fn doctor_reports_a_cache_that_cannot_be_written() {
    let club = club().start();
    let member = Member::of(&club).file("blocked", "a file where a directory should be");
    let blocked = member.path("blocked").display().to_string();
    let member = member.env("XDG_CACHE_HOME", &blocked);
    member.run("availability").assert_quiet_success();
    assert!(
        member
            .run("availability -vv")
            .stderr
            .contains("could not be written")
    );
    member
        .run("doctor")
        .assert_success()
        .assert_stdout_has("cannot be written");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let club = club().start();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let output = Member::of(&club)
        .command("availability")
        .stdout(full)
        .stderr(Stdio::piped())
        .output();
    Outcome::from(output.expect("it starts"))
        .assert_error("internal", 1)
        .assert_stderr_has("could not be written");
}

#[test]
fn a_closed_pipe_is_a_quiet_success() {
    let club = club().start();
    let member = Member::of(&club);
    let args = "availability --days 14 --all --json";
    let mut child = spawn(member.command(args));
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut first).expect("a beginning");
    drop(stdout);
    Outcome::of(child).assert_quiet_success();
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130() {
    let club = club().fault(Fault::Never).start();
    let member = Member::of(&club);
    let child = spawn(member.command("availability"));
    let deadline = Instant::now() + Duration::from_secs(10);
    while club.calls().is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(succeeds(
        Command::new("kill").args(["-INT", &child.id().to_string()])
    ));
    Outcome::of(child).assert_error("interrupted", 130);
}

#[test]
fn nobody_listening_and_no_such_host_are_told() {
    Member::new()
        .run("availability --club http://127.0.0.1:9")
        .assert_error("network", 6)
        .assert_stderr_has("connection refused");
}

#[test]
fn eight_at_once_give_the_same_answer() {
    let club = club().start();
    let member = Member::of(&club);
    let outcomes = member.run_at_once(8, "availability --json");
    for outcome in &outcomes {
        outcome.assert_quiet_success();
        assert_eq!(outcome.stdout, outcomes[0].stdout);
    }
}

#[test]
fn verbose_tells_each_request_and_no_token() {
    let club = club().start();
    let member = Member::of(&club);
    let outcome = member.run("availability -vvv");
    outcome.assert_success();
    assert_eq!(
        outcome.stderr.matches("padel: GET http").count(),
        4,
        "{}",
        outcome.stderr
    );
    let token = club
        .calls()
        .last()
        .and_then(|call| call.header("cookie").map(str::to_owned))
        .expect("a cookie");
    let token = token.trim_start_matches("Jwt=");
    let signature = token.rsplit('.').next().expect("a signature");
    for secret in [token, signature] {
        outcome
            .assert_stderr_lacks(secret)
            .assert_stdout_lacks(secret);
    }
    assert_eq!(
        member.run("availability").stderr,
        "",
        "nothing on stderr unasked"
    );
}

#[test]
fn the_doctor_fails_exactly_when_availability_would() {
    for (fault, code) in [
        (Fault::Every403, 5),
        (Fault::Error500, 6),
        (Fault::Never, 6),
    ] {
        let club = club().fault(fault).start();
        let outcome = Member::of(&club).run("doctor --timeout 2");
        assert_eq!(outcome.code, code, "{outcome:?}");
        outcome.assert_stdout_has("Availability does not work.");
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    }
    let outcome = Member::new().run("doctor --json");
    assert_eq!(outcome.code, 8, "{outcome:?}");
    assert_eq!(outcome.json()["works"], false);
}
