//! Requests about sessions and their events.

mod start;

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::locked;

pub(crate) use start::create;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::only_known,
    model,
    objects::Session,
    pages::{Order, Page, UP_TO_100, UP_TO_1000},
    request::Request,
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
    let objects = locked(&sim.objects);
    let newest_first = objects.sessions.iter().rev();
    let shown = newest_first
        .filter(|session| request.includes_archived() || session.archived_at.is_none())
        .map(Session::to_json)
        .collect();
    let cap = sim.setup.page_size;
    Page::cut(shown, request, Order::Descending, UP_TO_100, cap).map(Page::answer_both_ways)
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
    let order = Order::read(request, Order::Ascending)?;
    let mut events = locked(&sim.objects).session(request.id())?.events.clone();
    if order == Order::Descending {
        events.reverse();
    }
    Page::cut(events, request, order, UP_TO_1000, sim.setup.page_size).map(Page::answer)
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
