//! A session's cookies, kept and sent as a browser does (RFC 6265): by name, path and host, until
//! they end.
//!
//! Ours instead of the crate `cookie_store`: that one is 137 KB more of the binary (measured), and
//! goes by the machine's clock alone.
//! Two liberties: a cookie that names no path is sent everywhere, and plain http, which is for this
//! machine only, counts as secure, as in browsers.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::{
    Url,
    header::{self, HeaderMap, HeaderValue},
};
use serde::{Deserialize, Serialize};

use crate::text;

/// The most cookies of a portal; browsers keep about as many.
const MOST: usize = 60;
/// The longest name and value together; browsers keep 4 KB.
const LONGEST: usize = 16 * 1024;

/// The cookies of one portal. They may be tokens: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    /// Where it was set for all hosts below a domain.
    domain: Option<String>,
    ends: Option<DateTime<Utc>>,
}

/// The cookies of an exchange.
#[derive(Clone, Default)]
pub(super) struct Received {
    /// Those that were sent, and what became of them.
    pub(super) all: Jar,
    /// Those that were set.
    pub(super) new: Jar,
    /// The names of those of which none came, and why.
    odd: Vec<(String, String)>,
}

impl Received {
    /// Nothing yet, after a request that carries `sent`.
    pub(super) fn after(sent: Jar) -> Self {
        Self {
            all: sent,
            ..Self::default()
        }
    }

    /// Takes in the cookies of an answer of `url`.
    pub(super) fn take(&mut self, headers: &HeaderMap, url: &Url, clocks: Clocks) {
        for line in headers.get_all(header::SET_COOKIE) {
            let _ = self.all.keep(line.as_bytes(), url, clocks);
            self.odd
                .extend(self.new.keep(line.as_bytes(), url, clocks).err());
        }
    }

    /// What came in place of a cookie that can be sent, in words; `None` where nothing of that name
    /// came.
    pub(super) fn oddity(&self, name: &str) -> Option<String> {
        let (_, why) = self
            .odd
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .cloned()
            .or_else(|| {
                let mut named = self
                    .new
                    .0
                    .iter()
                    .filter(|cookie| cookie.name.eq_ignore_ascii_case(name));
                let cookie = named.find(|cookie| cookie.name != name || cookie.path != "/")?;
                let why = if cookie.name == name {
                    format!("for the path {}", text::path(&cookie.path))
                } else {
                    "in other letters".to_owned()
                };
                Some((String::new(), why))
            })?;
        Some(format!("a cookie `{name}` {why}"))
    }

    /// The names of the cookies that came.
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self
            .new
            .0
            .iter()
            .map(|cookie| format!("`{}`", cookie.name))
            .collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            format!("only {}", names.join(", "))
        }
    }

    /// The token in a cookie that was set, as a request for `path` would carry it, or any where
    /// that is `None`. Joins the pieces that ASP.NET makes of a long one.
    pub(super) fn token(
        &self,
        name: &str,
        path: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, String> {
        let value = |name: &str| match path {
            Some(path) => self.new.value(name, path, now),
            None => self.new.any(name),
        };
        let Some(whole) = value(name) else {
            return Ok(None);
        };
        let Some(count) = whole
            .strip_prefix("chunks")
            .and_then(|rest| rest.strip_prefix(['-', ':']))
        else {
            return Ok(Some(whole.to_owned()));
        };
        let count: usize = count
            .parse()
            .ok()
            .filter(|count| (1..=MOST).contains(count))
            .ok_or("a cookie in pieces, nobody says how many")?;
        let pieces: Vec<&str> = (1..=count)
            .filter_map(|number| value(&format!("{name}C{number}")))
            .collect();
        if pieces.len() < count {
            return Err(format!(
                "{} of the {count} pieces of the cookie `{name}`",
                pieces.len()
            ));
        }
        Ok(Some(pieces.concat()))
    }
}

/// When an answer came, by this machine's clock and by the portal's.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    pub(super) ours: DateTime<Utc>,
    pub(super) portals: Option<DateTime<Utc>>,
}

impl Clocks {
    /// When a stated time is by our clock; `None` where it is over by both.
    pub(super) fn ahead(self, stated: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if stated > self.ours {
            return Some(stated);
        }
        let left = stated - self.portals?;
        (left > TimeDelta::zero()).then(|| self.ours + left)
    }
}

impl Jar {
    /// Sets the value of a cookie, whatever its path; adds it where there is none, before the
    /// others.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let mut known = false;
        for cookie in self.0.iter_mut().filter(|cookie| cookie.name == name) {
            value.clone_into(&mut cookie.value);
            known = true;
        }
        if !known {
            let (name, value) = (name.to_owned(), value.to_owned());
            self.0.insert(
                0,
                Cookie {
                    name,
                    value,
                    path: "/".to_owned(),
                    domain: None,
                    ends: None,
                },
            );
        }
    }

    /// Does what a line of `Set-Cookie` in an answer of `url` says. An error says of which name no
    /// cookie came, and why.
    pub(super) fn keep(
        &mut self,
        line: &[u8],
        url: &Url,
        clocks: Clocks,
    ) -> Result<(), (String, String)> {
        let text = String::from_utf8_lossy(line);
        let mut parts = text.split(';');
        let first = parts.next().unwrap_or_default();
        let (name, value) = first
            .split_once('=')
            .map_or((first.trim(), None), |(name, value)| {
                (name.trim(), Some(value.trim()))
            });
        let odd = |why: &str| (name.to_owned(), why.to_owned());
        let Some(value) = value.filter(|_| !name.is_empty()) else {
            return Err(odd("without a value"));
        };
        if std::str::from_utf8(line).is_err() {
            return Err(odd("that is no text"));
        }
        if name.len() + value.len() > LONGEST {
            return Err(odd("that is too long"));
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: "/".to_owned(),
            domain: None,
            ends: None,
        };
        let (mut expires, mut max_age) = (None, None);
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match attribute.trim().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "path" => "/".clone_into(&mut cookie.path),
                "domain" => {
                    let domain = value
                        .strip_prefix('.')
                        .unwrap_or(value)
                        .to_ascii_lowercase();
                    cookie.domain = Some(domain).filter(|domain| !domain.is_empty());
                }
                "max-age" => max_age = seconds(value).or(max_age),
                "expires" => expires = date(value).or(expires),
                _ => {}
            }
        }
        if let Some(domain) = &cookie.domain
            && !is_within(url.host_str().unwrap_or_default(), domain)
        {
            return Err(odd(&format!("for {domain}")));
        }
        let (over, ends) = match (max_age, expires) {
            (Some(age), _) => (
                age <= 0,
                TimeDelta::try_seconds(age).and_then(|age| clocks.ours.checked_add_signed(age)),
            ),
            (None, Some(date)) => (clocks.ahead(date).is_none(), clocks.ahead(date)),
            (None, None) => (false, None),
        };
        let place = self.0.iter().position(|known| known.is_same(&cookie));
        if over {
            place.map(|place| self.0.remove(place));
            return Err(odd("that is deleted or over"));
        }
        let is_empty = cookie.value.trim_matches('"').is_empty();
        cookie.ends = ends;
        match place {
            Some(place) => self.0[place] = cookie,
            None => self.put(cookie),
        }
        if is_empty {
            Err(odd("that is empty"))
        } else {
            Ok(())
        }
    }

    fn put(&mut self, cookie: Cookie) {
        self.0.push(cookie);
        if self.0.len() > MOST {
            self.0.remove(0);
        }
    }

    /// The header `Cookie` of a request, longer paths first; `None` for none.
    pub(super) fn header(&self, url: &Url, now: DateTime<Utc>) -> Option<HeaderValue> {
        let pairs: Vec<String> = self
            .sent(url.path(), now)
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut header = HeaderValue::from_bytes(pairs.join("; ").as_bytes())
            .ok()
            .filter(|_| !pairs.is_empty())?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The value of a cookie as a request for `path` carries it, first where it does so twice; an
    /// empty one counts as none.
    pub(super) fn value(&self, name: &str, path: &str, now: DateTime<Utc>) -> Option<&str> {
        let sent = self.sent(path, now);
        let cookie = sent.into_iter().find(|cookie| cookie.name == name)?;
        Some(cookie.value.as_str()).filter(|value| !value.trim_matches('"').is_empty())
    }

    /// The value of a cookie, whatever its path.
    pub(super) fn any(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|cookie| cookie.name == name)
            .map(|cookie| cookie.value.as_str())
    }

    /// When the first cookie of that name ends, if it does.
    pub(super) fn end_of(&self, name: &str) -> Option<DateTime<Utc>> {
        self.0
            .iter()
            .filter(|cookie| cookie.name == name)
            .filter_map(|cookie| cookie.ends)
            .min()
    }

    /// Puts a token together that came in pieces.
    pub(super) fn join(&mut self, name: &str, token: &str) {
        self.set(name, token);
        let is_piece = |known: &str| {
            let number = known
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('C'));
            number.is_some_and(|number| number.parse::<usize>().is_ok())
        };
        self.0.retain(|cookie| !is_piece(&cookie.name));
    }

    fn sent(&self, path: &str, now: DateTime<Utc>) -> Vec<&Cookie> {
        let mut sent: Vec<&Cookie> = self
            .0
            .iter()
            .filter(|cookie| {
                is_below(path, &cookie.path) && cookie.ends.is_none_or(|ends| now < ends)
            })
            .collect();
        // Stable: older ones first among equals.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        sent
    }
}

impl Cookie {
    fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.path, &self.domain) == (&other.name, &other.path, &other.domain)
    }
}

/// RFC 6265, 5.1.3. A domain of one label is everybody's.
fn is_within(host: &str, domain: &str) -> bool {
    let is_name = host.parse::<std::net::IpAddr>().is_err();
    let below = host
        .strip_suffix(domain)
        .is_some_and(|rest| rest.ends_with('.'));
    host == domain || (below && is_name && domain.contains('.'))
}

/// RFC 6265, 5.1.4.
fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || parent.ends_with('/') || rest.starts_with('/'))
}

/// A number of seconds; huge ones are as good as any other.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(if text.starts_with('-') {
        -1
    } else {
        digits.parse().unwrap_or(i64::MAX).min(400 * 86_400)
    })
}

/// A date in whatever form servers write it (RFC 6265, 5.1.1). One before 1970 is over all the
/// same, and so is a bare `0` or `-1`.
fn date(text: &str) -> Option<DateTime<Utc>> {
    if ["0", "-1"].contains(&text) {
        return Some(DateTime::UNIX_EPOCH);
    }
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter =
        |char: char| !(char.is_ascii_alphanumeric() || char == ':' || !char.is_ascii());
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        let digits = token.bytes().take_while(u8::is_ascii_digit).count();
        let number = || token[..digits].parse::<i32>().ok();
        let found = token.get(..3).and_then(|name| {
            months
                .iter()
                .position(|known| name.eq_ignore_ascii_case(known))
        });
        if time.is_none() && token.contains(':') {
            time = clock(token);
        } else if day.is_none() && (1..=2).contains(&digits) {
            day = number();
        } else if month.is_none() && found.is_some() {
            month = found;
        } else if year.is_none() && (2..=4).contains(&digits) {
            year = number();
        }
    }
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 if !text.contains(&format!("00{year:02}")) => year + 2000,
        year => year,
    };
    let (hour, minute, second) = time?;
    let day = NaiveDate::from_ymd_opt(
        year,
        u32::try_from(month?).ok()? + 1,
        u32::try_from(day?).ok()?,
    )?;
    Some(day.and_hms_opt(hour, minute, second)?.and_utc())
}

/// `hh:mm:ss`
fn clock(token: &str) -> Option<(u32, u32, u32)> {
    let mut parts = token.split(':').map(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        part[..digits].parse().ok()
    });
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse().unwrap()
    }

    fn clocks() -> Clocks {
        Clocks {
            ours: now(),
            portals: None,
        }
    }

    fn at(path: &str) -> Url {
        format!("https://brunelsport.gladstonego.cloud{path}")
            .parse()
            .unwrap()
    }

    fn jar(lines: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for line in lines {
            let _ = jar.keep(
                line.as_bytes(),
                &at("/api/samlauthentication/anonymous"),
                clocks(),
            );
        }
        jar
    }

    #[track_caller]
    fn sends(lines: &[&str], path: &str, expected: &str) {
        let header = jar(lines).header(&at(path), now());
        assert_eq!(
            header
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            expected,
            "{lines:?}"
        );
    }

    #[test]
    fn cookies_are_sent_by_path_host_and_time() {
        sends(
            &["Jwt=a; Path=/; HttpOnly; Secure", "Lb=b"],
            "/api/bookings",
            "Jwt=a; Lb=b",
        );
        sends(
            &["Jwt=a; path=/api/samlauthentication"],
            "/api/bookings",
            "",
        );
        sends(
            &["Jwt=a; Path=/book", "Jwt=b; Path=/api"],
            "/api/bookings",
            "Jwt=b",
        );
        sends(
            &["Jwt=a; Path=/", "Jwt=b; Path=/api"],
            "/api/bookings",
            "Jwt=b; Jwt=a",
        );
        sends(&["Jwt=a; Path=/api"], "/apis", "");
        sends(&["Jwt=a; Path=/api/"], "/api/x", "Jwt=a");
        sends(&["Jwt=a; Path=relative"], "/api/x", "Jwt=a");
        sends(&["Jwt=a; Domain=.gladstonego.cloud"], "/", "Jwt=a");
        sends(
            &["Jwt=a; Domain=brunelsport.gladstonego.cloud"],
            "/",
            "Jwt=a",
        );
        sends(
            &[
                "Jwt=a; Domain=other.gladstonego.cloud",
                "Jwt=b; Domain=cloud",
            ],
            "/",
            "",
        );
        sends(&["Jwt=a", "Jwt=b"], "/", "Jwt=b");
        sends(&["Jwt=a=b=="], "/", "Jwt=a=b==");
        sends(&["Jwt=\"a\""], "/", "Jwt=\"a\"");
        sends(&["Jwt", "=x", "jwt=c"], "/", "jwt=c");
    }

    #[test]
    fn a_cookie_that_is_over_is_none() {
        for over in [
            "Max-Age=0",
            "max-age=-5",
            "Max-Age=-99999999999999999999",
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Expires=Thu, 01-Jan-1970 00:00:01 GMT",
            "Expires=Thursday, 01-Jan-70 00:00:00 GMT",
            "Expires=Thu Jan  1 00:00:00 1970",
            "Expires=Mon, 01-Jan-0001 00:00:00 GMT",
            "Expires=Mon, 23 Nov 2026 09:00:00 GMT",
            "Expires=0",
            "Expires=-1",
            "Max-Age=0; Expires=Mon, 23 Nov 2099 09:00:00 GMT",
        ] {
            sends(&["Jwt=a", &format!("Jwt=deleted; {over}")], "/", "");
        }
        for lasting in [
            "Max-Age=60",
            "Max-Age=99999999999999999999",
            "Max-Age=soon",
            "Expires=Mon, 23 Nov 2026 09:00:01 GMT",
            "Expires=Mon, 23-Nov-26 10:00:00 GMT",
            "Expires=2026 Nov 23 10:00:00",
            "Expires=whenever",
            "Expires=",
            "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            sends(&["Jwt=a", &format!("Jwt=b; {lasting}")], "/", "Jwt=b");
        }
        let kept = jar(&["Jwt=a; Max-Age=60"]);
        assert!(
            kept.header(&at("/"), now() + TimeDelta::seconds(59))
                .is_some()
        );
        assert!(
            kept.header(&at("/"), now() + TimeDelta::seconds(60))
                .is_none()
        );
    }

    #[test]
    fn a_clock_that_is_ahead_ends_no_cookie() {
        let clocks = Clocks {
            ours: now() + TimeDelta::hours(1),
            portals: Some(now()),
        };
        let mut jar = Jar::default();
        jar.keep(
            b"Jwt=a; Expires=Mon, 23 Nov 2026 09:30:00 GMT",
            &at("/"),
            clocks,
        )
        .unwrap();
        assert_eq!(jar.end_of("Jwt"), Some(now() + TimeDelta::minutes(90)));
        jar.keep(
            b"Jwt=a; Expires=Mon, 23 Nov 2026 08:59:00 GMT",
            &at("/"),
            clocks,
        )
        .unwrap_err();
    }

    proptest! {
        #[test]
        fn any_line_is_kept_or_not(line in "\\PC{0,80}", path in "/[a-z/]{0,9}") {
            let mut jar = Jar::default();
            let line = format!("Jwt={line}");
            let _ = jar.keep(line.as_bytes(), &at(&path), clocks());
            jar.header(&at(&path), now());
        }
    }
}
