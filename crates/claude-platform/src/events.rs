//! A session's events: `/v1/sessions/{session}/events`, in beta (recorded).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Client, Error, iam, json::without_nulls, request::Request};

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Event {
    /// The field `type`: `user.message`, `agent.message`, `agent.tool_use`, `agent.tool_result`,
    /// `session.status_idle` and so on.
    #[serde(skip)]
    pub kind: String,
    /// Every field as it came, untrusted text included.
    raw: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Map::deserialize(deserializer)?;
        let kind = raw
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Ok(Self { kind, raw })
    }
}

impl Event {
    /// The event's id; opaque.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.raw.get("id")?.as_str()
    }

    /// All text blocks of `content`, joined. Untrusted: may hold control characters.
    #[must_use]
    pub fn text(&self) -> String {
        let blocks = self
            .raw
            .get("content")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        blocks
            .iter()
            .filter_map(|block| block.get("text")?.as_str())
            .collect()
    }

    /// A field as it came. Untrusted: may hold control characters.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.raw.get(name)
    }

    /// Why a `session.status_idle` stopped: `end_turn`, `requires_action`, `retries_exhausted`,
    /// `budget_reached` or `refusal`. The session object itself carries none (read in the SDK's
    /// types).
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        let reason = self.raw.get("stop_reason")?;
        // `"end_turn"` or `{"type":"end_turn"}`.
        reason.get("type").unwrap_or(reason).as_str()
    }

    /// True when the session rests or is over: nothing comes of itself after this event.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "session.status_idle" | "session.status_terminated" | "session.deleted"
        )
    }
}

/// Writes a text as the user's event, to send or to start with (recorded).
#[must_use]
pub fn user_message(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

impl Client {
    /// Sends events, once; they are queued while the session runs (documented). Gives them back
    /// with their ids. `POST /v1/sessions/{session}/events` (recorded).
    ///
    /// # Errors
    ///
    /// If it may have happened, list the events before sending again: there is
    /// no idempotency.
    pub async fn send_events(&self, session: &str, events: &[Value]) -> Result<Vec<Event>, Error> {
        let request = Request::post(&["sessions", session, "events"], iam::UPDATE_SESSION)?;
        self.fetch_page(&request.with_json(&json!({ "events": events }))?)
            .await
    }

    /// Says something as the user, sent once, and gives the event as the session has it.
    /// `POST /v1/sessions/{session}/events` (recorded).
    pub async fn send_message(&self, session: &str, text: &str) -> Result<Option<Event>, Error> {
        let sent = self.send_events(session, &[user_message(text)]).await?;
        Ok(sent.into_iter().next())
    }

    /// Stops what the session is doing, sent once: a running session can be neither archived nor
    /// deleted. `POST /v1/sessions/{session}/events` (recorded).
    pub async fn interrupt_session(&self, session: &str) -> Result<(), Error> {
        let interrupt = json!({"type": "user.interrupt"});
        self.send_events(session, &[interrupt]).await.map(drop)
    }

    /// Allows a tool's call that the session waits for, or denies it with a reason for the model;
    /// sent once. `POST /v1/sessions/{session}/events` (recorded).
    pub async fn confirm_tool(
        &self,
        session: &str,
        tool_use: &str,
        denial: Option<&str>,
    ) -> Result<(), Error> {
        let confirmation = without_nulls(json!({
            "type": "user.tool_confirmation",
            "tool_use_id": tool_use,
            "result": if denial.is_some() { "deny" } else { "allow" },
            "deny_message": denial,
        }));
        self.send_events(session, &[confirmation]).await.map(drop)
    }

    /// All events, oldest first, which is the service's default order (documented).
    /// `GET /v1/sessions/{session}/events` (recorded).
    pub async fn list_events(&self, session: &str) -> Result<Vec<Event>, Error> {
        self.fetch_all(self.events_request(session)?).await
    }

    /// The newest events of these types, or of all when there are none, newest first; at most
    /// `limit` of them, in one request. `GET /v1/sessions/{session}/events` (recorded).
    pub async fn list_newest_events(
        &self,
        session: &str,
        types: &[&str],
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let request = self.events_request(session)?.with_query("order", "desc");
        let request = types.iter().fold(request, |request, kind| {
            request.with_query("types%5B%5D", kind)
        });
        self.fetch_page(&request.with_query("limit", &limit.to_string()))
            .await
    }

    /// The events after the one with this id, or all without one, oldest first; none when the list
    /// does not have it yet. Asks newest first, so that a long history costs no more than a short
    /// one. `GET /v1/sessions/{session}/events` (recorded).
    pub(crate) async fn list_events_after(
        &self,
        session: &str,
        id: Option<&str>,
    ) -> Result<Option<Vec<Event>>, Error> {
        if id.is_none() {
            return self.list_events(session).await.map(Some);
        }
        let request = self.events_request(session)?.with_query("order", "desc");
        let mut events = self
            .fetch_up_to(request, |_| true, |event: &Event| event.id() == id)
            .await?;
        let Some(place) = events.iter().position(|event| event.id() == id) else {
            return Ok(None);
        };
        events.truncate(place);
        events.reverse();
        Ok(Some(events))
    }

    fn events_request(&self, session: &str) -> Result<Request, Error> {
        Request::get(&["sessions", session, "events"], iam::GET_SESSION)
    }
}
