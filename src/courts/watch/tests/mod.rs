//! What is told: the agreed sequences of looks, properties of any sequence, and the cases that are
//! easy to get wrong.

mod outbox;
mod properties;
mod scenarios;
mod times;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::courts::State;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn wish() -> Wish {
    Wish {
        name: "w".to_owned(),
        date: None,
        date_text: String::new(),
        days: None,
        weekdays: Vec::new(),
        minutes: None,
        from: None,
        to: None,
        at: None,
        courts: Vec::new(),
        sites: Vec::new(),
        activities: Vec::new(),
        notice: Some(TimeDelta::minutes(20)),
        gone: true,
        until: None,
        quiet_first: false,
        targets: vec!["a".to_owned()],
    }
}

fn key(start: &str) -> GameKey {
    GameKey {
        start: utc(start),
        site_id: "UB".to_owned(),
        minutes: 60,
    }
}

fn game(key: &GameKey, state: State) -> Game {
    Game {
        end: key.start + TimeDelta::minutes(key.minutes),
        state,
        opens_at: None,
        courts: vec!["Padel Court 1".to_owned()],
        activity_id: "PADEL60".to_owned(),
        bookings: 1,
    }
}

const COMPLETE: Evidence = Evidence {
    is_complete: true,
    has_slots: true,
};

fn failure(code: &str) -> LookFailure {
    LookFailure {
        code: code.to_owned(),
        message: "no".to_owned(),
        retry_at: None,
        is_final: false,
    }
}

/// Takes a look at these games.
fn look(state: &mut WatchState, wish: &Wish, games: &[(&GameKey, State)], now: &str) -> News {
    let games = games
        .iter()
        .map(|(key, state)| ((*key).clone(), game(key, *state)));
    let games = games.collect();
    let news = state.record_answer(&[Answered { wish, games }], COMPLETE, utc(now));
    state.drop_stale(utc(now));
    news
}

/// Delivers everything to a target, and returns the kinds of it.
fn deliver(state: &mut WatchState, target: &str, news: &News, now: &str) -> Vec<&'static str> {
    let due = state.list_due(target, news);
    state.record_delivered(target, &due, utc(now));
    due.iter().map(|event| event.what.name()).collect()
}
