//! What there is to book, and where.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    gate::Visitor,
    parameters::Parameters,
    payload::{cached, json as text},
};
use crate::{
    sim::Sim,
    timetable::{Group, Site},
};

/// `GET /api/search/activities/`, by `siteIds` and `webBookableOnly`.
pub(super) async fn activities(
    _: Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let asked = format!("activities {pairs:?}");
    let parameters = Parameters::new(pairs);
    cached(&sim, &headers, &asked, || {
        sim.conduct.activities.clone().unwrap_or_else(|| {
            let sites = parameters.list("siteIds");
            let web_only = parameters.flag("webBookableOnly");
            let activities = sim.timetable.venue.activities.iter();
            let chosen = activities
                .filter(|activity| {
                    sites
                        .as_ref()
                        .is_none_or(|sites| sites.contains(&activity.site.id))
                })
                .filter(|activity| activity.web_bookable || !web_only)
                .map(|it| json!({"id": it.id, "name": it.name, "description": it.description}));
            text(&chosen.collect::<Vec<Value>>())
        })
    })
}

/// `GET /api/configuration/activity-groups`.
pub(super) async fn groups(
    _: Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
) -> Response {
    cached(&sim, &headers, "groups", || {
        text(&Group::all().map(|group| json!({"id": group.id, "description": group.name})))
    })
}

/// `GET /api/configuration/sites`; its parameters ask for what this club has none of.
pub(super) async fn sites(_: Visitor, State(sim): State<Arc<Sim>>, headers: HeaderMap) -> Response {
    cached(&sim, &headers, "sites", || {
        sim.conduct.sites.clone().unwrap_or_else(|| {
            let site =
                |site: &Site| json!({"id": site.id, "name": site.name, "address": {"postalCode": site.postcode}});
            text(&Site::all().map(site))
        })
    })
}
