//! What a step that talks to the platform has to say: its plan, and what came of it, in part when
//! it fails.

use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::{
    error::Error,
    ops::trial::Outcome,
    output::{CheckReport, PackReport, lines, print, to_json},
    plan::Plan,
    steps::{Changed, Follows, Overview, Pins, Pruned, Published, Smoked},
};

/// Grows while the step runs. As JSON the document `padel.STEP/v1`, with `--execute` and without
/// it.
#[derive(Debug)]
pub(crate) struct Report {
    step: &'static str,
    pub(crate) plan: Option<Plan>,
    pub(crate) pack: Option<PackReport>,
    pub(crate) check: Option<CheckReport>,
    pub(crate) publish: Option<Published>,
    pub(crate) smoke: Option<Smoked>,
    pub(crate) pin: Option<Pins>,
    pub(crate) prune: Option<Pruned>,
    pub(crate) status: Option<Overview>,
    warnings: Vec<String>,
    /// For CI's file.
    pub(crate) outputs: Vec<(&'static str, String)>,
    pub(crate) execute: bool,
    pub(crate) json: bool,
    /// How much of `text` is printed already.
    shown: usize,
}

/// `padel.status/v1`.
#[derive(Serialize)]
struct StatusDocument<'a> {
    schema: &'a str,
    #[serde(flatten)]
    overview: &'a Overview,
    warnings: &'a [String],
}

/// Each step has its own parts, `null` where it did not come to one.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (step, warnings) = (self.step, &self.warnings);
        let schema = &format!("padel.{step}/v1");
        if let Some(overview) = &self.status {
            return StatusDocument {
                schema,
                overview,
                warnings,
            }
            .serialize(serializer);
        }
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("schema", schema)?;
        document.serialize_entry("plan", &self.plan.as_ref().filter(|plan| plan.is_filled()))?;
        if step == "release" {
            document.serialize_entry("pack", &self.pack)?;
        }
        if matches!(step, "publish" | "release") {
            document.serialize_entry("check", &self.check)?;
            document.serialize_entry("publish", &self.publish)?;
        }
        if matches!(step, "smoke" | "release") {
            document.serialize_entry("smoke", &self.smoke)?;
        }
        if matches!(step, "pin" | "rollback" | "release") {
            document.serialize_entry("pin", &self.pin)?;
        }
        if step == "prune" {
            document.serialize_entry("prune", &self.prune)?;
        }
        document.serialize_entry("warnings", warnings)?;
        document.end()
    }
}

impl Report {
    pub(crate) fn new(step: &'static str, execute: bool, json: bool) -> Self {
        Self {
            step,
            plan: Some(Plan::new(step, execute)),
            pack: None,
            check: None,
            publish: None,
            smoke: None,
            pin: None,
            prune: None,
            status: None,
            warnings: Vec::new(),
            outputs: Vec::new(),
            execute,
            json,
            shown: 0,
        }
    }

    /// Prints what has come since the last time; JSON waits for the end.
    pub(crate) fn show(&mut self) -> Result<(), Error> {
        if self.json {
            return Ok(());
        }
        let text = self.text();
        let news = text.get(self.shown..).unwrap_or_default();
        self.shown = text.len();
        print(news)
    }

    /// Prints the rest, or the document if there is anything to put in one.
    pub(crate) fn finish(&mut self, warnings: Vec<String>) -> Result<(), Error> {
        self.warnings = warnings;
        if !self.json {
            return self.show();
        }
        let planned = self.plan.as_ref().is_some_and(Plan::is_filled);
        let begun = planned || self.check.is_some() || self.status.is_some();
        if begun { print(&to_json(self)) } else { Ok(()) }
    }

    /// In words, in the order in which it comes about, so that more of it is only ever added at the
    /// end.
    fn text(&self) -> String {
        let mut text = self
            .pack
            .as_ref()
            .map(|pack| pack.text(false))
            .unwrap_or_default();
        // A pack has checked the same zip.
        if let (None, Some(check)) = (&self.pack, &self.check) {
            text.push_str(&lines(check.findings()));
        }
        if let Some(Published {
            skill_id,
            version,
            skipped,
            created,
            ..
        }) = &self.publish
        {
            let _ = match (skipped, created) {
                (true, _) => writeln!(
                    text,
                    "unchanged: {version} of {skill_id} holds the same files"
                ),
                (_, true) => writeln!(text, "made {skill_id} with {version}"),
                _ => writeln!(text, "published {version} of {skill_id}"),
            };
        }
        self.smoke
            .iter()
            .for_each(|smoked| text.push_str(&trial(smoked)));
        self.pin
            .iter()
            .flat_map(|pins| &pins.agents)
            .for_each(|agent| text.push_str(&change(agent)));
        if let Some(Pruned { deleted, kept, .. }) = &self.prune {
            deleted
                .iter()
                .for_each(|version| text.push_str(&format!("deleted {version}\n")));
            kept.iter()
                .for_each(|version| text.push_str(&format!("kept {version}\n")));
        }
        self.status
            .iter()
            .for_each(|overview| text.push_str(&overview_lines(overview)));
        text
    }
}

/// Only what was seen.
fn trial(
    Smoked {
        version,
        session,
        seen,
        outcome,
        ..
    }: &Smoked,
) -> String {
    let verb = if outcome.was_tried() {
        "tried"
    } else {
        "did not try"
    };
    let mut text = format!("{verb} {version} in the session {session}");
    if let Some(said) = seen.version.as_ref().filter(|said| !said.is_empty()) {
        let _ = write!(text, ": the launcher says `{said}`");
    }
    if let Some(machine) = &seen.machine {
        let _ = write!(text, "; {machine}");
    }
    if let Some(path) = &seen.path {
        let mount = if seen.writable == Some(true) {
            "writable"
        } else {
            "read-only"
        };
        let modes: Vec<String> = seen
            .modes
            .iter()
            .map(|(file, mode)| format!(", {mode} {file}"))
            .collect();
        let _ = write!(text, "; {path} ({mount}{})", modes.concat());
    }
    let works = *outcome == Outcome::Works;
    if let Some(doctor) = seen.doctor.filter(|_| works).and_then(doctor) {
        let _ = write!(text, "; {doctor}");
    }
    text + "\n"
}

/// What `doctor` found, by padel's exit codes. A sandbox has neither club nor password, so that it
/// found something to mend there is as it should be.
fn doctor(code: i32) -> Option<String> {
    let found = match code {
        0 => return Some("`doctor` runs and finds nothing to mend".to_owned()),
        1 => "it says that padel has a bug",
        2 => "it does not know the command",
        3 => "no such club there",
        4 => "the sign-in was not accepted there",
        5 => "the portal refuses, or is not as expected",
        6 => "no club can be reached from there",
        7 => "the portal had too many requests",
        8 => "no settings there",
        9..126 => "the session's events show it",
        _ => return None,
    };
    Some(format!(
        "`doctor` runs, which is enough; it found something to mend: {found} (exit code {code})"
    ))
}

fn change(
    Changed {
        agent,
        version,
        before,
        changed,
        uncertain,
        error,
    }: &Changed,
) -> String {
    let before = before.as_deref().unwrap_or("nothing");
    match (error, changed) {
        (Some(_), _) if *uncertain => {
            format!("{agent} may pin {version} by now, before: {before}\n")
        }
        (Some(_), _) => format!("{agent} was not pinned\n"),
        (None, false) => format!("{agent} pins {version} already\n"),
        (None, true) => format!("{agent} pins {version}, before: {before}\n"),
    }
}

fn overview_lines(overview: &Overview) -> String {
    let Overview {
        skill_id,
        display_name,
        versions,
        agents,
        notes,
    } = overview;
    let mut text = format!(
        "{skill_id} {}\n",
        display_name.as_deref().unwrap_or_default()
    );
    for (place, version) in versions.iter().enumerate() {
        let _ = write!(
            text,
            "  {} {}",
            version.version,
            version.created_at.as_deref().unwrap_or_default()
        );
        if place == 0 {
            text.push_str(" newest");
        }
        if !version.pinned_by.is_empty() {
            let _ = write!(text, " pinned by {}", version.pinned_by.join(", "));
        }
        text.push('\n');
    }
    for agent in agents {
        let version = agent.version.as_deref().unwrap_or_default();
        let says = match agent.follows {
            Follows::Newest
                if versions
                    .first()
                    .is_some_and(|newest| newest.version != version) =>
            {
                format!("pins {version}, and nothing newer is for it")
            }
            Follows::Newest => format!("pins the newest, {version}"),
            Follows::Older => format!("drifts: pins {version}, which is not the newest"),
            Follows::Unknown => format!("pins {version}, which does not exist"),
            Follows::Latest => format!("follows `latest`, now {version}"),
            Follows::Nothing => "does not have the skill".to_owned(),
        };
        let release = agent
            .release
            .as_ref()
            .map(|release| format!(" (release {release})"))
            .unwrap_or_default();
        let archived = if agent.archived { ", archived" } else { "" };
        let _ = writeln!(text, "{} {says}{release}{archived}", agent.agent);
    }
    notes
        .iter()
        .for_each(|note| text.push_str(&format!("{note}\n")));
    text
}
