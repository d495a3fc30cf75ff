//! Whatever goes wrong ends in the right code, with one sentence and a hint, within the deadline;
//! what can be retried succeeds.

use std::time::{Duration, Instant};

use gladstone_sim::{Fault, Flow};
use serde_json::Value;

use crate::{
    harness::{Member, Outcome, club, text},
    host::{Host, says},
};

/// Runs `padel availability` against a club with this fault.
fn with(fault: Fault, args: &str) -> Outcome {
    let club = club().fault(fault).start();
    let member = Member::of(&club).asking_for("UB", "PADEL60");
    let started = Instant::now();
    let outcome = member.run(format!("availability --timeout 2 {args}"));
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "past the deadline"
    );
    outcome
}

#[track_caller]
fn fails(fault: Fault, code: &str, exit: i32) -> (String, Value) {
    let name = fault.to_string();
    let outcome = with(fault, "--json");
    assert_eq!(
        (outcome.error(), outcome.code),
        (code, exit),
        "{name}: {outcome:?}"
    );
    let human = with(fault, "");
    assert_eq!(
        (human.error(), human.code),
        (code, exit),
        "{name}: {human:?}"
    );
    let error = outcome.error_json();
    let message = text(&error["message"]).to_owned();
    (message, error["details"].clone())
}

fn works(fault: Fault) -> Outcome {
    let name = fault.to_string();
    let outcome = with(fault, "--json").case(&name);
    outcome.assert_success();
    assert!(
        outcome.json()["summary"]["free"].as_u64() > Some(0),
        "{name}"
    );
    outcome
}

#[test]
fn what_may_pass_is_tried_again() {
    for fault in [Fault::First403, Fault::First503(2), Fault::FirstReset(2)] {
        works(fault);
    }
}

#[test]
fn a_short_wait_is_waited_for() {
    let club = club().start();
    club.push_fault("/api/availability", Fault::Seconds429(1), 1);
    let outcome = Member::of(&club).run("availability --json");
    assert_eq!(
        (outcome.code, outcome.json()["warnings"].clone()),
        (0, serde_json::json!([])),
        "{outcome:?}"
    );
}

#[test]
fn an_answer_that_comes_in_drops_is_waited_for() {
    let club = club().fault(Fault::Drip).start();
    let member = Member::of(&club).asking_for("UB", "PADEL60");
    assert!(member.json("availability")["summary"]["free"].as_u64() > Some(0));
}

#[test]
fn a_refusal_names_the_firewall() {
    let (message, details) = fails(Fault::Every403, "portal_refused", 5);
    assert!(message.contains("403"), "{message}");
    assert_eq!(details["firewall"], false);
    for fault in [Fault::Cloudflare403, Fault::Cloudflare200] {
        let (message, details) = fails(fault, "portal_refused", 5);
        assert!(message.contains("firewall"), "{message}");
        assert_eq!(details["firewall"], true);
    }
    let (message, _) = fails(Fault::After401(0), "login_required", 4);
    assert!(message.contains("401"), "{message}");
}

#[test]
fn too_many_requests_say_when_to_come_back() {
    for fault in [Fault::Seconds429(600), Fault::Date429(600)] {
        let (_, details) = fails(fault, "rate_limited", 7);
        let at = text(&details["retry_at"]);
        assert!(
            ("2026-11-23T09:09:50Z"..="2026-11-23T09:10:10Z").contains(&at),
            "{fault}: {at}"
        );
    }
}

#[test]
fn the_time_to_come_back_is_the_clubs() {
    let now = "2026-07-20T17:30:00Z";
    let club = club().now(now).fault(Fault::Seconds429(600)).start();
    let outcome = Member::of(&club)
        .env("PADEL_NOW", now)
        .run("availability --json");
    let error = outcome.error_json();
    assert_eq!(error["hint"], "come back at 18:40 on Monday 20 July 2026");
    assert_eq!(error["details"]["retry_at"], "2026-07-20T17:40:00Z");
}

#[test]
fn a_404_means_no_club_only_where_a_session_is_to_be_had() {
    let stranger = club().start();
    for path in ["/api/samlauthentication/anonymous", "/validate/"] {
        stranger.push_fault(path, Fault::Status(404), 9);
    }
    Member::of(&stranger)
        .run("availability")
        .assert_error("not_found", 3)
        .assert_stderr_has("is not a Gladstone Go club");
    for path in [
        "/api/configuration/sites",
        "/api/search/activities",
        "/api/availability",
    ] {
        let club = club().start();
        club.push_fault(path, Fault::Status(404), 9);
        Member::of(&club)
            .run("availability")
            .case(path)
            .assert_error("portal_changed", 5)
            .assert_stderr_has(path)
            .assert_stderr_lacks("not a Gladstone");
    }
}

#[test]
fn trouble_of_the_clubs_server_is_not_looked_for_here() {
    for fault in [Fault::Error500, Fault::First503(9)] {
        with(fault, "")
            .assert_error("network", 6)
            .assert_stderr_has("the club's server reports an error (50")
            .assert_stderr_has("try again in some minutes");
    }
}

#[test]
fn trouble_of_the_network_is_called_so() {
    for fault in [
        Fault::Error500,
        Fault::Reset,
        Fault::Truncated,
        Fault::WrongLength,
        Fault::GarbageGzip,
    ] {
        fails(fault, "network", 6);
    }
    let (message, _) = fails(Fault::Never, "timeout", 6);
    assert!(message.contains("2 s"), "{message}");
}

#[test]
fn an_unknown_answer_says_what_was_expected_and_what_came() {
    for (fault, got) in [
        (Fault::NotArray, "an object"),
        (Fault::EmptyBody, "an empty answer"),
        (Fault::ShortLength, "breaks off"),
    ] {
        let (message, details) = fails(fault, "portal_changed", 5);
        assert!(message.contains(got), "{message}");
        assert_eq!(details["endpoint"], "/api/availability/V2/sessions");
        assert_eq!(details["expected"], "a JSON array");
    }
    let (_, details) = fails(Fault::WrongTypes, "portal_changed", 5);
    assert_eq!(details["path"], "[0]", "nothing free would be a lie");
}

#[test]
fn one_bad_element_is_skipped_and_told() {
    let outcome = works(Fault::WrongElement);
    let told = "1 entry of the club's slots could not be read and is left out";
    assert_eq!(outcome.json()["warnings"], serde_json::json!([told]));
    with(Fault::WrongElement, "-v")
        .assert_stderr_has("/sessions: skipped `[")
        .assert_stderr_has("expected an object\n");
    // Sixty days are two requests.
    with(Fault::WrongElement, "--days 60")
        .assert_stderr_has("warning: 2 entries of the club's slots could not be read");
    let human = with(Fault::WrongElement, "");
    assert!(human.stderr.starts_with("warning: "), "{human:?}");
    assert_eq!(with(Fault::WrongElement, "--quiet").stderr, "");
}

#[test]
fn sixty_megabytes_are_read() {
    let club = club().fault(Fault::Huge).start();
    let member = Member::of(&club).asking_for("UB", "PADEL60");
    assert!(member.json("availability")["summary"]["free"].as_u64() > Some(0));
}

#[test]
fn no_request_is_sent_more_than_three_times() {
    for (fault, tries) in [
        (Fault::Error500, 3),
        (Fault::Reset, 3),
        (Fault::Every403, 2),
        (Fault::Never, 1),
    ] {
        let club = club().fault(fault).start();
        let outcome = Member::of(&club).run("availability --timeout 2");
        assert_ne!(outcome.code, 0);
        assert_eq!(club.calls().len(), tries, "{fault}");
    }
}

#[test]
fn an_answer_beyond_the_limit_is_refused() {
    sessions(&format!("{}[]", " ".repeat(64 * 1024 * 1024)))
        .assert_error("portal_changed", 5)
        .assert_stderr_has("64 MiB");
}

#[test]
fn a_page_in_place_of_an_answer_is_called_one() {
    sessions("<!doctype html><title>Riverside</title>")
        .assert_error("portal_changed", 5)
        .assert_stderr_has("an HTML page");
}

/// Runs with these sessions, whatever is asked.
fn sessions(json: &str) -> Outcome {
    let club = club().sessions_json(json.to_owned()).start();
    let member = Member::of(&club).asking_for("UB", "A");
    member.run("availability --json")
}

/// A field with its time at another hour.
fn at(hour: usize, field: &str) -> String {
    field.replace("T18:", &format!("T{hour}:"))
}

fn slot(fields: &str) -> String {
    format!(
        r#"[{{"id":"A","name":"N","siteId":"UB","locations":[{{"locationNameToDisplay":"C",
        "locationDetails":[{{"locationId":"C1"}}],"slots":[{{{fields}}}]}}]}}]"#
    )
}

const START: &str = r#""startTime":"2026-11-23T18:00:00Z""#;
const END: &str = r#""endTime":"2026-11-23T18:59:59Z""#;
const WINDOW: &str =
    r#""bookableFrom":"2026-11-16T00:00:00Z","bookableUntil":"2026-11-23T18:00:00Z""#;

#[test]
fn a_missing_required_field_is_a_changed_portal_with_its_place() {
    for (fields, path) in [
        (
            format!("{END},\"status\":\"Available\""),
            "[0].locations[0].slots[0].startTime",
        ),
        (
            format!("{START},\"status\":\"Available\""),
            "[0].locations[0].slots[0].endTime",
        ),
        (format!("{START},{END}"), "[0].locations[0].slots[0].status"),
        (
            format!("{START},{END},\"status\":null"),
            "[0].locations[0].slots[0].status",
        ),
    ] {
        let outcome = sessions(&slot(&fields)).case(&fields);
        outcome.assert_error("portal_changed", 5);
        let error = outcome.error_json();
        assert_eq!(error["details"]["path"], path);
    }
}

#[test]
fn only_times_status_and_window_are_required() {
    let document = sessions(&slot(&format!(
        "{START},{END},{WINDOW},\"status\":\"Available\""
    )))
    .json();
    let slot = &document["slots"][0];
    assert_eq!(
        (&slot["state"], &slot["end"]),
        (&"free".into(), &"19:00".into())
    );
    assert_eq!(document["warnings"], serde_json::json!([]));
}

#[test]
fn a_window_that_cannot_be_read_makes_no_slot_free() {
    let slots = [
        "\"bookableFrom\":\"2026-11-28T00:00:00\"",
        "\"opensAt\":\"2026-11-28T00:00:00Z\"",
        WINDOW,
    ];
    let slots = slots.iter().enumerate().map(|(hour, window)| {
        format!(
            "{},{},{window},\"status\":\"Available\"",
            at(10 + hour, START),
            at(10 + hour, END)
        )
    });
    let document = sessions(&slot(&slots.collect::<Vec<_>>().join("},{"))).json();
    assert_eq!(
        (
            &document["summary"]["free"],
            &document["summary"]["opens_later"]
        ),
        (&1.into(), &2.into())
    );
    let told = "2 slots not counted as free: the portal does not say when booking opens";
    assert_eq!(document["warnings"], serde_json::json!([told]));
}

#[test]
fn an_unknown_status_is_not_free_and_is_told() {
    let outcome = sessions(&slot(&format!("{START},{END},\"status\":\"OnHold\"")));
    let document = outcome.json();
    assert_eq!(document["summary"]["taken"], 1);
    assert!(
        document["warnings"][0]
            .as_str()
            .is_some_and(|warning| warning.contains("`OnHold`")),
        "{document}"
    );
    // A hostile portal might send any number of them.
    let slots: Vec<String> = (0..99)
        .map(|number| format!("{START},{END},\"status\":\"S{number}\""))
        .collect();
    let document = sessions(&slot(&slots.join("},{"))).json();
    assert_eq!(
        document["warnings"].as_array().map(Vec::len),
        Some(5),
        "{document}"
    );
}

#[test]
fn a_time_that_is_none_is_skipped_unless_there_is_no_other() {
    let bad = r#""startTime":"soon","endTime":"later","status":"Available""#;
    sessions(&slot(bad)).assert_error("portal_changed", 5);
    let both = slot(&format!(
        "{bad}}},{{{START},{END},{WINDOW},\"status\":\"Available\""
    ));
    let document = sessions(&both).json();
    assert_eq!(document["summary"]["free"], 1);
    assert_eq!(
        document["warnings"],
        serde_json::json!(["1 entry of the club's slots could not be read and is left out"])
    );
}

#[test]
fn a_flag_of_newer_portals_says_that_a_window_is_not_open() {
    let fields = format!(
        "{START},{END},\"status\":\"Available\",\"isBeforeTimetableSlotBookablePeriod\":true"
    );
    assert_eq!(sessions(&slot(&fields)).json()["summary"]["opens_later"], 1);
}

#[test]
fn a_host_that_is_no_club_is_not_found() {
    let club = club().flow(Flow::Envelope).start();
    club.push_fault("/validate", Fault::EmptyBody, 9);
    let outcome = Member::of(&club).run("availability");
    assert_eq!(outcome.error(), "portal_changed", "an empty envelope");
}

#[test]
fn unknown_sites_and_activities_are_told_with_the_closest() {
    let club = club().start();
    for (args, closest) in [
        ("--activity 'Padel 61 Mins'", "Padel 60 Mins"),
        ("--activity PADEL66", "PADEL60"),
        ("--site 'Riverside Padel Center'", "Riverside Padel Centre"),
    ] {
        Member::of(&club)
            .run(format!("availability --json {args}"))
            .assert_error("not_found", 3)
            .assert_stderr_has(closest);
    }
    Member::of(&club)
        .env("PSLC_SPORT", "curling")
        .run("availability")
        .assert_error("not_found", 3);
}

#[test]
fn an_unknown_activity_among_known_ones_is_a_warning() {
    let club = club().start();
    let args = "availability --json --activity PADEL60 --activity PADEL66";
    let outcome = Member::of(&club).run(args);
    outcome.assert_success();
    let document = outcome.json();
    assert!(document["summary"]["free"].as_u64() > Some(0));
    assert!(
        document["warnings"][0]
            .as_str()
            .is_some_and(|warning| warning.contains("`PADEL66`")),
        "{document}"
    );
}

#[test]
fn an_unknown_site_is_told_as_an_unknown_activity_is() {
    let club = club().start();
    for more in ["--activity PADEL60 --date fri", "--date fri"] {
        let member = Member::of(&club);
        let outcome = member.run(format!("availability --json --site UB --site ZZ {more}"));
        outcome.assert_success();
        let document = outcome.json();
        assert!(document["summary"]["free"].as_u64() > Some(0));
        assert!(text(&document["warnings"][0]).contains("no site `ZZ`"));
        for sites in ["--site ZZ", "--site ZZ --site YY"] {
            member
                .run(format!("availability --json {sites} {more}"))
                .assert_error("not_found", 3)
                .assert_stderr_has("no site `ZZ`");
        }
    }
}

#[test]
fn an_activity_of_another_site_is_named_as_such() {
    let club = club().start();
    for more in ["--activity PADEL60", "--activity 'Padel 60 Mins'"] {
        Member::of(&club)
            .run(format!("availability --site 14 {more}"))
            .assert_error("not_found", 3)
            .assert_stderr_has(", at the sites asked for, has no activity");
    }
}

#[test]
fn activities_of_an_unknown_site_are_not_found() {
    let club = club().start();
    let outcome = Member::of(&club).run("activities --site 'Riverside Padel Center'");
    outcome
        .assert_error("not_found", 3)
        .assert_stderr_has("Riverside Padel Centre");
    // Here a member looks for the right id: a wrong one in the settings must not be in the way.
    for format in ["table", "markdown"] {
        let outcome =
            Member::of(&club)
                .env("PSLC_SITES", "ZZ")
                .run(["activities", "--format", format]);
        outcome
            .assert_success()
            .assert_stderr_has("no site `ZZ` (from environment)")
            .assert_stdout_has("sites = [\"UB\", \"14\"]");
        let outcome =
            Member::of(&club)
                .env("PSLC_SPORT", "curling")
                .run(["activities", "--format", format]);
        outcome.assert_quiet_success();
        assert!(
            !outcome.stdout.contains("activities = ["),
            "a list of nothing would be all: {outcome:?}"
        );
    }
}

#[test]
fn an_answer_stands_where_the_catalogue_cannot_be_had() {
    for fault in [None, Some(Fault::Every403), Some(Fault::NotArray)] {
        let club = club().sessions_json("[]".to_owned()).start();
        // No club answers there: 404.
        let fault = fault.unwrap_or_else(|| Fault::redirect(format!("{}/api/nowhere", club.url())));
        club.push_fault("/api/configuration", fault, 9);
        club.push_fault("/api/search", fault, 9);
        let outcome = Member::of(&club).run("availability --site UB --activity PADEL60 --json");
        outcome
            .assert_success()
            .assert_stderr_has("could not be looked up");
        assert_eq!(outcome.json()["summary"]["free"], 0);
    }
}

#[test]
fn a_club_that_does_not_list_its_sites_is_asked_by_ids() {
    let club = club().start();
    club.push_fault("/api/configuration", Fault::Status(404), 99);
    let member = Member::of(&club);
    for command in ["availability", "activities"] {
        member
            .run([command])
            .assert_error("portal_changed", 5)
            .assert_stderr_has("`padel availability --site ID --activity ID`");
    }
    let free = member.json("availability --site UB --activity PADEL60")["summary"]["free"].clone();
    assert!(free.as_u64() > Some(0), "{free}");
    let listed = member.json("activities --site UB");
    assert!(
        listed["activities"]
            .as_array()
            .is_some_and(|all| !all.is_empty()),
        "{listed}"
    );
    assert_eq!(
        listed["sites"][0]["id"], "UB",
        "what is printed for config.toml names it"
    );
}

#[test]
fn redirects_to_another_host_are_refused() {
    let other = club().start();
    other.never_called();
    let target = other.url();
    let host = Host::new(move |_| says(&format!("302 Found\r\nLocation: {target}/api"), ""));
    Member::new()
        .run(format!("availability --club {}", host.url))
        .assert_error("portal_changed", 5);
}

#[test]
fn a_catalogue_with_gaps_calls_nothing_absent() {
    let gap = r#"{"id": ["PADEL60"], "name": "Padel 60 Mins"}"#;
    let golf = r#"{"id": "GOLF", "name": "Golf"}"#;
    let broken = club().activities_json(format!("[{golf}, {gap}]")).start();
    let outcome = Member::of(&broken).run("availability");
    outcome.assert_error("portal_changed", 5);
    let listed = Member::of(&broken).run("activities --json");
    listed.assert_success();
    assert_eq!(
        listed.json()["warnings"].as_array().map(Vec::len),
        Some(1),
        "{listed:?}"
    );
    listed.assert_stderr_has("1 entry of the club's activities could not be read");
    Member::of(&broken)
        .run("activities -v")
        .assert_stderr_has("skipped `[1].id`");

    let enough = club()
        .activities_json(format!(
            r#"[{gap}, {{"id": "PADEL90", "name": "Padel 90 Mins"}}]"#
        ))
        .start();
    let outcome = Member::of(&enough).run("availability --date tomorrow");
    outcome.assert_success();
    assert!(
        outcome.stderr.starts_with("warning: ") && outcome.stderr.lines().count() == 1,
        "{outcome:?}"
    );
}
