//! A session's events as they happen: `/v1/sessions/{session}/events/stream`, in beta (recorded).

use std::collections::VecDeque;

use http_edge::Secrets;
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::Value;

use crate::{
    Client, Error, Event, Kind, iam,
    request::{JSON_LIMIT, Request},
    sse::SseParser,
    text,
};

/// A stream of events; those before it was opened are not in it (documented).
pub struct EventStream {
    response: Response,
    parser: SseParser,
    ready: VecDeque<Event>,
    secrets: Secrets,
    operation: String,
}

impl EventStream {
    /// The next event; none when the stream is over or broke off. May be dropped while it waits,
    /// and nothing is lost.
    ///
    /// # Errors
    ///
    /// [`Kind::Malformed`] when what comes is no event.
    pub async fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            // A cut and the limit of time are ends like any other: the list has what comes then.
            let Ok(Some(chunk)) = self.response.chunk().await else {
                return Ok(None);
            };
            let events = self.parser.push(&chunk).map_err(|_| {
                self.refuse(&format!("an event is larger than {} MiB", JSON_LIMIT >> 20))
            })?;
            for data in events {
                let event = self.parse_event(&data)?;
                self.ready.push_back(event);
            }
        }
    }

    fn parse_event(&self, data: &[u8]) -> Result<Event, Error> {
        let parsed = serde_json::from_slice(data).and_then(|mut value: Value| {
            self.secrets.clean_json(&mut value);
            serde_json::from_value(value)
        });
        parsed.map_err(|error| {
            let reason = self.secrets.clean_line(&error.to_string(), text::SHORT);
            self.refuse(&format!("the stream holds no event: {reason}"))
        })
    }

    fn refuse(&self, reason: &str) -> Error {
        Error::new(Kind::Malformed, reason).of_operation(&self.operation)
    }
}

impl Client {
    /// Opens a session's stream. `GET /v1/sessions/{session}/events/stream` (recorded).
    ///
    /// [`Client::follow_session`] also has the events before it, and those that it misses.
    pub async fn stream_events(&self, session: &str) -> Result<EventStream, Error> {
        let path = ["sessions", session, "events", "stream"];
        let request = Request::get(&path, iam::GET_SESSION)?.streamed();
        let answer = self.send_with_retries(&request).await?;
        let is_stream = |response: &Response| {
            let kind = response.headers().get(CONTENT_TYPE);
            kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
        };
        let Some(response) = answer.stream.filter(is_stream) else {
            let error = Error::new(Kind::Malformed, "the answer is no stream of events");
            return Err(error.of_operation(&request.operation()));
        };
        Ok(EventStream {
            response,
            parser: SseParser::new(JSON_LIMIT),
            ready: VecDeque::new(),
            secrets: answer.secrets,
            operation: request.operation(),
        })
    }
}
