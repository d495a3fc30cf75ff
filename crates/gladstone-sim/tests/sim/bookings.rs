//! Bookings, in every shape.

use std::io::Read;

use flate2::read::GzDecoder;
use gladstone_sim::{Club, Shape, TruthBooking};

use crate::portals::{ALEX, get, listings, read, signed_in};

const NOW: &str = "2026-11-23T09:00:00Z";

/// Upcoming and past bookings as the portal has them.
fn bookings(club: &Club, shape: Shape) -> [Vec<TruthBooking>; 2] {
    let session = signed_in(club, shape);
    listings(shape).map(|target| {
        let answer = get(club, target, &session);
        assert_eq!(answer.status, 200, "{shape:?} {target}");
        read(shape, &answer.json())
    })
}

#[test]
fn every_shape_tells_the_truth() {
    for shape in Shape::with_members() {
        let club = Club::builder().now(NOW).shape(shape).start();
        let [upcoming, past] = bookings(&club, shape);
        assert_eq!((upcoming.len(), past.len()), (10, 48), "{shape:?}");
        assert_eq!(
            [past, upcoming].concat(),
            club.truth_bookings(ALEX.0),
            "{shape:?}"
        );
    }
}

#[test]
fn five_thousand_rows_are_all_there() {
    for shape in Shape::with_members() {
        let club = Club::builder().now(NOW).shape(shape).bookings(5000).start();
        // Several may start at once: their order is the portal's.
        let sorted = |mut all: Vec<TruthBooking>| {
            all.sort_by_key(|booking| (booking.start, booking.reference.clone()));
            all
        };
        let [upcoming, past] = bookings(&club, shape);
        assert_eq!(past.len(), 5000);
        assert_eq!(
            sorted([past, upcoming].concat()),
            sorted(club.truth_bookings(ALEX.0)),
            "{shape:?}"
        );
    }
}

#[test]
fn one_thing_may_have_two_names() {
    let club = Club::builder().now(NOW).shape(Shape::Odd).start();
    let session = signed_in(&club, Shape::Odd);
    for target in listings(Shape::Odd) {
        let items = get(&club, target, &session).json()[0]
            .as_array()
            .unwrap()
            .clone();
        let has = |key: &str| items.iter().any(|item| item.get(key).is_some());
        assert!(
            has("0_ref") && has("0_ref~old") && has("4_court") && has("4_courts"),
            "{target}"
        );
    }
}

#[test]
fn bookings_pass_as_the_clock_moves() {
    for shape in Shape::with_members()
        .into_iter()
        .filter(|shape| !listings(*shape)[0].contains("2026"))
    {
        let club = Club::builder().now(NOW).shape(shape).start();
        club.set_now("2027-06-01T12:00:00Z");
        let [upcoming, past] = bookings(&club, shape);
        assert_eq!((upcoming.len(), past.len()), (0, 58), "{shape:?}");
    }
}

#[test]
fn both_ends_of_a_span_are_included() {
    let club = Club::builder().now(NOW).start();
    let session = signed_in(&club, Shape::Assumed);
    let count = |query: &str| {
        read(
            Shape::Assumed,
            &get(&club, &format!("/api/bookings?{query}"), &session).json(),
        )
        .len()
    };
    assert_eq!(
        count("dateFrom=2026-11-24T19:00:00Z&dateTo=2026-11-24T19:00:00.000Z"),
        1
    );
    assert_eq!(
        count("datefrom=2026-11-24T19:00:01Z&dateto=2026-11-26T17:59:59Z"),
        0
    );
    assert_eq!(count(""), 58);
    assert_eq!(
        get(&club, "/api/bookings?dateFrom=soon", &session).status,
        400
    );
    let club = Club::builder().now(NOW).shape(Shape::SealedCbc).start();
    let session = signed_in(&club, Shape::SealedCbc);
    let day = get(
        &club,
        "/api/member/bookings/list?from=2026-11-28&to=2026-11-28",
        &session,
    )
    .json();
    assert_eq!(read(Shape::SealedCbc, &day).len(), 1);
}

#[test]
fn a_query_that_says_nothing_is_refused() {
    for (shape, target) in [
        (Shape::Token, "/api/reservations/v1/mine"),
        (Shape::Odd, "/rest/0/list?t=3"),
        (Shape::SealedCbc, "/api/member/bookings/list?from=yesterday"),
    ] {
        let club = Club::builder().now(NOW).shape(shape).start();
        let answer = get(&club, target, &signed_in(&club, shape));
        assert_eq!(answer.status, 400);
        assert!(answer.json()["message"].is_string());
    }
}

#[test]
fn ends_are_a_second_short_where_slots_are() {
    let club = Club::builder().now(NOW).start();
    let all = get(&club, "/api/bookings", &signed_in(&club, Shape::Assumed)).json();
    let ends: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|booking| booking["endTime"].as_str())
        .collect();
    assert!(ends.len() > 50 && ends.iter().all(|end| end.ends_with(":59Z")));
}

#[test]
fn any_text_can_be_served() {
    for shape in Shape::with_members() {
        let club = Club::builder()
            .shape(shape)
            .bookings_json("[{\"startTime\":\u{1b}")
            .start();
        assert_eq!(
            get(&club, listings(shape)[1], &signed_in(&club, shape)).text(),
            "[{\"startTime\":\u{1b}"
        );
    }
}

#[test]
fn compressed_for_those_who_ask() {
    let club = Club::builder().now(NOW).gzip(true).start();
    let mut session = signed_in(&club, Shape::Assumed);
    let plain = get(&club, "/api/bookings", &session);
    session.push(("Accept-Encoding", "gzip".to_owned()));
    let mut text = Vec::new();
    GzDecoder::new(get(&club, "/api/bookings", &session).body.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, plain.body);
}
