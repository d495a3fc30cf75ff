//! Shapes of single values: whatever else stands in their place is no error.

use std::borrow::Cow;

use json_cursor::{Cursor, Read};

use crate::text;

/// A string; also a number, as ids of some clubs are digits, and a flag as `true` or `false`.
/// Anything else, `null` included, is the empty string.
#[derive(Debug, Default, Clone)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'a> Text<'a> {
    /// Reads whatever stands there.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Read<Self> {
        cursor.text().map(Self)
    }

    /// Returns one printable line of the length of a name.
    pub(crate) fn clean_name(&self) -> String {
        text::line(&self.0, text::NAME)
    }

    /// Returns a flag, which some servers write as text or as a number.
    pub(crate) fn as_flag(&self) -> Option<bool> {
        // One for each slot of a large answer, nearly always written so.
        match &*self.0 {
            "true" => return Some(true),
            "false" => return Some(false),
            _ => {}
        }
        let is_one_of = |words: &[&str]| {
            let text = self.0.trim();
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        };
        if is_one_of(&["true", "1", "yes", "y", "on"]) {
            return Some(true);
        }
        is_one_of(&["false", "0", "no", "n", "off"]).then_some(false)
    }
}
