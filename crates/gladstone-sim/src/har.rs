//! What a browser's developer tools would have captured: HAR 1.2 as Chrome writes it.
//!
//! A browser that keeps cookies calls the portal's own handlers, so a HAR shows what the club does
//! and nothing else. Only the strangers' entries, which a client must ignore, are made up.

mod browser;
mod entry;
mod resource;
mod strangers;

use std::{io, sync::Arc, thread};

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::runtime;

use crate::{
    behaviour::Flow,
    dialect::{self, AppRequest, Dialect},
    envelope::Seal,
    members::Member,
    sim::Sim,
};
use browser::{Answer, Browser};
use resource::Resource;

/// Headers that a sanitized HAR is without.
const SENSITIVE: [&str; 3] = ["cookie", "set-cookie", "authorization"];

/// Records a visit of a member to a club that is there for nothing else.
pub(crate) fn record_visit(mut sim: Sim, origin: &str, member: &Member) -> io::Result<Value> {
    // What matters is where the browser believes it is.
    sim.behaviour.https = origin.starts_with("https:");
    // A thread of its own, as a runtime can neither start nor end within a test's.
    let entries = thread::spawn({
        let (origin, member) = (origin.to_owned(), member.clone());
        move || {
            Ok(runtime::Builder::new_current_thread()
                .build()?
                .block_on(visit_portal(sim, &origin, &member)))
        }
    });
    entries
        .join()
        .map_err(|_| io::Error::other("a handler panicked"))?
        .map(|entries| wrap_entries(&entries))
}

/// Without cookies and tokens in headers.
pub(crate) fn sanitize_har(mut har: Value) -> Value {
    for entry in har["log"]["entries"].as_array_mut().into_iter().flatten() {
        for side in ["request", "response"] {
            entry[side]["cookies"] = json!([]);
            if let Some(headers) = entry[side]["headers"].as_array_mut() {
                headers.retain(|header| {
                    let name = header["name"].as_str().unwrap_or_default().to_lowercase();
                    !SENSITIVE.contains(&name.as_str())
                });
            }
        }
    }
    har
}

async fn visit_portal(sim: Sim, origin: &str, member: &Member) -> Vec<Value> {
    let (shape, flow, now) = (sim.behaviour.shape, sim.behaviour.flow, sim.now());
    let mut browser = Browser::new(&Arc::new(sim), origin, now);
    look_around(&mut browser, flow, now).await;
    browser.strangers(strangers::analytics_entries(&member.email));
    if let Some(dialect) = dialect::of_shape(shape) {
        sign_in(&mut browser, dialect, member, now).await;
    }
    browser.entries
}

/// The start page and what the app does by itself.
async fn look_around(browser: &mut Browser, flow: Flow, now: DateTime<Utc>) {
    browser.get("/", Resource::Document, &[]).await;
    browser.get("/main.js", Resource::Script, &[]).await;
    browser.get("/assets/logo.png", Resource::Image, &[]).await;
    browser
        .get("/assets/icons.woff2", Resource::Font, &[])
        .await;
    let session = match flow {
        Flow::Cookie => {
            browser
                .get("/api/samlauthentication/anonymous", Resource::Fetch, &[])
                .await;
            ("x-use-sso", "1".to_owned())
        }
        Flow::Envelope => {
            let answer = browser
                .get("/validate/tenant/anonymous", Resource::Fetch, &[])
                .await;
            let inner = Seal::Cbc
                .open(browser.host(), &answer.body)
                .unwrap_or_default();
            let inner: Value = serde_json::from_slice(&inner).unwrap_or_default();
            (
                "authorization",
                format!("Bearer {}", inner["Token"].as_str().unwrap_or_default()),
            )
        }
    };
    let sites = "/api/configuration/sites?includeFacilitiesAndAmenities=true&isActive=true";
    browser
        .get(sites, Resource::Encoded, std::slice::from_ref(&session))
        .await;
    let [from, to] = [now, now + TimeDelta::days(1)].map(|at| at.format("%Y-%m-%dT%H:%M:%S.000Z"));
    let sessions = format!(
        "/api/availability/V2/sessions?siteIds=UB&activityIds=PADEL60&webBookableOnly=true\
         &dateFrom={from}&dateTo={to}"
    );
    browser.get(&sessions, Resource::Fetch, &[session]).await;
}

async fn sign_in(browser: &mut Browser, dialect: &Dialect, member: &Member, now: DateTime<Utc>) {
    let AppRequest { headers, body } =
        dialect.app_login(browser.host(), &member.email, &member.password);
    let path = dialect.login_path;
    let Answer {
        status,
        location,
        body,
    } = match dialect.logs_in_by_get() {
        true => {
            browser
                .get(&format!("{path}?{body}"), Resource::Fetch, &headers)
                .await
        }
        false => browser.post(path, &headers, body).await,
    };
    if let (StatusCode::FOUND, Some(location)) = (status, location) {
        browser.get(&location, Resource::Fetch, &[]).await;
    }
    let session = dialect.app_session(browser.host(), &body);
    browser
        .get(
            "/api/samlauthentication/authentication-status",
            Resource::Fetch,
            &session,
        )
        .await;
    let [upcoming, past] = dialect.app_listings(now);
    browser.get(&upcoming, Resource::Fetch, &session).await;
    browser.get(&past, Resource::Encoded, &session).await;
}

fn wrap_entries(entries: &[Value]) -> Value {
    let started = entries
        .first()
        .map(|entry| entry["startedDateTime"].clone());
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [{
            "startedDateTime": started,
            "id": "page_1",
            "title": "Gladstone Go",
            "pageTimings": {"onContentLoad": 412.3, "onLoad": 655.1},
        }],
        "entries": entries,
    }})
}
