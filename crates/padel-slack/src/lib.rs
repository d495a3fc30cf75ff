//! The bridge: a message in Slack becomes a question to the agent, and its answer stands in the
//! message's thread.
//!
//! - [`accept`]: from a delivery to an entry of the ledger. [`signature`]: it is Slack's own, or
//!   nothing else is done. [`envelope`], [`frame`]: the few fields that count, read leniently.
//!   [`filter`]: which messages are questions, and whose [`question`] it is. [`text`]: Slack's markup
//!   as plain text.
//! - [`mod@answer`]: from an entry of the ledger to a post in the thread. [`desk`]: the agent's
//!   sessions. [`turn`]: how one ends. [`slack`]: the Web API. [`failure`]: every way to get no answer, and its sentence.
//!   [`markdown`]: what the agent said, made harmless.
//! - [`ledger`]: the port that knows what became of each question. [`handover`]: the port that runs
//!   `answer`, at least once.
//! - [`watch`]: what became bookable at the club, into its channels; without the agent.
//! - [`settings`]: variables. [`clock`]: the time as a value. [`log`]: lines for the operator, without texts.
//! - [`machine`], behind the feature `one-machine`: a server on one machine: `sqlite`, the ledger's
//!   file; `http`, the address for Slack; its settings and commands.
//! - `function`, behind the feature `aws`: two AWS Lambda functions, with the ledger in DynamoDB.
//! - `fuzzing`: entries of the fuzz targets; compiled for them and for tests only.
//!
//! The rest knows no file, no server and no AWS.

pub mod accept;
pub mod answer;
pub mod clock;
pub mod desk;
pub mod envelope;
pub mod failure;
pub mod filter;
pub mod frame;
#[cfg(feature = "aws")]
pub mod function;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod handover;
pub mod ledger;
pub mod log;
#[cfg(feature = "one-machine")]
pub mod machine;
pub mod markdown;
pub mod question;
pub mod settings;
pub mod signature;
pub mod slack;
pub mod text;
pub mod turn;
pub mod watch;
