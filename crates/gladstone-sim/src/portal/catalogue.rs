//! Activities and sites that can be booked.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    gate::Visitor,
    payload::{answer_cached, to_json},
};
use crate::{
    parameters::Parameters,
    sim::Sim,
    timetable::{Group, Site},
};

/// `GET /api/search/activities/`, by `siteIds` and `webBookableOnly`.
pub(super) async fn list_activities(
    _: Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let asked = format!("activities {pairs:?}");
    let parameters = Parameters::new(pairs);
    answer_cached(&sim, &headers, &asked, || {
        sim.behaviour
            .replaced
            .activities
            .clone()
            .unwrap_or_else(|| {
                let web_only = parameters.flag("webBookableOnly");
                let activities = sim.timetable.venue.activities.iter();
                let chosen = activities
                    .filter(|activity| parameters.allows("siteIds", activity.site.id))
                    .filter(|activity| activity.web_bookable || !web_only)
                    .map(|it| json!({"id": it.id, "name": it.name, "description": it.description}));
                to_json(&chosen.collect::<Vec<Value>>())
            })
    })
}

/// `GET /api/configuration/activity-groups`.
pub(super) async fn list_groups(
    _: Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
) -> Response {
    answer_cached(&sim, &headers, "groups", || {
        to_json(&Group::all().map(|group| json!({"id": group.id, "description": group.name})))
    })
}

/// `GET /api/configuration/sites`; its parameters ask for what this club has none of.
pub(super) async fn list_sites(
    _: Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
) -> Response {
    answer_cached(&sim, &headers, "sites", || {
        sim.behaviour.replaced.sites.clone().unwrap_or_else(|| {
            to_json(&Site::all().map(|site| {
                let address = json!({"postalCode": site.postcode});
                json!({"id": site.id, "name": site.name, "address": address})
            }))
        })
    })
}
