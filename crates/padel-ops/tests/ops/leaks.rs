//! No step, in no mode, tells a secret: not in its words, its JSON, its errors or CI's file.

use std::fs;

use claude_platform_sim::{Fault, Model};

use crate::{
    declared::{everything, stage as declared_stage, write_member},
    deployed::deployed,
    platform::{AGENT, ENVIRONMENT, NAME, Stage, run},
};

/// Every variable that holds a secret, whatever else is set.
const SECRETS: [(&str, &str); 7] = [
    ("ANTHROPIC_AUTH_TOKEN", "hush-auth-token"),
    ("ANTHROPIC_IDENTITY_TOKEN", "hush-identity-token"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hush-request-token"),
    ("ANTHROPIC_AWS_API_KEY", "hush-aws-key"),
    ("AWS_ACCESS_KEY_ID", "AKIAHUSHHUSHHUSH"),
    ("AWS_SECRET_ACCESS_KEY", "hush-secret-access-key"),
    ("AWS_SESSION_TOKEN", "hush-session-token"),
];
const KEY: &str = "sk-hush-api-key";

fn steps(stage: &Stage) -> [String; 10] {
    let old = stage.old.as_str();
    let sessions = stage.platform.sessions();
    let session = sessions
        .first()
        .map_or("sesn_01Gone", |session| session["id"].as_str().unwrap());
    [
        format!("publish skill.zip --skill {NAME}"),
        format!(
            "smoke --skill {NAME} --version {old} --agent {AGENT} --environment {ENVIRONMENT} --timeout 1"
        ),
        format!("pin --skill {NAME} --version {old} --agent {AGENT}"),
        format!("status --skill {NAME} --agent {AGENT}"),
        format!("rollback --skill {NAME} --agent {AGENT} --to {old}"),
        format!("prune --skill {NAME} --keep 5 --agent {AGENT}"),
        format!(
            "release --skill {NAME} --zip skill.zip --agent {AGENT} --environment {ENVIRONMENT} --timeout 1"
        ),
        "ask court? --timeout 1".to_owned(),
        "tick".to_owned(),
        format!("logs {session}"),
    ]
}

#[test]
fn nothing_secret_is_told_in_any_mode() {
    let stage = deployed(|builder| builder.api_key(KEY).model(Model::Lazy));
    let mut told = 0;
    for fault in [None, Some(Fault::Status(401)), Some(Fault::Html)] {
        for step in steps(&stage) {
            for (aws, more) in [(false, "-v"), (false, "--json -v"), (true, "--aws -v")] {
                if let Some(fault) = fault {
                    stage.fault(fault, 1, 3);
                }
                let mut args = format!("{step} {more}");
                if !["status", "ask", "tick", "logs"]
                    .iter()
                    .any(|name| step.starts_with(name))
                {
                    args.push_str(" --execute --output-file outputs");
                }
                let mut command = stage.command(&args);
                command.env("ANTHROPIC_API_KEY", KEY).envs(SECRETS);
                if aws {
                    command.env("ANTHROPIC_AWS_BASE_URL", stage.platform.url());
                    command
                        .env("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_01A")
                        .env("AWS_REGION", "eu-west-1");
                }
                let said = run(&mut command);
                stage.platform.clear_faults();
                let file =
                    fs::read_to_string(stage.place.path().join("outputs")).unwrap_or_default();
                let all = format!("{}{}{file}", said.stdout, said.stderr);
                assert!(
                    said.stderr.contains(" ms, "),
                    "-v told nothing of {args:?}: {said:?}"
                );
                assert!(!all.to_lowercase().contains("hush"), "{args:?}: {all}");
                told += all.len();
            }
        }
    }
    assert!(told > 10_000, "{told}");
}

#[test]
fn no_step_of_a_deployment_tells_the_members_credentials() {
    let mut told = 0;
    for kind in ["file", "vault"] {
        for (fault, at) in [
            (None, ""),
            (Some(Fault::Status(400)), "POST /v1/files"),
            (Some(Fault::Html), "POST /v1/files"),
            (Some(Fault::Truncated), "POST /v1/vaults/"),
            (Some(Fault::Status(400)), "POST /v1/vaults/"),
            (Some(Fault::LostAfter), "POST /v1/agents"),
        ] {
            let stage = declared_stage(&everything(kind));
            for step in [
                "up",
                "status",
                "up --execute",
                "status",
                "CHANGE",
                "down --execute",
            ] {
                let step = if step == "CHANGE" {
                    write_member(&stage, "hush-pass-2");
                    "up --execute"
                } else {
                    step
                };
                for more in ["-v", "--json -v"] {
                    if let Some(fault) = fault {
                        stage.fault(fault, at, 2);
                    }
                    let mut command = stage.command(format!("{step} {more}"));
                    command.envs(SECRETS);
                    let said = run(&mut command);
                    stage.platform.clear_faults();
                    let lock =
                        fs::read_to_string(stage.place.path().join("deploy/agent.lock.json"));
                    let all = format!("{}{}{}", said.stdout, said.stderr, lock.unwrap_or_default());
                    assert!(said.stderr.contains(" ms, "), "-v told nothing: {said:?}");
                    assert!(!all.to_lowercase().contains("hush"), "{step} {more}: {all}");
                    told += all.len();
                }
            }
        }
    }
    assert!(told > 50_000, "{told}");
}
