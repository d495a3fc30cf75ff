//! What must hold of answers and sessions.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use claude_platform_sim::Platform;
use serde_json::Value;
use slack_sim::Message;

use crate::order::check_order;

/// Checks the answers of a round, given the number of questions of each thread: each question has one,
/// in its thread, and they stand in the order of their questions.
pub(crate) fn check_answers(answers: &[&Message], asked: &BTreeMap<String, usize>, ledger: &Path) {
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for answer in answers {
        let payload = &answer.metadata.as_ref().expect("a mark")["event_payload"];
        assert_eq!(payload["outcome"], "answered", "{answer:?}");
        let key = payload["question"].as_str().unwrap().to_owned();
        let thread = answer.thread_ts.clone().expect("a thread");
        keys.entry(thread).or_default().push(key);
    }
    let counts = keys
        .iter()
        .map(|(thread, keys)| (thread.clone(), keys.len()));
    assert_eq!(&counts.collect::<BTreeMap<_, _>>(), asked);
    let different: BTreeSet<&String> = keys.values().flatten().collect();
    assert_eq!(
        different.len(),
        answers.len(),
        "one question has two answers"
    );
    keys.values().for_each(|keys| check_order(ledger, keys));
}

/// Checks that each of so many questions was said once, and returns the number of sessions.
pub(crate) fn check_said(platform: &Platform, questions: usize) -> usize {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let sessions = platform.sessions();
    for session in &sessions {
        let events = platform.events(session["id"].as_str().unwrap());
        for event in events
            .iter()
            .filter(|event| event["type"] == "user.message")
        {
            let line = event["content"][0]["text"].as_str().unwrap();
            let line: Value =
                serde_json::from_str(line.trim_start_matches("slack-event ")).unwrap();
            *said.entry(line["ts"].to_string()).or_default() += 1;
        }
    }
    let twice: Vec<_> = said.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "said more than once: {twice:?}");
    assert_eq!(said.len(), questions);
    sessions.len()
}
