//! Where the token comes from and how it is sent.

use serde_json::json;

use super::{super::findings::sealing_name, *};
use crate::gladstone::{envelope, profile::Sealing};

#[test]
fn the_token_is_the_one_that_later_requests_carry() {
    let bearer = learn_all(vec![login(), request_bookings()]).unwrap();
    is(&bearer, "token.pointer", "/token", true);
    is(&bearer, "token.send", "bearer", true);
    is(&bearer, "token.cookie", "", true);
    let plain = login().answers(200, &json!({}));
    let call = |name: &str, value: &str| {
        shot(20, "GET", "/api/bookings")
            .sends(name, value)
            .answers(200, &upcoming())
    };
    let text = learn_all(vec![login().text(TOKEN), request_bookings()]).unwrap();
    is(&text, "token.pointer", "", true);
    let header = learn_all(vec![login(), call("X-Auth", TOKEN).sends("X-App", "go")]).unwrap();
    is(&header, "token.send", "x-auth", true);
    assert_eq!(told(&header, "token.headers"), r#"{ "x-app" = "go" }"#);
    let anonymous =
        shot(1, "GET", "/api/samlauthentication/anonymous").sets("Jwt=anonymous-1234567890");
    let cookie = format!("theme=dark; Jwt={TOKEN}; XSRF-TOKEN=guard-1234567890");
    let sets = plain
        .sets("XSRF-TOKEN=guard-1234567890")
        .sets(&format!("Jwt={TOKEN}"));
    let guarded = call("Cookie", &cookie).sends("X-XSRF-TOKEN", "guard-1234567890");
    let learned = learn_all(vec![anonymous, sets, guarded]).unwrap();
    is(&learned, "token.cookie", "Jwt", false);
    is(&learned, "token.send", "cookie", false);
    let renamed = learn_all(vec![
        login()
            .sets(&format!("auth={TOKEN}"))
            .answers(200, &json!({})),
        call("cookie", &format!("Jwt={TOKEN}")),
    ]);
    let renamed = renamed.unwrap();
    is(&renamed, "token.cookie", "auth", true);
    is(&renamed, "token.send", "cookie:Jwt", true);
}

#[test]
fn a_cookie_of_the_page_behind_the_sign_in_is_found() {
    let hop = login()
        .answers(302, &json!({}))
        .push("response", "Location", "/home?x=1");
    let page = shot(11, "GET", "/home?x=1").sets(&format!("sid={TOKEN}"));
    let call = shot(20, "GET", "/api/bookings")
        .sends("Cookie", &format!("sid={TOKEN}"))
        .answers(200, &upcoming());
    let learned = learn_all(vec![hop, page, call]).unwrap();
    is(&learned, "token.cookie", "sid", true);
    assert_eq!(
        value(&learned, "token.redirect").unwrap().0,
        toml::Value::from(true)
    );
}

#[test]
fn a_sealed_token_is_found_in_the_whole_body_and_in_a_field() {
    for sealing in [Sealing::Cbc, Sealing::Gcm] {
        let inner = json!({"Token": TOKEN, "Name": "Alex"}).to_string();
        let sealed = envelope::seal(inner.as_bytes(), HOST, sealing).unwrap();
        let whole = login().text(&sealed);
        let field = login().answers(200, &json!({"d": [sealed.as_str()]}));
        for (login, envelope) in [(whole, ""), (field, "/d/0")] {
            let learned = learn_all(vec![login, request_bookings()]).unwrap();
            is(&learned, "token.sealing", sealing_name(sealing), true);
            is(&learned, "token.envelope", envelope, true);
            is(&learned, "token.pointer", "/Token", true);
        }
    }
}

#[test]
fn a_token_that_nothing_carries_is_guessed_or_missing() {
    let learned = learn_all(vec![login(), request_bookings_bare()]).unwrap();
    is(&learned, "token.pointer", "/token", false);
    is(&learned, "token.send", "bearer", false);
    let learned = learn_all(vec![
        login().answers(200, &json!({"ok": true})),
        request_bookings_bare(),
    ])
    .unwrap();
    assert_eq!(value(&learned, "token.cookie"), None);
    let told = finding(&learned, "token.cookie");
    assert!(told.how.contains("without cookies"), "{told:?}");
}

#[test]
fn a_renewed_token_hides_nothing() {
    let status = list(20, "/api/status", &json!({"ok": true}));
    let renewed = shot(30, "GET", "/api/bookings")
        .sends("authorization", "Bearer another-123456789")
        .answers(200, &upcoming());
    is(
        &learn_all(vec![login(), status, renewed]).unwrap(),
        "token.pointer",
        "/token",
        true,
    );
}

#[test]
fn a_cookie_that_is_only_seen_in_use_is_guessed() {
    let before = shot(1, "GET", "/").sends("Cookie", "theme=dark; Jwt=anonymous-1234567890");
    let call =
        shot(20, "GET", "/api/bookings").sends("Cookie", &format!("theme=dark; Jwt={TOKEN}"));
    let learned = learn_all(vec![
        before,
        login().answers(200, &json!({})),
        call.answers(200, &upcoming()),
    ])
    .unwrap();
    is(&learned, "token.cookie", "Jwt", false);
    is(&learned, "token.send", "cookie", false);
}

#[test]
fn cookies_joined_by_commas_come_apart_and_none_of_two_is_certain() {
    let cookies = format!(
        "Affinity=aaaa1111bbbb2222; Expires=Wed, 09 Jun 2027 10:18:14 GMT; path=/, Jwt={TOKEN}; path=/"
    );
    let joined = login()
        .answers(200, &json!({}))
        .push("response", "Set-Cookie", &cookies);
    let both = format!("Affinity=aaaa1111bbbb2222; Jwt={TOKEN}");
    let call = |cookies: &str| {
        shot(20, "GET", "/api/bookings")
            .sends("Cookie", cookies)
            .answers(200, &upcoming())
    };
    let learned = learn_all(vec![joined, call(&both)]).unwrap();
    is(&learned, "token.cookie", "Jwt", false);
    let old = shot(5, "GET", "/")
        .sends("Cookie", "sid=abcd1234efgh5678")
        .answers(200, &json!({}));
    let sets = login()
        .answers(200, &json!({}))
        .sends("Cookie", "sid=abcd1234efgh5678");
    let sets = sets
        .sets("sid=abcd1234efgh5678")
        .sets(&format!("auth={TOKEN}"))
        .sets("gone=zzzz1234zzzz5678; Max-Age=0");
    let both = format!("sid=abcd1234efgh5678; auth={TOKEN}");
    is(
        &learn_all(vec![old, sets, call(&both)]).unwrap(),
        "token.cookie",
        "auth",
        true,
    );
    let (one, two) = TOKEN.split_at(30);
    let sets = login()
        .answers(200, &json!({}))
        .sets("Jwt=chunks-2")
        .sets(&format!("JwtC1={one}"))
        .sets(&format!("JwtC2={two}"));
    let chunks = format!("Jwt=chunks-2; JwtC1={one}; JwtC2={two}");
    is(
        &learn_all(vec![sets, call(&chunks)]).unwrap(),
        "token.cookie",
        "Jwt",
        true,
    );
}

/// The place of the token, how it is sent, and `!` where it is certain.
fn describe_token(shots: Vec<Shot>) -> String {
    let learned = learn_all(shots).unwrap();
    let text = |name: &str| value(&learned, name).map(|(text, _)| text);
    let Some((send, certain)) = value(&learned, "token.send") else {
        return "none".to_owned();
    };
    let place = match text("token.cookie").unwrap().as_str().unwrap() {
        "" => text("token.pointer").unwrap().as_str().unwrap().to_owned(),
        name if text("token.redirect") == Some(true.into()) => format!("{name} behind"),
        name => name.to_owned(),
    };
    let mark = if certain { "!" } else { "?" };
    format!("{place} as {}{mark}", send.as_str().unwrap())
}

#[test]
fn the_value_that_looks_most_like_a_token_is_taken() {
    const OTHER: &str = "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b";
    let bearer = format!("Bearer {TOKEN}");
    let jwt = format!("Jwt={TOKEN}");
    let sid = format!("sid={TOKEN}");
    let auth = format!("auth={TOKEN}");
    let home = format!("https://{HOST}/home");
    let deep = json!({"a": {"b": {"c": {"d": {"e": {"f": {"token": TOKEN}}}}}}});
    let deep_list = json!({"a": [[[[[[TOKEN]]]]]]});
    for (cookies, answer, headers, expected) in [
        // What requests carry.
        (
            vec![],
            json!({"token": TOKEN}),
            vec![("X-Auth", TOKEN), ("Authorization", &bearer)],
            "/token as bearer!",
        ),
        (
            vec![],
            json!({"token": TOKEN, "xAuth": OTHER}),
            vec![("Authorization", &bearer), ("X-Auth", OTHER)],
            "/token as bearer!",
        ),
        (
            vec![&*sid],
            json!({"xAuth": OTHER}),
            vec![("X-Auth", OTHER), ("Cookie", &sid)],
            "/xAuth as x-auth?",
        ),
        (
            vec![&*sid],
            json!({"value": "opaque-value"}),
            vec![("Authorization", "Bearer opaque-value"), ("Cookie", &sid)],
            "/value as bearer!",
        ),
        (
            vec!["prefs=abcd1234efgh5678", &sid, "theme=abcd1234efgh5679"],
            json!({}),
            vec![
                ("Cookie", "prefs=abcd1234efgh5678; theme=abcd1234efgh5679"),
                ("Cookie", &sid),
            ],
            "sid as cookie?",
        ),
        (
            vec![&*jwt, &auth],
            json!({}),
            vec![("Cookie", &jwt)],
            "Jwt as cookie!",
        ),
        (
            vec![&*sid.replace("sid", "zzz")],
            json!({"token": TOKEN}),
            vec![("Authorization", &bearer)],
            "/token as bearer!",
        ),
        (
            vec![&*sid],
            json!({"home": home}),
            vec![("Cookie", &sid), ("Referer", &home), ("Origin", &home)],
            "sid as cookie!",
        ),
        // What only travels beside it.
        (
            vec![],
            json!({"csrf": OTHER}),
            vec![("X-Check", OTHER)],
            "/csrf as x-check?",
        ),
        (
            vec![],
            json!({"value": OTHER}),
            vec![("X-Csrf", OTHER)],
            "/value as x-csrf?",
        ),
        // Another word before it than `Bearer`, or another header.
        (
            vec![],
            json!({"token": TOKEN}),
            vec![("Authorization", &*bearer.replace("Bearer", "Key"))],
            "/token as bearer?",
        ),
        (
            vec![],
            json!({"token": TOKEN}),
            vec![("X-Auth", &*bearer)],
            "/token as bearer?",
        ),
        // What no request carries.
        (
            vec![],
            json!({"token": TOKEN, "refreshToken": OTHER}),
            vec![],
            "/token as bearer?",
        ),
        (
            vec![],
            json!({"token": "opaque-value"}),
            vec![],
            "/token as bearer?",
        ),
        (
            vec![],
            json!({"token": "opaque-value", "email": USER}),
            vec![],
            "/token as bearer?",
        ),
        (vec![], json!({"status": "fine-and-well"}), vec![], "none"),
        (vec![], json!({"token": ""}), vec![], "none"),
        (vec![], deep, vec![], "none"),
        (vec![], deep_list, vec![], "none"),
    ] {
        let named = format!("{cookies:?} {answer} {headers:?}");
        let signs_in = login().answers(200, &answer);
        let signs_in = cookies
            .iter()
            .fold(signs_in, |shot, cookie| shot.sets(cookie));
        let call = request_bookings_bare();
        let call = headers
            .iter()
            .fold(call, |shot, (name, value)| shot.sends(name, value));
        assert_eq!(describe_token(vec![signs_in, call]), expected, "{named}");
    }
}

#[test]
fn a_token_is_looked_for_behind_one_redirect() {
    let sid = format!("sid={TOKEN}");
    let to = |shot: Shot, path: &str| {
        shot.answers(302, &json!({}))
            .push("response", "Location", path)
    };
    let call = || {
        shot(20, "GET", "/api/bookings")
            .sends("Cookie", &sid)
            .answers(200, &upcoming())
    };
    let page = |second, path: &str| shot(second, "GET", path).text("page");
    let signs_in = || login().sets("theme=dark");
    let shots = vec![
        to(signs_in(), "/api/login"),
        page(11, "/api/login").sets(&sid),
        call(),
    ];
    assert_eq!(describe_token(shots), "sid behind as cookie!");
    let shots = vec![
        to(signs_in(), "/home"),
        to(page(11, "/home"), "/start"),
        page(12, "/start").sets(&sid),
        call(),
    ];
    assert_eq!(describe_token(shots), "sid as cookie?");
    // The sign-in carried it itself.
    let shots = vec![
        login().answers(200, &json!({})).sends("Cookie", &sid),
        call(),
    ];
    assert_eq!(describe_token(shots), "none");
    let shots = vec![
        login().text(&format!("welcome {TOKEN}")),
        request_bookings(),
    ];
    assert_eq!(describe_token(shots), "none");
}

#[test]
fn of_two_cookies_the_one_that_more_requests_carry_is_taken() {
    let call = |second, cookies: &str| {
        let target = format!("/api/bookings?page={second}");
        list(second, &target, &upcoming()).sends("Cookie", cookies)
    };
    let sets = login()
        .answers(200, &json!({}))
        .sets("view=abcd1234efgh5678")
        .sets("list=bcde2345fghi6789");
    let both = "view=abcd1234efgh5678; list=bcde2345fghi6789";
    let one = "view=abcd1234efgh5678";
    let shots = vec![sets, call(20, both), call(30, one), call(40, one)];
    assert_eq!(describe_token(shots), "view as cookie?");
}

#[test]
fn a_capture_is_without_cookies_only_where_nothing_of_a_session_is_in_it() {
    let how = |signs_in: Shot, call: Shot| {
        let learned = learn_all(vec![signs_in.answers(200, &json!({})), call]).unwrap();
        finding(&learned, "token.cookie").how.clone()
    };
    assert!(how(login(), request_bookings_bare()).contains("without cookies"));
    for (signs_in, call) in [
        (
            login(),
            request_bookings_bare().sends("Cookie", "theme=dark"),
        ),
        (login().sets("theme=dark"), request_bookings_bare()),
        (
            login(),
            request_bookings_bare().sends("Authorization", "Key abc"),
        ),
    ] {
        assert!(how(signs_in, call).contains("no later request carries"));
    }
}

#[test]
fn the_headers_of_requests_are_those_that_all_with_the_token_carry() {
    let call =
        |second, page: &str| list(second, &format!("/api/bookings?page={page}"), &upcoming());
    let app = |shot: Shot| shot.sends("X-App", "go");
    let bare = shot(40, "GET", "/api/bookings?page=3").answers(200, &upcoming());
    let one = learn_all(vec![login(), app(call(20, "1"))]).unwrap();
    let two = vec![
        login(),
        app(call(20, "1")),
        app(call(30, "2")).sends("X-Client", "web"),
        bare,
    ];
    let two = learn_all(two).unwrap();
    let unseen = app(shot(20, "GET", "/api/bookings")).answers(200, &upcoming());
    let unseen = learn_all(vec![login(), unseen]).unwrap();
    for (learned, certain) in [(one, false), (two, true), (unseen, false)] {
        assert_eq!(told(&learned, "token.headers"), r#"{ "x-app" = "go" }"#);
        assert_eq!(value(&learned, "token.headers").unwrap().1, certain);
    }
}
