//! What is written of a capture, and what is not.

use serde_json::{Value, json};

use super::*;

#[test]
fn one_time_values_are_emptied_and_reported() {
    let body = json!({
        "email": USER, "password": PASSWORD, "__RequestVerificationToken": "CfDJ8Nq1", "captcha": "x".repeat(44),
        "nonce": "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "at": 1_763_884_800_000_i64, "grant_type": "local", "version": 2,
    });
    let learned = of_body("application/json", &body.to_string());
    let (template, certain) = value(&learned, "login.body").unwrap();
    let template = template
        .as_str()
        .unwrap()
        .replace("{user}", "1")
        .replace("{password}", "2");
    let expected = json!({
        "email": 1, "password": 2, "__RequestVerificationToken": "", "captcha": "", "nonce": "", "at": 0,
        "grant_type": "local", "version": 2,
    });
    assert_eq!(
        (serde_json::from_str::<Value>(&template).unwrap(), certain),
        (expected, false)
    );
    let finding = finding(&learned, "login.body");
    assert!(
        finding.how.contains("made for one time") && finding.how.contains("captcha"),
        "{finding:?}"
    );
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
    assert_eq!(
        (told(&learned, "login.headers"), certain),
        (r#"{ "x-requested-with" = "XMLHttpRequest" }"#, false)
    );
}

#[test]
fn secrets_in_a_request_are_left_out() {
    let target = format!(
        "/api/bookings?access_token={TOKEN}&email=alex%40example.org&memberName=Alex%20Smith&page=1&start=1795424430"
    );
    let learned = learn_all(vec![login(), list(20, &target, &upcoming())]).unwrap();
    is(
        &learned,
        "bookings.upcoming",
        "/api/bookings?access_token=&email=&memberName=&page=1&start=1795424430",
        false,
    );
    let learned = learn_all(vec![
        login(),
        list(20, "/api/members/alex@example.org/bookings", &upcoming()),
    ])
    .unwrap();
    assert_eq!(value(&learned, "bookings.upcoming"), None);
}

#[test]
fn nothing_secret_is_told() {
    let secret = "s3cr3t-0123456789abcdef";
    let body =
        json!({"email": USER, "password": PASSWORD, secret: secret, "displayName": "Alex Smith"})
            .to_string();
    let answer = json!({"users": {USER: {"token": TOKEN}}});
    let mut item = upcoming();
    item[0]["alex@example.org"] = "Court of Alex".into();
    let shots = vec![
        shot(
            10,
            "POST",
            &format!("/api/login?s={secret}&u=alex%40example.org"),
        )
        .body("application/json", &body)
        .answers(200, &answer)
        .sends("X-Note", USER)
        .sends("Cookie", &format!("a={secret}")),
        list(20, "/api/bookings", &json!({USER: item})),
    ];
    let learned = learn_all(shots).unwrap();
    let told = format!("{learned:?}").to_lowercase();
    for part in [
        "alex",
        "p\u{e4} ss",
        TOKEN,
        secret,
        "smith",
        "court 1",
        "2026-11-24",
    ] {
        assert!(!told.contains(&part.to_lowercase()), "{part}: {learned:#?}");
    }
    // A user and a password that are plain words.
    let words = Credentials::typed("alexander".into(), "swordfish".into());
    let body = json!({"user": "alexander", "password": "swordfish", "both": "alexander:swordfish"})
        .to_string();
    let shots = [
        shot(10, "POST", "/api/login?p=swordfish")
            .body("application/json", &body)
            .sends("X-Login", "alexander"),
        shot(20, "GET", "/api/members/alexander/bookings?of=alexander").answers(200, &upcoming()),
    ];
    let learned = read(har(shots), &words).unwrap();
    assert!(
        !format!("{learned:?}").contains("alexander")
            && !format!("{learned:?}").contains("swordfish"),
        "{learned:#?}"
    );
    let error = read(
        har([login()]),
        &Credentials::typed("x@y.z".into(), "no".into()),
    );
    assert!(!format!("{error:?}").contains("alex"), "{error:?}");
}

/// Personal data as public captures hold it: names and values, none of which may be told.
const PERSONAL: [(&str, &str); 30] = [
    ("pin", "4711"),
    ("dateOfBirth", "1980-02-03"),
    ("cardNumber", "4839201"),
    ("memberNo", "4839202"),
    ("postCode", "LS1 4AP"),
    ("mobile", "07700900123"),
    ("securityAnswer", "Rexona"),
    ("nickname", "Lexi"),
    ("source", "Lexi"),
    ("client_id", "lexis-phone"),
    ("clientId", "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"),
    ("type", "48392"),
    ("scope", "rovers"),
    ("locale", "Rovers"),
    ("version", "19800203"),
    ("page", "48392"),
    ("siteId", "Rovers"),
    ("returnUrl", "/members/4839201"),
    ("gender", "female"),
    ("title", "Ms"),
    ("height", "181.5"),
    ("ip", "81.2.69.142"),
    ("latitude", "53.8008"),
    ("ref", "Rexona"),
    ("q", "Rexona"),
    ("fingerprint", "a8f5f167f44f4964e6c998dee827110c"),
    ("deviceName", "iPhone of Lexi"),
    ("anything", "Rexona"),
    ("Lexi", "Lexi"),
    ("4839201", "4839201"),
];

#[track_caller]
fn shows_nothing_personal(learned: &Learned) {
    let told = format!("{learned:?}");
    for (_, value) in PERSONAL {
        assert!(!told.contains(value), "{value}: {learned:#?}");
    }
}

#[test]
fn nothing_personal_is_kept_of_a_sign_in() {
    let fields = || {
        [("email", USER), ("password", PASSWORD)]
            .into_iter()
            .chain(PERSONAL)
    };
    let json: serde_json::Map<String, Value> = fields()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let nested = json!({"a": json, "b": {"4839201": {"Lexi": [4711, "Rexona", true]}}}).to_string();
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields())
        .finish();
    let part = |(name, value): (&str, &str)| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = fields().map(part).collect::<String>() + "--X--\r\n";
    for (kind, body) in [
        ("application/json", nested.as_str()),
        ("application/x-www-form-urlencoded", &form),
        ("multipart/form-data; boundary=X", &parts),
    ] {
        let learned = of_body(kind, body);
        shows_nothing_personal(&learned);
        let (template, certain) = value(&learned, "login.body").unwrap();
        let template = template.as_str().unwrap();
        assert!(
            template.contains("{user}") && template.contains("{password}") && !certain,
            "{template}"
        );
        let how = &finding(&learned, "login.body").how;
        assert!(
            how.contains("fill them in by hand") && how.contains("securityAnswer"),
            "{how}"
        );
        assert!(how.contains("one whose name may be yours"), "{how}");
    }
}

#[test]
fn nothing_personal_is_kept_of_headers_queries_and_paths() {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(PERSONAL)
        .finish();
    let dressed = |mut shot: Shot| {
        let url = format!("{}?{query}", shot.0["request"]["url"].as_str().unwrap());
        shot.0["request"]["url"] = url.into();
        let headers = PERSONAL.into_iter().chain([("User-Agent", "Lexi's")]);
        headers.fold(shot, |shot, (name, value)| {
            shot.sends(&format!("X-{name}"), value).sends(name, value)
        })
    };
    let mut bookings = upcoming();
    bookings[0]["Lexi"] = "Lexi".into();
    let shots = vec![
        dressed(login()),
        dressed(list(20, "/api/bookings", &bookings)),
    ];
    let learned = learn_all(shots).unwrap();
    shows_nothing_personal(&learned);
    assert!(
        told(&learned, "login.path").starts_with("\"/api/login?pin="),
        "{learned:#?}"
    );
    for segment in [
        "members/4839201",
        "users/Lexi",
        "alex%40example.org",
        "4839201",
        "members/7",
    ] {
        let mut shots = vec![
            login(),
            list(20, &format!("/api/{segment}/bookings"), &bookings),
        ];
        shots[0].0["request"]["url"] = format!("https://{HOST}/api/{segment}/login").into();
        let learned = learn_all(shots).unwrap();
        shows_nothing_personal(&learned);
        for name in ["login.path", "bookings.upcoming"] {
            let finding = finding(&learned, name);
            assert!(
                finding.value.is_empty() && finding.how.contains('…'),
                "{finding:?}"
            );
        }
    }
    let sealed = json!({"data": pair().to_string()}).to_string();
    let mut shot = login().body("application/json", &sealed);
    shot.0["request"]["url"] = format!("https://{HOST}/api/members/4839201/login").into();
    let error = learn_all(vec![shot]).unwrap_err().to_string();
    assert!(
        error.contains("/api/members/…") && !error.contains("4839201"),
        "{error}"
    );
}

#[test]
fn nothing_personal_is_kept_of_names_in_answers() {
    let keyed = json!({"members": {"4839201": {"Lexi": upcoming()}}, "name": "Lexi"});
    let learned = learn_all(vec![login(), list(20, "/api/bookings", &keyed)]).unwrap();
    shows_nothing_personal(&learned);
    assert_eq!(value(&learned, "bookings.items"), None);
    let mut odd = upcoming();
    for item in odd.as_array_mut().unwrap() {
        let start = item.as_object_mut().unwrap().remove("startTime").unwrap();
        item["4839201"] = json!({"startTime": start});
    }
    let learned = learn_all(vec![login(), list(20, "/api/bookings", &odd)]).unwrap();
    shows_nothing_personal(&learned);
    assert_eq!(value(&learned, "bookings.start"), None);
    let tokens = login().answers(200, &json!({"tokens": {"4839201": TOKEN}}));
    let learned = learn_all(vec![tokens, request_bookings()]).unwrap();
    shows_nothing_personal(&learned);
    let cookie = login()
        .answers(200, &json!({}))
        .sets(&format!("session_4839201={TOKEN}"));
    let call =
        shot(20, "GET", "/api/bookings").sends("Cookie", &format!("session_4839201={TOKEN}"));
    shows_nothing_personal(&learn_all(vec![cookie, call.answers(200, &upcoming())]).unwrap());
}

#[test]
fn every_kept_value_is_told_as_one_to_look_at() {
    let body = json!({"email": USER, "password": PASSWORD, "grant_type": "password", "rememberMe": true, "site": "UB"});
    let sites = shot(1, "GET", "/api/configuration/sites")
        .answers(200, &json!([{"id": "UB", "name": "Uxbridge"}]));
    let sign_in = login()
        .json(&body)
        .sends("X-Requested-With", "XMLHttpRequest");
    let learned = learn_all(vec![
        sites,
        sign_in,
        list(20, "/api/bookings?page=1", &upcoming()),
    ])
    .unwrap();
    let kept: Vec<(&str, &str)> = learned
        .findings
        .iter()
        .filter(|finding| finding.kept)
        .map(|finding| (finding.name.as_str(), finding.value.as_str()))
        .collect();
    let expected = [
        ("login.body: grant_type", "\"password\""),
        ("login.body: rememberMe", "\"true\""),
        ("login.body: site", "\"UB\""),
        ("login.headers: x-requested-with", "\"XMLHttpRequest\""),
        ("bookings.upcoming: page", "\"1\""),
        ("bookings.history: page", "\"1\""),
    ];
    assert_eq!(kept, expected);
}

#[test]
fn the_local_part_of_an_email_is_secret_unless_it_is_a_word() {
    let secrets = |user: &str| known_secrets(&Credentials::typed(user.into(), PASSWORD.into()));
    assert!(secrets("Rowena@example.org").match_piece("rowena"));
    assert!(secrets("Rowena@example.org").match_piece("rowena@example.org"));
    assert!(secrets("Rowena@example.org").match_piece(PASSWORD));
    for (user, local) in [("info@example.org", "info"), ("al@example.org", "al")] {
        assert!(!secrets(user).match_piece(local), "{user}");
    }
}
