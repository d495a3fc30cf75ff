//! The tools of an agent: toolsets with their defaults, and which of them ask before they act.

use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    fields::{Fields, only_known, optional_text, read_array, require_object, require_text},
    request::text_field,
};

const TOOLSET: &str = "agent_toolset_20260401";

/// The tools of that set.
const NAMES: [&str; 8] = [
    "bash",
    "read",
    "write",
    "edit",
    "glob",
    "grep",
    "web_fetch",
    "web_search",
];

const POLICIES: [&str; 3] = ["always_allow", "always_ask", "auto"];

/// Over all toolsets. Documented since October; a toolset counts with all its tools.
const MOST_TOOLS: usize = 256;

/// Documented.
const MOST_SERVERS: usize = 20;
const LONGEST_URL: usize = 2048;

/// A list of tools as it is kept: each with its defaults and each entry with its policy.
pub(crate) fn read(wanted: &Value) -> Result<Value, Refusal> {
    let mut count = 0;
    let mut list = Vec::new();
    for tool in read_array(Some(wanted), "tools", MOST_TOOLS)? {
        let fields = require_object(tool, "tools: an entry")?;
        let read = match text_field(tool, "type") {
            TOOLSET => read_toolset(fields, "always_allow")?,
            "mcp_toolset" => read_toolset(fields, "always_ask")?,
            "custom" => read_custom(fields)?,
            other => {
                return Err(Refusal::invalid(format!("tools: `{other}` is no type")));
            }
        };
        count += match text_field(tool, "type") {
            TOOLSET => NAMES.len(),
            "mcp_toolset" => read["configs"].as_array().map_or(0, Vec::len),
            _ => 1,
        };
        list.push(read);
    }
    let sets = list.iter().filter(|tool| tool["type"] == TOOLSET).count();
    if sets > 1 || count > MOST_TOOLS {
        return Err(Refusal::invalid(format!(
            "tools: `{TOOLSET}` once, and at most {MOST_TOOLS} tools"
        )));
    }
    Ok(list.into())
}

fn read_toolset(fields: &Fields, usual_policy: &str) -> Result<Value, Refusal> {
    let is_mcp = fields.contains_key("mcp_server_name") || fields["type"] != TOOLSET;
    let mut read = json!({"type": fields["type"]});
    let mut known = vec!["type", "default_config", "configs"];
    if is_mcp {
        known.push("mcp_server_name");
        read["mcp_server_name"] = require_text(fields, "mcp_server_name", 1..=255)?;
    }
    only_known(fields, &known)?;
    let usual = json!({"enabled": true, "permission_policy": {"type": usual_policy}});
    let usual = match fields.get("default_config") {
        None | Some(Value::Null) => usual,
        Some(config) => {
            let config = require_object(config, "default_config")?;
            only_known(config, &["enabled", "permission_policy"])?;
            read_config(&usual, config)?
        }
    };
    let mut configs = Vec::<Value>::new();
    for config in read_array(fields.get("configs"), "configs", MOST_TOOLS)? {
        let config = require_object(config, "configs: an entry")?;
        let name = require_text(config, "name", 1..=128)?;
        if !is_mcp && !NAMES.iter().any(|known| name == *known) {
            return Err(Refusal::invalid(format!("configs: {name} is no tool")));
        }
        if configs.iter().any(|other| other["name"] == name) {
            return Err(Refusal::invalid(format!("configs: {name} is listed twice")));
        }
        let mut resolved = read_config(&usual, config)?;
        if !is_mcp {
            resolved["type"] = name.clone();
        }
        resolved["name"] = name;
        configs.push(resolved);
    }
    read["default_config"] = usual;
    read["configs"] = configs.into();
    Ok(read)
}

/// The settings of a tool, with the usual ones for what is left out. Those of web tools stay unread.
fn read_config(usual: &Value, config: &Fields) -> Result<Value, Refusal> {
    let mut read = usual.clone();
    for (key, value) in config {
        match (key.as_str(), value) {
            ("name" | "type", _) | (_, Value::Null) => {}
            ("enabled", Value::Bool(_)) => read[key] = value.clone(),
            ("permission_policy", Value::Object(policy)) => {
                only_known(policy, &["type"])?;
                if !POLICIES.contains(&text_field(value, "type")) {
                    return Err(Refusal::invalid(format!(
                        "permission_policy: one of {}",
                        POLICIES.join(", ")
                    )));
                }
                read[key] = value.clone();
            }
            ("allowed_domains" | "blocked_domains" | "max_content_tokens", _) => {
                read[key] = value.clone();
            }
            _ => return Err(Refusal::invalid(format!("{key}: not a setting of a tool"))),
        }
    }
    Ok(read)
}

fn read_custom(fields: &Fields) -> Result<Value, Refusal> {
    only_known(fields, &["type", "name", "description", "input_schema"])?;
    let name = require_text(fields, "name", 1..=128)?;
    let mut letters = name.as_str().unwrap_or_default().chars();
    if !letters.all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter)) {
        return Err(Refusal::invalid("name: letters, digits, `_` and `-`"));
    }
    let schema = fields.get("input_schema").unwrap_or(&Value::Null);
    require_object(schema, "input_schema")?;
    let description = optional_text(fields, "description", usize::MAX)?;
    Ok(json!({
        "type": "custom", "name": name, "description": description, "input_schema": schema,
    }))
}

/// The MCP servers of an agent.
pub(crate) fn read_servers(wanted: &Value) -> Result<Value, Refusal> {
    let mut list = Vec::<Value>::new();
    for server in read_array(Some(wanted), "mcp_servers", MOST_SERVERS)? {
        let fields = require_object(server, "mcp_servers: an entry")?;
        only_known(fields, &["type", "name", "url"])?;
        let name = require_text(fields, "name", 1..=255)?;
        let url = require_text(fields, "url", 1..=LONGEST_URL)?;
        if server["type"] != "url" || list.iter().any(|other| other["name"] == name) {
            return Err(Refusal::invalid(
                "mcp_servers: of type `url`, each name once",
            ));
        }
        list.push(json!({"type": "url", "name": name, "url": url}));
    }
    Ok(list.into())
}

/// Refuses an agent whose parts do not fit together: each MCP server is named by exactly one
/// toolset, and skills are read with the tool `read`.
pub(crate) fn check(agent: &Value) -> Result<(), Refusal> {
    let toolsets = agent["tools"].as_array().into_iter().flatten();
    let named: Vec<_> = toolsets
        .map(|tool| text_field(tool, "mcp_server_name"))
        .filter(|name| !name.is_empty())
        .collect();
    let servers = agent["mcp_servers"].as_array().into_iter().flatten();
    let servers: Vec<_> = servers.map(|server| text_field(server, "name")).collect();
    for name in &servers {
        if named.iter().filter(|other| *other == name).count() != 1 {
            return Err(Refusal::invalid(format!(
                "mcp_servers: `{name}` must be named by exactly one `mcp_toolset`"
            )));
        }
    }
    if let Some(name) = named.iter().find(|name| !servers.contains(name)) {
        return Err(Refusal::invalid(format!(
            "tools: `{name}` is none of `mcp_servers`"
        )));
    }
    let has_skills = agent["skills"]
        .as_array()
        .is_some_and(|list| !list.is_empty());
    match has_skills && find_policy(agent, "read").is_none() {
        true => Err(Refusal::invalid(
            "skills: they need the tool `read`, enabled",
        )),
        false => Ok(()),
    }
}

/// The policy of a tool of the agent's own toolset; none where it is not enabled.
pub(crate) fn find_policy<'a>(agent: &'a Value, name: &str) -> Option<&'a str> {
    let mut tools = agent["tools"].as_array()?.iter();
    let set = tools.find(|tool| tool["type"] == TOOLSET)?;
    let mut configs = set["configs"].as_array().into_iter().flatten();
    let config = configs
        .find(|config| config["name"] == name)
        .unwrap_or(&set["default_config"]);
    let policy = config["permission_policy"]["type"].as_str()?;
    (config["enabled"] == true).then_some(policy)
}
