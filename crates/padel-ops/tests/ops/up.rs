//! `up`: whatever goes wrong at whichever request, the same command again ends with one of each.

use claude_platform_sim::{DEFAULT_API_KEY, Fault};
use serde_json::{Value, json};

use crate::{
    declared::{
        PASSWORD, UP, assert_whole, credentials, declare, everything, read_lock, sort_things,
        stage, stage_alone, write_member,
    },
    platform::{Stage, run},
    strikes::{Reads, strike_everywhere},
};

#[test]
fn up_makes_what_is_declared_and_then_only_reads() {
    for kind in ["file", "vault"] {
        let stage = stage(&everything(kind));
        let before = stage.calls().len();
        let plan = stage.fine("up").stdout;
        stage.only_reads_after(before);
        assert!(
            plan.contains("nothing was changed: add --execute"),
            "{plan}"
        );

        let said = stage.fine(UP).stdout;
        assert_whole(&stage, kind);
        let (ours, _) = sort_things(&stage);
        let agent = ours.agents[0]["id"].as_str().unwrap();
        assert!(
            said.contains(&format!("PADEL_AGENT_ID={agent}\n")),
            "{said}"
        );
        assert!(said.contains("PADEL_SLACK_OWNERS=U0123456789\n"), "{said}");
        assert!(said.contains("left to do by hand:"), "{said}");
        assert_eq!(
            ours.environments[0]["config"]["networking"],
            json!({
                "type": "limited",
                "allowed_hosts": ["127.0.0.1"],
                "allow_mcp_servers": false,
                "allow_package_managers": false,
            })
        );
        assert_only_reads(&stage);
    }
}

/// Wants that `up` has nothing left to send.
fn assert_only_reads(stage: &Stage) {
    let before = stage.calls().len();
    let again = stage.fine(UP).stdout;
    stage.only_reads_after(before);
    assert!(again.contains("agent: keep"), "{again}");
}

#[test]
fn courts_only_needs_neither_file_nor_vault() {
    let stage = stage(&declare(""));
    stage.fine(UP);
    assert_whole(&stage, "courts only");
}

#[test]
fn up_again_after_a_fault_at_any_request_makes_one_of_each() {
    for kind in ["file", "vault"] {
        let declaration = everything(kind);
        strike_everywhere(
            || stage(&declaration),
            UP,
            Reads::Struck,
            |stage, case| {
                assert_whole(stage, case);
                assert_only_reads(stage);
            },
        );
    }
}

#[test]
fn a_change_after_a_fault_at_any_request_is_made_once() {
    for kind in ["file", "vault"] {
        let declaration = everything(kind);
        strike_everywhere(
            || {
                let stage = stage(&declaration);
                stage.fine(UP);
                change_everything(&stage);
                stage
            },
            UP,
            Reads::Spared,
            |stage, case| {
                assert_whole(stage, case);
                let (ours, _) = sort_things(stage);
                let hosts = &ours.environments[0]["config"]["networking"]["allowed_hosts"];
                assert_eq!(*hosts, json!(["127.0.0.1", "pay.example.com"]), "{case}");
                assert_eq!(ours.agents[0]["model"]["effort"]["type"], "high", "{case}");
                assert_eq!(
                    ours.schedules[0]["schedule"]["expression"], "0 8 * * *",
                    "{case}"
                );
                assert_only_reads(stage);
            },
        );
    }
}

fn change_everything(stage: &Stage) {
    let toml = stage.read("deploy/agent.toml");
    let toml = toml
        .replace("\"0 7 * * *\"", "\"0 8 * * *\"")
        .replace("\"low\"", "\"high\"");
    let toml = format!("{toml}[environment]\nextra_hosts = [\"pay.example.com\"]\n");
    stage.write("deploy/agent.toml", toml.as_bytes());
    write_member(stage, "hush-pass-2");
}

/// The bodies of all changes after so many calls, with their requests.
fn list_changes(stage: &Stage, before: usize) -> Vec<(String, Value)> {
    let calls = stage.platform.calls().into_iter().skip(before);
    let changes = calls.filter(|call| call.method != "GET");
    changes
        .map(|call| {
            let path = call.path.trim_start_matches("/v1/");
            let kind = path.split('/').next().unwrap().to_owned();
            (kind, serde_json::from_slice(&call.body).unwrap_or_default())
        })
        .collect()
}

#[test]
fn one_changed_field_is_all_that_is_sent() {
    let club = crate::declared::club_url();
    for (from, to, kind, body) in [
        (
            "model = \"claude-sonnet-5-5\"",
            "model = \"claude-haiku-5-5\"",
            "agents",
            json!({"version": 1, "model": {"id": "claude-haiku-5-5", "effort": "low"}}),
        ),
        (
            "timezone = \"Europe/London\"",
            "timezone = \"Europe/Dublin\"",
            "deployments",
            json!({"schedule": {
                "type": "cron", "expression": "0 7 * * *", "timezone": "Europe/Dublin",
            }}),
        ),
        (
            "max_cost = \"0.50\"",
            "max_cost = \"0.75\"",
            "deployments",
            json!({"budget": {
                "type": "limit", "max_list_cost": {"amount": "75", "currency": "USD"},
            }}),
        ),
        (
            "[slack]",
            "[environment]\nextra_hosts = [\"a.example.com\"]\n[slack]",
            "environments",
            json!({"config": {"type": "cloud", "networking": {
                "type": "limited",
                "allowed_hosts": ["127.0.0.1", "a.example.com"],
                "allow_mcp_servers": false,
                "allow_package_managers": false,
            }}}),
        ),
    ] {
        let stage = stage(&everything("file"));
        stage.fine(UP);
        let toml = stage.read("deploy/agent.toml").replace(from, to);
        stage.write("deploy/agent.toml", toml.as_bytes());
        let before = stage.calls().len();
        stage.fine(UP);
        let mut changes = list_changes(&stage, before);
        if kind == "agents" {
            // The schedule follows the agent's version.
            let (followed, moved) = changes.pop().unwrap();
            assert_eq!(
                (followed.as_str(), &moved["agent"]["version"]),
                ("deployments", &json!(2))
            );
        }
        assert_eq!(changes, [(kind.to_owned(), body)], "{to} at {club}");
        assert_only_reads(&stage);
    }
}

#[test]
fn changed_instructions_are_sent_and_nothing_else() {
    let stage = stage(&declare(""));
    stage.fine(UP);
    stage.write("deploy/system.md", b"Other words at {club}.\n");
    let status = stage.fine("status").stdout;
    assert!(
        status.contains("agent: drifts") && status.contains("system: line 1"),
        "{status}"
    );
    let before = stage.calls().len();
    stage.fine(UP);
    let changes = list_changes(&stage, before);
    let system = format!("Other words at {}/.\n", crate::declared::club_url());
    assert_eq!(
        changes,
        [("agents".to_owned(), json!({"version": 1, "system": system}))]
    );
}

#[test]
fn a_changed_password_is_uploaded_and_the_old_upload_goes() {
    let stage = stage(&everything("file"));
    stage.fine(UP);
    let old = read_lock(&stage);
    write_member(&stage, "hush-pass-2");
    stage.fine(UP);
    assert_whole(&stage, "another password");
    let new = read_lock(&stage);
    for field in ["file_id", "secret_salt", "secret_hash"] {
        assert_ne!(new[field], old[field], "{field}");
    }
    let text = stage.platform.file_bytes(new["file_id"].as_str().unwrap());
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("hush-pass-2") && !text.contains("FOREIGN"),
        "{text}"
    );
    let (ours, _) = sort_things(&stage);
    assert_eq!(ours.schedules[0]["resources"][0]["file_id"], new["file_id"]);
}

#[test]
fn a_changed_password_in_a_vault_is_an_update() {
    let stage = stage(&everything("vault"));
    stage.fine(UP);
    write_member(&stage, "hush-pass-2");
    let before = stage.calls().len();
    stage.fine(UP);
    let changes = list_changes(&stage, before);
    let secrets: Vec<&Value> = changes
        .iter()
        .map(|(_, body)| &body["auth"]["secret_value"])
        .collect();
    assert_eq!(secrets, ["hush@example.com", "hush-pass-2"]);
    assert_only_reads(&stage);
}

#[test]
fn a_lost_lock_is_written_again_from_what_is_there() {
    for kind in ["file", "vault"] {
        let stage = stage(&everything(kind));
        stage.fine(UP);
        let lock = read_lock(&stage);
        std::fs::remove_file(stage.place.path().join("deploy/agent.lock.json")).unwrap();
        stage.fine(UP);
        assert_whole(&stage, kind);
        let again = read_lock(&stage);
        for field in [
            "environment_id",
            "vault_id",
            "agent_id",
            "deployment_id",
            "skill_version",
        ] {
            assert_eq!(again[field], lock[field], "{kind}: {field}");
        }
    }
}

#[test]
fn drift_made_by_hand_is_shown_and_mended() {
    let stage = stage(&everything("vault"));
    stage.fine(UP);
    let said = stage.fine("status").stdout;
    assert!(
        said.contains("the deployment `padel` is as declared"),
        "{said}"
    );

    let (ours, _) = sort_things(&stage);
    let id = |things: &[Value]| things[0]["id"].as_str().unwrap().to_owned();
    let tools = json!([{"type": "agent_toolset_20260401"}]);
    let everywhere = json!({"type": "unrestricted"});
    stage.change(
        &format!("environments/{}", id(&ours.environments)),
        &json!({"config": {"type": "cloud", "networking": everywhere}}),
    );
    stage.change(
        &format!("agents/{}", id(&ours.agents)),
        &json!({"version": 1, "tools": tools, "system": "Obey."}),
    );
    let credential = ours
        .credentials
        .iter()
        .find(|it| it["auth"]["secret_name"] == "pslc_password");
    stage.change(
        &format!(
            "vaults/{}/credentials/{}",
            id(&ours.vaults),
            credential.unwrap()["id"].as_str().unwrap()
        ),
        &json!({"auth": {"type": "environment_variable", "networking": everywhere}}),
    );
    stage.change(
        &format!("deployments/{}/pause", id(&ours.schedules)),
        &Value::Null,
    );

    let report = stage.json("status");
    assert_eq!(report["agrees"], false);
    let parts = report["parts"].as_array().unwrap();
    let drifting: Vec<&str> = parts
        .iter()
        .filter(|part| part["state"] == "differs")
        .map(|part| part["part"].as_str().unwrap())
        .collect();
    assert_eq!(
        drifting,
        ["environment", "credentials", "agent", "schedule"]
    );
    let said = stage.fine("status").stdout;
    for shown in [
        "config.networking.type: `unrestricted` -> `limited`",
        "auth.networking: `unrestricted` -> `127.0.0.1`",
        "`every other tool (always_allow)`",
        "status: `paused` -> `active`",
    ] {
        assert!(said.contains(shown), "{shown} in {said}");
    }
    let before = stage.calls().len();
    stage.fine(UP);
    let secrets = list_changes(&stage, before);
    assert!(
        secrets
            .iter()
            .all(|(_, body)| body["auth"]["secret_value"].is_null()),
        "a secret that did not change is not sent"
    );
    assert_whole(&stage, "mended");
    assert_only_reads(&stage);
    assert_eq!(stage.json("status")["agrees"], true);
}

#[test]
fn what_was_deleted_by_hand_is_made_again() {
    let stage = stage(&everything("file"));
    stage.fine(UP);
    let lock = read_lock(&stage);
    stage.beside(|client| async move {
        client
            .delete_file(lock["file_id"].as_str().unwrap())
            .await
            .unwrap();
        client
            .archive_deployment(lock["deployment_id"].as_str().unwrap())
            .await
            .unwrap();
    });
    let said = stage.fine("status").stdout;
    assert!(
        said.contains("file: missing") && said.contains("schedule: missing"),
        "{said}"
    );
    stage.fine(UP);
    assert_whole(&stage, "made again");
}

#[test]
fn what_is_not_declared_any_more_goes() {
    for (first, then) in [
        (everything("file"), everything("vault")),
        (everything("vault"), everything("file")),
        (everything("vault"), declare("")),
        (everything("file"), declare("")),
    ] {
        let stage = stage(&first);
        stage.fine(UP);
        stage.write("deploy/agent.toml", then.as_bytes());
        let said = stage.fine("status").stdout;
        assert!(said.contains("left over"), "{said}");
        stage.fine(UP);
        assert_whole(&stage, "another declaration");
        assert_only_reads(&stage);
    }
}

#[test]
fn up_publishes_a_zip_and_pins_it() {
    let stage = stage(&declare(""));
    stage.fine(UP);
    let publish = format!("{UP} --publish skill.zip");
    let plan = stage.fine("up --publish skill.zip").stdout;
    assert!(plan.contains("send `skill.zip` as a new version"), "{plan}");
    let said = stage.fine(&publish).stdout;
    assert!(said.contains("published skver_"), "{said}");
    let lock = read_lock(&stage);
    assert_eq!(lock["skill_version"], stage.versions()[0]);
    let (ours, _) = sort_things(&stage);
    assert_eq!(
        ours.agents[0]["skills"][0]["version"],
        lock["skill_version"]
    );
    let zip = std::fs::read(stage.place.path().join("skill.zip")).unwrap();
    assert_eq!(
        ours.agents[0]["metadata"]["padel_zip_sha256"],
        crate::fixture::sha256(&zip)
    );
    let again = stage.fine(&publish).stdout;
    assert!(again.contains("unchanged: "), "{again}");
    assert_eq!(stage.versions().len(), 2);
    assert_whole(&stage, "published");
    // Without the option the pin stays, whatever is published.
    stage.publish("newer");
    assert_only_reads(&stage);
}

#[test]
fn a_platform_without_schedules_is_told_with_another_way() {
    let stage = stage(&everything("file"));
    stage.fault(Fault::Status(404), "POST /v1/deployments", 1);
    let said = stage.fine(UP).stdout;
    assert!(
        said.contains("the platform took no schedule here: let cron"),
        "{said}"
    );
    assert_eq!(read_lock(&stage)["deployment_id"], Value::Null);
}

#[test]
fn an_agent_that_posts_itself_needs_a_credential_by_hand() {
    let toml = declare(&credentials("file")).replace("[slack]", "[slack]\nreply = \"agent\"");
    let stage = stage(&toml);
    let said = stage.fine(UP).stdout;
    assert!(
        said.contains("Add credential, MCP OAuth, and connect https://mcp.slack.com/mcp"),
        "{said}"
    );
    // Only then may a session reach the server.
    let (ours, _) = sort_things(&stage);
    let networking = &ours.environments[0]["config"]["networking"];
    assert_eq!(networking["allow_mcp_servers"], true, "{networking}");
    let lock = read_lock(&stage);
    let vault = lock["vault_id"].as_str().unwrap().to_owned();
    let agent = stage.platform.agent(lock["agent_id"].as_str().unwrap());
    assert_eq!(agent["tools"][1]["default_config"]["enabled"], false);
    assert_eq!(
        agent["tools"][1]["configs"][0]["permission_policy"]["type"],
        "always_allow"
    );
    assert_eq!(agent["mcp_servers"][0]["url"], "https://mcp.slack.com/mcp");
    let auth = json!({
        "type": "mcp_oauth",
        "mcp_server_url": "https://mcp.slack.com/mcp",
        "access_token": "hush-token",
    });
    stage.change(
        &format!("vaults/{vault}/credentials"),
        &json!({"auth": auth}),
    );
    let said = stage.fine(UP).stdout;
    assert!(!said.contains("Add credential"), "{said}");
}

#[test]
fn bad_input_is_told_before_anything_is_sent() {
    let toml = everything("file");
    for (file, text, code, message) in [
        (
            "deploy/agent.toml",
            "name = ".to_owned(),
            "usage",
            "agent.toml, line 1: ",
        ),
        (
            "deploy/agent.toml",
            toml.replace("model =", "modle ="),
            "usage",
            "`agent.model` is missing",
        ),
        (
            "deploy/agent.toml",
            toml.replace("claude-sonnet-5-5", "claude-sonnet-9"),
            "not_found",
            "the platform has no model `claude-sonnet-9`",
        ),
        (
            "member.env",
            "hush nothing".to_owned(),
            "usage",
            "is not a member's `.env`",
        ),
        (
            "member.env",
            format!("pslc_password={PASSWORD}\n"),
            "usage",
            "is not a member's `.env`",
        ),
        (
            "deploy/agent.lock.json",
            json!({"schema": "padel.lock/v1", "name": "padel", "platform": "https://elsewhere"})
                .to_string(),
            "conflict",
            "is of the platform `https://elsewhere`",
        ),
        (
            "deploy/agent.lock.json",
            "{}".to_owned(),
            "usage",
            "is not a lock of padel-ops",
        ),
        (
            "deploy/agent.lock.json",
            "LOCK".to_owned(),
            "conflict",
            "nothing that `deploy/agent.lock.json` names is in this workspace",
        ),
    ] {
        let stage = stage(&toml);
        let lock = json!({
            "schema": "padel.lock/v1",
            "name": "padel",
            "platform": stage.platform.url(),
            "agent_id": "agent_01Elsewhere",
        });
        let text = text.replace("LOCK", &lock.to_string());
        stage.write(file, text.as_bytes());
        let before = stage.calls().len();
        let said = stage.fails(UP, code);
        assert!(said.contains(message), "{said}");
        assert!(!said.contains("hush"), "{said}");
        stage.only_reads_after(before);
    }
}

#[test]
fn without_credentials_for_the_platform_nothing_is_sent() {
    let stage = stage(&everything("file"));
    let before = stage.calls().len();
    let said = run(stage.command(UP).env_remove("ANTHROPIC_API_KEY"));
    assert!(said.stderr.contains("[credentials_missing]"), "{said:?}");
    assert_eq!(stage.calls().len(), before);
    // Until they stand in the `.env` beside the declaration.
    stage.write(
        "deploy/.env",
        format!("ANTHROPIC_API_KEY={DEFAULT_API_KEY}\n").as_bytes(),
    );
    let said = run(stage.command(UP).env_remove("ANTHROPIC_API_KEY"));
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn an_archived_agent_is_told_before_anything_is_sent() {
    let stage = stage(&everything("file"));
    stage.fine(UP);
    let agent = read_lock(&stage)["agent_id"].as_str().unwrap().to_owned();
    stage.change(&format!("agents/{agent}/archive"), &Value::Null);
    let before = stage.calls().len();
    let said = stage.fails(UP, "conflict");
    assert!(
        said.contains("is archived") && said.contains("down --execute"),
        "{said}"
    );
    stage.only_reads_after(before);
}

#[test]
fn without_a_published_skill_the_command_is_told() {
    let stage = stage(&declare(""));
    let skill = stage.skill.clone();
    stage.beside(|client| async move { client.delete_skill(&skill).await.unwrap() });
    let said = stage.fails(UP, "not_found");
    assert!(
        said.contains("up --publish dist/pslc-padel.zip --execute"),
        "{said}"
    );
    stage.fine(format!("{UP} --publish skill.zip"));
    assert_whole(&stage, "published with it");
}

#[test]
fn a_club_that_does_not_exist_is_told() {
    // The host answers for every name, and knows nothing of this one.
    let nobody = gladstone_sim::Club::builder()
        .fault(gladstone_sim::Fault::Status(404))
        .start();
    let toml = declare("").replace(&crate::declared::club_url(), &nobody.url());
    let stage = stage(&toml);
    let before = stage.calls().len();
    let said = stage.fails(UP, "not_found");
    assert!(
        said.contains("does not exist") && said.contains("agent.toml names it"),
        "{said}"
    );
    assert_eq!(stage.calls().len(), before);
}

#[test]
fn a_club_that_cannot_be_asked_from_here_is_a_warning() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let stage = stage(&declare("").replace(&crate::declared::club_url(), &url));
    let said = stage.fine(UP);
    assert!(
        said.stderr.contains("could not be asked from here"),
        "{said:?}"
    );
    assert_whole(&stage, "made all the same");
}

#[test]
fn a_vault_refuses_what_its_proxy_cannot_deliver() {
    for (password, is_fine) in [
        ("a\"b", false),
        ("a%b", false),
        ("a+b", false),
        ("a-b!", true),
    ] {
        let stage = stage(&everything("vault"));
        write_member(&stage, password);
        let before = stage.calls().len();
        if is_fine {
            stage.fine(UP);
            continue;
        }
        let said = stage.fails(UP, "usage");
        assert!(
            said.contains("the password holds a character that a vault cannot deliver"),
            "{said}"
        );
        assert!(!said.contains(password), "{said}");
        stage.only_reads_after(before);
    }
}

#[test]
fn a_sealed_sign_in_needs_the_file() {
    let stage = stage(&everything("vault"));
    let mut skill = crate::deployed::answering("sealed");
    skill.set(
        "config.toml",
        "club = \"brunelsport\"\n[portal.login]\nsealing = \"aes-256-gcm\"\n",
    );
    stage.write("sealed.zip", &skill.sealed().zip());
    let before = stage.calls().len();
    let said = stage.fails(format!("{UP} --publish sealed.zip"), "usage");
    stage.only_reads_after(before);
    assert!(
        said.contains("sign-in is sealed") && said.contains("kind = \"file\""),
        "{said}"
    );
}

#[test]
fn an_environment_of_others_with_the_name_is_left_alone() {
    let stage = stage(&declare(""));
    stage.change("environments", &json!({"name": "padel"}));
    let said = stage.fails(UP, "conflict");
    assert!(said.contains("write another `name`"), "{said}");
    assert!(!stage.place.path().join("deploy/agent.lock.json").exists());
    let others = stage.platform.environments();
    assert!(
        others
            .iter()
            .all(|it| it["metadata"]["padel_deployment"].is_null()),
        "{others:?}"
    );
}

#[test]
fn on_aws_schedules_are_tried_and_the_lock_names_the_workspace() {
    for is_routed in [true, false] {
        let stage = stage_alone(&everything("vault"), |builder| {
            let builder = builder.aws_key("aws-key");
            if is_routed {
                builder
            } else {
                builder.unrouted_deployments()
            }
        });
        let run_in = |workspace: &str, args: &str| {
            let mut command = stage.command(format!("{args} --aws"));
            command
                .env_remove("ANTHROPIC_API_KEY")
                .env_remove("ANTHROPIC_BASE_URL")
                .env("ANTHROPIC_AWS_API_KEY", "aws-key")
                .env("ANTHROPIC_AWS_BASE_URL", stage.platform.url())
                .env("ANTHROPIC_AWS_WORKSPACE_ID", workspace)
                .env("AWS_REGION", "eu-west-1");
            run(&mut command)
        };
        let said = run_in("wrkspc_01A", UP);
        assert_eq!(said.code, 0, "{said:?}");
        let tells = said.stdout.contains("took no schedule here: let cron");
        assert_eq!(tells, !is_routed, "{said:?}");
        let lock = read_lock(&stage);
        assert_eq!(lock["workspace"], "wrkspc_01A");
        assert_eq!(lock["deployment_id"].is_null(), !is_routed);
        let before = stage.calls().len();
        let said = run_in("wrkspc_01B", UP);
        assert_eq!(stage.calls().len(), before, "nothing is asked, even");
        assert!(
            said.stderr.contains("is of the workspace `wrkspc_01A`"),
            "{said:?}"
        );
        let said = run_in("wrkspc_01A", "down --execute");
        assert_eq!(said.code, 0, "{said:?}");
    }
}
