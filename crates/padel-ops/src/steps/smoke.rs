//! `smoke`: a version is tried in a session before any agent uses it.

use std::time::Duration;

use claude_platform::{Cost, NewSession, SkillEntry};
use serde::Serialize;
use tokio::time::Instant;

use super::ready;
use crate::{
    cli,
    error::{Code, Error, from_platform},
    ops::{
        agents, content, skills,
        trial::{self, Outcome, Problem, Seen},
    },
    plan::Plan,
    report::Report,
    sums,
    world::{Trial, World},
};

const FIRST_LOOK: Duration = Duration::from_millis(200);
const SLOWEST_LOOK: Duration = Duration::from_secs(3);

/// What the trial saw.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Smoked {
    skill_id: String,
    pub(crate) version: String,
    agent: String,
    environment: String,
    pub(crate) session: String,
    /// Whether the version works there, so that it may be pinned.
    works: bool,
    /// What came of it.
    pub(crate) outcome: Outcome,
    #[serde(flatten)]
    pub(crate) seen: Seen,
}

/// What is tried where.
pub(super) struct Attempt<'a> {
    pub(super) skill: &'a str,
    /// As people call it.
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// What the hash of its `SHA256SUMS` may be; nothing where it has none.
    pub(super) sums: Vec<String>,
    pub(super) agent: &'a str,
    pub(super) environment: &'a str,
    pub(super) limits: &'a cli::Trial,
}

pub(super) fn prepare(step: &cli::Smoke, report: &mut Report) {
    if let Some(plan) = &mut report.plan {
        describe(
            &step.version,
            &step.agent,
            &step.environment,
            &step.trial,
            plan,
        );
    }
}

/// The lines of the plan that are the same in `release`.
pub(super) fn describe(
    version: &str,
    agent: &str,
    environment: &str,
    limits: &cli::Trial,
    plan: &mut Plan,
) {
    let cli::Trial {
        timeout,
        max_cost,
        expect_version,
    } = limits;
    let dollars = format!("{}.{:02}", max_cost / 100, max_cost % 100);
    plan.add(
        "smoke",
        format!(
            "start a session of `{agent}` in `{environment}` with {version}, for at most ${dollars}"
        ),
    );
    plan.add(
        "smoke",
        format!(
            "want the version's checksums and `padel {expect_version}` from its launcher within {timeout} s; archive \
             the session"
        ),
    );
}

pub(super) async fn run(
    step: &cli::Smoke,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    let version = world
        .client
        .skill_version(&skill, &step.version)
        .await
        .map_err(from_platform)?;
    let sums = sums::seals(&content::download(&world.client, &skill, &step.version).await?);
    let attempt = Attempt {
        skill: &skill,
        name: version.name.as_deref().unwrap_or(crate::SKILL),
        version: &step.version,
        sums,
        agent: &step.agent,
        environment: &step.environment,
        limits: &step.trial,
    };
    smoke(&attempt, world, report).await
}

/// The agent itself is not changed: the session gets its skills with this one replaced or added.
pub(super) async fn smoke(
    attempt: &Attempt<'_>,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let &Attempt { skill, version, .. } = attempt;
    let agent = ready::smoke_agent(attempt.agent, world).await?;
    let mut entries = agent.skills.clone();
    match agents::place(&agent, skill)? {
        Some(place) => entries[place].set_version(version),
        None => entries.push(SkillEntry::custom(skill, version)),
    }
    let new = NewSession {
        agent: agent.id,
        agent_version: Some(agent.version),
        skills: Some(entries),
        environment: attempt.environment.to_owned(),
        title: Some(title(version)),
        max_cost: Some(Cost {
            amount: attempt.limits.max_cost.to_string(),
            currency: "USD".to_owned(),
        }),
        initial_message: Some(trial::request(&printable::line(attempt.name, 64))),
        ..NewSession::default()
    };
    world.session.replace(Some(Trial::Starting(title(version))));
    let started = world.client.create_session(&new).await;
    let id = started.map(|session| session.id).map_err(|error| {
        world.session.take();
        not_started(error, version)
    })?;
    world.session.replace(Some(Trial::Started(id.clone())));
    let shown = printable::line(&id, 80);
    world
        .log
        .progress(&format!("the session `{shown}` tries {version}"));
    let watched = watch(&id, attempt, world).await;
    world.close_session().await;
    let (seen, problem) = watched?;
    if problem.is_none() && !attempt.sums.is_empty() && seen.sums.is_none() {
        world.log.warning(&format!(
            "the session has no `sha256sum`: that it had the files of {version} is known by `--version` only"
        ));
    }
    report.smoke = Some(Smoked {
        skill_id: skill.to_owned(),
        version: version.to_owned(),
        agent: attempt.agent.to_owned(),
        environment: attempt.environment.to_owned(),
        session: shown,
        works: problem.is_none(),
        outcome: problem
            .as_ref()
            .map_or(Outcome::Works, |problem| problem.outcome),
        seen,
    });
    problem.map_or(Ok(()), |Problem { outcome, what }| {
        let says = if outcome.was_tried() {
            "does not work in a session"
        } else {
            "was not tried"
        };
        let hint = format!("{}; nothing was pinned", advice(outcome, attempt));
        Err(Error::new(
            Code::SmokeFailed,
            format!("{version} {says}: {what}"),
            hint,
        ))
    })
}

/// What to do about it.
fn advice(outcome: Outcome, attempt: &Attempt<'_>) -> String {
    let &Attempt {
        agent,
        environment,
        version,
        ..
    } = attempt;
    match outcome {
        Outcome::Works => String::new(),
        Outcome::NotRun => {
            format!("let `{agent}` have the tools bash and read, or try with another agent")
        }
        Outcome::Refused => "try with an agent of another model or other instructions".to_owned(),
        Outcome::AwaitsPermission => {
            format!(
                "let the policy of `{agent}` allow bash without asking, or try with another agent"
            )
        }
        Outcome::OutOfBudget => "run it again with a higher --max-cost".to_owned(),
        Outcome::GaveUp => "run it again later: the platform's model did not answer".to_owned(),
        Outcome::Ended => format!(
            "look at the session's events, and whether `{environment}` starts; run it again"
        ),
        Outcome::TooLate => "run it again with a longer --timeout".to_owned(),
        Outcome::NoLauncher => {
            format!("look whether `{version}` is the skill, and holds scripts/padel")
        }
        Outcome::OtherFiles => {
            "run it again: the session may have had an older version from a cache".to_owned()
        }
        Outcome::DamagedFiles => {
            "look at what the platform changed in the files that are named".to_owned()
        }
        Outcome::OtherVersion => {
            "look at what the launcher says; build and publish again, or --expect-version"
                .to_owned()
        }
        Outcome::DoctorFails => {
            "run `sh scripts/padel doctor` in the environment and look at what it says".to_owned()
        }
    }
}

/// For people who look at the sessions.
fn title(version: &str) -> String {
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
    let title = title(version);
    error.with_hint(format!(
        "nothing was pinned: run the same command again; a session titled `{title}` may be left, which ends by its budget"
    ))
}

/// Looks at the events until the block's output is whole, the session rests, or time is up.
async fn watch(
    id: &str,
    attempt: &Attempt<'_>,
    world: &World<'_>,
) -> Result<(Seen, Option<Problem>), Error> {
    let limit = attempt.limits.timeout;
    let late = || Problem {
        outcome: Outcome::TooLate,
        what: format!("the session was not done within {limit} s"),
    };
    let end = Instant::now() + Duration::from_secs(limit);
    let mut wait = FIRST_LOOK;
    loop {
        world.pause(wait).await;
        wait = (wait * 3 / 2).min(SLOWEST_LOOK);
        // A listing that hangs does not outlast the limit.
        let Ok(events) = tokio::time::timeout_at(end, world.client.events(id)).await else {
            return Ok((Seen::default(), Some(late())));
        };
        let events = events.map_err(from_platform)?;
        let seen = trial::read(&events).unwrap_or_default();
        if seen.whole {
            let problem = seen
                .verdict(&attempt.sums, &attempt.limits.expect_version)
                .err();
            return Ok((seen, problem));
        }
        let mut problem = match trial::rest(&events) {
            Some(reason) => seen.stopped(&reason),
            None if Instant::now() >= end => late(),
            None => continue,
        };
        if let Some(said) = trial::last_words(&events) {
            problem.what.push_str(&format!("; last it said: {said}"));
        }
        return Ok((seen, Some(problem)));
    }
}
