//! `check`: a directory or zip against the platform's rules. Changes nothing.

use std::path::Path;

use crate::{
    cli,
    error::Error,
    findings::Findings,
    output::CheckReport,
    rules::{self, Options},
    source,
};

/// Checks what the command line names.
///
/// # Errors
///
/// `usage` when the path is missing or cannot be read; broken rules are in the report.
pub fn check_skill(step: &cli::Check) -> Result<CheckReport, Error> {
    check_path(
        &step.path,
        &Options {
            arches: step.arches.wanted(),
            run: step.run,
        },
    )
}

/// Checks one directory or zip.
pub(crate) fn check_path(path: &Path, options: &Options) -> Result<CheckReport, Error> {
    let mut findings = Findings::default();
    let tree = source::read_tree(path, &mut findings)?;
    if let Some(tree) = &tree {
        rules::check_tree(tree, options, &mut findings);
    }
    let size = tree.map_or((0, 0), |tree| tree.size());
    Ok(CheckReport::new(path.display().to_string(), size, findings))
}
