//! `status`, `rollback`, `prune`: what was pinned when, and what may go.

use claude_platform_sim::Fault;
use serde_json::{Value, json};

use crate::platform::{AGENT, NAME, OTHER_AGENT, Stage, agent};

fn pin(stage: &Stage, version: &str, agent: &str) {
    stage.fine(format!(
        "pin --skill {NAME} --version {version} --agent {agent} --execute"
    ));
}

#[test]
fn status_tells_versions_pins_drift_and_followers_by_reading() {
    let stage = Stage::new();
    let (second, third) = (stage.publish("2"), stage.publish("3"));
    stage
        .platform
        .put_agent("agent_01Follows", &agent(&stage.skill, "latest"));
    stage.platform.put_agent("agent_01Lacks", &json!({}));
    pin(&stage, &third, OTHER_AGENT);
    let before = stage.platform.calls().len();
    let status = format!(
        "status --skill {NAME} --agent {AGENT} --agent {OTHER_AGENT} --agent agent_01Follows,agent_01Lacks"
    );
    let text = stage.fine(&status).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("{} {NAME}", stage.skill));
    assert!(
        lines[1].contains(&third) && lines[1].ends_with(" newest pinned by agent_01Second"),
        "{text}"
    );
    assert!(
        lines[2].contains(&second) && !lines[2].contains("pinned"),
        "{text}"
    );
    assert!(
        lines[3].contains(&stage.old) && lines[3].ends_with(" pinned by agent_01Padel"),
        "{text}"
    );
    assert_eq!(
        lines[4],
        format!(
            "{AGENT} drifts: pins {}, which is not the newest (release 0.0.9)",
            stage.old
        )
    );
    assert!(
        lines[5].starts_with(&format!("{OTHER_AGENT} pins the newest, {third}")),
        "{text}"
    );
    assert!(
        lines[6].starts_with(&format!("agent_01Follows follows `latest`, now {third}")),
        "{text}"
    );
    assert_eq!(lines[7], "agent_01Lacks does not have the skill");
    stage.only_reads_after(before);

    let document = stage.json(&status);
    assert_eq!(document["schema"], "padel.status/v1");
    let follows: Vec<&Value> = document["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| &agent["follows"])
        .collect();
    assert_eq!(follows, ["older", "newest", "latest", "nothing"]);
}

#[test]
fn a_newer_version_that_nobody_pinned_is_told_and_is_no_drift() {
    let stage = Stage::new();
    let second = stage.publish("2");
    pin(&stage, &second, AGENT);
    // As a release leaves it whose trial fails.
    let third = stage.publish("3");
    let status = format!("status --skill {NAME} --agent {AGENT}");
    let text = stage.fine(&status).stdout;
    assert!(
        text.contains(&format!(
            "{AGENT} pins {second}, and nothing newer is for it"
        )) && text.contains(&format!(
            "`{third}` is newer, and was never pinned here: its trial failed, or it was not tried"
        )),
        "{text}"
    );
    // Back from it, which was meant.
    pin(&stage, &third, AGENT);
    stage.fine(format!("rollback --skill {NAME} --agent {AGENT} --execute"));
    let text = stage.fine(&status).stdout;
    assert!(
        text.contains(&format!(
            "`{third}` is newer and was pinned here; `{second}` was pinned after"
        )),
        "{text}"
    );
    // Where another agent has it, it passed.
    pin(&stage, &third, OTHER_AGENT);
    let both = stage.json(format!("{status} --agent {OTHER_AGENT}"));
    assert_eq!(both["agents"][0]["follows"], "older", "{both}");
}

#[test]
fn rollback_pins_what_was_pinned_before_with_its_metadata() {
    let stage = Stage::new();
    let second = stage.publish("2");
    let original = stage.platform.agent(AGENT);
    pin(&stage, &second, AGENT);
    let rollback = format!("rollback --skill {NAME} --agent {AGENT} --execute");
    stage.fine(&rollback);
    let back = stage.platform.agent(AGENT);
    assert_eq!(
        (&back["skills"], &back["metadata"]),
        (&original["skills"], &original["metadata"])
    );
    // Twice is back again.
    stage.fine(&rollback);
    assert_eq!(stage.pinned(AGENT), second);
    assert!(
        stage.platform.agent(AGENT)["metadata"]
            .get("padel_commit")
            .is_none()
    );
}

#[test]
fn an_answer_lost_in_a_rollback_does_not_turn_it_round() {
    for fault in [
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::Status(409),
        Fault::Status(500),
    ] {
        let stage = Stage::new();
        let second = stage.publish("2");
        pin(&stage, &second, AGENT);
        stage.fault(fault, "POST /v1/agents", 1);
        stage.fine(format!("rollback --skill {NAME} --agent {AGENT} --execute"));
        assert_eq!(stage.pinned(AGENT), stage.old, "{fault}");
    }
}

#[test]
fn a_rollback_that_may_be_done_is_not_to_be_run_again_blindly() {
    let rollback = format!("rollback --skill {NAME} --agent {AGENT} --execute");
    let prepared = || {
        let stage = Stage::new();
        let second = stage.publish("2");
        pin(&stage, &second, AGENT);
        let before = stage.calls().len();
        (stage, before)
    };
    let (stage, before) = prepared();
    stage.fine(&rollback);
    let update = stage.calls()[before..]
        .iter()
        .position(|call| call.starts_with("POST"))
        .unwrap();

    let look = format!(
        "look at `padel-ops status --skill {NAME} --agent {AGENT}`, then name the version with --to"
    );
    for (status, code) in [
        (429, "rate_limited"),
        (401, "credentials_rejected"),
        (403, "permission_denied"),
        (404, "not_found"),
    ] {
        let (stage, _) = prepared();
        stage.fault(Fault::LostAfter, "POST /v1/agents", 1);
        stage.fault(Fault::Status(status), u32::try_from(update + 2).unwrap(), 3);
        let said = stage.fails(&rollback, code);
        assert!(
            stage.pinned(AGENT) == stage.old && said.contains(&look),
            "{status}: {said}"
        );
    }
    // Nothing was sent, so nothing is in doubt.
    let (stage, _) = prepared();
    stage.fault(Fault::Status(429), u32::try_from(update + 1).unwrap(), 3);
    assert!(
        stage
            .fails(&rollback, "rate_limited")
            .contains("run the same command again")
    );

    let (stage, _) = prepared();
    stage.fault(Fault::LostAfter, u32::try_from(update + 1).unwrap(), 9);
    let said = stage.fails(&rollback, "network");
    assert_eq!(stage.pinned(AGENT), stage.old, "it is done");
    assert!(said.contains(&look), "{said}");
    stage.platform.clear_faults();
    stage.fine(format!("status --skill {NAME} --agent {AGENT}"));
    stage.fine(format!("{rollback} --to {}", stage.old));
    assert_eq!(stage.pinned(AGENT), stage.old);

    // Of two agents one is back, so the other one alone is to follow.
    let (stage, _) = prepared();
    pin(&stage, &stage.versions()[0], OTHER_AGENT);
    stage.fault(
        Fault::Status(403),
        format!("POST /v1/agents/{OTHER_AGENT}").as_str(),
        2,
    );
    let both = format!("{rollback} --agent {OTHER_AGENT}");
    assert!(
        stage
            .fails(&both, "permission_denied")
            .contains("name the version with --to")
    );
    // Where nothing was changed, the hint is how to get on.
    let one = format!("rollback --skill {NAME} --agent {OTHER_AGENT} --execute");
    assert!(!stage.fails(&one, "permission_denied").contains("--to"));
}

#[test]
fn rollback_goes_where_it_is_told_and_not_to_what_is_gone() {
    let stage = Stage::new();
    let (second, third) = (stage.publish("2"), stage.publish("3"));
    pin(&stage, &third, AGENT);
    let to = |version: &'static str| {
        format!("rollback --skill {NAME} --agent {AGENT} --execute --to {version}")
    };
    stage.fails(to("skver_01Nothing"), "not_found");
    let second_id: &'static str = second.clone().leak();
    stage.fine(to(second_id));
    assert_eq!(stage.pinned(AGENT), second);

    let said = stage.fails(
        format!("rollback --skill {NAME} --agent {OTHER_AGENT} --execute"),
        "not_found",
    );
    assert!(said.contains("pinned no other version"), "{said}");
    assert!(
        said.contains(&format!(
            "`padel-ops status --skill {} --agent {OTHER_AGENT}`",
            stage.skill
        )),
        "{said}"
    );

    let stage = Stage::new();
    let second = stage.publish("2");
    pin(&stage, &second, AGENT);
    stage.fault(
        Fault::Status(404),
        format!("GET /v1/skills/{}/versions/{}", stage.skill, stage.old).as_str(),
        1,
    );
    let said = stage.fails(
        format!("rollback --skill {NAME} --agent {AGENT} --execute"),
        "not_found",
    );
    assert!(
        said.contains("does not exist any more") && stage.pinned(AGENT) == second,
        "{said}"
    );
}

#[test]
fn rollback_says_how_to_give_a_lost_skill_back() {
    let stage = Stage::new();
    stage.drop_skills(AGENT);
    let said = stage.fails(
        format!("rollback --skill {NAME} --agent {AGENT} --execute"),
        "not_found",
    );
    assert!(said.contains("does not have the skill"), "{said}");
    let command = said
        .split('`')
        .find_map(|text| text.strip_prefix("padel-ops "))
        .unwrap();
    stage.fine(command);
    assert_eq!(stage.pinned(AGENT), stage.old);
}

#[test]
fn prune_keeps_the_newest_and_what_agents_need() {
    // Two agents to a page: the third one counts as well.
    let stage = Stage::with(|builder| builder.page_size(2));
    let versions: Vec<String> = (2..9)
        .map(|number| stage.publish(&number.to_string()))
        .collect();
    for version in &versions[..2] {
        pin(&stage, version, AGENT);
    }
    stage
        .platform
        .put_agent("agent_01Unnamed", &agent(&stage.skill, &versions[4]));
    let archived = json!({"archived_at": "2026-01-01T00:00:00Z", "skills": agent(&stage.skill, &versions[3])["skills"]});
    stage.platform.put_agent("agent_01Archived", &archived);
    let prune = format!("prune --skill {NAME} --keep 1");
    let plan = stage.fine(&prune).stdout;
    assert!(
        plan.ends_with("nothing was changed: add --execute to carry it out\n"),
        "{plan}"
    );
    for (version, line) in [
        (&versions[2], "prune: delete `VERSION` of "),
        (
            &versions[6],
            "prune: keep `VERSION` of TIME: it is the newest",
        ),
        (
            &versions[1],
            "prune: keep `VERSION` of TIME: `agent_01Padel` pins it",
        ),
        (
            &versions[0],
            "prune: keep `VERSION` of TIME: `agent_01Padel` pinned it before",
        ),
        (
            &stage.old,
            "prune: keep `VERSION` of TIME: `agent_01Second` pins it",
        ),
    ] {
        let made = stage
            .platform
            .versions(&stage.skill)
            .into_iter()
            .find(|known| known.id == *version)
            .unwrap();
        let line = line
            .replace("VERSION", version)
            .replace("TIME", &made.created_at);
        assert!(plan.contains(&line), "{line}: {plan}");
    }
    assert_eq!(stage.versions().len(), 8);
    let named = format!("{prune} --agent agent_01Archived --execute");
    let document = stage.json(&named);
    // Newest first: 8 is the newest, 6 and 3 are pinned, 5 is by the archived one, 2 was pinned
    // before 3; the first one is the second agent's.
    let kept = [
        &versions[6],
        &versions[4],
        &versions[3],
        &versions[1],
        &versions[0],
        &stage.old,
    ];
    assert_eq!(document["prune"]["kept"], json!(kept));
    assert_eq!(
        document["prune"]["deleted"],
        json!([versions[5], versions[2]])
    );
    assert_eq!(stage.versions(), kept.map(String::clone));

    let document = stage.json(format!("{prune} --execute"));
    assert_eq!(
        document["prune"]["deleted"],
        json!([versions[3]]),
        "nobody can use the archived one"
    );
}

/// A stage of the two agents, both at the newest of five versions: the four others, newest first,
/// may go.
fn crowded(follows: &str) -> Stage {
    let stage = Stage::new();
    (2..6).for_each(|number| drop(stage.publish(&number.to_string())));
    let version = if follows.is_empty() {
        stage.versions()[0].clone()
    } else {
        follows.to_owned()
    };
    for id in [AGENT, OTHER_AGENT] {
        stage.platform.put_agent(id, &agent(&stage.skill, &version));
    }
    stage
}

#[test]
fn prune_keeps_what_came_into_use_while_it_ran() {
    let args = format!("prune --skill {NAME} --keep 1 --execute --json");
    for follows in ["", "latest"] {
        let stage = crowded(follows);
        let versions = stage.versions();
        let run = stage.meanwhile(&args, "DELETE ", || match follows {
            "" => stage.pin_beside(OTHER_AGENT, &versions[1]),
            // With the newest gone, the next one is what they get.
            _ => stage.delete_beside(&versions[0]),
        });
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(
            document["prune"]["kept"],
            json!([versions[0], versions[1]]),
            "{run:?}"
        );
        assert_eq!(
            document["prune"]["deleted"],
            json!([versions[2], versions[3], versions[4]]),
            "{run:?}"
        );
        assert!(
            document["warnings"][0]
                .as_str()
                .unwrap()
                .contains(&versions[1]),
            "{run:?}"
        );
        assert!(stage.versions().contains(&versions[1]));
    }
}

#[test]
fn who_may_not_list_agents_deletes_nothing() {
    let stage = crowded("");
    let prune = format!("prune --skill {NAME} --keep 1 --execute");
    stage.fault(Fault::Status(403), "GET /v1/agents", 1);
    let said = stage.fails(&prune, "permission_denied");
    assert!(
        said.contains("GET /v1/agents:") && stage.versions().len() == 5,
        "{said}"
    );
    // Nor anything more, once the right is gone: skills, versions, agents, two histories, agents,
    // deletion, agents.
    stage.fault(Fault::Status(403), 8, 1);
    let said = stage.fails(&prune, "permission_denied");
    assert!(
        said.contains("GET /v1/agents:") && stage.versions().len() == 4,
        "{said}"
    );
}

#[test]
fn a_deletion_whose_answer_was_lost_counts() {
    let stage = Stage::new();
    let second = stage.publish("2");
    for id in [AGENT, OTHER_AGENT] {
        stage.platform.put_agent(id, &agent(&stage.skill, &second));
    }
    stage.fault(Fault::LostAfter, "DELETE ", 1);
    let document = stage.json(format!("prune --skill {NAME} --keep 1 --execute"));
    assert_eq!(
        (document["prune"]["deleted"].clone(), stage.versions().len()),
        (json!([stage.old]), 1)
    );
}

#[test]
fn prune_keeps_at_least_one() {
    let stage = Stage::new();
    stage.fails(format!("prune --skill {NAME} --execute"), "usage");
    stage.fails(format!("prune --skill {NAME} --keep 0 --execute"), "usage");
}
