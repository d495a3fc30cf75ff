//! The one place that reads the clock: signatures carry the time, and `Retry-After` may be a date.

use std::time::SystemTime;

#[expect(
    clippy::disallowed_methods,
    reason = "the edge: AWS refuses signatures of any other time than now"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
