//! Sessions: an agent as it was at the start, a file system of its own, and events.

mod start;

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Value, json};

pub(crate) use start::create;

use crate::{
    answer::{Answer, Refusal, Reply},
    model,
    pages::page,
    request::{Request, only_known},
    sandbox::Sandbox,
    sim::{Sim, World, locked},
};

/// The most events that come at once. Documented.
const MOST_EVENTS: usize = 50;

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The parts of the object that never change: agent, title, resources and so on.
    fixed: Value,
    updated_at: String,
    archived_at: Option<String>,
    /// In order.
    pub(crate) events: Vec<Value>,
    /// Messages that nobody has worked on yet.
    pub(crate) inbox: VecDeque<String>,
    pub(crate) running: bool,
    /// Which turn it is; one that was interrupted notices by this.
    pub(crate) turn: u64,
    /// Cents so far, and the most there may be.
    pub(crate) spent: u64,
    pub(crate) budget: Option<u64>,
    pub(crate) sandbox: Sandbox,
}

/// An event of a client's.
enum Sent {
    Message(String),
    Interrupt,
}

impl Session {
    /// As the API shows it.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.fixed.clone();
        object["status"] = match (&self.archived_at, self.running) {
            (Some(_), _) => json!("terminated"),
            (None, true) => json!("running"),
            (None, false) => json!("idle"),
        };
        object["updated_at"] = json!(self.updated_at);
        object["archived_at"] = json!(self.archived_at);
        let cost = json!({"amount": self.spent.to_string(), "currency": "USD"});
        object["usage"] = json!({"input_tokens": 100 * self.spent, "output_tokens": 10 * self.spent, "list_cost": cost});
        object
    }

    /// Adds an event, with an id and a time.
    pub(crate) fn tell(&mut self, sim: &Sim, mut event: Value) -> Value {
        event["id"] = json!(sim.id("sevt"));
        event["processed_at"] = json!(sim.now());
        self.updated_at = sim.now();
        self.events.push(event.clone());
        event
    }

    /// Comes to rest, for that reason.
    pub(crate) fn rest(&mut self, sim: &Sim, reason: &str) {
        self.running = false;
        self.turn += 1;
        self.inbox.clear();
        let details = match reason {
            "refusal" => {
                json!({"type": "refusal", "category": null, "explanation": "The simulated model refuses."})
            }
            _ => Value::Null,
        };
        let idle = json!({"type": "session.status_idle", "stop_reason": {"type": reason}, "stop_details": details});
        self.tell(sim, idle);
    }

    /// Takes all of a client's events in, or none.
    fn take_all(&mut self, sim: &Sim, events: &Value) -> Result<Vec<Value>, Refusal> {
        let Some(events) = events
            .as_array()
            .filter(|events| (1..=MOST_EVENTS).contains(&events.len()))
        else {
            return Err(Refusal::invalid(format!(
                "events: an array of 1 to {MOST_EVENTS}"
            )));
        };
        let read = events
            .iter()
            .map(Sent::read)
            .collect::<Result<Vec<_>, _>>()?;
        let mut told = Vec::new();
        for (event, sent) in events.iter().zip(read) {
            told.push(self.tell(sim, event.clone()));
            match sent {
                Sent::Message(text) => self.inbox.push_back(text),
                Sent::Interrupt if self.running => self.rest(sim, "end_turn"),
                Sent::Interrupt => {}
            }
        }
        Ok(told)
    }
}

impl Sent {
    fn read(event: &Value) -> Result<Self, Refusal> {
        match event["type"].as_str().unwrap_or_default() {
            "user.message" => text(event).map(Self::Message),
            "user.interrupt" => Ok(Self::Interrupt),
            other => Err(Refusal::invalid(format!(
                "events: `{other}` is not a user event that is simulated"
            ))),
        }
    }
}

/// The text of a message.
fn text(event: &Value) -> Result<String, Refusal> {
    let blocks = event["content"]
        .as_array()
        .filter(|blocks| !blocks.is_empty());
    let blocks =
        blocks.ok_or_else(|| Refusal::invalid("events: content must be an array of blocks"))?;
    let texts = blocks.iter().map(
        |block| match (block["type"].as_str(), block["text"].as_str()) {
            (Some("text"), Some(text)) => Ok(text),
            _ => Err(Refusal::invalid("events: only text blocks are simulated")),
        },
    );
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// The session with that id.
pub(crate) fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Session, Refusal> {
    world
        .sessions
        .iter_mut()
        .find(|session| session.id == id)
        .ok_or_else(|| Refusal::not_found("session", id))
}

/// `GET /v1/sessions/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    find_mut(&mut locked(&sim.world), request.id()).map(|session| Answer::json(&session.object()))
}

/// `GET /v1/sessions`, newest first, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let all = request.query("include_archived") == Some("true");
    let world = locked(&sim.world);
    let shown = world
        .sessions
        .iter()
        .rev()
        .filter(|session| all || session.archived_at.is_none());
    let sessions: Vec<_> = shown.map(Session::object).collect();
    page(&sessions, request, 100, sim.setup.page_size)
}

/// `POST /v1/sessions/{id}/archive`: its events stay.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    let session = find_mut(&mut world, request.id())?;
    not_running(session, "archived")?;
    session.archived_at.get_or_insert_with(|| sim.now());
    Ok(Answer::json(&session.object()))
}

/// `DELETE /v1/sessions/{id}`: nothing stays.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    not_running(find_mut(&mut world, request.id())?, "deleted")?;
    world.sessions.retain(|session| session.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "session_deleted"}),
    ))
}

fn not_running(session: &Session, what: &str) -> Result<(), Refusal> {
    match session.running {
        true => Err(Refusal::invalid(format!(
            "a running session cannot be {what}; interrupt it first"
        ))),
        false => Ok(()),
    }
}

/// `GET /v1/sessions/{id}/events`, oldest first unless `order=desc`.
pub(crate) fn list_events(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut events = find_mut(&mut locked(&sim.world), request.id())?
        .events
        .clone();
    match request.query("order") {
        None | Some("asc") => {}
        Some("desc") => events.reverse(),
        Some(other) => {
            return Err(Refusal::invalid(format!(
                "order: `{other}` is not `asc` or `desc`"
            )));
        }
    }
    page(&events, request, 1000, sim.setup.page_size)
}

/// `POST /v1/sessions/{id}/events`.
pub(crate) fn send_events(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &["events"])?;
    let mut world = locked(&sim.world);
    let session = find_mut(&mut world, request.id())?;
    if session.archived_at.is_some() {
        return Err(Refusal::invalid("an archived session takes no events"));
    }
    let sent = session.take_all(sim, body.get("events").unwrap_or(&Value::Null))?;
    model::wake(sim, session);
    Ok(Answer::json(&json!({"data": sent})))
}
