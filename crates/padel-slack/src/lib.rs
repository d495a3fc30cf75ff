//! The bridge: a message in Slack becomes a question to the agent, and its answer stands in the
//! message's thread.
//!
//! - [`signature`]: a request is Slack's own, or it is refused before anything else is done.
//! - [`envelope`]: the few fields of a delivery that count, read leniently.
//! - [`filter`]: which messages are questions, and whose [`question`] it is.
//! - [`text`]: Slack's markup as plain text of one line.
//!
//! Nothing here knows a database, a server or a process that stays: an AWS Lambda function uses
//! the same code.

pub mod envelope;
pub mod filter;
pub mod question;
pub mod signature;
pub mod text;
