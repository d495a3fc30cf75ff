//! Texts that are the same in every format: completion scripts, the manual page, what `setup` says
//! in the end.

use std::io::{Result, Write};

use super::{report::Report, style::Style};

/// A text that is printed as it is.
pub struct GeneratedText(pub String);

impl Report for GeneratedText {
    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        out.write_all(self.0.as_bytes())
    }
}
