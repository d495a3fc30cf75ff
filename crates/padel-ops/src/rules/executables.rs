//! `elf`: programs must start in a sandbox that has no libraries of theirs.

use crate::{
    elf::{self, AARCH64, X86_64},
    findings::Findings,
    source::Tree,
};

/// Checks every file that is ELF or named for an architecture.
pub(super) fn check_executables(tree: &Tree, ours: bool, findings: &mut Findings) {
    for (path, file) in &tree.files {
        let named = if path.ends_with("-x86_64-linux") {
            Some((X86_64, "x86-64"))
        } else if path.ends_with("-aarch64-linux") {
            Some((AARCH64, "aarch64"))
        } else {
            None
        };
        if named.is_none() && !elf::is_elf(&file.data) {
            continue;
        }
        let mut problem = |what: &str| match (named, ours) {
            // Strangers may know that their sandbox has the libraries.
            (None, false) => findings.warning(path, "elf", what),
            _ => findings.violation(path, "elf", what),
        };
        match elf::parse_elf(&file.data) {
            Err(what) => problem(&format!("replace it by a 64-bit ELF program: it is {what}")),
            Ok(elf) => {
                if let Some((machine, name)) = named
                    && elf.machine != machine
                {
                    let what = format!(
                        "build it for {name}: its machine number is {}, not {machine}",
                        elf.machine
                    );
                    problem(&what);
                }
                if !elf.program {
                    problem("replace it by a program: it has nothing to run");
                }
                if elf.dynamic {
                    problem(
                        "link it statically, as for a musl target: it needs an interpreter or \
                         shared libraries",
                    );
                }
            }
        }
    }
}
