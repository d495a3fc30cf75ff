//! The start of a session: which agent, as which version, with which skills and files.

use std::{collections::VecDeque, sync::Arc};

use serde_json::{Map, Value, json};
use sim_server::locked;

use super::resources::{MOST_RESOURCES, Mount, file_system_error, mount};
use crate::{
    agents,
    answer::{Answer, Refusal, Reply},
    environments,
    fields::{Fields, only_known, optional_text, read_array, read_metadata},
    model,
    objects::{Objects, Session, StoredVersion, check_first_events},
    request::{Request, text_field},
    sandbox::Sandbox,
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

/// Documented.
const LARGEST_BODY: usize = 32_000_000;

/// Documented for deployments.
pub(crate) const MOST_VAULTS: usize = 50;

/// Fields that may differ from the agent in a session.
const OVERRIDES: [&str; 5] = ["skills", "tools", "mcp_servers", "model", "system"];

/// `POST /v1/sessions`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    if request.body.len() > LARGEST_BODY {
        return Err(Refusal::new(413, "the body is larger than 32 MB"));
    }
    let body = request.json()?;
    let mut objects = locked(&sim.objects);
    start_session(sim, &mut objects, &body, None).map(|session| Answer::json(&session))
}

/// Starts a session for a client or a deployment, and returns it as the API shows it. It works on
/// its first events at once.
pub(crate) fn start_session(
    sim: &Arc<Sim>,
    objects: &mut Objects,
    body: &Fields,
    deployment_id: Option<&str>,
) -> Result<Value, Refusal> {
    only_known(body, &FIELDS)?;
    let wanted = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let environment = wanted("environment_id")
        .as_str()
        .ok_or_else(|| Refusal::invalid("environment_id: is required"))?;
    environments::refuse_archived(objects.environment(environment)?)?;
    let networking = objects.environment(environment)?["config"]["networking"].clone();
    let vault_ids = read_vaults(objects, wanted("vault_ids"))?;
    let agent = read_agent(objects, wanted("agent"))?;
    let budget = read_budget(wanted("budget"))?;
    let metadata = read_metadata(body.get("metadata"))?;
    if !wanted("initial_events").is_null() {
        check_first_events(wanted("initial_events"))?;
    }
    let title = read_title(body)?;
    let id = sim.stamps.id("sesn");
    let mut sandbox = Sandbox::new(&sim.sessions_dir.join(&id)).map_err(file_system_error)?;
    let mounts = mount_all(sim, objects, &mut sandbox, &id, &agent, body)
        .inspect_err(|_| sandbox.remove())?;
    let (resources, copies): (Vec<_>, Vec<_>) = mounts
        .into_iter()
        .map(|mounted| (mounted.resource, mounted.copy))
        .unzip();
    let now = sim.stamps.now();
    let object = json!({
        "id": id, "type": "session", "agent": agent, "environment_id": environment,
        "title": title, "budget": wanted("budget"), "metadata": metadata, "resources": resources,
        "outcome_evaluations": [], "deployment_id": deployment_id,
        "created_at": now, "updated_at": now,
    });
    let mut session = Session {
        id,
        object,
        networking,
        vault_ids,
        archived_at: None,
        events: Vec::new(),
        feeds: Vec::new(),
        inbox: VecDeque::new(),
        running: false,
        rested_at: None,
        status_lag: sim.setup.status_lag,
        question: None,
        turn: 0,
        spent: 0,
        budget,
        sandbox,
    };
    if !wanted("initial_events").is_null() {
        session.receive_events(&sim.stamps, wanted("initial_events"))?;
    }
    model::start_turn(sim, &mut session);
    let shown = session.to_json();
    objects.sessions.push(session);
    objects.files.extend(copies);
    Ok(shown)
}

/// One line of at most 80 characters, without control and format characters. Documented.
pub(super) fn read_title(body: &Fields) -> Result<Value, Refusal> {
    let title = optional_text(body, "title", 80)?;
    match title
        .as_str()
        .is_some_and(|text| text.contains(is_invisible))
    {
        true => Err(Refusal::invalid(
            "title: without control and format characters",
        )),
        false => Ok(title),
    }
}

/// The format characters that a title is likely to meet, not all of Unicode's.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
    let mut overrides: Fields = wanted
        .iter()
        .filter(|(key, _)| OVERRIDES.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    // Documented: effort is the agent's own, or the model's.
    if let Some(Value::Object(model)) = overrides.get_mut("model") {
        model.remove("effort");
    }
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
pub(crate) fn read_budget(wanted: &Value) -> Result<Option<u64>, Refusal> {
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

/// Mounts the agent's own skills and the files that were asked for; returns the files.
fn mount_all(
    sim: &Sim,
    objects: &Objects,
    sandbox: &mut Sandbox,
    id: &str,
    agent: &Value,
    body: &Fields,
) -> Result<Vec<Mount>, Refusal> {
    mount_skills(sim, objects, sandbox, agent)?;
    let mut mounts = Vec::<Mount>::new();
    for resource in read_array(body.get("resources"), "resources", MOST_RESOURCES)? {
        let others: Vec<_> = mounts.iter().map(|one| one.resource.clone()).collect();
        mounts.push(mount(sim, objects, sandbox, id, &others, resource)?);
    }
    Ok(mounts)
}

/// Mounts the agent's own skills.
fn mount_skills(
    sim: &Sim,
    objects: &Objects,
    sandbox: &mut Sandbox,
    agent: &Value,
) -> Result<(), Refusal> {
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
    Ok(())
}
