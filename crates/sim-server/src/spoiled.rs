//! Answers as networks spoil them, whatever the service.

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::body::break_off;

/// Cuts an answer with this body: its full length is stated, half of it comes, then the connection
/// breaks.
pub fn truncate<T>(mut answer: Response<T>, body: &Bytes) -> Response {
    let length = HeaderValue::from(body.len());
    answer.headers_mut().insert(header::CONTENT_LENGTH, length);
    answer.map(|_| break_off(body.slice(..body.len() / 2)))
}

/// An HTML page with status 200, as some networks answer in place of a service.
#[must_use]
pub fn sign_in_page() -> Response {
    let page = "<!DOCTYPE html><html><body><h1>Please sign in to the network</h1></body></html>";
    ([(header::CONTENT_TYPE, "text/html")], page).into_response()
}
