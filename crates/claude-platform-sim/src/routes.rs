//! Which request is which operation: its handler, its beta, and the permission that it needs.

use std::sync::Arc;

use crate::{
    agents, answer::Reply, credentials, deployments, environments, federation, files, models,
    request::Request, sessions, sim::Sim, skills, vaults,
};

pub(crate) type Handler = fn(&Arc<Sim>, &Request) -> Reply;

#[derive(Debug)]
pub(crate) struct Route {
    /// The permission, as AWS names it without the prefix `aws-external-anthropic:`. Empty for what
    /// AWS does not route.
    pub(crate) action: &'static str,
    /// It belongs to Managed Agents, and so needs that beta header.
    pub(crate) managed: bool,
    pub(crate) handler: Handler,
}

/// The operation that a request asks for. Which action each needs is documented for AWS.
pub(crate) fn find_route(request: &Request) -> Option<Route> {
    let (action, handler): (_, Handler) =
        match (request.method.as_str(), request.segments().as_slice()) {
            ("POST", ["v1", "oauth", "token"]) => ("", federation::exchange),

            ("POST", ["v1", "skills"]) => ("CreateSkill", skills::create),
            ("GET", ["v1", "skills"]) => ("ListSkills", skills::list),
            ("GET", ["v1", "skills", _]) => ("GetSkill", skills::retrieve),
            ("DELETE", ["v1", "skills", _]) => ("DeleteSkill", skills::delete),
            ("POST", ["v1", "skills", _, "versions"]) => ("UpdateSkill", skills::create_version),
            ("GET", ["v1", "skills", _, "versions"]) => ("GetSkill", skills::list_versions),
            ("GET", ["v1", "skills", _, "versions", _]) => ("GetSkill", skills::retrieve_version),
            ("DELETE", ["v1", "skills", _, "versions", _]) => {
                ("UpdateSkill", skills::delete_version)
            }
            ("GET", ["v1", "skills", _, "versions", _, "content"]) => {
                ("GetSkill", skills::download)
            }

            ("POST", ["v1", "files"]) => ("CreateFile", files::upload),
            ("GET", ["v1", "files"]) => ("ListFiles", files::list),
            ("GET", ["v1", "files", _]) => ("GetFile", files::retrieve),
            ("DELETE", ["v1", "files", _]) => ("DeleteFile", files::delete),

            ("GET", ["v1", "files", _, "content"]) => ("GetFile", files::download),

            ("GET", ["v1", "models"]) => ("ListModels", models::list),
            ("GET", ["v1", "models", _]) => ("GetModel", models::retrieve),

            ("POST", ["v1", "agents"]) => ("CreateAgent", agents::create),
            ("GET", ["v1", "agents"]) => ("ListAgents", agents::list),
            ("GET", ["v1", "agents", _]) => ("GetAgent", agents::retrieve),
            ("POST", ["v1", "agents", _]) => ("UpdateAgent", agents::update),
            ("GET", ["v1", "agents", _, "versions"]) => ("GetAgent", agents::list_versions),
            ("POST", ["v1", "agents", _, "archive"]) => ("ArchiveAgent", agents::archive),

            ("POST", ["v1", "environments"]) => ("CreateEnvironment", environments::create),
            ("GET", ["v1", "environments"]) => ("ListEnvironments", environments::list),
            ("GET", ["v1", "environments", _]) => ("GetEnvironment", environments::retrieve),
            ("POST", ["v1", "environments", _]) => ("UpdateEnvironment", environments::update),
            ("DELETE", ["v1", "environments", _]) => ("DeleteEnvironment", environments::delete),
            ("POST", ["v1", "environments", _, "archive"]) => {
                ("ArchiveEnvironment", environments::archive)
            }

            ("POST", ["v1", "vaults"]) => ("CreateVault", vaults::create),
            ("GET", ["v1", "vaults"]) => ("ListVaults", vaults::list),
            ("GET", ["v1", "vaults", _]) => ("GetVault", vaults::retrieve),
            ("POST", ["v1", "vaults", _]) => ("UpdateVault", vaults::update),
            ("DELETE", ["v1", "vaults", _]) => ("DeleteVault", vaults::delete),
            ("POST", ["v1", "vaults", _, "archive"]) => ("ArchiveVault", vaults::archive),
            ("POST", ["v1", "vaults", _, "credentials"]) => ("UpdateVault", credentials::create),
            ("GET", ["v1", "vaults", _, "credentials"]) => ("GetVault", credentials::list),
            ("GET", ["v1", "vaults", _, "credentials", _]) => ("GetVault", credentials::retrieve),
            ("POST", ["v1", "vaults", _, "credentials", _]) => ("UpdateVault", credentials::update),
            ("DELETE", ["v1", "vaults", _, "credentials", _]) => {
                ("UpdateVault", credentials::delete)
            }
            ("POST", ["v1", "vaults", _, "credentials", _, "archive"]) => {
                ("UpdateVault", credentials::archive)
            }
            ("POST", ["v1", "vaults", _, "credentials", _, "mcp_oauth_validate"]) => {
                ("", credentials::validate)
            }

            ("POST", ["v1", "sessions"]) => ("CreateSession", sessions::create),
            ("GET", ["v1", "sessions"]) => ("ListSessions", sessions::list),
            ("GET", ["v1", "sessions", _]) => ("GetSession", sessions::retrieve),
            ("POST", ["v1", "sessions", _]) => ("UpdateSession", sessions::update),
            ("DELETE", ["v1", "sessions", _]) => ("DeleteSession", sessions::delete),
            ("POST", ["v1", "sessions", _, "archive"]) => ("ArchiveSession", sessions::archive),
            ("GET", ["v1", "sessions", _, "events"]) => ("GetSession", sessions::list_events),
            ("POST", ["v1", "sessions", _, "events"]) => ("UpdateSession", sessions::send_events),
            ("GET", ["v1", "sessions", _, "events", "stream"]) => {
                ("GetSession", sessions::stream_events)
            }
            ("POST", ["v1", "sessions", _, "resources"]) => {
                ("UpdateSession", sessions::add_resource)
            }
            ("GET", ["v1", "sessions", _, "resources"]) => ("GetSession", sessions::list_resources),
            ("GET", ["v1", "sessions", _, "resources", _]) => {
                ("GetSession", sessions::retrieve_resource)
            }
            ("POST", ["v1", "sessions", _, "resources", _]) => {
                ("UpdateSession", sessions::update_resource)
            }
            ("DELETE", ["v1", "sessions", _, "resources", _]) => {
                ("UpdateSession", sessions::delete_resource)
            }

            ("POST", ["v1", "deployments"]) => ("CreateDeployment", deployments::create),
            ("GET", ["v1", "deployments"]) => ("ListDeployments", deployments::list),
            ("GET", ["v1", "deployments", _]) => ("GetDeployment", deployments::retrieve),
            ("POST", ["v1", "deployments", _]) => ("UpdateDeployment", deployments::update),
            ("POST", ["v1", "deployments", _, "pause"]) => ("PauseDeployment", deployments::pause),
            ("POST", ["v1", "deployments", _, "unpause"]) => {
                ("UnpauseDeployment", deployments::unpause)
            }
            ("POST", ["v1", "deployments", _, "run"]) => ("RunDeployment", deployments::run),
            ("POST", ["v1", "deployments", _, "archive"]) => {
                ("ArchiveDeployment", deployments::archive)
            }
            ("GET", ["v1", "deployment_runs"]) => ("GetDeployment", deployments::list_runs),
            ("GET", ["v1", "deployment_runs", _]) => ("GetDeployment", deployments::retrieve_run),
            _ => return None,
        };
    let managed = matches!(
        request.segments().get(1),
        Some(
            &("agents"
                | "deployment_runs"
                | "deployments"
                | "environments"
                | "sessions"
                | "vaults")
        )
    );
    Some(Route {
        action,
        managed,
        handler,
    })
}
