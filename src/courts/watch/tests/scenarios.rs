//! The agreed sequences of looks with what is told at each.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::*;
use crate::courts::{Listing, Slot, Stretch};

fn stretch(slot: &Value) -> Stretch {
    let text = |name: &str| slot[name].as_str().unwrap().to_owned();
    let (start, minutes) = (
        utc(&text("start_at")),
        slot["duration_minutes"].as_i64().unwrap(),
    );
    let state = [State::Free, State::OpensLater, State::Taken, State::Closed];
    let state = state
        .into_iter()
        .find(|state| state.name() == text("state"));
    let listing = Listing {
        site_id: text("site_id"),
        activity_id: format!("PADEL{minutes}"),
        court_ids: vec![text("court")],
        court: text("court"),
        activity: String::new(),
    };
    let slot = Slot {
        listing: listing.into(),
        start,
        end: start + TimeDelta::minutes(minutes),
        bookable_from: Some(utc(&text("bookable_from"))),
        bookable_until: None,
        available: true,
        before_window: false,
    };
    Stretch {
        state: state.unwrap(),
        ..Stretch::new(&[&slot], start.date_naive(), start)
    }
}

fn key_text(key: &GameKey) -> String {
    let start = key.start.to_rfc3339_opts(SecondsFormat::Secs, false);
    format!("{}|{start}|{}", key.site_id, key.minutes)
}

/// An event as the sequences have it. That a wish is watched from now on is not in them.
fn told(event: &Event) -> Option<Value> {
    Some(match &event.what {
        What::Watching { .. } => return None,
        What::Free {
            reason,
            key,
            courts,
            ..
        } => {
            json!({"event": "free", "reason": reason.name(), "key": key_text(key), "courts": courts})
        }
        What::Opens {
            opens_at, first, ..
        } => {
            let at = opens_at.to_rfc3339_opts(SecondsFormat::Secs, false);
            json!({"event": "opens", "key": key_text(first), "at": at})
        }
        What::Gone { reason, key, .. } => {
            json!({"event": "gone", "reason": reason.name(), "key": key_text(key)})
        }
        What::Failing { looks, .. } => json!({"event": "failing", "since_looks": looks}),
        What::Recovered { looks } => json!({"event": "recovered", "after_looks": looks}),
    })
}

#[test]
fn every_agreed_sequence_tells_what_was_agreed() {
    let file: Value = serde_json::from_str(include_str!("scenarios.json")).unwrap();
    let scenarios = file["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 11);
    let wish = wish();
    for scenario in scenarios {
        let mut state = WatchState::default();
        let looks = scenario["looks"].as_array().unwrap();
        for (index, look) in looks.iter().enumerate() {
            let now = utc(look["now"].as_str().unwrap());
            let news = if look["ok"] == json!(true) {
                let slots = look["slots"].as_array().unwrap();
                let stretches: Vec<Stretch> = slots.iter().map(stretch).collect();
                let games = collect_games(&stretches, now);
                let evidence = Evidence {
                    is_complete: look["complete"] != json!(false),
                    has_slots: !slots.is_empty(),
                };
                let wish = &wish;
                state.record_answer(&[Answered { wish, games }], evidence, now)
            } else {
                state.record_failure(&failure("network"), &wish.targets, now)
            };
            state.drop_stale(now);
            let due = state.list_due("a", &news);
            state.record_delivered("a", &due, now);
            // What is kept between two looks is what was written.
            let kept = serde_json::to_string(&state).unwrap();
            state = serde_json::from_str(&kept).unwrap();
            let due: Vec<Value> = due.iter().filter_map(told).collect();
            let name = &scenario["name"];
            assert_eq!(
                json!(due),
                scenario["expected"][index],
                "{name}, look {index}"
            );
        }
    }
}
