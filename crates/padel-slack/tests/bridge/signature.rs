//! Slack's signature: the vectors of its own documentation, and everything that is none.

use http::{HeaderMap, HeaderName, HeaderValue};
use padel_slack::signature::{BlankSecret, Rejection, SigningSecrets};
use proptest::prelude::*;

use crate::samples::{SECRET, sign};

const TIME: u64 = 1_531_420_618;
/// Of Slack's documentation.
const OFFICIAL: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
    &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
    &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
    %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
    &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const OFFICIAL_SIGNATURE: &str =
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn secrets() -> SigningSecrets {
    SigningSecrets::new([SECRET.to_owned()]).unwrap()
}

fn headers(timestamp: &str, signature: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        "x-slack-request-timestamp",
        HeaderValue::from_str(timestamp).unwrap(),
    );
    headers.insert(
        "x-slack-signature",
        HeaderValue::from_bytes(signature).unwrap(),
    );
    headers
}

fn official(timestamp: &str, signature: &str) -> Result<(), Rejection> {
    let headers = headers(timestamp, signature.as_bytes());
    secrets().verify(&headers, OFFICIAL.as_bytes(), TIME)
}

#[test]
fn case_01_five_minutes_both_ways_and_no_second_more() {
    let headers = headers("1531420618", OFFICIAL_SIGNATURE.as_bytes());
    let at = |now| secrets().verify(&headers, OFFICIAL.as_bytes(), now);
    for now in [TIME - 300, TIME, TIME + 300] {
        assert_eq!(at(now), Ok(()), "{now}");
    }
    for now in [0, TIME - 301, TIME + 301, u64::MAX] {
        assert_eq!(at(now), Err(Rejection::Time), "{now}");
    }
}

#[test]
fn every_vector_of_the_documentation_is_accepted() {
    let vectors: [(&[u8], &str); 4] = [
        (
            b"",
            "55f41ec73231010289b54e669149ea021fccab11b5524355523533ce930cb739",
        ),
        (
            br#"{"token":"t","challenge":"3eZbrw1a","type":"url_verification"}"#,
            "d639b5fe7660e2d6ac6f58bd9a8624e13d1cacb0c7537150458b825527882cd1",
        ),
        (
            r#"{"type":"event_callback","event":{"text":"Plätze frei? 🎾"}}"#.as_bytes(),
            "0de03ac4a87e1170a9a608ac9d85f8be128b64e61422a0c47dd49e63d55e37e2",
        ),
        (
            b"{\"a\":\"\xff\xfe\"}",
            "191d7059df34a056b29d4ecc604a04664f7e20f6ae03549cb1d221070f891a68",
        ),
    ];
    for (body, digits) in vectors {
        let headers = headers("1531420618", format!("v0={digits}").as_bytes());
        assert_eq!(secrets().verify(&headers, body, TIME), Ok(()), "{digits}");
    }
}

#[test]
fn case_03_header_names_in_any_case() {
    for (time, signature) in [
        ("X-Slack-Request-Timestamp", "X-Slack-Signature"),
        ("X-SLACK-REQUEST-TIMESTAMP", "x-slack-signature"),
    ] {
        let mut headers = HeaderMap::new();
        for (name, value) in [(time, "1531420618"), (signature, OFFICIAL_SIGNATURE)] {
            headers.insert(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_static(value),
            );
        }
        let verified = secrets().verify(&headers, OFFICIAL.as_bytes(), TIME);
        assert_eq!(verified, Ok(()));
    }
}

#[test]
fn case_04_a_missing_or_doubled_header_is_refused() {
    for name in ["x-slack-signature", "x-slack-request-timestamp"] {
        let whole = headers("1531420618", OFFICIAL_SIGNATURE.as_bytes());
        let mut lacking = whole.clone();
        lacking.remove(name);
        let mut doubled = whole.clone();
        doubled.append(name, whole[name].clone());
        for headers in [lacking, doubled, HeaderMap::new()] {
            let verified = secrets().verify(&headers, OFFICIAL.as_bytes(), TIME);
            assert_eq!(verified, Err(Rejection::Headers), "{headers:?}");
        }
    }
}

#[test]
fn case_05_odd_times_and_signatures_are_refused() {
    for timestamp in [
        "abc",
        "123.0",
        "-1",
        "+1",
        "+1531420618",
        "",
        " 1531420618",
        "1531420618 ",
        "1531420618,1531420618",
        "153142061800000000000000000000",
        "0x5b477d0a",
    ] {
        assert!(
            official(timestamp, OFFICIAL_SIGNATURE).is_err(),
            "{timestamp:?}"
        );
    }
    let digits = OFFICIAL_SIGNATURE.trim_start_matches("v0=");
    for signature in [
        String::new(),
        digits.to_owned(),
        format!("v1={digits}"),
        format!("V0={digits}"),
        format!("v0=={digits}"),
        format!("v0={}", digits.to_uppercase()),
        format!("v0={}", &digits[1..]),
        format!("v0={digits}0"),
        format!("v0={digits},v0={digits}"),
        format!("v0={}", "0".repeat(64)),
        format!("v0={}", "a".repeat(1 << 20)),
        format!("v0=ä{}", &digits[2..]),
    ] {
        let headers = headers("1531420618", signature.as_bytes());
        let verified = secrets().verify(&headers, OFFICIAL.as_bytes(), TIME);
        assert!(verified.is_err(), "{signature:.80}");
    }
}

#[test]
fn case_06_the_version_is_never_the_senders_choice() {
    let signature = sign(SECRET, "v1", "1531420618", OFFICIAL.as_bytes());
    assert_eq!(official("1531420618", &signature), Err(Rejection::Headers));
    let renamed = signature.replace("v1=", "v0=");
    assert_eq!(official("1531420618", &renamed), Err(Rejection::Signature));
}

#[test]
fn case_07_a_time_ahead_is_refused() {
    let ahead = (TIME + 301).to_string();
    let signature = sign(SECRET, "v0", &ahead, OFFICIAL.as_bytes());
    assert_eq!(official(&ahead, &signature), Err(Rejection::Time));
}

#[test]
fn case_08_a_body_that_was_written_again_is_refused() {
    let sent = br#"{"type":"event_callback", "event":{}}"#;
    let headers = headers(
        "1531420618",
        sign(SECRET, "v0", "1531420618", sent).as_bytes(),
    );
    let again = br#"{"event":{},"type":"event_callback"}"#;
    assert_eq!(secrets().verify(&headers, sent, TIME), Ok(()));
    let verified = secrets().verify(&headers, again, TIME);
    assert_eq!(verified, Err(Rejection::Signature));
}

#[test]
fn case_11_a_blank_secret_is_refused() {
    for secrets in [vec![], vec![""], vec![" \t"], vec![SECRET, ""]] {
        let made = SigningSecrets::new(secrets.iter().map(ToString::to_string));
        assert_eq!(made.map(drop), Err(BlankSecret), "{secrets:?}");
    }
}

#[test]
fn case_34_secrets_and_signatures_are_in_no_debug_text() {
    let shown = format!("{:?}{:?}", secrets(), Rejection::Signature);
    assert!(
        !shown.contains(SECRET) && !shown.contains("a2114d57"),
        "{shown}"
    );
}

#[test]
fn case_37_old_and_new_secret_count_while_one_replaces_the_other() {
    let both = ["old-secret", "new-secret"];
    let secrets = SigningSecrets::new(both.map(str::to_owned)).unwrap();
    let verified = |secret| {
        let signature = sign(secret, "v0", "1531420618", b"{}");
        secrets.verify(&headers("1531420618", signature.as_bytes()), b"{}", TIME)
    };
    assert_eq!(both.map(verified), [Ok(()), Ok(())]);
    assert_eq!(verified("older-secret"), Err(Rejection::Signature));
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_and_any_change_of_it_is_not(
        secret in "[!-~]{1,80}", body in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(), change in 1..=255_u8,
    ) {
        let secrets = SigningSecrets::new([secret.clone()]).unwrap();
        let signature = sign(&secret, "v0", "1531420618", &body);
        let headers = headers("1531420618", signature.as_bytes());
        prop_assert_eq!(secrets.verify(&headers, &body, TIME), Ok(()));
        let mut other = body.clone();
        other.push(change);
        prop_assert!(secrets.verify(&headers, &other, TIME).is_err());
        if !body.is_empty() {
            let mut other = body.clone();
            other[at.index(body.len())] ^= change;
            prop_assert!(secrets.verify(&headers, &other, TIME).is_err());
        }
    }
}
