//! JSON answers: compressed if the club does that, and made only once.

use std::io::Write;

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::json;
use sim_server::locked;

use crate::sim::Sim;

/// So many answers are kept; a large one has 10 MB.
const KEPT: usize = 8;

/// An answer of JSON text, which `make` gives for `asked` unless it did so before.
pub(super) fn answer_cached(
    sim: &Sim,
    headers: &HeaderMap,
    asked: &str,
    make: impl FnOnce() -> Bytes,
) -> Response {
    let gzip = wants_gzip(sim, headers);
    let key = format!("{asked} gzip={gzip}");
    let ready = locked(&sim.cache).get(&key).cloned();
    let bytes = ready.unwrap_or_else(|| {
        let bytes = if gzip { compress(&make()) } else { make() };
        let mut cache = locked(&sim.cache);
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(key, bytes.clone());
        bytes
    });
    answer(bytes, gzip)
}

/// An answer of JSON text that is not worth keeping, as it is one member's.
pub(super) fn answer_json(sim: &Sim, headers: &HeaderMap, text: Bytes) -> Response {
    let gzip = wants_gzip(sim, headers);
    answer(if gzip { compress(&text) } else { text }, gzip)
}

fn answer(bytes: Bytes, gzip: bool) -> Response {
    let mut answer = (
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        bytes,
    )
        .into_response();
    if gzip {
        answer
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

/// The portal's own 404.
pub(super) fn not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"title": "Not Found", "status": 404})),
    )
        .into_response()
}

/// JSON text; every type here has one.
pub(super) fn to_json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .unwrap_or_default()
}

fn wants_gzip(sim: &Sim, headers: &HeaderMap) -> bool {
    let mut accepted = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    sim.behaviour.gzip && accepted.any(|value| value.contains("gzip"))
}

fn compress(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().map(Bytes::from).unwrap_or_default()
}
