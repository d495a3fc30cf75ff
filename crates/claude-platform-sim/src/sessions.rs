//! Requests about sessions and their events.

mod start;

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::locked;

pub(crate) use start::create;

use crate::{
    answer::{Answer, Refusal, Reply},
    model,
    objects::Session,
    pages::page,
    request::{Request, only_known},
    sim::Sim,
};

/// `GET /v1/sessions/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .session(request.id())
        .map(|session| Answer::json(&session.to_json()))
}

/// `GET /v1/sessions`, newest first, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let all = request.query("include_archived") == Some("true");
    let objects = locked(&sim.objects);
    let shown = objects
        .sessions
        .iter()
        .rev()
        .filter(|session| all || session.archived_at.is_none());
    let sessions: Vec<_> = shown.map(Session::to_json).collect();
    page(&sessions, request, 100, sim.setup.page_size)
}

/// `POST /v1/sessions/{id}/archive`: its events stay.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let session = objects.session_mut(request.id())?;
    require_rest(session, "archived")?;
    session.archived_at.get_or_insert_with(|| sim.stamps.now());
    Ok(Answer::json(&session.to_json()))
}

/// `DELETE /v1/sessions/{id}`: nothing stays.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    require_rest(objects.session_mut(request.id())?, "deleted")?;
    objects
        .sessions
        .retain(|session| session.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "session_deleted"}),
    ))
}

fn require_rest(session: &Session, what: &str) -> Result<(), Refusal> {
    match session.running {
        true => Err(Refusal::invalid(format!(
            "a running session cannot be {what}; interrupt it first"
        ))),
        false => Ok(()),
    }
}

/// `GET /v1/sessions/{id}/events`, oldest first unless `order=desc`.
pub(crate) fn list_events(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut events = locked(&sim.objects).session(request.id())?.events.clone();
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
    let mut objects = locked(&sim.objects);
    let session = objects.session_mut(request.id())?;
    if session.archived_at.is_some() {
        return Err(Refusal::invalid("an archived session takes no events"));
    }
    let sent = session.receive_events(&sim.stamps, body.get("events").unwrap_or(&Value::Null))?;
    model::start_turn(sim, session);
    Ok(Answer::json(&json!({"data": sent})))
}
