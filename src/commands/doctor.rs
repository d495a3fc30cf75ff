//! `padel doctor`: what was found, where it was looked for, and what works. Never a secret.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use reqwest::Url;

use super::{Context, choose::matched};
use crate::{
    config::{DEFAULT, Flags, Looked, Settings, private},
    error::Error,
    gladstone::{self, Flow, Profile, learn::CAPTURE_STEPS},
    output::{Check, Doctor, Health},
    text,
};

/// The longest finding.
const FOUND: usize = 2000;
/// The portal's clock and ours may differ by this much, in seconds.
const SKEW: i64 = 120;

pub(super) async fn run(flags: &Flags, context: &Context<'_>) -> Doctor {
    let mut checks = vec![check("padel", Health::Good, env!("CARGO_PKG_VERSION"))];
    let mut steps: &'static [&'static str] = &[];
    let (looked, failure) = match Settings::load(flags, context.env) {
        Err(error) => {
            checks.push(check("settings", Health::Bad, &error.message));
            machine(&mut checks, context);
            (Vec::new(), Some(error))
        }
        Ok(settings) => {
            told(&mut checks, &settings);
            checks.push(credentials(&settings));
            checks.push(profile(&settings));
            if settings.portal.is_empty() {
                steps = &CAPTURE_STEPS;
            }
            machine(&mut checks, context);
            let failure = context.within(portal(&mut checks, &settings, context)).await.err();
            if let Some(error) = &failure {
                checks.push(check("portal", Health::Bad, &error.message));
            }
            ([settings.discovery.looked, settings.looked].concat(), failure)
        }
    };
    let looked = looked.into_iter().map(|file| Looked { place: text::line(&file.place, FOUND), ..file }).collect();
    Doctor { checks, looked, steps, failure }
}

fn check(name: &'static str, health: Health, found: impl Into<String>) -> Check {
    // Names of files and variables may be anybody's.
    Check { name, health, found: text::line(&found.into(), FOUND) }
}

/// Whether there is somebody to sign in as. Not tried here: too many failures lock an account.
fn credentials(settings: &Settings) -> Check {
    match &settings.discovery.credentials {
        None => check("credentials", Health::Good, "none found; only bookings need them"),
        Some(credentials) => match credentials.warning() {
            Some(warning) => check("credentials", Health::Odd, warning),
            None => check("credentials", Health::Good, format!("e-mail and password from {}", credentials.source)),
        },
    }
}

/// How sure each group of the profile is, such as `login assumed`.
fn profile(settings: &Settings) -> Check {
    let profile = match Profile::new(&settings.portal) {
        Ok(profile) => profile,
        Err(error) => return check("profile", Health::Bad, error.message),
    };
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, entry) in profile.entries() {
        let group = name.split('.').next().unwrap_or(name);
        groups.entry(group).or_default().insert(entry.status.name());
    }
    let known = groups.into_iter().map(|(group, statuses)| {
        let statuses: Vec<&str> = statuses.into_iter().collect();
        format!("{group} {}", statuses.join(" and "))
    });
    check("profile", Health::Good, known.collect::<Vec<_>>().join(", "))
}

/// The settings and where each came from.
fn told(checks: &mut Vec<Check>, settings: &Settings) {
    let Settings { club, timezone, sites, activities, sport, .. } = settings;
    checks.push(match club {
        Some(club) => setting("club", club.value.base().as_str(), &club.source),
        None => check("club", Health::Bad, "not set"),
    });
    checks.push(setting("timezone", timezone.value.name(), &timezone.source));
    let list = |ids: &[String], none: &str| if ids.is_empty() { none.to_owned() } else { ids.join(", ") };
    checks.push(setting("sites", &list(&sites.value, "all"), &sites.source));
    checks.push(setting("activities", &list(&activities.value, "those of the sport"), &activities.source));
    checks.push(setting("sport", &sport.value, &sport.source));
}

fn setting(name: &'static str, value: &str, source: &str) -> Check {
    let source = if source == DEFAULT { source.to_owned() } else { format!("from {source}") };
    check(name, Health::Good, format!("{value} ({source})"))
}

/// What the machine contributes: cache, proxy, trust roots.
fn machine(checks: &mut Vec<Check>, context: &Context<'_>) {
    checks.push(match &context.cache {
        None => check("cache", Health::Odd, "none (no home directory, or --no-cache): every call asks for a session"),
        Some(dir) => match writable(dir) {
            Ok(()) => check("cache", Health::Good, dir.display().to_string()),
            Err(error) => check("cache", Health::Odd, format!("{} cannot be written ({error})", dir.display())),
        },
    });
    let proxies: Vec<String> = gladstone::proxy_variables(context.env)
        .map(|(name, value)| format!("{name} is {}", without_user_info(&value.to_string_lossy())))
        .collect();
    let proxy = if proxies.is_empty() { "none".to_owned() } else { proxies.join(", ") };
    checks.push(check("proxy", Health::Good, proxy));
    let sources = gladstone::roots(context.env).1;
    let health = if sources.iter().all(|source| source.roots.is_ok()) { Health::Good } else { Health::Odd };
    let found: Vec<String> = sources
        .iter()
        .map(|source| match &source.roots {
            Ok(count) => format!("{count} from {}", source.name),
            Err(reason) => format!("{} unreadable ({reason})", source.name),
        })
        .collect();
    checks.push(check("trust roots", health, found.join(", ")));
}

/// Asks the portal what `padel availability` would ask.
async fn portal(checks: &mut Vec<Check>, settings: &Settings, context: &Context<'_>) -> Result<(), Error> {
    let portal = context.portal(settings)?;
    let (flow, date) = portal.sign_in_anonymously().await?;
    let flow = match flow {
        Flow::Cookie => "cookie",
        Flow::Envelope => "sealed token, the older way",
    };
    checks.push(check("portal", Health::Good, format!("lets anonymous visitors in ({flow})")));
    let local = context.now.with_timezone(&settings.timezone.value).format("%A %Y-%m-%d %H:%M:%S %Z");
    let skew = date.map_or(0, |date| (context.now - date).num_seconds());
    checks.push(if context.env.get("PADEL_NOW").is_some() {
        check("clock", Health::Odd, format!("{local}, fixed by PADEL_NOW"))
    } else if skew.abs() > SKEW {
        check("clock", Health::Odd, format!("{local}, {skew} s off the portal's"))
    } else {
        check("clock", Health::Good, local.to_string())
    });
    let (_, names) = matched(&portal, settings).await?;
    checks.push(check("matched", Health::Good, names.join(", ")));
    Ok(())
}

fn writable(dir: &Path) -> std::io::Result<()> {
    private::own_dir(dir)?;
    tempfile::tempfile_in(dir).map(drop)
}

/// A proxy's address as it may be shown.
fn without_user_info(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.host_str().is_some() => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
        }
        _ => "set, but not a URL".to_owned(),
    }
}
