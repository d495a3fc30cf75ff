//! Answers to a sign-in and their meaning, and the cookies that requests carry.

use crate::{
    harness::{CONFIG, DOTENV, Member, Outcome},
    host::{Host, Request, says, visitor},
};

/// A JWT whose signature nobody looks at.
fn jwt(claims: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    format!(
        "eyJhbGciOiJIUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// A host that answers a sign-in with this, and that knows no bookings.
fn host(head: &str, body: &str) -> Host {
    let (head, body) = (head.to_owned(), body.to_owned());
    Host::new(move |request| match request {
        request if request.is("POST ") => says(&head, &body),
        request if request.is("/api/bookings") => says("200 OK", "[]"),
        request if request.is("/anonymous") => visitor(),
        _ => says("200 OK\r\nSet-Cookie: Jwt=behind", ""),
    })
}

const COOKIE: &str = "Set-Cookie: Jwt=members; Path=/";
/// A table as `portal learn` writes it.
const LEARNED: &str = "[portal.login]\npath = \"/api/samlauthentication/login\"\n";

/// The head of an answer that signs somebody in.
fn signed_in() -> String {
    format!("200 OK\r\n{COOKIE}")
}

fn bookings(head: &str, body: &str) -> Outcome {
    host(head, body).member().run("bookings")
}

fn learned(head: &str, body: &str) -> Outcome {
    host(head, body)
        .member()
        .file(CONFIG, LEARNED)
        .run("bookings")
}

#[test]
fn a_no_counts_before_a_cookie() {
    for body in [
        r#"{"success":false}"#,
        r#"{"Succeeded":"false","message":"x"}"#,
        r#"{"data":{"isSuccess":0}}"#,
        r#"{"result":"failed"}"#,
        r#"{"statusCode":401}"#,
        r#"{"errors":[{"code":"E7"}]}"#,
        r#"{"message":"Invalid username or password"}"#,
        "false",
    ] {
        bookings(&signed_in(), body)
            .case(body)
            .assert_error("login_rejected", 4);
    }
    for body in [
        "",
        "{}",
        r#"{"success":true,"errors":[]}"#,
        r#"{"status":"ok","message":"Welcome"}"#,
        r#"{"features":{"passwordReset":true}}"#,
    ] {
        bookings(&signed_in(), body)
            .case(body)
            .assert_quiet_success();
    }
}

#[test]
fn a_cookie_that_is_no_session_is_none() {
    let over = jwt(r#"{"sub":"7","exp":1795000000}"#);
    let cases = [
        ("Jwt=gone; Max-Age=0".to_owned(), "deleted or over"),
        ("Jwt=gone; Max-Age=-1".to_owned(), "deleted or over"),
        (
            "Jwt=gone; Expires=Thu, 01-Jan-1970 00:00:00 GMT".to_owned(),
            "deleted or over",
        ),
        (
            "Jwt=gone; Expires=Thu Jan  1 00:00:00 1970".to_owned(),
            "deleted or over",
        ),
        ("Jwt=; Path=/".to_owned(), "a cookie `Jwt` that is empty"),
        (
            "Jwt=\"\"; Path=/".to_owned(),
            "a cookie `Jwt` that is empty",
        ),
        ("Jwt=deleted; Path=/".to_owned(), "no token"),
        (
            "Jwt=x; Path=/auth".to_owned(),
            "a cookie `Jwt` for the path /auth",
        ),
        (
            "Jwt=x; Domain=elsewhere.example".to_owned(),
            "a cookie `Jwt` for elsewhere.example",
        ),
        ("Jwt=visitors; Path=/".to_owned(), "the visitor's session"),
        (
            format!("Jwt={over}; Path=/"),
            "a session that is over already",
        ),
        (
            "Jwt=chunks-2; Path=/\r\nSet-Cookie: JwtC1=ab; Path=/".to_owned(),
            "1 of the 2 pieces of the cookie `Jwt`",
        ),
        (
            "Jwt=chunks:3; Path=/\r\nSet-Cookie: JwtC1=ab\r\nSet-Cookie: JwtC3=ef".to_owned(),
            "2 of the 3 pieces",
        ),
        ("Jwt=chunks-many".to_owned(), "a cookie in pieces"),
    ];
    for (cookie, said) in cases {
        for outcome in [
            bookings(&format!("200 OK\r\nSet-Cookie: {cookie}"), "{}"),
            learned(&format!("200 OK\r\nSet-Cookie: {cookie}"), "{}"),
        ] {
            assert_eq!(
                (outcome.error(), outcome.code),
                ("profile_unverified", 5),
                "{cookie}: {outcome:?}"
            );
            assert!(outcome.stderr.contains(said), "{cookie}: {outcome:?}");
        }
    }
}

#[test]
fn a_visitors_session_is_no_members_also_when_it_is_new() {
    let visitors = jwt(r#"{"sub":"anonymous","jti":1,"exp":1795600000}"#);
    let another = jwt(r#"{"sub":"anonymous","jti":2,"exp":1795600300}"#);
    let members = jwt(r#"{"sub":"member-7","jti":3,"exp":1795600300}"#);
    for (token, code) in [(&another, 5), (&members, 0)] {
        let (visitors, token) = (visitors.clone(), token.clone());
        let host = Host::new(move |request| match request {
            request if request.is("POST ") => {
                says(&format!("200 OK\r\nSet-Cookie: Jwt={token}"), "{}")
            }
            request if request.is("/api/bookings") => says("200 OK", "[]"),
            _ => says(&format!("200 OK\r\nSet-Cookie: Jwt={visitors}"), ""),
        });
        let outcome = host
            .member()
            .env("PADEL_NOW", "2026-11-25T00:00:00Z")
            .run("bookings");
        assert_eq!(outcome.code, code, "{outcome:?}");
    }
}

#[test]
fn a_token_in_pieces_is_put_together() {
    for whole in ["chunks-2", "chunks:2"] {
        let cookies = format!(
            "200 OK\r\nSet-Cookie: Jwt={whole}; Path=/\r\n\
             Set-Cookie: JwtC1=abc; Path=/\r\nSet-Cookie: JwtC2=def; Path=/"
        );
        let host = host(&cookies, "{}");
        host.member().run("bookings").assert_success();
        let asked = host
            .requests()
            .into_iter()
            .find(|request| request.is("/api/bookings"))
            .expect("a request");
        assert_eq!(asked.header("cookie"), "Jwt=abcdef");
    }
}

#[test]
fn a_redirect_back_to_the_form_is_no_session() {
    for target in [
        "/auth/login",
        "/auth/login?error=1",
        "/#/auth/login",
        "/?error=invalid",
        "/Account/SignIn",
    ] {
        let head = format!("302 Found\r\nLocation: {target}\r\n{COOKIE}");
        bookings(&head, "")
            .case(target)
            .assert_error("profile_unverified", 5);
        learned(&head, "")
            .case(target)
            .assert_error("login_rejected", 4);
    }
    bookings(&format!("302 Found\r\nLocation: /book\r\n{COOKIE}"), "").assert_success();
    bookings(
        &format!("302 Found\r\nLocation: /Account/Lockout\r\n{COOKIE}"),
        "",
    )
    .assert_error("account_locked", 4);
    let back = r#"{"redirectUrl":"/auth/login?error=1"}"#;
    bookings(&signed_in(), back).assert_error("profile_unverified", 5);
    learned(&signed_in(), back).assert_error("login_rejected", 4);
    bookings(&signed_in(), r#"{"redirectUrl":"/book"}"#).assert_success();
    let form = "<form method=post><input type=\"password\" name=p></form>";
    bookings(&signed_in(), form).assert_error("profile_unverified", 5);
    learned(&signed_in(), form).assert_error("login_rejected", 4);
    learned(&signed_in(), "<app-root></app-root>").assert_success();
}

#[test]
fn a_second_factor_has_a_sentence_of_its_own() {
    for (head, body) in [
        (signed_in(), r#"{"requiresTwoFactor":true}"#),
        (signed_in(), r#"{"nextAction":"ENTER_CODE"}"#),
        (
            "200 OK".to_owned(),
            r#"{"data":{"mfaRequired":true,"mfaToken":"abc"}}"#,
        ),
        (
            "200 OK".to_owned(),
            r#"{"message":"Enter the verification code we sent you"}"#,
        ),
        ("401 Unauthorized".to_owned(), r#"{"error":"mfa_required"}"#),
        ("403 Forbidden".to_owned(), r#"{"status":"MFA_REQUIRED"}"#),
        (
            "400 Bad Request".to_owned(),
            r#"{"code":"two_factor_required"}"#,
        ),
        (
            format!("302 Found\r\nLocation: /Account/LoginWith2fa\r\n{COOKIE}"),
            "",
        ),
    ] {
        bookings(&head, body)
            .case(body)
            .assert_error("login_rejected", 4)
            .assert_stderr_has("wants a second factor")
            .assert_stderr_lacks("rejected the e-mail");
    }
}

#[test]
fn a_password_that_must_be_changed_has_a_sentence_of_its_own() {
    for (head, body) in [
        (signed_in(), r#"{"success":true,"mustChangePassword":true}"#),
        (signed_in(), r#"{"credentialsExpired":true}"#),
        ("200 OK".to_owned(), r#"{"passwordExpired":true}"#),
        (
            "401 Unauthorized".to_owned(),
            r#"{"message":"Your password has expired."}"#,
        ),
        (
            "403 Forbidden".to_owned(),
            r#"{"error":"PASSWORD_EXPIRED"}"#,
        ),
        (
            format!("302 Found\r\nLocation: /account/change-password\r\n{COOKIE}"),
            "",
        ),
    ] {
        bookings(&head, body)
            .case(body)
            .assert_error("login_rejected", 4)
            .assert_stderr_has("wants a new password")
            .assert_stderr_has(DOTENV);
    }
}

#[test]
fn a_locked_account_is_told_whatever_the_status() {
    for (head, body) in [
        (signed_in(), r#"{"succeeded":false,"isLockedOut":true}"#),
        (
            "401 Unauthorized".to_owned(),
            r#"{"message":"This account is locked."}"#,
        ),
        ("403 Forbidden".to_owned(), r#"{"code":"ACCOUNT_LOCKED"}"#),
        ("423 Locked".to_owned(), ""),
        (
            "429 Too Many Requests".to_owned(),
            r#"{"error":"Too many failed attempts: account locked"}"#,
        ),
    ] {
        bookings(&head, body).assert_error("account_locked", 4);
    }
    let warned =
        r#"{"error":"Invalid password. Your account will be locked after 2 more attempts."}"#;
    bookings("401 Unauthorized", warned).assert_error("login_rejected", 4);
}

#[test]
fn a_400_that_blames_the_password_is_a_rejection() {
    let outcome = bookings(
        "400 Bad Request",
        r#"{"message":"Invalid username or password"}"#,
    );
    outcome.assert_error("login_rejected", 4);
    bookings(
        "400 Bad Request",
        r#"{"errors":{"Password":["The Password field is required."]}}"#,
    )
    .assert_error("profile_unverified", 5);
}

/// A court this evening.
const SLOT: &str = r#"[{"id":"A","siteId":"UB","name":"Padel","locations":[
    {"locationDetails":[{"locationId":"P1"}],"slots":[
        {"startTime":"2026-11-23T19:00:00Z","endTime":"2026-11-23T19:59:59Z",
         "bookableFrom":"2026-11-01T00:00:00Z","bookableUntil":"2026-11-23T19:00:00Z",
         "status":"Available"}]}]}]"#;

/// A host behind a load balancer: whoever does not show both cookies is a stranger.
fn balanced(cookies: &'static str, wanted: &'static [&'static str]) -> Host {
    fn shows(request: &Request, wanted: &[&str]) -> bool {
        let cookies = request.header("cookie");
        wanted.iter().all(|pair| cookies.contains(pair))
    }
    Host::new(move |request| match request {
        request if request.is("/anonymous") => says(&format!("200 OK\r\n{cookies}"), ""),
        request if request.is("POST ") && shows(request, wanted) => says(&signed_in(), "{}"),
        it if it.is("/api/bookings") && it.header("cookie").contains("Jwt=members") => {
            says("200 OK", "[]")
        }
        request if shows(request, wanted) && request.is("/sessions") => says("200 OK", SLOT),
        _ => says("401 Unauthorized", "{}"),
    })
}

fn asking(host: &Host) -> Member {
    host.member().asking_for("UB", "A")
}

#[test]
fn every_cookie_of_a_session_is_sent_along() {
    let host = balanced(
        "Set-Cookie: Jwt=v; Path=/\r\nSet-Cookie: Lb=node-1; Path=/api",
        &["Jwt=v", "Lb=node-1"],
    );
    let member = asking(&host);
    for args in ["availability", "availability", "bookings"] {
        member.run(args).assert_quiet_success();
    }
    let asked = host.requests();
    let cookies: Vec<&str> = asked
        .iter()
        .map(|request| request.header("cookie"))
        .collect();
    assert_eq!(
        cookies,
        [
            "",
            "Lb=node-1; Jwt=v",
            "Lb=node-1; Jwt=v",
            "Lb=node-1; Jwt=v",
            "Lb=node-1; Jwt=members"
        ]
    );
    member.run("bookings");
    assert_eq!(
        host.requests().last().expect("a request").header("cookie"),
        "Lb=node-1; Jwt=members"
    );
}

#[test]
fn a_cookie_set_later_on_is_kept_too() {
    let host = Host::new(|request| match request {
        request if request.is("/anonymous") => visitor(),
        request if request.header("cookie").contains("Lb=") => says("200 OK", SLOT),
        _ => says("200 OK\r\nSet-Cookie: Lb=node-2; Path=/", SLOT),
    });
    let member = asking(&host);
    member.run("availability");
    member.run("availability");
    assert_eq!(
        host.requests().last().expect("a request").header("cookie"),
        "Jwt=visitors; Lb=node-2"
    );
}

#[test]
fn a_cookie_doubled_for_two_paths_is_the_right_one() {
    for cookies in [
        "Set-Cookie: Jwt=right; Path=/api\r\nSet-Cookie: Jwt=wrong; Path=/book",
        "Set-Cookie: Jwt=right; Path=/\r\nSet-Cookie: Jwt=wrong; Path=/api/samlauthentication",
        "Set-Cookie: Jwt=right; Path=/api\r\nSet-Cookie: Jwt=; Path=/; Max-Age=0",
    ] {
        let host = balanced(cookies, &["Jwt=right"]);
        asking(&host)
            .run("availability")
            .case(cookies)
            .assert_success();
        assert!(
            !host
                .requests()
                .iter()
                .any(|request| request.header("cookie").contains("wrong")),
            "{cookies}"
        );
    }
}

#[test]
fn a_visitors_cookie_that_is_broken_is_named() {
    for (cookie, said) in [
        ("Set-Cookie: Jwt", "a cookie `Jwt` without a value"),
        ("Set-Cookie: Jwt=; Path=/", "a cookie `Jwt` that is empty"),
        (
            "Set-Cookie: Jwt=x; Max-Age=0",
            "a cookie `Jwt` that is deleted or over",
        ),
        (
            "Set-Cookie: Jwt=x; Path=/book",
            "a cookie `Jwt` for the path /book",
        ),
        (
            "Set-Cookie: Jwt=x; Domain=elsewhere.example",
            "a cookie `Jwt` for elsewhere.example",
        ),
        ("Set-Cookie: Session=x; Path=/", "only `Session`"),
        ("X-None: 1", "got none"),
    ] {
        let host = Host::new(move |request| match request {
            request if request.is("/validate/") => says("200 OK", ""),
            request if request.is("/anonymous") => says(&format!("200 OK\r\n{cookie}"), ""),
            _ => says("401 Unauthorized", "{}"),
        });
        asking(&host)
            .run("availability")
            .case(cookie)
            .assert_error("portal_changed", 5)
            .assert_stderr_has(said);
    }
}

#[test]
fn a_kept_session_ends_with_its_cookie() {
    let host = balanced("Set-Cookie: Jwt=v; Path=/; Max-Age=300", &["Jwt=v"]);
    let member = asking(&host);
    for (time, requests) in [("09:00:00", 2), ("09:03:00", 3), ("09:06:00", 5)] {
        let later = asking(&host).env("HOME", &member.path("").display().to_string());
        let outcome = later
            .env("PADEL_NOW", &format!("2026-11-23T{time}Z"))
            .run("availability");
        assert_eq!(
            (outcome.code, host.requests().len()),
            (0, requests),
            "{time}: {outcome:?}"
        );
    }
}

#[test]
fn a_status_in_the_body_counts_like_one_of_the_answer() {
    for (head, body, code) in [
        ("200 OK", r#"{"statusCode":401}"#, "login_rejected"),
        ("200 OK", r#"{"statusCode":418}"#, "login_rejected"),
        ("200 OK", r#"{"statusCode":429}"#, "rate_limited"),
        ("200 OK", r#"{"statusCode":404}"#, "profile_unverified"),
        ("200 OK", r#"{"statusCode":503}"#, "network"),
        ("418 Teapot", "", "portal_changed"),
        ("403 Forbidden", "<html>", "portal_refused"),
        ("403 Forbidden", "{}", "login_rejected"),
        (
            "400 Bad Request",
            r#"{"error":"wrong password; two-factor is on"}"#,
            "login_rejected",
        ),
    ] {
        let outcome = learned(head, body);
        assert_eq!(outcome.error(), code, "{head} {body}: {outcome:?}");
    }
}

#[test]
fn an_answer_without_a_token_is_told_by_what_it_is() {
    for (head, body, told) in [
        (
            "302 Found\r\nLocation: /book?x=1",
            "",
            "a redirect to /book without a session",
        ),
        ("200 OK", "{}", "no token where it was assumed to be"),
        ("200 OK", "a page", "no token where it was assumed to be"),
        ("200 OK", " <html>", "an HTML page"),
    ] {
        let outcome = learned(head, body).case(format!("{head} {body}"));
        assert_eq!(
            outcome.error(),
            "profile_unverified",
            "{head} {body}: {outcome:?}"
        );
        outcome.assert_stderr_has(told);
    }
}

#[test]
fn a_sign_in_by_get_has_no_body() {
    let host = Host::new(|request| match request {
        request if request.is("GET /in?") => says(&signed_in(), ""),
        request if request.is("/api/bookings") => says("200 OK", "[]"),
        _ => visitor(),
    });
    let portal = "[portal.login]\nmethod = \"GET\"\npath = \"/in?u={user}&p={password}\"\n";
    let member = host.member().file(CONFIG, portal);
    member.run("bookings").assert_success();
    let all = host.requests();
    let sent = all
        .iter()
        .find(|request| request.is("GET /in?"))
        .expect("a sign-in");
    assert_eq!(
        (sent.body.as_str(), sent.header("content-type")),
        ("", ""),
        "{sent:?}"
    );
}

#[test]
fn a_second_factor_that_is_mentioned_is_wanted_or_not() {
    for (head, body, is_wanted) in [
        ("200 OK", r#"{"error":"enter the two-factor code"}"#, true),
        (
            "401 Unauthorized",
            r#"{"message":"enter the two-factor code"}"#,
            true,
        ),
        (
            "401 Unauthorized",
            r#"{"message":"wrong password; two-factor is on"}"#,
            false,
        ),
        (
            "200 OK",
            r#"{"error":"wrong password; two-factor is on"}"#,
            false,
        ),
    ] {
        let outcome = learned(head, body);
        assert_eq!(
            outcome.error(),
            "login_rejected",
            "{head} {body}: {outcome:?}"
        );
        assert_eq!(
            outcome.stderr.contains("second factor"),
            is_wanted,
            "{head} {body}: {outcome:?}"
        );
    }
}

#[test]
fn a_refused_request_for_bookings_is_doubted_while_it_is_assumed() {
    const TAUGHT: &str = "[portal.bookings]\nupcoming = \"/api/mine?from={from}\"\n";
    for (status, assumed, taught) in [
        ("418 Teapot", "profile_unverified", "portal_changed"),
        ("403 Forbidden", "profile_unverified", "portal_refused"),
        ("404 Not Found", "profile_unverified", "profile_unverified"),
        (
            "401 Unauthorized",
            "profile_unverified",
            "profile_unverified",
        ),
    ] {
        let host = Host::new(move |request| match request {
            request if request.is("POST ") => says(&signed_in(), "{}"),
            request if request.is("/anonymous") => visitor(),
            _ => says(status, "{}"),
        });
        let outcome = host.member().run("bookings --json").case(status);
        assert_eq!(outcome.error(), assumed, "{status}: {outcome:?}");
        outcome.assert_stderr_has(r#""endpoint":"/api/bookings""#);
        let outcome = host.member().file(CONFIG, TAUGHT).run("bookings");
        assert_eq!(outcome.error(), taught, "{status}: {outcome:?}");
    }
}

#[test]
fn a_stated_wait_holds_a_sign_in_back_for_as_long() {
    for head in ["503 Busy", "429 Too Many Requests"] {
        learned(&format!("{head}\r\nRetry-After: 7200"), "")
            .case(head)
            .assert_stderr_has("is not sent again before 11:00");
    }
}

#[test]
fn an_answer_from_a_cache_says_by_its_age_how_old_its_clock_is() {
    let date = "Date: Mon, 23 Nov 2026 06:00:00 GMT";
    for (head, is_told) in [
        (format!("{date}\r\nAge: 10800"), false),
        (date.to_owned(), true),
    ] {
        let host = Host::new(move |request| match request {
            request if request.is("/anonymous") => visitor(),
            _ => says(&format!("200 OK\r\n{head}"), SLOT),
        });
        let outcome = asking(&host).run("availability");
        assert_eq!(outcome.stderr.contains("clock"), is_told, "{outcome:?}");
    }
}
