//! What is sent again, how often, and what never.

use std::time::{Duration, Instant};

use bytes::Bytes;
use claude_platform::{AgentFields, AgentUpdate, Archive, Client, Error, Kind, Limits, NewSession};
use serde_json::json;

use crate::server::{Answer, KEY, Server, failure, ok, quick, read};

fn archive() -> Archive {
    Archive {
        filename: "a.zip".to_owned(),
        data: Bytes::from_static(b"zip"),
    }
}

fn found() -> Answer {
    ok(&json!({"id": "skill_1", "skill_id": "skill_1", "version": 1, "status": "idle", "data": []}))
}

/// Every POST there is, by number.
async fn post(client: &Client, number: usize) -> Result<(), Error> {
    let update = AgentUpdate {
        version: 1,
        fields: AgentFields::default(),
    };
    match number {
        0 => client.create_skill(archive(), None).await.map(drop),
        1 => client.create_version("skill_1", archive()).await.map(drop),
        2 => client.update_agent("agent_1", &update).await.map(drop),
        3 => client
            .create_session(&NewSession::default())
            .await
            .map(drop),
        4 => client.send_message("sesn_1", "x").await.map(drop),
        5 => client.archive_session("sesn_1").await.map(drop),
        _ => client
            .upload_file("a", "text/plain", Bytes::new())
            .await
            .map(drop),
    }
}

#[tokio::test]
async fn a_read_is_tried_three_times() {
    for (trouble, kind) in [
        (failure(500, "x"), Kind::Unavailable),
        (failure(529, "x"), Kind::Unavailable),
        (failure(409, "x"), Kind::Conflict),
        (failure(408, "x"), Kind::Timeout),
        (failure(429, "x"), Kind::RateLimited),
        (Answer::Close, Kind::Lost),
        (Answer::Cut, Kind::Lost),
    ] {
        let server = Server::start([trouble.clone(), trouble.clone(), found()]).await;
        server.get_skill().await.unwrap();
        assert_eq!(server.recorded().len(), 3, "{trouble:?}");

        let server = Server::start(vec![trouble.clone(); 3]).await;
        let error = server.get_skill().await.unwrap_err();
        assert_eq!(
            (error.kind, server.recorded().len()),
            (kind, 3),
            "{trouble:?}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again() {
    for status in [400, 401, 402, 403, 404, 413, 302] {
        let server = Server::start([failure(status, "no")]).await;
        let error = server.get_skill().await.unwrap_err();
        assert_eq!((error.status, server.recorded().len()), (Some(status), 1));
        assert!(!error.may_have_happened(), "{status}");
    }
}

#[tokio::test]
async fn an_ambiguous_post_is_never_sent_again() {
    for trouble in [
        Answer::Close,
        Answer::Cut,
        failure(500, "x"),
        failure(503, "x"),
        failure(529, "x"),
        failure(408, "x"),
    ] {
        for number in 0..7 {
            // The service's wish does not change that.
            let server = Server::start([trouble.clone().with("x-should-retry", "true")]).await;
            let error = post(&server.client().await, number).await.unwrap_err();
            assert!(error.may_have_happened(), "{error}");
            assert_eq!(server.recorded().len(), 1, "{trouble:?} {number}");
        }
    }
}

#[tokio::test]
async fn a_post_that_was_turned_away_is_sent_again() {
    for number in 0..7 {
        let limited = failure(429, "slow down");
        let id = [
            "skill_1", "skver_1", "agent_1", "sesn_1", "", "sesn_1", "file_1",
        ][number];
        let found = ok(
            &json!({"id": id, "skill_id": "skill_1", "version": 1, "status": "idle", "data": []}),
        );
        let server = Server::start([limited.clone(), limited, found]).await;
        post(&server.client().await, number).await.unwrap();
        let requests = server.recorded();
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0].body, requests[2].body);
    }
}

#[tokio::test]
async fn a_conflict_goes_to_the_caller() {
    let server = Server::start([failure(409, "version 4 is current"), failure(409, "busy")]).await;
    let error = post(&server.client().await, 2).await.unwrap_err();
    assert_eq!(
        (error.kind, error.may_have_happened()),
        (Kind::Conflict, false)
    );
    let error = server
        .client()
        .await
        .delete_skill("skill_1")
        .await
        .unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::Conflict, 2));
}

#[tokio::test]
async fn what_was_deleted_by_a_lost_attempt_is_deleted() {
    let server = Server::start([Answer::Close, failure(404, "gone")]).await;
    server
        .client()
        .await
        .delete_version("skill_1", "skver_1")
        .await
        .unwrap();
    assert_eq!(server.recorded().len(), 2);

    let server = Server::start([failure(429, "wait"), failure(404, "never there")]).await;
    let error = server
        .client()
        .await
        .delete_version("skill_1", "skver_1")
        .await
        .unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::NotFound, 2));
}

#[tokio::test]
async fn only_a_404_after_a_lost_delete_counts_as_deleted() {
    // The second failure does not make the first one certain.
    let server = Server::start([Answer::Close, failure(429, "wait"), failure(404, "gone")]).await;
    server
        .client()
        .await
        .delete_version("skill_1", "skver_1")
        .await
        .unwrap();
    assert_eq!(server.recorded().len(), 3);

    let server = Server::start([Answer::Close, failure(403, "no")]).await;
    let error = server
        .client()
        .await
        .delete_version("skill_1", "skver_1")
        .await
        .unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::Denied, 2));

    let server = Server::start([Answer::Close, failure(404, "never there")]).await;
    let error = server.get_skill().await.unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::NotFound, 2));
}

#[tokio::test]
async fn the_service_says_whether_to_try_again() {
    let server = Server::start([failure(500, "x").with("x-should-retry", "false")]).await;
    server.get_skill().await.unwrap_err();
    assert_eq!(server.recorded().len(), 1);

    let server = Server::start([failure(400, "x").with("x-should-retry", "true"), found()]).await;
    server.get_skill().await.unwrap();
    assert_eq!(server.recorded().len(), 2);
}

#[tokio::test]
async fn stated_waits_are_kept() {
    let limited = failure(429, "x");
    let date = limited
        .clone()
        .with("date", "Wed, 25 Nov 2026 10:00:00 GMT")
        .with("retry-after", "Wed, 25 Nov 2026 10:00:00 GMT");
    let both = limited
        .clone()
        .with("retry-after", "40")
        .with("retry-after-ms", "120.5");
    let server = Server::start([date, both, found()]).await;
    let started = Instant::now();
    server.get_skill().await.unwrap();
    assert_eq!(server.recorded().len(), 3);
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(120) && took < Duration::from_secs(10),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_stated_wait_beyond_the_cap_is_reported_at_once() {
    let limited = failure(429, "x");
    let dated = limited
        .clone()
        .with("date", "Wed, 25 Nov 2026 10:00:00 GMT");
    let answers = [
        (limited.clone().with("retry-after", "61"), 61.0),
        (limited.clone().with("retry-after-ms", "3600000"), 3600.0),
        (
            dated
                .clone()
                .with("retry-after", "Wed, 25 Nov 2026 10:02:30 GMT"),
            150.0,
        ),
        (
            dated
                .clone()
                .with("retry-after", "Wednesday, 25-Nov-26 10:02:30 GMT"),
            150.0,
        ),
        (
            dated
                .clone()
                .with("retry-after", "Wed Nov 25 10:02:30 2026"),
            150.0,
        ),
        (dated.clone().with("retry-after", "1795600950"), 150.0),
        (dated.with("retry-after", "1795600950000"), 150.0),
        (limited.clone().with("retry-after", "90s"), 90.0),
        (failure(503, "x").with("retry-after", "+600;q=1"), 600.0),
        // No longer wait is believed.
        (failure(503, "x").with("retry-after", "100000000"), 86_400.0),
    ];
    for (answer, seconds) in answers {
        let server = Server::start([answer]).await;
        let started = Instant::now();
        let error = server.get_skill().await.unwrap_err();
        assert_eq!(error.retry_after, Some(Duration::from_secs_f64(seconds)));
        assert_eq!(server.recorded().len(), 1);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn nonsense_instead_of_a_wait_counts_as_none() {
    for nonsense in ["soon", "-5", "NaN", "inf", "1e9"] {
        let server =
            Server::start([failure(429, "x").with("retry-after", nonsense), found()]).await;
        server.get_skill().await.unwrap();
        assert_eq!(server.recorded().len(), 2, "{nonsense}");
    }
}

#[tokio::test]
async fn a_timeout_is_final_and_may_have_happened() {
    let server = Server::start([Answer::Hang]).await;
    let variables = [
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", server.url.as_str()),
    ];
    let (settings, _) = read(&variables, false).await.unwrap();
    let limits = Limits {
        total: Duration::from_millis(50),
        ..quick()
    };
    let client = Client::new(settings.with_limits(limits)).unwrap();
    let error = client.get_skill("skill_1").await.unwrap_err();
    assert_eq!(
        (error.kind, error.may_have_happened()),
        (Kind::Timeout, true)
    );
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_can_have_happened() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = Server::start([]).await;
    let base = format!("http://{closed}");
    let client = server
        .client_with(
            &[("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", &base)],
            false,
        )
        .await;
    for number in 0..7 {
        let error = post(&client, number).await.unwrap_err();
        assert_eq!(
            (error.kind, error.may_have_happened()),
            (Kind::Connect, false),
            "{error}"
        );
    }
    let error = client.get_skill("skill_1").await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("GET /v1/skills/skill_1: 127.0.0.1: nothing answers there"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    for status in [301, 302, 307, 308] {
        let server = Server::start([failure(status, "x").with("location", &elsewhere.url)]).await;
        let error = server
            .client()
            .await
            .create_version("skill_1", archive())
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::Config, Some(status)));
        assert_eq!(server.recorded().len(), 1);
    }
    assert!(elsewhere.recorded().is_empty());
}
