//! Bad input: one sentence, a code and a hint, and nothing is sent that need not be.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use claude_platform_sim::{AwsAccess, Fault};
use diagnostic::ErrorCode as _;
use padel_ops::error::Code;
use serde_json::json;

use crate::{
    fixture::{Skill, Words},
    platform::{AGENT, ENVIRONMENT, NAME, Run, Stage, bare, run},
};

#[test]
fn ids_of_the_wrong_kind_are_refused_before_anything_is_sent() {
    let stage = Stage::new();
    for line in [
        "publish skill.zip --skill skver_01A",
        "publish skill.zip --skill agent_01A",
        "publish skill.zip --skill Padel",
        "publish skill.zip --skill skill_",
        "publish skill.zip --skill skill_../agents",
        "pin --skill pslc-padel --version latest --agent agent_01A",
        "pin --skill pslc-padel --version skill_01A --agent agent_01A",
        "pin --skill pslc-padel --version 1.2.3 --agent agent_01A",
        "pin --skill pslc-padel --version skver_01A --agent skver_01A",
        "pin --skill pslc-padel --version skver_01A --agent env_01A",
        "pin --skill pslc-padel --version skver_01A --agent agent_01/versions",
        "pin --skill pslc-padel --version skver_01A",
        "smoke --skill pslc-padel --version skver_01A --agent agent_01A --environment agent_01A",
        "smoke --skill pslc-padel --version latest --agent agent_01A --environment env_01A",
        "smoke --skill pslc-padel --version skver_01A --agent agent_01A --environment env_01A --timeout 0",
        "smoke --skill pslc-padel --version skver_01A --agent agent_01A --environment env_01A --max-cost 0",
        "smoke --skill pslc-padel --version skver_01A --agent agent_01A --environment env_01A --max-cost -1",
        "smoke --skill pslc-padel --version skver_01A --agent agent_01A --environment env_01A --max-cost 1.005",
        "rollback --skill pslc-padel --agent agent_01A --to latest",
        "release --skill pslc-padel --agent agent_01A",
        "release --skill pslc-padel --agent agent_01A --environment env_01A --skip-smoke",
        "release --skill pslc-padel --agent agent_01A --environment env_01A --zip skill.zip --out dist",
        "status --skill env_01A",
    ] {
        let sends = !line.starts_with("status");
        let execute = if sends { " --execute" } else { "" };
        stage.fails(format!("{line}{execute}"), "usage");
    }
    assert_eq!(stage.platform.calls(), []);
}

#[test]
fn a_workspace_that_means_nothing_is_told() {
    let stage = Stage::new();
    let told = |args: &str, name: &str, value: &str| {
        let run = crate::platform::run(
            stage
                .command(args)
                .env(name, value)
                .env("ANTHROPIC_WORKSPACE_ID", "wrkspc_01"),
        );
        run.stderr
            .contains("warning: ANTHROPIC_WORKSPACE_ID is set, but ")
    };
    for args in [
        format!("status --skill {NAME}"),
        format!("publish skill.zip --skill {NAME}"),
    ] {
        assert!(
            told(
                &args,
                "ANTHROPIC_API_KEY",
                claude_platform_sim::DEFAULT_API_KEY
            ),
            "{args:?}"
        );
    }
    let document = crate::platform::run(
        stage
            .command(format!("status --skill {NAME} --json"))
            .env("ANTHROPIC_WORKSPACE_ID", "wrkspc_01"),
    );
    assert!(
        document.stdout.contains("ANTHROPIC_WORKSPACE_ID is set") && document.stderr.is_empty(),
        "{document:?}"
    );
    assert!(
        !stage
            .fine(format!("status --skill {NAME}"))
            .stderr
            .contains("ANTHROPIC_WORKSPACE_ID")
    );
    let mut aws = stage.command(format!("publish skill.zip --skill {NAME} --aws"));
    aws.env("ANTHROPIC_AWS_API_KEY", "k")
        .env("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_01")
        .env("AWS_REGION", "eu-west-1");
    let run = crate::platform::run(aws.env("ANTHROPIC_WORKSPACE_ID", "wrkspc_01"));
    assert!(
        run.stderr
            .contains("warning: ANTHROPIC_WORKSPACE_ID is set, but means nothing on AWS"),
        "{run:?}"
    );
}

#[test]
fn a_refusal_is_one_sentence_with_status_and_request_id() {
    let stage = Stage::new();
    let status = format!("status --skill {NAME}");
    for (fault, times, code, exit) in [
        (Fault::Status(400), 1, "refused", 5),
        (Fault::Status(401), 9, "credentials_rejected", 4),
        (Fault::Status(403), 1, "permission_denied", 4),
        (Fault::Status(404), 1, "not_found", 5),
        (Fault::Status(429), 9, "rate_limited", 7),
        (Fault::Millis429(20), 9, "rate_limited", 7),
        (Fault::Status(529), 9, "overloaded", 7),
        (Fault::LostBefore, 9, "network", 6),
        (Fault::Html, 9, "service_changed", 5),
    ] {
        stage.fault(fault, 1, times);
        let run = stage.run(format!("{status} --json"));
        stage.platform.clear_faults();
        let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        let error = &error["error"];
        assert_eq!(
            (error["code"].as_str(), run.code),
            (Some(code), exit),
            "{error}"
        );
        assert_eq!(error["details"]["operation"], "GET /v1/skills", "{error}");
        let waits = if matches!(fault, Fault::Millis429(_)) {
            json!(1)
        } else {
            json!(null)
        };
        assert_eq!(error["details"]["retry_after_seconds"], waits, "{error}");
        if let Fault::Status(status) = fault {
            assert_eq!(error["details"]["status"], status, "{error}");
            let id = error["details"]["request_id"].as_str().unwrap();
            assert!(error["message"].as_str().unwrap().contains(id), "{error}");
        }
    }
    let error = run(bare(stage.place.path(), &status)
        .env("ANTHROPIC_API_KEY", "sk")
        .env("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"));
    assert!(
        error.code == 6 && error.stderr.contains("[network]"),
        "{error:?}"
    );
}

/// A server that gives this answer to whatever comes, and closes.
fn answering(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // All of it: to close on what is unread would reset the connection.
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1)
            {
                head.extend(byte);
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn what_a_hostile_service_says_cannot_paint_the_terminal() {
    let nasty = "skill_\u{1b}[2J\u{202e}\n::set-output name=x::y";
    let skill = serde_json::json!({"id": nasty, "display_name": NAME, "created_at": nasty});
    let skills =
        |count| serde_json::json!({"data": vec![&skill; count], "next_page": null}).to_string();
    let error =
        serde_json::json!({"error": {"type": nasty, "message": nasty}, "request_id": nasty})
            .to_string();
    for (status, body, code) in [
        (200, skills(1), "[service_changed]"),
        (200, skills(50), "[conflict]"),
        (400, error, "[refused]"),
    ] {
        let head = format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let place = tempfile::tempdir().unwrap();
        let mut command = bare(place.path(), format!("status --skill {NAME} -v"));
        command.env("ANTHROPIC_API_KEY", "sk-ant-of-no-word").env(
            "ANTHROPIC_BASE_URL",
            format!("http://{}", answering(head + &body)),
        );
        let said = run(&mut command).stderr;
        assert!(
            said.contains(code) && said.contains("set-output") && said.len() < 2000,
            "{said}"
        );
        let unfit = |char: char| char.is_control() && char != '\n' || char == '\u{202e}';
        assert!(!said.contains(unfit) && !said.contains("\n::"), "{said:?}");
    }
}

#[test]
fn names_of_files_cannot_paint_the_terminal_either() {
    let stage = Stage::new();
    let name = "a\u{1b}]0;PWNED\u{7}\u{202e}\nerror: fine.zip";
    let mut source = format!("release --skill {NAME} --agent {AGENT} --skip-smoke").words();
    source.extend(["--skill-dir", name].map(str::to_owned));
    let plan = ["publish", name, "--skill", NAME];
    let quiet = |run: Run| {
        let said = run.stdout + &run.stderr;
        assert!(said.contains("error: fine"), "{said}");
        assert!(
            !said.contains(['\u{1b}', '\u{7}', '\u{202e}']) && !said.contains("\nerror: fine"),
            "{said}"
        );
    };
    quiet(stage.run(["check", name]));
    quiet(stage.run(plan));
    quiet(stage.run(&source));
    stage.write(name, &Skill::speaking("new").sealed().zip());
    quiet(stage.fine(["check", name]));
    quiet(stage.fine(plan));
    crate::fixture::source(stage.place.path());
    quiet(stage.fine([
        "pack",
        "--skill-dir",
        "skill",
        "--bin-dir",
        "bin",
        "--out",
        &name.replace(".zip", ""),
    ]));
}

#[test]
fn a_proxy_is_named_without_its_password() {
    let there = answering(
        "HTTP/1.1 403 Forbidden\r\nx-deny-reason: host_not_allowed\r\ncontent-length: 0\r\n\r\n"
            .to_owned(),
    );
    let place = tempfile::tempdir().unwrap();
    for (address, words) in [
        (
            there.as_str(),
            " refuses api.anthropic.com: 403 Forbidden: host_not_allowed",
        ),
        ("127.0.0.1:9", ": nothing answers there"),
    ] {
        let mut command = bare(place.path(), format!("status --skill {NAME} -v"));
        command
            .env("ANTHROPIC_API_KEY", "sk")
            .env("HTTPS_PROXY", format!("http://user:hush@{address}"));
        let said = run(&mut command);
        assert!(
            said.code == 6 && said.stderr.contains("[network]"),
            "{said:?}"
        );
        let told = format!("the proxy http://{address} (from HTTPS_PROXY){words}");
        assert!(said.stderr.contains(&told), "{told}: {said:?}");
        assert!(!said.stderr.contains("hush"), "{said:?}");
    }
}

fn access() -> AwsAccess {
    AwsAccess {
        region: "eu-west-1".to_owned(),
        workspace: "wrkspc_01Padel".to_owned(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: None,
    }
}

/// On AWS, signed, but for the variable that is left out.
fn aws(stage: &Stage, args: &str, without: &str) -> Run {
    let AwsAccess {
        region,
        workspace,
        access_key_id,
        secret_access_key,
        ..
    } = access();
    let url = stage.platform.url();
    let mut command = bare(stage.place.path(), args);
    for (key, value) in [
        ("ANTHROPIC_AWS_BASE_URL", &url),
        ("AWS_REGION", &region),
        ("ANTHROPIC_AWS_WORKSPACE_ID", &workspace),
        ("AWS_ACCESS_KEY_ID", &access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &secret_access_key),
    ] {
        if key != without {
            command.env(key, value);
        }
    }
    run(command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .arg("--aws"))
}

#[test]
fn release_on_aws_names_a_missing_permission() {
    let release = format!(
        "release --skill {NAME} --zip skill.zip --agent {AGENT} --environment {ENVIRONMENT} --execute"
    );
    let stage = Stage::with(|builder| builder.aws(access()));
    let done = aws(&stage, &release, "");
    assert!(
        done.code == 0 && stage.pinned(AGENT) == stage.versions()[0],
        "{done:?}"
    );
    for action in [
        "UpdateSkill",
        "GetSkill",
        "GetAgent",
        "UpdateAgent",
        "CreateSession",
    ] {
        let stage = Stage::with(|builder| builder.aws(access()).deny(action));
        let refused = aws(&stage, &release, "");
        assert!(
            refused.code == 4 && refused.stderr.contains("[permission_denied]"),
            "{action}: {refused:?}"
        );
        assert!(
            refused
                .stderr
                .contains(&format!("`aws-external-anthropic:{action}`")),
            "{action}: {refused:?}"
        );
    }
    // What agents use is not known without a list of them.
    let prune = format!("prune --skill {NAME} --keep 1 --execute");
    let stage = Stage::with(|builder| builder.aws(access()).deny("ListAgents"));
    stage
        .platform
        .publish(NAME, &Skill::speaking("second").sealed().zip());
    let refused = aws(&stage, &prune, "");
    assert!(
        refused.code == 4
            && refused
                .stderr
                .contains("hint: allow the role `aws-external-anthropic:ListAgents`")
    );
    assert_eq!(stage.versions().len(), 2);
    // A session that stays open does not undo a release.
    let stage = Stage::with(|builder| builder.aws(access()).deny("ArchiveSession"));
    let done = aws(&stage, &release, "");
    assert!(
        done.code == 0 && stage.pinned(AGENT) == stage.versions()[0],
        "{done:?}"
    );
    assert!(
        done.stderr.contains("warning: ")
            && done
                .stderr
                .contains("aws-external-anthropic:ArchiveSession"),
        "{done:?}"
    );
    // Who it is, is not known: no permission is missing. So it is with a wrong clock.
    let wrong = AwsAccess {
        secret_access_key: "another".to_owned(),
        ..access()
    };
    let refused = aws(&Stage::with(|builder| builder.aws(wrong)), &release, "");
    assert!(
        refused.code == 4 && refused.stderr.contains("[credentials_rejected]"),
        "{refused:?}"
    );
    assert!(
        refused.stderr.contains("clock") && !refused.stderr.contains("IAM"),
        "{refused:?}"
    );
    for missing in ["AWS_REGION", "ANTHROPIC_AWS_WORKSPACE_ID"] {
        let refused = aws(&stage, &release, missing);
        assert!(
            refused.code == 2 && refused.stderr.contains(missing),
            "{refused:?}"
        );
    }
}

#[test]
fn a_key_that_wins_over_federation_is_warned_about() {
    let stage = Stage::new();
    let said = run(stage
        .command(format!("status --skill {NAME}"))
        .env("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_01Padel")
        .env(
            "ANTHROPIC_ORGANIZATION_ID",
            "0b0e5e5a-0000-4000-8000-000000000001",
        )
        .env("ANTHROPIC_IDENTITY_TOKEN", "token"));
    assert!(
        said.code == 0
            && said.stderr.contains("warning: ")
            && said.stderr.contains("ANTHROPIC_API_KEY"),
        "{said:?}"
    );
}

#[test]
fn the_help_carries_every_code_beside_its_exit_code() {
    let place = tempfile::tempdir().unwrap();
    let help = run(&mut bare(place.path(), ["--help"])).stdout;
    for code in Code::ALL {
        let line = help
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{}  ", code.exit())));
        assert!(
            line.is_some_and(|line| line.contains(code.name())),
            "{}: {line:?}",
            code.name()
        );
    }
}
