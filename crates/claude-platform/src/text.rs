//! Text from the service is untrusted: it becomes one short, printable line.

pub(crate) use printable::line;

/// The most characters of a message.
pub(crate) const MESSAGE: usize = 500;
/// The most characters of an id or a reason.
pub(crate) const SHORT: usize = 200;

/// The innermost reason of an error, which says most.
pub(crate) fn cause(error: &(dyn std::error::Error + 'static), limit: usize) -> String {
    line(&chain(error).last().unwrap_or_default(), limit)
}

/// What an error says, and each of its reasons.
pub(crate) fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}
