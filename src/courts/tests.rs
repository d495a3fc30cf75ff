//! Properties of the slot logic, on random timetables, and the cases that are easy to get wrong.

use std::{collections::BTreeSet, rc::Rc};

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::London;
use proptest::prelude::*;

use super::*;
use crate::zone::Zone;

/// One slot in numbers: activity, court, which of the grid's slots, available, window, listed
/// twice.
type Spec = (usize, usize, usize, bool, i64, bool);

/// Activities by their grid: minutes of play and minutes from start to start. The last one's slots
/// overlap.
const GRIDS: [(i64, i64); 4] = [(30, 30), (60, 60), (55, 60), (60, 30)];

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn listing(activity: usize, court: usize) -> Rc<Listing> {
    Rc::new(Listing {
        site_id: format!("S{}", court % 2),
        activity_id: format!("A{activity}"),
        court_ids: vec![format!("C{court}")],
        court: format!("Court {court}"),
        activity: format!("Activity {activity}"),
    })
}

fn slot(
    activity: usize,
    court: usize,
    start: DateTime<Utc>,
    minutes: i64,
    available: bool,
) -> Slot {
    Slot {
        listing: listing(activity, court),
        start,
        end: start + TimeDelta::minutes(minutes),
        bookable_from: None,
        bookable_until: None,
        available,
        before_window: false,
    }
}

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

fn query(date: &str, days: u64, minutes: Option<i64>) -> Query {
    let date = date.parse().unwrap();
    Query {
        zone: Zone::compiled(London),
        date,
        days,
        weekdays: Vec::new(),
        minutes,
        from: None,
        to: None,
        at: None,
        courts: Vec::new(),
    }
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

/// The free stretches of the first slot's day: `18:00 90×3` is one of 90 minutes and three slots.
fn free(slots: Vec<Slot>, minutes: i64) -> String {
    let query = query(&slots[0].start.date_naive().to_string(), 1, Some(minutes));
    let answer = answer_query(slots, &query, utc("2026-11-01T00:00:00Z")).stretches;
    let free = answer.iter().filter(|one| one.state == State::Free);
    let texts: Vec<String> = free
        .map(|one| {
            format!(
                "{} {}×{}",
                one.start.format("%H:%M"),
                one.minutes,
                one.bookings
            )
        })
        .collect();
    texts.join(", ")
}

fn at(time: &str) -> DateTime<Utc> {
    utc(&format!("2026-11-28T{time}:00Z"))
}

/// Two half-hours in a row on one court.
fn halves() -> Vec<Slot> {
    ["18:00", "18:30"]
        .map(|time| slot(0, 0, at(time), 30, true))
        .into()
}

#[test]
fn half_hours_answer_ninety_minutes_in_every_position() {
    let halves: Vec<Slot> = ["18:00", "18:30", "19:00", "19:30"]
        .map(|time| slot(0, 0, at(time), 30, true))
        .into();
    assert_eq!(free(halves, 90), "18:00 90×3, 18:30 90×3");
}

#[test]
fn a_gap_of_five_minutes_is_a_changeover_and_one_of_six_is_not() {
    for (second, wanted, expected) in [
        ("19:00", 120, "18:00 110×2"),
        ("19:00", 110, "18:00 110×2"),
        ("19:01", 120, ""),
        ("19:00", 125, ""),
    ] {
        let slots = ["18:00", second].map(|start| slot(0, 0, at(start), 55, true));
        assert_eq!(free(slots.into(), wanted), expected, "{second} {wanted}");
    }
}

#[test]
fn slots_of_two_courts_or_activities_are_never_joined() {
    for (activity, court) in [(0, 1), (1, 0)] {
        let first = slot(0, 0, at("18:00"), 30, true);
        let second = slot(activity, court, at("18:30"), 30, true);
        assert_eq!(free(vec![first, second], 60), "");
    }
}

#[test]
fn courts_without_ids_are_told_apart_by_their_names() {
    let slots = [
        ("18:00", true, "Court 1"),
        ("18:30", false, "Court 1"),
        ("18:00", false, "Court 2"),
        ("18:30", true, "Court 2"),
    ]
    .map(|(start, available, court)| {
        let mut slot = slot(0, 0, at(start), 30, available);
        slot.listing = Rc::new(Listing {
            court_ids: Vec::new(),
            court: court.to_owned(),
            ..(*slot.listing).clone()
        });
        slot
    });
    assert_eq!(free(slots.to_vec(), 60), "");
    assert_eq!(free(slots.to_vec(), 30), "18:00 30×1, 18:30 30×1");
}

#[test]
fn one_booking_that_cannot_be_had_yet_hides_no_two_that_can() {
    let now = utc("2026-11-01T00:00:00Z");
    let mut later = slot(1, 0, at("18:00"), 60, true);
    later.bookable_from = Some(at("00:00"));
    let halves = halves();
    let answer = answer_query(
        [&[later], &halves[..]].concat(),
        &query("2026-11-28", 1, Some(60)),
        now,
    );
    let told: Vec<(State, usize)> = answer
        .stretches
        .iter()
        .map(|slot| (slot.state, slot.bookings))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.contains(&(State::Free, 2)) && told.contains(&(State::OpensLater, 1)),
        "{told:?}"
    );
}

#[test]
fn a_joined_stretch_opens_with_its_last_slot_or_at_no_known_time() {
    let now = utc("2026-11-20T00:00:00Z");
    for opens in [None, Some(at("00:00"))] {
        let [mut one, mut two] = ["18:00", "18:30"].map(|start| slot(0, 0, at(start), 30, true));
        one.bookable_from = Some(utc("2026-11-10T00:00:00Z"));
        (two.bookable_from, two.before_window) = (opens, true);
        let answer = answer_query(vec![one, two], &query("2026-11-28", 1, Some(60)), now).stretches;
        assert_eq!(answer[0].state, State::OpensLater);
        assert_eq!(answer[0].bookable_from, opens);
    }
}

#[test]
fn one_booking_is_better_than_two_for_the_same_time_and_court() {
    let whole = slot(1, 0, at("18:00"), 60, true);
    let slots = [halves(), vec![whole]].concat();
    assert_eq!(free(slots, 60), "18:00 60×1");
}

#[test]
fn several_ways_to_fill_the_same_time_are_one_stretch() {
    let grid = [
        ("18:00", 30),
        ("18:30", 60),
        ("18:00", 60),
        ("19:00", 30),
        ("18:30", 30),
    ];
    let mut slots = grid.map(|(time, minutes)| slot(0, 0, at(time), minutes, true));
    assert_eq!(free(slots.to_vec(), 90), "18:00 90×2");
    // One of the ways is enough.
    slots[1].bookable_from = Some(at("00:00"));
    assert_eq!(free(slots.to_vec(), 90), "18:00 90×2");
}

#[test]
fn slots_of_an_overlapping_grid_join_where_they_meet() {
    let slots = [
        ("18:00", true),
        ("18:30", false),
        ("19:00", true),
        ("19:30", false),
    ];
    let slots = slots
        .map(|(time, available)| slot(3, 0, at(time), 60, available))
        .into();
    // 18:30 to 19:30 lies inside 18:00 to 20:00 and is taken: the portal contradicts itself, so it
    // is not offered.
    assert_eq!(free(slots, 120), "");
    let slots = [("17:00", true), ("18:00", true), ("18:30", false)];
    let slots = slots
        .map(|(time, available)| slot(3, 0, at(time), 60, available))
        .into();
    // 18:30 to 19:30 is taken for its second half, which is none of ours.
    assert_eq!(free(slots, 120), "17:00 120×2");
}

#[test]
fn a_taken_slot_at_either_edge_inside_a_stretch_interrupts_it() {
    let halves = halves();
    let beside =
        |start: &str, minutes| [&halves[..], &[slot(0, 0, at(start), minutes, false)]].concat();
    for (start, minutes) in [("18:00", 15), ("18:45", 15), ("18:20", 20)] {
        assert_eq!(free(beside(start, minutes), 60), "", "{start}");
    }
    for (start, minutes) in [("17:45", 15), ("17:45", 20), ("18:45", 20), ("19:00", 15)] {
        assert_eq!(free(beside(start, minutes), 60), "18:00 60×2", "{start}");
    }
}

#[test]
fn each_state_has_a_name_and_words_of_its_own() {
    let all = [State::Free, State::OpensLater, State::Closed, State::Taken];
    assert_eq!(
        all.map(State::name),
        ["free", "opens_later", "closed", "taken"]
    );
    assert_eq!(
        all.map(State::words),
        ["free", "opens later", "no longer bookable", "taken"]
    );
}

#[test]
fn a_stretch_over_midnight_belongs_to_its_first_day() {
    fn night(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        let local = London.with_ymd_and_hms(2026, 7, day, hour, minute, 0);
        local.unwrap().to_utc()
    }
    let halves = [(3, 23, 0), (3, 23, 30), (4, 0, 0), (4, 0, 30), (4, 1, 0)];
    let slots: Vec<Slot> = halves
        .map(|(day, hour, minute)| slot(0, 0, night(day, hour, minute), 30, true))
        .into();
    let starts = |date: &str, days: u64, to: Option<&str>| -> Vec<DateTime<Utc>> {
        let query = Query {
            to: to.and_then(|to| to.parse().ok()),
            ..query(date, days, Some(90))
        };
        let answer = answer_query(slots.clone(), &query, utc("2026-07-01T00:00:00Z"));
        answer
            .stretches
            .iter()
            .map(|stretch| stretch.start)
            .collect()
    };
    assert_eq!(
        starts("2026-07-03", 1, None),
        [night(3, 23, 0), night(3, 23, 30)],
        "the evening, all of it"
    );
    assert_eq!(starts("2026-07-04", 1, None), [night(4, 0, 0)]);
    assert_eq!(
        starts("2026-07-03", 2, None),
        [night(3, 23, 0), night(3, 23, 30), night(4, 0, 0)]
    );
    assert!(
        starts("2026-07-03", 1, Some("24:00")).is_empty(),
        "over by midnight"
    );
    let over = vec![slot(1, 0, night(3, 23, 45), 60, true)];
    let answer = answer_query(
        over,
        &query("2026-07-03", 1, Some(60)),
        utc("2026-07-01T00:00:00Z"),
    )
    .stretches;
    assert_eq!(answer.len(), 1, "one slot over midnight");
}

#[test]
fn where_nothing_is_free_the_first_later_day_is_told() {
    let [saturday, monday, tuesday, friday] = [28, 30, 31, 27].map(|day| {
        let first = utc("2026-11-01T18:00:00Z");
        [0, 30].map(|minutes| {
            let start = first + TimeDelta::days(day - 1) + TimeDelta::minutes(minutes);
            slot(0, 0, start, 30, day != 28)
        })
    });
    let all = [saturday, tuesday, monday, friday].concat();
    let next = |wish: Query, slots: &[Slot]| {
        let answer = answer_query(slots.to_vec(), &wish, utc("2026-11-01T00:00:00Z"));
        let next = answer.next.as_ref();
        next.map(|next| {
            (
                next.date.to_string(),
                next.minutes,
                next.first_end - next.start,
            )
        })
    };
    let half = TimeDelta::minutes(30);
    let wish = |minutes| query("2026-11-28", 1, minutes);
    for (minutes, played) in [(None, 30), (Some(60), 60)] {
        let told = Some(("2026-11-30".to_owned(), played, half));
        assert_eq!(next(wish(minutes), &all), told);
    }
    assert_eq!(next(wish(Some(90)), &all), None);
    assert_eq!(next(wish(None), &all[..2]), None, "only what is listed");
    let late = Query {
        from: "18:30".parse().ok(),
        ..wish(Some(60))
    };
    assert_eq!(next(late, &all), None, "at the wanted hours");
    assert_eq!(
        next(query("2026-11-28", 3, None), &all),
        None,
        "one is free"
    );
}

#[test]
fn the_next_day_counts_only_for_what_starts_before_it() {
    let slots = vec![
        slot(0, 0, utc("2026-11-28T00:00:00Z"), 30, true),
        slot(0, 0, utc("2026-11-28T00:30:00Z"), 30, true),
    ];
    let answer = answer_query(
        slots,
        &query("2026-11-27", 1, Some(60)),
        utc("2026-11-01T00:00:00Z"),
    );
    assert!(answer.stretches.is_empty() && answer.listed.is_empty());
    // What somebody has after midnight is in the way; what somebody has on the next evening is not.
    let slots = [
        ("27T23:30", true),
        ("28T00:00", false),
        ("28T23:30", true),
        ("29T00:00", true),
    ]
    .map(|(start, available)| {
        let start = utc(&format!("2026-11-{start}:00Z"));
        slot(0, 0, start, 30, available)
    });
    let answer = answer_query(
        slots.into(),
        &query("2026-11-27", 2, Some(60)),
        utc("2026-11-01T00:00:00Z"),
    )
    .stretches;
    let told: Vec<_> = answer
        .iter()
        .map(|stretch| (stretch.start, stretch.state))
        .collect();
    assert_eq!(
        told,
        [
            (utc("2026-11-27T23:30:00Z"), State::Taken),
            (utc("2026-11-28T23:30:00Z"), State::Free)
        ]
    );
}

#[test]
fn of_two_windows_the_widest_that_is_open_counts() {
    fn seen(slots: &[Slot], now: &str) -> (usize, State, Option<DateTime<Utc>>) {
        let answer = answer_query(slots.to_vec(), &query("2026-11-28", 1, None), at(now)).stretches;
        (answer.len(), answer[0].state, answer[0].bookable_from)
    }
    let [over, wide, late] = [
        ("06:00", Some("09:00")),
        ("08:00", None),
        ("16:00", Some("17:00")),
    ]
    .map(|(from, until)| Slot {
        bookable_from: Some(at(from)),
        bookable_until: until.map(at),
        ..slot(0, 0, at("18:00"), 60, true)
    });
    for slots in [
        [over.clone(), wide.clone(), late.clone()],
        [late, wide, over],
    ] {
        assert_eq!(
            seen(&slots, "05:00"),
            (1, State::OpensLater, Some(at("06:00")))
        );
        assert_eq!(seen(&slots, "12:00"), (1, State::Free, Some(at("08:00"))));
        assert_eq!(seen(&slots, "16:30"), (1, State::Free, Some(at("08:00"))));
        assert_eq!(seen(&slots[..2], "18:30").1, State::Closed);
    }
}

#[test]
fn an_hour_before_the_clocks_change_is_an_hour() {
    // 00:30 to 02:30 on the clock is one hour of play in March and three in October.
    for (start, hours, from, to) in [
        ("2026-03-29T00:30:00Z", 1, "00:30", "02:30"),
        ("2026-10-24T23:30:00Z", 3, "00:30", "02:30"),
    ] {
        let slots = vec![slot(1, 0, utc(start), hours * 60, true)];
        let mut query = query(
            if hours == 1 {
                "2026-03-29"
            } else {
                "2026-10-25"
            },
            1,
            Some(hours * 60),
        );
        (query.from, query.to) = (from.parse().ok(), to.parse().ok());
        let answer = answer_query(slots, &query, utc("2026-01-01T00:00:00Z")).stretches;
        assert_eq!(answer.len(), 1);
        assert_eq!(answer[0].minutes, hours * 60);
    }
}

#[test]
fn the_available_one_of_two_contradicting_duplicates_counts() {
    let slots = vec![
        slot(0, 0, at("18:00"), 30, false),
        slot(0, 0, at("18:00"), 30, true),
    ];
    assert_eq!(free(slots, 30), "18:00 30×1");
}

#[test]
fn a_slot_without_window_is_free_until_it_starts() {
    let mut one = slot(0, 0, at("18:00"), 30, true);
    assert_eq!(one.state(at("17:59")), State::Free);
    assert_eq!(one.state(at("18:00")), State::Closed);
    one.before_window = true;
    assert_eq!(one.state(at("17:59")), State::OpensLater);
    one.bookable_until = Some(at("23:59"));
    one.before_window = false;
    assert_eq!(one.state(at("18:10")), State::Free, "the portal says so");
    assert_eq!(one.state(at("18:30")), State::Closed, "over");
}

#[test]
fn a_time_of_day_is_of_one_or_two_digits_and_two() {
    for text in ["7:30", "07:30", "24:00"] {
        assert!(text.parse::<crate::courts::Time>().is_ok(), "{text}");
    }
    for text in [
        "007:30", "7:3", "7:300", "+7:30", "7:+3", " 7:30", ":30", "07:", "24:01", "007:300",
    ] {
        assert!(text.parse::<crate::courts::Time>().is_err(), "{text}");
    }
}
