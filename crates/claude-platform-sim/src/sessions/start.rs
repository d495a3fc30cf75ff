//! The start of a session: which agent, as which version, with which skills and files.

use std::{collections::VecDeque, io, sync::Arc};

use serde_json::{Map, Value, json};
use sim_server::locked;

use crate::{
    agents,
    answer::{Answer, Refusal, Reply},
    environments,
    fields::{Fields, only_known, read_array},
    model,
    objects::{Objects, Session, StoredVersion},
    request::{Request, text_field},
    sandbox::{self, Sandbox},
    sim::Sim,
    vaults,
};

const FIELDS: [&str; 8] = [
    "agent",
    "environment_id",
    "budget",
    "initial_events",
    "metadata",
    "resources",
    "title",
    "vault_ids",
];

/// Documented for deployments.
const MOST_VAULTS: usize = 50;

/// Fields that may differ from the agent in a session.
const OVERRIDES: [&str; 5] = ["skills", "tools", "mcp_servers", "model", "system"];

/// `POST /v1/sessions`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let body = Value::Object(body);
    let environment = body["environment_id"]
        .as_str()
        .ok_or_else(|| Refusal::invalid("environment_id: is required"))?;
    let mut objects = locked(&sim.objects);
    environments::refuse_archived(objects.environment(environment)?)?;
    let networking = objects.environment(environment)?["config"]["networking"].clone();
    let vault_ids = read_vaults(&objects, &body["vault_ids"])?;
    let agent = read_agent(&objects, &body["agent"])?;
    let budget = read_budget(&body["budget"])?;
    let id = sim.stamps.id("sesn");
    let sandbox = Sandbox::new(&sim.sessions_dir.join(&id)).map_err(file_system_error)?;
    let (sandbox, resources) = mount_all(sim, &objects, sandbox, &agent, &body["resources"])?;
    let object = json!({
        "id": id, "type": "session", "agent": agent, "environment_id": environment,
        "title": body["title"], "budget": body["budget"],
        "metadata": or_default(&body["metadata"], json!({})),
        "resources": resources, "outcome_evaluations": [], "deployment_id": null,
        "created_at": sim.stamps.now(),
        "stats": {"active_seconds": 0.0, "duration_seconds": 0.0},
    });
    let mut session = Session {
        id,
        object,
        networking,
        vault_ids,
        updated_at: sim.stamps.now(),
        archived_at: None,
        events: Vec::new(),
        inbox: VecDeque::new(),
        running: false,
        turn: 0,
        spent: 0,
        budget,
        sandbox,
    };
    if !body["initial_events"].is_null() {
        session.receive_events(&sim.stamps, &body["initial_events"])?;
    }
    model::start_turn(sim, &mut session);
    let answer = Answer::json(&session.to_json());
    objects.sessions.push(session);
    Ok(answer)
}

fn or_default(value: &Value, default: Value) -> Value {
    if value.is_null() {
        default
    } else {
        value.clone()
    }
}

/// Vaults that exist and are open.
fn read_vaults(objects: &Objects, wanted: &Value) -> Result<Vec<String>, Refusal> {
    let mut ids = Vec::new();
    for id in read_array(Some(wanted), "vault_ids", MOST_VAULTS)? {
        let id = id.as_str().unwrap_or_default();
        vaults::refuse_archived(objects.vault(id)?)?;
        ids.push(id.to_owned());
    }
    Ok(ids)
}

/// The agent as the session sees it: by id, as a version, or with overrides. `latest` becomes a
/// version now.
fn read_agent(objects: &Objects, wanted: &Value) -> Result<Value, Refusal> {
    let by_id = Map::from_iter([
        ("type".to_owned(), json!("agent")),
        ("id".to_owned(), wanted.clone()),
    ]);
    let wanted = if wanted.is_string() {
        &by_id
    } else {
        wanted.as_object().ok_or_else(no_agent)?
    };
    let with_overrides = match wanted.get("type").and_then(Value::as_str) {
        Some("agent") => false,
        Some("agent_with_overrides") => true,
        _ => return Err(no_agent()),
    };
    let known = ["type", "id", "version"];
    only_known(
        wanted,
        &if with_overrides {
            [&known[..], &OVERRIDES].concat()
        } else {
            known.to_vec()
        },
    )?;
    let id = wanted
        .get("id")
        .and_then(Value::as_str)
        .ok_or_else(no_agent)?;
    let found = objects.agent(id)?;
    if !found.current()["archived_at"].is_null() {
        return Err(Refusal::invalid("an archived agent starts no sessions"));
    }
    let mut agent = wanted
        .get("version")
        .map_or_else(
            || Ok(found.current()),
            |version| found.find_version(version),
        )?
        .clone();
    let overrides: Fields = wanted
        .iter()
        .filter(|(key, _)| OVERRIDES.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !overrides.is_empty() {
        agent = agents::read_fields(objects, &agent, &overrides)?;
    }
    for skill in agent["skills"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter(|skill| skill["type"] == "custom")
    {
        skill["version"] = json!(find_version(objects, skill)?.id);
    }
    if let Some(agent) = agent.as_object_mut() {
        for key in ["metadata", "created_at", "updated_at", "archived_at"] {
            agent.remove(key);
        }
    }
    Ok(agent)
}

/// The version that an entry of an agent's skills stands for.
fn find_version<'a>(objects: &'a Objects, skill: &Value) -> Result<&'a StoredVersion, Refusal> {
    objects
        .skill(text_field(skill, "skill_id"))?
        .find_version(text_field(skill, "version"))
}

fn no_agent() -> Refusal {
    Refusal::invalid("agent: an id, or an object of the type `agent` or `agent_with_overrides`")
}

/// Cents. An amount is a text in minor units: `"250"` is $2.50.
fn read_budget(wanted: &Value) -> Result<Option<u64>, Refusal> {
    if wanted.is_null() {
        return Ok(None);
    }
    let (kind, most) = (&wanted["type"], &wanted["max_list_cost"]);
    let amount = most["amount"]
        .as_str()
        .filter(|text| *text == "0" || !text.starts_with('0'));
    match amount.and_then(|text| text.parse().ok()) {
        Some(cents) if kind == "limit" && most["currency"] == "USD" => Ok(Some(cents)),
        _ => Err(Refusal::invalid(
            "budget: of type `limit`, max_list_cost with an amount in cents, as a text, and the \
             currency `USD`",
        )),
    }
}

/// Mounts the agent's own skills and the files that were asked for.
fn mount_all(
    sim: &Sim,
    objects: &Objects,
    mut sandbox: Sandbox,
    agent: &Value,
    wanted: &Value,
) -> Result<(Sandbox, Vec<Value>), Refusal> {
    for skill in agent["skills"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|skill| skill["type"] == "custom")
    {
        let mut version = find_version(objects, skill)?;
        if sim.setup.stale_mounts {
            version = objects
                .skill(text_field(skill, "skill_id"))?
                .version_before(version);
        }
        sandbox
            .mount_skill(&version.name, &version.files)
            .map_err(file_system_error)?;
    }
    let mut resources = Vec::new();
    for resource in wanted.as_array().into_iter().flatten() {
        if resource["type"] != "file" {
            return Err(Refusal::invalid("resources: only files are simulated"));
        }
        let file_id = text_field(resource, "file_id");
        let file = objects.file(file_id)?;
        let path = match &resource["mount_path"] {
            Value::Null => file_id,
            Value::String(path) => path.trim_start_matches('/'),
            _ => return Err(Refusal::invalid("resources: mount_path must be a text")),
        };
        if path
            .split('/')
            .any(|piece| matches!(piece, "" | "." | ".."))
        {
            return Err(Refusal::invalid(
                "resources: mount_path must be a path to a file",
            ));
        }
        sandbox
            .mount_file(path, &file.bytes)
            .map_err(file_system_error)?;
        resources.push(json!({
            "id": sim.stamps.id("sesrsc"), "type": "file", "file_id": file_id,
            "created_at": sim.stamps.now(), "updated_at": sim.stamps.now(),
            "mount_path": format!("/{}/{path}", sandbox::UPLOADS),
        }));
    }
    Ok((sandbox, resources))
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn file_system_error(error: io::Error) -> Refusal {
    Refusal::new(500, format!("the session's file system: {error}"))
}
