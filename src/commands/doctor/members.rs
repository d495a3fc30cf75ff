//! The credentials, and how sure padel is of the members' side of the portal.

use chrono::{DateTime, Utc};

use crate::{
    config::Settings,
    error::Error,
    gladstone::{LastSignIn, Profile, Status},
    local,
    output::{Check, Health},
};

/// Checks whether there is somebody to sign in as, and what came of it last. Does not sign in: too
/// many failures lock an account.
pub(super) fn check_credentials(settings: &Settings, last: &LastSignIn) -> Check {
    let name = "credentials";
    let discovery = &settings.discovery;
    if let Some(obstacle) = discovery.obstacle() {
        let found = format!("{}; only bookings need them", obstacle.message);
        return Check::failed(name, found);
    }
    let Some(credentials) = &discovery.credentials else {
        let mut found = vec!["none found; only bookings need them".to_owned()];
        found.extend_from_slice(discovery.unreadable());
        return Check::new(name, warning_if(found.len() > 1), found.join("; "));
    };
    let clock =
        |time: &DateTime<Utc>| local::format_clock(time.with_timezone(&settings.timezone.value));
    let (has_failed, tried) = match last {
        LastSignIn::Unknown => (false, "not tried".to_owned()),
        LastSignIn::Worked { until } => (false, format!("signed in until {}", clock(until))),
        LastSignIn::Failed { how, at } => (true, format!("{how} at {}", clock(at))),
    };
    let source = &credentials.origin;
    let mut found = vec![format!(
        "e-mail and password found, {tried} (from {source})"
    )];
    found.extend(credentials.warning());
    found.extend_from_slice(credentials.notes());
    let health = warning_if(has_failed || found.len() > 1);
    Check::new(name, health, found.join("; "))
}

/// Checks how sure each part of the profile is. `says_how` adds how to learn more.
pub(super) fn check_profile(
    profile: Result<Profile, Error>,
    last: &LastSignIn,
    says_how: bool,
) -> Check {
    let profile = match profile {
        Ok(profile) => profile,
        Err(error) => return Check::failed("profile", error.message),
    };
    let signed_in = matches!(last, LastSignIn::Worked { .. });
    let mut parts = vec![
        describe_part(&profile, "courts", &["anonymous"], false),
        describe_part(&profile, "sign-in", &["login", "token"], signed_in),
        describe_part(&profile, "bookings", &["bookings"], false),
    ];
    if says_how {
        let how =
            "`padel portal learn --help` says how to teach padel a club's sign-in and bookings";
        parts.push(how.to_owned());
    }
    Check::ok("profile", parts.join("; "))
}

fn describe_part(profile: &Profile, name: &str, groups: &[&str], has_worked: bool) -> String {
    let statuses: Vec<Status> = profile
        .entries()
        .filter(|(entry, _)| groups.contains(&entry.split('.').next().unwrap_or(entry)))
        .map(|(_, entry)| entry.status)
        .collect();
    // What was learned of a group is what matters of it; the rest is the form that goes with it.
    let status = [Status::Learned, Status::Assumed, Status::Confirmed]
        .into_iter()
        .find(|status| statuses.contains(status))
        .unwrap_or(Status::Assumed);
    let words = match status {
        Status::Confirmed => "known to work at several clubs",
        Status::Learned => "as [portal] in config.toml has it",
        Status::Assumed if has_worked => "works at this club",
        Status::Assumed => "not yet known to work at this club",
    };
    format!("{name}: {words} ({})", status.name())
}

const fn warning_if(is_odd: bool) -> Health {
    if is_odd { Health::Warning } else { Health::Ok }
}
