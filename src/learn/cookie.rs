//! The header `Set-Cookie` as captures have it.

use chrono::{DateTime, Utc};

/// A cookie that an answer sets. Its value is a secret: no `Debug`.
pub(super) struct SetCookie {
    pub(super) name: String,
    pub(super) value: String,
    /// The browser forgets it at once.
    pub(super) deleted: bool,
}

/// More chunks than a browser would send: each has 4 KiB, and headers seldom may have 64.
const MOST_CHUNKS: usize = 20;

/// The cookies of one header: Firefox and Chrome write several in one, a line each, Safari with
/// commas between.
pub(super) fn split_set_cookie(lines: &str, now: DateTime<Utc>) -> Vec<SetCookie> {
    lines
        .lines()
        .flat_map(split_at_commas)
        .filter_map(|text| read_set_cookie(text, now))
        .collect()
}

/// Name and value of `NAME=VALUE; …`.
pub(super) fn split_pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split(';').next()?.trim().split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

/// Puts together what ASP.NET cuts: `Jwt=chunks-2` with `JwtC1` and `JwtC2`. padel reads such a
/// cookie as one, too.
pub(super) fn join_chunks(cookies: &mut Vec<(String, String)>) {
    let cut: Vec<(String, usize)> = cookies
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), chunk_count(value)?)))
        .take(MOST_CHUNKS)
        .collect();
    for (name, count) in cut {
        let chunks: Vec<String> = (1..=count)
            .map(|number| format!("{name}C{number}"))
            .collect();
        let values = chunks.iter().map(|chunk| {
            let (_, value) = cookies.iter().find(|(name, _)| name == chunk)?;
            Some(value.as_str())
        });
        let Some(whole) = values.collect::<Option<String>>() else {
            continue;
        };
        cookies.retain(|(name, _)| !chunks.contains(name));
        cookies
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|(_, value)| value.clone_from(&whole));
    }
}

/// Number of chunks that `chunks-N` announces.
fn chunk_count(value: &str) -> Option<usize> {
    let count = value.strip_prefix("chunks-")?.trim_start_matches(':');
    count.parse().ok().filter(|count| *count <= MOST_CHUNKS)
}

/// Cuts before a name with `=`: the comma of `Expires=Wed, 09 Jun …` has none behind it.
fn split_at_commas(line: &str) -> Vec<&str> {
    let (mut cookies, mut start) = (Vec::new(), 0);
    for (at, _) in line.match_indices(',') {
        let rest = line[at + 1..].trim_start();
        let name = rest.split(['=', ';', ',']).next().unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name && rest[name.len()..].starts_with('=') {
            cookies.push(&line[start..at]);
            start = at + 1;
        }
    }
    cookies.push(&line[start..]);
    cookies
}

fn read_set_cookie(text: &str, now: DateTime<Utc>) -> Option<SetCookie> {
    let (name, value) = split_pair(text)?;
    let deleted = text.split(';').skip(1).any(|attribute| {
        let attribute = attribute.trim().to_lowercase();
        match attribute.split_once('=') {
            Some(("max-age", seconds)) => seconds
                .trim()
                .parse::<i64>()
                .is_ok_and(|seconds| seconds <= 0),
            Some(("expires", date)) => DateTime::parse_from_rfc2822(&date.trim().replace('-', " "))
                .is_ok_and(|date| date.to_utc() <= now),
            _ => false,
        }
    });
    Some(SetCookie {
        name,
        value,
        deleted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_one_cookie() {
        let cookies = [
            ("JwtC2", "b"),
            ("Jwt", "chunks-2"),
            ("JwtC1", "a"),
            ("x", "chunks-1"),
        ];
        let mut cookies = cookies
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec();
        join_chunks(&mut cookies);
        let joined: [(String, String); 2] =
            [("Jwt", "ab"), ("x", "chunks-1")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(cookies, joined);
    }

    #[test]
    fn joined_cookies_come_apart() {
        let line = "A=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT; path=/, Jwt=a.b=; secure,B=,C=x; \
            Max-Age=0\nD=2; expires=Thu, 01-Jan-1970 00:00:00 GMT\nE=3; Expires=Mon, 03 Jan 2000 \
            01:00:00 GMT";
        let cookies = split_set_cookie(line, "2026-11-23T09:00:00Z".parse().unwrap());
        let told: Vec<_> = cookies
            .iter()
            .map(|it| (it.name.as_str(), it.value.as_str(), it.deleted))
            .collect();
        assert_eq!(
            told,
            [
                ("A", "1", false),
                ("Jwt", "a.b=", false),
                ("B", "", false),
                ("C", "x", true),
                ("D", "2", true),
                ("E", "3", true)
            ]
        );
    }

    #[test]
    fn a_comma_in_a_value_cuts_only_before_a_cookie() {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        for line in [
            "A=x, y; Max-Age=0",
            "A=x, my y=z; Max-Age=0",
            "A=x,=y; Max-Age=0",
        ] {
            let cookies = split_set_cookie(line, now);
            let value = line[2..].split(';').next();
            assert_eq!(cookies.len(), 1, "{line}");
            assert_eq!(Some(cookies[0].value.as_str()), value, "{line}");
            assert!(cookies[0].deleted, "{line}");
        }
    }
}
