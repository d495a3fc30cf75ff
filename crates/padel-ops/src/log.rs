//! Lines on stderr besides errors: progress, warnings, exchanges. Never the answer.

use std::{
    cell::RefCell,
    io::{self, Write as _},
};

/// With `--json`, stderr is kept for the error, and warnings go into the document.
#[derive(Debug)]
pub(crate) struct Log {
    json: bool,
    warnings: RefCell<Vec<String>>,
}

impl Log {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            warnings: RefCell::default(),
        }
    }

    /// Something takes its time.
    pub(crate) fn progress(&self, text: &str) {
        if !self.json {
            line(text);
        }
    }

    /// Something may surprise.
    pub(crate) fn warning(&self, text: &str) {
        if !self.json {
            line(&format!("warning: {text}"));
        }
        self.warnings.borrow_mut().push(text.to_owned());
    }

    /// All warnings so far, for the document.
    pub(crate) fn take(&self) -> Vec<String> {
        self.warnings.take()
    }
}

/// With stderr closed there is nobody to tell.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
