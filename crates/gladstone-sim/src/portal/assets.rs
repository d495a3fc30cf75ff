//! What a browser loads besides the API: the app's page, its script, a picture and a font, none of
//! which does anything.

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse, routing::get};

use crate::sim::Sim;

/// The page of the single-page app, which its host sends for whatever is not the API.
pub(super) const APP: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Gladstone Go</title><base href=\"/\"></head><body><app-root></app-root>\
    <script src=\"main.js\"></script></body></html>";
const SCRIPT: &str = "\"use strict\";(()=>{const api={login:\"/auth/login\",\
    password:\"password\"};window.app=api})();";
/// One transparent pixel.
const PICTURE: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\xdac\xfc\xff\x9f\xa1\x1e\0\x07\x82\x02\x7f=\xc8H\xef\0\0\0\0IEND\xaeB`\x82";
const FONT: &[u8] = b"wOF2\0\x01\0\0";

pub(super) fn routes() -> Router<Arc<Sim>> {
    Router::new()
        .route(
            "/main.js",
            get(|| async { of_type("text/javascript", SCRIPT) }),
        )
        .route(
            "/assets/logo.png",
            get(|| async { of_type("image/png", PICTURE) }),
        )
        .route(
            "/assets/icons.woff2",
            get(|| async { of_type("font/woff2", FONT) }),
        )
}

fn of_type(media_type: &'static str, content: impl IntoResponse) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type)], content)
}
