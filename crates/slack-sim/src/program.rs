//! The command line's calls of another process's workspace, over its control endpoint.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, Method, header},
};
use serde_json::{Value, json};

use crate::exchange::{self, Answer};

#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    #[error("no workspace answers at `{url}`: {reason}; start one with `slack-sim serve`")]
    Unreachable { url: String, reason: String },
    #[error("{0}")]
    Refused(String),
}

/// Types a message into the workspace at `url`; returns its `ts`.
pub async fn type_message(
    url: &str,
    person: &str,
    channel: &str,
    thread: Option<&str>,
    text: &str,
) -> Result<String, ProgramError> {
    let message = json!({"person": person, "channel": channel, "thread": thread, "text": text});
    let answer = call(url, Method::POST, "/__sim/messages", Some(&message)).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(body["ts"].as_str().unwrap_or_default().to_owned())
}

/// Reads a channel or a thread as a person sees it; with `answers` once the app has posted so many
/// into the thread, at most after `seconds`.
pub async fn read_transcript(
    url: &str,
    channel: &str,
    thread: Option<&str>,
    answers: Option<usize>,
    seconds: u64,
) -> Result<String, ProgramError> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("channel", channel);
    if let Some(thread) = thread {
        query.append_pair("thread", thread);
    }
    if let Some(answers) = answers {
        query.append_pair("answers", &answers.to_string());
        query.append_pair("seconds", &seconds.to_string());
    }
    let path = format!("/__sim/transcript?{}", query.finish());
    let answer = call(url, Method::GET, &path, None).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// Sets the app's request URL: the workspace at `url` sends its challenge there.
pub async fn point_app(url: &str, request_url: &str) -> Result<(), ProgramError> {
    let wanted = json!({"url": request_url});
    call(url, Method::PUT, "/__sim/request-url", Some(&wanted)).await?;
    Ok(())
}

async fn call(
    url: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, ProgramError> {
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    let body = body.map(|body| Bytes::from(body.to_string()));
    let target = format!("{}{path}", url.trim_end_matches('/'));
    let answer = exchange::send_request(method, &target, &headers, &body.unwrap_or_default())
        .await
        .map_err(|failure| ProgramError::Unreachable {
            url: url.to_owned(),
            reason: failure.to_string(),
        })?;
    if answer.status < 300 {
        return Ok(answer);
    }
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = told["error"]["message"].as_str().map(str::to_owned);
    Err(ProgramError::Refused(message.unwrap_or_else(|| {
        format!("`{url}` answers with status {}", answer.status)
    })))
}
