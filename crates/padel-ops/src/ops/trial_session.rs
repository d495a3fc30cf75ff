//! A session tries a version before any agent uses it. The agent itself is not changed: the session
//! gets its skills with this one replaced or added.

use std::{fmt, time::Duration};

use claude_platform::{Cost, NewSession};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    agents, readiness,
    stop::Stop,
    trial::{self, Observations, TrialFailure, TrialOutcome},
};
use crate::{
    cli,
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// The first looks come soon, for a session may be done within a second; the later ones leave room
/// for others in the platform's limits.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const SLOWEST_LOOK: Duration = Duration::from_secs(3);

/// The version that is tried.
pub(crate) struct Candidate {
    pub(crate) skill: String,
    /// The skill's name, as people call it.
    pub(crate) name: String,
    pub(crate) version: String,
    /// The hashes that its `SHA256SUMS` may have; empty where it has none.
    pub(crate) sums: Vec<String>,
}

/// The agent and the environment of the session.
pub(crate) struct TrialPlace {
    pub(crate) agent: String,
    pub(crate) environment: String,
}

/// The result of a trial.
#[derive(Debug, Serialize)]
pub(crate) struct TrialReport {
    skill_id: String,
    version: String,
    agent: String,
    environment: String,
    session: String,
    /// True when the version works there, so that it may be pinned.
    works: bool,
    /// The end of it, as a word.
    outcome: TrialOutcome,
    #[serde(flatten)]
    seen: Observations,
}

/// A session at work.
pub(crate) struct TrialSession {
    id: String,
    sums: Vec<String>,
    report: TrialReport,
}

impl TrialSession {
    pub(crate) async fn start(
        candidate: Candidate,
        place: TrialPlace,
        max_cost: u32,
        context: &StepContext<'_>,
    ) -> Result<Self, Error> {
        let Candidate {
            skill,
            name,
            version,
            sums,
        } = candidate;
        let agent = readiness::check_smoke_agent(&place.agent, context).await?;
        let entries = agents::skills_with(&agent, &skill, &version)?;
        let title = session_title(&version);
        let new = NewSession {
            agent: agent.id,
            agent_version: Some(agent.version),
            skills: Some(entries),
            environment: place.environment.clone(),
            title: Some(title.clone()),
            max_cost: Some(Cost {
                amount: max_cost.to_string(),
                currency: "USD".to_owned(),
            }),
            initial_message: Some(trial::write_request(&printable::line(&name, 64))),
            ..NewSession::default()
        };
        context.sessions.note_start(&title);
        let started = context.client.create_session(&new).await;
        let id = started.as_ref().map(|session| session.id.as_str());
        context.sessions.note_started(&title, id.ok());
        let id = started.map_err(|error| not_started(error, &version))?.id;
        let session = printable::line(&id, 80);
        context
            .log
            .progress(&format!("the session `{session}` tries {version}"));
        let report = TrialReport {
            skill_id: skill,
            version,
            agent: place.agent,
            environment: place.environment,
            session,
            works: false,
            outcome: TrialOutcome::TooLate,
            seen: Observations::default(),
        };
        Ok(Self { id, sums, report })
    }

    /// Waits for the session's words and archives it. Gives what was seen, and why the version may
    /// not be pinned, if it may not.
    pub(crate) async fn watch(
        self,
        limits: &cli::Trial,
        context: &StepContext<'_>,
    ) -> Result<(TrialReport, Option<Error>), Error> {
        let Self {
            id,
            sums,
            mut report,
        } = self;
        let watched = watch_events(&id, &sums, limits, context).await;
        context.close_session(&id).await;
        let (seen, problem) = watched?;
        if problem.is_none() && !sums.is_empty() && seen.sums.is_none() {
            context.log.warning(&format!(
                "the session has no `sha256sum`: that it had the files of {} is known by \
                 `--version` only",
                report.version
            ));
        }
        report.works = problem.is_none();
        report.outcome = problem
            .as_ref()
            .map_or(TrialOutcome::Works, |problem| problem.outcome);
        report.seen = seen;
        let failure = problem.map(|TrialFailure { outcome, what }| {
            let says = if outcome.was_tried() {
                "does not work in a session"
            } else {
                "was not tried"
            };
            let message = format!("{} {says}: {what}", report.version);
            let hint = format!("{}; nothing was pinned", advise(outcome, &report));
            Error::new(Code::SmokeFailed, message, hint)
        });
        Ok((report, failure))
    }
}

/// Tells only what was seen.
impl fmt::Display for TrialReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            session,
            seen,
            outcome,
            ..
        } = self;
        let verb = if outcome.was_tried() {
            "tried"
        } else {
            "did not try"
        };
        write!(out, "{verb} {version} in the session {session}")?;
        if let Some(said) = seen.version.as_ref().filter(|said| !said.is_empty()) {
            write!(out, ": the launcher says `{said}`")?;
        }
        if let Some(machine) = &seen.machine {
            write!(out, "; {machine}")?;
        }
        if let Some(path) = &seen.path {
            let is_writable = seen.writable == Some(true);
            let mount = if is_writable { "writable" } else { "read-only" };
            write!(out, "; {path} ({mount}")?;
            for (file, mode) in &seen.modes {
                write!(out, ", {mode} {file}")?;
            }
            out.write_str(")")?;
        }
        if let Some(found) = seen.doctor.filter(|_| self.works).and_then(describe_doctor) {
            write!(out, "; {found}")?;
        }
        writeln!(out)
    }
}

/// Tells what `doctor` found, by padel's exit codes. A sandbox has neither club nor password, so
/// that it found something to mend there is as it should be. With 1, 2 and 126 on the trial fails.
fn describe_doctor(code: i32) -> Option<String> {
    let found = match code {
        0 => return Some("`doctor` runs and finds nothing to mend".to_owned()),
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

/// Returns the next step after a trial that ended like this.
fn advise(outcome: TrialOutcome, report: &TrialReport) -> String {
    let TrialReport {
        agent,
        environment,
        version,
        ..
    } = report;
    match outcome {
        TrialOutcome::Works => String::new(),
        TrialOutcome::NotRun => {
            format!("let `{agent}` have the tools bash and read, or try with another agent")
        }
        TrialOutcome::Refused => {
            "try with an agent of another model or other instructions".to_owned()
        }
        TrialOutcome::AwaitsPermission => {
            format!(
                "let the policy of `{agent}` allow bash without asking, or try with another agent"
            )
        }
        TrialOutcome::OutOfBudget => "run it again with a higher --max-cost".to_owned(),
        TrialOutcome::GaveUp => {
            "run it again later: the platform's model did not answer".to_owned()
        }
        TrialOutcome::Ended => format!(
            "look at the session's events, and whether `{environment}` starts; run it again"
        ),
        TrialOutcome::TooLate => "run it again with a longer --timeout".to_owned(),
        TrialOutcome::NoLauncher => {
            format!("look whether `{version}` is the skill, and holds scripts/padel")
        }
        TrialOutcome::OtherFiles => {
            "run it again: the session may have had an older version from a cache".to_owned()
        }
        TrialOutcome::DamagedFiles => {
            "look at what the platform changed in the files that are named".to_owned()
        }
        TrialOutcome::OtherVersion => {
            "look at what the launcher says; build and publish again, or --expect-version"
                .to_owned()
        }
        TrialOutcome::DoctorFails => {
            "run `sh scripts/padel doctor` in the environment and look at what it says".to_owned()
        }
    }
}

/// For people who look at the sessions.
fn session_title(version: &str) -> String {
    format!("padel-ops smoke {version}")
}

/// A session whose answer was lost is not looked for: it does what it was asked, then rests, and
/// its budget ends it.
fn not_started(error: claude_platform::Error, version: &str) -> Error {
    let unknown = error.may_have_happened();
    let error = from_platform(error);
    if !unknown {
        return error;
    }
    let title = session_title(version);
    error.with_hint(format!(
        "nothing was pinned: run the same command again; a session titled `{title}` may be left, \
         which ends by its budget"
    ))
}

/// Looks at the events until the block's output is whole, the session rests, or time is up.
async fn watch_events(
    id: &str,
    sums: &[String],
    limits: &cli::Trial,
    context: &StepContext<'_>,
) -> Result<(Observations, Option<TrialFailure>), Error> {
    let late = || TrialFailure {
        outcome: TrialOutcome::TooLate,
        what: format!("the session was not done within {} s", limits.timeout),
    };
    let end = Instant::now() + Duration::from_secs(limits.timeout);
    let mut wait = FIRST_LOOK;
    loop {
        context.pause(wait).await;
        wait = (wait * 3 / 2).min(SLOWEST_LOOK);
        // A listing that hangs does not outlast the limit.
        let Ok(events) = tokio::time::timeout_at(end, context.client.list_events(id)).await else {
            return Ok((Observations::default(), Some(late())));
        };
        let events = events.map_err(from_platform)?;
        let seen = trial::read_output(&events).unwrap_or_default();
        if seen.whole {
            let problem = seen.judge(sums, &limits.expect_version).err();
            return Ok((seen, problem));
        }
        let mut problem = match Stop::find(&events) {
            Some(stop) => seen.explain_stop(&stop),
            None if Instant::now() >= end => late(),
            None => continue,
        };
        if let Some(said) = trial::last_words(&events) {
            problem.what.push_str(&format!("; last it said: {said}"));
        }
        return Ok((seen, Some(problem)));
    }
}
