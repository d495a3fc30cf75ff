//! `schemas/` tells the truth about the JSON documents, says a validator that shares nothing with
//! padel.

use std::fs;

use serde_json::Value;

use crate::{
    documents::check,
    harness::{EMAIL, Member, club, member},
};

#[test]
fn every_document_is_as_its_schema_says_and_damage_is_noticed() {
    let club = club().start();
    let member = member(&club);
    fs::write(member.path("club.har"), club.har(EMAIL).to_string()).expect("a capture");
    let documents = member.path("documents");
    fs::create_dir(&documents).expect("a directory");
    let mut kinds = Vec::new();
    let lines = [
        "availability",
        "availability --date +9 --days 2 --duration 90 --from 18:00 --to 24:00 \
         --weekday wed,thu --all",
        "availability --at 19:00 --site 14 --court 1 --activity 'Padel Tennis' --limit 2",
        "bookings",
        "bookings --history --limit 50",
        "bookings --date +1",
        "bookings --month 2026-10",
        "activities --all",
        "login",
        "logout",
        "link",
        "doctor",
        "portal learn club.har",
        "availability --site nowhere",
        "watch --list",
        "watch --exec true ; --test",
        "watch --forget",
    ];
    for (number, line) in lines.into_iter().enumerate() {
        let outcome = member.run(format!("{line} --json"));
        let text = if outcome.code == 0 {
            &outcome.stdout
        } else {
            &outcome.stderr
        };
        let document: Value = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("{line}: {error}: {outcome:?}"));
        kinds.push(
            document["schema"]
                .as_str()
                .unwrap_or("padel.error/v1")
                .to_owned(),
        );
        fs::write(documents.join(format!("{number}.json")), text).expect("a document");
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    let Some(output) = check(&documents) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stdout).starts_with("17 documents ("),
        "{output:?}"
    );
}

#[test]
fn a_document_that_is_not_as_its_schema_says_is_refused() {
    let member = Member::new();
    for (name, text) in [
        (
            "a field less",
            r#"{"schema":"padel.logout/v1","club":"brunelsport"}"#,
        ),
        (
            "a field more than the schema tells",
            r#"{"schema":"padel.logout/v1","club":"b","forgotten":true,"new":1}"#,
        ),
        (
            "a key twice",
            r#"{"schema":"padel.logout/v1","club":"brunelsport","forgotten":true,"club":"b"}"#,
        ),
        (
            "another type",
            r#"{"schema":"padel.logout/v1","club":"brunelsport","forgotten":"yes"}"#,
        ),
        (
            "no such schema",
            r#"{"schema":"padel.logout/v2","club":"brunelsport","forgotten":true}"#,
        ),
        (
            "an unknown code",
            r#"{"error":{"code":"Not Found","message":"m","hint":"h","details":{}}}"#,
        ),
    ] {
        let documents = member.path(name);
        fs::create_dir(&documents).expect("a directory");
        fs::write(documents.join("document.json"), text).expect("a document");
        let Some(output) = check(&documents) else {
            return;
        };
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
        let (told, stdout) = (
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout),
        );
        assert!(
            told.contains("document.json: ") && stdout.ends_with("1 problems\n"),
            "{name}: {output:?}"
        );
    }
}
