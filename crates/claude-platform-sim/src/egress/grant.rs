//! A session's access, from its environment and its vaults.

use axum::http::Uri;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Access, Injection};
use crate::{
    objects::{Credential, Objects, Session},
    setup::Setup,
};

/// Gives a session the hosts that its environment allowed when it started, and the secrets that its
/// vaults hold now, as documented.
pub(crate) fn grant_access(setup: &Setup, objects: &Objects, session: &Session) -> Access {
    Access {
        hosts: list_hosts(session),
        injections: list_injections(setup, objects, session),
    }
}

/// The environment's hosts, the agent's MCP servers among them if those are allowed.
fn list_hosts(session: &Session) -> Option<Vec<String>> {
    let mut hosts = read_hosts(&session.networking)?;
    if session.networking["allow_mcp_servers"] == true {
        let servers = session.object["agent"]["mcp_servers"].as_array();
        hosts.extend(servers.into_iter().flatten().filter_map(read_host));
    }
    Some(hosts)
}

fn read_host(server: &Value) -> Option<String> {
    let url: Uri = server["url"].as_str()?.parse().ok()?;
    url.host().map(str::to_owned)
}

/// Of two credentials for one variable, the one of the earlier vault counts.
fn list_injections(setup: &Setup, objects: &Objects, session: &Session) -> Vec<Injection> {
    let place = match setup.stable_placeholders {
        true => "",
        false => &session.id,
    };
    let ids = session.vault_ids.iter();
    let vaults = ids.filter_map(|id| objects.vault(id).ok());
    let credentials = vaults.flat_map(|vault| &vault.credentials);
    let mut injections: Vec<Injection> = Vec::new();
    for injection in credentials.filter_map(|credential| read_injection(credential, place)) {
        let mut known = injections.iter();
        if known.all(|known| known.variable != injection.variable) {
            injections.push(injection);
        }
    }
    injections
}

/// The secret of a credential for the environment; none of another type, and none that is archived.
fn read_injection(credential: &Credential, place: &str) -> Option<Injection> {
    let auth = &credential.auth;
    Some(Injection {
        variable: auth["secret_name"].as_str()?.to_owned(),
        placeholder: name_placeholder(&credential.id, place),
        secret: auth["secret_value"].as_str()?.to_owned(),
        hosts: read_hosts(&auth["networking"]),
        header: auth["injection_location"]["header"] == true,
        body: auth["injection_location"]["body"] == true,
    })
}

/// A placeholder's form is not known: this one must be escaped nowhere.
fn name_placeholder(credential: &str, place: &str) -> String {
    let hash: String = Sha256::digest(format!("{credential} {place}"))
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("vault-placeholder-{hash}")
}

/// The hosts of a `networking` object.
fn read_hosts(networking: &Value) -> Option<Vec<String>> {
    if networking["type"] == "unrestricted" {
        return None;
    }
    let hosts = networking["allowed_hosts"].as_array().into_iter().flatten();
    Some(hosts.filter_map(Value::as_str).map(str::to_owned).collect())
}
