//! Signing in, in every shape.

use gladstone_sim::{Club, Fault, Flow, Shape};

use crate::{
    http::{ANONYMOUS, SESSIONS, post, request, send, visit},
    portals::{ALEX, get, listings, login, login_body, login_path, session, signed_in},
};

const STATUS: &str = "/api/samlauthentication/authentication-status";

fn club(shape: Shape) -> Club {
    Club::builder()
        .now("2026-11-23T09:00:00Z")
        .shape(shape)
        .start()
}

#[test]
fn the_right_password_opens_bookings_and_availability() {
    for shape in Shape::with_members() {
        let club = club(shape);
        let session = signed_in(&club, shape);
        for target in listings(shape).into_iter().chain([SESSIONS]) {
            assert_eq!(
                get(&club, target, &session).status,
                200,
                "{shape:?} {target}"
            );
        }
        assert_eq!(get(&club, STATUS, &session).json()["isAnonymous"], false);
        assert_eq!(club.login_attempts(), [(ALEX.0.to_owned(), true)]);
        let login = &club.calls()[0];
        assert_eq!(login.path, login_path(shape));
        let in_body = !matches!(shape, Shape::Basic | Shape::Query);
        assert_eq!(
            (login.body.is_empty(), login.query.is_empty()),
            (!in_body, shape != Shape::Query),
            "{shape:?}"
        );
    }
}

#[test]
fn an_anonymous_session_has_no_bookings() {
    for shape in Shape::with_members() {
        let club = club(shape);
        for target in listings(shape) {
            assert_eq!(visit(&club, target).status, 401, "{shape:?}");
            assert_eq!(
                request(&club, "GET", target, &[]).unwrap().status,
                401,
                "{shape:?}"
            );
        }
        assert_eq!(visit(&club, STATUS).json()["isAnonymous"], true);
    }
}

#[test]
fn a_wrong_password_gets_what_the_shape_says_and_no_token() {
    for (shape, status, word) in [
        (Shape::Assumed, 401, "not right"),
        (Shape::Token, 400, "invalid_grant"),
        (Shape::Form, 200, "\"success\":false"),
        (Shape::SealedCbc, 401, "BAD_CREDENTIALS"),
        (Shape::SealedGcm, 401, "denied"),
        (Shape::Odd, 401, "credentials"),
    ] {
        let club = club(shape);
        let answer = login(&club, shape, ALEX.0, "Correct horse battery staple");
        assert_eq!(answer.status, status, "{shape:?}");
        assert!(answer.text().contains(word), "{shape:?} {}", answer.text());
        assert!(!answer.headers.contains_key("set-cookie") && !answer.text().contains("eyJ"));
        assert_eq!(club.login_attempts(), [(ALEX.0.to_owned(), false)]);
    }
}

#[test]
fn the_sixth_attempt_meets_a_lock_that_time_opens() {
    for (shape, status) in [
        (Shape::Assumed, 423),
        (Shape::Token, 403),
        (Shape::Form, 403),
        (Shape::SealedCbc, 401),
        (Shape::SealedGcm, 403),
        (Shape::Odd, 401),
    ] {
        let club = club(shape);
        let wrong: Vec<_> = (0..5)
            .map(|_| login(&club, shape, ALEX.0, "wrong").status)
            .collect();
        assert!(wrong.iter().all(|status| *status == wrong[0]));
        let locked = login(&club, shape, ALEX.0, ALEX.1);
        assert_eq!(locked.status, status, "{shape:?}");
        assert!(
            locked.text().to_lowercase().contains("locked"),
            "{shape:?} {}",
            locked.text()
        );
        club.set_now("2026-11-23T09:29:59Z");
        assert_eq!(login(&club, shape, ALEX.0, ALEX.1).status, status);
        club.set_now("2026-11-23T09:30:00Z");
        signed_in(&club, shape);
        assert_eq!(
            club.login_attempts()
                .iter()
                .filter(|(_, success)| *success)
                .count(),
            1
        );
    }
}

#[test]
fn a_members_token_lasts_half_an_hour() {
    for shape in Shape::with_members() {
        let club = club(shape);
        let session = signed_in(&club, shape);
        let status = || get(&club, listings(shape)[0], &session).status;
        club.set_now("2026-11-23T09:29:59Z");
        assert_eq!(status(), 200, "{shape:?}");
        club.set_now("2026-11-23T09:30:00Z");
        assert_eq!(status(), 401, "{shape:?}");
    }
}

#[test]
fn members_tokens_expire_without_the_others() {
    for shape in Shape::with_members() {
        let club = club(shape);
        let session = signed_in(&club, shape);
        let anonymous = request(&club, "GET", ANONYMOUS, &[]).unwrap();
        club.expire_member_tokens();
        assert_eq!(
            get(&club, listings(shape)[0], &session).status,
            401,
            "{shape:?}"
        );
        let anonymous = [("Cookie", anonymous.cookie()), ("X-Use-Sso", "1")];
        assert_eq!(
            request(&club, "GET", SESSIONS, &anonymous).unwrap().status,
            200
        );
    }
}

#[test]
fn a_token_is_good_only_where_its_shape_carries_it() {
    let club = club(Shape::Assumed);
    let session = signed_in(&club, Shape::Assumed);
    let target = listings(Shape::Assumed)[0];
    assert_eq!(get(&club, target, &vec![session[0].clone()]).status, 401);
    let bearer = session[0].1.replace("Jwt=", "Bearer ");
    assert_eq!(
        get(&club, target, &vec![("Authorization", bearer)]).status,
        401
    );
    let club = self::club(Shape::Token);
    let token = signed_in(&club, Shape::Token)[0]
        .1
        .replace("Bearer ", "Jwt=");
    let headers = vec![("Cookie", token), ("X-Use-Sso", "1".to_owned())];
    assert_eq!(get(&club, listings(Shape::Token)[0], &headers).status, 401);
    assert_eq!(get(&club, SESSIONS, &headers).status, 401);
}

#[test]
fn any_password_arrives_byte_for_byte() {
    for password in [
        "p$HOME #=\\\"'` x ",
        " leading",
        "söz🎾ключ",
        "a+b%41&c=d;e",
        "{\"json\":\"\\u0000\"}",
        "\t\u{7f}",
    ] {
        // A header ends where its spaces begin, and no other than Latin-1 is in it.
        let fits =
            password.trim() == password && password.chars().all(|char| (' '..='~').contains(&char));
        for shape in Shape::with_members()
            .into_iter()
            .filter(|shape| fits || *shape != Shape::Headers)
        {
            let club = Club::builder()
                .shape(shape)
                .member("bo+x@example.org", password)
                .start();
            let answer = login(&club, shape, "bo+x@example.org", password);
            assert!(session(shape, &answer).is_some(), "{shape:?} {password}");
            assert_ne!(
                login(&club, shape, "bo+x@example.org", password.trim()).status,
                500
            );
            assert_eq!(
                club.passwords_seen(),
                [password.as_bytes(), password.trim().as_bytes()]
            );
            assert!(
                club.calls()
                    .iter()
                    .all(|call| !call.path.contains(password))
            );
        }
    }
}

#[test]
fn credentials_elsewhere_must_be_where_they_belong() {
    for shape in [Shape::Basic, Shape::Headers, Shape::Query] {
        let club = club(shape);
        let body = format!("{{\"email\":\"{}\",\"password\":\"{}\"}}", ALEX.0, ALEX.1);
        let headers = [("Content-Type", "application/json")];
        let status = |method| {
            send(&club, method, login_path(shape), &headers, &body)
                .unwrap()
                .status
        };
        let expected = if shape == Shape::Query {
            [405, 400]
        } else {
            [400, 405]
        };
        assert_eq!(["POST", "GET"].map(status), expected, "{shape:?}");
        assert_eq!(club.login_attempts(), []);
    }
}

#[test]
fn one_email_may_be_several_members() {
    let club = Club::builder()
        .member("family@example.org", "one")
        .member("family@example.org", "two")
        .start();
    let truth = |password| club.truth_bookings_of("family@example.org", password);
    assert_ne!(truth("one"), truth("two"));
    assert_eq!(club.truth_bookings("family@example.org"), truth("one"));
    assert_eq!(
        (truth("three"), club.truth_bookings(ALEX.0)),
        (vec![], vec![])
    );
    for (password, status) in [("one", 200), ("two", 200), ("three", 401)] {
        assert_eq!(
            login(&club, Shape::Assumed, "family@example.org", password).status,
            status
        );
    }
    assert_eq!(login(&club, Shape::Assumed, ALEX.0, ALEX.1).status, 401);
}

#[test]
fn a_malformed_login_is_refused_and_does_not_count() {
    let in_body = |shape: &Shape| !matches!(shape, Shape::Basic | Shape::Headers | Shape::Query);
    for shape in Shape::with_members().into_iter().filter(in_body) {
        let club = club(shape);
        let (content_type, body) = login_body(shape, ALEX.0, ALEX.1);
        let path = login_path(shape);
        let status = |headers: &[(&str, &str)], body: &str| {
            send(&club, "POST", path, headers, body).unwrap().status
        };
        let xhr = ("X-Requested-With", "XMLHttpRequest");
        let other = status(&[("Content-Type", "text/html"), xhr], &body);
        assert_eq!(
            other,
            if shape == Shape::Parts { 400 } else { 415 },
            "{shape:?}"
        );
        assert_eq!(
            status(&[("Content-Type", content_type), xhr], "?"),
            400,
            "{shape:?}"
        );
        assert_eq!(
            request(&club, "GET", path, &[]).unwrap().status,
            405,
            "{shape:?}"
        );
        let form = body.replace("RememberMe=true&", "");
        match shape {
            Shape::Form => {
                assert_eq!(status(&[("Content-Type", content_type)], &body), 400);
                assert_eq!(status(&[("Content-Type", content_type), xhr], &form), 400);
            }
            Shape::Token => assert_eq!(
                status(
                    &[("Content-Type", content_type)],
                    &body.replace("grant", "g")
                ),
                400
            ),
            _ => {}
        }
        assert_eq!(club.login_attempts(), []);
    }
}

#[test]
fn a_club_may_have_no_member_side() {
    let club = club(Shape::Absent);
    for shape in Shape::with_members() {
        let status = login(&club, shape, ALEX.0, ALEX.1).status;
        assert_eq!(
            status,
            if login_path(shape).starts_with("/api/") {
                404
            } else {
                405
            },
            "{shape:?}"
        );
        if listings(shape)[0].starts_with("/api/") {
            assert_eq!(visit(&club, listings(shape)[0]).status, 404);
        }
    }
    assert_eq!(visit(&club, SESSIONS).status, 200);
}

#[test]
fn availability_may_be_for_members_only() {
    for shape in Shape::with_members() {
        let club = Club::builder().shape(shape).require_member(true).start();
        assert_eq!(visit(&club, SESSIONS).status, 401);
        assert_eq!(visit(&club, "/api/configuration/sites").status, 200);
        assert_eq!(
            get(&club, SESSIONS, &signed_in(&club, shape)).status,
            200,
            "{shape:?}"
        );
    }
    let club = Club::builder()
        .flow(Flow::Envelope)
        .require_member(true)
        .start();
    assert_eq!(
        get(&club, SESSIONS, &signed_in(&club, Shape::Assumed)).status,
        200
    );
}

#[test]
fn faults_strike_logins() {
    let club = club(Shape::Assumed);
    let path = login_path(Shape::Assumed);
    club.push_fault(path, Fault::redirect("http://elsewhere.invalid/steal"), 1);
    let answer = login(&club, Shape::Assumed, ALEX.0, ALEX.1);
    assert_eq!(
        (answer.status, answer.headers["location"].as_str()),
        (307, "http://elsewhere.invalid/steal")
    );
    let order =
        format!(r#"{{"fault":"redirect=http://elsewhere.invalid/","path":"{path}","times":1}}"#);
    assert_eq!(post(&club, "/__sim/faults", &order).unwrap().status, 204);
    assert_eq!(
        login(&club, Shape::Assumed, ALEX.0, ALEX.1).headers["location"],
        "http://elsewhere.invalid/"
    );
    club.push_fault(path, Fault::Error500, 1);
    assert_eq!(login(&club, Shape::Assumed, ALEX.0, ALEX.1).status, 500);
    assert_eq!(club.login_attempts(), []);
    club.push_fault("/api/bookings", Fault::Truncated, 1);
    assert!(!get(&club, "/api/bookings", &signed_in(&club, Shape::Assumed)).whole);
    assert!(
        !request(&club, "GET", "/__sim/calls", &[])
            .unwrap()
            .text()
            .contains("correct horse")
    );
}
