//! The cookies of one exchange: what was sent, what was set, and what could not be kept.

use chrono::{DateTime, Utc};
use reqwest::{
    Url,
    header::{self, HeaderMap},
};

use super::{
    cookie::Oddity,
    jar::{Jar, MOST},
};
use crate::{gladstone::times::Clocks, text};

#[derive(Clone, Default)]
pub(crate) struct Received {
    /// Those that were sent, and what became of them.
    pub(crate) all: Jar,
    /// Those that were set.
    new: Jar,
    odd: Vec<Oddity>,
}

impl Received {
    /// Starts with those that a request carries.
    pub(crate) fn after(sent: Jar) -> Self {
        Self {
            all: sent,
            ..Self::default()
        }
    }

    /// Takes in the cookies of an answer of `url`.
    pub(crate) fn take(&mut self, headers: &HeaderMap, url: &Url, clocks: Clocks) {
        for line in headers.get_all(header::SET_COOKIE) {
            let _ = self.all.keep(line.as_bytes(), url, clocks);
            self.odd
                .extend(self.new.keep(line.as_bytes(), url, clocks).err());
        }
    }

    /// Says what came in place of a cookie that can be sent; `None` where nothing of that name
    /// came.
    pub(crate) fn describe_oddity(&self, name: &str) -> Option<String> {
        let mut odd = self.odd.iter().rev();
        if let Some((_, why)) = odd.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Some(format!("a cookie `{name}` {why}"));
        }
        self.new.0.iter().find_map(|cookie| {
            if cookie.name == name {
                (cookie.path != "/").then(|| {
                    format!(
                        "a cookie `{name}` for the path {}",
                        text::path(&cookie.path)
                    )
                })
            } else {
                (cookie.name.eq_ignore_ascii_case(name))
                    .then(|| format!("a cookie `{name}` in other letters"))
            }
        })
    }

    /// Lists the names of the cookies that came.
    pub(crate) fn describe_names(&self) -> String {
        let cookies = self.new.0.iter();
        let names: Vec<String> = cookies.map(|cookie| format!("`{}`", cookie.name)).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            format!("only {}", names.join(", "))
        }
    }

    /// Returns the token in a cookie that was set, as a request for `path` would carry it, or any
    /// where that is `None`. Joins the pieces that ASP.NET makes of a long one.
    pub(crate) fn token(
        &self,
        name: &str,
        path: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, String> {
        let value = |name: &str| match path {
            Some(path) => self.new.value_for(path, name, now),
            None => self.new.value(name),
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
