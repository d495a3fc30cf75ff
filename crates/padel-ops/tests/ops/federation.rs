//! Workload identity federation, on a platform that redeems each identity once: no identity is ever
//! sent twice.

use std::{fs, process::Command, time::Duration};

use claude_platform_sim::{
    Builder, Fault, Federation, GITHUB_REQUEST_TOKEN, IDENTITY_TOKEN, Model,
};

use crate::platform::{AGENT, ENVIRONMENT, NAME, Run, Stage, bare, run};

const EXCHANGE: &str = "POST /v1/oauth/token";
const STATUS: &str = "status --skill pslc-padel";

fn rule() -> Federation {
    Federation {
        rule: "fdrl_01Padel".to_owned(),
        organization: "0b0e5e5a-0000-4000-8000-000000000001".to_owned(),
        service_account: None,
        workspace: None,
    }
}

fn stage(change: impl FnOnce(Builder) -> Builder) -> Stage {
    Stage::with(|builder| change(builder.federation(rule())))
}

fn federated(stage: &Stage, args: &str) -> Command {
    let mut command = bare(stage.place.path(), args);
    command
        .env("ANTHROPIC_BASE_URL", stage.platform.url())
        .env("ANTHROPIC_FEDERATION_RULE_ID", rule().rule)
        .env("ANTHROPIC_ORGANIZATION_ID", rule().organization);
    command
}

fn in_job(stage: &Stage, args: &str) -> Run {
    let url = format!(
        "{}/__sim/github/token?api-version=2.0",
        stage.platform.url()
    );
    let mut command = federated(stage, args);
    run(command
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", GITHUB_REQUEST_TOKEN))
}

fn with_fixed(stage: &Stage, token: &str, args: &str) -> Run {
    run(federated(stage, args).env("ANTHROPIC_IDENTITY_TOKEN", token))
}

/// The identity tokens that were sent.
fn sent(stage: &Stage) -> Vec<String> {
    let calls = stage
        .platform
        .calls()
        .into_iter()
        .filter(|call| call.path == "/v1/oauth/token");
    let assertion = |body: &[u8]| {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap();
        body["assertion"].as_str().unwrap().to_owned()
    };
    calls.map(|call| assertion(&call.body)).collect()
}

#[test]
fn each_exchange_of_a_job_has_a_fresh_identity() {
    for fault in [
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::Status(503),
    ] {
        let stage = stage(|builder| builder);
        stage.fault(fault, EXCHANGE, 2);
        let said = in_job(&stage, STATUS);
        assert_eq!(said.code, 0, "{fault}: {said:?}");
        let sent = sent(&stage);
        assert_eq!(sent.len(), 3, "{fault}");
        assert!(
            sent[0] != sent[1] && sent[1] != sent[2] && sent[0] != sent[2],
            "{fault}"
        );
    }
}

#[test]
fn a_refused_identity_of_a_job_is_followed_by_one_fresh_one() {
    let stage = stage(|builder| builder);
    stage.fault(Fault::Status(401), EXCHANGE, 1);
    assert_eq!(in_job(&stage, STATUS).code, 0);
    let first = sent(&stage);
    assert!(first.len() == 2 && first[0] != first[1], "{first:?}");

    stage.fault(Fault::Status(401), EXCHANGE, 9);
    let said = in_job(&stage, STATUS);
    assert!(
        said.code == 4 && said.stderr.contains("[credentials_rejected]"),
        "{said:?}"
    );
    assert_eq!(sent(&stage).len(), first.len() + 2);
}

#[test]
fn a_fixed_identity_is_sent_once_and_the_hint_says_so() {
    for (fault, code) in [
        (Fault::LostAfter, "network"),
        (Fault::LostBefore, "network"),
        (Fault::Status(503), "overloaded"),
        (Fault::Status(401), "credentials_rejected"),
    ] {
        let stage = stage(|builder| builder);
        stage.fault(fault, EXCHANGE, 1);
        let said = with_fixed(&stage, IDENTITY_TOKEN, STATUS);
        assert!(
            said.stderr.contains(&format!("[{code}]")),
            "{fault}: {said:?}"
        );
        let hint = "put a fresh identity token into ANTHROPIC_IDENTITY_TOKEN: the platform redeems each once";
        assert!(said.stderr.contains(hint), "{fault}: {said:?}");
        assert!(
            !said.stderr.contains("ANTHROPIC_API_KEY"),
            "{fault}: {said:?}"
        );
        assert_eq!(sent(&stage), [IDENTITY_TOKEN], "{fault}");
    }
    // A second step needs a second token.
    let stage = stage(|builder| builder);
    assert_eq!(with_fixed(&stage, IDENTITY_TOKEN, STATUS).code, 0);
    let again = with_fixed(&stage, IDENTITY_TOKEN, STATUS);
    assert!(
        again.code == 4 && again.stderr.contains("one serves one step"),
        "{again:?}"
    );
}

#[test]
fn a_token_file_is_not_sent_twice_with_the_same_content() {
    let stage = stage(|builder| builder);
    fs::write(stage.place.path().join("identity"), IDENTITY_TOKEN).unwrap();
    stage.fault(Fault::LostAfter, EXCHANGE, 1);
    let said = run(federated(&stage, STATUS).env("ANTHROPIC_IDENTITY_TOKEN_FILE", "identity"));
    assert!(
        said.code == 6 && said.stderr.contains("ANTHROPIC_IDENTITY_TOKEN_FILE"),
        "{said:?}"
    );
    assert_eq!(sent(&stage), [IDENTITY_TOKEN]);
}

#[test]
fn a_refused_federation_names_rule_subject_and_audience() {
    let other = Federation {
        service_account: Some("svac_01".to_owned()),
        ..rule()
    };
    let stage = Stage::with(|builder| builder.federation(other));
    let said = in_job(&stage, STATUS);
    let facts = "rule `fdrl_01Padel`, subject `repo:sim@1/padel@2:environment:skill`, audience `https://api.anthropic.com`";
    assert!(said.code == 4 && said.stderr.contains(facts), "{said:?}");
    assert!(
        said.stderr.contains("ANTHROPIC_SERVICE_ACCOUNT_ID"),
        "{said:?}"
    );
    for token in sent(&stage) {
        let signature = token.rsplit('.').next().unwrap();
        assert!(
            !said.stderr.contains(signature) && !said.stderr.contains(&token),
            "{said:?}"
        );
    }
    let fixed = with_fixed(&stage, IDENTITY_TOKEN, STATUS);
    assert!(
        fixed.stderr.contains("subject `sim`, audience none")
            && !fixed.stderr.contains(IDENTITY_TOKEN),
        "{fixed:?}"
    );
}

#[test]
fn an_access_token_that_ends_amid_a_step_is_exchanged_again() {
    let stage = stage(|builder| {
        builder
            .token_life(Duration::from_secs(1))
            .model(Model::Slow)
    });
    let smoke = format!(
        "smoke --skill {NAME} --version {} --agent {AGENT} --environment {ENVIRONMENT}",
        stage.old
    );
    let late = in_job(&stage, &format!("{smoke} --timeout 2 --execute"));
    assert!(
        late.code == 8 && !late.stderr.contains("warning: "),
        "{late:?}"
    );
    let mut identities = sent(&stage);
    let exchanges = identities.len();
    identities.sort();
    identities.dedup();
    assert!(
        exchanges >= 3 && identities.len() == exchanges,
        "{exchanges}"
    );
    assert!(
        stage
            .platform
            .sessions()
            .iter()
            .all(|session| session["archived_at"].is_string())
    );
}

#[test]
fn an_access_token_of_a_fixed_identity_is_used_to_its_end() {
    let stage = stage(|builder| builder.token_life(Duration::ZERO));
    let said = with_fixed(&stage, IDENTITY_TOKEN, STATUS);
    assert!(
        said.code == 4 && said.stderr.contains("[credentials_rejected]"),
        "{said:?}"
    );
    assert!(
        said.stderr
            .contains("`ANTHROPIC_IDENTITY_TOKEN` still holds the identity token"),
        "{said:?}"
    );
    assert_eq!(sent(&stage), [IDENTITY_TOKEN]);
}
