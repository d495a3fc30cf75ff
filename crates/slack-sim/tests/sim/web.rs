//! The Web API: what it does, and what it refuses in which words.

use std::time::Duration;

use serde_json::{Value, json};
use slack_sim::{
    BOT, BOT_USER, Builder, DEFAULT_APP_TOKEN, DEFAULT_BOT_TOKEN, Fault, TEAM, Word, Workspace,
};

use crate::{client::Web, workspace};

const CHANNEL: &str = "C0PADEL0001";

fn start(builder: Builder) -> (Workspace, Web) {
    let workspace = builder.start();
    let web = Web::new(&workspace);
    (workspace, web)
}

fn texts(body: &Value) -> Vec<&str> {
    let messages = body["messages"].as_array().unwrap();
    let texts = messages.iter().map(|message| message["text"].as_str());
    texts.map(Option::unwrap).collect()
}

#[test]
fn auth_test_tells_the_bot_and_its_scopes() {
    let (_workspace, web) = start(workspace().scopes(["chat:write", "channels:history"]));
    let response = web.send("auth.test", &json!({}));
    let scopes = response.headers()["x-oauth-scopes"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(scopes, "channels:history,chat:write");
    let body: Value = response.json().unwrap();
    let app = web
        .request("auth.test")
        .bearer_auth(DEFAULT_APP_TOKEN)
        .send()
        .unwrap();
    assert_eq!(app.headers()["x-oauth-scopes"], "connections:write");
    let nobody = web.request("auth.test").send().unwrap();
    assert!(!nobody.headers().contains_key("x-oauth-scopes"));
    assert_eq!(body["ok"], true);
    assert_eq!(
        (&body["user_id"], &body["bot_id"]),
        (&json!(BOT_USER), &json!(BOT))
    );
    assert_eq!(body["team_id"], TEAM);
}

#[test]
fn tokens_are_refused_in_slacks_words() {
    let (workspace, web) = start(workspace());
    let error = |token: Option<&str>, method: &str| {
        let request = web.request(method);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.form(&[("channel", CHANNEL)]).send().unwrap();
        assert_eq!(response.status(), 200);
        response.json::<Value>().unwrap()["error"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(error(None, "auth.test").as_deref(), Some("not_authed"));
    assert_eq!(
        error(Some("xoxb-wrong"), "auth.test").as_deref(),
        Some("invalid_auth")
    );
    let wrong_kind = Some("not_allowed_token_type");
    assert_eq!(
        error(Some(DEFAULT_APP_TOKEN), "chat.postMessage").as_deref(),
        wrong_kind
    );
    assert_eq!(
        error(Some(DEFAULT_BOT_TOKEN), "apps.connections.open").as_deref(),
        wrong_kind
    );
    assert_eq!(error(Some(DEFAULT_BOT_TOKEN), "auth.test"), None);
    assert_eq!(
        error(Some(DEFAULT_BOT_TOKEN), "no.method").as_deref(),
        Some("unknown_method")
    );
    workspace.revoke_bot_token();
    assert_eq!(
        error(Some(DEFAULT_BOT_TOKEN), "auth.test").as_deref(),
        Some("token_revoked")
    );
}

#[test]
fn a_missing_scope_is_named() {
    let (_workspace, web) = start(workspace().scopes(["channels:history"]));
    let arguments = json!({"channel": CHANNEL, "text": "ja"});
    let body = web.call("chat.postMessage", &arguments);
    assert_eq!(body["error"], "missing_scope");
    assert_eq!(body["needed"], "chat:write");
    assert_eq!(body["provided"], "channels:history");
    let info = web.call("conversations.info", &json!({"channel": CHANNEL}));
    assert_eq!(info["needed"], "channels:read");
}

#[test]
fn a_post_stands_in_the_thread_with_its_metadata() {
    let (workspace, web) = start(workspace());
    let root = workspace.type_message("anna", "padel", "frei?");
    let metadata = json!({"event_type": "padel_answer", "event_payload": {"key": "m#1"}});
    let body = web.call(
        "chat.postMessage",
        &json!({
            "channel": CHANNEL, "thread_ts": root, "markdown_text": "**Ja**",
            "metadata": metadata, "unfurl_links": false,
        }),
    );
    assert_eq!(
        (&body["ok"], &body["channel"]),
        (&json!(true), &json!(CHANNEL))
    );
    assert_eq!(body["message"]["bot_id"], BOT);
    let answers = workspace.answers("padel", &root);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].ts, body["ts"]);
    assert!(answers[0].is_markdown);
    assert_eq!(answers[0].metadata, Some(metadata));
}

#[test]
fn an_unknown_thread_posts_at_the_root() {
    let (workspace, web) = start(workspace());
    let root = workspace.type_message("anna", "padel", "frei?");
    let reply = web.post("ja", Some(&root))["ts"]
        .as_str()
        .unwrap()
        .to_owned();
    // A number loses the zeros at its end.
    for thread in [
        "1531420618.000200",
        "x",
        reply.as_str(),
        root.trim_end_matches('0'),
    ] {
        let body = web.post("ja", Some(thread));
        assert_eq!(body["ok"], true);
        assert_eq!(body["message"]["thread_ts"], Value::Null, "{thread}");
    }
    assert_eq!(workspace.answers("padel", &root).len(), 1);
}

#[test]
fn posts_are_refused_in_slacks_words() {
    let builder = workspace()
        .channel("C0OTHER0001", "other")
        .private_channel("G0BOARD0001", "board")
        .channel("C0OLD000001", "old")
        .without_app("other")
        .without_app("board")
        .archived("old");
    let (_workspace, web) = start(builder);
    let to = |channel: &str| json!({"channel": channel, "text": "ja"});
    let here = |field: &str, value: Value| {
        let mut arguments = json!({"channel": CHANNEL});
        arguments[field] = value;
        arguments
    };
    for (arguments, error) in [
        (to("C0OTHER0001"), "not_in_channel"),
        (to("G0BOARD0001"), "channel_not_found"),
        (to("C0NOWHERE01"), "channel_not_found"),
        (to("C0OLD000001"), "is_archived"),
        (json!({"text": "ja"}), "invalid_arguments"),
        (json!({"channel": CHANNEL}), "no_text"),
        (
            here("markdown_text", json!("x".repeat(12_001))),
            "msg_too_long",
        ),
        (
            json!({"channel": CHANNEL, "text": "a", "markdown_text": "b"}),
            "markdown_text_conflict",
        ),
        (
            json!({"channel": CHANNEL, "text": "a", "metadata": {"event_type": "x"}}),
            "invalid_metadata_schema",
        ),
        (
            json!({"channel": CHANNEL, "text": "a", "metadata": "{"}),
            "invalid_metadata_format",
        ),
    ] {
        assert_eq!(web.refusal("chat.postMessage", &arguments), error);
    }
    let fits = here("markdown_text", json!("x".repeat(12_000)));
    assert_eq!(web.call("chat.postMessage", &fits)["ok"], true);
    let long = web.call("chat.postMessage", &here("text", json!("ä".repeat(40_001))));
    assert_eq!(
        long["message"]["text"].as_str().unwrap().chars().count(),
        40_000
    );
}

#[test]
fn bodies_are_refused_by_their_form() {
    let (_workspace, web) = start(workspace());
    let error = |content_type: &str, body: &'static str| {
        let request = web.request("auth.test").bearer_auth(DEFAULT_BOT_TOKEN);
        let request = request.header("content-type", content_type).body(body);
        let body: Value = request.send().unwrap().json().unwrap();
        body["error"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(error("application/json", "{"), "invalid_json");
    assert_eq!(error("application/json", "[]"), "json_not_object");
    assert_eq!(error("text/xml", "<a/>"), "invalid_post_type");
    assert_eq!(error("application/x-www-form-urlencoded", "a=b"), "none");
}

#[test]
fn json_without_its_character_set_is_warned_of() {
    let (_workspace, web) = start(workspace());
    let body = web.call("auth.test", &json!({}));
    assert_eq!(body["warning"], "missing_charset");
    assert_eq!(
        body["response_metadata"]["warnings"],
        json!(["missing_charset"])
    );
}

#[test]
fn the_apps_own_posts_come_back_as_events() {
    let receiver = crate::receiver::Receiver::start();
    let (workspace, web) = start(workspace().request_url(receiver.url()));
    web.post("ja", None);
    workspace.block_on(workspace.settle());
    assert_eq!(receiver.fields("bot_id"), [BOT]);
    assert_eq!(receiver.fields("user"), [BOT_USER]);
}

#[test]
fn a_post_says_whom_it_called() {
    let (workspace, web) = start(workspace());
    web.post("<!channel> &lt;!here&gt; @here <@U0ANNA00001>", None);
    let message = workspace.messages("padel").remove(0);
    assert_eq!(message.notified, ["channel", "U0ANNA00001"]);
}

#[test]
fn messages_come_too_fast_after_a_burst() {
    let (workspace, web) = start(workspace());
    let arguments = json!({"channel": CHANNEL, "text": "ja"});
    (0..5).for_each(|_| assert_eq!(web.call("chat.postMessage", &arguments)["ok"], true));
    let response = web.send("chat.postMessage", &arguments);
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.json::<Value>().unwrap()["error"], "ratelimited");
    workspace.advance(Duration::from_secs(1));
    assert_eq!(web.call("chat.postMessage", &arguments)["ok"], true);
}

#[test]
fn reactions_are_added_once_and_removed_once() {
    let (workspace, web) = start(workspace());
    let ts = workspace.type_message("anna", "padel", "frei?");
    let eyes = json!({"channel": CHANNEL, "timestamp": ts, "name": "eyes"});
    assert_eq!(web.call("reactions.add", &eyes)["ok"], true);
    assert_eq!(web.refusal("reactions.add", &eyes), "already_reacted");
    let message = workspace.messages("padel").remove(0);
    assert_eq!(message.reactions[0].name, "eyes");
    assert_eq!(message.reactions[0].users, [BOT_USER]);
    assert_eq!(web.call("reactions.remove", &eyes)["ok"], true);
    assert_eq!(web.refusal("reactions.remove", &eyes), "no_reaction");
    for (arguments, error) in [
        (json!({"name": "eyes"}), "no_item_specified"),
        (
            json!({"channel": CHANNEL, "timestamp": ts, "name": ":eyes:"}),
            "invalid_name",
        ),
        (
            json!({"channel": CHANNEL, "timestamp": "x", "name": "eyes"}),
            "bad_timestamp",
        ),
        (
            json!({"channel": CHANNEL, "timestamp": "1.0", "name": "eyes"}),
            "message_not_found",
        ),
        (
            json!({"channel": "C1", "timestamp": ts, "name": "eyes"}),
            "channel_not_found",
        ),
    ] {
        assert_eq!(web.refusal("reactions.add", &arguments), error);
    }
}

#[test]
fn replies_come_in_pages_with_metadata_on_request() {
    let (workspace, web) = start(workspace());
    let root = workspace.type_message("anna", "padel", "frei?");
    let metadata = json!({"event_type": "padel_answer", "event_payload": {"key": "m#1"}});
    let arguments =
        json!({"channel": CHANNEL, "thread_ts": root, "text": "ja", "metadata": metadata});
    web.call("chat.postMessage", &arguments);
    workspace.type_reply("anna", "padel", &root, "danke");

    let wanted = json!({"channel": CHANNEL, "ts": root, "limit": 2});
    let first = web.call("conversations.replies", &wanted);
    assert_eq!(texts(&first), ["frei?", "ja"]);
    assert_eq!(first["has_more"], true);
    assert_eq!(first["messages"][0]["reply_count"], 2);
    assert_eq!(first["messages"][1]["metadata"], Value::Null);
    let cursor = &first["response_metadata"]["next_cursor"];
    let wanted = json!({"channel": CHANNEL, "ts": root, "limit": 2, "cursor": cursor});
    let second = web.call("conversations.replies", &wanted);
    assert_eq!(
        (texts(&second), &second["has_more"]),
        (vec!["danke"], &json!(false))
    );

    let wanted = json!({"channel": CHANNEL, "ts": root, "include_all_metadata": true});
    let all = web.call("conversations.replies", &wanted);
    assert_eq!(all["messages"][1]["metadata"], metadata);
    let reply = &all["messages"][2]["ts"];
    let alone = web.call(
        "conversations.replies",
        &json!({"channel": CHANNEL, "ts": reply}),
    );
    assert_eq!(texts(&alone), ["danke"]);
    for (arguments, error) in [
        (json!({"channel": CHANNEL, "ts": "1.0"}), "thread_not_found"),
        (
            json!({"channel": CHANNEL, "ts": root, "cursor": "x"}),
            "invalid_cursor",
        ),
        (
            json!({"channel": CHANNEL, "ts": root, "limit": 0}),
            "invalid_limit",
        ),
        (json!({"channel": "C1", "ts": root}), "channel_not_found"),
    ] {
        assert_eq!(web.refusal("conversations.replies", &arguments), error);
    }
}

#[test]
fn the_root_stands_on_every_page_or_the_first() {
    for is_repeated in [false, true] {
        let builder = workspace();
        let builder = if is_repeated {
            builder.repeats_root()
        } else {
            builder
        };
        let (workspace, web) = start(builder);
        let root = workspace.type_message("anna", "padel", "frei?");
        let first = workspace.type_reply("anna", "padel", &root, "eins");
        workspace.type_reply("anna", "padel", &root, "zwei");
        let wanted = json!({"channel": CHANNEL, "ts": root, "oldest": first});
        let body = web.call("conversations.replies", &wanted);
        let expected = if is_repeated {
            vec!["frei?", "zwei"]
        } else {
            vec!["zwei"]
        };
        assert_eq!(texts(&body), expected);
    }
}

#[test]
fn metadata_may_need_its_scope() {
    for (is_open, expected) in [(false, Value::Null), (true, json!("padel_answer"))] {
        let builder = workspace().scopes(["channels:history", "chat:write"]);
        let builder = if is_open {
            builder.metadata_for_all()
        } else {
            builder
        };
        let (_workspace, web) = start(builder);
        let metadata = json!({"event_type": "padel_answer", "event_payload": {}});
        let arguments = json!({"channel": CHANNEL, "text": "ja", "metadata": metadata});
        let ts = web.call("chat.postMessage", &arguments)["ts"].clone();
        let wanted = json!({"channel": CHANNEL, "ts": ts, "include_all_metadata": true});
        let told = web.call("conversations.replies", &wanted);
        assert_eq!(told["messages"][0]["metadata"]["event_type"], expected);
    }
}

#[test]
fn history_is_newest_first_and_without_replies() {
    let (workspace, web) = start(workspace().without_rate_limits());
    let first = workspace.type_message("anna", "padel", "eins");
    workspace.type_reply("ben", "padel", &first, "dazu");
    let second = workspace.type_message("anna", "padel", "zwei");
    let body = web.call("conversations.history", &json!({"channel": CHANNEL}));
    assert_eq!(texts(&body), ["zwei", "eins"]);
    let wanted = json!({"channel": CHANNEL, "oldest": first});
    assert_eq!(texts(&web.call("conversations.history", &wanted)), ["zwei"]);
    let wanted = json!({"channel": CHANNEL, "oldest": first, "latest": second, "inclusive": true});
    assert_eq!(
        texts(&web.call("conversations.history", &wanted)),
        ["zwei", "eins"]
    );
}

#[test]
fn reading_needs_a_seat_in_the_channel() {
    let builder = workspace()
        .channel("C0OTHER0001", "other")
        .private_channel("G0BOARD0001", "board")
        .without_app("other")
        .without_app("board");
    let (_workspace, web) = start(builder);
    let history = |id: &str| web.refusal("conversations.history", &json!({"channel": id}));
    assert_eq!(history("C0OTHER0001"), "not_in_channel");
    assert_eq!(history("G0BOARD0001"), "channel_not_found");
    let info = web.call("conversations.info", &json!({"channel": "C0OTHER0001"}));
    assert_eq!(info["channel"]["is_member"], false);
    let info = web.call("conversations.info", &json!({"channel": CHANNEL}));
    assert_eq!(
        (&info["channel"]["is_member"], &info["channel"]["name"]),
        (&json!(true), &json!("padel"))
    );
}

#[test]
fn faults_strike_before_and_after_the_call() {
    let (workspace, web) = start(workspace());
    let post = |fault| {
        workspace.push_fault(fault, "/api/chat.postMessage", 1);
        let arguments = json!({"channel": CHANNEL, "text": "ja"});
        let request = web
            .request("chat.postMessage")
            .bearer_auth(DEFAULT_BOT_TOKEN);
        let sent = request
            .json(&arguments)
            .timeout(Duration::from_secs(1))
            .send();
        let outcome = sent.and_then(|response| {
            let status = response.status().as_u16();
            Ok((
                status,
                response.json::<Value>()?["error"]
                    .as_str()
                    .map(str::to_owned),
            ))
        });
        (outcome.ok(), workspace.messages("padel").len())
    };
    let fatal = |name: &str| Some(name.to_owned());
    assert_eq!(post(Fault::LostBefore), (None, 0));
    assert_eq!(post(Fault::Reset), (None, 0));
    assert_eq!(
        post(Fault::Status(503)),
        (Some((503, fatal("fatal_error"))), 0)
    );
    assert_eq!(
        post(Fault::Error(Word("fatal_error"))),
        (Some((200, fatal("fatal_error"))), 0)
    );
    assert_eq!(
        post(Fault::Seconds429(7)),
        (Some((429, fatal("ratelimited"))), 0)
    );
    assert_eq!(post(Fault::LostAfter), (None, 1));
    assert_eq!(post(Fault::ResetAfter), (None, 2));
    assert_eq!(post(Fault::Truncated), (None, 3));
    assert_eq!(post(Fault::Silent), (None, 4));
    assert_eq!(post(Fault::Slow(10)), (Some((200, None)), 5));
}
