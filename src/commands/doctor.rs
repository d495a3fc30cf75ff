//! `padel doctor`: what was found, where it was looked for, and what works. Never a secret.

use std::path::Path;

use chrono::{DateTime, Utc};
use http_edge::{PROXY_FORM, Proxy, Route, find_route, load_roots, proxy_variables};

use super::{Context, availability, choose::matched, explained};
use crate::{
    cli,
    config::{Club, Environment, Flags, Looked, Origin, Settings, private},
    courts::Day,
    error::Error,
    gladstone::{self, Flow, LastSignIn, Portal, Profile, Status},
    learn::CAPTURE_STEPS,
    local,
    output::{Check, Doctor, Health},
    text,
};

/// The longest finding.
const FOUND: usize = 2000;
/// What is lost without a cache.
const WITHOUT_CACHE: &str = "every call asks for a session, and nothing remembers that a password was refused, so that \
                             each call for bookings sends it again and may get the account locked";

/// What `padel availability` asks without options.
const TODAY: cli::Availability = cli::Availability {
    date: Day::Ahead(0),
    days: None,
    duration: None,
    from: None,
    to: None,
    weekday: Vec::new(),
    site: Vec::new(),
    activity: Vec::new(),
    all: false,
};

pub(super) async fn run(flags: &Flags, context: &Context<'_>) -> Doctor {
    let mut checks = vec![check("padel", Health::Good, env!("CARGO_PKG_VERSION"))];
    let mut steps: &'static [&'static str] = &[];
    let (looked, failure) = match Settings::load(flags, context.env) {
        Err(error) => {
            checks.push(check("settings", Health::Bad, &error.message));
            machine(&mut checks, None, context);
            (Vec::new(), Some(error))
        }
        Ok(settings) => {
            told(&mut checks, &settings);
            let about_members = checks.len();
            machine(&mut checks, settings.club().ok(), context);
            let portal = context.portal(&settings);
            let failure = match &portal {
                Ok(portal) => works(&mut checks, portal, &settings, context).await.err(),
                Err(error) => {
                    checks.push(check("portal", Health::Bad, &error.message));
                    None
                }
            };
            // Asked last: what was sent above may have signed in.
            let last = last_sign_in(portal.as_ref().ok(), &settings);
            let profile = Profile::new(&settings.portal);
            let assumed = profile.as_ref().is_ok_and(|profile| {
                ["login", "bookings"]
                    .iter()
                    .any(|group| profile.is_assumed(group))
            });
            if assumed && settings.discovery.credentials.is_some() {
                steps = &CAPTURE_STEPS;
            }
            let members = [
                credentials(&settings, &last),
                self::profile(profile, &last, assumed && steps.is_empty()),
            ];
            checks.splice(about_members..about_members, members);
            let failure = failure
                .or(portal.err())
                .map(|error| explained(error, &settings));
            (
                [settings.discovery.looked, settings.looked].concat(),
                failure,
            )
        }
    };
    let looked = looked
        .into_iter()
        .map(|file| Looked {
            place: text::line(&file.place, FOUND),
            ..file
        })
        .collect();
    Doctor {
        checks,
        looked,
        steps,
        failure: failure.map(without_doctor),
    }
}

/// Nobody who reads the doctor's report is to be sent to the doctor.
fn without_doctor(error: Error) -> Error {
    if !error.hint.contains("`padel doctor`") {
        return error;
    }
    Error {
        hint: "the report shows the proxy, the trusted certificates and what was reached"
            .to_owned(),
        ..error
    }
}

fn check(name: &'static str, health: Health, found: impl Into<String>) -> Check {
    // Names of files and variables may be anybody's.
    Check {
        name,
        health,
        found: text::line(&found.into(), FOUND),
    }
}

fn last_sign_in(portal: Option<&Portal>, settings: &Settings) -> LastSignIn {
    match (portal, settings.credentials()) {
        (Some(portal), Ok(credentials)) => portal.last_sign_in(credentials),
        _ => LastSignIn::Unknown,
    }
}

/// Whether there is somebody to sign in as, and what came of it last. Not tried for its own sake:
/// too many failures lock an account.
fn credentials(settings: &Settings, last: &LastSignIn) -> Check {
    if let Some(obstacle) = settings.discovery.obstacle() {
        return check(
            "credentials",
            Health::Bad,
            format!("{}; only bookings need them", obstacle.message),
        );
    }
    let Some(credentials) = &settings.discovery.credentials else {
        let unreadable = settings.discovery.unreadable();
        let health = if unreadable.is_empty() {
            Health::Good
        } else {
            Health::Odd
        };
        let found = [
            &["none found; only bookings need them".to_owned()],
            unreadable,
        ]
        .concat()
        .join("; ");
        return check("credentials", health, found);
    };
    let clock =
        |time: &DateTime<Utc>| local::format_clock(time.with_timezone(&settings.timezone.value));
    let (mut health, tried) = match last {
        LastSignIn::Unknown => (Health::Good, "not tried".to_owned()),
        LastSignIn::Worked { until } => (Health::Good, format!("signed in until {}", clock(until))),
        LastSignIn::Failed { how, at } => (Health::Odd, format!("{how} at {}", clock(at))),
    };
    let mut found = format!(
        "e-mail and password found, {tried} (from {})",
        credentials.origin
    );
    for warning in credentials.warning().iter().chain(credentials.notes()) {
        health = Health::Odd;
        found = format!("{found}; {warning}");
    }
    check("credentials", health, found)
}

/// How sure each part of the profile is; with `teach`, how to learn more.
fn profile(profile: Result<Profile, Error>, last: &LastSignIn, teach: bool) -> Check {
    let profile = match profile {
        Ok(profile) => profile,
        Err(error) => return check("profile", Health::Bad, error.message),
    };
    let signed_in = matches!(last, LastSignIn::Worked { .. });
    let part = |name: &str, groups: &[&str], worked: bool| {
        let entries = profile
            .entries()
            .filter(|(entry, _)| groups.contains(&entry.split('.').next().unwrap_or(entry)));
        let statuses: Vec<Status> = entries.map(|(_, entry)| entry.status).collect();
        // What was learned of a group is what matters of it; the rest is the form that goes with
        // it.
        let known = [Status::Learned, Status::Assumed, Status::Confirmed];
        let status = known
            .into_iter()
            .find(|status| statuses.contains(status))
            .unwrap_or(Status::Assumed);
        let words = match status {
            Status::Confirmed => "known to work at several clubs",
            Status::Learned => "as [portal] in config.toml has it",
            Status::Assumed if worked => "works at this club",
            Status::Assumed => "not yet known to work at this club",
        };
        format!("{name}: {words} ({})", status.name())
    };
    let mut parts = vec![
        part("courts", &["anonymous"], false),
        part("sign-in", &["login", "token"], signed_in),
        part("bookings", &["bookings"], false),
    ];
    if teach {
        parts.push(
            "`padel portal learn --help` says how to teach padel a club's sign-in and bookings"
                .to_owned(),
        );
    }
    check("profile", Health::Good, parts.join("; "))
}

/// The settings and where each came from.
fn told(checks: &mut Vec<Check>, settings: &Settings) {
    let Settings {
        club,
        timezone,
        sites,
        activities,
        sport,
        ..
    } = settings;
    checks.push(match club {
        Some(club) => setting("club", club.value.base().as_str(), &club.origin),
        None => check("club", Health::Bad, "not set"),
    });
    checks.push(setting("timezone", timezone.value.name(), &timezone.origin));
    let list = |ids: &[String], none: &str| {
        if ids.is_empty() {
            none.to_owned()
        } else {
            ids.join(", ")
        }
    };
    checks.push(setting("sites", &list(&sites.value, "all"), &sites.origin));
    checks.push(setting(
        "activities",
        &list(&activities.value, "those of the sport"),
        &activities.origin,
    ));
    checks.push(setting("sport", &sport.value, &sport.origin));
}

fn setting(name: &'static str, value: &str, origin: &Origin) -> Check {
    let from = if matches!(origin, Origin::Default) {
        ""
    } else {
        "from "
    };
    check(name, Health::Good, format!("{value} ({from}{origin})"))
}

/// What the machine contributes: cache, proxy, trusted certificates.
fn machine(checks: &mut Vec<Check>, club: Option<&Club>, context: &Context<'_>) {
    checks.push(match &context.cache {
        None => check(
            "cache",
            Health::Odd,
            format!("none (no home directory, or --no-cache): {WITHOUT_CACHE}"),
        ),
        Some(dir) => match writable(dir) {
            Ok(()) => check("cache", Health::Good, dir.display().to_string()),
            Err(error) => check(
                "cache",
                Health::Odd,
                format!(
                    "{} cannot be written ({error}): {WITHOUT_CACHE}",
                    dir.display()
                ),
            ),
        },
    });
    checks.push(proxy(club, context.env));
    let sources = load_roots(&|name| context.env.get(name).map(Into::into)).1;
    let health = if sources.iter().all(|source| source.roots.is_ok()) {
        Health::Good
    } else {
        Health::Odd
    };
    let found: Vec<String> = sources
        .iter()
        .map(|source| match &source.roots {
            Ok(count) => format!("{count} from {}", source.name),
            Err(reason) => format!("{} {reason}", source.name),
        })
        .collect();
    checks.push(check("trusted certificates", health, found.join(", ")));
}

/// Asks the portal what `padel availability` asks for today, in the same way. Where the club shows
/// courts to members only that may sign in, under the same limits.
///
/// # Errors
///
/// What `padel availability` fails with.
async fn works(
    checks: &mut Vec<Check>,
    portal: &Portal,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<(), Error> {
    let answer = context
        .within(availability::ask(&TODAY, settings, context, portal))
        .await;
    let asked = portal.opened_session();
    if let Err(error) = &answer
        && asked.is_none()
        && !portal.has_session()
    {
        checks.push(check("portal", Health::Bad, &error.message));
        return answer.map(drop);
    }
    // A kept session says nothing of how a new visitor fares.
    let visitor = match asked {
        Some(visitor) => Ok(visitor),
        None => {
            context
                .within(async { Ok(portal.open_session().await?) })
                .await
        }
    };
    let shows = match &answer {
        Err(_) => "gives visitors a session",
        Ok(_) if portal.is_signed_in() => "shows courts to signed-in members only",
        Ok(_) => "shows courts without signing in",
    };
    checks.push(match &visitor {
        Ok((Flow::Cookie, _)) => check("portal", Health::Good, format!("{shows} (cookie)")),
        Ok((Flow::Envelope, _)) => check(
            "portal",
            Health::Good,
            format!("{shows} (sealed token, the older way)"),
        ),
        Err(_) if portal.is_signed_in() => check("portal", Health::Good, shows),
        Err(error) => {
            let found = format!(
                "gives no new session, only the kept one is still good: {}",
                error.message
            );
            check("portal", Health::Odd, found)
        }
    });
    checks.push(clock(
        visitor.ok().and_then(|(_, date)| date),
        settings,
        context,
    ));
    let report = answer
        .inspect_err(|error| checks.push(check("availability", Health::Bad, &error.message)))?;
    let summary = &report.answer.summary;
    let health = if report.warnings.is_empty() {
        Health::Good
    } else {
        Health::Odd
    };
    let mut found = format!(
        "today: {} free, {} not open yet, {} taken, {} closed",
        summary.free, summary.opens_later, summary.taken, summary.closed
    );
    for warning in &report.warnings {
        found.push_str("; ");
        found.push_str(warning);
    }
    checks.push(check("availability", health, found));
    // Availability does without the catalogue where ids are set.
    checks.push(match context.within(matched(portal, settings)).await {
        Ok((_, names)) => check("matched", Health::Good, names.join(", ")),
        Err(error) => check("matched", Health::Odd, error.message),
    });
    Ok(())
}

/// Our clock, held against the portal's.
fn clock(portal: Option<DateTime<Utc>>, settings: &Settings, context: &Context<'_>) -> Check {
    let local = context
        .now
        .with_timezone(&settings.timezone.value)
        .format("%A %Y-%m-%d %H:%M:%S %Z");
    let skew = portal.map_or(0, |portal| (context.now - portal).num_seconds());
    if context.env.get("PADEL_NOW").is_some() {
        check("clock", Health::Odd, format!("{local}, fixed by PADEL_NOW"))
    } else if skew.abs() > gladstone::SKEW {
        let side = if skew > 0 { "ahead of" } else { "behind" };
        check(
            "clock",
            Health::Odd,
            format!("{local}, {} s {side} the portal's", skew.abs()),
        )
    } else {
        check("clock", Health::Good, local.to_string())
    }
}

fn writable(dir: &Path) -> std::io::Result<()> {
    private::own_dir(dir)?;
    tempfile::tempfile_in(dir).map(drop)
}

/// The proxies that the environment names, and whether one is used for this club.
fn proxy(club: Option<&Club>, env: &Environment) -> Check {
    let variables = |name: &str| env.get(name).map(Into::into);
    let mut named = Vec::new();
    for (variable, value) in proxy_variables(&variables) {
        // Only the first counts.
        named.push(match Proxy::parse(variable, &value) {
            _ if !named.is_empty() => format!("{variable} does not count beside it"),
            Ok(proxy) if proxy.has_user() => {
                format!("{variable} is {}, with a user name", proxy.shown())
            }
            Ok(proxy) => format!("{variable} is {}", proxy.shown()),
            Err(_) => {
                format!("{variable} is set, but is not the address of a proxy that padel can use")
            }
        });
    }
    let named = if named.is_empty() {
        "none".to_owned()
    } else {
        named.join(", ")
    };
    let Some(club) = club else {
        return check("proxy", Health::Good, named);
    };
    let host = club.host();
    let (health, used) = match find_route(club.base(), &variables) {
        Ok(Route::Direct) => (Health::Good, String::new()),
        Ok(Route::Through(_)) => (Health::Good, format!("; used for {host}")),
        Ok(Route::ThisMachine) => (
            Health::Good,
            format!("; not used for {host}: plain http is for this machine only"),
        ),
        Ok(Route::Excepted { variable, entry }) => (
            Health::Good,
            format!("; not used for {host}: {variable} names it (`{entry}`)"),
        ),
        Err(error) => (Health::Bad, format!("; {error}: {PROXY_FORM}")),
    };
    check("proxy", health, named + &used)
}
