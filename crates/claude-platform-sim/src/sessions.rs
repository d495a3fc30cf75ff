//! Requests about sessions.

mod events;
mod resources;
mod start;

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::locked;

pub(crate) use events::{list_events, send_events, stream_events};
pub(crate) use resources::{
    MOST_RESOURCES, add_resource, delete_resource, list_resources, retrieve_resource,
    update_resource,
};
pub(crate) use start::{MOST_VAULTS, create, read_budget, start_session};

use crate::{
    agents,
    answer::{Answer, Refusal, Reply},
    fields::{Fields, merge_metadata, only_known, require_object},
    filters::TimeRange,
    model,
    objects::Session,
    pages::{Order, Page, UP_TO_100},
    request::{Request, text_field},
    sim::Sim,
};

/// `GET /v1/sessions/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .session(request.id())
        .map(|session| Answer::json(&session.to_json()))
}

/// `GET /v1/sessions`, newest first unless `order=asc`, without archived ones unless
/// `include_archived=true`. By agent, its version, deployment, status and time; not by metadata.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let order = Order::read(request, Order::Descending)?;
    let created = TimeRange::read(request, "created_at")?;
    let statuses: Vec<_> = request.query_all("statuses[]").collect();
    let is_wanted = |session: &Value| {
        let agent = &session["agent"];
        let version = agent["version"].to_string();
        let is = |name: &str, value: &str| request.query(name).is_none_or(|wanted| wanted == value);
        is("agent_id", text_field(agent, "id"))
            && is("agent_version", &version)
            && is("deployment_id", text_field(session, "deployment_id"))
            && is("memory_store_id", "")
            && created.holds(&session["created_at"])
            && (statuses.is_empty() || statuses.contains(&text_field(session, "status")))
    };
    let objects = locked(&sim.objects);
    let mut shown: Vec<_> = objects
        .sessions
        .iter()
        .filter(|session| request.includes_archived() || session.archived_at.is_none())
        .map(Session::to_json)
        .filter(is_wanted)
        .collect();
    if order == Order::Descending {
        shown.reverse();
    }
    Page::cut(shown, request, order, UP_TO_100, sim.setup.page_size).map(Page::answer_both_ways)
}

/// `POST /v1/sessions/{id}`: title, metadata, tools and MCP servers of the agent, budget. Vaults,
/// model, system prompt and skills stay as they were at the start.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &["title", "metadata", "agent", "budget"])?;
    let mut objects = locked(&sim.objects);
    let session = objects.session(request.id())?;
    session.refuse_archived()?;
    let mut after = session.object.clone();
    if body.contains_key("title") {
        after["title"] = start::read_title(&body)?;
    }
    if let Some(patch) = body.get("metadata") {
        after["metadata"] = merge_metadata(&after["metadata"], patch)?;
    }
    if let Some(patch) = body.get("agent") {
        session.require_rest("given other tools")?;
        let patch: &Fields = require_object(patch, "agent")?;
        only_known(patch, &["tools", "mcp_servers"])?;
        after["agent"] = agents::read_fields(&objects, &after["agent"], patch)?;
    }
    let budget = match body.get("budget") {
        None => session.budget,
        Some(wanted) => change_budget(session, wanted)?,
    };
    if let Some(wanted) = body.get("budget") {
        after["budget"] = wanted.clone();
    }
    let session = objects.session_mut(request.id())?;
    (session.object, session.budget) = (after, budget);
    session.add_event(&sim.stamps, json!({"type": "session.updated"}));
    // More means resume what a spent budget had stopped.
    model::start_turn(sim, session);
    Ok(Answer::json(&session.to_json()))
}

/// A budget can be raised above what was spent, or removed; a session without one gets none.
fn change_budget(session: &Session, wanted: &Value) -> Result<Option<u64>, Refusal> {
    let after = read_budget(wanted)?;
    match (session.budget, after) {
        (None, Some(_)) => Err(Refusal::invalid(
            "budget: only a session that was created with one can have one",
        )),
        (_, Some(cents)) if cents <= session.spent => Err(Refusal::invalid(format!(
            "budget: must be above what was spent, {} cents",
            session.spent
        ))),
        _ => Ok(after),
    }
}

/// `POST /v1/sessions/{id}/archive`: its events stay.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let session = objects.session_mut(request.id())?;
    session.require_rest("archived")?;
    session.archive(&sim.stamps);
    Ok(Answer::json(&session.to_json()))
}

/// `DELETE /v1/sessions/{id}`: nothing stays.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let id = request.id();
    let mut objects = locked(&sim.objects);
    let session = objects.session_mut(id)?;
    session.require_rest("deleted")?;
    session.announce_deletion(&sim.stamps);
    session.sandbox.remove();
    objects.sessions.retain(|session| session.id != id);
    objects
        .files
        .retain(|file| file.scope.as_deref() != Some(id));
    Ok(Answer::json(&json!({"id": id, "type": "session_deleted"})))
}
