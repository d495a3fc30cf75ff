//! The machine's part: cache, proxy, trusted certificates.

use std::{io, path::Path};

use http_edge::{PROXY_FORM, Proxy, Route, find_route, load_roots, proxy_variables};

use crate::{
    commands::Context,
    config::{Club, Environment, private},
    output::Check,
};

/// The loss without a cache.
const WITHOUT_CACHE: &str = "every call asks for a new session, and nothing remembers that the \
                             club refused your password: each call for bookings sends it again, \
                             which may lock the account";

pub(super) fn check(club: Option<&Club>, context: &Context<'_>) -> [Check; 3] {
    [
        check_cache(context.cache.as_deref()),
        check_proxy(club, context.env),
        check_certificates(context.env),
    ]
}

fn check_cache(dir: Option<&Path>) -> Check {
    let Some(dir) = dir else {
        let found = format!("none (no home directory, or --no-cache): {WITHOUT_CACHE}");
        return Check::warning("cache", found);
    };
    let path = dir.display();
    match probe_writing(dir) {
        Ok(()) => Check::ok("cache", path.to_string()),
        Err(error) => {
            let found = format!("{path} cannot be written ({error}): {WITHOUT_CACHE}");
            Check::warning("cache", found)
        }
    }
}

fn probe_writing(dir: &Path) -> io::Result<()> {
    private::own_dir(dir)?;
    tempfile::tempfile_in(dir).map(drop)
}

/// Checks the proxies that the environment names, and whether one is used for this club.
fn check_proxy(club: Option<&Club>, env: &Environment) -> Check {
    let variables = |name: &str| env.get(name).map(Into::into);
    let mut named = Vec::new();
    for (variable, value) in proxy_variables(&variables) {
        // Only the first counts.
        named.push(match Proxy::parse(variable, &value) {
            _ if !named.is_empty() => format!("{variable} is ignored: only the first counts"),
            Ok(proxy) if proxy.has_user() => {
                format!("{variable} is {}, with a user name", proxy.shown())
            }
            Ok(proxy) => format!("{variable} is {}", proxy.shown()),
            Err(_) => {
                format!("{variable} is set, but padel cannot use its value as a proxy's address")
            }
        });
    }
    let mut found = named.join(", ");
    if named.is_empty() {
        found.push_str("none");
    }
    let Some(club) = club else {
        return Check::ok("proxy", found);
    };
    let host = club.host();
    match find_route(club.base(), &variables) {
        Ok(Route::Direct) => {}
        Ok(Route::Through(_)) => found.push_str(&format!("; used for {host}")),
        Ok(Route::ThisMachine) => {
            let why = "plain http is for this machine only";
            found.push_str(&format!("; not used for {host}: {why}"));
        }
        Ok(Route::Excepted { variable, entry }) => {
            let why = format!("{variable} names it (`{entry}`)");
            found.push_str(&format!("; not used for {host}: {why}"));
        }
        Err(error) => {
            found.push_str(&format!("; {error}: {PROXY_FORM}"));
            return Check::failed("proxy", found);
        }
    }
    Check::ok("proxy", found)
}

fn check_certificates(env: &Environment) -> Check {
    let sources = load_roots(&|name| env.get(name).map(Into::into)).1;
    let found: Vec<String> = sources
        .iter()
        .map(|source| match &source.roots {
            Ok(count) => format!("{count} from {}", source.name),
            Err(reason) => format!("{} {reason}", source.name),
        })
        .collect();
    let found = found.join(", ");
    if sources.iter().all(|source| source.roots.is_ok()) {
        Check::ok("trusted certificates", found)
    } else {
        Check::warning("trusted certificates", found)
    }
}
