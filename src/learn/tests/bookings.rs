//! The requests for bookings and their fields.

use serde_json::{Value, json};

use super::*;

#[test]
fn upcoming_and_past_are_told_apart_by_their_times() {
    let learned = learn_all(vec![
        login(),
        list(40, "/api/my/list?kind=b&_=1795424440000", &past()),
        list(30, "/api/my/list?kind=a&_=1795424430000", &upcoming()),
        list(35, "/api/availability/V2/sessions?x=1", &upcoming()),
    ]);
    let learned = learned.unwrap();
    let target = |name| value(&learned, name).unwrap().0;
    assert_eq!(target("bookings.upcoming"), "/api/my/list?kind=a".into());
    assert_eq!(target("bookings.history"), "/api/my/list?kind=b".into());
    first(&learned, "bookings.start", "/startTime");
    first(&learned, "bookings.end", "/endTime");
}

#[test]
fn one_request_serves_both_and_an_empty_list_is_learned_by_its_name() {
    let both = json!({"data": {"bookings": [upcoming()[0], upcoming()[1], past()[0], past()[1]]}});
    let learned = learn_all(vec![login(), list(20, "/api/bookings", &both)]).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings", true);
    is(&learned, "bookings.history", "/api/bookings", true);
    is(&learned, "bookings.items", "/data/bookings", true);
    let learned = learn_all(vec![
        login(),
        list(20, "/api/bookings/upcoming", &json!([])),
        list(30, "/api/bookings/history", &past()),
    ]);
    let learned = learned.unwrap();
    is(
        &learned,
        "bookings.upcoming",
        "/api/bookings/upcoming",
        false,
    );
    is(&learned, "bookings.history", "/api/bookings/history", true);
    let learned = learn_all(vec![login(), list(20, "/api/bookings/mine", &past())]).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings/mine", false);
}

#[test]
fn dates_become_placeholders() {
    for (target, body, expected) in [
        (
            "dateFrom=2026-11-23T00:00:00.000Z&dateTo=2027-11-23T23:59:59.999Z&x=1",
            upcoming(),
            "dateFrom={from}&dateTo={to}&x=1",
        ),
        (
            "b=2027-01-01T00%3A00%3A00%2B01%3A00&a=2026-11-23",
            upcoming(),
            "b={to}&a={from_date}",
        ),
        (
            "end=2026-11-23&begin=2026-11-23",
            upcoming(),
            "end={to_date}&begin={from_date}",
        ),
        ("d=2026-11-23", upcoming(), "d={from_date}"),
        ("d=2026-11-22", past(), "d={to_date}"),
        ("d=2020-01-01", past(), "d={from_date}"),
        (
            "f=start%20ge%202026-11-23T00:00Z%20and%20start%20lt%202026-12-23T00:00Z",
            upcoming(),
            "f=start%20ge%20{from}%20and%20start%20lt%20{to}",
        ),
        ("page=1&size=50", upcoming(), "page=1&size=50"),
    ] {
        let learned = learn_all(vec![
            login(),
            list(20, &format!("/api/bookings?{target}"), &body),
        ])
        .unwrap();
        let name = if body == past() {
            "bookings.history"
        } else {
            "bookings.upcoming"
        };
        is(&learned, name, &format!("/api/bookings?{expected}"), true);
    }
    let learned = learn_all(vec![
        login(),
        list(20, "/api/bookings/2026-11-23/2026-12-23", &upcoming()),
    ])
    .unwrap();
    is(
        &learned,
        "bookings.upcoming",
        "/api/bookings/{from_date}/{to_date}",
        true,
    );
}

#[test]
fn fields_are_found_by_names_and_values() {
    let item = |day: u32| {
        json!({
            "bookingId": 100 + day, "madeOn": "2026-11-01T10:00:00Z", "member": {"name": "Alex", "number": day},
            "period": {"begin": 1_795_515_600 + day * 86_400, "finish": 1_795_519_200 + day * 86_400},
            "product": {"id": "P1", "title": "Padel 60"}, "resource": {"id": 4, "name": "Court 4"},
            "venue": {"id": "UB", "name": "Uxbridge"}, "state": "Confirmed", "price": 12.5, "notes": null,
        })
    };
    let body = json!({"total": 2, "result": {"rows": [item(1), item(2)]}});
    let learned = learn_all(vec![login(), list(20, "/api/me/reservations", &body)]).unwrap();
    is(&learned, "bookings.items", "/result/rows", true);
    for (name, pointer) in [
        ("start", "/period/begin"),
        ("end", "/period/finish"),
        ("reference", "/bookingId"),
        ("activity", "/product/title"),
        ("court", "/resource/name"),
        ("site", "/venue/name"),
        ("status", "/state"),
    ] {
        first(&learned, &format!("bookings.{name}"), pointer);
    }
}

#[test]
fn a_date_and_a_time_of_the_day_are_put_together() {
    for date in ["2026-11-24", "2026-11-24T00:00:00"] {
        let item = json!({"ref": "A1", "date": date, "startTime": "18:00", "endTime": "19:30:00", "made": "2026-11-01"});
        let learned = learn_all(vec![
            login(),
            list(20, "/api/bookings/mine", &json!([item])),
        ])
        .unwrap();
        first(&learned, "bookings.start", "/date + /startTime");
        first(&learned, "bookings.end", "/date + /endTime");
        is(&learned, "bookings.upcoming", "/api/bookings/mine", true);
    }
}

#[test]
fn other_lists_are_no_bookings() {
    let timetable = json!([{"startTime": "2026-11-24T10:00:00Z", "className": "Yoga"}]);
    let learned = learn_all(vec![
        login(),
        list(20, "/api/classes/timetable", &timetable),
    ])
    .unwrap();
    assert_eq!(value(&learned, "bookings.upcoming"), None);
    let learned = learn_all(vec![list(5, "/api/bookings", &upcoming()), login()]).unwrap();
    assert_eq!(
        value(&learned, "bookings.upcoming"),
        None,
        "before the sign-in nothing is a member's"
    );
}

#[test]
fn what_is_there_is_not_asked_for() {
    let why = |shot: Shot| {
        let learned = learn_all(vec![login(), shot]).unwrap();
        finding(&learned, "bookings.upcoming").how.clone()
    };
    let bare = |body: &Value| list(20, "/api/bookings", body);
    let mut bodiless = bare(&upcoming());
    bodiless.0["response"]["content"] = json!({"size": 400, "mimeType": "application/json"});
    assert!(why(bodiless).contains("without its answer's content"));
    assert!(why(bare(&json!([]))).contains("GET /api/bookings holds no list with start times"));
    assert!(
        why(bare(&json!({})).answers(403, &json!({})))
            .contains("the portal refused GET /api/bookings (403)")
    );
    let mut page = bare(&upcoming());
    page.0["response"]["content"] = json!({"mimeType": "text/html", "text": "<html></html>"});
    assert!(why(page).contains("GET /api/bookings is a page, not data"));
    let mut posted = bare(&upcoming());
    posted.0["request"]["method"] = "POST".into();
    assert!(why(posted).contains("POST /api/bookings, and padel reads with GET only"));
    let graphql =
        shot(20, "POST", "/graphql").answers(200, &json!({"data": {"bookings": upcoming()}}));
    assert!(why(graphql).contains("POST /graphql, and padel reads with GET only"));
    assert!(why(shot(20, "GET", "/home")).contains("open the bookings page"));
}

#[test]
fn a_capture_without_contents_still_shows_the_paths() {
    let bare = |second, target: &str| {
        let mut shot = list(second, target, &json!([]));
        shot.0["response"]["content"] = json!({"mimeType": "application/json"});
        shot
    };
    let shots = vec![
        login(),
        bare(20, "/api/bookings?from=2026-11-23"),
        bare(30, "/api/bookings/history"),
    ];
    let learned = learn_all(shots).unwrap();
    is(
        &learned,
        "bookings.upcoming",
        "/api/bookings?from={from_date}",
        false,
    );
    is(&learned, "bookings.history", "/api/bookings/history", false);
    is(&learned, "token.send", "bearer", true);
}

#[test]
fn bookings_with_an_offset_without_a_colon_are_learned() {
    let rows = upcoming()
        .to_string()
        .replace("00Z", "00.000+0000")
        .parse()
        .unwrap();
    let mut call = list(20, "/api/bookings", &rows);
    call.0["startedDateTime"] = "2026-11-23T09:00:20.000+0000".into();
    let learned = learn_all(vec![login(), call]).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings", true);
    first(&learned, "bookings.start", "/startTime");
}

/// Learns from a sign-in and these requests: the targets of `upcoming` and `history`, with `!` where
/// they are certain.
fn targets(shots: Vec<Shot>) -> String {
    let learned = learn_all(std::iter::once(login()).chain(shots).collect()).unwrap();
    let described = ["bookings.upcoming", "bookings.history"].map(|name| {
        value(&learned, name).map_or("none".to_owned(), |(target, certain)| {
            format!(
                "{}{}",
                target.as_str().unwrap(),
                if certain { "!" } else { "?" }
            )
        })
    });
    described.join(" ")
}

#[test]
fn the_requests_for_bookings_are_those_that_look_most_like_it() {
    let five = |past_ones: usize| {
        let [early, late] = [past(), upcoming()].map(|list| list[0].clone());
        let items = (0..5).map(|index| {
            if index < past_ones {
                early.clone()
            } else {
                late.clone()
            }
        });
        Value::Array(items.collect())
    };
    let weak = json!([{"startTime": "2026-11-24T10:00:00Z"}]);
    let news = || list(50, "/api/news", &json!({"unread": 3}));
    for (shots, expected) in [
        // Nothing says that there are past ones, too.
        (vec![request_bookings()], "/api/bookings! /api/bookings?"),
        (
            vec![request_bookings(), news()],
            "/api/bookings! /api/bookings?",
        ),
        // One that is being played is among those to come.
        (
            vec![list(20, "/api/bookings", &five(1))],
            "/api/bookings! /api/bookings?",
        ),
        (
            vec![list(20, "/api/bookings", &five(2))],
            "/api/bookings! /api/bookings!",
        ),
        // An empty list is of the other period.
        (
            vec![
                list(20, "/api/bookings/past", &past()),
                list(30, "/api/bookings", &json!([])),
            ],
            "/api/bookings? /api/bookings/past!",
        ),
        (
            vec![
                list(20, "/api/bookings/next", &upcoming()),
                list(30, "/api/bookings", &json!([])),
            ],
            "/api/bookings/next! /api/bookings?",
        ),
        // A list at another place of the answer cannot be read with the same profile.
        (
            vec![
                list(20, "/api/bookings/upcoming", &upcoming()),
                list(30, "/api/bookings/past", &json!({"data": past()})),
            ],
            "/api/bookings/upcoming! /api/bookings/upcoming?",
        ),
        // Much less like bookings than the best.
        (
            vec![
                list(20, "/api/my/bookings", &upcoming()),
                list(30, "/api/items", &past()),
            ],
            "/api/my/bookings! /api/my/bookings?",
        ),
        (vec![list(20, "/api/timetable", &upcoming())], "none none"),
        // Deeper than is looked.
        (
            vec![list(
                20,
                "/api/my/bookings",
                &json!({"a": {"b": {"c": {"d": {"e": {"f": upcoming()}}}}}}),
            )],
            "none none",
        ),
        (
            vec![list(
                20,
                "/api/my/bookings",
                &json!({"a": [[[[[upcoming()]]]]]}),
            )],
            "none none",
        ),
    ] {
        assert_eq!(targets(shots), expected);
    }
    for (body, pointer) in [
        (json!({"a": weak, "list": upcoming(), "z": weak}), "/list"),
        (
            json!({"list": upcoming(), "related": {"list": upcoming()}}),
            "/list",
        ),
    ] {
        let learned = learn_all(vec![login(), list(20, "/api/bookings", &body)]).unwrap();
        is(&learned, "bookings.items", pointer, true);
    }
}

#[test]
fn a_sign_in_is_never_the_request_for_bookings() {
    let signs_in = |method: &str, path: &str, answer: &Value| {
        shot(10, method, path).json(&pair()).answers(200, answer)
    };
    let answer = json!({"token": TOKEN, "bookings": upcoming()});
    let how = |shots: Vec<Shot>| {
        let learned = learn_all(shots).unwrap();
        assert_eq!(value(&learned, "bookings.upcoming"), None);
        finding(&learned, "bookings.upcoming").how.clone()
    };
    let basic = basic();
    let home = || list(20, "/api/home", &json!({}));
    let by_header = || shot(10, "GET", "/api/my/bookings").sends("authorization", &basic);
    how(vec![by_header().answers(200, &answer), home()]);
    let mut bare = by_header().sets(&format!("session={TOKEN}"));
    bare.0["response"]["content"] = json!({"mimeType": "application/json"});
    how(vec![
        bare,
        shot(20, "GET", "/api/home").sends("cookie", &format!("session={TOKEN}")),
    ]);
    let told = how(vec![
        signs_in("POST", "/api/bookings/login", &answer),
        home(),
    ]);
    assert!(told.contains("open the bookings page"), "{told}");
}

#[test]
fn the_nearest_request_is_told_where_no_list_is_found() {
    let how = |shots: Vec<Shot>| {
        let learned = learn_all(std::iter::once(login()).chain(shots).collect()).unwrap();
        finding(&learned, "bookings.upcoming").how.clone()
    };
    let told = how(vec![
        list(20, "/api/bookings/mine", &json!({})),
        list(30, "/api/bookings/next", &json!({})).answers(403, &json!({})),
    ]);
    assert!(
        told.contains("GET /api/bookings/mine holds no list"),
        "{told}"
    );
    let told = how(vec![
        shot(20, "POST", "/api/track").answers(200, &json!({})),
        list(30, "/api/timetable", &upcoming()),
    ]);
    assert!(told.contains("open the bookings page"), "{told}");
}

#[test]
fn of_a_query_only_dates_and_settings_are_kept() {
    for (query, expected) in [
        // What keeps answers from being cached.
        ("_=1795424421000", "!"),
        ("_=abc", "!"),
        ("nocache=7", "!"),
        ("ts=1795424421000", "!"),
        ("ts=1795424421", "!"),
        // A number is a time by its name and its size, and then it is told.
        ("from=1795510800", "?from=1795510800?"),
        ("from=1890032400000", "?from=1890032400000?"),
        ("from=1234567890", "?from=?"),
        ("number=4839201234", "?number=?"),
        ("number=1795510800", "?number=?"),
        ("birthDate=1795510800", "?birthDate=?"),
        // Somebody's name between dates.
        ("f=Rowena%20ge%202026-11-23", "?f=?"),
        ("f=2026-11-23%20ge%20Rowena", "?f=?"),
        ("x=12026-11-23", "?x=?"),
        // Which end of the range it is.
        ("startMax=2026-11-23", "?startMax={to_date}!"),
        ("endMin=2026-11-23", "?endMin={from_date}!"),
        ("d=2027-06-01", "?d={to_date}!"),
    ] {
        let call = list(20, &format!("/api/bookings?{query}"), &upcoming());
        let described = targets(vec![call]);
        let (upcoming, _) = described.split_once(' ').unwrap();
        assert_eq!(upcoming, format!("/api/bookings{expected}"), "{query}");
    }
}
