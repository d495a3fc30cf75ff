//! A request as handlers see it: read in full, decoded, and its multipart body in parts.

use std::fmt::Display;

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use futures_util::{FutureExt, stream};
use multer::Multipart;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// The beta of agents and of what belongs to them.
pub(crate) const MANAGED_AGENTS: &str = "managed-agents-2026-04-01";

/// A request that has arrived whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Self {
        let segments = uri.path().split('/').skip(1);
        let segments = segments
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        Self {
            method,
            uri,
            headers,
            body,
            segments,
            query,
        }
    }

    /// The path's pieces, decoded: `["v1", "skills"]`.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The id in the path: `/v1/agents/{id}`.
    pub(crate) fn id(&self) -> &str {
        self.segments.get(2).map_or("", String::as_str)
    }

    /// The second id in the path: `/v1/skills/{id}/versions/{sub_id}`.
    pub(crate) fn sub_id(&self) -> &str {
        self.segments.get(4).map_or("", String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may be repeated: `statuses[]`.
    pub(crate) fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// True when the list is to have archived objects as well.
    pub(crate) fn includes_archived(&self) -> bool {
        self.query("include_archived") == Some("true")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// True when a beta is named, in one header or several.
    pub(crate) fn has_beta(&self, beta: &str) -> bool {
        self.betas().any(|named| named == beta)
    }

    pub(crate) fn betas(&self) -> impl Iterator<Item = &str> {
        let values = self
            .headers
            .get_all("anthropic-beta")
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim)
    }

    /// The token of `Authorization: Bearer …`; the scheme in any case.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    }

    pub(crate) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        let is_json = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json {
            return Err(Refusal::invalid("content-type must be application/json"));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::invalid(format!("body is not a JSON object: {error}")))
    }

    pub(crate) fn parts(&self) -> Result<Vec<Part>, Refusal> {
        let boundary = multer::parse_boundary(self.header("content-type").unwrap_or_default())
            .map_err(refuse_multipart)?;
        let whole = stream::iter([Ok::<_, std::convert::Infallible>(self.body.clone())]);
        // Everything is here, so nothing in it ever waits.
        read_parts(Multipart::new(whole, boundary))
            .now_or_never()
            .unwrap_or_else(|| Err(refuse_multipart("it does not end")))
    }
}

async fn read_parts(mut body: Multipart<'_>) -> Result<Vec<Part>, Refusal> {
    let mut parts = Vec::new();
    while let Some(field) = body.next_field().await.map_err(refuse_multipart)? {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(ToString::to_string);
        parts.push(Part {
            name,
            filename,
            content_type,
            bytes: field.bytes().await.map_err(refuse_multipart)?,
        });
    }
    Ok(parts)
}

fn refuse_multipart(error: impl Display) -> Refusal {
    Refusal::invalid(format!("body is not multipart/form-data: {error}"))
}

/// A field of an object; empty where it is no text.
pub(crate) fn text_field<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}
