//! Text from the portal is untrusted: it becomes one short, printable line.

pub use printable::line;

/// The most characters kept of a name.
pub const NAME: usize = 80;
