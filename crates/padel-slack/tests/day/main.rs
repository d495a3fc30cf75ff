//! A day in the channel of a club, message by message, through the real programs: the bridge on one
//! machine, the agent as `padel-ops up` makes it of `deploy/system.md`, the skill's launcher with
//! `padel`, on a simulated workspace, platform and club.
//!
//! `messages.rs` is the day; `transcript.txt` is all that stands in the workspace in the evening, and
//! `PADEL_WRITE_TRANSCRIPT=1` writes it. `changes.rs` is what an operator changes meanwhile. What
//! a real model would say is not known here: the simulated one follows plain rules, so its sentences
//! are its own, and whether it speaks at all is the model's part, too. Everything else is the bridge's.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod evening;
mod messages;
mod stage;

use std::{fs, path::Path};

use crate::{
    messages::DAY,
    stage::{Stage, variable},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_in_the_channel_reads_as_a_members() {
    let Some(mut stage) = Stage::start().await else {
        return;
    };
    for (number, message) in DAY.iter().enumerate() {
        stage.send(message);
        let is_followed = DAY.get(number + 1).is_some_and(|next| next.is_at_once);
        if !is_followed {
            stage.rest(number).await;
            stage.check(number);
        }
    }
    stage.check_all();
    let transcript = evening::read(&stage);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/day/transcript.txt");
    if variable("PADEL_WRITE_TRANSCRIPT").is_some() {
        fs::write(&file, &transcript).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    assert_eq!(transcript, expected, "\n{transcript}\n{}", stage.lines());
}
