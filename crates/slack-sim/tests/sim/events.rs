//! Deliveries: their contents, their retries, their mishaps.

use std::time::Duration;

use serde_json::json;
use slack_sim::{
    APP, BOT_USER, Builder, DEFAULT_SIGNING_SECRET, Draft, Mishap, Order, Outcome, TEAM,
    VerificationError, Workspace, sign_body,
};

use crate::{
    receiver::{Receiver, Trouble},
    workspace,
};

fn start(builder: Builder) -> (Workspace, Receiver) {
    let receiver = Receiver::start();
    let workspace = builder.request_url(receiver.url()).start();
    (workspace, receiver)
}

fn settle(workspace: &Workspace) {
    workspace.block_on(workspace.settle());
}

fn mishap(text: &str) -> Order<Mishap> {
    text.parse().unwrap()
}

#[test]
fn a_typed_message_arrives_signed_and_wrapped() {
    let (workspace, receiver) = start(workspace());
    let ts = workspace.type_message("anna", "padel", "Plätze frei? 🎾");
    settle(&workspace);

    let call = &receiver.calls()[0];
    let timestamp = call.header("x-slack-request-timestamp").unwrap();
    let signature = sign_body(DEFAULT_SIGNING_SECRET, timestamp, &call.body);
    assert_eq!(call.header("x-slack-signature"), Some(signature.as_str()));
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("x-slack-retry-num"), None);

    let body = &receiver.bodies()[0];
    assert_eq!(body["type"], "event_callback");
    assert_eq!(
        (&body["team_id"], &body["api_app_id"]),
        (&json!(TEAM), &json!(APP))
    );
    assert_eq!(body["is_ext_shared_channel"], false);
    let event = &body["event"];
    assert_eq!(event["text"], "Plätze frei? 🎾");
    assert_eq!(event["user"], "U0ANNA00001");
    assert_eq!(
        (&event["channel"], &event["channel_type"]),
        (&json!("C0PADEL0001"), &json!("channel"))
    );
    assert_eq!((&event["ts"], &event["event_ts"]), (&json!(ts), &json!(ts)));
    assert!(event["client_msg_id"].is_string() && event["blocks"].is_array());
    assert!(matches!(
        workspace.attempts()[0].outcome,
        Outcome::Answered(200)
    ));
}

#[test]
fn a_reply_names_its_thread() {
    let (workspace, receiver) = start(workspace());
    let root = workspace.type_message("anna", "padel", "frei?");
    workspace.type_reply("ben", "padel", &root, "wann?");
    settle(&workspace);
    let mut threads = receiver.fields("thread_ts");
    threads.sort();
    assert_eq!(threads, [String::new(), root]);
}

#[test]
fn a_failed_delivery_is_retried_three_times() {
    let (workspace, receiver) = start(workspace());
    receiver.push(Trouble::Status(500), 9);
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 2);
    workspace.advance(Duration::from_secs(59));
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 2);
    workspace.advance(Duration::from_secs(1));
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 3);
    workspace.advance(Duration::from_secs(300));
    settle(&workspace);
    workspace.advance(Duration::from_secs(3600));
    settle(&workspace);

    let calls = receiver.calls();
    let retries: Vec<_> = calls
        .iter()
        .map(|call| call.header("x-slack-retry-num"))
        .collect();
    assert_eq!(retries, [None, Some("1"), Some("2"), Some("3")]);
    assert_eq!(calls[1].header("x-slack-retry-reason"), Some("http_error"));
    let bodies = receiver.bodies();
    assert!(
        bodies
            .iter()
            .all(|body| body["event_id"] == bodies[0]["event_id"])
    );
}

#[test]
fn retries_go_on_every_hour_where_the_app_wants_it() {
    let (workspace, receiver) = start(workspace().hourly_retries());
    receiver.push(Trouble::Status(500), 5);
    workspace.type_message("anna", "padel", "frei?");
    for seconds in [0, 60, 300, 3600, 3600, 3600] {
        workspace.advance(Duration::from_secs(seconds));
        settle(&workspace);
    }
    let calls = receiver.calls();
    assert_eq!(calls.len(), 6);
    assert_eq!(calls[5].header("x-slack-retry-num"), Some("5"));
}

#[test]
fn an_answer_after_three_seconds_is_too_late() {
    let (workspace, receiver) = start(workspace());
    receiver.push(Trouble::Silent, 1);
    workspace.type_message("anna", "padel", "frei?");
    while receiver.calls().is_empty() {
        std::thread::sleep(Duration::from_millis(2));
    }
    workspace.advance(Duration::from_secs(3));
    settle(&workspace);
    let outcomes: Vec<_> = workspace
        .attempts()
        .into_iter()
        .map(|attempt| attempt.outcome)
        .collect();
    assert_eq!(outcomes, [Outcome::TimedOut, Outcome::Answered(200)]);
    let retry = &receiver.calls()[1];
    assert_eq!(retry.header("x-slack-retry-reason"), Some("http_timeout"));
}

#[test]
fn the_app_can_refuse_retries() {
    let (workspace, receiver) = start(workspace());
    receiver.push(Trouble::Final, 1);
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    workspace.advance(Duration::from_secs(3600));
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 1);
}

#[test]
fn redirects_are_followed_twice() {
    let (workspace, receiver) = start(workspace());
    receiver.push(Trouble::Redirected, 5);
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    let attempts = workspace.attempts();
    assert_eq!(attempts[0].outcome, Outcome::Failed("too_many_redirects"));
    assert_eq!(attempts[1].outcome, Outcome::Answered(200));
    assert_eq!(receiver.calls().len(), 6);
}

#[test]
fn a_dead_receiver_is_a_failed_connection() {
    let workspace = workspace().request_url("http://127.0.0.1:1/").start();
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    assert_eq!(workspace.attempts()[1].reason, Some("connection_failed"));
}

#[test]
fn mishaps_lose_double_delay_and_swap_deliveries() {
    let (workspace, receiver) = start(workspace());
    workspace.push_mishap(mishap("failed=ssl_error"));
    workspace.type_message("anna", "padel", "lost");
    settle(&workspace);
    let reason = receiver.calls()[0]
        .header("x-slack-retry-reason")
        .map(str::to_owned);
    assert_eq!(reason.as_deref(), Some("ssl_error"));

    workspace.push_mishap(mishap("doubled=2"));
    workspace.type_message("anna", "padel", "doubled");
    settle(&workspace);
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 4);
    assert_eq!(bodies[1]["event"]["ts"], bodies[3]["event"]["ts"]);
    assert_ne!(bodies[1]["event_id"], bodies[3]["event_id"]);

    workspace.push_mishap(mishap("repeated=1"));
    workspace.type_message("anna", "padel", "repeated");
    settle(&workspace);
    let bodies = receiver.bodies();
    assert_eq!(bodies[4]["event_id"], bodies[5]["event_id"]);

    workspace.push_mishap(mishap("late=5@/message"));
    workspace.type_message("anna", "padel", "late");
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 6);
    workspace.advance(Duration::from_secs(5));
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 7);

    workspace.push_mishap(mishap("swapped"));
    workspace.type_message("anna", "padel", "first");
    workspace.type_message("anna", "padel", "second");
    settle(&workspace);
    assert_eq!(receiver.fields("text")[7..], ["second", "first"]);
}

#[test]
fn a_lost_answer_is_waited_for_and_retried() {
    let (workspace, receiver) = start(workspace());
    workspace.push_mishap(mishap("answer-lost"));
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 1);
    workspace.advance(Duration::from_secs(3));
    settle(&workspace);
    let retry = &receiver.calls()[1];
    assert_eq!(retry.header("x-slack-retry-reason"), Some("http_timeout"));
}

#[test]
fn a_mention_is_an_event_beside_the_message() {
    let both = ["message.channels", "app_mention"];
    let scopes = ["channels:history", "app_mentions:read"];
    let (workspace, receiver) = start(workspace().events(both).scopes(scopes));
    workspace.push_mishap(mishap("late=1@/app_mention"));
    workspace.type_message("anna", "padel", "@padel frei?");
    settle(&workspace);
    workspace.advance(Duration::from_secs(1));
    settle(&workspace);
    assert_eq!(receiver.fields("type"), ["message", "app_mention"]);
    let bodies = receiver.bodies();
    assert_eq!(bodies[0]["event"]["ts"], bodies[1]["event"]["ts"]);
    assert_ne!(bodies[0]["event_id"], bodies[1]["event_id"]);
    assert_eq!(bodies[1]["event"]["text"], format!("<@{BOT_USER}> frei?"));
}

#[test]
fn kinds_of_messages_have_their_subtypes() {
    let (workspace, receiver) = start(workspace());
    let root = workspace.type_message("anna", "padel", "frei?");
    workspace.send(Draft::new("anna", "padel", "Bild").with_files(2));
    workspace.send(Draft::new("anna", "padel", "geht").about_me());
    workspace.send(
        Draft::new("anna", "padel", "alle")
            .in_thread(&root)
            .broadcast(),
    );
    workspace.edit_message("padel", &root, "frei, bitte?");
    workspace.unfurl_message("padel", &root);
    workspace.delete_message("padel", &root);
    settle(&workspace);
    let mut kinds = receiver.fields("subtype");
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "",
            "file_share",
            "me_message",
            "message_changed",
            "message_changed",
            "message_deleted",
            "thread_broadcast"
        ]
    );
    let bodies = receiver.bodies();
    let find = |kind: &str| {
        bodies
            .iter()
            .find(|body| body["event"]["subtype"] == kind)
            .unwrap()
    };
    assert_eq!(
        find("file_share")["event"]["files"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(find("file_share")["event"]["client_msg_id"].is_null());
    assert_eq!(
        find("message_changed")["event"]["message"]["text"],
        "frei, bitte?"
    );
}

#[test]
fn only_channels_with_the_app_are_heard() {
    let builder = workspace()
        .private_channel("G0BOARD0001", "board")
        .shared_channel("C0SHARED001", "shared")
        .channel("C0OTHER0001", "other")
        .without_app("other")
        .events(["message.channels", "message.im"]);
    let (workspace, receiver) = start(builder);
    workspace.type_message("anna", "other", "frei?");
    workspace.type_message("anna", "board", "frei?");
    workspace.type_message("anna", "D0ANNA00001", "frei?");
    settle(&workspace);
    workspace.type_message("anna", "shared", "frei?");
    settle(&workspace);
    assert_eq!(receiver.fields("channel"), ["D0ANNA00001", "C0SHARED001"]);
    assert_eq!(receiver.fields("channel_type"), ["im", "channel"]);
    assert_eq!(receiver.bodies()[1]["is_ext_shared_channel"], true);
}

#[test]
fn an_event_that_nobody_typed_can_be_delivered() {
    let (workspace, receiver) = start(workspace());
    let inner = json!({"type": "message", "subtype": "bot_message", "text": "hi"});
    workspace.deliver_event(&inner, |body| body["api_app_id"] = json!("A0OTHER0001"));
    workspace.deliver_rate_limit();
    settle(&workspace);
    let mut kinds: Vec<_> = workspace
        .attempts()
        .into_iter()
        .map(|attempt| attempt.path)
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["/app_rate_limited", "/message/bot_message"]);
    let bodies = receiver.bodies();
    assert!(
        bodies
            .iter()
            .any(|body| body["api_app_id"] == "A0OTHER0001")
    );
}

#[test]
fn too_many_events_are_dropped_and_told() {
    let (workspace, receiver) = start(workspace().events_per_hour(2));
    (0..5).for_each(|_| drop(workspace.type_message("anna", "padel", "frei?")));
    settle(&workspace);
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 3);
    let limited = bodies
        .iter()
        .find(|body| body["type"] == "app_rate_limited")
        .unwrap();
    assert_eq!(limited["minute_rate_limited"], 1_795_424_400);
}

#[test]
fn a_retry_is_signed_again_or_not() {
    for is_stale in [false, true] {
        let builder = workspace().signs_by_own_clock();
        let builder = if is_stale {
            builder.stale_retries()
        } else {
            builder
        };
        let (workspace, receiver) = start(builder);
        receiver.push(Trouble::Status(503), 2);
        workspace.type_message("anna", "padel", "frei?");
        settle(&workspace);
        workspace.advance(Duration::from_secs(60));
        settle(&workspace);
        let calls = receiver.calls();
        let timestamp = |call: usize| calls[call].header("x-slack-request-timestamp").unwrap();
        assert_eq!(timestamp(0) == timestamp(2), is_stale);
        let signature = sign_body(DEFAULT_SIGNING_SECRET, timestamp(2), &calls[2].body);
        assert_eq!(
            calls[2].header("x-slack-signature"),
            Some(signature.as_str())
        );
    }
}

#[test]
fn a_rotated_secret_signs_what_follows() {
    let (workspace, receiver) = start(workspace());
    workspace.rotate_signing_secret("another-secret");
    workspace.type_message("anna", "padel", "frei?");
    settle(&workspace);
    let call = &receiver.calls()[0];
    let timestamp = call.header("x-slack-request-timestamp").unwrap();
    let signature = sign_body("another-secret", timestamp, &call.body);
    assert_eq!(call.header("x-slack-signature"), Some(signature.as_str()));
}

#[test]
fn a_request_url_must_send_the_challenge_back() {
    let receiver = Receiver::start();
    let workspace = workspace().start();
    let set = |trouble| {
        if let Some(trouble) = trouble {
            receiver.push(trouble, 1);
        }
        workspace.block_on(workspace.set_request_url(&receiver.url()))
    };
    assert_eq!(
        set(Some(Trouble::Status(404))),
        Err(VerificationError::Status(404))
    );
    let html = VerificationError::ContentType("text/html".to_owned());
    assert_eq!(set(Some(Trouble::Html)), Err(html));
    assert_eq!(
        set(Some(Trouble::BareJson)),
        Err(VerificationError::Challenge)
    );
    assert_eq!(
        set(Some(Trouble::OtherChallenge)),
        Err(VerificationError::Challenge)
    );
    assert_eq!(set(Some(Trouble::Json)), Ok(()));
    assert_eq!(set(None), Ok(()));
    let body = &receiver.bodies()[0];
    assert_eq!(body["type"], "url_verification");
    assert!(receiver.calls()[0].header("x-slack-signature").is_some());
}

#[test]
fn a_running_clock_goes_on_from_where_it_is_moved() {
    let receiver = Receiver::start();
    let builder = Workspace::builder().person("U0ANNA00001", "anna");
    let workspace = builder.request_url(receiver.url()).start();
    workspace.push_mishap(mishap("failed=connection_failed*2"));
    let first = workspace.type_message("anna", "D0ANNA00001", "frei?");
    settle(&workspace);
    workspace.advance(Duration::from_secs(60));
    settle(&workspace);
    assert_eq!(receiver.calls().len(), 1);
    let second = workspace.type_message("anna", "D0ANNA00001", "frei?");
    let passed = second.parse::<f64>().unwrap() - first.parse::<f64>().unwrap();
    assert!((60.0..90.0).contains(&passed), "{passed}");
}
