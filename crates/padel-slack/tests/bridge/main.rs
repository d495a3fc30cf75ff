//! The bridge from a message in Slack to its answer. `case_NN_…` is a case of the list that was made
//! of other bridges' bug reports.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod address;
mod filter;
mod ledger;
mod samples;
mod signature;
mod text;
