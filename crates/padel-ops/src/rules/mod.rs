//! Rules for a skill's contents, one file per group of rules. `padel-ops check --help`
//! lists them.

mod executables;
mod front_matter;
mod layout;
mod plain;
mod probe;
mod secrets;
mod version;

pub(crate) use self::layout::file_mode;
use crate::{SKILL, cli::Arch, findings::Findings, source::Tree};

/// More files are refused, seen of uploads at claude.ai.
const MAX_FILES: usize = 200;

/// Options of a check.
#[derive(Debug, Clone)]
pub struct Options {
    /// The binaries that pslc-padel must carry.
    pub arches: Vec<Arch>,
    /// Allows running pslc-padel's binary for its version.
    pub run: bool,
}

/// The version that a skill's front matter states.
pub(crate) fn stated_version(tree: &Tree) -> Option<String> {
    let matter = front_matter::read_leniently(&tree.files.get("SKILL.md")?.data)?;
    Some(printable::line(
        matter.get("metadata")?.get("version")?.as_str()?,
        100,
    ))
}

/// Compares the values and the text of two SKILL.md, however they are written.
pub(crate) fn say_the_same(one: &[u8], other: &[u8]) -> bool {
    let [one, other] = [one, other]
        .map(|data| front_matter::read_leniently(data).zip(front_matter::extract_body(data)));
    one.is_some() && one == other
}

/// The release that a skill's front matter states, where that is a pre-release or carries build
/// metadata: such a version is published, but no agent is made to use it.
pub(crate) fn pre_release(tree: &Tree) -> Option<String> {
    let stated = stated_version(tree)?;
    let version = semver::Version::parse(stated.trim_start_matches('v')).ok()?;
    (!version.pre.is_empty() || !version.build.is_empty()).then_some(stated)
}

/// Checks a tree by all rules.
pub fn check_tree(tree: &Tree, options: &Options, findings: &mut Findings) {
    if tree.files.len() > MAX_FILES {
        let what = format!(
            "pack at most {MAX_FILES} files, not {}: uploads of more were refused",
            tree.files.len()
        );
        findings.violation("", "size", what);
    }
    let matter = front_matter::check_front_matter(tree, findings);
    secrets::check_secrets(tree, findings);
    let name = matter
        .as_ref()
        .and_then(|matter| matter.get("name")?.as_str());
    let ours = tree.top == SKILL || name == Some(SKILL);
    executables::check_executables(tree, ours, findings);
    if ours {
        layout::check_layout(tree, &options.arches, findings);
        // A stranger's file that breaks a rule is not run.
        let run = options.run && findings.violations.is_empty();
        version::check_version(tree, matter.as_ref(), run, findings);
    } else {
        layout::modes_of_others(tree, findings);
    }
}
