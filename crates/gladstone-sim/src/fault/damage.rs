//! Carries a fault out: answers that take the place of the portal's, and damage done to genuine
//! ones.

use std::{future::pending, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use chrono::TimeDelta;
use serde_json::{json, value::RawValue};
use sim_server::{Peer, break_off, drip, machine_time};

use super::Fault;

/// Padding of a huge body: so many elements of so many bytes.
const HUGE: (usize, usize) = (60, 1_000_000);
/// A dripping body: at least so many bytes at a time, in at most so many drops, with so long a
/// pause after each.
const DRIP: (usize, usize, Duration) = (7, 200, Duration::from_millis(20));

/// The answer in place of the portal's, unless the fault needs a genuine one.
pub(crate) async fn replace_answer(fault: Fault, peer: &Peer) -> Option<Response> {
    Some(match fault {
        Fault::First403 | Fault::Every403 => html_page(StatusCode::FORBIDDEN, "403 Forbidden"),
        Fault::Cloudflare403 => cloudflare_page(StatusCode::FORBIDDEN),
        Fault::Cloudflare200 => cloudflare_page(StatusCode::OK),
        Fault::After401(_) => StatusCode::UNAUTHORIZED.into_response(),
        Fault::Seconds429(seconds) => too_many(&seconds.to_string()),
        Fault::Date429(seconds) => {
            let at = machine_time() + TimeDelta::seconds(i64::from(seconds));
            too_many(&at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        Fault::Error500 => html_page(
            StatusCode::INTERNAL_SERVER_ERROR,
            "500 - Internal server error.",
        ),
        Fault::First503(_) => html_page(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Fault::Status(status) => portal_error(status),
        Fault::Reset | Fault::FirstReset(_) => {
            peer.reset();
            StatusCode::NO_CONTENT.into_response()
        }
        Fault::Redirect(url) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response()
        }
        Fault::Never => pending().await,
        Fault::Panic => panic!("the fault `panic` struck"),
        _ => return None,
    })
}

/// Damages a genuine answer; one that is no success stays as it is.
pub(crate) async fn damage_answer(fault: Fault, answer: Response) -> Response {
    if !answer.status().is_success() {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let length = bytes.len();
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    let body = match fault {
        Fault::Truncated => break_off(bytes.slice(..length / 2)),
        Fault::WrongLength => {
            headers.insert(header::CONTENT_LENGTH, (length + 1000).into());
            break_off(bytes)
        }
        Fault::ShortLength => {
            headers.insert(header::CONTENT_LENGTH, (length / 2).into());
            drip([bytes], Duration::ZERO)
        }
        Fault::GarbageGzip => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            // A gzip header, then nothing that deflate could mean.
            Body::from([&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xff; 64]].concat())
        }
        Fault::Drip => drip_slowly(&bytes),
        Fault::NotArray => {
            Body::from(json!({"items": [], "message": "Something went wrong"}).to_string())
        }
        Fault::WrongTypes => Body::from(wrong_types()),
        Fault::WrongElement => Body::from(with_wrong_element(&bytes)),
        Fault::Huge => pad_array(&bytes),
        Fault::EmptyBody => Body::empty(),
        _ => Body::from(bytes),
    };
    Response::from_parts(parts, body)
}

fn html_page(status: StatusCode, title: &str) -> Response {
    (
        status,
        Html(format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        )),
    )
        .into_response()
}

/// A number that is no status counts as 500.
fn portal_error(status: u32) -> Response {
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (
        status,
        Json(json!({"title": status.canonical_reason(), "status": status.as_u16()})),
    )
        .into_response()
}

fn cloudflare_page(status: StatusCode) -> Response {
    let html = "<!DOCTYPE html><html lang=\"en-US\"><head>\
                <title>Attention Required! | Cloudflare</title></head>\
                <body><div id=\"cf-wrapper\"><h1>Sorry, you have been blocked</h1>\
                <p>Cloudflare Ray ID: <strong>8f00ba4c0ffee000</strong></p></div></body></html>";
    (
        status,
        [(header::SERVER, "cloudflare")],
        [("cf-ray", "8f00ba4c0ffee000-LHR")],
        Html(html),
    )
        .into_response()
}

fn too_many(retry_after: &str) -> Response {
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, retry_after)],
        "Too many requests",
    )
        .into_response()
}

fn wrong_types() -> String {
    let slot = json!({"startTime": 5, "endTime": false, "status": []});
    json!([
        7, "text", null, true, [],
        {"id": 42, "siteId": null, "name": [], "locations": "none"},
        {
            "id": "WRONG", "siteId": "UB", "name": "Wrong",
            "locations": [{"locationDetails": {}, "slots": [slot]}],
        },
    ])
    .to_string()
}

fn with_wrong_element(array: &[u8]) -> Vec<u8> {
    let mut elements: Vec<Box<RawValue>> = serde_json::from_slice(array).unwrap_or_default();
    if let Ok(number) = RawValue::from_string("42".to_owned()) {
        elements.insert(elements.len() / 2, number);
    }
    serde_json::to_vec(&elements).unwrap_or_default()
}

fn drip_slowly(bytes: &Bytes) -> Body {
    let (least, drops, pause) = DRIP;
    let drop = least.max(bytes.len().div_ceil(drops));
    drip(bytes.chunks(drop).map(Bytes::copy_from_slice), pause)
}

fn pad_array(array: &Bytes) -> Body {
    let inside = array
        .trim_ascii()
        .strip_prefix(b"[")
        .and_then(|text| text.strip_suffix(b"]"));
    let inside = inside.map(<[u8]>::trim_ascii).unwrap_or_default();
    let comments = "x".repeat(HUGE.1);
    let padding = json!({
        "id": "PADDING", "name": "Padding", "siteId": "UB", "webComments": comments,
        "locations": [],
    });
    let padding = Bytes::from(padding.to_string());
    let comma = Bytes::from_static(b",");
    let mut pieces = vec![Bytes::from_static(b"["), padding.clone()];
    for _ in 1..HUGE.0 {
        pieces.extend([comma.clone(), padding.clone()]);
    }
    if !inside.is_empty() {
        pieces.extend([comma, Bytes::copy_from_slice(inside)]);
    }
    pieces.push(Bytes::from_static(b"]"));
    drip(pieces, Duration::ZERO)
}
