//! Differences between a body that is desired and the one that the platform has, field by field.
//!
//! The platform answers with more than was sent: defaults filled in, lists completed. So both sides
//! are reduced to the fields that a deployment decides, in one form each, before they are compared.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::OWNER_KEY;

/// The most characters of a value that are shown.
const SHOWN: usize = 120;
/// The platform's tools in a sandbox (read in the SDK's types).
const TOOLS: [&str; 8] = [
    "bash",
    "edit",
    "glob",
    "grep",
    "read",
    "web_fetch",
    "web_search",
    "write",
];

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) field: String,
    pub(crate) found: String,
    pub(crate) desired: String,
    /// The top-level field of the body that an update sends.
    #[serde(skip)]
    part: &'static str,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            found,
            desired,
            ..
        } = self;
        write!(out, "{field}: {found} -> {desired}")
    }
}

impl Difference {
    /// A difference that is there once something before was changed.
    pub(crate) fn to_come(field: &str, desired: &str) -> Self {
        Self {
            field: field.to_owned(),
            found: "what it is now".to_owned(),
            desired: desired.to_owned(),
            part: "",
        }
    }
}

/// One field of a body: its name, the part that it belongs to, and its value in one form.
type Field = (&'static str, &'static str, Value);

/// The kinds of bodies, each with its own fields.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Environment,
    Credential,
    Agent,
    Schedule,
}

/// Returns the fields of `found` that are not as in `desired`.
pub(crate) fn compare(shape: Shape, desired: &Value, found: &Value) -> Vec<Difference> {
    let fields = list_fields(shape, desired).into_iter();
    let pairs = fields.zip(list_fields(shape, found));
    let mut differences = Vec::new();
    for ((field, part, desired_value), (_, _, found_value)) in pairs {
        if desired_value != found_value {
            let (found, desired) = describe_values(&found_value, &desired_value);
            differences.push(Difference {
                field: field.to_owned(),
                found,
                desired,
                part,
            });
        }
    }
    // The model's own default effort counts where none is declared.
    if desired.pointer("/model/id").is_some() && desired.pointer("/model/effort").is_none() {
        differences.retain(|difference| difference.field != "model.effort");
    }
    differences
}

/// Returns the parts of `desired` that mend these differences.
pub(crate) fn update_body(desired: &Value, differences: &[Difference]) -> Map<String, Value> {
    let mut body = Map::new();
    for Difference { part, field, .. } in differences {
        let Some(value) = desired.get(part) else {
            continue;
        };
        match *part {
            // What is absent is kept (documented): networks and packages do not mix.
            "config" => {
                let config = body.entry("config").or_insert(json!({"type": "cloud"}));
                let name = field.split('.').nth(1).unwrap_or_default();
                config[name] = value[name].clone();
            }
            part => {
                body.insert(part.to_owned(), value.clone());
            }
        }
    }
    body
}

fn list_fields(shape: Shape, body: &Value) -> Vec<Field> {
    let at = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
    let is_on = |pointer: &str| at(pointer) == json!(true);
    let owner = at(&format!("/metadata/{OWNER_KEY}"));
    let owner = ("metadata.padel_deployment", "metadata", owner);
    match shape {
        Shape::Environment => vec![
            owner,
            ("name", "name", at("/name")),
            (
                "config.networking.type",
                "config",
                at("/config/networking/type"),
            ),
            (
                "config.networking.allowed_hosts",
                "config",
                sort(at("/config/networking/allowed_hosts")),
            ),
            (
                "config.networking.allow_mcp_servers",
                "config",
                is_on("/config/networking/allow_mcp_servers").into(),
            ),
            (
                "config.networking.allow_package_managers",
                "config",
                is_on("/config/networking/allow_package_managers").into(),
            ),
            (
                "config.packages",
                "config",
                list_packages(&at("/config/packages")),
            ),
        ],
        // Its metadata cannot be changed here, and its vault is ours.
        Shape::Credential => vec![
            (
                "auth.networking",
                "auth",
                describe_networking(&at("/auth/networking")),
            ),
            (
                "auth.injection_location",
                "auth",
                describe_injection(&at("/auth/injection_location")),
            ),
        ],
        Shape::Agent => {
            let model = at("/model");
            let id = model.get("id").unwrap_or(&model).clone();
            // A word in requests, an object in answers (read in the SDK's types).
            let effort = at("/model/effort");
            let effort = effort.get("type").unwrap_or(&effort).clone();
            vec![
                owner,
                ("name", "name", at("/name")),
                ("model.id", "model", id),
                ("model.effort", "model", effort),
                // A platform may keep no blank lines at the end.
                ("system", "system", text(&at("/system")).trim_end().into()),
                ("tools", "tools", list_tools(&at("/tools"))),
                (
                    "mcp_servers",
                    "mcp_servers",
                    list_servers(&at("/mcp_servers")),
                ),
                ("skills", "skills", list_skills(&at("/skills"))),
            ]
        }
        Shape::Schedule => vec![
            owner,
            ("name", "name", at("/name")),
            (
                "agent",
                "agent",
                json!([at("/agent/id"), at("/agent/version")]),
            ),
            ("environment_id", "environment_id", at("/environment_id")),
            ("vault_ids", "vault_ids", list(at("/vault_ids"))),
            ("resources", "resources", list_mounts(&at("/resources"))),
            ("budget", "budget", at("/budget/max_list_cost/amount")),
            (
                "initial_events",
                "initial_events",
                list_messages(&at("/initial_events")),
            ),
            (
                "schedule.expression",
                "schedule",
                at("/schedule/expression"),
            ),
            ("schedule.timezone", "schedule", at("/schedule/timezone")),
            ("status", "status", at("/status")),
        ],
    }
}

fn list(value: Value) -> Value {
    if value.is_null() { json!([]) } else { value }
}

/// The order of hosts means nothing.
fn sort(value: Value) -> Value {
    let mut items = list(value);
    if let Some(items) = items.as_array_mut() {
        items.sort_by_key(Value::to_string);
    }
    items
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `pip: requests` and the like; empty lists are as good as none.
fn list_packages(packages: &Value) -> Value {
    let lists = packages.as_object().into_iter().flatten();
    let named = lists.flat_map(|(manager, names)| {
        items(names).map(move |name| format!("{manager}: {}", text(name)))
    });
    named.collect::<Vec<_>>().into()
}

fn describe_networking(networking: &Value) -> Value {
    match text(&networking["type"]) {
        "limited" => sort(networking["allowed_hosts"].clone()),
        kind => kind.into(),
    }
}

/// Absent is both places (documented).
fn describe_injection(injection: &Value) -> Value {
    let is_on = |place: &str| match injection.as_object() {
        None => true,
        Some(places) => places.get(place) == Some(&json!(true)),
    };
    let places = ["header", "body"].into_iter().filter(|place| is_on(place));
    places.collect::<Vec<_>>().into()
}

/// Each tool that is on, with its policy. A set that is on by default says so, because tools that
/// are new then join it.
fn list_tools(tools: &Value) -> Value {
    let mut list = BTreeMap::new();
    for tool in items(tools) {
        let kind = text(&tool["type"]);
        let server = match kind {
            "custom" => {
                list.insert(format!("custom {}", text(&tool["name"])), String::new());
                continue;
            }
            "mcp_toolset" => format!("{}: ", text(&tool["mcp_server_name"])),
            _ => String::new(),
        };
        let is_sandbox = kind.starts_with("agent_toolset");
        // An agent's own tools are allowed by default, those of servers asked for (documented).
        let policy = if is_sandbox {
            "always_allow"
        } else {
            "always_ask"
        };
        let default = &tool["default_config"];
        let policy = default["permission_policy"]["type"]
            .as_str()
            .unwrap_or(policy);
        if default["enabled"] != json!(false) {
            list.insert(format!("{server}every other tool"), policy.to_owned());
            if is_sandbox {
                list.extend(TOOLS.map(|name| (name.to_owned(), policy.to_owned())));
            }
        }
        for config in items(&tool["configs"]) {
            let name = format!("{server}{}", text(&config["name"]));
            let is_on = match &config["enabled"] {
                Value::Bool(is_on) => *is_on,
                _ => default["enabled"] != json!(false),
            };
            if is_on {
                let own = config["permission_policy"]["type"].as_str();
                list.insert(name, own.unwrap_or(policy).to_owned());
            } else {
                list.remove(&name);
            }
        }
    }
    let lines = list
        .into_iter()
        .map(|(name, policy)| match policy.as_str() {
            "" => name,
            policy => format!("{name} ({policy})"),
        });
    lines.collect::<Vec<_>>().into()
}

fn list_servers(servers: &Value) -> Value {
    let lines = items(servers).map(|it| format!("{} {}", text(&it["name"]), text(&it["url"])));
    lines.collect::<Vec<_>>().into()
}

fn list_skills(skills: &Value) -> Value {
    let lines = items(skills).map(|skill| {
        let version = skill["version"].as_str().unwrap_or("latest");
        format!("{} {version}", text(&skill["skill_id"]))
    });
    lines.collect::<Vec<_>>().into()
}

fn list_mounts(resources: &Value) -> Value {
    let lines = items(resources).map(|it| {
        let path = it["mount_path"].as_str().unwrap_or("no path");
        format!("{} at {path}", text(&it["file_id"]))
    });
    lines.collect::<Vec<_>>().into()
}

fn list_messages(events: &Value) -> Value {
    let lines = items(events).map(|event| {
        let blocks = items(&event["content"]).map(|block| text(&block["text"]));
        blocks.collect::<String>()
    });
    lines.collect::<Vec<_>>().into()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Describes two values that differ. Of texts of several lines, the first line that does.
fn describe_values(found: &Value, desired: &Value) -> (String, String) {
    if let (Value::String(found), Value::String(desired)) = (found, desired)
        && (found.contains('\n') || desired.contains('\n'))
    {
        let mut lines = found.lines().zip(desired.lines());
        let same = lines
            .by_ref()
            .take_while(|(one, other)| one == other)
            .count();
        let line = |text: &str| match text.lines().nth(same) {
            Some(line) => format!("line {}: `{}`", same + 1, printable::line(line, SHOWN)),
            None => format!("{same} lines"),
        };
        return (line(found), line(desired));
    }
    (describe_value(found), describe_value(desired))
}

fn describe_value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("`{}`", printable::line(text, SHOWN)),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(describe_value).collect();
            items.join(", ")
        }
        other => printable::line(&other.to_string(), SHOWN),
    }
}

#[cfg(test)]
mod tests;
