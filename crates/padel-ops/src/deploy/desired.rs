//! The bodies of what a deployment has on the platform, as they are sent when it is made. An update
//! sends the parts of them that differ.

use serde_json::{Map, Value, json};

use super::{CredentialKind, Declaration, OWNER_KEY, Reply};

/// The place of the mounted `.env`, which the platform puts below `/mnt/session/uploads`
/// (documented).
const MOUNT_PATH: &str = "/root/.config/pslc-padel/.env";
/// Slack's own MCP server (documented).
pub(crate) const SLACK_SERVER: &str = "https://mcp.slack.com/mcp";
/// The name that ties the server to its toolset.
const SLACK_NAME: &str = "slack";
/// The tool to answer in a thread. The question holds all that there is to know, so none reads.
const SLACK_TOOLS: [&str; 1] = ["slack_send_message"];
/// The tools that the skill needs in the sandbox.
const SANDBOX_TOOLS: [&str; 2] = ["bash", "read"];

impl Declaration {
    /// Returns whether sessions need a vault: for the member's credentials, or for Slack's.
    pub(crate) fn needs_vault(&self) -> bool {
        self.uses(CredentialKind::Vault) || self.posts_itself()
    }

    /// Returns whether the agent posts in Slack itself, with a member's token in the vault.
    pub(crate) fn posts_itself(&self) -> bool {
        self.reply == Reply::Agent
    }

    /// Returns whether the credentials reach a session in this way.
    pub(crate) fn uses(&self, kind: CredentialKind) -> bool {
        self.credentials
            .as_ref()
            .is_some_and(|declared| declared.kind == kind)
    }

    /// Returns the metadata of everything that is ours.
    pub(crate) fn owner_metadata(&self) -> Map<String, Value> {
        Map::from_iter([(OWNER_KEY.to_owned(), self.name.clone().into())])
    }

    /// The environment. The platform's default is an unrestricted network, so limits are always
    /// sent; padel is one static program and needs no packages.
    pub(crate) fn environment_body(&self) -> Value {
        json!({
            "name": self.name,
            "metadata": self.owner_metadata(),
            "config": {
                "type": "cloud",
                "networking": {
                    "type": "limited",
                    "allowed_hosts": self.allowed_hosts(),
                    "allow_mcp_servers": self.posts_itself(),
                    "allow_package_managers": false,
                },
                "packages": {"apt": [], "cargo": [], "gem": [], "go": [], "npm": [], "pip": []},
            },
        })
    }

    /// A credential without its secret: a variable whose value the egress proxy puts into bodies
    /// for the sign-in's host, and nowhere else.
    pub(crate) fn credential_body(&self, variable: &str) -> Value {
        json!({
            "display_name": variable,
            "metadata": self.owner_metadata(),
            "auth": {
                "type": "environment_variable",
                "secret_name": variable,
                "networking": {"type": "limited", "allowed_hosts": [self.club.host()]},
                "injection_location": {"header": false, "body": true},
            },
        })
    }

    /// The agent, with a version of the skill.
    pub(crate) fn agent_body(&self, skill: &str, version: &str) -> Value {
        let model = match &self.effort {
            Some(effort) => json!({"id": self.model, "effort": effort}),
            None => json!({"id": self.model}),
        };
        let mut tools = vec![json!({
            "type": "agent_toolset_20260401",
            "default_config": {"enabled": false, "permission_policy": allow()},
            "configs": SANDBOX_TOOLS.map(enable_tool),
        })];
        let mut servers = Vec::new();
        if self.posts_itself() {
            servers.push(json!({"type": "url", "name": SLACK_NAME, "url": SLACK_SERVER}));
            // The default policy asks, and nobody is there to answer.
            tools.push(json!({
                "type": "mcp_toolset",
                "mcp_server_name": SLACK_NAME,
                "default_config": {"enabled": false, "permission_policy": allow()},
                "configs": SLACK_TOOLS.map(enable_tool),
            }));
        }
        json!({
            "name": self.name,
            "model": model,
            "system": self.system,
            "tools": tools,
            "mcp_servers": servers,
            "skills": [{"type": "custom", "skill_id": skill, "version": version}],
            "metadata": self.owner_metadata(),
        })
    }

    /// The schedule, if one is declared. It pins the agent's version that is current now.
    pub(crate) fn schedule_body(&self, ids: &ScheduleIds<'_>) -> Option<Value> {
        let schedule = self.schedule.as_ref()?;
        let resources: Vec<Value> = ids.file.into_iter().map(mount).collect();
        Some(json!({
            // Not sent: one that was paused by hand is taken up again.
            "status": "active",
            "name": self.name,
            "metadata": self.owner_metadata(),
            "agent": {"type": "agent", "id": ids.agent, "version": ids.agent_version},
            "environment_id": ids.environment,
            "vault_ids": ids.vault.as_slice(),
            "resources": resources,
            "budget": {
                "type": "limit",
                "max_list_cost": {"amount": self.max_cost.to_string(), "currency": "USD"},
            },
            "initial_events": [{
                "type": "user.message",
                "content": [{"type": "text", "text": schedule.say}],
            }],
            "schedule": {
                "type": "cron",
                "expression": schedule.cron,
                "timezone": schedule.timezone,
            },
        }))
    }
}

/// The things that a schedule refers to.
pub(crate) struct ScheduleIds<'a> {
    pub(crate) agent: &'a str,
    pub(crate) agent_version: u64,
    pub(crate) environment: &'a str,
    pub(crate) vault: Option<&'a str>,
    pub(crate) file: Option<&'a str>,
}

/// The member's `.env` as a resource of a session.
pub(crate) fn mount(file: &str) -> Value {
    json!({"type": "file", "file_id": file, "mount_path": MOUNT_PATH})
}

fn enable_tool(name: &str) -> Value {
    json!({"name": name, "enabled": true, "permission_policy": allow()})
}

fn allow() -> Value {
    json!({"type": "always_allow"})
}
