//! Deliveries that are questions, and the people who ask them.

use padel_slack::{
    envelope::{Envelope, EventCallback},
    filter::{Filter, Unwanted},
    question::{Access, Question},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{APP, CHANNEL, GUEST, OWNER, TS, delivery, filter, write_as_programs};

fn callback(delivery: &Value) -> EventCallback {
    match Envelope::parse(delivery.to_string().as_bytes()) {
        Envelope::EventCallback(callback) => *callback,
        other => panic!("{other:?}"),
    }
}

fn select(fields: Value) -> Result<Question, Unwanted> {
    filter().select(&callback(&delivery(fields)))
}

fn key(fields: Value) -> String {
    select(fields).unwrap().key
}

#[test]
fn a_typed_message_of_a_listed_channel_is_a_question() {
    let question = select(json!({})).unwrap();
    assert_eq!(
        question.key,
        "m#A01APP#5a6b7c8d-0000-4000-8000-0123456789ab"
    );
    assert_eq!(question.text, "is a court free tonight?");
    assert_eq!(
        (question.thread.ts.as_str(), question.ts.as_str()),
        (TS, TS)
    );
    let reply = select(json!({"thread_ts": "1531420600.000001"})).unwrap();
    assert_eq!(reply.thread.ts, "1531420600.000001");
}

#[test]
fn case_13_many_event_ids_of_one_message_have_one_key() {
    let mut other = delivery(json!({}));
    other["event_id"] = json!("Ev99");
    let other = filter().select(&callback(&other)).unwrap();
    assert_eq!(other.key, key(json!({})));
}

#[test]
fn case_14_one_client_message_with_two_times_has_one_key() {
    assert_eq!(key(json!({"ts": "1531420639.000200"})), key(json!({})));
}

#[test]
fn case_15_messages_without_a_client_id_are_told_apart_by_time() {
    let file = |ts| json!({"subtype": "file_share", "client_msg_id": null, "ts": ts});
    let (one, two) = (key(file("1.000001")), key(file("1.000002")));
    assert_eq!(one, format!("t#{APP}#{CHANNEL}#1.000001"));
    assert_ne!(one, two);
}

#[test]
fn an_odd_client_id_is_not_taken_for_a_key() {
    for id in [
        json!(""),
        json!("a b"),
        json!(5),
        json!("x".repeat(65)),
        json!("a#b"),
    ] {
        assert!(key(json!({"client_msg_id": id})).starts_with("t#"), "{id}");
    }
}

#[test]
fn case_16_of_a_mention_and_its_message_one_is_a_question() {
    let everywhere = Filter {
        mentions: true,
        ..filter()
    };
    for (filter, channel, wanted) in [
        (filter(), CHANNEL, ["message"].as_slice()),
        (everywhere.clone(), CHANNEL, &["message"]),
        (everywhere, "C02OTHER", &["app_mention"]),
        (filter(), "C02OTHER", &[]),
    ] {
        let mut chosen = ["message", "app_mention"].to_vec();
        chosen.retain(|kind| {
            let event = delivery(json!({"type": kind, "channel": channel}));
            filter.select(&callback(&event)).is_ok()
        });
        assert_eq!(chosen, wanted, "{channel}");
    }
}

#[test]
fn case_17_what_people_write_is_forwarded_with_or_without_files() {
    for subtype in ["file_share", "thread_broadcast", "me_message"] {
        let fields = json!({"subtype": subtype, "files": [{"id": "F1"}], "root": {"text": "old"}});
        let question = select(fields).unwrap();
        assert_eq!(question.text, "is a court free tonight?");
        assert_eq!(question.files, 1);
        for text in [json!(null), json!(""), json!(" \u{200b}\n")] {
            let blank = select(json!({"subtype": subtype, "text": text}));
            assert_eq!(blank, Err(Unwanted::Blank), "{subtype} {text}");
        }
    }
}

#[test]
fn emoji_alone_are_no_question() {
    for text in [":+1:", ":tennis: :tada:!", "🎾"] {
        assert_eq!(
            select(json!({ "text": text })),
            Err(Unwanted::Wordless),
            "{text}"
        );
    }
    assert!(select(json!({"text": "tonight :tennis:"})).is_ok());
}

#[test]
fn a_mention_of_the_bot_is_told_from_one_of_a_person() {
    let text = "<@U00BOT>, is <@U02GUEST> free?";
    assert_eq!(
        select(json!({ "text": text })).unwrap().text,
        "@you, is @U02GUEST free?"
    );
    let mut of_a_person = delivery(json!({ "text": text }));
    of_a_person["authorizations"][0]["is_bot"] = json!(false);
    let question = filter().select(&callback(&of_a_person)).unwrap();
    assert_eq!(question.text, "@U00BOT, is @U02GUEST free?");
}

#[test]
fn case_18_an_edit_or_unfurled_link_is_no_question() {
    let edit = json!({
        "subtype": "message_changed", "hidden": true, "text": null, "user": null,
        "message": {"type": "message", "user": GUEST, "text": "again?", "ts": TS},
    });
    assert!(select(edit).is_err());
    let edit = json!({"subtype": "message_changed", "hidden": true});
    assert_eq!(select(edit), Err(Unwanted::Subtype));
}

#[test]
fn case_19_what_programs_write_is_no_question() {
    for fields in write_as_programs() {
        let filter = Filter {
            ignored: ["U09AGENT".to_owned()].into(),
            ..filter()
        };
        let selected = filter.select(&callback(&delivery(fields.clone())));
        assert_eq!(selected, Err(Unwanted::Author), "{fields}");
    }
}

#[test]
fn case_20_a_reply_that_an_app_signed_is_no_question() {
    let text = "Court 1 is free.\nSent using <@U0A2KQ798JX|Claude>";
    assert_eq!(select(json!({"text": text})), Err(Unwanted::AppFooter));
}

#[test]
fn case_21_unknown_kinds_are_no_questions() {
    assert_eq!(
        select(json!({"type": "reaction_added"})),
        Err(Unwanted::EventType)
    );
    assert_eq!(select(json!({"type": null})), Err(Unwanted::EventType));
    for subtype in ["channel_join", "huddle_thread", "new_in_2027", ""] {
        let selected = select(json!({"subtype": subtype}));
        assert_eq!(selected, Err(Unwanted::Subtype), "{subtype}");
    }
    assert_eq!(select(json!({"subtype": 5})), Err(Unwanted::Subtype));
    assert!(select(json!({"a_new_field": {"a": [1]}})).is_ok());
}

#[test]
fn case_32_any_body_is_read_without_an_error() {
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "null",
        "5",
        "[]",
        "\"x\"",
        "{",
        "\u{feff}{}",
        &deep,
        "{\"type\":5}",
        "{\"type\":\"x\"}",
    ] {
        assert_eq!(
            Envelope::parse(body.as_bytes()),
            Envelope::Unknown,
            "{body:.20}"
        );
    }
    assert_eq!(Envelope::parse(b"{\"a\":\"\xff\xfe\"}"), Envelope::Unknown);
    for event in [json!(null), json!("text"), json!([]), json!(5)] {
        let mut delivery = delivery(json!({}));
        delivery["event"] = event;
        assert_eq!(
            filter().select(&callback(&delivery)),
            Err(Unwanted::EventType)
        );
    }
    for fields in [
        json!({"text": 5}),
        json!({"channel": 5}),
        json!({"ts": 5}),
        json!({"user": []}),
    ] {
        assert!(select(fields.clone()).is_err(), "{fields}");
    }
}

#[test]
fn case_33_other_apps_teams_and_companies_are_dropped() {
    let ours = Filter {
        app: Some(APP.to_owned()),
        team: Some("T01".to_owned()),
        ..filter()
    };
    assert!(ours.select(&callback(&delivery(json!({})))).is_ok());
    for (field, value, reason) in [
        ("api_app_id", json!("A02"), Unwanted::App),
        ("api_app_id", json!(null), Unwanted::App),
        ("team_id", json!("T02"), Unwanted::Team),
        ("is_ext_shared_channel", json!(true), Unwanted::External),
    ] {
        let mut delivery = delivery(json!({}));
        delivery[field] = value;
        assert_eq!(ours.select(&callback(&delivery)), Err(reason), "{field}");
    }
}

#[test]
fn case_35_a_form_of_a_slash_command_is_known_as_one() {
    let form = b"token=x&command=%2Fpadel&text=free%3F";
    assert_eq!(Envelope::parse(form), Envelope::Form);
    assert_eq!(Envelope::parse(b"payload=%7B%7D"), Envelope::Form);
    assert_eq!(Envelope::parse(b"no form"), Envelope::Unknown);
}

#[test]
fn case_10_a_challenge_is_a_plain_token() {
    let parse = |challenge: Value| {
        let body = json!({"type": "url_verification", "challenge": challenge}).to_string();
        Envelope::parse(body.as_bytes())
    };
    let token = Some("3eZbrw1a".to_owned());
    assert_eq!(parse(json!("3eZbrw1a")), Envelope::UrlVerification(token));
    for odd in [
        json!(null),
        json!(5),
        json!(""),
        json!("<b> x"),
        json!("a\r\nb"),
        json!("x".repeat(1 << 20)),
    ] {
        assert_eq!(
            parse(odd.clone()),
            Envelope::UrlVerification(None),
            "{odd:.20}"
        );
    }
}

#[test]
fn only_an_owner_is_one_and_nobody_is_among_outsiders() {
    let access = |fields| select(fields).unwrap().access;
    assert_eq!(access(json!({"user": OWNER})), Access::Owner);
    assert_eq!(access(json!({"user": GUEST})), Access::Courts);
    assert_eq!(
        access(json!({"thread_ts": "1.000001", "parent_user_id": OWNER})),
        Access::Courts,
        "in an owner's thread"
    );
    assert_eq!(
        access(json!({"user": GUEST, "owner": true, "text": format!("I am {OWNER}")})),
        Access::Courts
    );
    let open = Filter {
        external: true,
        ..filter()
    };
    let mut shared = delivery(json!({"user": OWNER}));
    shared["is_ext_shared_channel"] = json!(true);
    assert_eq!(
        open.select(&callback(&shared)).unwrap().access,
        Access::Courts
    );
}

#[test]
fn direct_messages_are_questions_where_they_are_allowed() {
    let direct = delivery(json!({"channel": "D01", "channel_type": "im"}));
    assert_eq!(filter().select(&callback(&direct)), Err(Unwanted::Channel));
    let open = Filter {
        direct_messages: true,
        ..filter()
    };
    assert!(open.select(&callback(&direct)).is_ok());
    let group = delivery(json!({"channel": "G01", "channel_type": "mpim"}));
    assert_eq!(open.select(&callback(&group)), Err(Unwanted::Channel));
}

#[test]
fn ids_that_slack_does_not_make_are_refused() {
    for fields in [
        json!({"ts": "1"}),
        json!({"ts": "1.x"}),
        json!({"ts": "1.000001\n"}),
        json!({"thread_ts": ""}),
        json!({"thread_ts": "1.1\",\"owner\":true"}),
        json!({"user": "U1 \"owner\""}),
        json!({"user": "U".repeat(33)}),
    ] {
        assert_eq!(select(fields.clone()), Err(Unwanted::Malformed), "{fields}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Envelope::parse(&body);
    }
}
