//! Each operation on Managed Agents: its request, the IAM action that it needs, and that none of
//! them says or makes something twice.

use std::pin::Pin;

use claude_platform::{
    AgentFields, AuthUpdate, Client, Cost, DeploymentFields, EnvironmentFields, Error, Kind,
    NewAuth, NewSession, OauthRefresh, Places, SessionFilter, user_message,
};
use serde_json::{Map, Value, json};

use crate::server::{Answer, Server, failure, ok};

type Call = for<'a> fn(&'a Client) -> Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// An operation: the IAM action, empty for what AWS does not route, the request's line, its body, and the call.
struct Operation(&'static str, &'static str, Value, Call);

macro_rules! call {
    ($client:ident.$($call:tt)*) => {
        |$client| Box::pin(async move { $client.$($call)*.await.map(drop) })
    };
}

fn metadata(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn owner() -> Map<String, Value> {
    metadata(&json!({"padel_deployment": "padel"}))
}

fn variable() -> NewAuth {
    NewAuth::EnvironmentVariable {
        name: "PSLC_PASSWORD".to_owned(),
        value: "pass word".into(),
        hosts: vec!["login.example".to_owned()],
        places: Places {
            header: false,
            body: true,
        },
    }
}

fn token() -> NewAuth {
    NewAuth::StaticBearer {
        mcp_server_url: "https://mcp.example".to_owned(),
        token: "t".into(),
    }
}

fn oauth() -> NewAuth {
    NewAuth::McpOauth {
        mcp_server_url: "https://mcp.example".to_owned(),
        access_token: "a".into(),
        expires_at: Some("2026-12-01T00:00:00Z".to_owned()),
        refresh: Some(OauthRefresh {
            client_id: "1.2".to_owned(),
            refresh_token: "r".into(),
            token_endpoint: "https://t.example".to_owned(),
            client_secret: Some("c".into()),
            scope: None,
        }),
    }
}

fn new_secret() -> AuthUpdate {
    AuthUpdate::EnvironmentVariable {
        value: Some("other".into()),
        hosts: None,
        places: None,
    }
}

fn new_oauth() -> AuthUpdate {
    AuthUpdate::McpOauth {
        access_token: "b".into(),
        expires_at: None,
        refresh_token: Some("s".into()),
    }
}

fn environment() -> EnvironmentFields {
    EnvironmentFields {
        name: Some("padel".to_owned()),
        config: Some(json!({"type": "cloud"})),
        metadata: owner(),
        ..EnvironmentFields::default()
    }
}

fn agent() -> AgentFields {
    AgentFields {
        name: Some("padel".to_owned()),
        model: Some(json!({"id": "claude-sonnet-5-5", "effort": "low"})),
        tools: Some(vec![json!({"type": "agent_toolset_20260401"})]),
        ..AgentFields::default()
    }
}

fn session() -> NewSession {
    NewSession {
        agent: "agent_1".to_owned(),
        environment: "env_1".to_owned(),
        model: Some(json!("claude-haiku-5-5")),
        metadata: owner(),
        ..NewSession::default()
    }
}

fn deployment() -> DeploymentFields {
    let budget = Cost {
        amount: "25".to_owned(),
        currency: "USD".to_owned(),
    };
    DeploymentFields {
        agent: Some(json!("agent_1")),
        initial_events: Some(vec![user_message("tick")]),
        schedule: Some(Value::Null),
        budget: Some(budget.to_budget()),
        ..DeploymentFields::default()
    }
}

fn filter() -> SessionFilter {
    SessionFilter {
        agent: Some("agent_1".to_owned()),
        deployment: Some("depl_1".to_owned()),
        statuses: vec!["idle".to_owned(), "running".to_owned()],
        created_since: Some("2026-11-01T00:00:00Z".to_owned()),
        include_archived: true,
    }
}

#[rustfmt::skip]
fn operations() -> Vec<Operation> {
    let limited = json!({"type": "limited", "allowed_hosts": ["login.example"]});
    let variable_body = json!({
        "type": "environment_variable", "secret_name": "PSLC_PASSWORD", "secret_value": "pass word",
        "networking": limited, "injection_location": {"header": false, "body": true}});
    let token_body = json!({"type": "static_bearer", "mcp_server_url": "https://mcp.example", "token": "t"});
    let oauth_body = json!({
        "type": "mcp_oauth", "mcp_server_url": "https://mcp.example", "access_token": "a",
        "expires_at": "2026-12-01T00:00:00Z",
        "refresh": {"client_id": "1.2", "refresh_token": "r", "token_endpoint": "https://t.example",
                    "token_endpoint_auth": {"type": "client_secret_post", "client_secret": "c"}}});
    let events = |event: Value| json!({"events": [event]});
    let none = Value::Null;
    vec![
        Operation("CreateEnvironment", "POST /v1/environments",
            json!({"name": "padel", "config": {"type": "cloud"}, "metadata": owner()}),
            call!(c.create_environment(&environment()))),
        Operation("ListEnvironments", "GET /v1/environments?limit=100", none.clone(), call!(c.list_environments())),
        Operation("GetEnvironment", "GET /v1/environments/env_1", none.clone(), call!(c.get_environment("env_1"))),
        Operation("UpdateEnvironment", "POST /v1/environments/env_1", json!({}),
            call!(c.update_environment("env_1", &EnvironmentFields::default()))),
        Operation("ArchiveEnvironment", "POST /v1/environments/env_1/archive", none.clone(), call!(c.archive_environment("env_1"))),
        Operation("DeleteEnvironment", "DELETE /v1/environments/env_1", none.clone(), call!(c.delete_environment("env_1"))),
        Operation("CreateVault", "POST /v1/vaults", json!({"display_name": "padel", "metadata": owner()}),
            call!(c.create_vault("padel", &owner()))),
        Operation("ListVaults", "GET /v1/vaults?limit=100", none.clone(), call!(c.list_vaults())),
        Operation("GetVault", "GET /v1/vaults/vlt_1", none.clone(), call!(c.get_vault("vlt_1"))),
        Operation("ArchiveVault", "POST /v1/vaults/vlt_1/archive", none.clone(), call!(c.archive_vault("vlt_1"))),
        Operation("DeleteVault", "DELETE /v1/vaults/vlt_1", none.clone(), call!(c.delete_vault("vlt_1"))),
        Operation("UpdateVault", "POST /v1/vaults/vlt_1/credentials",
            json!({"display_name": "password", "auth": variable_body, "metadata": owner()}),
            call!(c.create_credential("vlt_1", "password", &variable(), &owner()))),
        Operation("UpdateVault", "POST /v1/vaults/vlt_1/credentials", json!({"display_name": "m", "auth": token_body}),
            call!(c.create_credential("vlt_1", "m", &token(), &Map::new()))),
        Operation("UpdateVault", "POST /v1/vaults/vlt_1/credentials", json!({"display_name": "o", "auth": oauth_body}),
            call!(c.create_credential("vlt_1", "o", &oauth(), &Map::new()))),
        Operation("GetVault", "GET /v1/vaults/vlt_1/credentials?limit=100", none.clone(), call!(c.list_credentials("vlt_1"))),
        Operation("UpdateVault", "POST /v1/vaults/vlt_1/credentials/vcrd_1",
            json!({"auth": {"type": "environment_variable", "secret_value": "other"}}),
            call!(c.update_credential("vlt_1", "vcrd_1", &new_secret()))),
        Operation("UpdateVault", "POST /v1/vaults/vlt_1/credentials/vcrd_1",
            json!({"auth": {"type": "mcp_oauth", "access_token": "b", "refresh": {"refresh_token": "s"}}}),
            call!(c.update_credential("vlt_1", "vcrd_1", &new_oauth()))),
        Operation("", "POST /v1/vaults/vlt_1/credentials/vcrd_1/mcp_oauth_validate", none.clone(),
            call!(c.validate_credential("vlt_1", "vcrd_1"))),
        Operation("UpdateVault", "DELETE /v1/vaults/vlt_1/credentials/vcrd_1", none.clone(),
            call!(c.delete_credential("vlt_1", "vcrd_1"))),
        Operation("CreateAgent", "POST /v1/agents",
            json!({"name": "padel", "model": {"id": "claude-sonnet-5-5", "effort": "low"},
                   "tools": [{"type": "agent_toolset_20260401"}]}),
            call!(c.create_agent(&agent()))),
        Operation("ArchiveAgent", "POST /v1/agents/agent_1/archive", none.clone(), call!(c.archive_agent("agent_1"))),
        Operation("CreateSession", "POST /v1/sessions",
            json!({"agent": {"type": "agent_with_overrides", "id": "agent_1", "model": "claude-haiku-5-5"},
                   "environment_id": "env_1", "metadata": owner()}),
            call!(c.create_session(&session()))),
        Operation("ListSessions",
            "GET /v1/sessions?agent_id=agent_1&deployment_id=depl_1&created_at%5Bgte%5D=2026-11-01T00%3A00%3A00Z\
             &statuses%5B%5D=idle&statuses%5B%5D=running&include_archived=true&limit=100",
            none.clone(), call!(c.list_sessions(&filter()))),
        Operation("UpdateSession", "POST /v1/sessions/sesn_1", json!({"metadata": {"a": null}}),
            call!(c.update_session("sesn_1", &metadata(&json!({"a": null}))))),
        Operation("DeleteSession", "DELETE /v1/sessions/sesn_1", none.clone(), call!(c.delete_session("sesn_1"))),
        Operation("GetSession", "GET /v1/sessions/sesn_1/resources?limit=100", none.clone(), call!(c.list_resources("sesn_1"))),
        Operation("UpdateSession", "POST /v1/sessions/sesn_1/resources",
            json!({"type": "file", "file_id": "file_1", "mount_path": "/a"}),
            call!(c.add_resource("sesn_1", "file_1", "/a"))),
        Operation("UpdateSession", "DELETE /v1/sessions/sesn_1/resources/sesrsc_1", none.clone(),
            call!(c.delete_resource("sesn_1", "sesrsc_1"))),
        Operation("UpdateSession", "POST /v1/sessions/sesn_1/events", events(json!({"type": "user.interrupt"})),
            call!(c.interrupt_session("sesn_1"))),
        Operation("UpdateSession", "POST /v1/sessions/sesn_1/events",
            events(json!({"type": "user.tool_confirmation", "tool_use_id": "sevt_1", "result": "allow"})),
            call!(c.confirm_tool("sesn_1", "sevt_1", None))),
        Operation("UpdateSession", "POST /v1/sessions/sesn_1/events",
            events(json!({"type": "user.tool_confirmation", "tool_use_id": "sevt_1", "result": "deny", "deny_message": "no"})),
            call!(c.confirm_tool("sesn_1", "sevt_1", Some("no")))),
        Operation("GetSession", "GET /v1/sessions/sesn_1/events?order=desc&types%5B%5D=user.message&limit=5", none.clone(),
            call!(c.list_newest_events("sesn_1", &["user.message"], 5))),
        Operation("CreateDeployment", "POST /v1/deployments",
            json!({"agent": "agent_1", "initial_events": [user_message("tick")], "schedule": null,
                   "budget": {"type": "limit", "max_list_cost": {"amount": "25", "currency": "USD"}}}),
            call!(c.create_deployment(&deployment()))),
        Operation("ListDeployments", "GET /v1/deployments?limit=100", none.clone(), call!(c.list_deployments())),
        Operation("GetDeployment", "GET /v1/deployments/depl_1", none.clone(), call!(c.get_deployment("depl_1"))),
        Operation("UpdateDeployment", "POST /v1/deployments/depl_1", json!({}),
            call!(c.update_deployment("depl_1", &DeploymentFields::default()))),
        Operation("PauseDeployment", "POST /v1/deployments/depl_1/pause", none.clone(), call!(c.pause_deployment("depl_1"))),
        Operation("UnpauseDeployment", "POST /v1/deployments/depl_1/unpause", none.clone(), call!(c.unpause_deployment("depl_1"))),
        Operation("RunDeployment", "POST /v1/deployments/depl_1/run", none.clone(), call!(c.run_deployment("depl_1"))),
        Operation("ArchiveDeployment", "POST /v1/deployments/depl_1/archive", none.clone(), call!(c.archive_deployment("depl_1"))),
        Operation("GetDeployment", "GET /v1/deployment_runs?deployment_id=depl_1&limit=100", none.clone(),
            call!(c.list_deployment_runs("depl_1"))),
        Operation("ListFiles", "GET /v1/files?limit=100", none.clone(), call!(c.list_files())),
        Operation("DeleteFile", "DELETE /v1/files/file_1", none.clone(), call!(c.delete_file("file_1"))),
        Operation("GetModel", "GET /v1/models/claude-sonnet-5-5", none, call!(c.get_model("claude-sonnet-5-5"))),
    ]
}

/// An answer that every operation understands, about the object `id`.
fn answer(id: &str) -> Answer {
    ok(&json!({"id": id, "data": [], "status": "idle", "version": 1}))
}

/// The id in a request's line, where it names one object.
fn id_in(line: &str) -> &str {
    let path = line.split([' ', '?']).nth(1).unwrap();
    path.split('/')
        .rev()
        .find(|part| part.contains(['_', '-']) && !part.starts_with("mcp_"))
        .unwrap_or_default()
}

#[tokio::test]
async fn each_operation_sends_its_request_with_its_beta() {
    for Operation(_, line, body, call) in operations() {
        let server = Server::start([answer(id_in(line))]).await;
        call(&server.client().await).await.unwrap();
        let request = server.only();
        assert_eq!(request.line(), line);
        let in_beta = !line.contains("/v1/files") && !line.contains("/v1/models");
        assert_eq!(
            request.header("anthropic-beta"),
            in_beta.then_some("managed-agents-2026-04-01"),
            "{line}"
        );
        match body {
            Value::Null => assert!(request.body.is_empty(), "{line}"),
            body => assert_eq!(request.json(), body, "{line}"),
        }
    }
}

#[tokio::test]
async fn a_denial_of_each_operation_names_its_action() {
    for Operation(action, line, _, call) in operations() {
        let server = Server::start([failure(403, "no")]).await;
        let variables = [
            ("ANTHROPIC_AWS_API_KEY", "k"),
            ("ANTHROPIC_AWS_BASE_URL", server.url.as_str()),
            ("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_1"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let client = server.client_with(&variables, true).await;
        let error = call(&client).await.unwrap_err();
        let expected = format!("aws-external-anthropic:{action}");
        let expected = Some(expected.as_str()).filter(|_| !action.is_empty());
        assert_eq!(error.action, expected, "{line}");
    }
}

#[tokio::test]
async fn nothing_that_makes_or_says_something_is_sent_twice() {
    for Operation(_, line, _, call) in operations() {
        if !line.starts_with("POST") {
            continue;
        }
        for trouble in [failure(503, "x"), failure(409, "x"), Answer::Close] {
            let server = Server::start([trouble]).await;
            call(&server.client().await).await.unwrap_err();
            assert_eq!(server.recorded().len(), 1, "{line}");
        }
    }
}

#[tokio::test]
async fn an_answer_about_another_resource_is_refused() {
    // Lists, creations and calls that answer with another object than the one in the path.
    let unchecked = [
        "?",
        "credentials ",
        "events ",
        "resources ",
        "run ",
        "validate ",
        "models/",
    ];
    for Operation(_, line, _, call) in operations() {
        let named = id_in(line).contains('_');
        if !named
            || unchecked
                .iter()
                .any(|part| format!("{line} ").contains(part))
        {
            continue;
        }
        let server = Server::start([answer("other_2")]).await;
        let error = call(&server.client().await).await.unwrap_err();
        assert_eq!(error.kind, Kind::Malformed, "{line}");
        assert!(error.message.contains("`other_2`"), "{line}: {error}");
    }
}
