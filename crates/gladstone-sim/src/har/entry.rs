//! One entry of a HAR.

use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::resource::Resource;

pub(super) struct Exchange<'a> {
    /// Scheme and authority, without a path.
    pub(super) origin: &'a str,
    pub(super) started: &'a str,
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    pub(super) resource: Resource,
    pub(super) sent: &'a HeaderMap,
    pub(super) body: &'a str,
    pub(super) status: StatusCode,
    pub(super) received: &'a HeaderMap,
    pub(super) content: &'a [u8],
}

/// Formats an exchange in Chrome's words.
pub(super) fn format_entry(exchange: &Exchange) -> Value {
    // Chrome speaks HTTP/2 to the real portal, and then names what HTTP/1.1 has no header for.
    let secure = exchange.origin.starts_with("https:");
    let version = if secure { "http/2.0" } else { "http/1.1" };
    json!({
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_resourceType": exchange.resource.resource_type(),
        "cache": {},
        "connection": "443",
        "pageref": "page_1",
        "request": format_request(exchange, version, secure),
        "response": format_response(exchange, version),
        "serverIPAddress": "203.0.113.7",
        "startedDateTime": exchange.started,
        "time": 41.7,
        "timings": {
            "blocked": 1.2, "dns": -1, "ssl": -1, "connect": -1, "send": 0.2, "wait": 38.1,
            "receive": 2.2, "_blocked_queueing": 0.9,
        },
    })
}

fn format_request(exchange: &Exchange, version: &str, secure: bool) -> Value {
    let mut request = json!({
        "method": exchange.method,
        "url": format!("{}{}", exchange.origin, exchange.target),
        "httpVersion": version,
        "headers": format_sent_headers(exchange, secure),
        "queryString": format_pairs(exchange.target.split_once('?').map_or("", |(_, query)| query)),
        "cookies": format_cookies(exchange.sent, "cookie"),
        "headersSize": -1,
        "bodySize": exchange.body.len(),
    });
    if exchange.method == "POST" {
        let media_type = header_text(exchange.sent, "content-type");
        let mut data = json!({"mimeType": media_type, "text": exchange.body});
        if media_type.starts_with("application/x-www-form-urlencoded") {
            data["params"] = format_pairs(exchange.body);
        }
        request["postData"] = data;
    }
    request
}

fn format_response(exchange: &Exchange, version: &str) -> Value {
    let status = exchange.status;
    // HTTP/2 has no reason phrases.
    let reason = status.canonical_reason().filter(|_| version == "http/1.1");
    json!({
        "status": status.as_u16(),
        "statusText": reason.unwrap_or_default(),
        "httpVersion": version,
        "headers": format_headers(exchange.received),
        "cookies": format_cookies(exchange.received, "set-cookie"),
        "content": format_content(exchange),
        "redirectURL": header_text(exchange.received, "location"),
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": exchange.content.len() + 300,
        "_error": null,
    })
}

/// The content: text, base64, or nothing when it is not kept or there is none.
fn format_content(exchange: &Exchange) -> Value {
    let media_type = header_text(exchange.received, "content-type");
    let mut content = json!({"size": exchange.content.len(), "mimeType": media_type});
    let kept = exchange.resource != Resource::Font && !exchange.content.is_empty();
    match std::str::from_utf8(exchange.content) {
        _ if !kept => {}
        // The sealed answer to a login is text, yet kept as if it were not.
        Ok(text)
            if exchange.resource != Resource::Encoded && !media_type.starts_with("text/plain") =>
        {
            content["text"] = text.into();
        }
        _ => {
            content["text"] = STANDARD.encode(exchange.content).into();
            content["encoding"] = "base64".into();
        }
    }
    content
}

fn format_sent_headers(exchange: &Exchange, secure: bool) -> Value {
    let Value::Array(others) = format_headers(exchange.sent) else {
        return json!([]);
    };
    if !secure {
        return others.into();
    }
    let (scheme, authority) = exchange.origin.split_once("://").unwrap_or_default();
    let pseudo = [
        (":authority", authority),
        (":method", exchange.method),
        (":path", exchange.target),
        (":scheme", scheme),
    ];
    let pseudo = pseudo
        .into_iter()
        .map(|(name, value)| json!({"name": name, "value": value}));
    pseudo
        .chain(others.into_iter().filter(|header| header["name"] != "host"))
        .collect()
}

fn format_headers(headers: &HeaderMap) -> Value {
    let value =
        |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, it)| json!({"name": name.as_str(), "value": value(it)}))
        .collect()
}

/// Names and values as they are in a query or a form; Chrome does not decode them.
fn format_pairs(text: &str) -> Value {
    let pairs = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn format_cookies(headers: &HeaderMap, name: &str) -> Value {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let set = name == "set-cookie";
    let cookies = values.flat_map(|value| {
        // One cookie with attributes, or several without.
        let http_only = value.contains("HttpOnly");
        let secure = value.contains("Secure");
        let count = if set { 1 } else { usize::MAX };
        value.split("; ").take(count).filter_map(move |pair| {
            let (name, value) = pair.split_once('=')?;
            Some(json!({
                "name": name, "value": value, "path": "/", "httpOnly": http_only, "secure": secure,
            }))
        })
    });
    cookies.collect()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
