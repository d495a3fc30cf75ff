//! `--output-file`, which is `$GITHUB_OUTPUT` by default: one `key=value` line for each result.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use crate::error::{Code, Error};

/// An opened file, so that one that cannot be written stops the step before anything is sent.
#[derive(Debug)]
pub(crate) struct Outputs(File);

impl Outputs {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path);
        file.map(Self).map_err(|error| {
            let message = format!(
                "the output file `{}` cannot be written: {error}",
                path.display()
            );
            let hint = "give another --output-file, or unset GITHUB_OUTPUT";
            Error::new(Code::Usage, message, hint)
        })
    }

    /// A value of several lines could set keys of its own: it is refused.
    pub(crate) fn write(&mut self, lines: &[(&'static str, String)]) -> Result<(), Error> {
        let unfit = |message: String| {
            let hint = "look at the output file, then run it again";
            Error::new(Code::Internal, message, hint)
        };
        // Who wrote before may have left the last line without its end.
        let mut last = *b"\n";
        let ends = self
            .0
            .seek(SeekFrom::End(-1))
            .and_then(|_| self.0.read_exact(&mut last))
            .is_err()
            || last == *b"\n";
        let mut text = if ends { String::new() } else { "\n".to_owned() };
        for (key, value) in lines {
            if value.contains(char::is_control) {
                return Err(unfit(format!(
                    "the value of `{key}` for the output file is more than one line"
                )));
            }
            text.push_str(&format!("{key}={value}\n"));
        }
        // In one piece, whoever else writes there.
        self.0
            .write_all(text.as_bytes())
            .map_err(|error| unfit(format!("the output file cannot be written: {error}")))
    }
}
