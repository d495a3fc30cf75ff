//! What a session is asked to run, and what its tool's output says of the skill there.

use std::collections::BTreeMap;

use claude_platform::Event;
use serde::Serialize;

/// Begins every line of the trial's output that counts. The block itself holds no such line.
const MARK: &str = "padel-smoke";

/// Run from the skill's directory. `doctor` may well fail there, for want of a club or credentials: that it ends by
/// itself is enough. A file is made and removed, for root may write where the mode bits say otherwise.
const BLOCK: &str = r#"(
[ -f scripts/padel ] || { echo 'scripts/padel is not here: change to the directory of SKILL.md and run this there'; exit 1; }
say() { printf 'padel-%s %s %s\n' smoke "$1" "$2"; }
say path "$(pwd -P)"
say machine "$(uname -sm)"
if (: >.padel-release-smoke) 2>/dev/null; then rm -f .padel-release-smoke; say writable yes; else say writable no; fi
for file in scripts/padel bin/*; do say mode "$(stat -c '%a %n' "$file")"; done
if command -v sha256sum >/dev/null; then
say sums "$(sha256sum <SHA256SUMS | cut -d ' ' -f 1)"
if sha256sum -c SHA256SUMS >/dev/null 2>&1; then say intact yes; else say intact no; fi
fi
say version "$(sh scripts/padel --version 2>&1 </dev/null | head -n 1)"
said=$(sh scripts/padel doctor 2>&1 </dev/null); say doctor $?
printf '%s\n' "$said" | head -n 5
say end ok
)"#;

/// The request to the agent, in plain words: a model that looks for commands finds one block.
pub(crate) fn request(skill: &str) -> String {
    format!(
        "This session checks whether the skill `{skill}` runs in its sandbox. Please change to the directory that holds \
         the SKILL.md of `{skill}` and run the following block exactly once, unchanged, with your bash tool. Then stop; \
         there is nothing to explain or repair.\n\n```sh\n{BLOCK}\n```\n"
    )
}

/// What the sandbox says of the skill.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Seen {
    /// The skill's directory.
    pub(crate) path: Option<String>,
    /// Such as `Linux x86_64`.
    pub(crate) machine: Option<String>,
    /// Whether files can be made in the skill's directory.
    pub(crate) writable: Option<bool>,
    /// Mode bits by file, such as `0755`.
    pub(crate) modes: BTreeMap<String, String>,
    /// The SHA-256 of the `SHA256SUMS` there; none where the sandbox has no `sha256sum`.
    pub(crate) sums: Option<String>,
    /// Whether all files are as it says.
    pub(crate) intact: Option<bool>,
    /// What the launcher's `--version` says.
    #[serde(rename = "launcher_version")]
    pub(crate) version: Option<String>,
    /// The exit code of the launcher's `doctor`.
    pub(crate) doctor: Option<i32>,
    /// Whether the block ran to its end.
    #[serde(skip)]
    pub(crate) whole: bool,
}

impl Seen {
    /// Whether the right version runs there: these sums, if it has any, and this release. `Err` says what is wrong.
    pub(crate) fn verdict(&self, sums: Option<&str>, expected: &str) -> Result<(), String> {
        // Many contents may have one release's number, so the checksums say more than `--version`.
        match (sums, self.sums.as_deref()) {
            (Some(wanted), Some(found)) if wanted != found => {
                return Err(format!("other files are there: SHA256SUMS has the checksum `{found}`, not `{wanted}`"));
            }
            (Some(_), _) if self.intact == Some(false) => {
                return Err("the files there are not as its SHA256SUMS says".to_owned());
            }
            _ => {}
        }
        let said = self.version.as_deref().unwrap_or_default();
        if said != format!("padel {expected}") {
            return Err(format!("the launcher's `--version` says `{said}`, not `padel {expected}`"));
        }
        match self.doctor {
            // Not executable, not found, killed by a signal.
            Some(code) if !matches!(code, 126 | 127) && code < 128 => Ok(()),
            Some(code) => Err(format!("the launcher's `doctor` ends with {code}")),
            None => Err("the launcher's `doctor` did not end".to_owned()),
        }
    }
}

/// Reads the newest result of a tool that is the block's; what the model writes itself counts for nothing.
pub(crate) fn read(events: &[Event]) -> Option<Seen> {
    let results = events.iter().rev().filter(|event| event.kind.ends_with("tool_result"));
    results.map(|event| lines(&event.text())).find(|seen| *seen != Seen::default())
}

fn lines(text: &str) -> Seen {
    let mut seen = Seen::default();
    for line in text.lines().take(200) {
        let Some((key, value)) = line.strip_prefix(MARK).and_then(|rest| rest.trim_start().split_once(' ')) else {
            continue;
        };
        let value = padel::text::line(value, 200);
        match key {
            "path" => seen.path = Some(value),
            "machine" => seen.machine = Some(value),
            "writable" => seen.writable = Some(value == "yes"),
            "mode" => {
                if let Some((mode, file)) = value.split_once(' ') {
                    seen.modes.insert(file.to_owned(), format!("{mode:0>4}"));
                }
            }
            "sums" => seen.sums = Some(value),
            "intact" => seen.intact = Some(value == "yes"),
            "version" => seen.version = Some(value),
            "doctor" => seen.doctor = value.parse().ok(),
            "end" => seen.whole = true,
            _ => {}
        }
    }
    seen
}

/// Why the session does nothing more by itself; none while it works, or has not begun.
pub(crate) fn rest(events: &[Event]) -> Option<String> {
    let status = events.iter().rev().find(|event| event.kind.starts_with("session.status_"))?;
    let reason = match status.kind.as_str() {
        "session.status_idle" => status.stop_reason()?,
        "session.status_terminated" => "terminated",
        _ => return None,
    };
    Some(padel::text::line(reason, 80))
}

/// The last words of tools and of the model, for a failure: bounded, one line.
pub(crate) fn last_words(events: &[Event]) -> String {
    let spoke = |event: &&Event| event.kind.ends_with("tool_result") || event.kind.ends_with("agent.message");
    let mut texts = events.iter().rev().filter(spoke).map(Event::text);
    texts.find(|text| !text.trim().is_empty()).map_or("nothing".to_owned(), |text| padel::text::line(&text, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_shown_back_is_no_output_of_it() {
        assert_eq!(lines(&request("pslc-padel")), Seen::default());
    }
}
