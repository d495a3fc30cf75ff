//! A browser without a window: it calls the portal's handlers, keeps cookies and notes everything.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tower::ServiceExt;

use super::{
    entry::{self, Exchange},
    resource::Resource,
};
use crate::{portal, sim::Sim};

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                     (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

pub(super) struct Browser {
    /// Entries of the HAR.
    pub(super) entries: Vec<Value>,
    routes: Router,
    origin: String,
    cookies: BTreeMap<String, String>,
    at: DateTime<Utc>,
}

/// The part of an answer that the app uses.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Browser {
    /// A browser that knows one club, under an origin such as `https://club.example`.
    pub(super) fn new(sim: &Arc<Sim>, origin: &str, now: DateTime<Utc>) -> Self {
        Self {
            entries: Vec::new(),
            routes: portal::routes(sim),
            origin: origin.to_owned(),
            cookies: BTreeMap::new(),
            at: now,
        }
    }

    /// The host's name without the port.
    pub(super) fn host(&self) -> &str {
        let authority = self.authority();
        authority
            .rsplit_once(':')
            .map_or(authority, |(name, _)| name)
    }

    /// Entries of other hosts.
    pub(super) fn strangers(&mut self, make: impl Fn(&str) -> Vec<Value>) {
        let at = self.tick();
        self.entries.extend(make(&at));
    }

    pub(super) async fn get(
        &mut self,
        target: &str,
        resource: Resource,
        headers: &[(&'static str, String)],
    ) -> Answer {
        self.call("GET", target, resource, headers, String::new())
            .await
    }

    /// A POST by the app.
    pub(super) async fn post(
        &mut self,
        target: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Answer {
        self.call("POST", target, Resource::Fetch, headers, body)
            .await
    }

    async fn call(
        &mut self,
        method: &'static str,
        target: &str,
        resource: Resource,
        more: &[(&'static str, String)],
        body: String,
    ) -> Answer {
        let headers = self.headers(method, resource, more, body.len());
        let mut request = Request::new(Body::from(body.clone()));
        *request.method_mut() = if method == "POST" {
            axum::http::Method::POST
        } else {
            axum::http::Method::GET
        };
        *request.uri_mut() = target.parse().unwrap_or_default();
        *request.headers_mut() = headers.clone();
        // The handlers answer everything, if only with a refusal.
        let Ok(response) = self.routes.clone().oneshot(request).await;
        let (parts, content) = response.into_parts();
        let content = to_bytes(content, usize::MAX).await.unwrap_or_default();
        let started = self.tick();
        self.entries.push(entry::format_entry(&Exchange {
            origin: &self.origin,
            started: &started,
            method,
            target,
            resource,
            sent: &headers,
            body: &body,
            status: parts.status,
            received: &parts.headers,
            content: &content,
        }));
        self.keep_cookies(&parts.headers);
        let location = parts
            .headers
            .get(header::LOCATION)
            .and_then(|at| at.to_str().ok())
            .map(str::to_owned);
        Answer {
            status: parts.status,
            location,
            body: content,
        }
    }

    fn headers(
        &self,
        method: &str,
        resource: Resource,
        more: &[(&'static str, String)],
        length: usize,
    ) -> HeaderMap {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut headers = vec![
            ("host", self.authority().to_owned()),
            ("accept", resource.accept().to_owned()),
            ("accept-language", "en-GB,en;q=0.9".to_owned()),
            ("sec-ch-ua-platform", "\"Windows\"".to_owned()),
            ("sec-fetch-dest", resource.destination().to_owned()),
            ("sec-fetch-mode", resource.mode().to_owned()),
            (
                "sec-fetch-site",
                if resource == Resource::Document {
                    "none"
                } else {
                    "same-origin"
                }
                .to_owned(),
            ),
            ("user-agent", AGENT.to_owned()),
        ];
        if !cookies.is_empty() {
            headers.push(("cookie", cookies.join("; ")));
        }
        if resource != Resource::Document {
            headers.push(("referer", format!("{}/", self.origin)));
        }
        if method == "POST" {
            headers.extend([
                ("origin", self.origin.clone()),
                ("content-length", length.to_string()),
            ]);
        }
        headers.extend(more.iter().cloned());
        let pairs = headers.into_iter().filter_map(|(name, value)| {
            Some((
                HeaderName::from_static(name),
                HeaderValue::try_from(value).ok()?,
            ))
        });
        pairs.collect()
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            if let Some((name, value)) = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
            {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn authority(&self) -> &str {
        self.origin
            .split_once("://")
            .map_or(self.origin.as_str(), |(_, authority)| authority)
    }

    /// The present, a moment after the last.
    fn tick(&mut self) -> String {
        self.at += TimeDelta::milliseconds(83);
        self.at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}
