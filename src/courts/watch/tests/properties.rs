//! Any sequence of looks, held against a reckoning of its own: it knows what each look has seen, and
//! nothing of how the state works.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const GAMES: usize = 3;
const START: &str = "2026-11-27T10:00:00Z";

/// A look in numbers: minutes since the last one, what it is, each game's state (4 is not listed),
/// and whether target `b` takes what it is sent.
type Step = (i64, u8, [u8; GAMES], bool);

/// The kinds of looks.
const FAILED: u8 = 0;
const INCOMPLETE: u8 = 1;

fn state_of(number: u8) -> Option<State> {
    [
        Some(State::Free),
        Some(State::Taken),
        Some(State::OpensLater),
        Some(State::Closed),
        None,
    ][usize::from(number)]
}

/// What looks have seen of one game.
#[derive(Default)]
struct Seen {
    /// Set while it is free: no look has shown anything else since.
    is_free: bool,
    /// Complete looks in a row without it.
    absent: u8,
    /// Times at which each target was told in this free time.
    told: BTreeMap<&'static str, DateTime<Utc>>,
    /// The last such time at all.
    last_told: BTreeMap<&'static str, DateTime<Utc>>,
    /// The last time at which anybody was told.
    anybody: Option<DateTime<Utc>>,
}

fn step() -> impl Strategy<Value = Step> {
    let games = [0..5_u8, 0..5_u8, 0..5_u8];
    (1..25_i64, 0..8_u8, games, any::<bool>())
}

fn keys() -> Vec<GameKey> {
    // One game begins while looks go on.
    let starts = [
        "2026-11-27T13:00:00Z",
        "2026-11-28T18:00:00Z",
        "2026-11-29T18:00:00Z",
    ];
    starts.map(key).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_told_is_true_and_told_once(steps in prop::collection::vec(step(), 1..60)) {
        let keys = keys();
        let wish = Wish { targets: vec!["a".to_owned(), "b".to_owned()], ..wish() };
        let mut state = WatchState::default();
        let mut seen: Vec<Seen> = (0..GAMES).map(|_| Seen::default()).collect();
        let mut now = utc(START);
        for (minutes, kind, states, b_takes) in steps {
            now += TimeDelta::minutes(minutes);
            let listed: Vec<(&GameKey, Option<State>)> =
                keys.iter().zip(states.map(state_of)).filter(|(key, _)| key.start > now).collect();
            let games: Games = listed.iter()
                .filter_map(|(key, state)| Some(((*key).clone(), game(key, (*state)?)))).collect();
            let before = state.clone();
            let news = if kind == FAILED {
                state.record_failure(&failure("network"), &wish.targets, now)
            } else {
                let evidence = Evidence { is_complete: kind != INCOMPLETE, has_slots: !games.is_empty() };
                let proves = evidence.is_complete && evidence.has_slots;
                for (index, key) in keys.iter().enumerate() {
                    let seen = &mut seen[index];
                    let free_before = seen.is_free;
                    match games.get(key) {
                        Some(game) => {
                            seen.absent = 0;
                            seen.is_free = game.state == State::Free;
                        }
                        None if proves => {
                            seen.absent += 1;
                            seen.is_free &= seen.absent < 2;
                        }
                        None => {}
                    }
                    if free_before && !seen.is_free {
                        seen.told.clear();
                    }
                }
                state.record_answer(&[Answered { wish: &wish, games: games.clone() }], evidence, now)
            };
            state.drop_stale(now);
            if kind == FAILED {
                let games = |state: &WatchState| -> Vec<_> {
                    let all = state.wishes.values().flat_map(|wish| &wish.games);
                    all.filter(|(key, _)| key.start > now).map(|(key, known)| (key.clone(), known.clone())).collect()
                };
                prop_assert_eq!(games(&state), games(&before));
            }
            for target in ["a", "b"] {
                if target == "b" && !b_takes {
                    continue;
                }
                let due = state.list_due(target, &news);
                for event in &due {
                    let What::Free { key, .. } = &event.what else {
                        if let What::Gone { key, .. } = &event.what {
                            let seen = &seen[keys.iter().position(|known| known == key).unwrap()];
                            prop_assert!(!seen.is_free && seen.last_told.contains_key(target));
                        }
                        continue;
                    };
                    // It is free, by this look; it was not told in this free time; the last time is
                    // long enough ago.
                    prop_assert_eq!(games.get(key).map(|game| game.state), Some(State::Free));
                    prop_assert!(kind != FAILED);
                    let seen = &mut seen[keys.iter().position(|known| known == key).unwrap()];
                    prop_assert_eq!(seen.told.insert(target, now), None);
                    if let Some(last) = seen.last_told.insert(target, now) {
                        prop_assert!(now - last >= TimeDelta::minutes(30));
                    }
                    seen.anybody = Some(now);
                }
                state.record_delivered(target, &due, now);
            }
            // Nobody who takes messages waits for more than the cool-down.
            for (index, key) in keys.iter().enumerate() {
                let is_free = games.get(key).is_some_and(|game| game.state == State::Free);
                let seen = &seen[index];
                let is_cooling = seen.anybody.is_some_and(|at| now - at < TimeDelta::minutes(30));
                if kind != FAILED && is_free && !is_cooling {
                    prop_assert!(seen.told.contains_key("a"), "{key} at {now}");
                }
            }
            let kept = serde_json::to_string(&state).unwrap();
            prop_assert_eq!(&serde_json::from_str::<WatchState>(&kept).unwrap(), &state);
            prop_assert!(state.outbox.len() < 20 && kept.len() < 6_000);
        }
    }
}
