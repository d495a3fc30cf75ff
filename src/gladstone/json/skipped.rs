//! What had to be left out of an answer.

use crate::{
    gladstone::{failure::Failure, transport::Reply},
    text,
};

/// The most entries that are told one by one.
const TOLD: usize = 5;

/// JSON paths and reasons of the first few entries that were skipped, and how many there were. A
/// whole answer may be bad.
#[derive(Default)]
pub(crate) struct Skipped {
    told: Vec<(String, String)>,
    count: usize,
}

impl Skipped {
    /// Adds an entry.
    pub(crate) fn push(&mut self, path: String, why: impl Into<String>) {
        self.push_many(1, path, why);
    }

    /// Adds so many entries at one place.
    pub(crate) fn push_many(&mut self, count: usize, path: String, why: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push((path, why.into()));
        }
        self.count += count;
    }

    /// Returns `true` where nothing was skipped.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns how much was skipped. What is wrong with the first few is told with `-v`: it helps
    /// only whoever looks after the portal or after us.
    ///
    /// An error where nothing at all could be read: "nothing free" would be a lie.
    pub(crate) fn count(self, reply: &Reply, read_nothing: bool) -> Result<usize, Failure> {
        let endpoint = &reply.endpoint;
        if read_nothing && let Some((path, got)) = self.told.first() {
            let expected = "what is known of the portal";
            return Err(Failure::changed(endpoint, expected, got, path));
        }
        for (path, why) in &self.told {
            reply
                .log
                .request(|| text::line(&format!("{endpoint}: skipped `{path}`: {why}"), 240));
        }
        Ok(self.count)
    }
}

/// Warns of so many entries of `list` that were skipped, if any.
pub(crate) fn left_out(list: &str, count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!(
            "1 entry of {list} could not be read and is left out"
        )),
        count => Some(format!(
            "{count} entries of {list} could not be read and are left out"
        )),
    }
}

/// Returns the JSON path of something inside an element.
pub(crate) fn element_path(index: usize, inside: &str) -> String {
    match inside {
        "" => format!("[{index}]"),
        inside => format!("[{index}].{inside}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(left_out("the bookings", 0), None);
        let told = |count| left_out("the bookings", count).unwrap();
        assert!(
            told(1).starts_with("1 entry of the bookings"),
            "{}",
            told(1)
        );
        assert!(
            told(2).starts_with("2 entries of the bookings"),
            "{}",
            told(2)
        );
    }
}
