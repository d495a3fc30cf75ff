//! The operations on Managed Agents, files and models.

use std::error::Error;

use claude_platform::{
    AgentFields, AuthUpdate, Client, Cost, DeploymentFields, EnvironmentFields, NewAuth,
    NewSession, OauthRefresh, Places, SessionFilter, user_message,
};
use serde_json::{Map, Value, json};

use crate::{MESSAGE, session};

const MCP: &str = "https://mcp.slack.com/mcp";
const TIME: &str = "2026-12-01T00:00:00Z";

/// Does the operation with this name.
pub(crate) async fn perform(client: &Client, operation: &str) -> Result<(), Box<dyn Error>> {
    match operation {
        "create_environment" => drop(client.create_environment(&environment()).await?),
        "environments" => drop(client.list_environments().await?),
        "environment" => drop(client.get_environment("env_1").await?),
        "update_environment" => {
            let fields = EnvironmentFields {
                config: Some(json!({"type": "cloud", "networking": networking()})),
                metadata: object(json!({"k": null})),
                ..EnvironmentFields::default()
            };
            client.update_environment("env_1", &fields).await?;
        }
        "archive_environment" => drop(client.archive_environment("env_1").await?),
        "delete_environment" => client.delete_environment("env_1").await?,
        "create_vault" => drop(client.create_vault("padel", &owner()).await?),
        "vaults" => drop(client.list_vaults().await?),
        "vault" => drop(client.get_vault("vlt_1").await?),
        "archive_vault" => drop(client.archive_vault("vlt_1").await?),
        "delete_vault" => client.delete_vault("vlt_1").await?,
        "credentials" => drop(client.list_credentials("vlt_1").await?),
        "delete_credential" => client.delete_credential("vlt_1", "vcrd_1").await?,
        "validate_credential" => drop(client.validate_credential("vlt_1", "vcrd_1").await?),
        "create_agent" => drop(client.create_agent(&agent()).await?),
        "archive_agent" => drop(client.archive_agent("agent_1").await?),
        "create_session_with_model" => {
            let new = NewSession {
                model: Some(json!("claude-haiku-5-5")),
                metadata: owner(),
                ..session()
            };
            client.create_session(&new).await?;
        }
        "sessions" => drop(client.list_sessions(&SessionFilter::default()).await?),
        "sessions_filtered" => drop(client.list_sessions(&filter()).await?),
        "update_session" => {
            let metadata = object(json!({"k": null}));
            client.update_session("sesn_1", &metadata).await?;
        }
        "delete_session" => client.delete_session("sesn_1").await?,
        "resources" => drop(client.list_resources("sesn_1").await?),
        "add_resource" => drop(
            client
                .add_resource("sesn_1", "file_2", "/root/.env")
                .await?,
        ),
        "delete_resource" => client.delete_resource("sesn_1", "sesrsc_1").await?,
        "newest_events" => {
            let types = ["agent.message", "session.status_idle"];
            client.list_newest_events("sesn_1", &types, 1).await?;
        }
        "interrupt" => client.interrupt_session("sesn_1").await?,
        "allow_tool" => client.confirm_tool("sesn_1", "sevt_1", None).await?,
        "deny_tool" => client.confirm_tool("sesn_1", "sevt_1", Some("no")).await?,
        "stream" => {
            let mut stream = client.stream_events("sesn_1").await?;
            let mut count = 0;
            while stream.next_event().await?.is_some() {
                count += 1;
            }
            if count != 2 {
                return Err(format!("{count} events on the stream").into());
            }
        }
        "files" => drop(client.list_files().await?),
        "delete_file" => client.delete_file("file_1").await?,
        "upload_secret_file" => {
            let text = "PSLC_USER=a\nPSLC_PASSWORD=b\n".into();
            client
                .upload_secret_file(".env", "text/plain", &text)
                .await?;
        }
        "model" => drop(client.get_model("claude-sonnet-5-5").await?),
        _ if operation.contains("_credential_") => change_credential(client, operation).await?,
        _ => deploy(client, operation).await?,
    }
    Ok(())
}

async fn change_credential(client: &Client, operation: &str) -> Result<(), Box<dyn Error>> {
    let none = Map::new();
    match operation {
        "create_credential_variable" => {
            let auth = NewAuth::EnvironmentVariable {
                name: "PSLC_PASSWORD".to_owned(),
                value: "s3cret".into(),
                hosts: vec!["club.gladstonego.cloud".to_owned()],
                places: Places {
                    header: false,
                    body: true,
                },
            };
            client
                .create_credential("vlt_1", "password", &auth, &owner())
                .await?;
        }
        "create_credential_bearer" => {
            let auth = NewAuth::StaticBearer {
                mcp_server_url: MCP.to_owned(),
                token: "t".into(),
            };
            client
                .create_credential("vlt_1", "slack", &auth, &none)
                .await?;
        }
        "create_credential_oauth" => {
            let auth = NewAuth::McpOauth {
                mcp_server_url: MCP.to_owned(),
                access_token: "a".into(),
                expires_at: Some(TIME.to_owned()),
                refresh: Some(OauthRefresh {
                    client_id: "1.2".to_owned(),
                    refresh_token: "r".into(),
                    token_endpoint: "https://slack.com/api/oauth.v2.access".to_owned(),
                    client_secret: Some("c".into()),
                    scope: Some("chat:write".to_owned()),
                }),
            };
            client
                .create_credential("vlt_1", "slack", &auth, &none)
                .await?;
        }
        "update_credential_variable" => {
            let auth = AuthUpdate::EnvironmentVariable {
                value: Some("other".into()),
                hosts: Some(vec!["club.gladstonego.cloud".to_owned()]),
                places: Some(Places {
                    header: false,
                    body: true,
                }),
            };
            client.update_credential("vlt_1", "vcrd_1", &auth).await?;
        }
        "update_credential_bearer" => {
            let auth = AuthUpdate::StaticBearer { token: "u".into() };
            client.update_credential("vlt_1", "vcrd_1", &auth).await?;
        }
        "update_credential_oauth" => {
            let auth = AuthUpdate::McpOauth {
                access_token: "b".into(),
                expires_at: Some(TIME.to_owned()),
                refresh_token: Some("s".into()),
            };
            client.update_credential("vlt_1", "vcrd_1", &auth).await?;
        }
        _ => return Err("no such operation".into()),
    }
    Ok(())
}

async fn deploy(client: &Client, operation: &str) -> Result<(), Box<dyn Error>> {
    match operation {
        "create_deployment" => drop(client.create_deployment(&deployment()).await?),
        "deployments" => drop(client.list_deployments().await?),
        "deployment" => drop(client.get_deployment("depl_1").await?),
        "update_deployment" => {
            let fields = DeploymentFields {
                agent: Some(json!("agent_1")),
                schedule: Some(Value::Null),
                ..DeploymentFields::default()
            };
            client.update_deployment("depl_1", &fields).await?;
        }
        "pause_deployment" => drop(client.pause_deployment("depl_1").await?),
        "unpause_deployment" => drop(client.unpause_deployment("depl_1").await?),
        "run_deployment" => drop(client.run_deployment("depl_1").await?),
        "archive_deployment" => drop(client.archive_deployment("depl_1").await?),
        "deployment_runs" => drop(client.list_deployment_runs("depl_1").await?),
        _ => return Err("no such operation".into()),
    }
    Ok(())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn owner() -> Map<String, Value> {
    object(json!({"padel_deployment": "padel"}))
}

fn networking() -> Value {
    json!({"type": "limited", "allowed_hosts": ["club.gladstonego.cloud"],
           "allow_mcp_servers": false, "allow_package_managers": false})
}

fn environment() -> EnvironmentFields {
    EnvironmentFields {
        name: Some("padel".to_owned()),
        description: Some("d".to_owned()),
        config: Some(json!({"type": "cloud", "networking": networking()})),
        metadata: owner(),
    }
}

fn agent() -> AgentFields {
    let policy = json!({"type": "always_allow"});
    AgentFields {
        name: Some("padel".to_owned()),
        description: Some("d".to_owned()),
        model: Some(json!({"id": "claude-sonnet-5-5", "effort": "low"})),
        system: Some("s".to_owned()),
        tools: Some(vec![
            json!({"type": "agent_toolset_20260401", "default_config": {"enabled": false},
                   "configs": [{"name": "bash", "enabled": true, "permission_policy": policy}]}),
            json!({"type": "mcp_toolset", "mcp_server_name": "slack"}),
        ]),
        mcp_servers: Some(vec![json!({"type": "url", "name": "slack", "url": MCP})]),
        metadata: owner(),
        ..AgentFields::default()
    }
}

fn filter() -> SessionFilter {
    SessionFilter {
        agent: Some("agent_1".to_owned()),
        deployment: Some("depl_1".to_owned()),
        statuses: vec!["idle".to_owned(), "running".to_owned()],
        created_since: Some(TIME.to_owned()),
        include_archived: true,
    }
}

fn deployment() -> DeploymentFields {
    let budget = Cost {
        amount: "25".to_owned(),
        currency: "USD".to_owned(),
    };
    DeploymentFields {
        name: Some("padel".to_owned()),
        agent: Some(json!({"type": "agent", "id": "agent_1", "version": 2})),
        environment_id: Some("env_1".to_owned()),
        initial_events: Some(vec![user_message(MESSAGE)]),
        schedule: Some(
            json!({"type": "cron", "expression": "0 18 * * *", "timezone": "Europe/London"}),
        ),
        vault_ids: Some(vec!["vlt_1".to_owned()]),
        resources: Some(vec![
            json!({"type": "file", "file_id": "file_1", "mount_path": "/a"}),
        ]),
        budget: Some(budget.to_budget()),
        metadata: owner(),
    }
}
