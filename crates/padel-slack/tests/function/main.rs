//! The bridge on AWS, on a simulated region. Files of the other test program are tests that both have:
//! there they run on one machine, here by the two functions. `cases` says which are of one side only.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../bridge/answers.rs"]
mod answers;
mod cases;
#[path = "../bridge/crashes.rs"]
mod crashes;
#[path = "../bridge/deliveries.rs"]
mod deliveries;
mod door;
mod front;
mod histories;
mod home;
mod ledger;
#[path = "../bridge/ledger_cases.rs"]
mod ledger_cases;
mod requests;
#[path = "../bridge/samples.rs"]
mod samples;
mod secrets;
#[path = "../bridge/stage.rs"]
mod stage;
mod story;
mod table;
#[path = "../bridge/taking.rs"]
mod taking;
mod template;
mod units;
#[path = "../bridge/watch_cases.rs"]
mod watch_cases;
mod watching;
