//! Every operation of the client once, for `scripts/conformance`: does the operation named on each
//! line of stdin, answers `ok` or `failed: …` on stdout. Settings come from the environment, the
//! archive from the file `CONFORMANCE_ZIP`.
#![expect(clippy::print_stdout, reason = "a program that talks over its pipes")]

mod managed;

use std::{error::Error, io};

use claude_platform::{
    AgentFields, AgentUpdate, Archive, Client, Cost, NewSession, Settings, SkillEntry,
};
use serde_json::{Map, Value, json};

const MESSAGE: &str = "Free courts? Größe \"L\"\n";

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve())
}

async fn serve() -> Result<(), Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge at which the environment comes in"
    )]
    let env = |name: &str| std::env::var(name).ok();
    let archive = Archive {
        filename: "pslc-padel.zip".to_owned(),
        data: std::fs::read(env("CONFORMANCE_ZIP").ok_or("CONFORMANCE_ZIP is not set")?)?.into(),
    };
    let (settings, _) = Settings::from_env(&env, false).await?;
    let client = Client::new(settings)?;
    for line in io::stdin().lines() {
        match perform(&client, &line?, archive.clone()).await {
            Ok(()) => println!("ok"),
            Err(error) => println!("failed: {}", error.to_string().replace('\n', " ")),
        }
    }
    Ok(())
}

/// One for one what `conformance/sdk.py` does.
async fn perform(client: &Client, operation: &str, archive: Archive) -> Result<(), Box<dyn Error>> {
    match operation {
        "skills" => drop(client.list_skills().await?),
        "skill" => drop(client.get_skill("skill_1").await?),
        "create_skill" => drop(client.create_skill(archive, None).await?),
        "create_skill_named" => drop(
            client
                .create_skill(archive, Some("Padel, “courts”"))
                .await?,
        ),
        "delete_skill" => client.delete_skill("skill_1").await?,
        "skill_versions" => drop(client.list_skill_versions("skill_1").await?),
        "newest_versions" => drop(client.list_newest_versions("skill_1", 1).await?),
        "skill_version" => drop(client.get_skill_version("skill_1", "skver_1").await?),
        "create_version" => drop(client.create_version("skill_1", archive).await?),
        "delete_version" => client.delete_version("skill_1", "skver_1").await?,
        "download_version" => drop(client.download_version("skill_1", "skver_1").await?),
        "agents" => drop(client.list_agents().await?),
        "agent" => drop(client.get_agent("agent_1").await?),
        "agent_versions" => drop(client.list_agent_versions("agent_1").await?),
        "update_agent" => drop(client.update_agent("agent_1", &update()).await?),
        "create_session" => drop(client.create_session(&session()).await?),
        "create_session_of_version" => {
            drop(
                client
                    .create_session(&NewSession {
                        agent_version: Some(2),
                        ..session()
                    })
                    .await?,
            );
        }
        "create_session_with_skills" => drop(client.create_session(&full_session()).await?),
        "session" => drop(client.get_session("sesn_1").await?),
        "send_message" => drop(client.send_message("sesn_1", MESSAGE).await?),
        "events" => drop(client.list_events("sesn_1").await?),
        "archive_session" => drop(client.archive_session("sesn_1").await?),
        "upload_file" => drop(
            client
                .upload_file("notes.txt", "text/plain", "hello".into())
                .await?,
        ),
        _ => managed::perform(client, operation).await?,
    }
    Ok(())
}

fn update() -> AgentUpdate {
    let xlsx = [
        ("type", "anthropic"),
        ("skill_id", "xlsx"),
        ("version", "latest"),
    ];
    let xlsx = xlsx
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let metadata = [
        ("padel_ops".to_owned(), json!("1.2.4")),
        ("padel_note".to_owned(), Value::Null),
    ];
    AgentUpdate {
        version: 2,
        fields: AgentFields {
            skills: Some(vec![
                SkillEntry(xlsx),
                SkillEntry::custom("skill_1", "skver_2"),
            ]),
            metadata: Map::from_iter(metadata),
            ..AgentFields::default()
        },
    }
}

fn session() -> NewSession {
    NewSession {
        agent: "agent_1".to_owned(),
        environment: "env_1".to_owned(),
        ..NewSession::default()
    }
}

fn full_session() -> NewSession {
    NewSession {
        agent_version: Some(2),
        skills: Some(vec![SkillEntry::custom("skill_1", "skver_2")]),
        title: Some("smoke".to_owned()),
        max_cost: Some(Cost {
            amount: "100".to_owned(),
            currency: "USD".to_owned(),
        }),
        vault_ids: vec!["vlt_1".to_owned()],
        resources: vec![
            json!({"type": "file", "file_id": "file_1", "mount_path": "/root/.config/pslc-padel/.env"}),
        ],
        initial_message: Some(MESSAGE.to_owned()),
        ..session()
    }
}
