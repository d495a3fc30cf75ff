//! A browser's capture (HAR 1.2), read leniently: what is missing or odd is passed over, entry by entry.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::LearnError;

/// A request and its answer. It holds secrets: no `Debug`.
pub(super) struct Exchange {
    pub(super) started: DateTime<Utc>,
    /// In capitals.
    pub(super) method: String,
    /// Path and query as they were sent.
    pub(super) target: String,
    /// What was sent, names in lower case, without cookies.
    pub(super) headers: Vec<(String, String)>,
    /// The cookies that were sent.
    pub(super) cookies: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// In lower case, without parameters.
    pub(super) content_type: String,
    pub(super) status: u16,
    /// The cookies that the answer sets.
    pub(super) set: Vec<(String, String)>,
    /// Path and query of a redirect, resolved.
    pub(super) location: Option<String>,
    /// Empty for what is neither JSON nor plain text.
    pub(super) answer: Vec<u8>,
}

impl Exchange {
    /// Path without query.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// The answer as JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.answer).ok()
    }
}

#[derive(Deserialize)]
struct Har<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

/// The exchanges with `host`, in order of time.
pub(super) fn exchanges(har: &[u8], host: &str, now: DateTime<Utc>) -> Result<Vec<Exchange>, LearnError> {
    let (mut found, mut others, mut last) = (Vec::new(), BTreeSet::new(), now);
    each(har, |entry, url| {
        if url.host_str().is_some_and(|known| known.eq_ignore_ascii_case(host)) {
            let exchange = exchange(entry, &url, last);
            last = exchange.started;
            found.push(exchange);
        } else {
            others.extend(url.host_str().map(str::to_owned));
        }
    })?;
    if found.is_empty() {
        return Err(LearnError::other_host(host, &others.into_iter().collect::<Vec<_>>()));
    }
    found.sort_by_key(|exchange| exchange.started);
    Ok(found)
}

/// What is posted to other hosts, with each one's name.
pub(super) fn posted_elsewhere(
    har: &[u8],
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(String, Exchange)>, LearnError> {
    let mut found = Vec::new();
    each(har, |entry, url| {
        let other = url.host_str().filter(|other| !other.eq_ignore_ascii_case(host));
        if let Some(other) = other.filter(|_| entry.pointer("/request/postData").is_some()) {
            found.push((other.to_owned(), exchange(entry, &url, now)));
        }
    })?;
    Ok(found)
}

/// The hosts of the capture, in the order of the alphabet.
///
/// # Errors
///
/// [`LearnError::NotHar`]
pub fn hosts(har: &[u8]) -> Result<Vec<String>, LearnError> {
    let mut hosts = BTreeSet::new();
    each(har, |_, url| hosts.extend(url.host_str().map(str::to_lowercase)))?;
    Ok(hosts.into_iter().collect())
}

/// Calls `take` with each entry that has an address. One entry at a time: captures are tens of megabytes.
fn each(har: &[u8], mut take: impl FnMut(&Value, Url)) -> Result<(), LearnError> {
    let text = String::from_utf8_lossy(har);
    let har: Har<'_> = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| LearnError::NotHar)?;
    for entry in har.log.entries {
        let Ok(entry) = serde_json::from_str::<Value>(entry.get()) else { continue };
        match Url::parse(text_at(&entry, "/request/url")) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => take(&entry, url),
            _ => {}
        }
    }
    Ok(())
}

fn exchange(entry: &Value, url: &Url, last: DateTime<Utc>) -> Exchange {
    let stated = DateTime::parse_from_rfc3339(text_at(entry, "/startedDateTime"));
    let sent = headers(entry, "/request/headers");
    let received = headers(entry, "/response/headers");
    let mut cookies = pairs(entry, "/request/cookies");
    for (_, line) in sent.iter().filter(|(name, _)| name == "cookie") {
        cookies.extend(line.split(';').filter_map(cookie));
    }
    let mut set = pairs(entry, "/response/cookies");
    // Firefox writes several in one header, a line each.
    for (_, lines) in received.iter().filter(|(name, _)| name == "set-cookie") {
        set.extend(lines.lines().filter_map(cookie));
    }
    set.retain(|(_, value)| !value.is_empty());
    let stated_type = text_at(entry, "/request/postData/mimeType");
    let content_type = sent.iter().find(|(name, _)| name == "content-type").map_or(stated_type, |(_, value)| value);
    let location = received.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
    let location = location.or_else(|| Some(text_at(entry, "/response/redirectURL"))).filter(|to| !to.is_empty());
    let location = location.and_then(|to| url.join(to).ok()).filter(|to| to.host() == url.host());
    Exchange {
        started: stated.map_or(last, |time| time.to_utc()),
        method: text_at(entry, "/request/method").to_uppercase(),
        target: target(url),
        cookies,
        body: body(entry),
        content_type: content_type.split(';').next().unwrap_or_default().trim().to_lowercase(),
        headers: sent.into_iter().filter(|(name, _)| name != "cookie" && !name.starts_with(':')).collect(),
        status: entry
            .pointer("/response/status")
            .and_then(Value::as_u64)
            .and_then(|it| it.try_into().ok())
            .unwrap_or(0),
        set,
        location: location.map(|to| target(&to)),
        answer: answer(entry),
    }
}

/// Path and query. A backslash is the one thing that addresses leave as it is and the profile refuses.
fn target(url: &Url) -> String {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    target.replace('\\', "%5C")
}

/// What was posted; made from `params` where the text is missing.
fn body(entry: &Value) -> Option<String> {
    let text = text_at(entry, "/request/postData/text");
    if !text.is_empty() {
        return Some(text.to_owned());
    }
    let params = pairs(entry, "/request/postData/params");
    // Some browsers decode them, some do not.
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%+-_.*~".contains(&byte));
    let encode = |text: &str| -> String {
        if plain(text) { text.to_owned() } else { form_urlencoded::byte_serialize(text.as_bytes()).collect() }
    };
    let params: Vec<String> =
        params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    (!params.is_empty()).then(|| params.join("&"))
}

fn answer(entry: &Value) -> Vec<u8> {
    let kind = text_at(entry, "/response/content/mimeType").to_lowercase();
    let useless = ["image/", "font/", "video/", "audio/", "javascript", "css", "html"];
    if useless.iter().any(|part| kind.contains(part)) {
        return Vec::new();
    }
    let text = text_at(entry, "/response/content/text");
    match text_at(entry, "/response/content/encoding") {
        "base64" => STANDARD.decode(text).unwrap_or_default(),
        _ => text.as_bytes().to_vec(),
    }
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn headers(entry: &Value, pointer: &str) -> Vec<(String, String)> {
    pairs(entry, pointer).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()
}

fn pairs(entry: &Value, pointer: &str) -> Vec<(String, String)> {
    let list = entry.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |item: &Value| (text_at(item, "/name").to_owned(), text_at(item, "/value").to_owned());
    list.iter().map(pair).filter(|(name, _)| !name.is_empty()).collect()
}

fn cookie(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split(';').next()?.trim().split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}
