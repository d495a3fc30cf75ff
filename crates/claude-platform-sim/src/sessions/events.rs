//! Requests about the events of a session: sent, listed, streamed.

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::{Feed, locked};

use crate::{
    answer::{Answer, Reply},
    fields::only_known,
    filters::TimeRange,
    model,
    pages::{Order, Page, UP_TO_1000},
    request::{Request, text_field},
    sim::Sim,
};

/// `GET /v1/sessions/{id}/events`, oldest first unless `order=desc`. By type and time; one that
/// waits to be processed has no time yet.
pub(crate) fn list_events(sim: &Arc<Sim>, request: &Request) -> Reply {
    let order = Order::read(request, Order::Ascending)?;
    let processed = TimeRange::read(request, "created_at")?;
    let types: Vec<_> = request.query_all("types[]").collect();
    let mut events = locked(&sim.objects).session(request.id())?.events.clone();
    events.retain(|event| {
        (types.is_empty() || types.contains(&text_field(event, "type")))
            && processed.holds(&event["processed_at"])
    });
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
    session.refuse_archived()?;
    let sent = session.receive_events(&sim.stamps, body.get("events").unwrap_or(&Value::Null))?;
    model::start_turn(sim, session);
    Ok(Answer::json(&json!({"data": sent})))
}

/// `GET /v1/sessions/{id}/events/stream`: what happens from now on, until the session is deleted.
/// Nothing is replayed. Previews (`event_deltas[]`) never come, as they need not.
pub(crate) fn stream_events(sim: &Arc<Sim>, request: &Request) -> Reply {
    let (feed, pieces) = Feed::open();
    let mut objects = locked(&sim.objects);
    objects.session_mut(request.id())?.feeds.push(feed);
    Ok(Answer::events(pieces))
}
