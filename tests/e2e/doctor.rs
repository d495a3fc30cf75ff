//! The doctor says what `padel availability` would do, what is known of the sign-in, and never
//! sends to itself.

use chrono::DateTime;
use gladstone_sim::{Club, Fault};

use crate::{
    harness::{CONFIG, EMAIL, Member, club, list, member},
    host::{Host, says},
    requests::{ACTIVITIES, ANONYMOUS, SESSIONS, SITES, asked},
};

fn configured(club: &Club) -> Member {
    Member::of(club).asking_for("UB", "PADEL60")
}

#[test]
fn it_fails_where_only_the_question_for_courts_fails() {
    for (fault, code) in [
        (Fault::Status(404), 5),
        (Fault::Error500, 6),
        (Fault::NotArray, 5),
    ] {
        let club = club().start();
        club.push_fault("/api/availability", fault, 99);
        let member = configured(&club);
        let doctor = member.run("doctor --json");
        let availability = member.run("availability");
        assert_eq!(
            (doctor.code, availability.code),
            (code, code),
            "{fault}: {doctor:?}"
        );
        assert_eq!(doctor.json()["works"], false);
        assert_eq!(doctor.check("availability").0, "failed");
        assert!(
            doctor
                .check("portal")
                .1
                .contains("gives visitors a session"),
            "{doctor:?}"
        );
    }
}

#[test]
fn it_asks_as_a_member_exactly_where_availability_does() {
    let club = club().require_member(true).start();
    let stranger = Member::of(&club);
    assert_eq!(
        (
            stranger.run("doctor").code,
            stranger.run("availability").code
        ),
        (4, 4)
    );
    let member = member(&club);
    let doctor = member.run("doctor --json");
    assert_eq!(
        (doctor.code, member.run("availability").code),
        (0, 0),
        "{doctor:?}"
    );
    assert!(
        doctor
            .check("portal")
            .1
            .contains("to signed-in members only"),
        "{doctor:?}"
    );
    assert!(
        doctor
            .check("credentials")
            .1
            .contains("signed in until 09:30"),
        "{doctor:?}"
    );
    assert_eq!(club.login_attempts().len(), 1);
}

#[test]
fn a_catalogue_that_is_not_needed_is_a_warning() {
    let club = club().start();
    club.push_fault("/api/configuration/sites", Fault::Status(404), 99);
    let member = configured(&club);
    member.run("availability").assert_success();
    let doctor = member.run("doctor --json");
    assert_eq!(
        (doctor.code, doctor.json()["works"].clone()),
        (0, true.into()),
        "{doctor:?}"
    );
    assert_eq!(doctor.check("availability").0, "ok");
    assert_eq!(doctor.check("matched").0, "warning");
}

#[test]
fn a_session_that_is_kept_counts_as_it_does_for_availability() {
    let club = club().start();
    let member = configured(&club);
    member.run("availability").assert_success();
    for path in [ANONYMOUS, "/validate/"] {
        club.push_fault(path, Fault::Status(404), 99);
    }
    member.run("availability").assert_success();
    let doctor = member.run("doctor --json");
    doctor.assert_success();
    let (health, found) = doctor.check("portal");
    assert!(
        health == "warning" && found.contains("gives no new session"),
        "{found}"
    );
    let fresh = configured(&club);
    assert_eq!(
        (fresh.run("doctor").code, fresh.run("availability").code),
        (3, 3)
    );
}

#[test]
fn it_asks_little() {
    let club = club().start();
    let member = configured(&club);
    assert_eq!(
        asked(&club, &member, "doctor"),
        [ANONYMOUS, SESSIONS, SITES, ACTIVITIES]
    );
    assert_eq!(asked(&club, &member, "doctor"), [SESSIONS, ANONYMOUS]);
    let plain = Member::of(&club);
    assert_eq!(
        asked(&club, &plain, "doctor --no-cache"),
        [ANONYMOUS, SITES, ACTIVITIES, SESSIONS]
    );
}

#[test]
fn it_does_not_send_to_itself() {
    let refusing = club().fault(Fault::Every403).start();
    let broken = club().fault(Fault::Reset).start();
    let members = [
        Member::of(&refusing),
        Member::of(&broken),
        Member::new().env("PSLC_CLUB", "http://127.0.0.1:9"),
    ];
    for member in members {
        let outcome = member.run("doctor");
        assert_ne!(outcome.code, 0, "{outcome:?}");
        outcome.assert_stderr_lacks("padel doctor");
    }
    assert!(
        Member::of(&broken)
            .run("availability")
            .stderr
            .contains("`padel doctor` shows")
    );
}

#[test]
fn it_tells_what_came_of_the_last_sign_in() {
    let club = club().start();
    let member = member(&club);
    fn found(member: &Member) -> (String, String) {
        member.run("doctor --json").check("credentials")
    }
    let untried = found(&member);
    assert!(
        untried.0 == "ok" && untried.1.contains("found, not tried"),
        "{untried:?}"
    );
    member.run("login");
    assert!(
        found(&member).1.contains("found, signed in until 09:30"),
        "{:?}",
        found(&member)
    );
    let known = member.run("doctor --json").check("profile").1;
    assert!(
        known.contains("sign-in: works at this club (assumed)"),
        "{known}"
    );
    let wrong = member.credentials(EMAIL, "wrong");
    wrong.run("login");
    let refused = found(&wrong);
    assert!(
        refused.0 == "warning" && refused.1.contains("found, refused at 09:00"),
        "{refused:?}"
    );
}

#[test]
fn doctor_shows_capture_steps_only_to_those_who_sign_in() {
    let club = club().start();
    fn steps(member: &Member) -> usize {
        list(&member.json("doctor")["capture_steps"]).len()
    }
    let line = "`padel portal learn --help`";
    let stranger = Member::of(&club);
    assert_eq!(steps(&stranger), 0);
    assert_eq!(stranger.run("doctor").stdout.matches(line).count(), 1);
    let member = member(&club);
    assert!(steps(&member) > 0);
    let learned = "[portal.login]\nmethod = \"POST\"\n[portal.bookings]\nitems = \"\"\n";
    let taught = member.file(CONFIG, learned);
    assert_eq!(steps(&taught), 0);
    assert!(!taught.run("doctor").stdout.contains(line));
}

#[test]
fn without_a_cache_it_says_that_no_refusal_is_remembered() {
    let club = club().start();
    let outcome = Member::of(&club).run("doctor --json --no-cache");
    let (health, found) = outcome.check("cache");
    assert_eq!((outcome.code, health.as_str()), (0, "warning"));
    assert!(
        found.contains("nothing remembers that the club refused your password"),
        "{found}"
    );
}

/// A portal whose clock is that many seconds ahead of the machine's.
#[expect(
    clippy::disallowed_methods,
    reason = "the machine's clock is what the doctor looks at"
)]
fn portal_ahead(seconds: i64) -> Host {
    Host::new(move |_| {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970");
        let shown = DateTime::from_timestamp(now.as_secs() as i64 + seconds, 0).expect("a time");
        let date = shown.format("%a, %d %b %Y %H:%M:%S GMT");
        says(
            &format!("200 OK\r\nDate: {date}\r\nSet-Cookie: Jwt=x"),
            "[]",
        )
    })
}

#[test]
fn a_clock_that_differs_from_the_portals_is_told() {
    for (ahead, told) in [
        (0, None),
        (80, None),
        (-80, None),
        (170, Some("s behind the portal's")),
        (-170, Some("s ahead of the portal's")),
        (86_400 * 400, Some("s behind the portal's")),
    ] {
        let host = portal_ahead(ahead);
        let outcome = host
            .member()
            .without("PADEL_NOW")
            .asking_for("UB", "A")
            .run("doctor --json");
        let (health, found) = outcome.check("clock");
        assert_eq!(
            health,
            if told.is_some() { "warning" } else { "ok" },
            "{ahead}: {found}"
        );
        assert_eq!(
            found.contains("the portal's"),
            told.is_some(),
            "{ahead}: {found}"
        );
        assert!(found.contains(told.unwrap_or_default()), "{ahead}: {found}");
    }
}
