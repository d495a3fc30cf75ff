//! The fate of a password that was sent: it is sent once in a pause, whatever happens to the answer.

use std::{net::TcpListener, path::Path, process::Command, time::Duration};

use crate::{
    harness::{EMAIL, Member, Outcome, binary, succeeds},
    host::{Act, Host, answer, bind, breaks_off, says, signing_in, visitor},
};

fn at(member: Member, time: &str) -> Member {
    member.env("PADEL_NOW", &format!("2026-11-23T{time}Z"))
}

#[test]
fn whatever_comes_of_a_sign_in_it_is_sent_once_in_ten_minutes() {
    let page = "<!doctype html><title>Sorry</title>";
    let answers = [
        ("500 Internal Server Error", "", "network"),
        ("502 Bad Gateway", page, "network"),
        ("503 Busy\r\nRetry-After: 1", "", "network"),
        ("408 Request Timeout", "", "network"),
        ("429 Slow\r\nRetry-After: 1", "", "rate_limited"),
        ("403 Forbidden", page, "portal_refused"),
        ("403 Forbidden", "", "portal_refused"),
        ("407 Proxy Authentication Required", "", "network"),
        ("418 Teapot", "", "portal_changed"),
        ("200 OK", page, "profile_unverified"),
    ];
    let broken = [
        "",
        "HTTP/1.1 200 OK\r\nSet-Coo",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        "SSH-2.0-OpenSSH\r\n",
    ];
    std::thread::scope(|scope| {
        for (head, body, code) in answers {
            scope.spawn(move || assert_sent_once(says(head, body), head, code));
        }
        for text in broken {
            scope.spawn(move || assert_sent_once(breaks_off(text), text, "network"));
        }
    });
}

fn assert_sent_once(act: Act, what: &str, code: &str) {
    let host = signing_in(move || act.clone());
    let mut member = host.member();
    let first = member.run("bookings").case(what);
    assert_eq!((first.error(), host.posts()), (code, 1), "{first:?}");
    for time in ["09:00:00", "08:59:58", "09:09:59"] {
        member = at(member, time);
        let held = member.run("bookings").case(what);
        assert_eq!((held.error(), host.posts()), (code, 1), "{held:?}");
        held.assert_stderr_has("the password was sent at 09:00")
            .assert_stderr_has("is not sent again before 09:10")
            .assert_stderr_has("`padel login` tries it now");
    }
    let retry_at = "\"retry_at\":\"2026-11-23T09:10:00Z\"";
    member
        .run("bookings --json")
        .case(what)
        .assert_stderr_has(retry_at);
    member = at(member, "09:10:00");
    member.run("bookings");
    assert_eq!(host.posts(), 2, "{what}");
    member.run("login");
    assert_eq!(host.posts(), 3, "{what}: whoever says login wants it tried");
}

#[test]
fn a_command_that_is_killed_after_sending_has_sent() {
    let host = signing_in(|| Act::Hang);
    let member = host.member();
    let mut child = host.spawn_until_sent(member.command("bookings"));
    child.kill().expect("a signal");
    child.wait().expect("it ends");
    for _ in 0..3 {
        let held = member.run("bookings");
        assert_eq!(host.posts(), 1);
        held.assert_error("network", 6)
            .assert_stderr_has("no answer came from 127.0.0.1")
            .assert_stderr_has("the password was sent at 09:00");
    }
    member
        .run("doctor")
        .assert_stdout_has("sent, and no answer came at 09:00");
    assert_eq!(host.posts(), 1);
}

#[test]
fn who_comes_while_a_sign_in_is_under_way_waits_for_it() {
    let host = Host::new(|request| match request {
        request if request.is("POST ") => {
            std::thread::sleep(Duration::from_millis(1500));
            says("200 OK\r\nSet-Cookie: Jwt=members; Path=/", "")
        }
        request if request.is("/api/bookings") => says("200 OK", "[]"),
        _ => visitor(),
    });
    let member = host.member();
    let mut first = host.spawn_until_sent(member.command("bookings"));
    let second = member.run("bookings");
    assert_eq!((second.code, host.posts()), (0, 1), "{second:?}");
    assert!(first.wait().expect("it ends").success());
}

#[test]
fn a_command_that_runs_out_of_time_has_sent() {
    let host = signing_in(|| Act::Hang);
    let member = host.member();
    let late = member.run("bookings --timeout 1");
    late.assert_error("timeout", 6);
    for part in [
        "the password was sent at 09:00",
        "is not sent again before 09:10",
        "ask once more after 09:10",
    ] {
        late.assert_stderr_has(part);
    }
    member
        .run("bookings --timeout 1")
        .assert_error("network", 6);
    let interrupted = host.spawn_until_sent(member.command("login"));
    let line = format!("kill -INT {}", interrupted.id());
    member.shell(&line).assert_success();
    assert_eq!(Outcome::of(interrupted).code, 130);
    assert_eq!(
        (member.run("bookings").error(), host.posts()),
        ("network", 2)
    );
}

#[test]
fn who_runs_out_of_time_before_sending_is_told_of_no_password() {
    let host = Host::new(|_| Act::Hang);
    let late = host.member().run("bookings --timeout 1");
    assert_eq!((late.error(), host.posts()), ("timeout", 0), "{late:?}");
    late.assert_stderr_has("no complete answer within 1 s")
        .assert_stderr_lacks("password");
}

#[test]
fn a_connection_that_never_was_sends_nothing() {
    let listener = bind();
    let address = listener.local_addr().expect("an address");
    let first = Host::on(listener, 1, |_| visitor());
    let member = first.member();
    let outcome = member.run("bookings");
    assert_eq!(
        (outcome.error(), first.posts()),
        ("network", 0),
        "{outcome:?}"
    );
    outcome.assert_stderr_lacks("the password was sent");
    let again = TcpListener::bind(address).expect("the port again");
    let second = Host::on(again, usize::MAX, |request| match request {
        request if request.is("POST ") => says("401 Unauthorized", "{}"),
        _ => visitor(),
    });
    for _ in 0..2 {
        member.run("bookings").assert_error("login_rejected", 4);
        assert_eq!(second.posts(), 1);
    }
}

#[test]
fn a_sign_in_never_takes_a_connection_that_was_kept() {
    // Closes each connection after one answer without saying so.
    let host = Host::new(|request| match request {
        request if request.is("POST ") => {
            Act::Last(answer("200 OK\r\nSet-Cookie: Jwt=members; Path=/", ""))
        }
        request if request.is("/api/bookings") => Act::Last(answer("200 OK", "[]")),
        _ => Act::Last(answer("200 OK\r\nSet-Cookie: Jwt=visitors; Path=/", "")),
    });
    for run in 0..15 {
        let outcome = host.member().run("bookings");
        assert_eq!((outcome.code, host.posts()), (0, run + 1), "{outcome:?}");
    }
}

#[test]
fn as_many_pairs_as_a_family_has_are_remembered() {
    let host = signing_in(|| says("401 Unauthorized", "{}"));
    let mut member = host.member();
    for round in 0..2 {
        for word in ["one", "two", "three", "four", "five", "six"] {
            member = member.credentials(EMAIL, word);
            member
                .run("bookings")
                .case(format!("{round} {word}"))
                .assert_error("login_rejected", 4);
        }
    }
    assert_eq!(host.posts(), 6);
}

#[test]
fn two_ways_to_sign_in_are_each_sent_once() {
    let host = signing_in(|| says("401 Unauthorized", "{}"));
    let member = host
        .member()
        .file("one.toml", "[portal.login]\npath = \"/one\"\n")
        .file("two.toml", "[portal.login]\npath = \"/two\"\n");
    for config in ["one.toml", "two.toml", "one.toml", "two.toml"] {
        // A club that only the command line names gets no password: it is in the environment here.
        member
            .run(["bookings", "--config", config])
            .assert_error("login_rejected", 4);
    }
    assert_eq!(host.posts(), 2);
}

#[test]
fn without_a_cache_each_call_sends_the_password() {
    let host = signing_in(|| says("500 Internal Server Error", ""));
    let member = host.member();
    for _ in 0..2 {
        // Without a cache nothing remembers the attempt.
        member
            .run("bookings --no-cache")
            .assert_stderr_lacks("is not sent again");
    }
    assert_eq!(host.posts(), 2);
    member.run("doctor --no-cache").assert_stdout_has("cache");
}

/// A library in whose presence no file can be locked; it leaves a file behind to show that it was
/// asked.
#[cfg(target_os = "linux")]
fn without_locks(member: Member) -> Option<Member> {
    let source = r#"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int flock(int file, int how) {
    (void)file; (void)how;
    close(open(getenv("ASKED"), O_CREAT | O_WRONLY, 0600));
    errno = ENOLCK;
    return -1;
}
"#;
    let member = member.file("nolock.c", source);
    let (library, asked) = (member.path("nolock.so"), member.path("asked"));
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(member.path("nolock.c"));
    if !succeeds(&mut compiler) {
        crate::skips::skip("there is no C compiler `cc` to make a file system without locks");
        return None;
    }
    let member = member
        .env("ASKED", asked.to_str()?)
        .env("LD_PRELOAD", library.to_str()?);
    member.run("login");
    // A static binary loads no library, and only `PADEL_BIN` names one.
    let is_static = !asked.exists();
    assert!(!is_static || binary() != Path::new(env!("CARGO_BIN_EXE_padel")));
    (!is_static).then_some(member)
}

#[cfg(target_os = "linux")]
#[test]
fn without_locks_ten_at_once_send_a_password_once() {
    let host = signing_in(|| {
        std::thread::sleep(Duration::from_millis(1500));
        says("401 Unauthorized", "{}")
    });
    let Some(member) = without_locks(host.member().credentials(EMAIL, "before")) else {
        return;
    };
    let member = member.credentials(EMAIL, "wrong");
    let sent = host.posts();
    for outcome in member.run_at_once(10, "bookings") {
        outcome.assert_error("login_rejected", 4);
    }
    assert_eq!(host.posts() - sent, 1);
    assert!(
        !member.cached().iter().any(|name| name.ends_with(".turn")),
        "{:?}",
        member.cached()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn without_locks_a_killed_command_blocks_nobody_for_long() {
    let host = Host::new(|request| match request {
        request if request.body.contains("slow") => Act::Hang,
        request if request.is("POST ") => says("401 Unauthorized", "{}"),
        _ => visitor(),
    });
    let Some(member) = without_locks(host.member().credentials(EMAIL, "before")) else {
        return;
    };
    let member = member.credentials(EMAIL, "slow");
    let mut child = host.spawn_until_sent(member.command("bookings --timeout 1"));
    child.kill().expect("a signal");
    child.wait().expect("it ends");
    let sent = host.posts();
    assert!(
        member.cached().iter().any(|name| name.ends_with(".turn")),
        "it was left behind"
    );
    // They wait until the killed one must have ended: it might still get its answer.
    for _ in 0..2 {
        member.run("bookings").assert_error("network", 6);
    }
    assert_eq!(host.posts(), sent);
    let member = member.credentials(EMAIL, "other");
    member.run("bookings").assert_error("login_rejected", 4);
    assert_eq!(host.posts(), sent + 1);
}

#[test]
fn a_sign_in_without_a_connection_is_tried_three_times() {
    let listener = bind();
    let host = Host::on(listener, 1, |_| visitor());
    let outcome = host.member().run("bookings -vv");
    assert_eq!(
        outcome.stderr.matches("tried again in ").count(),
        2,
        "{outcome:?}"
    );
    assert_eq!(host.posts(), 0, "{outcome:?}");
}
