//! Small captures, written by hand, each with one thing that real ones may have.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{tell::sealing_name, *};
use crate::gladstone::{envelope, profile::Sealing};

const HOST: &str = "club.gladstonego.cloud";
const USER: &str = "alex@example.org";
const PASSWORD: &str = "pä ss&w=rd+%\"\\";
const TOKEN: &str = "eyJhbGciOi.J9ZWxsbyB3b3JsZDEyMzQ1Njc4OTA.c2lnbmF0dXJl";

/// One entry of a capture.
struct Shot(Value);

fn shot(second: u32, method: &str, path: &str) -> Shot {
    Shot(json!({
        "startedDateTime": format!("2026-11-23T09:{:02}:{:02}.000Z", second / 60, second % 60),
        "request": {"method": method, "url": format!("https://{HOST}{path}"), "headers": [], "cookies": []},
        "response": {"status": 200, "headers": [], "cookies": [], "content": {}},
    }))
}

impl Shot {
    fn push(mut self, side: &str, name: &str, value: &str) -> Self {
        let list = self.0[side]["headers"].as_array_mut().unwrap();
        list.push(json!({"name": name, "value": value}));
        self
    }

    fn sends(self, name: &str, value: &str) -> Self {
        self.push("request", name, value)
    }

    fn sets(self, cookie: &str) -> Self {
        self.push("response", "Set-Cookie", &format!("{cookie}; Path=/; HttpOnly"))
    }

    fn body(mut self, kind: &str, text: &str) -> Self {
        self.0["request"]["postData"] = json!({"mimeType": kind, "text": text});
        self
    }

    fn answers(mut self, status: u16, body: &Value) -> Self {
        self.0["response"]["status"] = status.into();
        self.0["response"]["content"] = json!({"mimeType": "application/json", "text": body.to_string()});
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.0["response"]["content"] = json!({"mimeType": "text/plain", "text": text});
        self
    }
}

fn har(shots: impl IntoIterator<Item = Shot>) -> Vec<u8> {
    let entries: Vec<Value> = shots.into_iter().map(|shot| shot.0).collect();
    json!({"log": {"entries": entries}}).to_string().into_bytes()
}

fn credentials() -> Credentials {
    Credentials::typed(USER.into(), PASSWORD.into())
}

fn read(har: Vec<u8>, credentials: &Credentials) -> Result<Learned, LearnError> {
    learn(&Capture::new(har)?, HOST, credentials, DateTime::UNIX_EPOCH)
}

fn learn_all(shots: Vec<Shot>) -> Result<Learned, LearnError> {
    read(har(shots), &credentials())
}

/// A sign-in that brings a token in its JSON, as most tests need one.
fn login() -> Shot {
    let body = json!({"email": USER, "password": PASSWORD}).to_string();
    shot(10, "POST", "/api/login").body("application/json", &body).answers(200, &json!({"token": TOKEN}))
}

/// A request for bookings with the token.
fn list(second: u32, target: &str, body: &Value) -> Shot {
    shot(second, "GET", target).sends("authorization", &format!("Bearer {TOKEN}")).answers(200, body)
}

fn booking(start: &str, end: &str) -> Value {
    json!({"id": start, "startTime": start, "endTime": end, "courtName": "Court 1", "activityName": "Padel"})
}

fn upcoming() -> Value {
    json!([
        booking("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
        booking("2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z")
    ])
}

fn past() -> Value {
    json!([
        booking("2026-10-24T10:00:00Z", "2026-10-24T11:00:00Z"),
        booking("2026-10-25T10:00:00Z", "2026-10-25T11:00:00Z")
    ])
}

/// A value of the table, and whether it is certain; `None` where the capture does not show it.
#[track_caller]
fn value(learned: &Learned, name: &str) -> Option<(toml::Value, bool)> {
    let table: toml::Table = learned.table.parse().unwrap();
    let (group, key) = name.split_once('.').unwrap();
    let finding = learned.findings.iter().find(|finding| finding.name == name)?;
    let value = table["portal"][group].get(key);
    assert_eq!(value.is_some(), !finding.value.is_empty(), "{name}");
    Some((value?.clone(), finding.certain))
}

/// A value as the report has it.
fn told<'a>(learned: &'a Learned, name: &str) -> &'a str {
    &learned.findings.iter().find(|finding| finding.name == name).unwrap().value
}

#[track_caller]
fn is(learned: &Learned, name: &str, expected: &str, certain: bool) {
    let found = value(learned, name);
    assert_eq!(found, Some((expected.into(), certain)), "{name}: {learned:#?}");
}

#[track_caller]
fn first(learned: &Learned, name: &str, expected: &str) {
    let found = value(learned, name).map(|(value, _)| value[0].as_str().unwrap().to_owned());
    assert_eq!(found.as_deref(), Some(expected), "{name}: {learned:#?}");
}

/// What is learned of a body that signs in.
fn of_body(kind: &str, body: &str) -> Learned {
    learn_all(vec![login().body(kind, body)]).unwrap()
}

#[test]
fn a_body_stays_as_it_is_but_for_the_credentials() {
    let password = Value::from(PASSWORD).to_string();
    let body =
        format!("{{ \"a\" : [\"\", {{\"Email\":\"{USER}\" }}],\n \"Pass\":{password}, \"keep\":true, \"n\": 1 }}");
    let learned = of_body("application/json;charset=UTF-8", &body);
    let expected = "{ \"a\" : [\"\", {\"Email\":{user} }],\n \"Pass\":{password}, \"keep\":true, \"n\": 1 }";
    is(&learned, "login.body", expected, true);
    is(&learned, "login.encoding", "json", true);
    is(&learned, "login.path", "/api/login", true);
    is(&learned, "login.method", "POST", true);
}

#[test]
fn forms_are_read_in_every_encoding() {
    for password in ["p%C3%A4+ss%26w%3Drd%2B%25%22%5C", "p%c3%a4%20ss%26w%3drd%2b%25%22%5c"] {
        for user in ["alex%40example.org", "Alex@Example.org", "+alex%40example.org%20"] {
            let learned = of_body("application/x-www-form-urlencoded", &format!("u={user}&p={password}&Return=%2F"));
            is(&learned, "login.body", "u={user}&p={password}&Return=%2F", true);
            is(&learned, "login.encoding", "form", true);
        }
    }
}

#[test]
fn a_form_without_text_is_made_from_its_parameters() {
    for (user, password) in [(USER, PASSWORD), ("alex%40example.org", "p%C3%A4+ss%26w%3Drd%2B%25%22%5C")] {
        let mut shot = login();
        let params = json!([{"name": "user", "value": user}, {"name": "password", "value": password}]);
        shot.0["request"]["postData"] = json!({"mimeType": "application/x-www-form-urlencoded", "params": params});
        is(&learn_all(vec![shot]).unwrap(), "login.body", "user={user}&password={password}", true);
    }
}

#[test]
fn a_credential_that_is_not_recognised_is_guessed_by_its_name_or_place() {
    let other_password = json!({"username": USER, "password": "another one 77", "remember": "no"}).to_string();
    let learned = of_body("application/json", &other_password);
    is(&learned, "login.body", r#"{"password":{password},"remember":"no","username":{user}}"#, false);
    let other_user = format!("memberNumber=0044123&pin={}", "p%C3%A4+ss%26w%3Drd%2B%25%22%5C");
    let learned = of_body("application/x-www-form-urlencoded", &other_user);
    is(&learned, "login.body", "memberNumber={user}&pin={password}", false);
    let learned = of_body("application/json", &json!({"args": [USER, "another one 77", 1]}).to_string());
    is(&learned, "login.body", r#"{"args":[{user},{password},1]}"#, false);
    for learned in [of_body("application/json", &other_password), learned] {
        assert!(!format!("{learned:?}").contains("77"), "{learned:?}");
    }
}

#[test]
fn base64_and_sealed_fields_are_recognised() {
    let base64 = json!({"user": USER, "password": STANDARD.encode(PASSWORD)}).to_string();
    is(&of_body("application/json", &base64), "login.body", r#"{"password":{password_base64},"user":{user}}"#, true);
    for sealing in [Sealing::Cbc, Sealing::Gcm] {
        let seal = |text: &str| envelope::seal(text.as_bytes(), HOST, sealing).unwrap();
        let learned = of_body("application/json", &json!({"user": USER, "password": seal(PASSWORD)}).to_string());
        is(&learned, "login.body", r#"{"password":{password_sealed},"user":{user}}"#, true);
        is(&learned, "login.sealing", sealing_name(sealing), true);
        let inner = json!({"u": USER, "p": PASSWORD}).to_string();
        for (kind, body, wrapper) in [
            ("text/plain", seal(&inner), "{sealed}"),
            ("application/json", Value::from(seal(&inner)).to_string(), "\"{sealed}\""),
            ("application/json", json!({"v": 1, "data": seal(&inner)}).to_string(), r#"{"data":"{sealed}","v":1}"#),
            (
                "application/x-www-form-urlencoded",
                format!("d={}", seal(&inner).replace('+', "%2B").replace('=', "%3D")),
                "d={sealed_form}",
            ),
        ] {
            let learned = of_body(kind, &body);
            is(&learned, "login.body", r#"{"p":{password},"u":{user}}"#, true);
            is(&learned, "login.wrapper", wrapper, true);
            is(&learned, "login.sealing", sealing_name(sealing), true);
            let headers = value(&learned, "login.headers").unwrap().0;
            let stated = headers.get("content-type").and_then(toml::Value::as_str);
            assert_eq!(stated, (wrapper == "d={sealed_form}").then_some("application/x-www-form-urlencoded"));
        }
    }
}

#[test]
fn one_time_values_are_emptied_and_reported() {
    let body = json!({
        "email": USER, "password": PASSWORD, "__RequestVerificationToken": "CfDJ8Nq1", "captcha": "x".repeat(44),
        "nonce": "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "at": 1_763_884_800_000_i64, "grant_type": "local", "version": 2,
    });
    let learned = of_body("application/json", &body.to_string());
    let (template, certain) = value(&learned, "login.body").unwrap();
    let template = template.as_str().unwrap().replace("{user}", "1").replace("{password}", "2");
    let expected = json!({
        "email": 1, "password": 2, "__RequestVerificationToken": "", "captcha": "", "nonce": "", "at": 0,
        "grant_type": "local", "version": 2,
    });
    assert_eq!((serde_json::from_str::<Value>(&template).unwrap(), certain), (expected, false));
    let finding = learned.findings.iter().find(|finding| finding.name == "login.body").unwrap();
    assert!(finding.how.contains("made for one time") && finding.how.contains("captcha"), "{finding:?}");
}

#[test]
fn only_the_apps_own_headers_are_kept() {
    let shot = login()
        .sends("X-Requested-With", "XMLHttpRequest")
        .sends("X-XSRF-TOKEN", "abcdef")
        .sends("X-Device", "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
        .sends("User-Agent", "Mozilla/5.0")
        .sends("Sec-Fetch-Mode", "cors")
        .sends("Accept-Language", "en")
        .sends("Referer", "https://x")
        .sends(":authority", HOST)
        .sends("DNT", "1")
        .sends("Authorization", "Bearer anonymous-token-1234567890");
    let learned = learn_all(vec![shot]).unwrap();
    let (_, certain) = value(&learned, "login.headers").unwrap();
    assert_eq!((told(&learned, "login.headers"), certain), (r#"{ "x-requested-with" = "XMLHttpRequest" }"#, false));
}

#[test]
fn other_hosts_do_not_count() {
    let mut stranger = login();
    stranger.0["request"]["url"] = "https://collect.example/api/other".into();
    is(&learn_all(vec![stranger, login()]).unwrap(), "login.path", "/api/login", true);
    let elsewhere = |hosts: &[&str]| {
        let shots = hosts.iter().map(|host| {
            let mut shot = login();
            shot.0["request"]["url"] = format!("https://{host}/api/login").into();
            shot
        });
        read(har(shots), &credentials()).unwrap_err().to_string()
    };
    assert_eq!(elsewhere(&["b.example"]), format!("a capture of b.example, not of {HOST}"));
    let many = elsewhere(&["d.example", "c.example", "b.example", "a.example"]);
    assert_eq!(many, format!("a capture of a.example, b.example, c.example, …, not of {HOST}"));
    assert_eq!(read(b"{}".to_vec(), &credentials()), Err(LearnError::NotHar));
    assert_eq!(Capture::new(har([login()])).unwrap().hosts().unwrap(), [HOST]);
}

#[test]
fn the_last_sign_in_that_worked_counts() {
    let body = json!({"email": USER, "password": PASSWORD}).to_string();
    let at = |second, path, status, answer: Value| {
        shot(second, "POST", path).body("application/json", &body).answers(status, &answer)
    };
    let shots = || {
        vec![
            at(30, "/api/right", 200, json!({"token": TOKEN})),
            list(40, "/api/bookings", &upcoming()),
            at(10, "/api/wrong", 401, json!({})),
            at(20, "/api/also-wrong", 200, json!({"success": false})),
        ]
    };
    is(&learn_all(shots()).unwrap(), "login.path", "/api/right", true);
    let mut with_tracking = shots();
    with_tracking.push(at(50, "/api/another", 200, json!({"ok": true})));
    is(&learn_all(with_tracking).unwrap(), "login.path", "/api/right", true);
    let refused = shots().into_iter().skip(2).collect();
    assert_eq!(learn_all(refused), Err(LearnError::Refused));
    let email_only = shot(1, "POST", "/api/lookup").body("application/json", &json!({"email": USER}).to_string());
    assert_eq!(learn_all(vec![email_only]), Err(LearnError::NoSignIn));
}

#[test]
fn the_token_is_the_one_that_later_requests_carry() {
    let bearer = learn_all(vec![login(), list(20, "/api/bookings", &upcoming())]).unwrap();
    is(&bearer, "token.pointer", "/token", true);
    is(&bearer, "token.send", "bearer", true);
    is(&bearer, "token.cookie", "", true);
    let plain = login().answers(200, &json!({}));
    let call = |name: &str, value: &str| shot(20, "GET", "/api/bookings").sends(name, value).answers(200, &upcoming());
    let text = learn_all(vec![login().text(TOKEN), list(20, "/api/bookings", &upcoming())]).unwrap();
    is(&text, "token.pointer", "", true);
    let header = learn_all(vec![login(), call("X-Auth", TOKEN).sends("X-App", "go")]).unwrap();
    is(&header, "token.send", "x-auth", true);
    assert_eq!(told(&header, "token.headers"), r#"{ "x-app" = "go" }"#);
    let anonymous = shot(1, "GET", "/api/samlauthentication/anonymous").sets("Jwt=anonymous-1234567890");
    let cookie = format!("theme=dark; Jwt={TOKEN}; XSRF-TOKEN=guard-1234567890");
    let sets = plain.sets("XSRF-TOKEN=guard-1234567890").sets(&format!("Jwt={TOKEN}"));
    let guarded = call("Cookie", &cookie).sends("X-XSRF-TOKEN", "guard-1234567890");
    let learned = learn_all(vec![anonymous, sets, guarded]).unwrap();
    is(&learned, "token.cookie", "Jwt", false);
    is(&learned, "token.send", "cookie", false);
    let renamed = learn_all(vec![
        login().sets(&format!("auth={TOKEN}")).answers(200, &json!({})),
        call("cookie", &format!("Jwt={TOKEN}")),
    ]);
    let renamed = renamed.unwrap();
    is(&renamed, "token.cookie", "auth", true);
    is(&renamed, "token.send", "cookie:Jwt", true);
}

#[test]
fn a_cookie_of_the_page_behind_the_sign_in_is_found() {
    let hop = login().answers(302, &json!({})).push("response", "Location", "/home?x=1");
    let page = shot(11, "GET", "/home?x=1").sets(&format!("sid={TOKEN}"));
    let call = shot(20, "GET", "/api/bookings").sends("Cookie", &format!("sid={TOKEN}")).answers(200, &upcoming());
    let learned = learn_all(vec![hop, page, call]).unwrap();
    is(&learned, "token.cookie", "sid", true);
    assert_eq!(value(&learned, "token.redirect").unwrap().0, toml::Value::from(true));
}

#[test]
fn a_sealed_token_is_found_in_the_whole_body_and_in_a_field() {
    for sealing in [Sealing::Cbc, Sealing::Gcm] {
        let inner = json!({"Token": TOKEN, "Name": "Alex"}).to_string();
        let sealed = envelope::seal(inner.as_bytes(), HOST, sealing).unwrap();
        let whole = login().text(&sealed);
        let field = login().answers(200, &json!({"d": [sealed.as_str()]}));
        for (login, envelope) in [(whole, ""), (field, "/d/0")] {
            let learned = learn_all(vec![login, list(20, "/api/bookings", &upcoming())]).unwrap();
            is(&learned, "token.sealing", sealing_name(sealing), true);
            is(&learned, "token.envelope", envelope, true);
            is(&learned, "token.pointer", "/Token", true);
        }
    }
}

#[test]
fn a_token_that_nothing_carries_is_guessed_or_missing() {
    let call = || shot(20, "GET", "/api/bookings").answers(200, &upcoming());
    let learned = learn_all(vec![login(), call()]).unwrap();
    is(&learned, "token.pointer", "/token", false);
    is(&learned, "token.send", "bearer", false);
    let learned = learn_all(vec![login().answers(200, &json!({"ok": true})), call()]).unwrap();
    assert_eq!(value(&learned, "token.cookie"), None);
    let told = learned.findings.iter().find(|finding| finding.name == "token.cookie").unwrap();
    assert!(told.how.contains("without cookies"), "{told:?}");
}

#[test]
fn a_renewed_token_hides_nothing() {
    let status = list(20, "/api/status", &json!({"ok": true}));
    let renewed =
        shot(30, "GET", "/api/bookings").sends("authorization", "Bearer another-123456789").answers(200, &upcoming());
    is(&learn_all(vec![login(), status, renewed]).unwrap(), "token.pointer", "/token", true);
}

#[test]
fn a_cookie_that_is_only_seen_in_use_is_guessed() {
    let before = shot(1, "GET", "/").sends("Cookie", "theme=dark; Jwt=anonymous-1234567890");
    let call = shot(20, "GET", "/api/bookings").sends("Cookie", &format!("theme=dark; Jwt={TOKEN}"));
    let learned = learn_all(vec![before, login().answers(200, &json!({})), call.answers(200, &upcoming())]).unwrap();
    is(&learned, "token.cookie", "Jwt", false);
    is(&learned, "token.send", "cookie", false);
}

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
    is(&learned, "bookings.upcoming", "/api/bookings/upcoming", false);
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
        ("b=2027-01-01T00%3A00%3A00%2B01%3A00&a=2026-11-23", upcoming(), "b={to}&a={from_date}"),
        ("end=2026-11-23&begin=2026-11-23", upcoming(), "end={to_date}&begin={from_date}"),
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
        let learned = learn_all(vec![login(), list(20, &format!("/api/bookings?{target}"), &body)]).unwrap();
        let name = if body == past() { "bookings.history" } else { "bookings.upcoming" };
        is(&learned, name, &format!("/api/bookings?{expected}"), true);
    }
    let learned = learn_all(vec![login(), list(20, "/api/bookings/2026-11-23/2026-12-23", &upcoming())]).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings/{from_date}/{to_date}", true);
}

#[test]
fn secrets_in_a_request_are_left_out() {
    let target = format!(
        "/api/bookings?access_token={TOKEN}&email=alex%40example.org&memberName=Alex%20Smith&page=1&start=1795424430"
    );
    let learned = learn_all(vec![login(), list(20, &target, &upcoming())]).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings?access_token=&email=&memberName=&page=1&start=1795424430", false);
    let learned = learn_all(vec![login(), list(20, "/api/members/alex@example.org/bookings", &upcoming())]).unwrap();
    assert_eq!(value(&learned, "bookings.upcoming"), None);
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
        let item =
            json!({"ref": "A1", "date": date, "startTime": "18:00", "endTime": "19:30:00", "made": "2026-11-01"});
        let learned = learn_all(vec![login(), list(20, "/api/bookings/mine", &json!([item]))]).unwrap();
        first(&learned, "bookings.start", "/date + /startTime");
        first(&learned, "bookings.end", "/date + /endTime");
        is(&learned, "bookings.upcoming", "/api/bookings/mine", true);
    }
}

#[test]
fn other_lists_are_no_bookings() {
    let timetable = json!([{"startTime": "2026-11-24T10:00:00Z", "className": "Yoga"}]);
    let learned = learn_all(vec![login(), list(20, "/api/classes/timetable", &timetable)]).unwrap();
    assert_eq!(value(&learned, "bookings.upcoming"), None);
    let learned = learn_all(vec![list(5, "/api/bookings", &upcoming()), login()]).unwrap();
    assert_eq!(value(&learned, "bookings.upcoming"), None, "before the sign-in nothing is a member's");
}

#[test]
fn odd_captures_are_read_as_far_as_they_go() {
    let mut encoded = list(20, "/api/bookings", &upcoming());
    encoded.0["response"]["content"] =
        json!({"mimeType": "application/json", "encoding": "base64", "text": STANDARD.encode(upcoming().to_string())});
    let mut truncated = list(30, "/api/bookings/history", &past());
    let text = past().to_string();
    truncated.0["response"]["content"]["text"] = text[..text.len() - 9].into();
    let mut absent = list(40, "/api/bookings/history", &past());
    absent.0["response"]["content"] = json!({"size": 400});
    let broken = [json!(null), json!({"request": 4}), json!({"request": {"url": "data:x"}}), json!([])];
    let mut shots: Vec<Shot> = broken.into_iter().map(Shot).collect();
    shots.extend([truncated, absent, login(), encoded]);
    let learned = learn_all(shots).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings", true);
    let mut text = vec![0xef, 0xbb, 0xbf];
    text.extend(har([login()]));
    assert!(read(text, &credentials()).is_ok());
}

#[test]
fn nothing_secret_is_told() {
    let secret = "s3cr3t-0123456789abcdef";
    let body = json!({"email": USER, "password": PASSWORD, secret: secret, "displayName": "Alex Smith"}).to_string();
    let answer = json!({"users": {USER: {"token": TOKEN}}});
    let mut item = upcoming();
    item[0]["alex@example.org"] = "Court of Alex".into();
    let shots = vec![
        shot(10, "POST", &format!("/api/login?s={secret}&u=alex%40example.org"))
            .body("application/json", &body)
            .answers(200, &answer)
            .sends("X-Note", USER)
            .sends("Cookie", &format!("a={secret}")),
        list(20, "/api/bookings", &json!({USER: item})),
    ];
    let learned = learn_all(shots).unwrap();
    let told = format!("{learned:?}").to_lowercase();
    for part in ["alex", "p\u{e4} ss", TOKEN, secret, "smith", "court 1", "2026-11-24"] {
        assert!(!told.contains(&part.to_lowercase()), "{part}: {learned:#?}");
    }
    // A user and a password that are plain words.
    let words = Credentials::typed("alexander".into(), "swordfish".into());
    let body = json!({"user": "alexander", "password": "swordfish", "both": "alexander:swordfish"}).to_string();
    let shots = [
        shot(10, "POST", "/api/login?p=swordfish").body("application/json", &body).sends("X-Login", "alexander"),
        shot(20, "GET", "/api/members/alexander/bookings?of=alexander").answers(200, &upcoming()),
    ];
    let learned = read(har(shots), &words).unwrap();
    assert!(
        !format!("{learned:?}").contains("alexander") && !format!("{learned:?}").contains("swordfish"),
        "{learned:#?}"
    );
    let error = read(har([login()]), &Credentials::typed("x@y.z".into(), "no".into()));
    assert!(!format!("{error:?}").contains("alex"), "{error:?}");
}

/// Any JSON, with the keys that matter among others.
fn any_json() -> impl Strategy<Value = Value> {
    let keys = "log|entries|request|response|url|method|headers|name|value|postData|text|params|content|status|bookings|start|\\PC{0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(format!("https://{HOST}/a?d=2026-11-23T1:é").into()),
        Just(USER.into()),
        Just("2026-11-23T10:00:00Z".into()),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(read(bytes, &credentials()), Err(LearnError::NotHar));
    }

    #[test]
    fn any_json_is_answered(value in any_json(), entries in prop::collection::vec(any_json(), 0..4)) {
        for har in [value, json!({"log": {"entries": entries}})] {
            let _ = read(har.to_string().into_bytes(), &credentials());
            let _ = Capture::new(har.to_string().into_bytes()).map(|capture| capture.hosts());
        }
    }

    #[test]
    fn any_answer_and_any_address_are_answered(body in any_json(), odd in any_json(), query in "\\PC{0,30}") {
        let mut sign_in = login();
        sign_in.0["response"]["headers"] = odd;
        let shots = vec![sign_in.answers(200, &body), list(20, &format!("/api/bookings?d=2026-11-2{query}"), &body)];
        let learned = learn_all(shots).unwrap();
        prop_assert!(usable(&learned.table));
    }

    #[test]
    fn any_credentials_are_recognised_and_never_told(
        user in "[a-z0-9]{3,8}[0-9][@+.][a-z0-9]{3,9}", password in "\\PC{6,14}[0-9]\\PC{1,4}", form in any::<bool>(),
    ) {
        let body = if form {
            form_urlencoded::Serializer::new(String::new()).append_pair("a", &user).append_pair("b", &password).finish()
        } else {
            json!({"a": user, "b": password}).to_string()
        };
        let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        let credentials = Credentials::typed(user.as_str().into(), password.as_str().into());
        let learned = read(har([login().body(kind, &body)]), &credentials).unwrap();
        let expected = if form { "a={user}&b={password}" } else { r#"{"a":{user},"b":{password}}"# };
        is(&learned, "login.body", expected, true);
        let told = format!("{learned:?}");
        prop_assert!(!told.contains(&user) && !told.contains(&password));
    }
}
