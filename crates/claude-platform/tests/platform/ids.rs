//! An answer must be about what was asked for: whatever follows would be done to that.

use bytes::Bytes;
use claude_platform::{AgentFields, AgentUpdate, Archive, Error, Kind};
use serde_json::{Value, json};

use crate::server::{Server, ok};

/// Does the operation with that number against a server that gives this answer.
async fn outcome(number: usize, answer: &Value) -> Result<(), Error> {
    let server = Server::start([ok(answer)]).await;
    let client = server.client().await;
    let archive = Archive {
        filename: "a.zip".to_owned(),
        data: Bytes::new(),
    };
    let update = AgentUpdate {
        version: 1,
        fields: AgentFields::default(),
    };
    let outcome = match number {
        0 => client.get_skill("skill_1").await.map(drop),
        1 => client
            .get_skill_version("skill_1", "skver_1")
            .await
            .map(drop),
        2 => client.list_skill_versions("skill_1").await.map(drop),
        3 => client.list_newest_versions("skill_1", 1).await.map(drop),
        4 => client.create_version("skill_1", archive).await.map(drop),
        5 => client.get_agent("agent_1").await.map(drop),
        6 => client.list_agent_versions("agent_1").await.map(drop),
        7 => client.update_agent("agent_1", &update).await.map(drop),
        8 => client.get_session("sesn_1").await.map(drop),
        9 => client.archive_session("sesn_1").await.map(drop),
        10 => client.delete_skill("skill_1").await,
        _ => client.delete_version("skill_1", "skver_1").await,
    };
    assert_eq!(server.recorded().len(), 1, "{number}");
    outcome
}

fn answers() -> [(Value, Value); 12] {
    let skill = |id| json!({ "id": id });
    let version = |skill, id| json!({"id": id, "skill_id": skill});
    let agent = |id| json!({"id": id, "version": 1});
    let session = |id| json!({"id": id, "status": "idle"});
    let page = |first: &Value, second: &Value| json!({"data": [first, second]});
    let (right, other) = (version("skill_1", "skver_1"), version("skill_2", "skver_1"));
    let (mine, not_mine) = (agent("agent_1"), agent("agent_2"));
    [
        (skill("skill_1"), skill("skill_2")),
        (right.clone(), version("skill_1", "skver_2")),
        (page(&right, &right), page(&right, &other)),
        (page(&right, &right), page(&other, &right)),
        (right.clone(), other.clone()),
        (mine.clone(), not_mine.clone()),
        (page(&mine, &mine), page(&mine, &not_mine)),
        (mine, not_mine),
        (session("sesn_1"), session("sesn_2")),
        (session("sesn_1"), session("sesn_2")),
        (skill("skill_1"), skill("skill_2")),
        (skill("skver_1"), skill("skver_2")),
    ]
}

#[tokio::test]
async fn an_answer_about_another_object_is_refused() {
    for (number, (right, wrong)) in answers().iter().enumerate() {
        outcome(number, right).await.unwrap();
        let error = outcome(number, wrong).await.unwrap_err();
        assert_eq!(
            (error.kind, error.may_have_happened()),
            (Kind::Malformed, true),
            "{number}: {error}"
        );
        assert!(
            error.message.contains("_2`, not about `"),
            "{number}: {error}"
        );
    }
}

#[tokio::test]
async fn the_latest_version_has_an_id_of_its_own() {
    let server = Server::start([ok(&json!({"id": "skver_9", "skill_id": "skill_1"}))]).await;
    assert_eq!(
        server
            .client()
            .await
            .get_skill_version("skill_1", "latest")
            .await
            .unwrap()
            .id,
        "skver_9"
    );
}

#[tokio::test]
async fn a_version_of_another_skill_is_refused_though_its_id_is_right() {
    let server = Server::start([ok(&json!({"id": "skver_1", "skill_id": "skill_2"}))]).await;
    let error = server
        .client()
        .await
        .get_skill_version("skill_1", "skver_1")
        .await
        .unwrap_err();
    assert!(
        error.message.contains("`skill_2`, not about `skill_1`"),
        "{error}"
    );
}
