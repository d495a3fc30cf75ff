//! The bridge on AWS, on a simulated region.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod front;
mod ledger;
#[path = "../bridge/ledger_cases.rs"]
mod ledger_cases;
mod secrets;
mod story;
mod table;
mod template;
mod units;
