//! The requests that a command makes: their number, their paths and their contents.

use gladstone_sim::{Club, Fault, Flow};
use serde_json::json;

use crate::harness::{Member, club, list, mode};

pub(crate) const SITES: &str = "/api/configuration/sites";
pub(crate) const ACTIVITIES: &str = "/api/search/activities/";
pub(crate) const ANONYMOUS: &str = "/api/samlauthentication/anonymous";
pub(crate) const SESSIONS: &str = "/api/availability/V2/sessions";

/// The paths that `args` ask for.
pub(crate) fn asked(club: &Club, member: &Member, args: &str) -> Vec<String> {
    let before = club.calls().len();
    member.run(args).assert_success();
    paths_since(club, before)
}

/// The paths of the calls after this many.
pub(crate) fn paths_since(club: &Club, before: usize) -> Vec<String> {
    let calls = club.calls().into_iter().skip(before);
    calls.map(|call| call.path).collect()
}

fn configured(club: &Club) -> Member {
    Member::of(club).asking_for("UB,14", "PADEL60,014A001015")
}

#[test]
fn cold_takes_two_requests_on_one_connection_and_warm_one() {
    let club = club().start();
    let member = configured(&club);
    assert_eq!(asked(&club, &member, "availability"), [ANONYMOUS, SESSIONS]);
    let calls = club.calls();
    assert_eq!(calls[0].connection, calls[1].connection);
    assert_eq!(asked(&club, &member, "availability --days 7"), [SESSIONS]);
}

#[test]
fn availability_asks_for_the_catalogue_once_an_hour() {
    let club = club().start();
    let member = Member::of(&club);
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, SITES, ACTIVITIES, SESSIONS]
    );
    assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
    let later = "2026-11-23T09:59:59Z";
    club.set_now(later);
    let member = member.env("PADEL_NOW", later);
    assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
    let later = "2026-11-23T10:00:00Z";
    club.set_now(later);
    let member = member.env("PADEL_NOW", later);
    assert_eq!(
        asked(&club, &member, "availability"),
        [SITES, ACTIVITIES, SESSIONS]
    );
}

#[test]
fn a_day_old_token_is_not_used() {
    let club = club().start();
    let member = configured(&club);
    assert_eq!(asked(&club, &member, "availability"), [ANONYMOUS, SESSIONS]);
    let later = "2026-11-24T08:59:00Z";
    club.set_now(later);
    let member = member.env("PADEL_NOW", later);
    assert_eq!(asked(&club, &member, "availability"), [ANONYMOUS, SESSIONS]);
}

#[test]
fn what_a_catalogue_lists_again_and_again_is_asked_for_once() {
    let sites = [
        json!({"id": "UB", "name": "University"}),
        json!({"id": "14", "name": "Stadium"}),
    ];
    let sites: Vec<_> = sites.iter().cycle().take(40).collect();
    let activities = vec![json!({"id": "PADEL60", "name": "Padel 60"}); 40];
    let club = club()
        .sites_json(json!(sites).to_string())
        .activities_json(json!(activities).to_string())
        .start();
    let member = Member::of(&club);
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, SITES, ACTIVITIES, SESSIONS]
    );
    let queries: Vec<String> = club.calls().into_iter().map(|call| call.query).collect();
    assert!(
        queries[2].contains("siteIds=UB%2C14&") && queries[3].contains("activityIds=PADEL60&"),
        "{queries:?}"
    );
}

#[test]
fn with_a_configured_site_the_catalogue_is_one_request() {
    let club = club().start();
    let member = Member::of(&club).env("PSLC_SITES", "UB");
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, ACTIVITIES, SESSIONS]
    );
}

#[test]
fn four_weeks_of_nine_activities_at_two_sites_are_one_request() {
    let club = club().activities(9).start();
    let ids: Vec<String> = (4..=9).map(|number| format!("PADELX{number}")).collect();
    let all = format!("PADEL30,PADEL60,PADEL90,{}", ids.join(","));
    let member = Member::of(&club).asking_for("UB,14", &all);
    asked(&club, &member, "availability");
    assert_eq!(asked(&club, &member, "availability --days 28"), [SESSIONS]);
}

#[test]
fn availability_of_sixty_days_joins_two_requests() {
    let club = club().courts(8).activities(9).start();
    let member = Member::of(&club);
    assert_eq!(
        asked(&club, &member, "availability --days 45")
            .last()
            .map(String::as_str),
        Some(SESSIONS)
    );
    assert_eq!(asked(&club, &member, "availability --days 45"), [SESSIONS]);
    assert_eq!(
        asked(&club, &member, "availability --days 60"),
        [SESSIONS, SESSIONS]
    );
    let [all, early, late] = ["--days 60", "--days 40", "--date +40 --days 20"].map(|days| {
        let args = format!("availability --all --activity PADEL60 {days}");
        list(&member.json(args)["slots"]).to_vec()
    });
    assert_eq!(all, [early, late].concat());
    assert_eq!(
        asked(&club, &member, "availability --days 60 --weekday sat"),
        [SESSIONS, SESSIONS]
    );
}

#[test]
fn more_than_fifteen_ids_are_split() {
    let club = club().activities(20).start();
    let ids: Vec<String> = (4..=20).map(|number| format!("PADELX{number}")).collect();
    let member = Member::of(&club).asking_for("UB", &ids.join(","));
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, SESSIONS, SESSIONS]
    );
}

#[test]
fn requests_carry_what_the_portal_wants_and_no_more() {
    let club = club().reject_past_date_from(true).start();
    asked(&club, &configured(&club), "availability");
    let calls = club.calls();
    assert_eq!(calls[0].header("cookie"), None);
    assert_eq!(calls[1].header("x-use-sso"), Some("1"));
    assert!(
        calls[1]
            .header("cookie")
            .is_some_and(|cookie| cookie.starts_with("Jwt=ey"))
    );
    assert!(
        calls[1]
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("padel/"))
    );
    let query = calls[1].query.replace("%3A", ":").replace("%2C", ",");
    assert_eq!(
        query,
        "siteIds=UB,14&activityIds=PADEL60,014A001015&webBookableOnly=true\
         &dateFrom=2026-11-23T09:00:00.000Z&dateTo=2026-11-23T23:59:59.000Z"
    );
}

#[test]
fn names_are_looked_up_and_mean_the_same_as_ids() {
    let club = club().start();
    let member = Member::of(&club);
    let by_id = member.json("availability --site UB --activity PADEL60");
    // The portal's name has two spaces and other capitals.
    let by_name =
        member.json("availability --site 'riverside padel centre' --activity 'padel 30 mins'");
    assert_eq!(by_name["slots"][0]["activity_id"], "PADEL30");
    let by_other_case = member.json("availability --site ub --activity Padel60");
    assert_eq!(by_other_case["slots"], by_id["slots"]);
}

/// Removes a site and an activity from the kept catalogue.
fn forget(member: &Member) {
    for (kind, id) in [("sites", "UB"), ("activities", "PADEL90")] {
        let path = member.cached_file(kind);
        let text = std::fs::read_to_string(&path).expect("the file");
        let mut entry: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let items = entry["value"]["items"].as_array_mut().expect("items");
        items.retain(|item| item["id"] != id);
        std::fs::write(&path, entry.to_string()).expect("written");
    }
}

#[test]
fn a_name_that_the_kept_catalogue_lacks_is_asked_for_once_more() {
    let club = club().start();
    let member = Member::of(&club);
    assert_eq!(asked(&club, &member, "availability").len(), 4);
    forget(&member);
    let new = "availability --activity 'Padel 90 Mins' --site 'Riverside Padel Centre'";
    assert_eq!(asked(&club, &member, new), [SITES, ACTIVITIES, SESSIONS]);
    assert_eq!(
        asked(&club, &member, new),
        [SESSIONS],
        "and is known from then on"
    );
    let before = club.calls().len();
    let unknown =
        member.run("availability --site 'Riverside Padel Centre' --activity 'Padel 91 Mins'");
    unknown.assert_error("not_found", 3);
    assert_eq!(
        club.calls().len() - before,
        2,
        "the portal is asked once, not again and again"
    );
    forget(&member);
    assert_eq!(
        asked(&club, &member, "activities --all"),
        [SITES, ACTIVITIES],
        "whatever is kept"
    );
    assert_eq!(
        asked(&club, &member, "availability"),
        [SESSIONS],
        "and what it got is kept"
    );
}

#[test]
fn a_site_that_lists_nothing_is_looked_up_once_an_hour() {
    let club = club().start();
    let member = Member::of(&club).asking_for("UB,14", "PADEL60");
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, SESSIONS, SITES]
    );
    assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
}

#[test]
fn a_name_in_capitals_is_not_mistaken_for_an_id_for_good() {
    let club = club()
        .activities_json(r#"[{"id":"PADEL60","name":"PADEL","description":null}]"#.to_owned())
        .start();
    let member = Member::of(&club).env("PSLC_SITES", "UB");
    let document = member.json("availability --activity PADEL");
    assert_eq!(document["slots"][0]["activity_id"], "PADEL60");
}

#[test]
fn a_session_that_ended_early_is_renewed_once() {
    let club = club().start();
    let member = configured(&club);
    asked(&club, &member, "availability");
    club.expire_tokens();
    assert_eq!(
        asked(&club, &member, "availability"),
        [SESSIONS, ANONYMOUS, SESSIONS]
    );
    assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
}

#[test]
fn the_first_answer_may_be_a_403() {
    let club = club().fault(Fault::First403).start();
    assert_eq!(
        asked(&club, &configured(&club), "availability"),
        [ANONYMOUS, ANONYMOUS, SESSIONS]
    );
}

#[test]
fn the_older_flow_is_found_and_remembered() {
    let club = club().flow(Flow::Envelope).start();
    let member = configured(&club);
    assert_eq!(
        asked(&club, &member, "availability"),
        [ANONYMOUS, "/validate/tenant/anonymous", SESSIONS]
    );
    let calls = club.calls();
    assert!(
        calls[2]
            .header("authorization")
            .is_some_and(|bearer| bearer.starts_with("Bearer "))
    );
    assert_eq!(calls[2].header("cookie"), None);
    assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
}

#[test]
fn a_redirect_of_the_anonymous_call_keeps_its_cookie() {
    let club = club().redirect_anonymous(true).start();
    let paths = asked(&club, &configured(&club), "availability");
    assert_eq!(
        (
            paths.first().map(String::as_str),
            paths.last().map(String::as_str)
        ),
        (Some(ANONYMOUS), Some(SESSIONS))
    );
    assert_eq!(paths.len(), 3);
}

#[test]
fn compressed_answers_are_read() {
    let club = club().gzip(true).start();
    let member = configured(&club);
    assert!(!list(&member.json("availability")["slots"]).is_empty());
    assert!(
        club.calls()[1]
            .header("accept-encoding")
            .is_some_and(|accepted| accepted.contains("gzip"))
    );
}

#[test]
fn nothing_is_kept_without_a_cache() {
    let club = club().start();
    let member = configured(&club);
    assert_eq!(asked(&club, &member, "availability --no-cache").len(), 2);
    assert!(member.cached().is_empty());
    assert_eq!(asked(&club, &member, "availability").len(), 2);
    assert_eq!(asked(&club, &member, "availability --no-cache").len(), 2);
    // Nothing is listed so far ahead, so the names are looked up again.
    let far = "availability --no-cache --activity 'Padel 60 Mins' --date +100";
    assert_eq!(
        asked(&club, &Member::of(&club), far),
        [ANONYMOUS, SITES, ACTIVITIES, SESSIONS]
    );
}

#[test]
fn clubs_do_not_share_sessions() {
    let (one, other) = (club().start(), club().start());
    let member = configured(&one);
    asked(&one, &member, "availability");
    let member = member.env("PSLC_CLUB", &other.url());
    assert_eq!(
        asked(&other, &member, "availability"),
        [ANONYMOUS, SESSIONS]
    );
    assert_eq!(member.cached().len(), 2);
}

#[test]
fn a_bad_cache_file_counts_as_none_and_is_replaced() {
    let club = club().start();
    let member = configured(&club);
    asked(&club, &member, "availability");
    let [name] = member.cached().try_into().expect("one file");
    let path = member.path(&format!(".cache/pslc-padel/{name}"));
    let good = std::fs::read_to_string(&path).expect("the file");
    let other = good.replace(&club.url(), "https://elsewhere.example");
    for bad in [
        "",
        "{",
        "[]",
        "null",
        &good[..good.len() / 2],
        &good.replace("\"version\":1", "\"version\":0"),
        &other,
    ] {
        std::fs::write(&path, bad).expect("written");
        assert_eq!(
            asked(&club, &member, "availability"),
            [ANONYMOUS, SESSIONS],
            "{bad}"
        );
        assert_eq!(asked(&club, &member, "availability"), [SESSIONS]);
    }
}

#[cfg(unix)]
#[test]
fn the_cache_is_its_owners_alone() {
    let club = club().start();
    let member = Member::of(&club);
    asked(&club, &member, "availability");
    assert_eq!(mode(member.path(".cache/pslc-padel")), 0o700);
    assert_eq!(member.cached().len(), 3);
    for name in member.cached() {
        assert_eq!(
            mode(member.path(&format!(".cache/pslc-padel/{name}"))),
            0o600,
            "{name}"
        );
    }
}

#[test]
fn everything_is_a_get() {
    let club = club().start();
    let member = Member::of(&club);
    for args in ["availability", "activities", "doctor"] {
        asked(&club, &member, args);
    }
    assert!(club.calls().iter().all(|call| call.method == "GET"));
}
