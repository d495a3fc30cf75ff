//! What a person reads when something failed.

use std::time::Duration;

use claude_platform::Kind;
use serde_json::json;

use crate::server::{Answer, Server, failure, ok};

fn raw(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer::Reply(status, vec![], body.into())
}

#[tokio::test]
async fn an_error_names_operation_status_message_and_request_id() {
    let server = Server::start([failure(404, "Skill not found: skill_1")]).await;
    let error = server
        .client()
        .await
        .get_skill_version("skill_1", "latest")
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    let sentence = "GET /v1/skills/skill_1/versions/latest: Skill not found: skill_1 (HTTP 404, request id req_1)";
    assert_eq!(error.to_string(), sentence);
}

#[tokio::test]
async fn the_request_id_may_be_in_the_body_only() {
    let body = json!({"error": {"message": "no"}, "request_id": "req_body"});
    let server = Server::start([raw(400, body.to_string())]).await;
    let error = server.get_skill().await.unwrap_err();
    assert_eq!(error.request_id.as_deref(), Some("req_body"));
}

#[tokio::test]
async fn every_status_has_its_kind() {
    for (status, kind) in [
        (400, Kind::Invalid),
        (401, Kind::Rejected),
        (402, Kind::Invalid),
        (403, Kind::Denied),
        (404, Kind::NotFound),
        (409, Kind::Conflict),
        (413, Kind::Invalid),
        (500, Kind::Unavailable),
        (504, Kind::Unavailable),
        (529, Kind::Unavailable),
    ] {
        let server = Server::start([failure(status, "m").with("x-should-retry", "false")]).await;
        let error = server
            .client()
            .await
            .get_agent("agent_1")
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)));
        assert_eq!(error.action, None, "IAM actions are for AWS");
    }
}

#[tokio::test]
async fn a_message_is_one_bounded_printable_line() {
    let server = Server::start([failure(
        400,
        &format!("a\u{1b}[31m\n\u{202e}b {}", "x".repeat(5000)),
    )])
    .await;
    let error = server.get_skill().await.unwrap_err();
    assert!(error.message.starts_with("a b xxx"), "{}", error.message);
    assert_eq!(error.message.chars().count(), 500);
}

#[tokio::test]
async fn other_bodies_give_what_message_they_hold() {
    for (body, message) in [
        (r#"{"message": "by AWS"}"#, "by AWS"),
        (r#"{"Message": "by IAM"}"#, "by IAM"),
        (r#"{"error": "invalid_grant"}"#, "invalid_grant"),
        (
            r#"{"error": "invalid_grant", "error_description": "wrong audience"}"#,
            "wrong audience",
        ),
        ("plain words", "plain words"),
        ("<html>not for people</html>", "Bad Request"),
        ("[1, 2]", "Bad Request"),
        ("", "Bad Request"),
    ] {
        let server = Server::start([raw(400, body)]).await;
        assert_eq!(
            server.get_skill().await.unwrap_err().message,
            message,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_success_that_says_nothing_usable_is_malformed() {
    for body in [
        "",
        "{",
        "<html>",
        "[]",
        r#"{"id": 5}"#,
        r#"{"name": "no id"}"#,
    ] {
        let server = Server::start([raw(200, body)]).await;
        let error = server.get_skill().await.unwrap_err();
        assert_eq!(
            (error.kind, error.may_have_happened()),
            (Kind::Malformed, true),
            "{body}"
        );
        assert!(
            error.to_string().starts_with("GET /v1/skills/skill_1: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let mut whole = br#"{"id": "skill_1"}"#.to_vec();
    whole.resize(16 << 20, b' ');
    let server = Server::start([raw(200, whole)]).await;
    server.get_skill().await.unwrap();
    let server =
        Server::start([raw(200, vec![b' '; (16 << 20) + 1]).with("request-id", "req_9")]).await;
    let error = server.get_skill().await.unwrap_err();
    assert_eq!(
        (error.kind, error.request_id.as_deref()),
        (Kind::Malformed, Some("req_9"))
    );
    assert!(error.message.contains("larger than 16 MiB"), "{error}");
}

#[tokio::test]
async fn a_download_has_a_limit_of_its_own() {
    let server = Server::start([raw(200, vec![0; (16 << 20) + 1])]).await;
    let zip = server
        .client()
        .await
        .download_version("skill_1", "skver_1")
        .await
        .unwrap();
    assert_eq!(zip.len(), (16 << 20) + 1);
    let server = Server::start([raw(200, vec![0; (64 << 20) + 1])]).await;
    let client = server.client().await;
    let error = client
        .download_version("skill_1", "skver_1")
        .await
        .unwrap_err();
    assert!(error.message.contains("larger than 64 MiB"), "{error}");
}

#[tokio::test]
async fn a_stated_wait_is_told_even_when_it_was_kept() {
    let server = Server::start(vec![failure(429, "x").with("retry-after", "0.01"); 3]).await;
    let error = server.get_skill().await.unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_millis(10)));
}

#[tokio::test]
async fn the_id_of_a_malformed_answer_is_kept() {
    let server = Server::start([ok(&json!({})).with("request-id", "req_9")]).await;
    let error = server.get_skill().await.unwrap_err();
    assert_eq!(error.request_id.as_deref(), Some("req_9"), "{error}");
}
