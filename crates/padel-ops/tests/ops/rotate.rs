//! `rotate`: new credentials reach the platform once, by both ways, whatever happens on the way.

use claude_platform_sim::{Fault, Model};
use serde_json::{Value, json};

use crate::{
    declared::{
        EMAIL, PASSWORD, UP, assert_whole, credentials, declare, everything, read_lock,
        sort_things, stage, stage_with, write_member,
    },
    platform::Stage,
    strikes::{Reads, strike_everywhere},
};

const ROTATE: &str = "rotate --execute";
const NEW_PASSWORD: &str = "hush-pass-2";

/// A deployment that is up, whose password changed since.
fn changed(kind: &str) -> Stage {
    let stage = stage(&everything(kind));
    stage.fine(UP);
    write_member(&stage, NEW_PASSWORD);
    stage
}

/// The secrets that sessions get, as one text.
fn read_secrets(stage: &Stage) -> String {
    let (ours, _) = sort_things(stage);
    let files = ours.files.iter().map(|file| {
        let bytes = stage.platform.file_bytes(file["id"].as_str().unwrap());
        String::from_utf8(bytes).unwrap()
    });
    files
        .chain(ours.credentials.iter().map(Value::to_string))
        .collect()
}

/// Wants the new password everywhere, nothing of the old one, and one of each thing.
fn assert_rotated(stage: &Stage, case: &str) {
    assert_whole(stage, case);
    let secrets = read_secrets(stage);
    assert!(
        secrets.contains(NEW_PASSWORD) && secrets.contains(EMAIL),
        "{case}"
    );
    assert!(!secrets.contains(PASSWORD), "{case}");
    let (ours, _) = sort_things(stage);
    if let (Some(schedule), Some(file)) = (ours.schedules.first(), ours.files.first()) {
        assert_eq!(schedule["resources"][0]["file_id"], file["id"], "{case}");
    }
    let before = stage.calls().len();
    let said = stage.fine(ROTATE).stdout;
    assert!(
        said.contains("has the credentials of `padel` already"),
        "{case}: {said}"
    );
    stage.only_reads_after(before);
}

#[test]
fn changed_credentials_are_sent_once_by_both_ways() {
    for kind in ["file", "vault"] {
        let stage = changed(kind);
        let agent = sort_things(&stage).0.agents;
        let (before, lock) = (stage.calls().len(), read_lock(&stage));
        let plan = stage.fine("rotate").stdout;
        stage.only_reads_after(before);
        assert_eq!(read_lock(&stage), lock);
        assert!(
            plan.contains("nothing was changed: add --execute"),
            "{plan}"
        );

        let said = stage.fine(ROTATE).stdout;
        let words = match kind {
            "file" => "new sessions get the new credentials",
            _ => "running sessions get the new credentials soon",
        };
        assert!(said.contains(words), "{said}");
        assert_rotated(&stage, kind);
        assert_eq!(
            sort_things(&stage).0.agents,
            agent,
            "the agent is as it was"
        );
        assert_ne!(read_lock(&stage)["secret_hash"], lock["secret_hash"]);
    }
}

#[test]
fn the_same_credentials_are_sent_again_when_forced() {
    for kind in ["file", "vault"] {
        let stage = stage(&everything(kind));
        stage.fine(UP);
        let lock = read_lock(&stage);
        let (before, old) = (stage.calls().len(), sort_things(&stage).0);
        stage.fine(ROTATE);
        stage.only_reads_after(before);
        stage.fine("rotate --force --execute");
        assert_whole(&stage, kind);
        let (new, secrets) = (sort_things(&stage).0, read_secrets(&stage));
        assert!(secrets.contains(PASSWORD), "{kind}");
        assert_ne!(
            read_lock(&stage)["secret_salt"],
            lock["secret_salt"],
            "{kind}"
        );
        assert_eq!(new.files == old.files, kind == "vault");
    }
}

#[test]
fn sessions_that_keep_the_old_file_are_named() {
    let stage = stage_with(&declare(&credentials("file")), |builder| {
        builder.model(Model::Assistant)
    });
    stage.fine(UP);
    let tick = stage.json("tick")["session"].as_str().unwrap().to_owned();
    stage.fine("ask courts?");
    write_member(&stage, NEW_PASSWORD);
    let plan = stage.fine("rotate").stdout;
    assert!(
        plan.contains(&format!("leave {tick}: each keeps the old file")),
        "{plan}"
    );
    let document = stage.json(ROTATE);
    assert_eq!(document["sessions"], json!([tick]), "{document}");
    // The next tick goes to a session that has the new ones.
    assert_eq!(stage.json("tick")["reason"], "has other credentials");
    assert_eq!(stage.json(ROTATE)["sessions"], json!([]));
}

#[test]
fn a_fault_at_every_request_leaves_one_file_and_a_true_lock() {
    strike_everywhere(|| changed("file"), ROTATE, Reads::Struck, assert_rotated);
}

#[test]
fn a_fault_at_every_request_leaves_the_vault_with_the_new_secrets() {
    strike_everywhere(|| changed("vault"), ROTATE, Reads::Spared, assert_rotated);
}

#[test]
fn rotate_needs_credentials_and_a_deployment_that_is_up() {
    let courts = stage(&declare(""));
    courts.fine(UP);
    let said = courts.fails(ROTATE, "usage");
    assert!(said.contains("declares no credentials"), "{said}");

    let stage = stage(&everything("file"));
    let before = stage.calls().len();
    let said = stage.fails(ROTATE, "not_found");
    assert!(said.contains("run `padel-ops up --execute`"), "{said}");
    stage.only_reads_after(before);

    stage.fine(UP);
    stage.write("member.env", b"pslc_user=hush@example.com\n");
    let said = stage.fails(ROTATE, "usage");
    assert!(
        said.contains("is not a member's `.env`") && !said.contains("hush"),
        "{said}"
    );
}

#[test]
fn no_step_tells_the_members_credentials() {
    let mut told = 0;
    for kind in ["file", "vault"] {
        let stage = stage_with(&everything(kind), |builder| builder.model(Model::Assistant));
        stage.fine(UP);
        let session = stage.json("tick")["session"].as_str().unwrap().to_owned();
        for fault in [
            None,
            Some(Fault::Status(401)),
            Some(Fault::Html),
            Some(Fault::Status(500)),
        ] {
            for step in [
                "rotate",
                "rotate --force --execute",
                "ask bookings?",
                "tick",
                &format!("logs {session}"),
            ] {
                for more in ["-v", "--json -v"] {
                    if let Some(fault) = fault {
                        stage.fault(fault, "POST /v1/", 2);
                    }
                    let said = stage.run(format!("{step} {more}"));
                    stage.platform.clear_faults();
                    let all = format!("{}{}{}", said.stdout, said.stderr, read_lock(&stage));
                    assert!(said.stderr.contains(" ms, "), "{step}: {said:?}");
                    assert!(!all.contains("hush"), "{step} {more}: {all}");
                    told += all.len();
                }
            }
        }
    }
    assert!(told > 50_000, "{told}");
}
