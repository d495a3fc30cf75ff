//! Signing in: once, with what the portal answers told apart; the session kept sealed and shared.

use std::time::Duration;

use gladstone_sim::{Club, Fault, Shape};

use crate::{
    harness::{CONFIG, DOTENV, EMAIL, Member, PASSWORD, club, member, mode, pair},
    host::{Host, says, signing_in},
};

fn posts(club: &Club) -> usize {
    club.calls()
        .iter()
        .filter(|call| call.method == "POST")
        .count()
}

/// The methods of the calls after the first ones.
fn methods(club: &Club, first: usize) -> Vec<String> {
    let calls = club.calls().into_iter().skip(first);
    calls.map(|call| call.method).collect()
}

#[test]
fn a_sign_in_says_as_whom_until_when_and_from_which_file() {
    let club = club().start();
    let member = member(&club);
    let outcome = member.run("login");
    outcome.assert_quiet_success();
    for part in [
        "signed in at",
        "a…@example.org",
        "until 09:30 on Monday 23 November 2026",
        DOTENV,
    ] {
        outcome.assert_stdout_has(part);
    }
    outcome.assert_stdout_lacks("alex");
    let again = member.json("login");
    assert_eq!(
        (&again["schema"], &again["already"]),
        (&"padel.login/v1".into(), &true.into())
    );
    assert_eq!(again["until"], "2026-11-23T09:30:00+00:00");
    member
        .run("login")
        .assert_stdout_has("since 09:00, until 09:30")
        .assert_stdout_has("the club was not asked again");
    assert_eq!(posts(&club), 1);
}

#[test]
fn a_session_ends_and_is_replaced() {
    let club = club().start();
    let member = member(&club);
    member.run("bookings").assert_success();
    for (now, sign_ins) in [
        ("2026-11-23T09:28:00Z", 1),
        ("2026-11-23T09:29:30Z", 2),
        ("2026-11-23T09:40:00Z", 2),
    ] {
        club.set_now(now);
        let member = Member::of(&club)
            .env("HOME", &member.path("").display().to_string())
            .env("PADEL_NOW", now);
        member.run("bookings").assert_success();
        assert_eq!(posts(&club), sign_ins, "{now}");
    }
}

#[test]
fn a_clock_that_is_ahead_signs_in_no_more_often() {
    let club = club().start();
    let member = member(&club).env("PADEL_NOW", "2026-11-23T10:00:00Z");
    assert!(member.run("login").stdout.contains("until 10:30"));
    for _ in 0..2 {
        member.run("bookings").assert_success();
    }
    assert_eq!(posts(&club), 1);
}

#[test]
fn a_rejected_password_is_sent_once_and_names_its_file() {
    let club = club().start();
    let wrong = Member::of(&club).credentials(EMAIL, "wrong");
    wrong
        .run("login")
        .assert_error("login_rejected", 4)
        .assert_stderr_has(DOTENV);
    assert_eq!(posts(&club), 1);
    // An agent that asks again and again must not lock its member out.
    for _ in 0..6 {
        wrong.run("bookings").assert_error("login_rejected", 4);
    }
    assert_eq!(
        posts(&club),
        1,
        "a refused pair is not sent again by itself"
    );
    wrong.run("login").assert_error("login_rejected", 4);
    assert_eq!(posts(&club), 2, "but whoever says login wants it tried");
    let right = wrong.credentials(EMAIL, PASSWORD);
    assert_eq!(
        right.run("bookings").code,
        0,
        "another password is another pair"
    );
}

#[test]
fn a_locked_account_is_told_apart() {
    let club = club().start();
    let wrong = Member::of(&club).credentials(EMAIL, "wrong");
    let codes = [(); 6].map(|()| wrong.run("login").error());
    assert_eq!(codes[..4], ["login_rejected"; 4]);
    assert_eq!(codes[5], "account_locked");
    wrong.run("bookings").assert_error("account_locked", 4);
}

#[test]
fn a_portal_without_the_assumed_request_says_how_to_go_on() {
    for shape in [Shape::Absent, Shape::Token, Shape::Form] {
        let club = club().shape(shape).start();
        member(&club)
            .run("login")
            .case(format!("{shape:?}"))
            .assert_error("profile_unverified", 5)
            .assert_stderr_has("padel portal learn");
        assert_eq!(posts(&club), 1, "{shape:?}");
    }
}

#[test]
fn a_sign_in_is_never_sent_twice_whatever_happens() {
    for (fault, code) in [
        (Fault::Reset, "network"),
        (Fault::Error500, "network"),
        (Fault::First503(1), "network"),
        (Fault::Seconds429(1), "rate_limited"),
        (Fault::Never, "timeout"),
        (Fault::First403, "portal_refused"),
        (Fault::Cloudflare403, "portal_refused"),
        (Fault::Cloudflare200, "profile_unverified"),
    ] {
        let club = club().start();
        club.push_fault(SIGN_IN, fault, 9);
        let outcome = member(&club).run("login --timeout 2");
        assert_eq!(outcome.error(), code, "{fault}: {outcome:?}");
        assert_eq!(posts(&club), 1, "{fault}");
    }
}

#[test]
fn a_first_403_meets_a_request_that_may_be_repeated() {
    let one = club().fault(Fault::First403).start();
    member(&one).run("bookings").assert_quiet_success();
    assert_eq!(methods(&one, 0), ["GET", "GET", "POST", "GET"]);
    // Where a visitor's session is kept, the portal has let us in already: a sign-in costs nothing
    // more.
    let two = club().start();
    let member = member(&two).asking_for("UB", "PADEL60");
    member.run("availability").assert_success();
    member.run("bookings").assert_success();
    assert_eq!(methods(&two, 2), ["POST", "GET"]);
}

#[test]
fn bookings_send_no_password_after_a_refused_address() {
    let refusing = club().fault(Fault::Every403).start();
    let outcome = member(&refusing).run("bookings");
    assert_eq!(
        (outcome.error(), posts(&refusing)),
        ("portal_refused", 0),
        "{outcome:?}"
    );
    outcome.assert_stderr_has("403 twice");
    let once = club().start();
    once.push_fault(SIGN_IN, Fault::First403, 1);
    let outcome = member(&once).run("bookings");
    assert_eq!(
        (outcome.error(), posts(&once)),
        ("portal_refused", 1),
        "{outcome:?}"
    );
    outcome
        .assert_stderr_has("refused once (403)")
        .assert_stderr_has("ask once more");
}

#[test]
fn members_sign_in_where_visitors_get_no_session() {
    for status in [401, 404, 500] {
        let club = club().start();
        club.push_fault(
            "/api/samlauthentication/anonymous",
            Fault::Status(status),
            9,
        );
        member(&club).run("bookings").case(status).assert_success();
    }
}

/// The path of an assumed portal's sign-in.
const SIGN_IN: &str = "/api/samlauthentication/login";

#[test]
fn login_calls_an_unknown_request_no_wrong_password() {
    for status in [400, 415, 422] {
        let club = club().start();
        club.push_fault(SIGN_IN, Fault::Status(status), 1);
        member(&club)
            .run("login")
            .case(status)
            .assert_error("profile_unverified", 5)
            .assert_stderr_has("sign-in works differently from what padel knows")
            .assert_stderr_has(&status.to_string());
    }
    for status in [401, 403] {
        let club = club().start();
        club.push_fault(SIGN_IN, Fault::Status(status), 1);
        member(&club)
            .run("login")
            .case(status)
            .assert_error("login_rejected", 4)
            .assert_stderr_has("only assumed for this club: `padel portal learn --help`");
    }
    for status in [400, 401, 403, 422] {
        let club = club().start();
        club.push_fault(SIGN_IN, Fault::Status(status), 1);
        let learned = format!("[portal.login]\npath = \"{SIGN_IN}\"\n");
        let outcome = member(&club).file(CONFIG, &learned).run("login");
        assert_eq!(outcome.error(), "login_rejected", "{status}: {outcome:?}");
        outcome.assert_stderr_lacks("assumed");
    }
}

#[test]
fn assumed_bookings_that_are_not_understood_are_unverified() {
    for status in [400, 403, 404, 405, 410, 422] {
        let club = club().start();
        club.push_fault("/api/bookings", Fault::Status(status), 9);
        member(&club)
            .run("bookings")
            .case(status)
            .assert_error("profile_unverified", 5)
            .assert_stderr_has("bookings work differently from what padel knows")
            .assert_stderr_has(&status.to_string());
    }
}

#[test]
fn a_refused_pair_waits_for_another_request() {
    let redirect = "redirect=/auth/login?error=1".parse().expect("a fault");
    for fault in [redirect, Fault::Cloudflare200, Fault::Status(400)] {
        let club = club().start();
        club.push_fault(SIGN_IN, fault, 9);
        let member = member(&club);
        for _ in 0..3 {
            member
                .run("bookings")
                .case(fault)
                .assert_error("profile_unverified", 5);
        }
        assert_eq!(posts(&club), 1, "{fault}");
        member
            .run("login")
            .case(fault)
            .assert_error("profile_unverified", 5);
        assert_eq!(posts(&club), 2, "{fault}");
        let learned = "[portal.login]\nbody = '{\"password\":{password},\"email\":{user}}'\n";
        member.file(CONFIG, learned).run("bookings");
        assert_eq!(
            posts(&club),
            3,
            "{fault}: another request is another attempt"
        );
    }
}

#[test]
fn a_pair_that_is_held_back_says_so_and_until_when() {
    let club = club().start();
    let wrong = Member::of(&club).credentials(EMAIL, "wrong");
    let sent = wrong.run("bookings");
    sent.assert_stderr_lacks("is not sent again");
    let later = wrong.env("PADEL_NOW", "2026-11-23T09:03:10Z");
    let held = later.run("bookings");
    assert_eq!(
        (held.error(), posts(&club)),
        ("login_rejected", 1),
        "{held:?}"
    );
    for part in [
        "that was 3 minutes ago",
        "is not sent again before 09:10",
        "`padel login` tries it now",
    ] {
        held.assert_stderr_has(part);
    }
    let after = later.env("PADEL_NOW", "2026-11-23T09:10:00Z");
    assert_eq!(
        (after.run("bookings").error(), posts(&club)),
        ("login_rejected", 2)
    );
}

#[test]
fn a_locked_account_is_not_advised_to_try() {
    let club = club().start();
    club.push_fault(SIGN_IN, Fault::Status(423), 1);
    let member = member(&club);
    member.run("bookings").assert_error("account_locked", 4);
    let held = member.run("bookings");
    assert_eq!((held.error(), posts(&club)), ("account_locked", 1));
    held.assert_stderr_has("not sent again before 09:30")
        .assert_stderr_lacks("padel login");
}

#[test]
fn login_names_the_variables_of_a_refused_pair() {
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", EMAIL)
        .env("pslc_password", "wrong");
    let outcome = member.run("login");
    for part in [
        "from the environment",
        "check pslc_user and pslc_password in the environment",
    ] {
        outcome.assert_stderr_has(part);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_refused_pair_that_was_typed_is_not_called_a_file() {
    let club = club().start();
    let typed = format!("setup --club {}", club.url());
    crate::setup::on_terminal(&Member::new(), &typed, &["", "n", EMAIL, "wrong"])
        .assert_stdout_has("check what you typed")
        .assert_stdout_lacks("check the terminal");
}

#[test]
fn forgetting_the_session_does_not_forget_a_refusal() {
    let club = club().start();
    let wrong = Member::of(&club).credentials(EMAIL, "wrong");
    wrong.run("login").assert_error("login_rejected", 4);
    assert_eq!(wrong.json("logout")["forgotten"], false);
    assert_eq!(
        (wrong.run("bookings").error(), posts(&club)),
        ("login_rejected", 1)
    );
    // Nor does another pair that works, and a refusal does not end another pair's session.
    let right = wrong.credentials(EMAIL, PASSWORD);
    assert_eq!((right.run("bookings").code, posts(&club)), (0, 2));
    let wrong = right.credentials(EMAIL, "wrong");
    assert_eq!(
        (wrong.run("bookings").error(), posts(&club)),
        ("login_rejected", 2)
    );
    let right = wrong.credentials(EMAIL, PASSWORD);
    assert_eq!(
        (right.json("login")["already"].clone(), posts(&club)),
        (true.into(), 2)
    );
}

#[test]
fn two_members_at_one_machine_keep_what_they_have() {
    let club = club()
        .member(EMAIL, PASSWORD)
        .member("ben@example.org", "other")
        .start();
    let member = Member::of(&club)
        .file("ada.env", &pair(EMAIL, PASSWORD))
        .file("ben.env", &pair("ben@example.org", "other"))
        .file("ada-wrong.env", &pair(EMAIL, "wrong"))
        .file("ben-wrong.env", &pair("ben@example.org", "wrong"));
    member.shell("chmod 600 *.env").assert_success();
    for file in ["ada.env", "ben.env", "ada-wrong.env", "ben-wrong.env"].repeat(3) {
        let outcome = member.run(["bookings", "--json", "--env-file", file]);
        assert_eq!(
            outcome.code,
            if file.contains("wrong") { 4 } else { 0 },
            "{file}: {outcome:?}"
        );
    }
    assert_eq!(posts(&club), 4);
    assert_eq!(member.json("logout")["forgotten"], true);
    for file in ["ada.env", "ben.env"] {
        assert_eq!(
            member.json(["login", "--env-file", file])["already"],
            false,
            "{file}"
        );
    }
}

/// A portal that refuses each sign-in after a while.
fn slow_to_refuse(millis: u64) -> Host {
    signing_in(move || {
        std::thread::sleep(Duration::from_millis(millis));
        says("401 Unauthorized", "{}")
    })
}

#[test]
fn six_at_once_with_a_wrong_password_send_it_once() {
    // Slow enough for all to begin before the first has its answer.
    let host = slow_to_refuse(1500);
    let member = host.member();
    for outcome in member.run_at_once(6, "login") {
        outcome.assert_error("login_rejected", 4);
    }
    assert_eq!(host.posts(), 1);
    member.run("login");
    assert_eq!(host.posts(), 2, "who comes later wants it tried");
}

#[test]
fn a_timeout_beside_another_login_sends_no_password() {
    let host = slow_to_refuse(2500);
    let member = host.member();
    let mut first = host.spawn_until_sent(member.command("login"));
    for outcome in member.run_at_once(8, "login --timeout 1") {
        outcome.assert_error("timeout", 6);
    }
    assert_eq!(host.posts(), 1);
    first.wait().expect("it ends");
}

#[test]
fn eight_at_once_sign_in_once() {
    let club = club().start();
    for outcome in member(&club).run_at_once(8, "bookings") {
        outcome.assert_success();
    }
    assert_eq!(posts(&club), 1);
}

#[test]
fn a_401_in_the_midst_signs_in_once_and_asks_again_once() {
    let club = club().start();
    let member = member(&club);
    member.run("bookings").assert_success();
    club.expire_member_tokens();
    let before = club.calls().len();
    member.run("bookings").assert_success();
    assert_eq!(methods(&club, before), ["GET", "POST", "GET"]);
    club.push_fault("/api/bookings", Fault::After401(0), 9);
    let before = club.calls().len();
    member.run("bookings").assert_error("profile_unverified", 5);
    assert_eq!(club.calls().len() - before, 3);
    // The refusal of the new session is kept: the next call asks with it, and sends no password.
    let before = club.calls().len();
    member.run("bookings").assert_error("profile_unverified", 5);
    assert_eq!(methods(&club, before), ["GET"]);
}

#[test]
fn bookings_sign_in_once_where_every_session_is_refused() {
    let club = club().start();
    club.push_fault("/api/bookings", Fault::After401(0), 99);
    let mut member = member(&club);
    for (now, sign_ins) in [
        ("09:00", 1),
        ("09:00", 1),
        ("09:09", 1),
        ("09:10", 2),
        ("09:11", 2),
    ] {
        member = member.env("PADEL_NOW", &format!("2026-11-23T{now}:00Z"));
        let outcome = member.run("bookings");
        assert_eq!(
            (outcome.error(), posts(&club)),
            ("profile_unverified", sign_ins),
            "{now}: {outcome:?}"
        );
        outcome.assert_stderr_has("401, although the sign-in worked");
    }
}

#[test]
fn availability_signs_in_where_visitors_are_refused() {
    let club = club().require_member(true).start();
    let stranger = Member::of(&club).run("availability");
    stranger.assert_error("login_required", 4);
    let document = member(&club).json("availability");
    assert!(document["summary"]["free"].as_u64() > Some(0));
    assert_eq!(posts(&club), 1);
    // Some may not even give a session to visitors.
    club.push_fault("/api/samlauthentication/anonymous", Fault::Status(401), 99);
    Member::of(&club)
        .run("availability")
        .assert_error("login_required", 4);
    let member = member(&club);
    assert_eq!(member.json("availability")["summary"], document["summary"]);
    member
        .run("doctor")
        .assert_success()
        .assert_stdout_has("shows courts to signed-in members only");
    assert_eq!(posts(&club), 2);
}

#[test]
fn logout_forgets_the_session() {
    let club = club().start();
    let member = member(&club);
    assert!(member.run("logout").stdout.contains("no session"));
    member.run("login");
    assert_eq!(member.json("logout")["forgotten"], true);
    assert!(
        !member
            .cached()
            .iter()
            .any(|name| name.starts_with("member-") && name.ends_with(".json"))
    );
    assert_eq!(member.json("login")["already"], false);
    assert_eq!(posts(&club), 2);
}

/// The file in which the session is kept.
fn kept(member: &Member) -> std::path::PathBuf {
    let names = member.cached();
    let mut sessions = names.iter().filter(|name| name.ends_with(".json"));
    let name = sessions.find(|name| name.starts_with("member-"));
    let name = name.expect("a kept session");
    member.path(".cache/pslc-padel").join(name)
}

#[test]
fn a_kept_session_that_does_not_open_counts_as_none() {
    let club = club().start();
    let member = member(&club);
    member.run("login");
    let good = std::fs::read(kept(&member)).expect("the file");
    let text = String::from_utf8(good.clone()).expect("text");
    let mut flipped = good.clone();
    let at = text.find("ciphertext\":\"").expect("the ciphertext") + 20;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    let older = text.replace("\"version\":1", "\"version\":0").into_bytes();
    let elsewhere = text
        .replace(&club.url(), "https://elsewhere.example")
        .into_bytes();
    let mut sign_ins = 1;
    for bad in [
        flipped,
        good[..good.len() / 2].to_vec(),
        older,
        elsewhere,
        Vec::new(),
        b"{}".to_vec(),
        b"null".to_vec(),
    ] {
        std::fs::write(kept(&member), &bad).expect("written");
        let document = member.json("login");
        sign_ins += 1;
        assert_eq!(
            (&document["already"], posts(&club)),
            (&false.into(), sign_ins),
            "{}",
            String::from_utf8_lossy(&bad)
        );
    }
}

#[cfg(unix)]
#[test]
fn a_kept_session_open_to_others_is_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let club = club().start();
    let member = member(&club);
    member.run("login");
    assert_eq!(mode(kept(&member)), 0o600);
    std::fs::set_permissions(kept(&member), PermissionsExt::from_mode(0o644)).expect("a mode");
    assert_eq!(member.json("login")["already"], false);
    assert_eq!(mode(kept(&member)), 0o600);
}

#[test]
fn a_session_is_one_members_at_one_club() {
    let (one, other) = (
        club()
            .member(EMAIL, PASSWORD)
            .member(EMAIL, "second")
            .start(),
        club().start(),
    );
    let first = Member::of(&one).credentials(EMAIL, PASSWORD);
    first.run("login");
    let second = first.credentials(EMAIL, "second");
    assert_eq!(
        second.json("login")["already"],
        false,
        "another password, another member"
    );
    let elsewhere = second
        .credentials(EMAIL, PASSWORD)
        .env("PSLC_CLUB", &other.url());
    assert_eq!(elsewhere.json("login")["already"], false, "another club");
}

#[test]
fn credentials_never_follow_a_redirect_to_another_host() {
    let stranger = club().start();
    stranger.never_called();
    let club = club().start();
    let fault: Fault = format!("redirect={}/api/login", stranger.url())
        .parse()
        .expect("a fault");
    club.push_fault(SIGN_IN, fault, 1);
    member(&club).run("login").assert_error("portal_changed", 5);
}

#[test]
fn the_profile_can_be_replaced_without_a_rebuild() {
    let club = club().shape(Shape::Token).start();
    let portal = r#"
[portal.login]
path = "/api/identity/v1/token"
body = '{"userName":{user},"secret":{password},"grant":"password"}'
[portal.token]
cookie = ""
pointer = "/result/accessToken"
send = "bearer"
headers = {}
"#;
    let member = member(&club).file(CONFIG, portal);
    let outcome = member.run("login");
    assert_eq!(outcome.code, 0, "{outcome:?} {:?}", club.calls().last());
}

#[test]
fn a_wrong_portal_table_is_a_config_error() {
    let club = club().start();
    club.never_called();
    for (table, named) in [
        ("[portal.login]\npaht = \"/x\"", "did you mean `login.path`"),
        (
            "[portal.login]\npath = \"https://elsewhere.example/x\"",
            "`login.path` is not a path",
        ),
        (
            "[portal.login]\npath = \"//elsewhere.example/x\"",
            "`login.path` is not a path",
        ),
        ("[portal.login]\nsealing = \"rot13\"", "rot13"),
        ("[portal.token]\nminutes = \"thirty\"", "token.minutes"),
        ("[portal]\nlogin = 1", "`login` is not a table"),
        ("portal = 1", "`portal`"),
    ] {
        member(&club)
            .file(CONFIG, table)
            .run("login")
            .case(table)
            .assert_error("config_invalid", 8)
            .assert_stderr_has(named);
    }
}
