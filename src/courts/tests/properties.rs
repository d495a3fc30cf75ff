//! Properties of the slot logic, on random timetables.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// One slot in numbers: activity, court, which of the grid's slots, available, window, listed
/// twice.
type Spec = (usize, usize, usize, bool, i64, bool);

/// Activities by their grid: minutes of play and minutes from start to start. The last one's slots
/// overlap.
const GRIDS: [(i64, i64); 4] = [(30, 30), (60, 60), (55, 60), (60, 30)];

/// Slots from a base time on; each spec's place in the grid may be hours or days away.
fn timetable(base: DateTime<Utc>, specs: &[Spec]) -> Vec<Slot> {
    let mut seen = BTreeSet::new();
    let mut slots = Vec::new();
    for &(activity, court, number, available, window, twice) in specs {
        if !seen.insert((activity, court, number)) {
            continue;
        }
        let (minutes, step) = GRIDS[activity];
        let start = base + TimeDelta::minutes(step * i64::try_from(number).unwrap());
        let mut one = slot(activity, court, start, minutes, available);
        one.bookable_from = Some(base + TimeDelta::hours(window));
        if twice {
            slots.push(one.clone());
        }
        slots.push(one);
    }
    slots
}

/// Weekends of both clock changes, and a plain one: the base time, the day, and now.
const WEEKENDS: [(&str, &str); 3] = [
    ("2026-03-28T20:00:00Z", "2026-03-28"),
    ("2026-10-24T20:00:00Z", "2026-10-24"),
    ("2026-07-03T22:00:00Z", "2026-07-03"),
];

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    let spec = (
        0..GRIDS.len(),
        0..3_usize,
        0..40_usize,
        prop::bool::weighted(0.7),
        -5..60_i64,
        any::<bool>(),
    );
    prop::collection::vec(spec, 0..120)
}

fn wishes() -> impl Strategy<Value = Option<i64>> {
    prop::option::of((1..=36_i64).prop_map(|fives| fives * 5))
}

/// Activity, court, start and end.
fn by_names(
    (listing, start, end): (&Rc<Listing>, DateTime<Utc>, DateTime<Utc>),
) -> (String, String, DateTime<Utc>, DateTime<Utc>) {
    (
        listing.activity_id.clone(),
        listing.court.clone(),
        start,
        end,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn order_and_duplicates_make_no_difference(specs in specs(), wish in wishes(), weekend in 0..3_usize, turn in any::<u64>()) {
        let (base, date) = WEEKENDS[weekend];
        let slots = timetable(utc(base), &specs);
        let once: Vec<Slot> = slots.iter().enumerate().filter(|(at, slot)| !slots[..*at].contains(slot)).map(|(_, slot)| slot.clone()).collect();
        let mut turned = slots.clone();
        let length = turned.len().max(1);
        turned.rotate_left(usize::try_from(turn).unwrap_or(0) % length);
        turned.reverse();
        let query = query(date, 4, wish);
        let answer = answer_query(slots, &query, utc(base));
        prop_assert_eq!(&answer, &answer_query(turned, &query, utc(base)));
        prop_assert_eq!(&answer, &answer_query(once, &query, utc(base)));
    }

    #[test]
    fn days_at_once_or_one_by_one_are_the_same(specs in specs(), wish in wishes(), weekend in 0..3_usize) {
        let (base, date) = WEEKENDS[weekend];
        let slots = timetable(utc(base), &specs);
        let at_once = answer_query(slots.clone(), &query(date, 4, wish), utc(base)).stretches;
        let one_by_one: Vec<Stretch> = query(date, 4, wish)
            .dates()
            .flat_map(|day| answer_query(slots.clone(), &query(&day.to_string(), 1, wish), utc(base)).stretches)
            .collect();
        prop_assert_eq!(at_once, one_by_one);
    }

    #[test]
    fn without_a_wish_the_answer_is_the_input(specs in specs(), weekend in 0..3_usize) {
        let (base, date) = WEEKENDS[weekend];
        let slots = timetable(utc(base), &specs);
        let answer = answer_query(slots.clone(), &query(date, 4, None), utc(base));
        let input = slots.iter().map(|slot| (&slot.listing, slot.start, slot.end));
        let input: BTreeSet<_> = input.map(by_names).collect();
        let output = answer.stretches.iter().map(|slot| (&slot.listing, slot.start, slot.end));
        let output: BTreeSet<_> = output.map(by_names).collect();
        prop_assert_eq!(output.len(), answer.stretches.len());
        prop_assert_eq!(input, output);
        let Summary { free, opens_later, taken, closed, .. } = answer.summary;
        prop_assert_eq!(free + opens_later + taken + closed, answer.stretches.len());
    }

    #[test]
    fn a_free_stretch_is_made_of_free_neighbours_on_one_court(specs in specs(), wish in 1..=36_i64, weekend in 0..3_usize) {
        let (base, date) = WEEKENDS[weekend];
        let (now, wish) = (utc(base), wish * 5);
        let slots = timetable(now, &specs);
        for stretch in answer_query(slots.clone(), &query(date, 4, Some(wish)), now).stretches {
            let span = (stretch.end - stretch.start).num_minutes();
            prop_assert!(stretch.minutes <= wish && wish <= span + 5 && stretch.minutes <= span);
            prop_assert!(span - stretch.minutes <= 5 * i64::try_from(stretch.bookings - 1).unwrap());
            if stretch.state != State::Free {
                continue;
            }
            let court = slots.iter().filter(|slot| slot.listing == stretch.listing);
            let court: Vec<&Slot> = court.collect();
            for slot in court.iter().filter(|slot| !slot.available) {
                let is_inside = slot.start >= stretch.start && slot.end <= stretch.end;
                prop_assert!(!is_inside, "none inside is taken");
                let overlaps = slot.start < stretch.end && slot.end > stretch.start;
                let may_overlap = stretch.listing.activity_id == "A3";
                prop_assert!(may_overlap || !overlaps, "none overlaps a taken one");
            }
            let mut at = stretch.start;
            for _ in 0..stretch.bookings {
                let next = court.iter().find(|slot| {
                    let gap = (slot.start - at).num_minutes();
                    slot.start >= at && gap <= 5 && slot.state(now) == State::Free
                });
                prop_assert!(next.is_some());
                at = next.unwrap().end;
            }
            prop_assert_eq!(at, stretch.end);
        }
    }

    #[test]
    fn every_fitting_slot_answers_its_wish(specs in specs(), wish in 1..=36_i64, weekend in 0..3_usize) {
        let (base, date) = WEEKENDS[weekend];
        let slots = timetable(utc(base), &specs);
        let answer = answer_query(slots.clone(), &query(date, 4, Some(wish * 5)), utc(base)).stretches;
        for slot in &slots {
            if !(slot.minutes()..=slot.minutes() + 5).contains(&(wish * 5)) {
                continue;
            }
            let found = answer.iter().any(|stretch| {
                let is_same = (&stretch.listing, stretch.start) == (&slot.listing, slot.start);
                is_same && stretch.bookings == 1
            });
            prop_assert!(found);
        }
    }

    #[test]
    fn a_slot_goes_from_opens_later_to_free_to_closed(window in -50..50_i64, length in 1..100_i64, step in 1..200_i64) {
        let start = utc("2026-03-29T12:00:00Z");
        let mut one = slot(0, 0, start, 60, true);
        one.bookable_from = Some(start + TimeDelta::hours(window));
        one.bookable_until = Some(start + TimeDelta::hours(window) + TimeDelta::hours(length));
        let mut last = State::OpensLater;
        for moment in 0..200 {
            let state = one.state(start + TimeDelta::hours(-60) + TimeDelta::minutes(moment * step));
            let [before, after] = [last, state].map(|state| {
                let order = [State::OpensLater, State::Free, State::Closed];
                order.iter().position(|known| *known == state).unwrap()
            });
            prop_assert!(after >= before);
            last = state;
        }
    }

    #[test]
    fn dates_and_times_read_back_as_written(days in 0..200_000_i32, minutes in 0..=1440_u32) {
        let date = NaiveDate::from_num_days_from_ce_opt(700_000 + days).unwrap();
        prop_assert_eq!(date.to_string().parse::<Day>(), Ok(Day::On(date)));
        prop_assert_eq!(Time(minutes).to_string().parse::<Time>(), Ok(Time(minutes)));
    }

    #[test]
    fn a_weekday_is_the_next_one_today_included(days in 0..10_000_i32, ahead in 0..7_u64) {
        let today = NaiveDate::from_num_days_from_ce_opt(730_000 + days).unwrap();
        let date = today + chrono::Days::new(ahead);
        let name = weekday_name(chrono::Datelike::weekday(&date));
        for written in [name.to_owned(), name[..3].to_uppercase()] {
            prop_assert_eq!(written.parse::<Day>().unwrap().resolve(today), date);
        }
    }

    #[test]
    fn days_are_counted_from_a_weekday(days in 0..10_000_i32, weekday in 0..7_u64, weeks in 0..=52_u64) {
        let today = NaiveDate::from_num_days_from_ce_opt(730_000 + days).unwrap();
        let coming = today + chrono::Days::new(weekday);
        let name = &weekday_name(chrono::Datelike::weekday(&coming))[..3];
        let date = |written: String| written.parse::<Day>().unwrap().resolve(today);
        prop_assert_eq!(date(format!("{name}+{weeks}w")), coming + chrono::Days::new(7 * weeks));
        prop_assert_eq!(date(format!("next-{name}")), coming + chrono::Days::new(7));
        prop_assert_eq!(date(format!("last-{name}")), coming - chrono::Days::new(7));
        prop_assert_eq!(date(format!("-{weeks}")), today - chrono::Days::new(weeks));
        prop_assert_eq!(date("yesterday".to_owned()), today - chrono::Days::new(1));
    }

    #[test]
    fn free_times_hold_every_free_slot_and_nothing_taken(specs in specs(), weekend in 0..3_usize) {
        let (base, date) = WEEKENDS[weekend];
        let slots = timetable(utc(base), &specs);
        for day in query(date, 4, None).dates() {
            let query = query(&day.to_string(), 1, None);
            let answer = answer_query(slots.clone(), &query, utc(base));
            let times = join_free(&answer.stretches, &query);
            for slot in answer.stretches.iter().filter(|slot| slot.state == State::Free) {
                let is_told = times.iter().any(|time| {
                    time.first.listing.court == slot.listing.court && time.first.start <= slot.start && slot.end <= time.end
                });
                prop_assert!(is_told, "{:?}", slot);
            }
            for time in &times {
                let wish = (time.end - time.first.start).num_minutes();
                let query = Query { minutes: Some(wish), ..query.clone() };
                let games = answer_query(slots.clone(), &query, utc(base)).stretches;
                // What is told can be played as one game, unless its changeovers make it too short.
                let is_game = games.iter().any(|game| {
                    (&game.listing, game.start, game.end, game.state) == (&time.first.listing, time.first.start, time.end, State::Free)
                });
                prop_assert!(is_game || wish - time.minutes > 15 || wish % 5 != 0, "{:?}", time);
            }
            let courts: BTreeSet<String> = times.iter().map(|time| time.first.listing.key()).collect();
            let free = answer.stretches.iter().filter(|slot| slot.state == State::Free);
            prop_assert_eq!(courts.len(), count_courts(free));
        }
    }

    #[test]
    fn no_text_upsets_the_grammar(text in "\\PC{0,12}|[0-9+:-]{0,12}") {
        let _ = text.parse::<Day>();
        let _ = text.parse::<Time>();
    }
}
