//! Which club: a label or an address, and the only base URL that anything is ever sent to.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use reqwest::Url;
use thiserror::Error;

use crate::local::format_rfc3339;

/// The domain behind a club's label in its host name.
pub const DOMAIN: &str = ".gladstonego.cloud";

/// The characters that a path's segment does not hold as they are: all that an address, Markdown or
/// a calendar gives a meaning to.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The usual length of a slot's page, for its place in memory.
const PAGE: usize = 256;

/// A club's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Club {
    base: Url,
    /// The name for people; `None` where none is set.
    title: Option<String>,
}

/// The reason why a text does not name a club.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ClubError {
    /// Neither a label nor a URL.
    #[error(
        "write the label before {DOMAIN} (letters, digits, hyphens) or the portal's https:// \
            address"
    )]
    Form,
    /// Plain http to another machine.
    #[error(
        "only https is allowed; plain http is for this machine (127.0.0.1, ::1, localhost) only"
    )]
    Insecure,
    /// User name or password in the URL.
    #[error("an address with a user name or password in it is refused")]
    UserInfo,
}

impl std::str::FromStr for Club {
    type Err = ClubError;

    /// A label such as `brunelsport`, a host below `gladstonego.cloud`, or an address as copied
    /// from a browser (what follows the host is dropped).
    fn from_str(text: &str) -> Result<Self, ClubError> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            let label = text.to_ascii_lowercase();
            let label = label.strip_suffix(DOMAIN).unwrap_or(&label);
            if !is_label(label) {
                return Err(ClubError::Form);
            }
            let base =
                Url::parse(&format!("https://{label}{DOMAIN}")).map_err(|_| ClubError::Form)?;
            return Ok(Self { base, title: None });
        };
        // The host is held against its own grammar first: what a parser of addresses would put
        // right (a slash too many, a line's end, `%2E`, letters of another script) would be another
        // host than the one that was read.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(user, host)| (Some(user), host));
        if !scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
            || !is_host(host)
            || text.contains(char::is_control)
        {
            return Err(ClubError::Form);
        }
        if user.is_some() {
            return Err(ClubError::UserInfo);
        }
        let mut base = Url::parse(text).map_err(|_| ClubError::Form)?;
        match (base.scheme(), base.host_str()) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_loopback(host) => {}
            ("http", Some(_)) => return Err(ClubError::Insecure),
            _ => return Err(ClubError::Form),
        }
        base.set_path("/");
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base, title: None })
    }
}

impl Club {
    /// Returns the portal's address, with the path `/`.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Returns whether it is one of Gladstone's own addresses, or this machine over plain http: a
    /// simulated club.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.base.scheme() == "http" || self.label().is_some()
    }

    /// Returns the label below `gladstonego.cloud`, which alone is the same club.
    fn label(&self) -> Option<&str> {
        let label = self
            .host()
            .strip_suffix(DOMAIN)
            .filter(|label| is_label(label))?;
        (self.base.scheme() == "https" && self.base.port().is_none()).then_some(label)
    }

    /// Returns the host name without port, as in the older flow's key.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// Returns the short name: the label below `gladstonego.cloud`, else host and port.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.label(), self.base.port()) {
            (Some(label), _) => label.to_owned(),
            (None, None) => self.host().to_owned(),
            (None, Some(port)) => format!("{}:{port}", self.host()),
        }
    }

    /// Returns the club with a name for people.
    #[must_use]
    pub fn with_title(self, title: Option<String>) -> Self {
        Self { title, ..self }
    }

    /// Returns the name for people: the setting `name`, else the short one.
    #[must_use]
    pub fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.name())
    }

    /// Returns the address for people, where they book and cancel themselves.
    #[must_use]
    pub fn page(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Returns whether both are at one address, whatever they are called.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.base == other.base
    }

    /// Returns the value for the setting `club`: the label, or the whole address of any other portal.
    #[must_use]
    pub fn setting(&self) -> String {
        self.label()
            .map_or_else(|| self.base.to_string(), str::to_owned)
    }

    /// Returns the page where a slot of this activity can be booked, opened at the day of `start`.
    ///
    /// The form of the address is confirmed by several public clients.
    #[must_use]
    pub fn booking_page(&self, activity_id: &str, start: DateTime<Utc>) -> Option<String> {
        if activity_id.is_empty() {
            return None;
        }
        let start = format_instant(start);
        let mut page = format!("{}book/calendar/", self.base);
        page.extend(encode(activity_id));
        page.extend(["?activityDate=", &start]);
        Some(page)
    }

    /// Returns the page of one slot on one court: its group of activities, activity, court and
    /// site, each an id. `None` where one of them is not known, which would lead to no slot.
    ///
    /// The form of the address is confirmed by two public clients.
    #[must_use]
    pub fn slot_page(
        &self,
        [group, activity, court, site]: [&str; 4],
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Option<String> {
        if [group, activity, court, site].contains(&"") {
            return None;
        }
        let [start, end] = [start, end - TimeDelta::seconds(1)].map(format_instant);
        // Piece by piece, for a pattern takes several times as long, and an answer has thousands.
        let mut page = String::with_capacity(PAGE);
        page.extend([self.base.as_str(), "book/details?activityEndTime=", &end]);
        page.push_str("&activityGroupId=");
        page.extend(encode(group));
        page.push_str("&activityId=");
        page.extend(encode(activity));
        page.extend(["&activityStartTime=", &start, "&locationId="]);
        page.extend(encode(court));
        page.push_str("&siteId=");
        page.extend(encode(site));
        Some(page)
    }
}

fn encode(id: &str) -> PercentEncode<'_> {
    utf8_percent_encode(id, SEGMENT)
}

/// Formats a time in UTC as the portal's addresses have it. No pattern, which would be read anew for
/// each slot.
fn format_instant(time: DateTime<Utc>) -> String {
    let mut text = format_rfc3339(&time);
    text.truncate(text.len() - "+00:00".len());
    text + ".000Z"
}

/// Returns whether this is a label of a host name. One that stands for another script's letters
/// (`xn--`) is refused: their tables are not compiled in.
fn is_label(text: &str) -> bool {
    let is_encoded = text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    (1..=63).contains(&text.len())
        && !is_encoded
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Returns whether this is a host name, an IPv4 address or an IPv6 address in brackets, with or
/// without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (text, ""),
    };
    let in_brackets = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let is_known = in_brackets.map_or_else(
        || host.split('.').all(is_label),
        |ip| ip.parse::<Ipv6Addr>().is_ok(),
    );
    is_known && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_hosts_and_browser_addresses_are_the_same_club() {
        for text in [
            "brunelsport",
            "BrunelSport",
            " brunelsport ",
            "brunelsport.gladstonego.cloud",
            "https://brunelsport.gladstonego.cloud",
            "https://brunelsport.gladstonego.cloud/book/calendar/X?activityDate=2026#top",
        ] {
            let club: Club = text.parse().unwrap();
            assert_eq!(
                club.base().as_str(),
                "https://brunelsport.gladstonego.cloud/",
                "{text}"
            );
            assert_eq!(club.name(), "brunelsport");
        }
    }

    #[test]
    fn only_a_label_is_shortened_to_one() {
        for text in [
            "https://a.b.gladstonego.cloud",
            "https://a.gladstonego.cloud:8443",
        ] {
            let club: Club = text.parse().unwrap();
            assert_eq!(club.setting().parse(), Ok(club.clone()), "{text}");
            assert!(!club.name().is_empty() && !club.is_usual(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for text in [
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:3",
            "http://127.9.9.9",
        ] {
            assert!(text.parse::<Club>().is_ok(), "{text}");
        }
        for text in [
            "http://brunelsport.gladstonego.cloud",
            "http://192.168.0.1",
            "http://127.0.0.1.example.com",
        ] {
            assert_eq!(text.parse::<Club>(), Err(ClubError::Insecure), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "-a",
            "a-",
            "a b",
            "a.b.c",
            "ftp://x",
            "https://",
            "a\u{1b}",
            "club?x",
            "file:///etc",
            "https://bru!2E%E2neh",
            "https:/one%2Egladstonego.cloud://x",
            "https:///one.gladstonego.cloud",
            "https://\t/one.gladstonego.cloud",
            "https://.gladstonego.cloud",
            "https://one.gladstonego.cloud.",
            "https://b\u{fc}hne.example",
            "https://one.XN--sto-0ra.example",
            "xn--sto-0ra",
            "https://[::1",
            "https://[x]:1",
            "https://one:a",
        ] {
            assert_eq!(text.parse::<Club>(), Err(ClubError::Form), "{text}");
        }
        assert_eq!(
            "https://u:p@x.example".parse::<Club>(),
            Err(ClubError::UserInfo)
        );
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_booking_page() {
        let club: Club = "brunelsport".parse().unwrap();
        let page = club
            .booking_page("A/../?x", chrono::DateTime::UNIX_EPOCH)
            .unwrap();
        let expected = "https://brunelsport.gladstonego.cloud/book/calendar/A%2F..%2F%3Fx?activityDate=1970-01-01T00:00:00.000Z";
        assert_eq!(page, expected);
    }

    #[test]
    fn a_label_and_this_machine_are_usual_clubs() {
        for text in [
            "brunelsport",
            "https://brunelsport.gladstonego.cloud",
            "http://127.0.0.1:8080",
        ] {
            assert!(text.parse::<Club>().unwrap().is_usual(), "{text}");
        }
        for text in [
            "https://127.0.0.1",
            "https://portal.example",
            "https://gladstonego.cloud",
        ] {
            assert!(!text.parse::<Club>().unwrap().is_usual(), "{text}");
        }
    }

    #[test]
    fn an_address_in_brackets_needs_no_port() {
        for text in [
            "http://[::1]",
            "http://[::1]/",
            "http://[::1]:80",
            "https://[2001:db8::1]",
        ] {
            assert!(text.parse::<Club>().is_ok(), "{text}");
        }
        for text in [
            "http://[::1",
            "http://::1]",
            "http://[::1]x",
            "http://[::1]:x",
        ] {
            assert_eq!(text.parse::<Club>(), Err(ClubError::Form), "{text}");
        }
    }
}
