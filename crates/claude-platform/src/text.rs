//! Text from the service is untrusted: it becomes one short, printable line.

pub(crate) use printable::line;

/// The most characters of a message.
pub(crate) const MESSAGE: usize = 500;
/// The most characters of an id or a reason.
pub(crate) const SHORT: usize = 200;
