//! What is to be sent, before anybody is named: method, path, query, body, beta.

use bytes::Bytes;
use http_edge::Secrets;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use crate::{Error, Kind, multipart::Form, text};

/// The largest JSON answer that is read.
pub(crate) const JSON_LIMIT: usize = 16 * 1024 * 1024;
/// Everything but RFC 3986's unreserved characters, so that an id can never reach another endpoint.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The beta of Managed Agents (recorded).
const MANAGED_AGENTS: &str = "managed-agents-2026-04-01";
/// The resources that need it; skills, files and models are generally available and would flip to
/// older shapes with a beta (documented).
const IN_BETA: [&str; 6] = [
    "agents",
    "deployment_runs",
    "deployments",
    "environments",
    "sessions",
    "vaults",
];

/// A request to the platform. Its body may hold secrets, so no `Debug`.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Encoded, with a leading slash.
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) beta: Option<&'static str>,
    pub(crate) accept: &'static str,
    /// The content type and the body.
    pub(crate) body: Option<(String, Bytes)>,
    /// Secrets in the body.
    pub(crate) secrets: Secrets,
    /// The IAM action that it needs on AWS.
    pub(crate) action: &'static str,
    /// The largest answer in bytes.
    pub(crate) limit: usize,
    /// The answer is read as it comes.
    pub(crate) streams: bool,
}

impl Request {
    pub(crate) fn get(segments: &[&str], action: &'static str) -> Result<Self, Error> {
        Self::new(Method::GET, segments, action)
    }

    pub(crate) fn post(segments: &[&str], action: &'static str) -> Result<Self, Error> {
        Self::new(Method::POST, segments, action)
    }

    pub(crate) fn delete(segments: &[&str], action: &'static str) -> Result<Self, Error> {
        Self::new(Method::DELETE, segments, action)
    }

    fn new(method: Method, segments: &[&str], action: &'static str) -> Result<Self, Error> {
        let mut path = String::from("/v1");
        for segment in segments {
            // URLs resolve these two, however they are encoded; none is an id.
            if ["", ".", ".."].contains(segment) {
                return Err(Error::new(
                    Kind::Invalid,
                    format!("`{segment}` is not an id"),
                ));
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, RESERVED));
        }
        let (query, accept) = (Vec::new(), "application/json");
        Ok(Self {
            method,
            path,
            query,
            beta: segments
                .first()
                .filter(|resource| IN_BETA.contains(resource))
                .map(|_| MANAGED_AGENTS),
            accept,
            body: None,
            secrets: Secrets::default(),
            action,
            limit: JSON_LIMIT,
            streams: false,
        })
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    pub(crate) fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = media_type;
        self
    }

    pub(crate) fn at_most(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    pub(crate) fn streamed(mut self) -> Self {
        self.streams = true;
        self
    }

    pub(crate) fn with_json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::new(Kind::Invalid, error.to_string()))?;
        self.body = Some(("application/json".to_owned(), body.into()));
        Ok(self)
    }

    pub(crate) fn with_form(mut self, form: Form) -> Self {
        let (content_type, body) = form.finish();
        self.body = Some((content_type, body.into()));
        self
    }

    /// Adds secrets that the body holds, so that no message and no answer repeats them: as they
    /// are, as JSON writes them, and as a message that was made printable would show them.
    pub(crate) fn with_secrets<'a>(mut self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let forms = secrets.into_iter().flat_map(|secret| {
            let quoted = Value::from(secret).to_string();
            let escaped = quoted[1..quoted.len() - 1].to_owned();
            [secret, &escaped].map(|form| [form.to_owned(), text::line(form, form.len())])
        });
        let mut forms: Vec<String> = forms.flatten().collect();
        // The longest first: a shorter one may be part of it.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        self.secrets = forms.into_iter().collect();
        self
    }

    /// Method and path, for messages.
    pub(crate) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The encoded path with the encoded query.
    pub(crate) fn target(&self) -> String {
        let mut target = self.path.clone();
        for (position, (name, value)) in self.query.iter().enumerate() {
            target.push(if position == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            target.extend(utf8_percent_encode(value, RESERVED));
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::Url;

    use super::*;

    proptest! {
        #[test]
        fn an_id_stays_one_segment_of_its_endpoint(id in any::<String>(), page in any::<String>()) {
            prop_assume!(!["", ".", ".."].contains(&id.as_str()));
            let request = Request::get(&["skills", &id, "versions"], "").expect("an id").with_query("page", &page);
            let url = Url::parse(&format!("https://api.example{}", request.target())).expect("a URL");
            let segments: Vec<&str> = url.path_segments().expect("a path").collect();
            prop_assert_eq!(segments.len(), 4);
            prop_assert_eq!((segments[0], segments[1], segments[3]), ("v1", "skills", "versions"));
            prop_assert_eq!(url.query_pairs().collect::<Vec<_>>(), [("page".into(), page.as_str().into())]);
        }
    }
}
