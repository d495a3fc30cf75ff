//! Requests to AWS that a question needs, held against the guide's table of costs.

use std::{collections::BTreeMap, fs, path::Path};

use padel_slack::function::{accept::Accept, units::timing};

use crate::{
    home::sign_event,
    stage::{CHANNEL, GUEST, Stage, describe},
};

/// The length of an answer in the guide's table, in seconds.
const ANSWER: u64 = 30;

/// Needs of one question.
struct Needs {
    /// Requests of each operation.
    requests: BTreeMap<String, usize>,
    read_units: f64,
    write_units: f64,
}

/// Asks a question, has it answered at once, and counts what that needs.
async fn ask(stage: &Stage, accept: &Accept, thread: Option<&str>) -> Needs {
    let ts = match thread {
        Some(thread) => stage.workspace.type_reply(GUEST, CHANNEL, thread, "free?"),
        None => stage.workspace.type_message(GUEST, CHANNEL, "free?"),
    };
    let region = &stage.home.region;
    let (calls, before) = (region.calls().len(), region.capacity());
    let event = sign_event(&describe(GUEST, "free?", &ts, thread), (stage.clock())());
    assert_eq!(accept.handle(&event).await["statusCode"], 200);
    let answer = stage.answering();
    for event in stage.home.take_events() {
        answer.handle(event, 0).await.unwrap();
    }
    let (mut requests, after) = (BTreeMap::new(), region.capacity());
    for call in &region.calls()[calls..] {
        let target = call.header("x-amz-target").unwrap_or(".Invoke");
        let operation = target.split('.').nth(1).unwrap().to_owned();
        *requests.entry(operation).or_default() += 1;
    }
    Needs {
        requests,
        read_units: after.read_units - before.read_units,
        write_units: after.write_units - before.write_units,
    }
}

#[tokio::test]
async fn a_question_needs_the_requests_of_the_guide() {
    let stage = Stage::new();
    let accept = stage.accepting();
    accept.prepare().await;
    let root = stage.workspace.type_message(GUEST, CHANNEL, "first");
    // A reply is recorded in a thread that may have others.
    for (thread, reads) in [(None, 2), (Some(root.as_str()), 3)] {
        let needs = ask(&stage, &accept, thread).await;
        let requests = [
            ("GetItem", reads),
            // Once for each process.
            ("GetParameter", 2),
            ("Invoke", 1),
            ("UpdateItem", 9),
        ];
        let requests = requests.map(|(operation, count)| (operation.to_owned(), count));
        assert_eq!(needs.requests, BTreeMap::from(requests), "{thread:?}");
        assert_eq!((needs.read_units, needs.write_units), (reads as f64, 11.0));
    }
    // A unit is a kilobyte: three questions of a thread fit.
    let mut units = Vec::new();
    for _ in 2..=4 {
        units.push(ask(&stage, &accept, Some(&root)).await.write_units);
    }
    assert!(units[..2] == [11.0; 2] && units[2] > 11.0, "{units:?}");
    let renewals = ANSWER / timing().renewal.as_secs();
    let units = 11 + renewals;
    let guide = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/aws/README.md"
    ));
    let guide = fs::read_to_string(guide).unwrap();
    for row in [
        format!("| DynamoDB, writes | {units} units a question"),
        "| DynamoDB, reads | at most 3 units a question".to_owned(),
    ] {
        assert!(guide.contains(&row), "{row}");
    }
}
