//! `GET /api/availability/V2/sessions`: which slots are asked for.

use std::{ops::RangeInclusive, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    element::Element,
    gate::Visitor,
    payload::{answer_cached, to_json},
};
use crate::{
    parameters::Parameters,
    sim::Sim,
    timetable::{Activity, local_date},
    tokens::Holder,
};

/// The time that is listed without `dateTo`.
const WEEKS: TimeDelta = TimeDelta::weeks(4);
/// The timetable is published so far ahead, and forgotten so long after.
const HORIZON: TimeDelta = TimeDelta::weeks(12);
/// A `dateFrom` so little in the past is a client's present that took its time to arrive.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);

pub(super) async fn list_sessions(
    Visitor(holder): Visitor,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    if sim.behaviour.require_member && holder == Holder::Anonymous {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some(text) = &sim.behaviour.replaced.sessions {
        return answer_cached(&sim, &headers, "sessions", || text.clone());
    }
    let now = sim.now();
    let asked = format!("sessions {pairs:?} at {now}");
    let parameters = Parameters::new(pairs);
    match read_starts(&parameters, now, sim.behaviour.reject_past_date_from) {
        Ok(starts) => answer_cached(&sim, &headers, &asked, || {
            to_json(&elements(&sim, &parameters, &starts, now))
        }),
        Err(message) => {
            (StatusCode::BAD_REQUEST, Json(json!({"message": message}))).into_response()
        }
    }
}

/// The starts that are asked for, both ends included.
fn read_starts(
    parameters: &Parameters,
    now: DateTime<Utc>,
    reject_past: bool,
) -> Result<RangeInclusive<DateTime<Utc>>, String> {
    let from = parameters.instant("dateFrom")?.unwrap_or(now);
    if reject_past && from < now - TOLERANCE {
        return Err("dateFrom must not be in the past.".to_owned());
    }
    let to = parameters
        .instant("dateTo")?
        .unwrap_or_else(|| from.checked_add_signed(WEEKS).unwrap_or(from));
    Ok(from.max(now - HORIZON)..=to.min(now + HORIZON))
}

fn elements<'a>(
    sim: &'a Sim,
    parameters: &Parameters,
    starts: &RangeInclusive<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Element<'a>> {
    let activities = chosen_activities(&sim.timetable.venue.activities, parameters);
    let last = local_date(*starts.end());
    let days = local_date(*starts.start()).iter_days();
    days.take_while(|day| *day <= last)
        .flat_map(|day| activities.iter().map(move |activity| (day, *activity)))
        .filter_map(|(day, activity)| {
            let mut element = Element::new(&sim.timetable, activity, day, starts, now)?;
            if sim.behaviour.undated {
                element.date = None;
            }
            Some(element)
        })
        .collect()
}

fn chosen_activities<'a>(activities: &'a [Activity], parameters: &Parameters) -> Vec<&'a Activity> {
    let web_only = parameters.flag("webBookableOnly");
    activities
        .iter()
        .filter(|activity| parameters.allows("siteIds", activity.site.id))
        .filter(|activity| parameters.allows("activityIds", &activity.id))
        .filter(|activity| parameters.allows("activityGroupIds", activity.group.id))
        .filter(|activity| activity.web_bookable || !web_only)
        .collect()
}
