//! The cases of the slot logic that are easy to get wrong, and its properties.

mod properties;

use std::rc::Rc;

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::London;

use super::*;
use crate::zone::Zone;

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
