//! Many messages while everything goes wrong: nothing is forgotten.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    receiver::{Receiver, Trouble},
    workspace,
};

#[test]
fn a_thousand_messages_arrive_in_spite_of_mishaps() {
    let receiver = Receiver::start();
    let workspace = workspace().request_url(receiver.url()).start();
    for mishap in [
        "failed=connection_failed@1*90",
        "answer-lost@100*90",
        "late=2@200*90",
        "swapped@300*90",
        "doubled=1@400*90",
        "repeated=1@600*90",
    ] {
        workspace.push_mishap(mishap.parse::<slack_sim::Order<_>>().unwrap());
    }
    receiver.push(Trouble::Status(503), 50);
    let mut typed = BTreeSet::new();
    for number in 0..1000 {
        typed.insert(workspace.type_message("anna", "padel", &format!("question {number}")));
        if number % 100 == 99 {
            // So that nothing times out by accident.
            workspace.block_on(workspace.settle());
            workspace.advance(Duration::from_secs(1));
        }
    }
    for step in [3, 60, 3, 300, 3] {
        workspace.advance(Duration::from_secs(step));
        workspace.block_on(workspace.settle());
    }
    let arrived: BTreeSet<String> = receiver.fields("ts").into_iter().collect();
    assert_eq!(arrived, typed);
    // Twice by two mishaps of 90, again after 90 lost answers and 50 refusals.
    let count = receiver.calls().len();
    assert!(count >= 1250, "{count}");
}
