//! Text from the service is untrusted: it becomes one short, printable line.

pub(crate) use printable::line;

/// The most characters of a message.
pub(crate) const MESSAGE: usize = 500;
/// The most characters of an id or a reason.
pub(crate) const SHORT: usize = 200;

/// Returns the innermost reason of an error, which says most.
pub(crate) fn last_reason(error: &(dyn std::error::Error + 'static), limit: usize) -> String {
    line(&list_reasons(error).last().unwrap_or_default(), limit)
}

/// Returns what an error says, and each of its reasons.
pub(crate) fn list_reasons<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}
