//! What goes over the wire for each operation.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use claude_platform::{
    AgentFields, AgentUpdate, Archive, Cost, Exchange, Kind, NewSession, SkillEntry,
};
use serde_json::{Value, json};

use crate::server::{Answer, KEY, Recorded, Server, failure, ok};

const AGENTS: &str = "managed-agents-2026-04-01";

fn archive() -> Archive {
    Archive {
        filename: "pslc-padel.zip".to_owned(),
        data: Bytes::from_static(b"PK\x03\x04\r\n--\xff"),
    }
}

fn skill() -> Value {
    json!({"id": "skill_1", "type": "skill", "display_name": "Padel", "latest_version_id": "skver_2",
           "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-02T00:00:00Z",
           "source": {"type": "custom"}, "new_field": [1]})
}

fn version(id: &str) -> Value {
    json!({"id": id, "type": "skill_version", "skill_id": "skill_1", "name": "pslc-padel", "description": "D",
           "created_at": "2026-11-02T00:00:00Z"})
}

fn agent() -> Value {
    json!({"id": "agent_1", "type": "agent", "name": "Courts", "version": 3, "archived_at": null,
           "metadata": {"release": "1"}, "tools": [{"type": "x"}],
           "skills": [{"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
                      {"type": "custom", "skill_id": "skill_1", "version": "skver_1", "extra": true}]})
}

fn session() -> Value {
    json!({"id": "sesn_1", "type": "session", "status": "idle", "archived_at": null})
}

/// The headers of every request, and no others that matter.
fn check_headers(request: &Recorded, beta: Option<&str>, accept: &str) {
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(request.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(request.header("anthropic-beta"), beta);
    assert_eq!(request.header("accept"), Some(accept));
    assert_eq!(
        request.header("user-agent"),
        Some(concat!("claude-platform/", env!("CARGO_PKG_VERSION")))
    );
    for absent in ["x-api-key", "anthropic-workspace-id", "idempotency-key"] {
        assert_eq!(request.header(absent), None);
    }
}

#[tokio::test]
async fn skills_are_listed_page_by_page_without_a_beta() {
    let pages = [
        json!({"data": [skill()], "next_page": "p/2+="}),
        json!({"data": [skill()], "next_page": null}),
    ];
    let server = Server::start(pages.iter().map(ok)).await;
    let skills = server.client().await.list_skills().await.unwrap();
    assert_eq!(skills.len(), 2);
    assert_eq!(skills[0].display_name.as_deref(), Some("Padel"));
    assert_eq!(skills[0].latest_version_id.as_deref(), Some("skver_2"));
    let first = "GET /v1/skills?source=custom&limit=100";
    assert_eq!(
        server.lines(),
        [first, &format!("{first}&page=p%2F2%2B%3D")]
    );
    server
        .recorded()
        .iter()
        .for_each(|request| check_headers(request, None, "application/json"));
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let page = ok(&json!({"data": [], "next_page": "again"}));
    let server = Server::start(vec![page; 1000]).await;
    let error = server.client().await.list_skills().await.unwrap_err();
    assert_eq!(error.kind, Kind::Malformed);
    assert_eq!(server.recorded().len(), 1000);

    // Neither are many megabytes kept.
    let page = ok(&json!({"data": [], "next_page": "again", "padding": "x".repeat(15 << 20)}));
    let server = Server::start(vec![page; 5]).await;
    let error = server
        .client()
        .await
        .list_events("sesn_1")
        .await
        .unwrap_err();
    assert!(
        error.kind == Kind::Malformed && error.message.contains("larger than 64 MiB"),
        "{error}"
    );
    assert_eq!(server.recorded().len(), 5);
}

#[tokio::test]
async fn skills_and_versions_are_read_and_deleted_by_their_ids() {
    let page = json!({"data": [version("skver_2"), version("skver_1")], "next_page": "more"});
    let last = json!({"data": [version("skver_0")]});
    let answers = [
        skill(),
        version("skver_2"),
        page.clone(),
        page,
        last,
        json!({}),
        json!({}),
    ];
    let server = Server::start(answers.iter().map(ok)).await;
    let client = server.client().await;
    assert_eq!(client.get_skill("skill_1").await.unwrap().id, "skill_1");
    assert_eq!(
        client
            .get_skill_version("skill_1", "skver_2")
            .await
            .unwrap()
            .name
            .as_deref(),
        Some("pslc-padel")
    );
    assert_eq!(
        client
            .list_newest_versions("skill_1", 2)
            .await
            .unwrap()
            .len(),
        2
    );
    let ids: Vec<String> = client
        .list_skill_versions("skill_1")
        .await
        .unwrap()
        .into_iter()
        .map(|v| v.id)
        .collect();
    assert_eq!(ids, ["skver_2", "skver_1", "skver_0"]);
    client.delete_version("skill_1", "skver_1").await.unwrap();
    client.delete_skill("skill_1").await.unwrap();
    let versions = "/v1/skills/skill_1/versions";
    assert_eq!(
        server.lines(),
        [
            "GET /v1/skills/skill_1".to_owned(),
            format!("GET {versions}/skver_2"),
            format!("GET {versions}?limit=2"),
            format!("GET {versions}?limit=100"),
            format!("GET {versions}?limit=100&page=more"),
            format!("DELETE {versions}/skver_1"),
            "DELETE /v1/skills/skill_1".to_owned(),
        ]
    );
    server
        .recorded()
        .iter()
        .for_each(|request| check_headers(request, None, "application/json"));
}

#[tokio::test]
async fn a_skill_is_uploaded_as_one_zip_after_its_display_name() {
    let server = Server::start([ok(&skill())]).await;
    server
        .client()
        .await
        .create_skill(archive(), Some("Padel \"courts\""))
        .await
        .unwrap();
    let request = server.only();
    assert_eq!(request.line(), "POST /v1/skills");
    check_headers(&request, None, "application/json");
    let boundary = request
        .header("content-type")
        .unwrap()
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"display_name\"\r\n\r\nPadel \"courts\"\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"pslc-padel.zip\"\r\n\
         Content-Type: application/zip\r\n\r\n[zip]\r\n--{boundary}--\r\n"
    );
    let (before, after) = expected.split_once("[zip]").unwrap();
    let expected = [before.as_bytes(), &archive().data, after.as_bytes()].concat();
    assert_eq!(
        request.body.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[tokio::test]
async fn a_version_is_uploaded_as_one_zip_and_nothing_else() {
    let server = Server::start([ok(&version("skver_3")), ok(&skill())]).await;
    let client = server.client().await;
    let mut odd = archive();
    odd.filename = "a\"\r\nb.zip".to_owned();
    assert_eq!(
        client.create_version("skill_1", odd).await.unwrap().id,
        "skver_3"
    );
    client.create_skill(archive(), None).await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests[0].line(), "POST /v1/skills/skill_1/versions");
    let body = requests[0].body.escape_ascii().to_string();
    assert_eq!(body.matches("Content-Disposition").count(), 1);
    assert!(
        body.contains(r#"name=\"files[]\"; filename=\"a%22%0D%0Ab.zip\"\r\n"#),
        "{body}"
    );
    assert!(
        !requests[1]
            .body
            .escape_ascii()
            .to_string()
            .contains("display_name")
    );
    assert_ne!(
        requests[0].header("content-type"),
        requests[1].header("content-type"),
        "boundaries are random"
    );
}

#[tokio::test]
async fn a_download_is_bytes() {
    let zip = b"PK\x03\x04\xff\x00".to_vec();
    let server = Server::start([Answer::Reply(200, vec![], zip.clone())]).await;
    assert_eq!(
        server
            .client()
            .await
            .download_version("skill_1", "skver_1")
            .await
            .unwrap(),
        zip
    );
    assert_eq!(
        server.only().line(),
        "GET /v1/skills/skill_1/versions/skver_1/content"
    );
    check_headers(&server.only(), None, "application/binary");
}

#[tokio::test]
async fn an_agent_is_read_with_its_history_in_the_beta() {
    let server = Server::start([
        ok(&agent()),
        ok(&json!({"data": [agent()], "next_page": null})),
    ])
    .await;
    let client = server.client().await;
    let read = client.get_agent("agent_1").await.unwrap();
    assert_eq!(
        (read.version, read.name.as_deref(), &read.archived_at),
        (3, Some("Courts"), &None)
    );
    assert_eq!(read.skills[1].kind(), Some("custom"));
    assert_eq!(client.list_agent_versions("agent_1").await.unwrap(), [read]);
    assert_eq!(
        server.lines(),
        [
            "GET /v1/agents/agent_1",
            "GET /v1/agents/agent_1/versions?limit=100"
        ]
    );
    server
        .recorded()
        .iter()
        .for_each(|request| check_headers(request, Some(AGENTS), "application/json"));
}

#[tokio::test]
async fn agents_are_listed_to_the_last_page_in_the_beta() {
    let page = |next| ok(&json!({"data": [agent()], "next_page": next}));
    let server = Server::start([page(json!("two/=")), page(json!(null))]).await;
    assert_eq!(server.client().await.list_agents().await.unwrap().len(), 2);
    assert_eq!(
        server.lines(),
        [
            "GET /v1/agents?limit=100",
            "GET /v1/agents?limit=100&page=two%2F%3D"
        ]
    );
    server
        .recorded()
        .iter()
        .for_each(|request| check_headers(request, Some(AGENTS), "application/json"));
}

#[tokio::test]
async fn an_update_sends_the_lock_the_skills_and_the_metadata_only() {
    let server = Server::start([ok(&agent()), ok(&agent()), ok(&agent())]).await;
    let client = server.client().await;
    let mut skills = client.get_agent("agent_1").await.unwrap().skills;
    skills[1].set_version("skver_2");
    let metadata = json!({"release": "1.2.4", "old": null})
        .as_object()
        .unwrap()
        .clone();
    let mut update = AgentUpdate {
        version: 3,
        fields: AgentFields {
            skills: Some(skills),
            metadata,
            ..AgentFields::default()
        },
    };
    client.update_agent("agent_1", &update).await.unwrap();
    update.fields.metadata.clear();
    update.fields.skills = Some(vec![SkillEntry::custom("skill_1", "skver_9")]);
    client.update_agent("agent_1", &update).await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests[1].line(), "POST /v1/agents/agent_1");
    check_headers(&requests[1], Some(AGENTS), "application/json");
    assert_eq!(requests[1].header("content-type"), Some("application/json"));
    let skills = json!([{"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
                        {"type": "custom", "skill_id": "skill_1", "version": "skver_2", "extra": true}]);
    assert_eq!(
        requests[1].json(),
        json!({"version": 3, "skills": skills, "metadata": {"release": "1.2.4", "old": null}})
    );
    let skills = json!([{"type": "custom", "skill_id": "skill_1", "version": "skver_9"}]);
    assert_eq!(requests[2].json(), json!({"version": 3, "skills": skills}));
}

#[test]
fn a_number_in_an_entry_goes_back_as_it_came() {
    let text = r#"{"n":18446744000000000000000000000000000000000073709551615}"#;
    let entry: SkillEntry = serde_json::from_str(text).unwrap();
    let sent = serde_json::to_string(&entry).unwrap();
    assert_eq!(
        serde_json::from_str::<SkillEntry>(&sent).unwrap(),
        entry,
        "{sent}"
    );
}

#[tokio::test]
async fn lists_that_are_null_count_as_empty() {
    let bare = json!({"id": "agent_1", "version": 1, "skills": null});
    let server = Server::start([ok(&bare)]).await;
    let agent = server.client().await.get_agent("agent_1").await.unwrap();
    assert!(agent.skills.is_empty() && agent.metadata.is_empty());
}

#[tokio::test]
async fn a_session_names_its_agent_in_three_forms() {
    let server = Server::start(vec![ok(&session()); 3]).await;
    let client = server.client().await;
    let mut new = NewSession {
        agent: "agent_1".to_owned(),
        environment: "env_1".to_owned(),
        ..NewSession::default()
    };
    client.create_session(&new).await.unwrap();
    new.agent_version = Some(4);
    client.create_session(&new).await.unwrap();
    new.skills = Some(vec![SkillEntry::custom("skill_1", "skver_2")]);
    new.title = Some("Smoke".to_owned());
    new.max_cost = Some(Cost {
        amount: "100".to_owned(),
        currency: "USD".to_owned(),
    });
    new.vault_ids = vec!["vlt_1".to_owned()];
    new.resources = vec![json!({"type": "file", "file_id": "file_1", "mount_path": "/a"})];
    new.initial_message = Some("Hello".to_owned());
    assert_eq!(client.create_session(&new).await.unwrap().status, "idle");
    let requests = server.recorded();
    assert_eq!(
        requests[0].json(),
        json!({"agent": "agent_1", "environment_id": "env_1"})
    );
    let agent = json!({"type": "agent", "id": "agent_1", "version": 4});
    assert_eq!(
        requests[1].json(),
        json!({"agent": agent, "environment_id": "env_1"})
    );
    let agent = json!({"type": "agent_with_overrides", "id": "agent_1", "version": 4,
                       "skills": [{"type": "custom", "skill_id": "skill_1", "version": "skver_2"}]});
    let budget = json!({"type": "limit", "max_list_cost": {"amount": "100", "currency": "USD"}});
    let message = json!({"type": "user.message", "content": [{"type": "text", "text": "Hello"}]});
    let full = json!({"agent": agent, "environment_id": "env_1", "title": "Smoke", "budget": budget,
                      "vault_ids": ["vlt_1"], "initial_events": [message],
                      "resources": [{"type": "file", "file_id": "file_1", "mount_path": "/a"}]});
    assert_eq!(requests[2].json(), full);
    for request in requests {
        assert_eq!(request.line(), "POST /v1/sessions");
        check_headers(&request, Some(AGENTS), "application/json");
    }
}

#[tokio::test]
async fn a_session_is_talked_to_read_and_archived() {
    let events = json!({"data": [
        {"type": "agent.tool_use", "id": "e1", "name": "bash", "input": {"command": "id"}},
        {"type": "agent.tool_result", "id": "e2", "tool_use_id": "e1", "is_error": true,
         "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]},
        {"type": "session.status_idle", "id": "e3", "stop_reason": {"type": "end_turn"}},
        {"no": "type"}]});
    let ended = json!({"id": "sesn_1", "status": "idle", "stop_reason": {"type": "refusal"}, "archived_at": "now"});
    let server = Server::start([
        ok(&json!({"data": []})),
        ok(&events),
        ok(&session()),
        ok(&ended),
    ])
    .await;
    let client = server.client().await;
    client.send_message("sesn_1", "Run it").await.unwrap();
    let events = client.list_events("sesn_1").await.unwrap();
    assert_eq!(
        (events[0].kind.as_str(), events[0].text().as_str()),
        ("agent.tool_use", "")
    );
    assert_eq!(
        (events[1].text().as_str(), events[1].stop_reason()),
        ("ab", None)
    );
    assert_eq!(
        (events[2].stop_reason(), events[3].kind.as_str()),
        (Some("end_turn"), "")
    );
    assert_eq!(
        client.get_session("sesn_1").await.unwrap().archived_at,
        None
    );
    let archived = client.archive_session("sesn_1").await.unwrap();
    assert_eq!(
        (archived.status.as_str(), archived.archived_at.as_deref()),
        ("idle", Some("now"))
    );
    assert_eq!(
        server.lines(),
        [
            "POST /v1/sessions/sesn_1/events",
            "GET /v1/sessions/sesn_1/events?limit=100",
            "GET /v1/sessions/sesn_1",
            "POST /v1/sessions/sesn_1/archive",
        ]
    );
    let requests = server.recorded();
    let said = json!({"events": [{"type": "user.message", "content": [{"type": "text", "text": "Run it"}]}]});
    assert_eq!(requests[0].json(), said);
    assert!(requests[3].body.is_empty());
    requests
        .iter()
        .for_each(|request| check_headers(request, Some(AGENTS), "application/json"));
}

#[tokio::test]
async fn a_file_is_uploaded_without_a_beta() {
    let server = Server::start([ok(&json!({"id": "file_1", "type": "file"}))]).await;
    let file = server
        .client()
        .await
        .upload_file(".env", "text/plain", Bytes::from_static(b"a=b"))
        .await
        .unwrap();
    assert_eq!(file.id, "file_1");
    let request = server.only();
    assert_eq!(request.line(), "POST /v1/files");
    check_headers(&request, None, "application/json");
    let body = String::from_utf8(request.body).unwrap();
    let part = "Content-Disposition: form-data; name=\"file\"; filename=\".env\"\r\nContent-Type: text/plain\r\n\r\na=b\r\n";
    assert!(body.contains(part), "{body}");
}

#[tokio::test]
async fn no_id_reaches_another_endpoint() {
    let ids = ["a/../../files", "%2e%2e", "..%2f", "a?b=c#d", "é\\\t x"];
    let server = Server::start(ids.map(|id| ok(&json!({ "id": id })))).await;
    let client = server.client().await;
    for id in ids {
        client.get_skill(id).await.unwrap();
    }
    assert_eq!(
        server.lines(),
        [
            "GET /v1/skills/a%2F..%2F..%2Ffiles",
            "GET /v1/skills/%252e%252e",
            "GET /v1/skills/..%252f",
            "GET /v1/skills/a%3Fb%3Dc%23d",
            "GET /v1/skills/%C3%A9%5C%09%20x",
        ]
    );
    for id in ["", ".", ".."] {
        let error = client.delete_version("skill_1", id).await.unwrap_err();
        assert_eq!(
            (error.kind, error.may_have_happened()),
            (Kind::Invalid, false),
            "{error}"
        );
    }
    assert_eq!(server.recorded().len(), 5, "nothing was sent for those");
}

#[tokio::test]
async fn an_empty_cursor_is_the_end_of_a_list() {
    let server = Server::start([ok(&json!({"data": [skill()], "next_page": ""}))]).await;
    assert_eq!(server.client().await.list_skills().await.unwrap().len(), 1);
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn a_404_below_a_path_of_ones_own_names_its_variable() {
    for (path, told) in [("/gateway", true), ("", false)] {
        let server = Server::start([failure(404, "no")]).await;
        let base = format!("{}{path}", server.url);
        let variables = [
            ("ANTHROPIC_API_KEY", KEY),
            ("ANTHROPIC_BASE_URL", base.as_str()),
        ];
        let error = server
            .client_with(&variables, false)
            .await
            .get_skill("skill_1")
            .await
            .unwrap_err();
        assert_eq!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("the path of ANTHROPIC_BASE_URL")),
            told,
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = Server::start([ok(&skill())]).await;
    let base = format!("{}/gateway/", server.url);
    let variables = [
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", base.as_str()),
    ];
    server
        .client_with(&variables, false)
        .await
        .get_skill("skill_1")
        .await
        .unwrap();
    assert_eq!(server.only().line(), "GET /gateway/v1/skills/skill_1");
}

#[tokio::test]
async fn an_observer_sees_every_exchange() {
    let page = ok(&json!({"data": []})).with("request-id", "req_7");
    let server = Server::start([Answer::Close, page]).await;
    let seen: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let client = server
        .client()
        .await
        .with_observer(Arc::new(move |exchange| {
            kept.lock().unwrap().push(exchange.clone());
        }));
    client.list_skills().await.unwrap();
    let seen = seen.lock().unwrap();
    let short: Vec<_> = seen
        .iter()
        .map(|x| {
            (
                x.method.as_str(),
                x.path.as_str(),
                x.status,
                x.request_id.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            ("GET", "/v1/skills", None, None),
            ("GET", "/v1/skills", Some(200), Some("req_7"))
        ]
    );
    assert_eq!(seen[0].host, "127.0.0.1");
}
