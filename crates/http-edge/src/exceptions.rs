//! Hosts that are reached without the proxy, as `NO_PROXY` lists them.
//!
//! Ours and not reqwest's, which cannot say which entry counts, and knows no ports.

use std::net::IpAddr;

use ipnet::IpNet;

/// Returns the entry of a list that names a host: `*`, an address, a network as `10.0.0.0/8`, or a
/// domain, which stands for what is below it too. A port may follow. Commas or spaces are between
/// them.
pub(crate) fn find_exception<'a>(list: &'a str, host: &str, port: u16) -> Option<&'a str> {
    list.split(|char: char| char == ',' || char.is_whitespace())
        .find(|entry| !entry.is_empty() && is_excepted(entry, host, port))
}

fn is_excepted(entry: &str, host: &str, port: u16) -> bool {
    let (name, only) = split_port(entry);
    if only.is_some_and(|only| only != port) {
        return false;
    }
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    if name == "*" {
        return true;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return name.parse() == Ok(ip)
            || name
                .parse()
                .is_ok_and(|network: IpNet| network.contains(&ip));
    }
    let name = name
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    !name.is_empty()
        && host
            .strip_suffix(name.as_str())
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Splits `[::1]:443` and `club.example:443`; an address of IPv6 without brackets has no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excepted(list: &str, host: &str) -> bool {
        find_exception(list, host, 443).is_some()
    }

    #[test]
    fn exceptions_have_the_usual_forms() {
        let club = "riverside.gladstonego.cloud";
        for list in [
            "*",
            "gladstonego.cloud",
            ".gladstonego.cloud",
            "*.gladstonego.cloud",
            "GladstoneGo.Cloud",
            "riverside.gladstonego.cloud",
            "riverside.gladstonego.cloud.",
            "riverside.gladstonego.cloud:443",
            "localhost, .gladstonego.cloud",
            "localhost .gladstonego.cloud",
            "localhost,,\t.gladstonego.cloud:443,",
            "*:443",
        ] {
            assert!(excepted(list, club), "{list}");
        }
        for list in [
            "",
            ",",
            ".",
            "*.",
            "cloud.example",
            "side.gladstonego.cloud",
            "x.riverside.gladstonego.cloud",
            "riverside.gladstonego.cloud:8443",
            "*:80",
            "10.0.0.0/8",
            "riverside",
        ] {
            assert!(!excepted(list, club), "{list}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:443", "10.1.2.3"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("[::1]:443", "[::1]"),
            ("fd00::/8", "[fd00::12]"),
            ("0:0:0:0:0:0:0:1", "[::1]"),
        ] {
            assert!(excepted(list, host), "{list}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "11.0.0.1"),
            ("[::1]:80", "[::1]"),
            (".1.2.3", "10.1.2.3"),
            ("0.1", "10.0.0.1"),
        ] {
            assert!(!excepted(list, host), "{list}");
        }
    }
}
