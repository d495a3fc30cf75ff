//! What was published of a zip, in the manifest beside it: the next run sees it where no agent pins
//! the version yet.

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use super::package::Package;
use crate::{context::StepContext, manifest::PUBLISHED};

/// Returns true when the manifest says that this version was made of this very zip.
pub(crate) fn is_recorded(
    package: &Package,
    (skill, version): (&str, &str),
    context: &StepContext<'_>,
) -> bool {
    let Some(manifest) = package.read_manifest() else {
        return false;
    };
    let entry = describe_publication((skill, version), context);
    manifest[PUBLISHED]
        .as_array()
        .is_some_and(|known| known.contains(&entry))
}

/// Writes it down, if `pack` made the manifest of this very zip. That it cannot be written is no
/// failure of the step.
pub(crate) fn record_publication(
    package: &Package,
    (skill, version): (&str, &str),
    context: &StepContext<'_>,
) {
    let Some(mut manifest) = package.read_manifest() else {
        return;
    };
    let entry = describe_publication((skill, version), context);
    let mut known = manifest[PUBLISHED].as_array().cloned().unwrap_or_default();
    if known.contains(&entry) {
        return;
    }
    known.retain(|known| {
        known["platform"] != entry["platform"] || known["skill_id"] != entry["skill_id"]
    });
    known.push(entry);
    manifest[PUBLISHED] = Value::Array(known);
    let path = package.manifest_path();
    let written = serde_json::to_string_pretty(&manifest)
        .map_err(Into::into)
        .and_then(|text| replace_file(&path, &text));
    if let Err(error) = written {
        context.log.progress(&format!(
            "`{}` could not be written ({error})",
            path.display()
        ));
    }
}

fn describe_publication((skill, version): (&str, &str), context: &StepContext<'_>) -> Value {
    json!({"platform": context.platform, "skill_id": skill, "version": version})
}

/// Whole or not at all, with the permissions that the file had.
fn replace_file(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    writeln!(file, "{text}")?;
    file.as_file()
        .set_permissions(std::fs::metadata(path)?.permissions())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
