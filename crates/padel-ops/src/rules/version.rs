//! `version`: front matter, this tool (which shares padel's version) and the binaries say the same.

use serde_json::{Map, Value};

use super::probe::{self, Answer};
use crate::{VERSION, cli::Arch, findings::Findings, source::Tree};

/// Checks the versions; the binary of this machine's architecture is asked, if it may be run.
pub(super) fn check_version(
    tree: &Tree,
    matter: Option<&Map<String, Value>>,
    run: bool,
    findings: &mut Findings,
) {
    if let Some(matter) = matter {
        let version = matter
            .get("metadata")
            .and_then(|metadata| metadata.get("version"));
        if version.and_then(Value::as_str) != Some(VERSION) {
            let found = version.map_or("missing".to_owned(), ToString::to_string);
            let what = format!("set `metadata.version` to \"{VERSION}\": it is {found}");
            findings.violation("SKILL.md", "version", what);
        }
    }
    for arch in Arch::ALL {
        let path = arch.binary();
        let Some(file) = tree.files.get(&path) else {
            continue;
        };
        let here = run && arch.name() == std::env::consts::ARCH && cfg!(target_os = "linux");
        match if here {
            probe::ask_version(&file.data)
        } else {
            Answer::NotRun
        } {
            Answer::Says(said) if said == format!("padel {VERSION}") => {}
            Answer::Says(said) => {
                let what = format!("build it from version {VERSION}: `--version` says `{said}`");
                findings.violation(&path, "version", what);
            }
            Answer::Fails(why) => {
                let what = format!("replace it by a binary that works: `--version` {why}");
                findings.violation(&path, "version", what);
            }
            // The user agent that is compiled in.
            Answer::NotRun if !holds_bytes(&file.data, format!("padel/{VERSION}").as_bytes()) => {
                let what =
                    format!("build it from version {VERSION}: it does not hold `padel/{VERSION}`");
                findings.violation(&path, "version", what);
            }
            Answer::NotRun => {}
        }
    }
}

fn holds_bytes(data: &[u8], text: &[u8]) -> bool {
    data.windows(text.len()).any(|window| window == text)
}
