//! Requests and answers of AWS's crates as those of our client, so that there is no second HTTP
//! stack. Who sends them, and by which way, is the caller's.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::HttpConnectorSettings,
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use reqwest::{Request, StatusCode, header::HeaderMap};

/// Makes a request whose answer has to be there after `timeout`.
///
/// # Errors
///
/// A body that is a stream; an address that is none.
pub fn from_smithy(request: HttpRequest, timeout: Duration) -> Result<Request, ConnectorError> {
    let (parts, body) = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?
        .into_parts();
    let body = body
        .bytes()
        .map(<[u8]>::to_vec)
        .ok_or_else(|| ConnectorError::user("a stream".into()))?;
    let request = Request::try_from(http::Request::from_parts(parts, body));
    let mut request = request.map_err(|error| ConnectorError::user(error.into()))?;
    *request.timeout_mut() = Some(timeout);
    Ok(request)
}

/// Makes the answer.
///
/// # Errors
///
/// Headers that AWS's crates cannot hold.
pub fn to_smithy(
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Result<HttpResponse, ConnectorError> {
    let mut answer = http::Response::new(SdkBody::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
}

/// Returns the time that AWS's crates give one request with its answer, and at most `longest`.
#[must_use]
pub fn smithy_timeout(settings: &HttpConnectorSettings, longest: Duration) -> Duration {
    let times = [settings.connect_timeout(), settings.read_timeout()];
    let stated = times.into_iter().flatten().reduce(|a, b| a + b);
    stated.unwrap_or(longest).min(longest)
}
