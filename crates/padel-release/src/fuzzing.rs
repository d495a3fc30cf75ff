//! What the fuzz targets call: strangers' skills and binaries, with what must hold of what is found.

use crate::{
    elf,
    rules::{self, Findings, Options},
    source::{self, File, Tree},
};

/// A zip: refused, or read within the bounds and checked.
pub fn zip(bytes: &[u8]) {
    let mut findings = Findings::default();
    if let Some(tree) = source::read_zip(bytes, &mut findings) {
        let (files, size) = tree.size();
        assert!(files <= source::MAX_ENTRIES && (size as u64) < source::MAX_BYTES);
        check(&tree, &mut findings);
    } else {
        assert!(!findings.violations.is_empty(), "what is refused says why");
    }
    printable(&findings);
}

/// A SKILL.md by itself.
pub fn front_matter(bytes: &[u8]) {
    let file = File { mode: Some(0o644), data: bytes.to_vec() };
    let tree = Tree { top: "a-skill".to_owned(), files: [("SKILL.md".to_owned(), file)].into() };
    let mut findings = Findings::default();
    check(&tree, &mut findings);
    printable(&findings);
}

/// An ELF header: what is no ELF file is never called one.
pub fn elf(bytes: &[u8]) {
    assert!(elf::parse(bytes).is_err() || elf::is_elf(bytes));
}

fn check(tree: &Tree, findings: &mut Findings) {
    rules::check(tree, &Options { arches: Vec::new(), run: false }, findings);
}

fn printable(findings: &Findings) {
    for finding in findings.violations.iter().chain(&findings.warnings) {
        assert!(!finding.file.contains(char::is_control) && !finding.message.contains(char::is_control));
    }
}
