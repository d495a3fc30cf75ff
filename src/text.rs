//! Text from the portal is untrusted: it becomes one short, printable line.

pub use printable::line;

/// The most characters kept of a name.
pub const NAME: usize = 80;

/// The most characters kept of a court's name: that of a set of courts holds all of theirs.
pub const COURT: usize = 300;
/// How many of them are kept of its end: names of courts differ there.
const COURT_END: usize = 100;

/// A court's name as one printable line; what is too long lacks its middle.
#[must_use]
pub fn court(name: &str) -> String {
    // Nobody named a court so.
    if name.len() > 10 * COURT {
        return line(name, COURT);
    }
    let name = line(name, name.len());
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= COURT {
        return name;
    }
    let (start, end) = (&chars[..COURT - COURT_END - 1], &chars[chars.len() - COURT_END..]);
    start.iter().chain(&['…']).chain(end).collect()
}
