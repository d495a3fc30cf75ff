//! The bridge on AWS Lambda: the program `bootstrap`, which is two functions.
//!
//! - *accept* answers Slack: [`front`] reads what the front of the function makes of a request,
//!   [`secrets`] has the signing secret, [`dynamodb`] keeps the question, [`invoke`] hands it over.
//!   A schedule makes it sweep the ledger, too.
//! - *answer* is invoked for a thread, without anybody who waits for it. A schedule makes it look at
//!   the club, too: `watch`.
//! - [`run`] tells which of them this process is. [`cloud`]: the clients of AWS's services.
//!   [`units`]: every length of time.
//! - `fuzzing`: events and answers for the fuzz targets.
//!
//! Two functions, so that answers that wait never use up the room that Slack's three seconds need,
//! and each has its own role and secret only.

pub mod accept;
pub mod answer;
pub mod cloud;
pub mod dynamodb;
pub mod front;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod invoke;
pub mod run;
pub mod secrets;
pub mod units;
mod watch;
