//! Sites, groups and activities.

use gladstone_sim::Club;

use crate::http::{Answer, visit};

const SEARCH: &str = "/api/search/activities/";

fn ids(answer: &Answer) -> Vec<String> {
    answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn activities_are_found_by_site_and_way_of_booking() {
    let club = Club::builder().start();
    let padel = visit(&club, &format!("{SEARCH}?siteIds=UB&webBookableOnly=true"));
    assert_eq!(ids(&padel), ["PADEL30", "PADEL60", "PADEL90"]);
    assert_eq!(padel.json()[0]["name"], "Padel  30 Mins");
    assert_eq!(padel.json()[0]["description"], "");
    assert_eq!(ids(&visit(&club, &format!("{SEARCH}?SITEIDS=UB"))).len(), 4);
    assert_eq!(
        ids(&visit(
            &club,
            &format!("{SEARCH}?siteIds=UB,14&webbookableonly=True")
        ))
        .len(),
        7
    );
    assert_eq!(
        ids(&visit(&club, "/api/search/activities?siteIds=14"))[0],
        "014A001015"
    );
    assert_eq!(ids(&visit(&club, &format!("{SEARCH}?siteIds=ub"))).len(), 0);
}

#[test]
fn groups_and_sites_are_listed() {
    let club = Club::builder().start();
    let groups = visit(&club, "/api/configuration/activity-groups");
    assert_eq!(ids(&groups), ["PADEL", "RACKET", "SPHALL"]);
    assert_eq!(groups.json()[0]["description"], "Padel");
    let sites = visit(
        &club,
        "/api/configuration/sites?includeFacilitiesAndAmenities=true&isActive=true",
    );
    assert_eq!(ids(&sites), ["UB", "14"]);
    assert_eq!(sites.json()[0]["address"]["postalCode"], "RV1 4PC");
}

#[test]
fn more_activities_are_over_the_same_courts() {
    let club = Club::builder().activities(9).courts(6).start();
    assert_eq!(
        ids(&visit(
            &club,
            &format!("{SEARCH}?siteIds=UB&webBookableOnly=true")
        ))
        .len(),
        9
    );
}

#[test]
fn either_list_can_be_any_text() {
    let club = Club::builder()
        .activities_json("[{\"id\":\"X\"}]")
        .sites_json("{")
        .start();
    assert_eq!(ids(&visit(&club, SEARCH)), ["X"]);
    assert_eq!(visit(&club, "/api/configuration/sites").text(), "{");
}
