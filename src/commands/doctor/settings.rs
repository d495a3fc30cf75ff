//! The settings in force, and where each came from.

use crate::{
    config::{Origin, Settings},
    output::Check,
};

pub(super) fn check(settings: &Settings) -> [Check; 5] {
    let Settings {
        club,
        timezone,
        sites,
        activities,
        sport,
        ..
    } = settings;
    [
        match club {
            Some(club) => setting("club", club.value.base().as_str(), &club.origin),
            None => Check::failed("club", "not set"),
        },
        setting("timezone", timezone.value.name(), &timezone.origin),
        setting("sites", &list_ids(&sites.value, "all"), &sites.origin),
        setting(
            "activities",
            &list_ids(&activities.value, "those of the sport"),
            &activities.origin,
        ),
        setting("sport", &sport.value, &sport.origin),
    ]
}

fn list_ids(ids: &[String], none: &str) -> String {
    if ids.is_empty() {
        none.to_owned()
    } else {
        ids.join(", ")
    }
}

fn setting(name: &'static str, value: &str, origin: &Origin) -> Check {
    let from = if matches!(origin, Origin::Default) {
        ""
    } else {
        "from "
    };
    Check::ok(name, format!("{value} ({from}{origin})"))
}
