//! Visitors that get in or do not, by either flow.

use aes::{Aes256, cipher::KeyIvInit};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use cbc::cipher::{BlockModeDecrypt, block_padding::Pkcs7};
use gladstone_sim::{Club, Flow};
use serde_json::Value;

use crate::http::{ANONYMOUS, SESSIONS, request, visit};

const ENVELOPE: &str = "/validate/tenant/anonymous";

fn club() -> Club {
    Club::builder().now("2026-11-23T09:00:00Z").start()
}

#[test]
fn the_cookie_and_the_header_are_both_needed() {
    let club = club();
    let anonymous = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    assert_eq!((anonymous.status, anonymous.body.len()), (200, 0));
    let cookie = ("Cookie", anonymous.cookie());
    let both = format!("theme=dark; {}", cookie.1);
    let status =
        |headers: &[(&str, &str)]| request(&club, "GET", SESSIONS, headers).unwrap().status;
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[cookie]), 401);
    assert_eq!(status(&[("X-Use-Sso", "1")]), 401);
    assert_eq!(status(&[cookie, ("X-Use-Sso", "true")]), 401);
    assert_eq!(
        status(&[("Cookie", "Jwt=eyJ.eyJ.x"), ("X-Use-Sso", "1")]),
        401
    );
    assert_eq!(
        status(&[("Cookie", &cookie.1.to_lowercase()), ("X-Use-Sso", "1")]),
        401
    );
    assert_eq!(status(&[("Cookie", &both), ("x-use-sso", "1")]), 200);
}

#[test]
fn the_cookie_holds_a_jwt_with_an_end() {
    let club = Club::builder()
        .now("2026-11-23T09:00:00Z")
        .token_life(60)
        .start();
    let anonymous = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    let token = anonymous.cookie().strip_prefix("Jwt=").unwrap();
    assert!(token.starts_with("eyJ") && token.split('.').count() == 3);
    let claims: Value = serde_json::from_slice(
        &URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap(),
    )
    .unwrap();
    assert_eq!(claims["exp"], 1_795_424_460);
    assert!(anonymous.headers["set-cookie"].contains("HttpOnly"));
    assert!(!anonymous.headers["set-cookie"].contains("Secure"));

    let status = || {
        let headers = [("Cookie", anonymous.cookie()), ("X-Use-Sso", "1")];
        request(
            &club,
            "GET",
            "/api/samlauthentication/authentication-status",
            &headers,
        )
        .unwrap()
        .status
    };
    club.set_now("2026-11-23T09:00:59Z");
    assert_eq!(status(), 200);
    club.set_now("2026-11-23T09:01:00Z");
    assert_eq!(status(), 401);
}

#[test]
fn tokens_can_be_made_invalid() {
    let club = club();
    let anonymous = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    club.expire_tokens();
    let headers = [("Cookie", anonymous.cookie()), ("X-Use-Sso", "1")];
    assert_eq!(
        request(&club, "GET", SESSIONS, &headers).unwrap().status,
        401
    );
    assert_eq!(visit(&club, SESSIONS).status, 200);
}

#[test]
fn the_cookie_may_come_on_a_redirect() {
    let club = Club::builder().redirect_anonymous(true).start();
    let anonymous = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    assert_eq!(
        (anonymous.status, anonymous.headers["location"].as_str()),
        (302, "/book")
    );
    let page = request(&club, "GET", "/book", &[]).unwrap();
    assert!(page.status == 200 && page.headers["content-type"].starts_with("text/html"));
    assert_eq!(visit(&club, SESSIONS).status, 200);
}

#[test]
fn a_browser_gets_its_cookie_on_the_booking_page() {
    let club = club();
    let page = request(&club, "GET", "/book", &[]).unwrap();
    assert!(page.text().starts_with("<!doctype html>"));
    let status = request(
        &club,
        "GET",
        SESSIONS,
        &[("Cookie", page.cookie()), ("X-Use-Sso", "1")],
    )
    .unwrap()
    .status;
    assert_eq!(status, 200);
    // It keeps the one that it has, and nobody gets any elsewhere.
    for (path, cookie) in [
        ("/book", page.cookie()),
        ("/book/calendar/PADEL60", page.cookie()),
        ("/", ""),
        ("/bookings", ""),
    ] {
        let again = request(&club, "GET", path, &[("Cookie", cookie)]).unwrap();
        assert!(
            again.status == 200 && !again.headers.contains_key("set-cookie"),
            "{path}"
        );
    }
    let expired = request(&club, "GET", "/book", &[("Cookie", "Jwt=eyJ.eyJ.x")]).unwrap();
    assert!(expired.headers.contains_key("set-cookie"));
    let club = Club::builder().flow(Flow::Envelope).start();
    assert!(
        !request(&club, "GET", "/book", &[])
            .unwrap()
            .headers
            .contains_key("set-cookie")
    );
}

#[test]
fn the_older_flow_seals_a_bearer_token() {
    let club = Club::builder().flow(Flow::Envelope).start();
    assert_eq!(request(&club, "GET", ANONYMOUS, &[]).unwrap().status, 404);
    let answer = request(&club, "GET", ENVELOPE, &[]).unwrap();
    assert!(answer.headers["content-type"].starts_with("text/plain"));
    let sealed = STANDARD.decode(answer.text()).unwrap();
    let iv: [u8; 16] = sealed[..16].try_into().unwrap();
    let key = b"127.0.0.1127.0.0.1127.0.0.1127.0";
    let plain = cbc::Decryptor::<Aes256>::new(key.into(), &iv.into())
        .decrypt_padded_vec::<Pkcs7>(&sealed[16..]);
    let plain: Value = serde_json::from_slice(&plain.unwrap()).unwrap();
    let bearer = format!("Bearer {}", plain["Token"].as_str().unwrap());
    let cookie = bearer.replace("Bearer ", "Jwt=");
    let status =
        |headers: &[(&str, &str)]| request(&club, "GET", SESSIONS, headers).unwrap().status;
    assert_eq!(status(&[("Authorization", &bearer)]), 200);
    assert_eq!(status(&[("Cookie", &cookie), ("X-Use-Sso", "1")]), 401);
    assert_eq!(status(&[]), 401);
}

#[test]
fn under_the_cookie_flow_the_older_path_is_a_page() {
    let club = club();
    assert!(
        request(&club, "GET", ENVELOPE, &[])
            .unwrap()
            .text()
            .starts_with("<!doctype html>")
    );
}

#[test]
fn other_methods_and_other_paths_are_refused() {
    let club = club();
    for path in [ANONYMOUS, SESSIONS, ENVELOPE, "/book/calendar/PADEL60"] {
        assert_eq!(
            request(&club, "POST", path, &[]).unwrap().status,
            405,
            "{path}"
        );
    }
    let unknown = request(&club, "GET", "/api/nothing", &[]).unwrap();
    assert_eq!(
        (unknown.status, &unknown.json()["status"]),
        (404, &404.into())
    );
    assert_eq!(
        request(&club, "GET", "/book/calendar/PADEL60?activityDate=x", &[])
            .unwrap()
            .status,
        200
    );
}
