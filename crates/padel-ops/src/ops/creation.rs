//! Makes something on the platform once. The platform knows no idempotency key: where an answer is
//! missing, what was asked for is looked for before it is asked for again.

use std::time::Duration;

use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// Before each look after a lost answer: the platform may be at work still.
pub(crate) const WAITS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Creates something, or finds it after a lost answer. `find` must know it by a mark that only this
/// request has, or that nothing else may have. Sent three times at most, and not again when the
/// platform says so.
pub(crate) async fn create_once<T>(
    what: &str,
    create: impl AsyncFn() -> Result<T, claude_platform::Error>,
    find: impl AsyncFn() -> Result<Option<T>, claude_platform::Error>,
    context: &StepContext<'_>,
) -> Result<T, Error> {
    let mut failed = None;
    for wait in WAITS {
        if let Some(made) = await_arrival(create().await, wait, &mut failed, context).await? {
            return Ok(made);
        }
        if let Some(found) = find().await.map_err(from_platform)? {
            return Ok(found);
        }
        if is_final(failed.as_ref()) {
            break;
        }
    }
    Err(explain_failure(failed, &format!("{what} was not made")))
}

/// Returns what was made, if an answer says so. Else, when it may have been made, waits until it is
/// worth a look, which is not before the platform says so.
pub(crate) async fn await_arrival<T>(
    sent: Result<T, claude_platform::Error>,
    wait: Duration,
    failed: &mut Option<claude_platform::Error>,
    context: &StepContext<'_>,
) -> Result<Option<T>, Error> {
    match sent {
        Ok(made) => Ok(Some(made)),
        Err(error) if error.may_have_happened() => {
            let wait = context.wait_after(&error, wait)?;
            context.log.progress(&format!(
                "{error}; looking in {} s whether it was done",
                wait.as_secs_f64().ceil()
            ));
            tokio::time::sleep(wait).await;
            *failed = Some(error);
            Ok(None)
        }
        Err(error) => Err(from_platform(error)),
    }
}

/// The platform asks not to send it again.
pub(crate) fn is_final(failed: Option<&claude_platform::Error>) -> bool {
    failed.is_some_and(|error| error.should_retry == Some(false))
}

/// Explains what the last try ended with.
pub(crate) fn explain_failure(failed: Option<claude_platform::Error>, what: &str) -> Error {
    let unknown = || Error::new(Code::ServiceChanged, what, "run the same command again");
    failed.map_or_else(unknown, |error| {
        from_platform(error).with_hint(format!(
            "{what} and is not there; run the same command again later"
        ))
    })
}
