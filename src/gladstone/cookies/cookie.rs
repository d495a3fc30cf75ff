//! One cookie, and how a line of `Set-Cookie` is read. Its dates are read here: servers write more
//! forms of them than the three that `httpdate` knows.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::gladstone::times::Clocks;

/// The longest name and value together; browsers keep 4 KB.
const LONGEST: usize = 16 * 1024;
/// The longest life; browsers give no cookie more.
const LONGEST_LIFE: i64 = 400 * 86_400;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) path: String,
    /// Set where the cookie is for all hosts below a domain.
    domain: Option<String>,
    pub(super) ends: Option<DateTime<Utc>>,
}

/// Name of a cookie that did not come, and why.
pub(super) type Oddity = (String, String);

impl Cookie {
    /// Makes a cookie for all paths of the host, until the session ends.
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            path: "/".to_owned(),
            domain: None,
            ends: None,
        }
    }

    /// Reads a line of `Set-Cookie` in an answer of `url`; `true` beside a cookie that is deleted
    /// or over.
    pub(super) fn parse(line: &[u8], url: &Url, clocks: Clocks) -> Result<(Self, bool), Oddity> {
        let text = String::from_utf8_lossy(line);
        let mut parts = text.split(';');
        let first = parts.next().unwrap_or_default();
        let (name, value) = first.split_once('=').unwrap_or((first, ""));
        let (name, value) = (name.trim(), value.trim());
        let odd = |why: &str| Err((name.to_owned(), why.to_owned()));
        if name.is_empty() || !first.contains('=') {
            return odd("without a value");
        }
        if std::str::from_utf8(line).is_err() {
            return odd("that is no text");
        }
        if name.len() + value.len() > LONGEST {
            return odd("that is too long");
        }
        let mut cookie = Self::new(name, value);
        let (mut expires, mut max_age) = (None, None);
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match attribute.trim().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "path" => "/".clone_into(&mut cookie.path),
                "domain" => {
                    let domain = value.strip_prefix('.').unwrap_or(value);
                    cookie.domain = Some(domain.to_ascii_lowercase()).filter(|it| !it.is_empty());
                }
                "max-age" => max_age = parse_seconds(value).or(max_age),
                "expires" => expires = parse_date(value).or(expires),
                _ => {}
            }
        }
        if let Some(domain) = &cookie.domain
            && !is_within(url.host_str().unwrap_or_default(), domain)
        {
            return odd(&format!("for {domain}"));
        }
        cookie.ends = match (max_age, expires) {
            (Some(age), _) => clocks.ours.checked_add_signed(TimeDelta::seconds(age)),
            (None, Some(date)) => Some(clocks.on_ours(date).unwrap_or(clocks.ours)),
            (None, None) => None,
        };
        let is_over = cookie.ends.is_some_and(|ends| ends <= clocks.ours);
        Ok((cookie, is_over))
    }

    /// Returns `true` where one takes the other's place.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        (&self.name, &self.path, &self.domain) == (&other.name, &other.path, &other.domain)
    }

    /// Returns `true` for a value that servers write in place of none.
    pub(super) fn is_empty(&self) -> bool {
        self.value.trim_matches('"').is_empty()
    }

    /// Returns `true` for a piece of a token that was too long for one cookie, as ASP.NET makes
    /// them: `JwtC1`.
    pub(super) fn is_piece_of(&self, name: &str) -> bool {
        let number = self
            .name
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('C'));
        number.is_some_and(|number| number.parse::<usize>().is_ok())
    }

    /// Returns `true` where a request for `path` carries the cookie now.
    pub(super) fn is_sent(&self, path: &str, now: DateTime<Utc>) -> bool {
        is_below(path, &self.path) && self.ends.is_none_or(|ends| now < ends)
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
fn parse_seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(if text.starts_with('-') {
        -1
    } else {
        digits.parse().unwrap_or(i64::MAX).min(LONGEST_LIFE)
    })
}

/// A date in whatever form servers write it (RFC 6265, 5.1.1). One before 1970 is over all the
/// same, and so is a bare `0` or `-1`.
fn parse_date(text: &str) -> Option<DateTime<Utc>> {
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
            time = parse_clock(token);
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
fn parse_clock(token: &str) -> Option<(u32, u32, u32)> {
    let mut parts = token.split(':').map(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        part[..digits].parse().ok()
    });
    Some((parts.next()??, parts.next()??, parts.next()??))
}
