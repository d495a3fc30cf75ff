//! The `config` of an environment, with its defaults: network and packages.

use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    fields::{Fields, only_known, read_array, read_hosts, require_object},
};

const MANAGERS: [&str; 6] = ["apt", "cargo", "gem", "go", "npm", "pip"];

/// Assumed: no limit is documented.
const MOST_HOSTS: usize = 1000;
const MOST_PACKAGES: usize = 1000;

/// A cloud environment without packages.
pub(super) fn cloud(networking: &Value) -> Value {
    json!({
        "type": "cloud", "networking": networking,
        "packages": {
            "type": "packages", "apt": [], "cargo": [], "gem": [], "go": [], "npm": [], "pip": [],
        },
    })
}

/// The config of a new environment: unrestricted and without packages where it says nothing else.
pub(super) fn create(wanted: Option<&Value>) -> Result<Value, Refusal> {
    let unrestricted = cloud(&json!({"type": "unrestricted"}));
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_null()) else {
        return Ok(unrestricted);
    };
    match wanted["type"].as_str() {
        Some("cloud") => merge(&unrestricted, wanted),
        Some("self_hosted") => merge(&json!({"type": "self_hosted"}), wanted),
        _ => Err(Refusal::invalid("config: of type `cloud` or `self_hosted`")),
    }
}

/// What is left out stays; an array is replaced.
pub(super) fn merge(before: &Value, patch: &Value) -> Result<Value, Refusal> {
    let patch = require_object(patch, "config")?;
    if patch
        .get("type")
        .is_some_and(|kind| *kind != before["type"])
    {
        return Err(Refusal::invalid("config: its type cannot change")
            .with_code("invalid_config_type_change"));
    }
    let is_cloud = before["type"] == "cloud";
    let known: &[_] = if is_cloud {
        &["type", "networking", "packages"]
    } else {
        &["type"]
    };
    only_known(patch, known)?;
    let mut after = before.clone();
    if let Some(networking) = patch.get("networking") {
        after["networking"] = merge_networking(&before["networking"], networking)?;
    }
    if let Some(packages) = patch.get("packages") {
        let packages = require_object(packages, "packages")?;
        only_known(packages, &[&MANAGERS[..], &["type"]].concat())?;
        for manager in MANAGERS {
            if packages.contains_key(manager) {
                let names = read_array(packages.get(manager), manager, MOST_PACKAGES)?;
                if !names.iter().all(Value::is_string) {
                    return Err(Refusal::invalid(format!("{manager}: an array of texts")));
                }
                after["packages"][manager] = json!(names);
            }
        }
    }
    refuse_unreachable_packages(&after)?;
    Ok(after)
}

fn merge_networking(before: &Value, patch: &Value) -> Result<Value, Refusal> {
    let patch = require_object(patch, "networking")?;
    match patch.get("type").and_then(Value::as_str) {
        Some("unrestricted") => {
            only_known(patch, &["type"])?;
            Ok(json!({"type": "unrestricted"}))
        }
        Some("limited") => merge_limits(before, patch),
        _ => Err(Refusal::invalid(
            "networking: of type `unrestricted` or `limited`",
        )),
    }
}

fn merge_limits(before: &Value, patch: &Fields) -> Result<Value, Refusal> {
    let switches = ["allow_mcp_servers", "allow_package_managers"];
    only_known(patch, &[&switches[..], &["type", "allowed_hosts"]].concat())?;
    let mut after = match before["type"] == "limited" {
        true => before.clone(),
        false => json!({
            "type": "limited", "allowed_hosts": [],
            "allow_mcp_servers": false, "allow_package_managers": false,
        }),
    };
    if let Some(hosts) = patch.get("allowed_hosts") {
        after["allowed_hosts"] = read_hosts(hosts, MOST_HOSTS)?;
    }
    for switch in switches {
        match patch.get(switch) {
            None => {}
            Some(value @ Value::Bool(_)) => after[switch] = value.clone(),
            Some(_) => return Err(Refusal::invalid(format!("{switch}: true or false"))),
        }
    }
    Ok(after)
}

/// Packages come from hosts that a limited network does not reach by itself.
fn refuse_unreachable_packages(config: &Value) -> Result<(), Refusal> {
    let networking = &config["networking"];
    let is_closed =
        networking["type"] == "limited" && networking["allow_package_managers"] == false;
    let mut lists = config["packages"].as_object().into_iter().flatten();
    let wants_any = lists.any(|(_, names)| names.as_array().is_some_and(|names| !names.is_empty()));
    match is_closed && wants_any {
        true => Err(Refusal::invalid(
            "packages: a limited network needs `allow_package_managers` for them",
        )),
        false => Ok(()),
    }
}
