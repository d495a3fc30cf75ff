//! `smoke`: a version is tried in a session before any agent uses it.

use std::time::Duration;

use claude_platform::{Cost, NewSession, SkillEntry};
use serde::Serialize;
use tokio::time::Instant;

use crate::{
    cli,
    error::{Code, Error},
    ops::{
        agents, content, skills,
        trial::{self, Seen},
    },
    plan::Plan,
    report::Report,
    sums,
    world::World,
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
    #[serde(flatten)]
    pub(crate) seen: Seen,
}

/// What is tried where.
pub(super) struct Attempt<'a> {
    pub(super) skill: &'a str,
    /// As people call it.
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// The hash of its `SHA256SUMS`, if it has one.
    pub(super) sums: Option<&'a str>,
    pub(super) agent: &'a str,
    pub(super) environment: &'a str,
    pub(super) limits: &'a cli::Trial,
}

pub(super) fn prepare(step: &cli::Smoke, report: &mut Report) {
    if let Some(plan) = &mut report.plan {
        describe(&step.version, &step.agent, &step.environment, &step.trial, plan);
    }
}

/// The lines of the plan that are the same in `release`.
pub(super) fn describe(version: &str, agent: &str, environment: &str, limits: &cli::Trial, plan: &mut Plan) {
    let cli::Trial { timeout, max_cost, expect_version } = limits;
    let dollars = format!("{}.{:02}", max_cost / 100, max_cost % 100);
    plan.add(
        "smoke",
        format!("start a session of `{agent}` in `{environment}` with {version}, for at most ${dollars}"),
    );
    plan.add(
        "smoke",
        format!(
            "want the version's checksums and `padel {expect_version}` from its launcher within {timeout} s; archive \
             the session"
        ),
    );
}

pub(super) async fn run(step: &cli::Smoke, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    let version = world.client.skill_version(&skill, &step.version).await?;
    let sums = sums::seal(&content::download(&world.client, &skill, &step.version).await?);
    let attempt = Attempt {
        skill: &skill,
        name: version.name.as_deref().unwrap_or(crate::SKILL),
        version: &step.version,
        sums: sums.as_deref(),
        agent: &step.agent,
        environment: &step.environment,
        limits: &step.trial,
    };
    smoke(&attempt, world, report).await
}

/// The agent itself is not changed: the session gets its skills with this one replaced or added.
pub(super) async fn smoke(attempt: &Attempt<'_>, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
    let &Attempt { skill, version, .. } = attempt;
    let agent = world.client.agent(attempt.agent).await?;
    skills::plain(&agent.id)?;
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
        max_cost: Some(Cost { amount: attempt.limits.max_cost.to_string(), currency: "USD".to_owned() }),
        initial_message: Some(trial::request(&padel::text::line(attempt.name, 64))),
        ..NewSession::default()
    };
    let id = world.client.create_session(&new).await.map_err(|error| not_started(error, version))?.id;
    world.session.replace(Some(id.clone()));
    let shown = padel::text::line(&id, 80);
    world.log.progress(&format!("the session `{shown}` tries {version}"));
    let watched = watch(&id, attempt, world).await;
    world.close_session().await;
    let (seen, problem) = watched?;
    if problem.is_none() && attempt.sums.is_some() && seen.sums.is_none() {
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
        seen,
    });
    problem.map_or(Ok(()), |problem| {
        let hint = "look at the session's events; nothing was pinned";
        Err(Error::new(Code::SmokeFailed, format!("{version} does not work in a session: {problem}"), hint))
    })
}

/// For people who look at the sessions.
fn title(version: &str) -> String {
    format!("padel-release smoke {version}")
}

/// A session whose answer was lost is not looked for: it does what it was asked, then rests, and its budget ends it.
fn not_started(error: claude_platform::Error, version: &str) -> Error {
    let unknown = error.may_have_happened();
    let error = Error::from(error);
    if !unknown {
        return error;
    }
    let title = title(version);
    error.hint(format!(
        "nothing was pinned: run the same command again; a session titled `{title}` may be left, which ends by its budget"
    ))
}

/// Looks at the events until the block's output is whole, the session rests, or time is up.
async fn watch(id: &str, attempt: &Attempt<'_>, world: &World<'_>) -> Result<(Seen, Option<String>), Error> {
    let limit = attempt.limits.timeout;
    let late = || format!("it was not done within {limit} s");
    let end = Instant::now() + Duration::from_secs(limit);
    let mut wait = FIRST_LOOK;
    loop {
        world.pause(wait).await;
        wait = (wait * 3 / 2).min(SLOWEST_LOOK);
        // A listing that hangs does not outlast the limit.
        let Ok(events) = tokio::time::timeout_at(end, world.client.events(id)).await else {
            return Ok((Seen::default(), Some(late())));
        };
        let events = events?;
        let seen = trial::read(&events).unwrap_or_default();
        if seen.whole {
            let problem = seen.verdict(attempt.sums, &attempt.limits.expect_version).err();
            return Ok((seen, problem));
        }
        let why = match trial::rest(&events) {
            Some(reason) => format!("it stopped ({reason})"),
            None if Instant::now() >= end => late(),
            None => continue,
        };
        let said = trial::last_words(&events);
        return Ok((seen, Some(format!("{why} before the block's output was seen; last it said: {said}"))));
    }
}
