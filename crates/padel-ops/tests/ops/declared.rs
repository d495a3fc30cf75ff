//! A deployment that is declared and not made yet, beside things of others on the same platform.

use std::sync::OnceLock;

use claude_platform_sim::Builder;
use gladstone_sim::Club;
use serde_json::{Map, Value, json};

use crate::{
    deployed::answering,
    documents,
    platform::{AGENT, ENVIRONMENT, NAME, Stage},
};

pub(crate) const UP: &str = "up --execute";
pub(crate) const DOWN: &str = "down --execute";
/// Told nowhere.
pub(crate) const PASSWORD: &str = "hush-pass-1";
pub(crate) const EMAIL: &str = "hush@example.com";

/// One club for all tests: only whether it is there is asked.
pub(crate) fn club_url() -> String {
    static CLUB: OnceLock<Club> = OnceLock::new();
    CLUB.get_or_init(|| Club::builder().start()).url()
}

/// A declaration with these sections.
pub(crate) fn declare(sections: &str) -> String {
    let club = club_url();
    format!(
        r#"name = "padel"
club = "{club}"
{sections}
[agent]
model = "claude-sonnet-5-5"
effort = "low"
system = "system.md"
max_cost = "0.50"
[slack]
channels = ["C0123456789"]
owners = ["U0123456789"]
"#
    )
}

/// Credentials of this kind.
pub(crate) fn credentials(kind: &str) -> String {
    format!("[credentials]\nkind = \"{kind}\"\nenv_file = \"../member.env\"\n")
}

/// A schedule, and a file with the credentials.
pub(crate) fn everything(kind: &str) -> String {
    let schedule =
        "[schedule]\ncron = \"0 7 * * *\"\ntimezone = \"Europe/London\"\nsay = \"Free?\"\n";
    declare(&format!("{}{schedule}", credentials(kind)))
}

/// A stage with a published skill, things of others, and this declaration.
pub(crate) fn stage(declaration: &str) -> Stage {
    stage_with(declaration, |builder| builder)
}

pub(crate) fn stage_with(declaration: &str, change: impl FnOnce(Builder) -> Builder) -> Stage {
    let stage = stage_alone(declaration, change);
    add_things_of_others(&stage);
    stage
}

/// Without things of others, which are made by the direct API.
pub(crate) fn stage_alone(declaration: &str, change: impl FnOnce(Builder) -> Builder) -> Stage {
    let stage = Stage::empty(change);
    let zip = answering("old").sealed().zip();
    let (skill, old) = stage.platform.publish(NAME, &zip);
    let stage = Stage {
        skill,
        old,
        ..stage
    };
    std::fs::create_dir(stage.place.path().join("deploy")).unwrap();
    stage.write("deploy/agent.toml", declaration.as_bytes());
    let system = b"You find courts at {club}\nfor {channel}.\n";
    stage.write("deploy/system.md", system);
    write_member(&stage, PASSWORD);
    stage
}

pub(crate) fn write_member(stage: &Stage, password: &str) {
    let text = format!("pslc_user={EMAIL}\npslc_password={password}\nFOREIGN=hush-foreign\n");
    stage.write("member.env", text.as_bytes());
}

/// A vault and a file of somebody else, beside the stage's own environment and agent.
fn add_things_of_others(stage: &Stage) {
    stage.beside(|client| async move {
        let other = Map::from_iter([("padel_deployment".to_owned(), json!("padel-2"))]);
        client.create_vault("padel", &other).await.unwrap();
        client
            .upload_file("pslc-padel.other.env", "text/plain", "x".into())
            .await
            .unwrap();
    });
}

/// The things of a deployment on the platform.
#[derive(Debug, PartialEq)]
pub(crate) struct Ours {
    pub(crate) environments: Vec<Value>,
    pub(crate) vaults: Vec<Value>,
    pub(crate) credentials: Vec<Value>,
    pub(crate) files: Vec<Value>,
    pub(crate) agents: Vec<Value>,
    pub(crate) schedules: Vec<Value>,
}

/// All that is not archived, ours and theirs apart.
pub(crate) fn sort_things(stage: &Stage) -> (Ours, Ours) {
    let platform = &stage.platform;
    let split = |all: Vec<Value>| -> (Vec<Value>, Vec<Value>) {
        let active = all.into_iter().filter(|it| it["archived_at"].is_null());
        active.partition(|it| it["metadata"]["padel_deployment"] == "padel")
    };
    let (environments, their_environments) = split(platform.environments());
    let (vaults, their_vaults) = split(platform.vaults());
    let (agents, their_agents) = split(platform.agents());
    let (schedules, their_schedules) = split(platform.deployments());
    let (files, their_files) = platform.files().into_iter().partition(|file| {
        file["filename"]
            .as_str()
            .unwrap()
            .starts_with("pslc-padel.padel.")
    });
    let list = |vaults: &[Value]| {
        let ids = vaults.iter().map(|vault| vault["id"].as_str().unwrap());
        ids.flat_map(|id| platform.credentials(id)).collect()
    };
    let (credentials, their_credentials) = (list(&vaults), list(&their_vaults));
    (
        Ours {
            environments,
            vaults,
            credentials,
            files,
            agents,
            schedules,
        },
        Ours {
            environments: their_environments,
            vaults: their_vaults,
            credentials: their_credentials,
            files: their_files,
            agents: their_agents,
            schedules: their_schedules,
        },
    )
}

/// The lock, once it is there.
pub(crate) fn read_lock(stage: &Stage) -> Value {
    let text = stage.read("deploy/agent.lock.json");
    documents::keep(text.as_bytes());
    serde_json::from_str(&text).unwrap()
}

/// Wants that things of others are as the stage made them.
pub(crate) fn assert_others_untouched(theirs: &Ours) {
    let ids = |things: &[Value]| -> Vec<String> {
        things
            .iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&theirs.environments), [ENVIRONMENT]);
    assert_eq!(ids(&theirs.agents), [AGENT]);
    assert_eq!(theirs.agents[0]["version"], 1);
    assert_eq!(theirs.vaults.len(), 1);
    assert_eq!(theirs.files.len(), 1);
    assert_eq!(theirs.credentials, [] as [Value; 0]);
    assert_eq!(theirs.schedules, [] as [Value; 0]);
}

/// Wants one of each, and a lock that names just those.
pub(crate) fn assert_whole(stage: &Stage, case: &str) {
    let (ours, theirs) = sort_things(stage);
    let lock = read_lock(stage);
    let toml = stage.read("deploy/agent.toml");
    let count = |section: &str| usize::from(toml.contains(section));
    let id = |things: &[Value], count: usize| {
        assert_eq!(things.len(), count, "{case}: {things:?}");
        things
            .first()
            .map_or(Value::Null, |thing| thing["id"].clone())
    };
    assert_eq!(lock["environment_id"], id(&ours.environments, 1), "{case}");
    assert_eq!(lock["agent_id"], id(&ours.agents, 1), "{case}");
    assert_eq!(lock["agent_version"], ours.agents[0]["version"], "{case}");
    assert_eq!(
        lock["file_id"],
        id(&ours.files, count("kind = \"file\"")),
        "{case}"
    );
    let vault = count("kind = \"vault\"");
    assert_eq!(lock["vault_id"], id(&ours.vaults, vault), "{case}");
    let credentials: Vec<Value> = ours.credentials.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(credentials.len(), 2 * vault, "{case}");
    assert!(
        lock["credential_ids"]
            .as_array()
            .unwrap()
            .iter()
            .all(|id| credentials.contains(id)),
        "{case}"
    );
    assert_eq!(
        lock["deployment_id"],
        id(&ours.schedules, count("[schedule]")),
        "{case}"
    );
    if let Some(schedule) = ours.schedules.first() {
        assert_eq!(
            schedule["agent"]["version"], lock["agent_version"],
            "{case}"
        );
        assert_eq!(schedule["status"], "active", "{case}");
    }
    assert_others_untouched(&theirs);
}
