//! The requests and answers of a capture that concern one host. What the capture lacks is empty.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use serde_json::value::RawValue;

use super::{
    LearnError,
    cookie::{SetCookie, join_chunks, split_pair, split_set_cookie},
    har::{Capture, Fields, parse_fields, parse_number, parse_pairs, parse_text},
};
use crate::sort::sort_by_key;

/// A request and its answer. It holds secrets: no `Debug`.
pub(super) struct Exchange {
    pub(super) started: DateTime<Utc>,
    /// In capitals.
    pub(super) method: String,
    /// Path and query as they were sent.
    pub(super) target: String,
    /// Headers of the request, names in lower case, without cookies.
    pub(super) headers: Vec<(String, String)>,
    /// The cookies that were sent.
    pub(super) cookies: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// The request had a body that the capture does not hold.
    pub(super) lacks_body: bool,
    /// In lower case, without parameters.
    pub(super) content_type: String,
    pub(super) status: u16,
    /// The cookies that the answer sets.
    pub(super) set: Vec<(String, String)>,
    /// Path and query of a redirect, resolved.
    pub(super) location: Option<String>,
    /// Empty for pictures and the like, and where the capture has none.
    pub(super) answer: Vec<u8>,
    /// The answer is JSON, by its stated type or by itself.
    pub(super) is_data: bool,
    /// Messages sent over a WebSocket.
    pub(super) messages: Vec<String>,
}

impl Exchange {
    /// Path without query.
    pub(super) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// The query, without the `?`.
    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The text of the answer, without what some servers put before JSON.
    pub(super) fn answer_body(&self) -> &[u8] {
        let answer = self
            .answer
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.answer)
            .trim_ascii_start();
        answer
            .strip_prefix(b")]}',")
            .unwrap_or(answer)
            .trim_ascii_start()
    }

    /// Tells whether the answer seems to be JSON.
    pub(super) fn answers_json(&self) -> bool {
        is_json(self.answer_body())
    }

    /// The answer as JSON; none where it would be too large in memory.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        /// Values take some hundred bytes each.
        const COMMAS: usize = 200_000;
        let answer = self.answer_body();
        let commas = memchr::memchr2_iter(b',', b'[', answer).count();
        if commas > COMMAS {
            None
        } else {
            serde_json::from_slice(answer).ok()
        }
    }
}

/// The exchanges with `host`, in order of time.
pub(super) fn read_exchanges(
    capture: &Capture,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Exchange>, LearnError> {
    let (mut found, mut others, mut last) = (Vec::new(), BTreeSet::new(), now);
    capture.for_each_entry(|entry, url| {
        if url
            .host_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(host))
        {
            let exchange = read_exchange(entry, &url, last);
            last = exchange.started;
            found.push(exchange);
        } else {
            others.extend(url.host_str().map(str::to_owned));
        }
    })?;
    if found.is_empty() {
        return Err(LearnError::other_host(
            host,
            &others.into_iter().collect::<Vec<_>>(),
        ));
    }
    sort_by_key(&mut found, |exchange| exchange.started);
    Ok(found)
}

/// Calls `take` with what was sent to each other host.
pub(super) fn each_elsewhere(
    capture: &Capture,
    host: &str,
    now: DateTime<Utc>,
    mut take: impl FnMut(&str, Exchange),
) -> Result<(), LearnError> {
    capture.for_each_entry(|entry, url| {
        if let Some(other) = url
            .host_str()
            .filter(|other| !other.eq_ignore_ascii_case(host))
        {
            let mut exchange = read_exchange(entry, &url, now);
            exchange.answer = Vec::new();
            take(other, exchange);
        }
    })
}

fn read_exchange(entry: &Fields<'_>, url: &Url, last: DateTime<Utc>) -> Exchange {
    let started = parse_time(entry.get("startedDateTime").copied()).unwrap_or(last);
    let request = parse_fields(entry.get("request").copied());
    let response = parse_fields(entry.get("response").copied());
    let post = parse_fields(request.get("postData").copied());
    let mut sent = parse_headers(request.get("headers").copied());
    // Browsers make a header of what stands before the host.
    if !url.username().is_empty() && sent.iter().all(|(name, _)| name != "authorization") {
        let user = percent_decode_str(url.username()).decode_utf8_lossy();
        let password = percent_decode_str(url.password().unwrap_or_default()).decode_utf8_lossy();
        let pair = format!("{user}:{password}");
        sent.push((
            "authorization".to_owned(),
            format!("Basic {}", STANDARD.encode(pair)),
        ));
    }
    let received = parse_headers(response.get("headers").copied());
    let mut cookies = parse_pairs(request.get("cookies").copied());
    for (_, line) in sent.iter().filter(|(name, _)| name == "cookie") {
        cookies.extend(line.split(';').filter_map(split_pair));
    }
    join_chunks(&mut cookies);
    let lines = received.iter().filter(|(name, _)| name == "set-cookie");
    let in_headers: Vec<SetCookie> = lines
        .flat_map(|(_, lines)| split_set_cookie(lines, started))
        .collect();
    // The last of a name counts, and a header tells what the list does not: that a cookie is
    // deleted.
    let mut named: BTreeMap<String, String> = parse_pairs(response.get("cookies").copied())
        .into_iter()
        .collect();
    for SetCookie {
        name,
        value,
        deleted,
    } in in_headers
    {
        named.insert(name, if deleted { String::new() } else { value });
    }
    let mut set: Vec<(String, String)> = named.into_iter().collect();
    set.retain(|(_, value)| !value.is_empty());
    join_chunks(&mut set);
    let stated_type = parse_text(post.get("mimeType").copied());
    let content_type = find_value(&sent, "content-type")
        .unwrap_or(&stated_type)
        .to_owned();
    let body = request_body(&post, &content_type);
    let stated_length = find_value(&sent, "content-length").and_then(|length| length.parse().ok());
    let length = stated_length
        .or_else(|| parse_number(request.get("bodySize").copied()))
        .unwrap_or(0);
    let content = response.get("content").copied();
    let kind = parse_text(parse_fields(content).get("mimeType").copied()).to_lowercase();
    let answer = decode_content(content);
    let location = find_value(&received, "location").map(str::to_owned);
    let location = location.unwrap_or_else(|| parse_text(response.get("redirectURL").copied()));
    let location = Some(location)
        .filter(|to| !to.is_empty())
        .and_then(|to| url.join(&to).ok());
    Exchange {
        started,
        method: parse_text(request.get("method").copied()).to_uppercase(),
        target: request_target(url),
        cookies,
        lacks_body: body.is_none() && length > 0,
        body,
        content_type: content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase(),
        headers: sent
            .into_iter()
            .filter(|(name, _)| name != "cookie" && !name.starts_with(':'))
            .collect(),
        status: parse_number(response.get("status").copied())
            .and_then(|it| it.try_into().ok())
            .unwrap_or(0),
        set,
        location: location
            .filter(|to| to.host() == url.host())
            .map(|to| request_target(&to)),
        is_data: kind.contains("json") || (!answer.is_empty() && is_json(&answer)),
        answer,
        messages: sent_messages(entry.get("_webSocketMessages").copied()),
    }
}

/// Parses the time at which a request began; some exporters write the offset without a colon, some
/// a number.
fn parse_time(raw: Option<&RawValue>) -> Option<DateTime<Utc>> {
    let stated = parse_text(raw);
    let time = DateTime::parse_from_rfc3339(&stated);
    let time = time.or_else(|_| DateTime::parse_from_str(&stated, "%Y-%m-%dT%H:%M:%S%.f%z"));
    time.map(|time| time.to_utc())
        .ok()
        .or_else(|| DateTime::from_timestamp_millis(parse_number(raw)?))
}

/// Path and query. A backslash is the one thing that addresses leave as it is and the profile
/// refuses.
fn request_target(url: &Url) -> String {
    let target = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    target.replace('\\', "%5C")
}

/// Returns the body of the request; made from `params` where the text is missing.
fn request_body(post: &Fields<'_>, content_type: &str) -> Option<String> {
    let text_of = parse_text(post.get("text").copied());
    if !text_of.is_empty() {
        let encoding = parse_text(post.get("encoding").copied());
        let decoded = encoding
            .eq_ignore_ascii_case("base64")
            .then(|| STANDARD.decode(&text_of).ok())
            .flatten();
        return Some(decoded.map_or(text_of, |bytes| {
            String::from_utf8_lossy(&bytes).into_owned()
        }));
    }
    let params = parse_pairs(post.get("params").copied());
    if params.is_empty() {
        return None;
    }
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        let boundary = boundary.trim_matches('"');
        let mut body = String::new();
        for (name, value) in &params {
            body += &format!("--{boundary}\r\nContent-Disposition: form-data; ");
            body += &format!("name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        return Some(body + &format!("--{boundary}--\r\n"));
    }
    let params: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", encode_once(name), encode_once(value)))
        .collect();
    Some(params.join("&"))
}

fn find_value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(known, _)| known == name)?;
    Some(value)
}

/// Form-encodes a parameter, unless the browser has: some decode them, some do not.
fn encode_once(text: &str) -> String {
    let is_encoded = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"%+-_.*~".contains(&byte));
    if is_encoded {
        text.to_owned()
    } else {
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }
}

fn decode_content(content: Option<&RawValue>) -> Vec<u8> {
    let content = parse_fields(content);
    let kind = parse_text(content.get("mimeType").copied()).to_lowercase();
    let useless = ["image/", "font/", "video/", "audio/", "css"];
    if useless.iter().any(|part| kind.contains(part)) {
        return Vec::new();
    }
    let said = parse_text(content.get("text").copied());
    let encoded = parse_text(content.get("encoding").copied()).eq_ignore_ascii_case("base64");
    let answer = if encoded {
        STANDARD.decode(said.trim()).unwrap_or_default()
    } else {
        said.into_bytes()
    };
    if kind.contains("javascript") && !is_json(&answer) {
        Vec::new()
    } else {
        answer
    }
}

fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Returns the messages that the page sent over a WebSocket, as Chrome records them.
fn sent_messages(raw: Option<&RawValue>) -> Vec<String> {
    let list: Vec<&RawValue> = raw
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let messages = list.iter().map(|item| parse_fields(Some(item)));
    let sent = messages.filter(|message| parse_text(message.get("type").copied()) != "receive");
    sent.map(|message| parse_text(message.get("data").copied()))
        .collect()
}

fn parse_headers(raw: Option<&RawValue>) -> Vec<(String, String)> {
    parse_pairs(raw)
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect()
}
