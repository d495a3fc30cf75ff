//! The cookies of one portal, in the order in which they came.

use chrono::{DateTime, Utc};
use reqwest::{Url, header::HeaderValue};
use serde::{Deserialize, Serialize};

use super::cookie::{Cookie, Oddity};
use crate::gladstone::times::Clocks;
use crate::sort::sort_by_key;

/// The most cookies of a portal; browsers keep about as many.
pub(super) const MOST: usize = 60;

/// The cookies of one portal. They may be tokens: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Jar(pub(super) Vec<Cookie>);

impl Jar {
    /// Sets the value of a cookie, whatever its path; adds it where there is none, before the
    /// others.
    pub(crate) fn set_value(&mut self, name: &str, value: &str) {
        let mut known = false;
        for cookie in self.0.iter_mut().filter(|cookie| cookie.name == name) {
            value.clone_into(&mut cookie.value);
            known = true;
        }
        if !known {
            self.0.insert(0, Cookie::new(name, value));
        }
    }

    /// Does what a line of `Set-Cookie` in an answer of `url` says. An error says of which name no
    /// cookie came, and why.
    pub(super) fn keep(&mut self, line: &[u8], url: &Url, clocks: Clocks) -> Result<(), Oddity> {
        let (cookie, is_over) = Cookie::parse(line, url, clocks)?;
        let odd = |why: &str| Err((cookie.name.clone(), why.to_owned()));
        let outcome = match (is_over, cookie.is_empty()) {
            (true, _) => odd("that is deleted or over"),
            (false, true) => odd("that is empty"),
            (false, false) => Ok(()),
        };
        match self.0.iter().position(|known| known.replaces(&cookie)) {
            Some(place) if is_over => drop(self.0.remove(place)),
            Some(place) => self.0[place] = cookie,
            None if is_over => {}
            None => {
                self.0.push(cookie);
                if self.0.len() > MOST {
                    self.0.remove(0);
                }
            }
        }
        outcome
    }

    /// Returns the header `Cookie` of a request, longer paths first; `None` for none.
    pub(crate) fn header(&self, url: &Url, now: DateTime<Utc>) -> Option<HeaderValue> {
        let sent = self.sent(url.path(), now);
        let pairs: Vec<String> = sent
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut header = HeaderValue::from_bytes(pairs.join("; ").as_bytes()).ok()?;
        header.set_sensitive(true);
        (!pairs.is_empty()).then_some(header)
    }

    /// Returns the value of a cookie as a request for `path` carries it, first where it does so
    /// twice; an empty one counts as none.
    pub(crate) fn value_for(&self, path: &str, name: &str, now: DateTime<Utc>) -> Option<&str> {
        let sent = self.sent(path, now);
        let cookie = sent.into_iter().find(|cookie| cookie.name == name)?;
        (!cookie.is_empty()).then_some(&cookie.value)
    }

    /// Returns the value of a cookie, whatever its path.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.named(name).next().map(|cookie| cookie.value.as_str())
    }

    /// Returns when the first cookie of that name ends, if it does.
    pub(crate) fn end_of(&self, name: &str) -> Option<DateTime<Utc>> {
        self.named(name).filter_map(|cookie| cookie.ends).min()
    }

    /// Puts a token together that came in pieces.
    pub(crate) fn join_pieces(&mut self, name: &str, token: &str) {
        self.set_value(name, token);
        self.0.retain(|cookie| !cookie.is_piece_of(name));
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Cookie> {
        self.0.iter().filter(move |cookie| cookie.name == name)
    }

    fn sent(&self, path: &str, now: DateTime<Utc>) -> Vec<&Cookie> {
        let mut sent: Vec<&Cookie> = self
            .0
            .iter()
            .filter(|cookie| cookie.is_sent(path, now))
            .collect();
        // Stable: older ones first among equals.
        sort_by_key(&mut sent, |cookie| std::cmp::Reverse(cookie.path.len()));
        sent
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
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
    fn assert_sent(lines: &[&str], path: &str, expected: &str) {
        let header = jar(lines).header(&at(path), now());
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.unwrap_or_default(), expected, "{lines:?}");
    }

    #[test]
    fn cookies_are_sent_by_path_host_and_time() {
        // Lines of `Set-Cookie`, the path of a request, and what it carries.
        let table = "Jwt=a; Path=/; HttpOnly; Secure + Lb=b > /api/bookings > Jwt=a; Lb=b
            Jwt=a; path=/api/samlauthentication > /api/bookings >
            Jwt=a; Path=/book + Jwt=b; Path=/api > /api/bookings > Jwt=b
            Jwt=a; Path=/ + Jwt=b; Path=/api > /api/bookings > Jwt=b; Jwt=a
            Jwt=a; Path=/api > /apis >
            Jwt=a; Path=/api/ > /api/x > Jwt=a
            Jwt=a; Path=relative > /api/x > Jwt=a
            Jwt=a; Domain=.gladstonego.cloud > / > Jwt=a
            Jwt=a; Domain=brunelsport.gladstonego.cloud > / > Jwt=a
            Jwt=a; Domain=other.gladstonego.cloud + Jwt=b; Domain=cloud > / >
            Jwt=a + Jwt=b > / > Jwt=b
            Jwt=a=b== > / > Jwt=a=b==
            Jwt=\"a\" > / > Jwt=\"a\"
            Jwt + =x + jwt=c > / > jwt=c";
        for case in table.lines() {
            let parts: Vec<&str> = case.split('>').map(str::trim).collect();
            let lines: Vec<&str> = parts[0].split(" + ").collect();
            assert_sent(&lines, parts[1], parts[2]);
        }
    }

    #[test]
    fn a_cookie_that_is_over_is_none() {
        let over = "Max-Age=0
            max-age=-5
            Max-Age=-99999999999999999999
            Expires=Thu, 01 Jan 1970 00:00:00 GMT
            Expires=Thu, 01-Jan-1970 00:00:01 GMT
            Expires=Thursday, 01-Jan-70 00:00:00 GMT
            Expires=Thu Jan  1 00:00:00 1970
            Expires=Mon, 01-Jan-0001 00:00:00 GMT
            Expires=Mon, 23 Nov 2026 09:00:00 GMT
            Expires=0
            Expires=-1
            Max-Age=0; Expires=Mon, 23 Nov 2099 09:00:00 GMT";
        for over in over.lines().map(str::trim) {
            assert_sent(&["Jwt=a", &format!("Jwt=deleted; {over}")], "/", "");
        }
        let lasting = "Max-Age=60
            Max-Age=99999999999999999999
            Max-Age=soon
            Expires=Mon, 23 Nov 2026 09:00:01 GMT
            Expires=Mon, 23-Nov-26 10:00:00 GMT
            Expires=2026 Nov 23 10:00:00
            Expires=whenever
            Expires=
            Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        for lasting in lasting.lines().map(str::trim) {
            assert_sent(&["Jwt=a", &format!("Jwt=b; {lasting}")], "/", "Jwt=b");
        }
        let kept = jar(&["Jwt=a; Max-Age=60"]);
        let header_after = |seconds| kept.header(&at("/"), now() + TimeDelta::seconds(seconds));
        assert!(header_after(59).is_some() && header_after(60).is_none());
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

    #[test]
    fn a_time_that_is_now_is_over() {
        let second = TimeDelta::seconds(1);
        let ahead = |ours, portals, stated| Clocks { ours, portals }.on_ours(stated);
        assert_eq!(ahead(now(), None, now()), None);
        assert_eq!(ahead(now(), None, now() + second), Some(now() + second));
        assert_eq!(ahead(now(), Some(now()), now()), None);
        assert_eq!(
            ahead(now() + second, Some(now()), now() + second),
            Some(now() + second * 2)
        );
        assert_eq!(
            ahead(now() + second, Some(now() - second), now()),
            Some(now() + second * 2)
        );
    }

    #[test]
    fn a_cookie_and_a_jar_have_a_largest_size() {
        let keep = |length: usize| {
            let line = format!("Jwt={}", "a".repeat(length));
            Jar::default()
                .keep(line.as_bytes(), &at("/"), clocks())
                .is_ok()
        };
        assert!(keep(6_000) && keep(16 * 1024 - 3) && !keep(16 * 1024 - 2));
        let lines: Vec<String> = (0..=MOST).map(|number| format!("c{number}=x")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let count = |lines: &[&str]| {
            jar(lines)
                .header(&at("/"), now())
                .unwrap()
                .to_str()
                .unwrap()
                .matches('=')
                .count()
        };
        assert_eq!(count(&lines[..MOST]), MOST);
        assert_eq!(count(&lines), MOST);
        let full = jar(&lines);
        assert!(
            full.header(&at("/"), now())
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("c1=x")
        );
    }

    #[test]
    fn the_last_path_of_a_cookie_counts() {
        assert_sent(&["Jwt=a; Path=/book; Path="], "/api", "Jwt=a");
        assert_sent(&["Jwt=a; Path=; Path=/book"], "/api", "");
    }

    #[test]
    fn the_end_of_a_cookie_is_the_date_that_was_meant() {
        let end = |attributes: &str| {
            let mut jar = Jar::default();
            let clocks = Clocks {
                ours: DateTime::<Utc>::MIN_UTC + TimeDelta::days(1000),
                portals: None,
            };
            jar.keep(format!("Jwt=a; {attributes}").as_bytes(), &at("/"), clocks)
                .unwrap();
            jar.end_of("Jwt").map(|end| end.to_rfc3339())
        };
        for (date, expected) in [
            ("Mon, 23 Nov 2026 10:00:01 GMT", "2026-11-23T10:00:01+00:00"),
            ("Mon, 23-Nov-26 10:00:00 GMT", "2026-11-23T10:00:00+00:00"),
            ("Monday, 05 March 70 1:02:03", "1970-03-05T01:02:03+00:00"),
            ("Mar 5 01:02:03 99", "1999-03-05T01:02:03+00:00"),
            ("5 mar 69 01:02:03", "2069-03-05T01:02:03+00:00"),
            ("05-Mar-00 01:02:03", "2000-03-05T01:02:03+00:00"),
            (
                "2026 Dec 31 23:59:59 11:22:33 Jan",
                "2026-12-31T23:59:59+00:00",
            ),
            ("Mon, 01-Jan-0001 00:00:00 GMT", "0001-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(
                end(&format!("Expires={date}")).as_deref(),
                Some(expected),
                "{date}"
            );
        }
        for none in [
            "Mon, 23 2026 10:00:00",
            "23 Nov 10:00:00",
            "Nov 2026 10:00:00",
            "23 Nov 2026",
            "31 Feb 2026 1:2:3",
        ] {
            assert_eq!(end(&format!("Expires={none}")), None, "{none}");
        }
    }

    #[test]
    fn an_age_is_a_number_of_at_most_400_days() {
        let end = |attributes: &str| jar(&[&format!("Jwt=a; {attributes}")]).end_of("Jwt");
        for age in ["34560000", "34560001", "99999999999999999999"] {
            assert_eq!(
                end(&format!("Max-Age={age}")),
                Some(now() + TimeDelta::days(400)),
                "{age}"
            );
        }
        assert_eq!(
            end("Max-Age=34559999"),
            Some(now() + TimeDelta::days(400) - TimeDelta::seconds(1))
        );
        let date = "Expires=Mon, 23 Nov 2026 10:00:00 GMT";
        for none in ["soon", "", "-", "1.5", "+5"] {
            assert_eq!(
                end(&format!("Max-Age={none}; {date}")),
                Some(now() + TimeDelta::hours(1)),
                "{none}"
            );
        }
    }
}
