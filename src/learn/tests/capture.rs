//! Captures of every make, and what is none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::gladstone::verdict::says_no;

#[test]
fn other_hosts_do_not_count() {
    let mut stranger = login();
    stranger.0["request"]["url"] = "https://collect.example/api/other".into();
    is(
        &learn_all(vec![stranger, login()]).unwrap(),
        "login.path",
        "/api/login",
        true,
    );
    let elsewhere = |hosts: &[&str]| {
        let shots = hosts.iter().map(|host| {
            let mut shot = login();
            shot.0["request"]["url"] = format!("https://{host}/api/login").into();
            shot
        });
        read(har(shots), &credentials()).unwrap_err().to_string()
    };
    assert_eq!(
        elsewhere(&["b.example"]),
        format!("a capture of b.example, not of {HOST}")
    );
    let many = elsewhere(&["d.example", "c.example", "b.example", "a.example"]);
    assert_eq!(
        many,
        format!("a capture of a.example, b.example, c.example, …, not of {HOST}")
    );
    assert_eq!(
        read(b"{}".to_vec(), &credentials()),
        Err(LearnError::NotHar)
    );
    assert_eq!(
        Capture::new(har([login()])).unwrap().hosts().unwrap(),
        [HOST]
    );
}

#[test]
fn a_sign_in_at_another_host_is_told_in_one_step_or_two() {
    let away = |body: &Value| {
        let mut shot = login().json(body);
        shot.0["request"]["url"] = "https://identity.example/login".into();
        shot
    };
    for body in [pair(), json!({"state": "x1", "password": PASSWORD})] {
        let learned = learn_all(vec![away(&body), request_bookings()]);
        assert_eq!(
            learned,
            Err(LearnError::Elsewhere("identity.example".to_owned()))
        );
    }
}

#[test]
fn odd_captures_are_read_as_far_as_they_go() {
    let mut encoded = request_bookings();
    encoded.0["response"]["content"] = json!({"mimeType": "application/json", "encoding": "base64", "text": STANDARD.encode(upcoming().to_string())});
    let mut truncated = list(30, "/api/bookings/history", &past());
    let text = past().to_string();
    truncated.0["response"]["content"]["text"] = text[..text.len() - 9].into();
    let mut absent = list(40, "/api/bookings/history", &past());
    absent.0["response"]["content"] = json!({"size": 400});
    let broken = [
        json!(null),
        json!({"request": 4}),
        json!({"request": {"url": "data:x"}}),
        json!([]),
    ];
    let mut shots: Vec<Shot> = broken.into_iter().map(Shot).collect();
    shots.extend([truncated, absent, login(), encoded]);
    let learned = learn_all(shots).unwrap();
    is(&learned, "bookings.upcoming", "/api/bookings", true);
    let mut text = vec![0xef, 0xbb, 0xbf];
    text.extend(har([login()]));
    assert!(read(text, &credentials()).is_ok());
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
            prop::collection::vec((keys, inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
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
        match learn_all(shots) {
            Ok(learned) => prop_assert!(is_valid_profile(&learned.table)),
            Err(error) => {
                let refused = says_no(body.to_string().as_bytes());
                prop_assert!(error == LearnError::Refused && refused, "{error:?}");
            }
        }
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

#[test]
fn captures_in_other_forms_are_read_or_named() {
    let text = har([login(), request_bookings()]);
    let json: Value = serde_json::from_slice(&text).unwrap();
    let mut objects = json.clone();
    objects["log"]["version"] = "1.1".into();
    for entry in objects["log"]["entries"].as_array_mut().unwrap() {
        for side in ["request", "response"] {
            let headers = entry[side]["headers"].as_array().unwrap().iter();
            let headers: serde_json::Map<String, Value> = headers
                .map(|it| (it["name"].as_str().unwrap().to_owned(), it["value"].clone()))
                .collect();
            entry[side]["headers"] = headers.into();
        }
    }
    let mut encoded = json.clone();
    let body = STANDARD.encode(
        json["log"]["entries"][0]["request"]["postData"]["text"]
            .as_str()
            .unwrap(),
    );
    encoded["log"]["entries"][0]["request"]["postData"] =
        json!({"text": body, "encoding": "Base64"});
    encoded["log"]["entries"][1]["response"]["content"] = json!({"mimeType": "text/html", "encoding": "BASE64", "text": STANDARD.encode(format!("\u{feff})]}}',\n{}", upcoming()))});
    for json in [objects, encoded] {
        let learned = read(json.to_string().into_bytes(), &credentials()).unwrap();
        is(&learned, "login.path", "/api/login", true);
        is(&learned, "bookings.upcoming", "/api/bookings", true);
    }
    let surrogate = String::from_utf8(text.clone())
        .unwrap()
        .replace("Court 1", "Court \\ud83c");
    assert!(read(surrogate.into_bytes(), &credentials()).is_ok());
    let latin: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'C' { 0xe9 } else { *byte })
        .collect();
    assert!(!matches!(
        read(latin, &credentials()),
        Err(LearnError::NotHar)
    ));
    for (bytes, error) in [
        (text[..text.len() - 40].to_vec(), LearnError::CutOff),
        (
            b"\x1f\x8b\x08".to_vec(),
            LearnError::Packed("is packed with gzip"),
        ),
        (b"PK\x03\x04".to_vec(), LearnError::Packed("is a zip")),
        (
            b"\xff\xfe{\0".to_vec(),
            LearnError::Packed("is UTF-16 text"),
        ),
        (b"[]".to_vec(), LearnError::NotHar),
        (b"{\"log\":{\"entries\":{}}}".to_vec(), LearnError::NotHar),
    ] {
        assert_eq!(read(bytes, &credentials()), Err(error));
    }
}

#[test]
fn a_file_is_a_capture_only_where_its_entries_are_read_to_the_end() {
    assert!(Capture::may_begin(b"\xef\xbb\xbf \n{\"log\"") && !Capture::may_begin(b"PK\x03\x04"));
    for (text, expected) in [
        (r#"{"log": {"#, LearnError::NotHar),
        (r#"{"log": {"entries": [{}]}} x"#, LearnError::NotHar),
        (r#"{"log": {"entries": [{}"#, LearnError::CutOff),
    ] {
        assert_eq!(read(text.into(), &credentials()), Err(expected), "{text}");
    }
}

#[test]
fn json_is_read_whatever_the_answer_is_called() {
    let mut signs_in = login();
    signs_in.0["response"]["content"]["mimeType"] = "application/javascript".into();
    let learned = learn_all(vec![signs_in, request_bookings()]).unwrap();
    is(&learned, "token.pointer", "/token", true);
}

#[test]
fn a_name_of_a_form_is_removed_where_it_stands() {
    let plain = format!("x0044123=x\r\nemail={USER}\r\npassword={PASSWORD}\r\n");
    let learned = of_body("text/plain", &plain);
    let expected = "removed=\r\nemail={user}\r\npassword={password}\r\n";
    is(&learned, "login.body", expected, false);
    let form = "=x&email=alex%40example.org&password=p%C3%A4+ss%26w%3Drd%2B%25%22%5C";
    let learned = of_body("application/x-www-form-urlencoded", form);
    is(
        &learned,
        "login.body",
        "=&email={user}&password={password}",
        false,
    );
}
