//! The bridge: a message in Slack becomes a question to the agent, and its answer stands in the
//! message's thread.
//!
//! - [`signature`]: a request is Slack's own, or it is refused before anything else is done.
//! - [`envelope`]: the few fields of a delivery that count, read leniently.
//! - [`filter`]: which messages are questions, and whose [`question`] it is.
//! - [`text`]: Slack's markup as plain text of one line.
//! - [`ledger`]: the port that knows what became of each question; `sqlite` keeps it in a file.
//!
//! Only what stands behind the feature `one-machine` knows a file, a server or a process that
//! stays: an AWS Lambda function uses the rest.

pub mod envelope;
pub mod filter;
pub mod ledger;
pub mod question;
pub mod signature;
#[cfg(feature = "one-machine")]
pub mod sqlite;
pub mod text;
