//! The test of a request URL when it is set: `url_verification`.

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use sim_server::locked;
use tokio::select;

use super::{delivery::DEADLINE, sending::Signed};
use crate::{exchange::Answer, sim::Sim};

/// The reason that a request URL was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within three seconds")]
    TimedOut,
    #[error("the answer has the status {0} instead of 200")]
    Status(u16),
    #[error("the answer's type is `{0}`: the challenge comes as text/plain, or in JSON")]
    ContentType(String),
    #[error("the answer does not hold the challenge")]
    Challenge,
}

/// Sends a challenge to a URL, and takes it as the request URL when the challenge comes back.
pub(crate) async fn verify_url(sim: &Sim, url: &str) -> Result<(), VerificationError> {
    let challenge = format!("{}challenge", sim.stamps.id("3eZ"));
    let token = locked(&sim.app).verification_token.clone();
    let body = json!({"token": token, "challenge": challenge, "type": "url_verification"});
    let signed = Signed::new(sim, &body);
    let deadline = sim.stamps.now() + DEADLINE;
    let answer = select! {
        answer = signed.post(url, HeaderMap::new()) => answer,
        () = sim.control.clock.wait_until(deadline) => return Err(VerificationError::TimedOut),
    };
    let answer = answer.map_err(|failure| VerificationError::Unreachable(failure.to_string()))?;
    check_answer(&answer, &challenge)?;
    let mut app = locked(&sim.app);
    app.request_url = Some(url.to_owned());
    app.is_disabled = false;
    Ok(())
}

fn check_answer(answer: &Answer, challenge: &str) -> Result<(), VerificationError> {
    if answer.status != 200 {
        return Err(VerificationError::Status(answer.status));
    }
    let content_type = answer
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let echoed = match essence {
        "text/plain" => String::from_utf8(answer.body.to_vec()).ok(),
        "application/json" => serde_json::from_slice::<Value>(&answer.body)
            .ok()
            .and_then(|body| body["challenge"].as_str().map(str::to_owned)),
        other => return Err(VerificationError::ContentType(other.to_owned())),
    };
    match echoed {
        Some(echoed) if echoed.trim() == challenge => Ok(()),
        _ => Err(VerificationError::Challenge),
    }
}
