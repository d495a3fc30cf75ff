//! What waits for its targets, what is dropped, and what failures do.

use super::*;

const SAT: &str = "2026-11-28T18:00:00Z";

#[test]
fn a_game_that_went_while_its_target_was_dead_is_dropped_and_told_at_once_when_it_is_back() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    look(
        &mut state,
        &wish,
        &[(&game, State::Taken)],
        "2026-11-27T10:00:00Z",
    );
    look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:05:00Z",
    );
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Taken)],
        "2026-11-27T10:10:00Z",
    );
    assert!(news.events.is_empty(), "nobody was told that it is free");
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:10:00Z"),
        ["watching"]
    );
    // Only what was delivered counts for the cool-down.
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:15:00Z",
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:15:00Z"),
        ["free"]
    );
}

#[test]
fn what_waits_for_a_day_or_past_its_time_is_dropped_and_said() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    assert_eq!(state.drop_stale(utc("2026-11-28T10:00:00Z")), []);
    let dropped = state.drop_stale(utc("2026-11-28T10:00:01Z"));
    let losses: Vec<Loss> = dropped.iter().map(|dropped| dropped.loss).collect();
    assert_eq!(losses, [Loss::Old, Loss::Old]);
    let mut state = WatchState::default();
    look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-28T17:00:00Z",
    );
    let dropped = state.drop_stale(utc(SAT));
    assert_eq!((dropped.len(), dropped[0].loss), (1, Loss::Past));
    assert_eq!(dropped[0].to, ["a"]);
}

#[test]
fn a_game_of_an_old_look_is_not_sent() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    let news = state.record_failure(
        &failure("network"),
        &wish.targets,
        utc("2026-11-27T10:05:00Z"),
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:05:00Z"),
        ["watching"]
    );
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:10:00Z",
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:10:00Z"),
        ["free"]
    );
}

#[test]
fn one_dead_target_stops_no_other() {
    let wish = Wish {
        targets: vec!["dead".to_owned(), "a".to_owned()],
        ..wish()
    };
    let (game, mut state) = (key(SAT), WatchState::default());
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:00:00Z"),
        ["watching", "free"]
    );
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:05:00Z",
    );
    assert!(state.list_due("a", &news).is_empty());
    assert_eq!(
        deliver(&mut state, "dead", &news, "2026-11-27T10:05:00Z"),
        ["watching", "free"]
    );
    // Gone is told to those who were told that it is free.
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Taken)],
        "2026-11-27T10:10:00Z",
    );
    assert_eq!(news.events[0].1, ["a", "dead"]);
}

#[test]
fn who_never_heard_of_failures_hears_of_no_recovery() {
    let wish = Wish {
        targets: vec!["dead".to_owned(), "a".to_owned()],
        ..wish()
    };
    let (game, mut state) = (key(SAT), WatchState::default());
    let mut news = News::default();
    for minute in 0..3 {
        let now = utc("2026-11-27T10:00:00Z") + TimeDelta::minutes(minute);
        news = state.record_failure(&failure("network"), &wish.targets, now);
    }
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:03:00Z"),
        ["failing"]
    );
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Taken)],
        "2026-11-27T10:05:00Z",
    );
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:05:00Z"),
        ["recovered", "watching"]
    );
    assert_eq!(
        deliver(&mut state, "dead", &news, "2026-11-27T10:05:00Z"),
        ["watching"]
    );
}

#[test]
fn an_empty_answer_proves_nothing() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    deliver(&mut state, "a", &news, "2026-11-27T10:00:00Z");
    let empty = Evidence {
        is_complete: true,
        has_slots: false,
    };
    for minute in [35, 40, 45] {
        let now = utc("2026-11-27T10:00:00Z") + TimeDelta::minutes(minute);
        let games = Games::new();
        let wish = &wish;
        let news = state.record_answer(&[Answered { wish, games }], empty, now);
        assert!(news.events.is_empty());
    }
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:50:00Z",
    );
    assert!(news.events.is_empty(), "it was never gone");
}

#[test]
fn a_quiet_first_look_tells_nothing_of_what_is_free() {
    let wish = Wish {
        quiet_first: true,
        ..wish()
    };
    let (game, other) = (key(SAT), key("2026-11-28T19:00:00Z"));
    let mut state = WatchState::default();
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    assert!(news.events.is_empty());
    let both = [(&game, State::Free), (&other, State::Free)];
    let news = look(&mut state, &wish, &both, "2026-11-27T10:05:00Z");
    assert_eq!(
        deliver(&mut state, "a", &news, "2026-11-27T10:05:00Z"),
        ["free"]
    );
    assert_eq!(news.events[0].0.what.game(), Some(&other));
}

#[test]
fn other_filters_make_the_next_look_a_first_one() {
    let (wish, game, mut state) = (wish(), key(SAT), WatchState::default());
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:00:00Z",
    );
    deliver(&mut state, "a", &news, "2026-11-27T10:00:00Z");
    let wish = Wish {
        minutes: Some(60),
        ..wish
    };
    let news = look(
        &mut state,
        &wish,
        &[(&game, State::Free)],
        "2026-11-27T10:05:00Z",
    );
    let reasons: Vec<&What> = news.events.iter().map(|(event, _)| &event.what).collect();
    assert_eq!(reasons[0], &What::Watching { free: 1 });
    assert!(matches!(
        reasons[1],
        What::Free {
            reason: Reason::First,
            ..
        }
    ));
}

#[test]
fn many_games_of_two_weeks_take_little_room() {
    let (wish, mut state) = (wish(), WatchState::default());
    let start = utc("2026-11-28T07:00:00Z");
    let keys: Vec<GameKey> = (0..14 * 32)
        .map(|half_hour| GameKey {
            start: start
                + TimeDelta::days(half_hour / 32)
                + TimeDelta::minutes(half_hour % 32 * 30),
            site_id: "UB".to_owned(),
            minutes: 60,
        })
        .collect();
    let all: Vec<(&GameKey, State)> = keys.iter().map(|key| (key, State::Taken)).collect();
    look(&mut state, &wish, &all, "2026-11-27T10:00:00Z");
    let bytes = serde_json::to_string(&state).unwrap().len();
    assert!(bytes < 30_000, "{bytes}");
}
