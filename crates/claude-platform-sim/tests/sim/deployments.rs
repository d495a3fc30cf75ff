//! Deployments: what they pin, when they run, and what stops them.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::{
    chat::{RUN, budget, builder, message},
    client::{BETA, Got, act, bare, delete, get, ids, json as with_json, post, send, text},
};

const ALL: &str = "/v1/deployments";
const NOW: &str = "2026-11-23T09:00:00Z";

/// A deployment as `POST /v1/deployments` takes it, with more fields.
fn creation(more: &Value) -> Value {
    let mut body = json!({
        "name": "morning", "agent": "agent_01", "environment_id": "env_01",
        "initial_events": [message("look")],
        "schedule": {"type": "cron", "expression": "0 7 * * *", "timezone": "Europe/London"},
    });
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

/// A platform whose clock stands, and a deployment's target.
fn deployed(more: &Value) -> (Platform, String) {
    let platform = builder().now(NOW).start();
    let made = post(&platform, ALL, &creation(more)).ok();
    let target = format!("{ALL}/{}", text(&made["id"]));
    (platform, target)
}

fn runs(platform: &Platform, query: &str) -> Vec<Value> {
    let list = get(platform, &format!("/v1/deployment_runs{query}")).ok();
    list["data"].as_array().unwrap().clone()
}

#[test]
fn a_deployment_shows_its_defaults_and_next_runs() {
    let (platform, target) = deployed(&json!({"metadata": {"k": "v"}}));
    let shown = get(&platform, &target).ok();
    assert_eq!(
        (&shown["type"], &shown["status"]),
        (&"deployment".into(), &"active".into())
    );
    assert_eq!(
        shown["agent"],
        json!({"type": "agent", "id": "agent_01", "version": 1})
    );
    assert_eq!(
        shown["schedule"],
        json!({"type": "cron", "expression": "0 7 * * *", "timezone": "Europe/London",
               "last_run_at": null,
               "upcoming_runs_at": ["2026-11-24T07:00:00.000Z", "2026-11-25T07:00:00.000Z",
                                    "2026-11-26T07:00:00.000Z", "2026-11-27T07:00:00.000Z",
                                    "2026-11-28T07:00:00.000Z"]})
    );
    for (field, value) in [
        ("vault_ids", json!([])),
        ("resources", json!([])),
        ("budget", Value::Null),
        ("description", Value::Null),
        ("paused_reason", Value::Null),
        ("archived_at", Value::Null),
        ("metadata", json!({"k": "v"})),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(platform.deployments(), [shown]);
}

#[test]
fn every_run_is_a_new_session_of_the_pinned_version() {
    let (platform, target) = deployed(&json!({"budget": budget("50")}));
    post(&platform, "/v1/agents/agent_01", &json!({"system": "new"})).ok();
    let run = act(&platform, &format!("{target}/run")).ok();
    assert_eq!(
        (&run["type"], &run["error"], &run["trigger_context"]),
        (
            &"deployment_run".into(),
            &Value::Null,
            &json!({"type": "manual"})
        )
    );
    assert_eq!(
        run["agent"],
        json!({"type": "agent", "id": "agent_01", "version": 1})
    );
    let session = get(
        &platform,
        &format!("/v1/sessions/{}", text(&run["session_id"])),
    )
    .ok();
    assert_eq!(
        (&session["agent"]["version"], &session["agent"]["system"]),
        (&1.into(), &Value::Null)
    );
    assert_eq!(session["budget"], budget("50"));
    let id = target.rsplit('/').next().unwrap();
    assert_eq!(session["deployment_id"], id);
    let filtered = get(&platform, &format!("/v1/sessions?deployment_id={id}")).ok();
    assert_eq!(ids(&filtered), [text(&session["id"])]);
    post(&platform, &target, &json!({"agent": "agent_01"})).ok();
    let run = act(&platform, &format!("{target}/run")).ok();
    assert_eq!(run["agent"]["version"], 2);
    assert_eq!(platform.sessions().len(), 2);
    let own = format!("/v1/deployment_runs/{}", text(&run["id"]));
    assert_eq!(get(&platform, &own).ok(), run);
    get(&platform, "/v1/deployment_runs/drun_none").refused(404);
}

#[test]
fn a_clock_that_is_moved_starts_what_is_due_once() {
    let (platform, target) = deployed(&json!({}));
    assert!(runs(&platform, "").is_empty());
    platform.set_clock("2026-11-25T07:00:00Z");
    let due = runs(&platform, "");
    let times: Vec<_> = due
        .iter()
        .map(|run| &run["trigger_context"]["scheduled_at"])
        .collect();
    assert_eq!(
        times,
        ["2026-11-25T07:00:00.000Z", "2026-11-24T07:00:00.000Z"]
    );
    assert_eq!(runs(&platform, ""), due);
    assert_eq!(platform.sessions().len(), 2);
    let schedule = get(&platform, &target).ok()["schedule"].clone();
    assert_eq!(schedule["upcoming_runs_at"][0], "2026-11-26T07:00:00.000Z");
    assert_eq!(schedule["last_run_at"], "2026-11-25T07:00:00.000Z");
}

#[test]
fn a_paused_deployment_catches_nothing_up() {
    let (platform, target) = deployed(&json!({}));
    let paused = act(&platform, &format!("{target}/pause")).ok();
    assert_eq!(
        (&paused["status"], &paused["paused_reason"]),
        (&"paused".into(), &json!({"type": "manual"}))
    );
    assert_eq!(paused["schedule"]["upcoming_runs_at"], json!([]));
    platform.set_clock("2026-11-25T08:00:00Z");
    let active = act(&platform, &format!("{target}/unpause")).ok();
    assert_eq!(
        (&active["status"], &active["paused_reason"]),
        (&"active".into(), &Value::Null)
    );
    assert!(runs(&platform, "").is_empty());
    platform.set_clock("2026-11-26T07:00:00Z");
    assert_eq!(runs(&platform, "").len(), 1);
}

#[test]
fn an_archived_deployment_reads_active_and_does_nothing() {
    let (platform, target) = deployed(&json!({}));
    let archived = act(&platform, &format!("{target}/archive")).ok();
    assert!(archived["archived_at"].is_string());
    assert_eq!(archived["status"], "active");
    platform.set_clock("2026-11-25T08:00:00Z");
    assert!(runs(&platform, "").is_empty());
    for action in ["run", "pause", "unpause"] {
        act(&platform, &format!("{target}/{action}")).refused(400);
    }
    post(&platform, &target, &json!({"name": "x"})).refused(400);
    assert_eq!(get(&platform, ALL).ok()["data"], json!([]));
    let all = get(&platform, &format!("{ALL}?include_archived=true")).ok();
    assert_eq!(all["data"], json!([archived]));
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let (platform, target) = deployed(&json!({"metadata": {"a": "1"}, "budget": budget("5")}));
    let before = get(&platform, &target).ok();
    let patch = json!({"schedule": null, "budget": null, "metadata": {"b": "2"}});
    let after = post(&platform, &target, &patch).ok();
    assert_eq!(
        (&after["schedule"], &after["budget"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(after["metadata"], json!({"a": "1", "b": "2"}));
    for field in [
        "name",
        "agent",
        "environment_id",
        "initial_events",
        "created_at",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
    platform.set_clock("2026-11-25T08:00:00Z");
    assert!(runs(&platform, "").is_empty());
}

#[test]
fn what_is_gone_by_the_time_of_a_run_pauses_the_deployment() {
    let platform = builder().now(NOW).start();
    let vault = text(&post(&platform, "/v1/vaults", &json!({"display_name": "v"})).ok()["id"]);
    let environment = text(&post(&platform, "/v1/environments", &json!({"name": "e"})).ok()["id"]);
    let more = json!({"vault_ids": [vault], "environment_id": environment});
    let made = post(&platform, ALL, &creation(&more)).ok();
    let target = format!("{ALL}/{}", text(&made["id"]));
    let failed = |kind: &str| {
        let run = act(&platform, &format!("{target}/run")).ok();
        assert_eq!(
            (&run["session_id"], &run["error"]["type"]),
            (&Value::Null, &kind.into())
        );
        let shown = get(&platform, &target).ok();
        assert_eq!(
            (&shown["status"], &shown["paused_reason"]),
            (
                &"paused".into(),
                &json!({"type": "error", "error": {"type": kind}})
            )
        );
    };
    act(&platform, &format!("/v1/vaults/{vault}/archive")).ok();
    failed("vault_archived_error");
    delete(&platform, &format!("/v1/vaults/{vault}")).ok();
    failed("vault_not_found_error");
    act(&platform, "/v1/agents/agent_01/archive").ok();
    failed("agent_archived_error");
    act(
        &platform,
        &format!("/v1/environments/{environment}/archive"),
    )
    .ok();
    failed("environment_archived_error");
    delete(&platform, &format!("/v1/environments/{environment}")).ok();
    failed("environment_not_found_error");
    assert!(platform.sessions().is_empty());
    assert_eq!(runs(&platform, "?has_error=true").len(), 5);
    assert!(runs(&platform, "?has_error=false").is_empty());
}

#[test]
fn runs_are_filtered() {
    let (platform, target) = deployed(&json!({}));
    let id = target.rsplit('/').next().unwrap();
    act(&platform, &format!("{target}/run")).ok();
    platform.set_clock("2026-11-24T07:00:00Z");
    for (query, count) in [
        ("", 2),
        ("?trigger_type=schedule", 1),
        ("?trigger_type=manual", 1),
        (&format!("?deployment_id={id}"), 2),
        ("?deployment_id=depl_none", 0),
        ("?created_at%5Bgt%5D=2026-11-23T12:00:00Z", 1),
    ] {
        assert_eq!(runs(&platform, query).len(), count, "{query}");
    }
}

#[test]
fn deployments_are_filtered_by_agent_and_status() {
    let platform = builder().agent("agent_02", json!({})).start();
    let make =
        |agent: &str| text(&post(&platform, ALL, &creation(&json!({"agent": agent}))).ok()["id"]);
    let [one, two] = ["agent_01", "agent_02"].map(make);
    act(&platform, &format!("{ALL}/{two}/pause")).ok();
    let list = |query: &str| ids(&get(&platform, &format!("{ALL}{query}")).ok());
    assert_eq!(list(""), [&*two, &one]);
    assert_eq!(list("?agent_id=agent_01"), [&*one]);
    assert_eq!(list("?status=paused"), [&*two]);
    get(
        &platform,
        &format!("{ALL}?status=active&include_archived=true"),
    )
    .refused(400);
}

fn scheduled(expression: &str, timezone: &str) -> Value {
    let schedule = json!({"type": "cron", "expression": expression, "timezone": timezone});
    json!({ "schedule": schedule })
}

#[test]
fn a_bad_deployment_is_refused() {
    let platform = builder()
        .archived_environment("env_old")
        .agent("agent_old", json!({"archived_at": "2026-01-01T00:00:00Z"}))
        .start();
    let table = [
        (json!({"name": ""}), 400),
        (json!({"agent": "agent_none"}), 404),
        (json!({"agent": "agent_old"}), 400),
        (
            json!({"agent": {"type": "agent", "id": "agent_01", "version": 7}}),
            404,
        ),
        (
            json!({"agent": {"type": "agent_with_overrides", "id": "agent_01"}}),
            400,
        ),
        (json!({"environment_id": "env_none"}), 404),
        (json!({"environment_id": "env_old"}), 400),
        (json!({"initial_events": []}), 400),
        (json!({"initial_events": null}), 400),
        (json!({"initial_events": [{"type": "user.interrupt"}]}), 400),
        (json!({"vault_ids": ["vlt_none"]}), 404),
        (
            json!({"resources": [{"type": "file", "file_id": "file_none"}]}),
            404,
        ),
        (json!({"budget": budget(5)}), 400),
        (scheduled("0 7 * *", "Europe/London"), 400),
        (scheduled("0 25 * * *", "Europe/London"), 400),
        (scheduled("0 7 * * *", "Mars/Base"), 400),
        (
            json!({"schedule": {"type": "cron", "expression": "0 7 * * *"}}),
            400,
        ),
        (json!({"schedule": {"type": "interval"}}), 400),
        (json!({"title": "x"}), 400),
    ];
    for (more, status) in table {
        let got = post(&platform, ALL, &creation(&more));
        assert_eq!(got.status, status, "{more}");
    }
    assert!(platform.deployments().is_empty());
    post(&platform, ALL, &json!({})).refused(400);
}

/// A request of AWS, with its key.
fn aws(platform: &Platform, method: &str, target: &str, body: Option<&Value>) -> Got {
    let request = bare(platform, method, target)
        .bearer_auth("key")
        .header("anthropic-version", "2026-10-21")
        .header("anthropic-workspace-id", "wrkspc_1")
        .header("anthropic-beta", BETA);
    send(match body {
        Some(body) => with_json(request, body),
        None => request,
    })
}

#[test]
fn on_aws_deployments_are_routed_or_unknown_or_denied() {
    let platform = builder().aws_key("key").start();
    aws(&platform, "POST", ALL, Some(&creation(&json!({})))).ok();
    let platform = builder().aws_key("key").unrouted_deployments().start();
    for target in [ALL, "/v1/deployment_runs"] {
        assert!(
            aws(&platform, "GET", target, None)
                .refused(404)
                .contains("path")
        );
    }
    let denying = builder().aws_key("key").deny("CreateDeployment").start();
    aws(&denying, "POST", ALL, Some(&creation(&json!({})))).refused(403);
    aws(&denying, "GET", ALL, None).ok();
}

#[test]
fn a_run_works_on_its_first_message() {
    let (platform, target) = deployed(&json!({"initial_events": [message(RUN)]}));
    let run = act(&platform, &format!("{target}/run")).ok();
    let id = text(&run["session_id"]);
    let said = crate::chat::wait_for(|| {
        let events = platform.events(&id);
        let is_over = events.last()?["type"] == "session.status_idle";
        is_over.then_some(events)
    });
    assert_eq!(said[0]["content"][0]["text"], RUN);
}
