//! Which request signs in, and how it is written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{super::findings::sealing_name, *};
use crate::gladstone::{envelope, profile::Sealing};

#[test]
fn a_body_stays_as_it_is_but_for_the_credentials() {
    let password = Value::from(PASSWORD).to_string();
    let body = format!(
        "{{ \"a\" : [\"\", {{\"Email\":\"{USER}\" }}],\n \"Pass\":{password}, \"keep\":true, \"n\": 1 }}"
    );
    let learned = of_body("application/json;charset=UTF-8", &body);
    let expected =
        "{ \"a\" : [\"\", {\"Email\":{user} }],\n \"Pass\":{password}, \"keep\":true, \"n\": 1 }";
    is(&learned, "login.body", expected, true);
    is(&learned, "login.encoding", "json", true);
    is(&learned, "login.path", "/api/login", true);
    is(&learned, "login.method", "POST", true);
}

#[test]
fn forms_are_read_in_every_encoding() {
    for password in [
        "p%C3%A4+ss%26w%3Drd%2B%25%22%5C",
        "p%c3%a4%20ss%26w%3drd%2b%25%22%5c",
    ] {
        for user in [
            "alex%40example.org",
            "Alex@Example.org",
            "+alex%40example.org%20",
        ] {
            let learned = of_body(
                "application/x-www-form-urlencoded",
                &format!("u={user}&p={password}&Return=%2F"),
            );
            is(
                &learned,
                "login.body",
                "u={user}&p={password}&Return=%2F",
                true,
            );
            is(&learned, "login.encoding", "form", true);
        }
    }
}

#[test]
fn a_form_without_text_is_made_from_its_parameters() {
    for (user, password) in [
        (USER, PASSWORD),
        ("alex%40example.org", "p%C3%A4+ss%26w%3Drd%2B%25%22%5C"),
    ] {
        let mut shot = login();
        let params =
            json!([{"name": "user", "value": user}, {"name": "password", "value": password}]);
        shot.0["request"]["postData"] =
            json!({"mimeType": "application/x-www-form-urlencoded", "params": params});
        is(
            &learn_all(vec![shot]).unwrap(),
            "login.body",
            "user={user}&password={password}",
            true,
        );
    }
}

#[test]
fn a_credential_that_is_not_recognised_is_guessed_by_its_name_or_place() {
    let other_password =
        json!({"username": USER, "password": "another one 77", "remember": "no"}).to_string();
    let learned = of_body("application/json", &other_password);
    is(
        &learned,
        "login.body",
        r#"{"password":{password},"remember":"no","username":{user}}"#,
        false,
    );
    let other_user = format!(
        "memberNumber=0044123&pin={}",
        "p%C3%A4+ss%26w%3Drd%2B%25%22%5C"
    );
    let learned = of_body("application/x-www-form-urlencoded", &other_user);
    is(
        &learned,
        "login.body",
        "memberNumber={user}&pin={password}",
        false,
    );
    let learned = of_body(
        "application/json",
        &json!({"args": [USER, "another one 77", 1]}).to_string(),
    );
    is(
        &learned,
        "login.body",
        r#"{"args":[{user},{password},1]}"#,
        false,
    );
    for learned in [of_body("application/json", &other_password), learned] {
        assert!(!format!("{learned:?}").contains("77"), "{learned:?}");
    }
}

#[test]
fn base64_and_sealed_fields_are_recognised() {
    let base64 = json!({"user": USER, "password": STANDARD.encode(PASSWORD)}).to_string();
    is(
        &of_body("application/json", &base64),
        "login.body",
        r#"{"password":{password_base64},"user":{user}}"#,
        true,
    );
    for sealing in [Sealing::Cbc, Sealing::Gcm] {
        let seal = |text: &str| envelope::seal(text.as_bytes(), HOST, sealing).unwrap();
        let learned = of_body(
            "application/json",
            &json!({"user": USER, "password": seal(PASSWORD)}).to_string(),
        );
        is(
            &learned,
            "login.body",
            r#"{"password":{password_sealed},"user":{user}}"#,
            true,
        );
        is(&learned, "login.sealing", sealing_name(sealing), true);
        let inner = json!({"u": USER, "p": PASSWORD}).to_string();
        for (kind, body, wrapper) in [
            ("text/plain", seal(&inner), "{sealed}"),
            (
                "application/json",
                Value::from(seal(&inner)).to_string(),
                "\"{sealed}\"",
            ),
            (
                "application/json",
                json!({"v": 1, "data": seal(&inner)}).to_string(),
                r#"{"data":"{sealed}","v":1}"#,
            ),
            (
                "application/x-www-form-urlencoded",
                format!("d={}", seal(&inner).replace('+', "%2B").replace('=', "%3D")),
                "d={sealed_form}",
            ),
        ] {
            let learned = of_body(kind, &body);
            is(
                &learned,
                "login.body",
                r#"{"p":{password},"u":{user}}"#,
                true,
            );
            is(&learned, "login.wrapper", wrapper, true);
            is(&learned, "login.sealing", sealing_name(sealing), true);
            let headers = value(&learned, "login.headers").unwrap().0;
            let stated = headers.get("content-type").and_then(toml::Value::as_str);
            assert_eq!(
                stated,
                (wrapper == "d={sealed_form}").then_some("application/x-www-form-urlencoded")
            );
        }
    }
}

#[test]
fn the_last_sign_in_that_worked_counts() {
    let at = |second, path, status, answer: Value| {
        shot(second, "POST", path)
            .json(&pair())
            .answers(status, &answer)
    };
    let shots = || {
        vec![
            at(30, "/api/right", 200, json!({"token": TOKEN})),
            list(40, "/api/bookings", &upcoming()),
            at(10, "/api/wrong", 401, json!({})),
            at(20, "/api/also-wrong", 200, json!({"success": false})),
        ]
    };
    is(
        &learn_all(shots()).unwrap(),
        "login.path",
        "/api/right",
        true,
    );
    let mut with_tracking = shots();
    with_tracking.push(at(50, "/api/another", 200, json!({"ok": true})));
    is(
        &learn_all(with_tracking).unwrap(),
        "login.path",
        "/api/right",
        true,
    );
    let refused = shots().into_iter().skip(2).collect();
    assert_eq!(learn_all(refused), Err(LearnError::Refused));
    let email_only = shot(1, "POST", "/api/lookup").json(&json!({"email": USER}));
    assert_eq!(learn_all(vec![email_only]), Err(LearnError::NoSignIn));
}

/// The error for a capture whose sign-in cannot be taught.
#[track_caller]
fn refusal(shots: Vec<Shot>) -> String {
    match learn_all(shots) {
        Err(error @ LearnError::NotTeachable { .. }) => error.to_string(),
        other => panic!("{other:#?}"),
    }
}

#[test]
fn credentials_outside_the_body_are_recognised() {
    let basic = basic();
    let plain = || shot(10, "POST", "/api/token").answers(200, &json!({"token": TOKEN}));
    let learned = learn_all(vec![plain().sends("Authorization", &basic)]).unwrap();
    assert_eq!(
        told(&learned, "login.headers"),
        r#"{ "authorization" = "Basic {basic}" }"#
    );
    is(&learned, "login.body", "", true);
    let mut in_address = plain();
    in_address.0["request"]["url"] =
        format!("https://alex%40example.org:p%C3%A4%20ss&w=rd+%25%22%5C@{HOST}/api/token").into();
    let learned = learn_all(vec![in_address]).unwrap();
    assert_eq!(
        told(&learned, "login.headers"),
        r#"{ "authorization" = "Basic {basic}" }"#
    );
    let headers = plain()
        .sends("X-Username", USER)
        .sends("X-Password", PASSWORD)
        .body("application/json", "{}");
    let learned = learn_all(vec![headers]).unwrap();
    assert_eq!(
        told(&learned, "login.headers"),
        r#"{ "x-password" = "{password}", "x-username" = "{user}" }"#
    );
    is(&learned, "login.body", "{}", true);
    let query = "u=Alex%40example.org&p=p%C3%A4+ss%26w%3Drd%2B%25%22%5C&remember=true&note=Lexi";
    let query =
        shot(10, "GET", &format!("/api/login?{query}")).answers(200, &json!({"token": TOKEN}));
    let learned = learn_all(vec![query]).unwrap();
    is(
        &learned,
        "login.path",
        "/api/login?u={user}&p={password}&remember=true&note=",
        false,
    );
    is(&learned, "login.method", "GET", true);
    let how = &learned.findings[0].how;
    assert!(
        how.contains("in the address") && how.contains("note"),
        "{how}"
    );
    let both = shot(10, "POST", "/api/login?user=alex%40example.org")
        .body("text/plain", &format!("a=b&password={PASSWORD}"));
    assert!(
        learn_all(vec![both]).is_err(),
        "neither a form nor anything else that can be written"
    );
    let both = shot(10, "POST", "/api/login?user=alex%40example.org").body(
        "application/json",
        &json!({"password": PASSWORD}).to_string(),
    );
    let learned = learn_all(vec![both]).unwrap();
    is(&learned, "login.path", "/api/login?user={user}", true);
    is(&learned, "login.body", r#"{"password":{password}}"#, true);
}

#[test]
fn forms_in_other_clothes_are_recognised() {
    let encoded = "email=alex%40example.org&password=p%C3%A4+ss%26w%3Drd%2B%25%22%5C";
    let learned = of_body("text/plain;charset=UTF-8", encoded);
    is(
        &learned,
        "login.body",
        "email={user}&password={password}",
        true,
    );
    is(&learned, "login.encoding", "form", true);
    assert_eq!(
        told(&learned, "login.headers"),
        r#"{ "content-type" = "text/plain" }"#
    );
    let lines = format!("email={USER}\r\npassword={PASSWORD}\r\n");
    is(
        &of_body("text/plain", &lines),
        "login.body",
        "email={user}\r\npassword={password}\r\n",
        true,
    );
    let part = |name: &str, value: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = [
        part("email", USER),
        part("password", PASSWORD),
        part("remember", "on"),
        part("pin", "4711"),
    ]
    .concat();
    let learned = of_body(
        "multipart/form-data; boundary=X",
        &format!("{parts}--X--\r\n"),
    );
    let body = value(&learned, "login.body").unwrap().0;
    let body = body.as_str().unwrap();
    assert!(
        body.contains("\r\n\r\n{user}\r\n")
            && body.contains("\r\n\r\n{password}\r\n--padel-form-data"),
        "{body}"
    );
    assert!(
        body.contains("\r\n\r\non\r\n") && !body.contains("4711") && !body.contains("--X"),
        "{body}"
    );
    is(&learned, "login.encoding", "verbatim", true);
    let kind = r#"{ "content-type" = "multipart/form-data; boundary=padel-form-data" }"#;
    assert_eq!(told(&learned, "login.headers"), kind);
}

#[test]
fn what_changes_an_account_is_no_sign_in() {
    let body = |fields: Value| fields.to_string();
    for (path, fields) in [
        (
            "/api/account/change-password",
            json!({"email": USER, "oldPassword": PASSWORD, "newPassword": "another 1"}),
        ),
        ("/api/account/register", pair()),
        (
            "/api/password/reset",
            json!({"email": USER, "password": PASSWORD, "code": "1"}),
        ),
        ("/api/forgotten", pair()),
        ("/api/profile", pair()),
        (
            "/api/a",
            json!({"email": USER, "password": PASSWORD, "confirmPassword": PASSWORD}),
        ),
        (
            "/api/b",
            json!({"email": USER, "current": PASSWORD, "newPwd": "another 1"}),
        ),
    ] {
        for second in [5, 12] {
            let change = || {
                let change =
                    shot(second, "POST", path).body("application/json", &body(fields.clone()));
                change.answers(200, &json!({"token": TOKEN}))
            };
            let learned = learn_all(vec![change(), login(), request_bookings()]).unwrap();
            is(&learned, "login.path", "/api/login", true);
            assert!(
                refusal(vec![change()])
                    .contains(&format!("POST {path}, cannot be taught: it changes")),
                "{path}"
            );
        }
    }
}

#[test]
fn a_path_of_single_sign_on_may_hold_profile() {
    for path in ["/idp/profile/SAML2/POST", "/profile/login", "/sso/new"] {
        let signs_in = shot(10, "POST", path)
            .json(&pair())
            .answers(200, &json!({"token": TOKEN}));
        let learned = learn_all(vec![signs_in, request_bookings()]).unwrap();
        is(&learned, "login.path", path, true);
    }
}

#[test]
fn the_first_request_that_brings_the_token_signs_in() {
    let again = shot(15, "POST", "/api/again")
        .json(&pair())
        .answers(200, &json!({"token": TOKEN}));
    let again = again.sends("authorization", &format!("Bearer {TOKEN}"));
    let before = shot(5, "POST", "/api/track")
        .json(&pair())
        .answers(200, &json!({"ok": true}));
    let learned = learn_all(vec![again, before, login(), request_bookings()]).unwrap();
    is(&learned, "login.path", "/api/login", true);
}

#[test]
fn steps_that_hang_together_are_told_with_their_places() {
    let json = |second, path: &str, fields: Value| shot(second, "POST", path).json(&fields);
    let token = json!({"token": TOKEN});
    let first = json(9, "/u/login/identifier", json!({"username": USER}))
        .answers(200, &json!({"flowId": "f-77"}));
    let second = json(
        10,
        "/u/login/password",
        json!({"flowId": "f-77", "password": PASSWORD}),
    )
    .answers(200, &token);
    let told = refusal(vec![first, second, request_bookings()]);
    assert!(
        told.contains("POST /u/login/password,") && told.contains("POST /u/login/identifier,"),
        "{told}"
    );
    let asked = || shot(5, "GET", "/api/nonce").answers(200, &json!({"nonce": "k7-k7"}));
    let answer = json(
        10,
        "/api/login",
        json!({"email": USER, "password": PASSWORD, "nonce": "k7-k7"}),
    );
    let told = refusal(vec![
        asked(),
        answer.answers(200, &token),
        request_bookings(),
    ]);
    assert!(
        told.contains("`nonce` holds what the answer to GET /api/nonce brought"),
        "{told}"
    );
    let half = login().answers(200, &json!({"challenge": "c-1"}));
    let code = json(
        15,
        "/api/verify",
        json!({"challenge": "c-1", "code": "123456"}),
    )
    .answers(200, &token);
    let told = refusal(vec![half, code, request_bookings()]);
    assert!(
        told.contains("a second step only, POST /api/verify"),
        "{told}"
    );
    let basic = basic();
    let call = |second, path| {
        shot(second, "GET", path)
            .sends("authorization", &basic)
            .answers(200, &upcoming())
    };
    let told = refusal(vec![call(10, "/api/me"), call(20, "/api/bookings")]);
    assert!(
        told.contains("GET /api/me,") && told.contains("every request carries the password"),
        "{told}"
    );
}

#[test]
fn a_sign_in_that_no_profile_can_say_is_told_with_its_place() {
    let json = |password: &str| json!({"email": USER, "password": password}).to_string();
    let hash = "5f4dcc3b5aa765d61d8327deb882cf99";
    let twice = "p%25C3%25A4%2520ss%2526w%253Drd%252B%2525%2522%255C";
    let xml = format!(
        "<l><u>{USER}</u><p>{}</p></l>",
        PASSWORD.replace('&', "&amp;")
    );
    let document = format!(
        "mutation {{ login(email: \"{USER}\", password: {}) {{ token }} }}",
        Value::from(PASSWORD)
    );
    for (kind, body, why) in [
        (
            "application/json",
            json(hash),
            "hashed, as it seems, and only the portal's page knows how, in `password`",
        ),
        (
            "application/json",
            json(&STANDARD.encode([7; 256])),
            "hashed or sealed",
        ),
        (
            "application/json",
            json(&format!("{USER}:{PASSWORD}")),
            "joined to other text, in `password`",
        ),
        (
            "application/json",
            json!({"data": json(PASSWORD)}).to_string(),
            "JSON that is itself a text, in `data`",
        ),
        (
            "application/x-www-form-urlencoded",
            format!("email=alex%2540example.org&p={twice}"),
            "encoded twice, in `p`",
        ),
        ("text/xml", xml, "in XML"),
        (
            "application/json",
            json!({"query": document}).to_string(),
            "the text of a GraphQL document, in `query`",
        ),
        (
            "application/graphql",
            document,
            "in a body of an unknown form",
        ),
    ] {
        let told = refusal(vec![login().body(kind, &body), request_bookings()]);
        assert!(
            told.contains("POST /api/login, cannot be taught: its password is")
                && told.contains(why),
            "{told}"
        );
        assert!(!told.contains(USER) && !told.contains(hash), "{told}");
    }
    let mut socket = shot(10, "GET", "/live");
    socket.0["request"]["url"] = format!("wss://{HOST}/live").into();
    socket.0["_webSocketMessages"] = json!([{"type": "send", "data": json(PASSWORD)}]);
    assert!(refusal(vec![socket]).contains("WebSocket /live, cannot be taught"));
    let in_path =
        shot(10, "POST", "/api/login/p%C3%A4%20ss&w=rd+%25%22%5C").body("text/plain", USER);
    assert!(
        refusal(vec![in_path])
            .contains("POST /api/login/…, cannot be taught: its password is in the path")
    );
    let digest = shot(10, "GET", "/api/me").sends(
        "Authorization",
        &format!("Digest username=\"{USER}\", response=\"{hash}\""),
    );
    let told = refusal(vec![digest]);
    assert!(
        told.contains("GET /api/me, cannot be taught: it answers a challenge (digest)"),
        "{told}"
    );
    let mut bare = login();
    bare.0["request"]
        .as_object_mut()
        .unwrap()
        .remove("postData");
    bare.0["request"]["bodySize"] = 60.into();
    assert_eq!(
        learn_all(vec![bare]),
        Err(LearnError::Bodiless("POST /api/login".to_owned()))
    );
}

#[test]
fn graphql_with_variables_is_taught() {
    let query =
        "mutation Login($email: String!, $password: String!) { login(email: $email) { token } }";
    let body = json!({"operationName": "Login", "query": query, "variables": {"email": USER, "password": PASSWORD}});
    let learned = of_body("application/json", &body.to_string());
    let (template, certain) = value(&learned, "login.body").unwrap();
    let expected = body
        .to_string()
        .replace(&Value::from(USER).to_string(), "{user}");
    let expected = expected.replace(&Value::from(PASSWORD).to_string(), "{password}");
    assert_eq!(
        (template.as_str().unwrap(), certain),
        (expected.as_str(), true)
    );
}

#[test]
fn a_capture_whose_sign_in_was_refused_says_so() {
    let back = login()
        .answers(302, &json!({}))
        .push("response", "Location", "/login?error=1")
        .sets("t=abcdefgh12345678");
    for shot in [
        login().answers(401, &json!({})),
        login().answers(200, &json!({"success": false})),
        back,
    ] {
        let learned = learn_all(vec![shot.sets(&format!("Jwt={TOKEN}")), request_bookings()]);
        assert_eq!(learned, Err(LearnError::Refused));
    }
    let mut encoded = login().sets(&format!("Jwt={TOKEN}"));
    let no = STANDARD.encode(r#"{"IsSuccess": false, "Code": 401, "Value": null}"#);
    encoded.0["response"]["content"] =
        json!({"mimeType": "application/json", "text": no, "encoding": "base64"});
    assert_eq!(learn_all(vec![encoded]), Err(LearnError::Refused));
    let factor = login().answers(200, &json!({"requiresTwoFactor": true}));
    assert!(
        refusal(vec![factor])
            .contains("POST /api/login, cannot be taught: the portal asks for a second factor")
    );
}

#[test]
fn a_request_with_the_email_before_the_sign_in_is_a_step() {
    let body = |fields: Value| login().json(&fields);
    let by_number = || body(json!({"memberNumber": "0044123", "password": PASSWORD}));
    let by_password = || body(json!({"password": PASSWORD}));
    let asks = |method: &str| {
        let target = format!("/login/identifier?email={USER}");
        shot(5, method, &target).answers(200, &json!({"known": true}))
    };
    let told = refusal(vec![asks("POST"), by_number(), request_bookings()]);
    assert!(
        told.contains("the e-mail goes with POST /login/identifier"),
        "{told}"
    );
    let told = refusal(vec![asks("GET"), by_password(), request_bookings()]);
    assert!(
        told.contains("the e-mail goes with GET /login/identifier"),
        "{told}"
    );
    let told = refusal(vec![
        shot(5, "POST", "/api/home"),
        by_password(),
        request_bookings(),
    ]);
    assert!(
        told.contains("carries the password and no e-mail"),
        "{told}"
    );
    let learned = learn_all(vec![asks("GET"), by_number(), request_bookings()]).unwrap();
    is(&learned, "login.path", "/api/login", false);
    // What an earlier answer says of the member or of the club is no challenge.
    for answer in [json!({"email": USER}), json!({"site": "q7"})] {
        let known = shot(5, "GET", "/api/me").answers(200, &answer);
        let signs_in = body(json!({"email": USER, "password": PASSWORD, "site": "q7"}));
        let learned = learn_all(vec![known, signs_in, request_bookings()]).unwrap();
        is(&learned, "login.path", "/api/login", true);
    }
}

#[test]
fn a_header_that_comes_again_is_the_password_only_in_basic() {
    let basic = basic();
    let signs_in = shot(10, "GET", "/api/login").sends("authorization", &basic);
    let other = shot(20, "GET", "/api/bookings").sends("authorization", "Basic b3RoZXI6b25l");
    let shots = vec![
        signs_in.answers(200, &json!({})),
        other.answers(200, &upcoming()),
    ];
    is(&learn_all(shots).unwrap(), "login.path", "/api/login", true);
    let own = |shot: Shot| shot.sends("X-Use-Sso", "true");
    let calls = request_bookings_bare();
    let shots = vec![own(login().answers(200, &json!({}))), own(calls)];
    is(&learn_all(shots).unwrap(), "login.path", "/api/login", true);
}

#[test]
fn only_a_request_named_for_sign_in_lacks_its_body() {
    let mut posted = shot(10, "POST", "/api/track");
    posted.0["request"]["bodySize"] = 60.into();
    let shots = vec![
        shot(5, "GET", "/login"),
        posted,
        shot(15, "POST", "/api/login"),
    ];
    assert_eq!(learn_all(shots), Err(LearnError::NoSignIn));
}

#[test]
fn a_password_in_disguise_outside_the_body_is_told() {
    let twice = "p%25C3%25A4%2520ss%2526w%253Drd%252B%2525%2522%255C";
    let target = format!("/api/login?email={USER}&p={twice}");
    let signs_in = shot(10, "POST", &target).answers(200, &json!({"token": TOKEN}));
    let told = refusal(vec![signs_in, request_bookings()]);
    assert!(told.contains("encoded twice, in `p`"), "{told}");
}

#[test]
fn credentials_in_clear_count_before_sealed_ones_where_both_are_known() {
    let pair = pair();
    let sealed = envelope::seal(pair.to_string().as_bytes(), HOST, Sealing::Gcm).unwrap();
    for (body, expected, sealing) in [
        (
            json!({"email": USER, "password": PASSWORD, "data": sealed.as_str()}),
            r#"{"data":"","email":{user},"password":{password}}"#,
            "none",
        ),
        (
            json!({"email": USER, "password": "another one 77", "data": sealed.as_str()}),
            r#"{"email":{user},"password":{password}}"#,
            "aes-256-gcm",
        ),
    ] {
        let learned = of_body("application/json", &body.to_string());
        assert_eq!(value(&learned, "login.body").unwrap().0, expected.into());
        is(&learned, "login.sealing", sealing, true);
    }
}

#[test]
fn a_name_that_may_be_somebodys_is_removed_from_the_body() {
    let body = json!({"email": USER, "password": PASSWORD, "x0044123": "x"});
    let learned = of_body("application/json", &body.to_string());
    let expected = r#"{"email":{user},"password":{password},"removed":""}"#;
    is(&learned, "login.body", expected, false);
    let learned = of_body(
        "",
        "email=alex%40example.org&password=p%C3%A4+ss%26w%3Drd%2B%25%22%5C&x0044123=x",
    );
    assert!(
        told(&learned, "login.body").contains("&removed="),
        "{learned:#?}"
    );
}

#[test]
fn credentials_in_headers_are_certain_where_both_are_known() {
    let by_header = |name: &str, value: &str| {
        let signs_in = shot(10, "POST", "/api/login").sends(name, value);
        let signs_in = signs_in.answers(200, &json!({"token": TOKEN}));
        learn_all(vec![signs_in, request_bookings()]).unwrap()
    };
    for (pair, certain) in [
        (format!("{USER}:{PASSWORD}"), true),
        (format!("{USER}:another one 77"), false),
        (format!("0044123:{PASSWORD}"), false),
    ] {
        let learned = by_header("Authorization", &format!("Basic {}", STANDARD.encode(pair)));
        let expected = r#"{ "authorization" = "Basic {basic}" }"#;
        assert_eq!(told(&learned, "login.headers"), expected);
        assert_eq!(value(&learned, "login.headers").unwrap().1, certain);
        assert_eq!(
            finding(&learned, "login.sealing").how,
            "nothing in the body is sealed"
        );
    }
    let signs_in = shot(10, "POST", "/api/login")
        .sends("X-User", USER)
        .sends("Authorization", PASSWORD)
        .answers(200, &json!({"token": TOKEN}));
    let learned = learn_all(vec![signs_in, request_bookings()]).unwrap();
    let expected = r#"{ "authorization" = "{password}", "x-user" = "{user}" }"#;
    assert_eq!(told(&learned, "login.headers"), expected);
    // A page has no body.
    let mut page = login();
    page.0["request"]["method"] = "GET".into();
    assert_eq!(learn_all(vec![page]), Err(LearnError::NoSignIn));
}
