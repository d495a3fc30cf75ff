//! The document of `pack`.

use std::fmt::Write as _;

use serde::Serialize;

use super::{lines, one_line, to_json, violations};
use crate::{error::Error, findings::Findings, manifest::Manifest};

/// Result of `pack`: the package, or the reason why there is none.
#[derive(Debug, Serialize)]
pub struct PackReport {
    schema: &'static str,
    /// The zip, directory and manifest; empty when nothing was written.
    written: Vec<String>,
    manifest: Option<Manifest>,
    #[serde(flatten)]
    check: Findings,
}

impl PackReport {
    pub(crate) fn new(
        written: Vec<String>,
        manifest: Option<Manifest>,
        mut check: Findings,
    ) -> Self {
        check.sort();
        Self {
            schema: "padel.pack/v1",
            written,
            manifest,
            check,
        }
    }

    /// All of stdout.
    #[must_use]
    pub fn text(&self, json: bool) -> String {
        if json {
            return to_json(self);
        }
        let mut text = lines(&self.check);
        if let Some(manifest) = &self.manifest {
            let _ = writeln!(text, "{manifest}");
        }
        self.written
            .iter()
            .for_each(|path| text.push_str(&format!("wrote {}\n", one_line(path))));
        text
    }

    /// The error that the exit code tells.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        violations(&self.check, "nothing was written")
    }
}
