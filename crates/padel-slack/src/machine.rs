//! The bridge on one machine: `padel-slack serve`.
//!
//! [`sqlite`] keeps the ledger in a file, [`http`] is the address for Slack.

pub mod http;
pub mod sqlite;
pub mod worker;
