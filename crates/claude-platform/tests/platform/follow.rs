//! Following a session: each event once and in order, whatever becomes of the stream.

use std::time::{Duration, Instant};

use claude_platform::{Client, Follower, Kind, Limits};
use serde_json::{Value, json};

use crate::server::{Answer, KEY, Server, failure, ok, quick, read};

const STREAM: &str = "GET /v1/sessions/sesn_1/events/stream";
const LIST: &str = "GET /v1/sessions/sesn_1/events?order=desc&limit=100";
/// Longer than any test.
const OPEN: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

fn event(id: &str) -> Value {
    let kind = if id.starts_with("idle") {
        "session.status_idle"
    } else {
        "agent.message"
    };
    json!({"id": id, "type": kind, "content": [{"type": "text", "text": "größer"}]})
}

/// A page of the list, newest first.
fn list(ids: &[&str]) -> Answer {
    let events: Vec<Value> = ids.iter().map(|id| event(id)).collect();
    ok(&json!({"data": events, "next_page": null}))
}

/// A stream of these events, in pieces that fit nothing, which is cut after a while.
fn stream(ids: &[&str], open: Duration) -> Answer {
    let events = ids.iter().map(|id| event(id).to_string());
    let text: String = events
        .map(|data| format!(": alive\n\nevent: message\ndata: {data}\n\n"))
        .collect();
    let pieces = text.as_bytes().chunks(37).map(<[u8]>::to_vec).collect();
    Answer::Stream(pieces, open)
}

async fn client(server: &Server, silence: Duration, connect: Duration) -> Client {
    let variables = [
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", server.url.as_str()),
    ];
    let (settings, _) = read(&variables, false).await.unwrap();
    let limits = Limits {
        silence,
        connect,
        total: OPEN,
        ..quick()
    };
    Client::new(settings.with_limits(limits)).unwrap()
}

/// A client that takes no stream for silent or late.
async fn start(answers: impl IntoIterator<Item = Answer>) -> (Server, Follower) {
    start_with(answers, OPEN, OPEN).await
}

async fn start_with(
    answers: impl IntoIterator<Item = Answer>,
    silence: Duration,
    connect: Duration,
) -> (Server, Follower) {
    let server = Server::start(answers).await;
    let client = client(&server, silence, connect).await;
    let follower = client.follow_session("sesn_1", Some("sent"));
    (server, follower)
}

/// The ids of all events until the session rests.
async fn follow(follower: &mut Follower) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(event) = follower.next_event().await.unwrap() {
        ids.push(event.id().unwrap().to_owned());
    }
    ids
}

#[tokio::test]
async fn what_is_on_the_stream_and_in_the_list_comes_once() {
    let (server, mut follower) = start([
        stream(&["b", "c", "idle"], OPEN),
        list(&["b", "a", "sent", "older"]),
    ])
    .await;
    assert_eq!(follow(&mut follower).await, ["a", "b", "c", "idle"]);
    assert_eq!(server.lines(), [STREAM, LIST]);
    let request = &server.recorded()[0];
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn a_stream_that_is_cut_is_opened_again() {
    let (server, mut follower) = start([
        stream(&["a"], Duration::ZERO),
        list(&["sent"]),
        stream(&["d", "idle"], OPEN),
        list(&["c", "b", "a", "sent"]),
    ])
    .await;
    assert_eq!(follow(&mut follower).await, ["a", "b", "c", "d", "idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, STREAM, LIST]);
}

#[tokio::test]
async fn without_a_stream_the_list_does() {
    let html = Answer::Reply(200, vec![], b"<html>".to_vec());
    for refusal in [failure(404, "no"), failure(400, "no"), html, Answer::Hang] {
        let answers = [
            list(&["sent"]),
            list(&["a", "sent"]),
            list(&["idle", "a", "sent"]),
        ];
        let answers = [refusal].into_iter().chain(answers);
        let (server, mut follower) = start_with(answers, OPEN, SHORT).await;
        assert_eq!(follow(&mut follower).await, ["a", "idle"]);
        assert_eq!(server.lines(), [STREAM, LIST, LIST, LIST]);
    }
}

#[tokio::test]
async fn a_stream_of_something_else_is_left_for_the_list() {
    let garbage = Answer::Stream(vec![b"data: no event\n\n".to_vec()], OPEN);
    let (server, mut follower) = start([garbage, list(&["sent"]), list(&["idle", "sent"])]).await;
    assert_eq!(follow(&mut follower).await, ["idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, LIST]);
}

#[tokio::test]
async fn a_stream_that_is_out_of_order_is_tried_again() {
    let trouble = vec![failure(503, "busy"); 3];
    let answers = [list(&["sent"]), stream(&["idle"], OPEN), list(&["sent"])];
    let (server, mut follower) = start(trouble.into_iter().chain(answers)).await;
    assert_eq!(follow(&mut follower).await, ["idle"]);
    assert_eq!(server.lines(), [STREAM, STREAM, STREAM, LIST, STREAM, LIST]);
}

#[tokio::test]
async fn what_a_proxy_holds_back_is_found_in_the_list() {
    let answers = [
        stream(&[], OPEN),
        list(&["sent"]),
        list(&["a", "sent"]),
        list(&["idle", "a", "sent"]),
    ];
    let (server, mut follower) = start_with(answers, SHORT, OPEN).await;
    assert_eq!(follow(&mut follower).await, ["a", "idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, LIST, LIST]);
}

#[tokio::test]
async fn a_stream_that_is_silent_for_good_reason_is_kept() {
    let event = format!("data: {}\n\n", event("idle")).into_bytes();
    // After the stream, the list at its beginning, and the lists of two silences. A busy machine
    // may find more of them.
    let answers = [vec![Answer::Awaiting(4, event)], vec![list(&["sent"]); 50]];
    let (server, mut follower) = start_with(answers.concat(), SHORT, OPEN).await;
    assert_eq!(follow(&mut follower).await, ["idle"]);
    server.forget_answers();
    let lines = server.lines();
    let lists = lines.iter().filter(|line| *line == LIST).count();
    assert!(lists >= 3 && lists == lines.len() - 1, "{lines:?}");
}

#[tokio::test]
async fn an_event_that_is_not_listed_yet_brings_no_older_ones() {
    let (server, mut follower) = start([
        failure(404, "no"),
        list(&["idle_before", "older"]),
        list(&["idle", "sent", "idle_before", "older"]),
    ])
    .await;
    assert_eq!(follow(&mut follower).await, ["idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, LIST]);
}

#[tokio::test]
async fn a_long_history_is_read_no_further_than_to_what_is_known() {
    let page = |ids: &[&str], next: &str| {
        let events: Vec<Value> = ids.iter().map(|id| event(id)).collect();
        ok(&json!({"data": events, "next_page": next}))
    };
    let (server, mut follower) = start([
        failure(404, "no"),
        page(&["idle", "b"], "two"),
        page(&["a", "sent", "older"], "three"),
    ])
    .await;
    assert_eq!(follow(&mut follower).await, ["a", "b", "idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, &format!("{LIST}&page=two")]);
}

#[tokio::test]
async fn a_session_is_followed_from_its_beginning() {
    let server = Server::start([failure(404, "no"), list(&["a", "idle"])]).await;
    let client = client(&server, OPEN, OPEN).await;
    let mut follower = client.follow_session("sesn_1", None);
    assert_eq!(follow(&mut follower).await, ["a", "idle"]);
    assert_eq!(
        server.lines(),
        [STREAM, "GET /v1/sessions/sesn_1/events?limit=100"]
    );
}

#[tokio::test]
async fn after_a_rest_it_goes_on() {
    let (server, mut follower) =
        start([stream(&["idle", "a", "idle_2"], OPEN), list(&["sent"])]).await;
    assert_eq!(follow(&mut follower).await, ["idle"]);
    assert_eq!(follow(&mut follower).await, ["a", "idle_2"]);
    assert_eq!(server.lines(), [STREAM, LIST]);
}

#[tokio::test]
async fn calls_that_are_dropped_lose_nothing() {
    let (server, mut follower) = start([
        stream(&["a", "b"], Duration::ZERO),
        list(&["sent"]),
        failure(404, "no"),
        list(&["c", "b", "a", "sent"]),
        list(&["idle", "c", "b", "a", "sent"]),
    ])
    .await;
    let (mut ids, begun) = (Vec::new(), Instant::now());
    loop {
        // A stream that is being opened is given up with the call, so the first ones take longer.
        let patience = if ids.is_empty() {
            OPEN
        } else {
            Duration::from_millis(30)
        };
        match tokio::time::timeout(patience, follower.next_event()).await {
            Ok(Ok(Some(event))) => ids.push(event.id().unwrap().to_owned()),
            Ok(outcome) => break assert_eq!(outcome.unwrap(), None),
            Err(_) => assert!(begun.elapsed() < Duration::from_secs(20), "{ids:?}"),
        }
    }
    assert_eq!(ids, ["a", "b", "c", "idle"]);
    assert!(server.lines().len() >= 5);
}

#[tokio::test]
async fn a_failed_list_is_told_and_may_be_asked_again() {
    let (server, mut follower) = start([
        failure(404, "no"),
        failure(404, "no such session"),
        list(&["idle", "sent"]),
    ])
    .await;
    assert_eq!(
        follower.next_event().await.unwrap_err().kind,
        Kind::NotFound
    );
    assert_eq!(follow(&mut follower).await, ["idle"]);
    assert_eq!(server.lines(), [STREAM, LIST, LIST]);
}

#[tokio::test]
async fn a_key_on_a_stream_is_not_handed_on() {
    let text = format!("it is {KEY}!");
    let event =
        json!({"id": "a", "type": "agent.message", "content": [{"type": "text", "text": text}]});
    let garbage = format!("data: {event}\n\ndata: \"{KEY}\"\n\n");
    let server = Server::start([Answer::Stream(vec![garbage.into_bytes()], OPEN)]).await;
    let client = client(&server, OPEN, OPEN).await;
    let mut stream = client.stream_events("sesn_1").await.unwrap();
    // The second is none, and comes in the same piece.
    let error = stream.next_event().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
    assert_eq!(error.kind, Kind::Malformed);
    let event = stream.next_event().await.unwrap().unwrap();
    assert_eq!(event.text(), "it is [secret]!");
}
