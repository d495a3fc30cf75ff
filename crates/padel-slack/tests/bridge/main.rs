//! The bridge from a message in Slack to its answer. `case_NN_…` is a case of the list that was made
//! of other bridges' bug reports.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod address;
mod answers;
mod crashes;
mod deliveries;
mod docs;
mod door;
mod filter;
mod home;
mod ledger;
mod ledger_cases;
mod load;
mod markdown;
mod order;
mod policies;
mod program;
mod samples;
mod signature;
mod stage;
mod taking;
mod text;
mod tricks;
mod turns;
mod watch_cases;
mod watching;
mod web_api;
mod workers;
