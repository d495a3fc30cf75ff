//! What a request carries to show which session it belongs to.

use chrono::{DateTime, Utc};
use reqwest::{
    Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};

use super::cookies::Jar;

/// The headers and cookies of a session. Sensitive values, so no `Debug`.
#[derive(Clone, Default)]
pub(super) struct Identity {
    headers: HeaderMap,
    cookies: Jar,
}

impl Identity {
    /// A session in cookies. Values that no header can carry are left out, and the portal will say
    /// 401.
    pub(super) fn cookies(cookies: &Jar) -> Self {
        Self::default().with_cookies(cookies)
    }

    /// A session in a token of any kind.
    pub(super) fn bearer(token: &str) -> Self {
        Self::default().with(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Replaces the cookies.
    pub(super) fn with_cookies(self, cookies: &Jar) -> Self {
        Self {
            cookies: cookies.clone(),
            ..self
        }
    }

    /// Adds a header where one can carry the value.
    pub(super) fn with(self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        self.clone()
            .with_bytes(name, value.as_bytes())
            .unwrap_or(self)
    }

    /// Adds a header; `None` where none can carry the value.
    pub(super) fn with_bytes(
        mut self,
        name: impl TryInto<HeaderName>,
        value: &[u8],
    ) -> Option<Self> {
        let (name, mut value) = (name.try_into().ok()?, HeaderValue::from_bytes(value).ok()?);
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Some(self)
    }

    /// The cookies that the session began with.
    pub(super) fn own_cookies(&self) -> &Jar {
        &self.cookies
    }

    /// Returns the headers of a request for `url` that carries `cookies`.
    pub(super) fn headers(&self, cookies: &Jar, url: &Url, now: DateTime<Utc>) -> HeaderMap {
        let mut headers = self.headers.clone();
        // A header of the profile's own counts.
        if let (false, Some(line)) = (
            headers.contains_key(header::COOKIE),
            cookies.header(url, now),
        ) {
            headers.insert(header::COOKIE, line);
        }
        headers
    }

    /// The value of a header.
    #[cfg(test)]
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(HeaderValue::as_bytes)
    }
}
