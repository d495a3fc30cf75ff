//! `GET /api/availability/V2/sessions`: which slots are asked for.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    element::Element,
    gate::Visitor,
    parameters::Parameters,
    payload::{self, cached},
    token::Holder,
};
use crate::{
    sim::Sim,
    timetable::{Activity, local_date},
};

/// What comes back without `dateTo`.
const WEEKS: TimeDelta = TimeDelta::weeks(4);
/// The timetable is published so far ahead, and forgotten so long after.
const HORIZON: TimeDelta = TimeDelta::weeks(12);
/// A `dateFrom` so little in the past is a client's present that took its time to arrive.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// A span of starts, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// The endpoint.
pub(super) async fn sessions(
    Visitor(holder): Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    if sim.conduct.require_member && holder == Holder::Anonymous {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some(text) = &sim.conduct.sessions {
        return cached(&sim, &headers, "sessions", || text.clone());
    }
    let now = sim.now();
    let asked = format!("sessions {pairs:?} at {now}");
    let parameters = Parameters::new(pairs);
    match span(&parameters, now, sim.conduct.reject_past_date_from) {
        Ok(span) => cached(&sim, &headers, &asked, || {
            elements(&sim, &parameters, span, now)
        }),
        Err(message) => {
            (StatusCode::BAD_REQUEST, Json(json!({"message": message}))).into_response()
        }
    }
}

fn span(parameters: &Parameters, now: DateTime<Utc>, reject_past: bool) -> Result<Span, String> {
    let from = parameters.instant("dateFrom")?.unwrap_or(now);
    if reject_past && from < now - TOLERANCE {
        return Err("dateFrom must not be in the past.".to_owned());
    }
    let to = parameters
        .instant("dateTo")?
        .unwrap_or_else(|| from.checked_add_signed(WEEKS).unwrap_or(from));
    Ok(Span {
        from: from.max(now - HORIZON),
        to: to.min(now + HORIZON),
    })
}

fn elements(sim: &Sim, parameters: &Parameters, span: Span, now: DateTime<Utc>) -> Bytes {
    let chosen = chosen(&sim.timetable.venue.activities, parameters);
    let mut elements = Vec::new();
    for day in local_date(span.from)
        .iter_days()
        .take_while(|day| *day <= local_date(span.to))
    {
        let element = |activity| {
            Element::new(
                &sim.timetable,
                activity,
                day,
                span,
                now,
                !sim.conduct.undated,
            )
        };
        elements.extend(chosen.iter().copied().filter_map(element));
    }
    payload::json(&elements)
}

fn chosen<'a>(activities: &'a [Activity], parameters: &Parameters) -> Vec<&'a Activity> {
    let (sites, ids) = (parameters.list("siteIds"), parameters.list("activityIds"));
    let groups = parameters.list("activityGroupIds");
    let web_only = parameters.flag("webBookableOnly");
    let among = |wanted: &Option<Vec<&str>>, id: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.contains(&id))
    };
    activities
        .iter()
        .filter(|activity| among(&sites, activity.site.id))
        .filter(|activity| among(&ids, &activity.id) && among(&groups, activity.group.id))
        .filter(|activity| activity.web_bookable || !web_only)
        .collect()
}
