//! Commands that a session is asked to run, and what their output says of the skill there.

use std::collections::BTreeMap;

use claude_platform::Event;
use serde::Serialize;

use super::stop::Stop;

/// Begins every line of the trial's output that counts. The block itself holds no such line.
const MARK: &str = "padel-smoke";

/// Run from the skill's directory. `doctor` may well fail there, for want of a club or credentials:
/// that it ends by itself is enough, unless it says that padel has a bug (1) or does not know the
/// command (2). A file is made and removed, for root may write where the mode
/// bits say otherwise.
const BLOCK: &str = r#"(
say() { printf 'padel-%s %s %s\n' smoke "$1" "$2"; }
[ -f scripts/padel ] || { say missing "$(pwd -P)"; echo 'scripts/padel is not here: change to the directory of SKILL.md and run this there'; exit 1; }
say path "$(pwd -P)"
say machine "$(uname -sm)"
if (: >.padel-ops-smoke) 2>/dev/null; then rm -f .padel-ops-smoke; say writable yes; else say writable no; fi
for file in scripts/padel bin/*; do say mode "$(stat -c '%a %n' "$file")"; done
if command -v sha256sum >/dev/null; then
say sums "$(sha256sum <SHA256SUMS | cut -d ' ' -f 1)"
if sha256sum -c SHA256SUMS >/dev/null 2>&1; then say intact yes; else
say intact no
sha256sum -c SHA256SUMS 2>/dev/null | sed -n 's/: FAILED.*//p' | head -n 5 | while read -r file; do say damaged "$file"; done
fi
fi
say version "$(sh scripts/padel --version 2>&1 </dev/null | head -n 1)"
said=$(sh scripts/padel doctor 2>&1 </dev/null); say doctor $?
printf '%s\n' "$said" | head -n 5
say end ok
)"#;

/// The request to the agent, in plain words: a model that looks for commands finds one block.
pub(crate) fn write_request(skill: &str) -> String {
    format!(
        "This session checks whether the skill `{skill}` runs in its sandbox. Please change to \
         the directory that holds the SKILL.md of `{skill}` and run the following block exactly \
         once, unchanged, with your bash tool. Then stop; there is nothing to explain or \
         repair.\n\n```sh\n{BLOCK}\n```\n"
    )
}

/// The sandbox's words about the skill.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Observations {
    /// The skill's directory.
    pub(crate) path: Option<String>,
    /// Such as `Linux x86_64`.
    pub(crate) machine: Option<String>,
    /// True when files can be made in the skill's directory.
    pub(crate) writable: Option<bool>,
    /// Mode bits by file, such as `0755`.
    pub(crate) modes: BTreeMap<String, String>,
    /// The SHA-256 of the `SHA256SUMS` there; none where the sandbox has no `sha256sum`.
    pub(crate) sums: Option<String>,
    /// True when all files are as the `SHA256SUMS` says.
    pub(crate) intact: Option<bool>,
    /// The answer of the launcher's `--version`.
    #[serde(rename = "launcher_version")]
    pub(crate) version: Option<String>,
    /// The exit code of the launcher's `doctor`.
    pub(crate) doctor: Option<i32>,
    /// The first lines that `doctor` printed.
    #[serde(skip)]
    doctor_said: Vec<String>,
    /// Files that are not as it says, the first few.
    #[serde(skip)]
    damaged: Vec<String>,
    /// The directory that the block was run in, when that is not the directory of a skill with a
    /// launcher.
    #[serde(skip)]
    missing: Option<String>,
    /// True when the block ran to its end.
    #[serde(skip)]
    pub(crate) whole: bool,
}

/// The end of a trial; in JSON by these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrialOutcome {
    /// The right version runs.
    Works,
    /// The agent ended its turn without running the block.
    NotRun,
    /// The model refused.
    Refused,
    /// A tool waits for somebody's permission.
    AwaitsPermission,
    /// The budget is used up.
    OutOfBudget,
    /// The platform gave up.
    GaveUp,
    /// The session ended otherwise.
    Ended,
    /// Time is up.
    TooLate,
    /// The block was run where there is no launcher.
    NoLauncher,
    /// The session has the files of another version.
    OtherFiles,
    /// Files are not as their checksums say.
    DamagedFiles,
    /// The launcher says another version, or nothing.
    OtherVersion,
    /// The launcher's `doctor` cannot run.
    DoctorFails,
}

impl TrialOutcome {
    /// The version itself was seen to run or fail.
    pub(crate) fn was_tried(self) -> bool {
        matches!(
            self,
            Self::Works
                | Self::OtherFiles
                | Self::DamagedFiles
                | Self::OtherVersion
                | Self::DoctorFails
        )
    }
}

/// The reason why a version may not be pinned.
#[derive(Debug)]
pub(crate) struct TrialFailure {
    pub(crate) outcome: TrialOutcome,
    /// In words, without a full stop.
    pub(crate) what: String,
}

fn failure(outcome: TrialOutcome, what: impl Into<String>) -> TrialFailure {
    TrialFailure {
        outcome,
        what: what.into(),
    }
}

impl Observations {
    /// Checks that the right version runs there: these sums, if it has any, and this release. `Err`
    /// says what is wrong.
    pub(crate) fn judge(&self, sums: &[String], expected: &str) -> Result<(), TrialFailure> {
        // Many contents may have one release's number, so the checksums say more than `--version`.
        match (sums.first(), self.sums.as_ref()) {
            (Some(wanted), Some(found)) if !sums.contains(found) => {
                let what = format!(
                    "other files are there: SHA256SUMS has the checksum `{found}`, not `{wanted}`"
                );
                return Err(failure(TrialOutcome::OtherFiles, what));
            }
            (Some(_), _) if self.intact == Some(false) => {
                let files = self.damaged.iter().map(|file| format!(" `{file}`"));
                let files: String = files.collect();
                let what = format!("the files there are not as its SHA256SUMS says:{files}");
                return Err(failure(
                    TrialOutcome::DamagedFiles,
                    what.trim_end_matches(':'),
                ));
            }
            _ => {}
        }
        let wanted = format!("padel {expected}");
        match self.version.as_deref().filter(|said| !said.is_empty()) {
            Some(said) if said == wanted => {}
            Some(said) => {
                let what = format!("the launcher's `--version` says `{said}`, not `{wanted}`");
                return Err(failure(TrialOutcome::OtherVersion, what));
            }
            None => {
                let what = format!("the launcher's `--version` says nothing, not `{wanted}`");
                return Err(failure(TrialOutcome::OtherVersion, what));
            }
        }
        let why = match self.doctor {
            None => "did not end".to_owned(),
            Some(1) => "found a bug of padel (exit code 1)".to_owned(),
            Some(2) => "is a command that this padel does not know (exit code 2)".to_owned(),
            Some(126) => "cannot be executed (exit code 126)".to_owned(),
            Some(127) => "needs a command that is not there (exit code 127)".to_owned(),
            Some(code) if code >= 128 => {
                format!("was killed by signal {} (exit code {code})", code - 128)
            }
            Some(_) => return Ok(()),
        };
        let mut what = format!("the launcher's `doctor` {why}");
        if !self.doctor_said.is_empty() {
            let said = printable::line(&self.doctor_said.join(" "), 300);
            what.push_str(&format!("; it said: {said}"));
        }
        Err(failure(TrialOutcome::DoctorFails, what))
    }

    /// Explains why a session that rests did not run the block to its end.
    pub(crate) fn explain_stop(&self, stop: &Stop) -> TrialFailure {
        if let Some(directory) = &self.missing {
            let what = format!(
                "the agent ran the block in `{directory}`, where there is no scripts/padel"
            );
            return failure(TrialOutcome::NoLauncher, what);
        }
        let outcome = match stop {
            Stop::EndTurn => {
                let what = "the agent ended its turn without running the block that it was given";
                return failure(TrialOutcome::NotRun, what);
            }
            Stop::Refusal => TrialOutcome::Refused,
            Stop::RequiresAction => TrialOutcome::AwaitsPermission,
            Stop::BudgetReached => TrialOutcome::OutOfBudget,
            Stop::RetriesExhausted => TrialOutcome::GaveUp,
            Stop::Terminated | Stop::Other(_) => TrialOutcome::Ended,
        };
        failure(outcome, stop.to_string())
    }
}

/// Reads the newest result of a tool that is the block's; what the model writes itself counts for
/// nothing.
pub(crate) fn read_output(events: &[Event]) -> Option<Observations> {
    let results = events
        .iter()
        .rev()
        .filter(|event| event.kind.ends_with("tool_result"));
    results
        .map(|event| parse_output(&event.text()))
        .find(|seen| *seen != Observations::default())
}

fn parse_output(text: &str) -> Observations {
    let mut seen = Observations::default();
    for line in text.lines().take(200) {
        let Some((key, value)) = line
            .strip_prefix(MARK)
            .and_then(|rest| rest.trim_start().split_once(' '))
        else {
            if seen.doctor.is_some() && !seen.whole {
                seen.doctor_said.push(printable::line(line, 200));
            }
            continue;
        };
        let value = printable::line(value, 200);
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
            "damaged" => seen.damaged.push(value),
            "missing" => seen.missing = Some(value),
            "intact" => seen.intact = Some(value == "yes"),
            "version" => seen.version = Some(value),
            "doctor" => seen.doctor = value.parse().ok(),
            "end" => seen.whole = true,
            _ => {}
        }
    }
    seen
}

/// The last words of tools and of the model, for a failure: bounded, one line.
pub(crate) fn last_words(events: &[Event]) -> Option<String> {
    let speaks = ["tool_result", "agent.message"];
    let mut texts = events
        .iter()
        .rev()
        .filter(|event| speaks.iter().any(|end| event.kind.ends_with(end)))
        .map(Event::text);
    texts
        .find(|text| !text.trim().is_empty())
        .map(|text| printable::line(&text, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_a_session_has_words_of_its_own() {
        let seen = Observations {
            missing: Some("/workspace".to_owned()),
            ..Observations::default()
        };
        let mut problems = vec![seen.explain_stop(&Stop::EndTurn)];
        for stop in [
            Stop::EndTurn,
            Stop::Refusal,
            Stop::RequiresAction,
            Stop::BudgetReached,
            Stop::RetriesExhausted,
            Stop::Terminated,
            Stop::Other("strange".to_owned()),
        ] {
            problems.push(Observations::default().explain_stop(&stop));
        }
        let words: std::collections::BTreeSet<&str> = problems
            .iter()
            .map(|problem| problem.what.as_str())
            .collect();
        assert_eq!(words.len(), problems.len(), "{problems:?}");
        for TrialFailure { outcome, what } in &problems {
            assert!(
                !outcome.was_tried() && !what.contains('_') && !what.contains('?'),
                "{what}"
            );
        }
        assert_eq!(
            (problems[3].outcome, problems[4].outcome),
            (TrialOutcome::AwaitsPermission, TrialOutcome::OutOfBudget)
        );
        assert_eq!(problems[7].what, "the session stopped (strange)");
    }

    #[test]
    fn the_block_shown_back_is_no_output_of_it() {
        assert_eq!(
            parse_output(&write_request("pslc-padel")),
            Observations::default()
        );
    }
}
