//! When to look, when a wish is over, quiet hours, and clocks that are set.

use chrono_tz::Europe::London;

use super::*;
use crate::{
    courts::{Day, Time},
    zone::Zone,
};

const SAT: &str = "2026-11-28T18:00:00Z";

fn london() -> Zone {
    Zone::compiled(London)
}

#[test]
fn a_wish_for_a_day_is_over_when_the_day_is() {
    // The night in which the clocks go back has 25 hours.
    let wish = Wish {
        date: Some(Day::On("2026-10-25".parse().unwrap())),
        ..wish()
    };
    let is_over = |now: &str| wish.query(london(), utc(now)).is_none();
    assert!(!is_over("2026-10-01T12:00:00Z") && !is_over("2026-10-25T23:59:59Z"));
    assert!(is_over("2026-10-26T00:00:00Z"));
    let summer = Wish {
        date: Some(Day::On("2026-07-01".parse().unwrap())),
        ..wish
    };
    let is_over = |now: &str| summer.query(london(), utc(now)).is_none();
    assert!(!is_over("2026-07-01T22:59:59Z") && is_over("2026-07-01T23:00:00Z"));
}

#[test]
fn a_relative_day_moves_on_and_until_ends_it() {
    let wish = Wish {
        date: Some(Day::Next(chrono::Weekday::Sat, 0)),
        until: Some("2026-11-28".parse().unwrap()),
        ..wish()
    };
    let date = |now: &str| {
        wish.query(london(), utc(now))
            .map(|query| query.date.to_string())
    };
    assert_eq!(date("2026-11-23T09:00:00Z").unwrap(), "2026-11-28");
    assert_eq!(date("2026-11-28T23:00:00Z").unwrap(), "2026-11-28");
    assert_eq!(date("2026-11-29T00:00:00Z"), None);
    let rolling = super::wish()
        .query(london(), utc("2026-11-23T09:00:00Z"))
        .unwrap();
    assert_eq!(
        (rolling.date.to_string().as_str(), rolling.days),
        ("2026-11-23", 14)
    );
}

#[test]
fn quiet_hours_are_the_clubs_and_cross_midnight() {
    let quiet = Quiet {
        from: Time(22 * 60 + 30),
        to: Time(7 * 60),
    };
    let covers = |now: &str| quiet.covers(utc(now), london());
    assert!(!covers("2026-11-28T22:29:59Z") && covers("2026-11-28T22:30:00Z"));
    assert!(covers("2026-11-29T06:59:59Z") && !covers("2026-11-29T07:00:00Z"));
    // Summer time.
    assert!(covers("2026-07-01T21:30:00Z") && !covers("2026-07-01T06:00:00Z"));
    let noon = Quiet {
        from: Time(12 * 60),
        to: Time(13 * 60),
    };
    assert!(noon.covers(utc("2026-11-28T12:59:00Z"), london()));
    assert!(!noon.covers(utc("2026-11-28T13:00:00Z"), london()));
}

#[test]
fn looks_are_a_minute_apart_and_a_stated_wait_is_kept() {
    let mut state = WatchState::default();
    let now = utc("2026-11-27T10:00:00Z");
    assert_eq!(state.check_due(now), Due::Now);
    let stated = LookFailure {
        retry_at: Some(now + TimeDelta::minutes(20)),
        ..failure("rate_limited")
    };
    state.record_failure(&stated, &[], now);
    let at = |minutes| now + TimeDelta::minutes(minutes);
    assert!(matches!(state.check_due(at(19)), Due::Waiting(_)));
    assert_eq!(state.check_due(at(20)), Due::Now);
    assert!(next_look(&state, &[], TimeDelta::minutes(5), 0.5, now) >= at(20));
    state.record_answer(&[], COMPLETE, at(20));
    assert_eq!(
        state.check_due(at(20) + TimeDelta::seconds(59)),
        Due::Soon(at(21))
    );
    assert_eq!(state.check_due(at(21)), Due::Now);
}

#[test]
fn refusals_double_their_wait_up_to_four_hours() {
    let mut state = WatchState::default();
    let mut now = utc("2026-11-27T10:00:00Z");
    for minutes in [30, 60, 120, 240, 240, 240] {
        state.record_failure(&failure("portal_refused"), &[], now);
        let until = state.wait.as_ref().unwrap().until;
        assert_eq!((until - now).num_minutes(), minutes);
        now = until;
    }
    state.record_answer(&[], COMPLETE, now);
    state.record_failure(&failure("portal_refused"), &[], now);
    assert_eq!(state.wait.unwrap().until, now + TimeDelta::minutes(30));
}

#[test]
fn a_clock_that_is_set_back_starves_nothing() {
    let (wish, game, mut state) = (wish(), key("2027-11-28T18:00:00Z"), WatchState::default());
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2027-01-01T10:00:00Z",
    );
    deliver(&mut state, "a", &news, "2027-01-01T10:00:00Z");
    // A month back.
    assert_eq!(
        state.check_due(utc("2026-12-01T10:00:00Z")),
        Due::Soon(utc("2026-12-01T10:01:00Z"))
    );
    look(
        &mut state,
        &wish,
        &[(&game, State::Taken)],
        "2026-12-01T10:05:00Z",
    );
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-12-01T10:31:00Z",
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-12-01T10:31:00Z"),
        ["free"]
    );
}

#[test]
fn a_window_that_opens_at_midnight_is_looked_at_within_the_minute() {
    let (wish, mut game_key) = (wish(), key("2026-12-05T18:00:00Z"));
    let mut state = WatchState::default();
    let now = utc("2026-11-27T23:58:00Z");
    let opens = utc("2026-11-28T00:00:00Z");
    let mut games = Games::new();
    for minutes in [60, 90] {
        game_key.minutes = minutes;
        let opening = Game {
            opens_at: Some(opens),
            ..game(&game_key, State::OpensLater)
        };
        games.insert(game_key.clone(), opening);
    }
    let answers = [Answered { wish: &wish, games }];
    let news = state.record_answer(&answers, COMPLETE, now);
    let Some((
        Event {
            what: What::Opens {
                games, opens_at, ..
            },
            ..
        },
        _,
    )) = news.events.get(1)
    else {
        panic!("{news:?}");
    };
    // One message for both.
    assert_eq!((*games, *opens_at, news.events.len()), (2, opens, 2));
    for jitter in [0.0, 0.5, 0.99] {
        let wishes = std::slice::from_ref(&wish);
        let next = next_look(&state, wishes, TimeDelta::minutes(10), jitter, now);
        assert!(
            (opens..opens + TimeDelta::minutes(1)).contains(&next),
            "{next}"
        );
        // Without openings the pause is spread.
        let next = next_look(&state, &[], TimeDelta::minutes(10), jitter, now);
        assert!((8 * 60..12 * 60).contains(&(next - now).num_seconds()));
        let next = next_look(&state, &[], TimeDelta::seconds(1), jitter, now);
        assert!((60..72).contains(&(next - now).num_seconds()));
    }
    // A notice is in time although looks are rare.
    let wish = Wish {
        notice: Some(TimeDelta::minutes(1)),
        ..wish
    };
    let early = utc("2026-11-27T23:50:00Z");
    let next = next_look(&state, &[wish], TimeDelta::minutes(30), 0.5, early);
    assert_eq!(next, utc("2026-11-27T23:59:00Z"));
}

#[test]
fn games_that_have_begun_are_dropped_silently() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-28T17:00:00Z",
    );
    deliver(&mut state, "a", &news, "2026-11-28T17:00:00Z");
    let news = look(&mut state, &wish, &[(&game, State::Taken)], SAT);
    assert!(news.events.is_empty() && state.wishes["w"].games.is_empty());
}

#[test]
fn keys_are_read_back_whatever_the_site_is_called() {
    for site_id in ["UB", "14", "a|b", ""] {
        let key = GameKey {
            site_id: site_id.to_owned(),
            ..key(SAT)
        };
        assert_eq!(key.to_string().parse(), Ok(key));
    }
    assert!("UB|2026|60".parse::<GameKey>().is_err() && "".parse::<GameKey>().is_err());
}
