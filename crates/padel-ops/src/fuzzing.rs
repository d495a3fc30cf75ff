//! What the fuzz targets call: strangers' skills and binaries, the platform's answers, and the files
//! of a deployment, with what must hold of what is found.

use claude_platform::{
    Agent, Credential, Deployment, Environment, Event, File as Stored, Session, Skill, SkillEntry,
    SkillVersion, Vault,
};

use crate::{
    deploy, elf,
    findings::Findings,
    rules::{self, Options},
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
    let file = File {
        mode: Some(0o644),
        data: bytes.to_vec(),
    };
    let tree = Tree {
        top: "a-skill".to_owned(),
        files: [("SKILL.md".to_owned(), file)].into(),
    };
    let mut findings = Findings::default();
    check(&tree, &mut findings);
    printable(&findings);
}

/// An ELF header: what is no ELF file is never called one.
pub fn elf(bytes: &[u8]) {
    assert!(elf::parse_elf(bytes).is_err() || elf::is_elf(bytes));
}

/// The platform's answers: an entry of an agent's skills comes out as it went in.
pub fn platform(bytes: &[u8]) {
    for event in serde_json::from_slice::<Vec<Event>>(bytes).unwrap_or_default() {
        let _ = (event.id(), event.text(), event.stop_reason());
    }
    let _ = serde_json::from_slice::<Agent>(bytes);
    let _ = serde_json::from_slice::<(Skill, SkillVersion, Session, Stored)>(bytes);
    let _ = serde_json::from_slice::<(Environment, Vault, Credential, Deployment)>(bytes);
    if let Ok(entry) = serde_json::from_slice::<SkillEntry>(bytes) {
        let _ = (entry.kind(), entry.skill_id(), entry.version());
        let again = serde_json::to_vec(&entry)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        assert_eq!(Some(entry), again);
    }
}

/// An `agent.toml`.
pub fn declaration(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        deploy::fuzzing::declaration(text);
    }
}

/// An `agent.lock.json`.
pub fn lock(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        deploy::fuzzing::lock(text);
    }
}

fn check(tree: &Tree, findings: &mut Findings) {
    rules::check_tree(
        tree,
        &Options {
            arches: Vec::new(),
            run: false,
        },
        findings,
    );
}

fn printable(findings: &Findings) {
    for finding in findings.violations.iter().chain(&findings.warnings) {
        assert!(
            !finding.file.contains(char::is_control) && !finding.message.contains(char::is_control)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&[u8]);

    #[test]
    fn the_seeds_hold() {
        let targets: [(&str, Read); 6] = [
            ("declaration", declaration),
            ("elf", elf),
            ("front_matter", front_matter),
            ("lock", lock),
            ("platform", platform),
            ("zip", zip),
        ];
        for (target, read) in targets {
            let seeds = std::fs::read_dir(format!("../../fuzz/seeds/{target}")).unwrap();
            let read = seeds.map(|seed| read(&std::fs::read(seed.unwrap().path()).unwrap()));
            assert!(read.count() > 0, "{target}");
        }
    }
}
