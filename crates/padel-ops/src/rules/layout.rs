//! `layout`, `mode`, `sums`, `config`: what our own skill consists of.

use std::{collections::BTreeSet, path::Path};

use padel::{config, gladstone::Profile};

use crate::{
    cli::Arch,
    elf,
    findings::Findings,
    source::{File, MAX_ENTRIES, Tree},
    sums,
};

const CONFIG: &str = "config.toml";
const LAUNCHER: &str = "scripts/padel";

/// The mode of a file of ours.
pub(crate) fn file_mode(path: &str) -> u32 {
    if path == LAUNCHER || path.starts_with("bin/") {
        0o755
    } else {
        0o644
    }
}

/// Checks our own skill.
pub(super) fn check_layout(tree: &Tree, arches: &[Arch], findings: &mut Findings) {
    let binaries: Vec<String> = Arch::ALL.into_iter().map(Arch::binary).collect();
    for path in [CONFIG, LAUNCHER, sums::FILE]
        .into_iter()
        .filter(|path| !tree.files.contains_key(*path))
    {
        let what = "add it: `padel-ops pack` makes the whole layout";
        findings.violation(path, "layout", what);
    }
    for arch in arches
        .iter()
        .filter(|arch| !tree.files.contains_key(&arch.binary()))
    {
        let what = format!("add the binary, or leave {} out with --arch", arch.name());
        findings.violation(arch.binary(), "layout", what);
    }
    for (path, file) in &tree.files {
        let known = ["SKILL.md", CONFIG, LAUNCHER, sums::FILE].contains(&path.as_str());
        if !known && !path.starts_with("references/") && !binaries.contains(path) {
            let what = "remove it, or move it below references/: the layout has no such file";
            findings.violation(path, "layout", what);
        }
        let wanted = file_mode(path);
        if file.mode != Some(wanted) {
            let found = file
                .mode
                .map_or("none".to_owned(), |mode| format!("{mode:04o}"));
            let what = format!("set the mode {wanted:04o}: it is {found}");
            findings.violation(path, "mode", what);
        }
    }
    if let Some(file) = tree.files.get(LAUNCHER)
        && (!file.data.starts_with(b"#!/bin/sh\n") || file.data.contains(&b'\r'))
    {
        let what = "begin with the line `#!/bin/sh` and end lines with bare newlines";
        findings.violation(LAUNCHER, "layout", what);
    }
    check_sums(tree, findings);
    check_config(tree, findings);
}

/// Modes of strangers' skills: the platform has two, and a zip made elsewhere than on Unix has
/// none.
pub(super) fn modes_of_others(tree: &Tree, findings: &mut Findings) {
    for (path, File { mode, data }) in &tree.files {
        let program = data.starts_with(b"#!") || elf::is_elf(data);
        if program && mode.is_none_or(|mode| mode & 0o111 == 0) {
            let what = "set the mode 0755, or call it by way of its interpreter";
            findings.warning(path, "mode", what);
        }
        if mode.is_some_and(|mode| mode & 0o7000 != 0) {
            let what = "set the mode 0755 or 0644: special bits are lost";
            findings.warning(path, "mode", what);
        }
    }
}

fn check_sums(tree: &Tree, findings: &mut Findings) {
    let Some(file) = tree.files.get(sums::FILE) else {
        return;
    };
    let wanted = sums::list_sums(tree);
    if wanted.as_bytes() == file.data {
        return;
    }
    let before = findings.violations.len();
    let text = String::from_utf8_lossy(&file.data);
    // A sorted list of as many as there can be, whatever somebody wrote into it.
    let listed: BTreeSet<&str> = text.lines().take(MAX_ENTRIES).collect();
    for line in wanted.lines().filter(|line| !listed.contains(line)) {
        let path = line.split_once("  ").map_or(line, |(_, path)| path);
        let what = "pack again: its line in SHA256SUMS is missing or has another hash";
        findings.violation(path, "sums", what);
    }
    for line in listed {
        let path = line.split_once("  ").map_or(line, |(_, path)| path);
        if !tree.files.contains_key(path) || path == sums::FILE {
            let what = format!("pack again: it names `{path}`, which it should not");
            findings.violation(sums::FILE, "sums", what);
        }
    }
    if findings.violations.len() == before {
        let what = "pack again: lines must be sorted by path, each once, ended by a newline";
        findings.violation(sums::FILE, "sums", what);
    }
}

fn check_config(tree: &Tree, findings: &mut Findings) {
    if !tree.files.contains_key(CONFIG) {
        return;
    }
    let Some(text) = tree.text(CONFIG) else {
        findings.violation(CONFIG, "config", "save it as UTF-8");
        return;
    };
    // A parser makes a thousand times as much of some texts.
    if text.len() > 64 * 1024 {
        findings.violation(CONFIG, "config", "shorten it to 64 KiB");
        return;
    }
    let checked = config::check_file(text, Path::new(CONFIG))
        .and_then(|portal| Profile::new(&portal).map(drop));
    if let Err(error) = checked {
        let what = format!("{}; {}", error.message, error.hint);
        findings.violation(CONFIG, "config", what);
    }
}
