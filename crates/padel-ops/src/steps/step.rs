//! The frame of every step that talks to the platform: plan, perform, tell. A step is its
//! options: it only says what its actions are.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use claude_platform::Settings;
use http_edge::NETWORK_VARIABLES;
use serde::Serialize;

use crate::{
    ci::Outputs,
    cli::{self, Access, Change},
    context::{Answer, StepContext, Surroundings},
    deploy::read_variables,
    error::{Code, Error, from_platform},
    log::Log,
    output::{print, to_json},
    plan::{Action, Plan},
};

/// Looks up a variable of the environment, which is read once, at the edge.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A step that talks to the platform.
pub(crate) trait Step {
    /// The subcommand. The document is `padel.NAME/v1`.
    const NAME: &'static str;
    /// One thing that it does.
    type Action<'a>: Action<State = Self::State>
    where
        Self: 'a;
    /// The findings and results of the actions so far.
    type State: Default;

    /// Returns the way to the platform, and how far the step may go: none for a step that changes
    /// nothing and therefore shows no plan.
    fn flags(&self) -> (&Access, Option<&Change>);

    /// The deployment that the step is about, if it is about one: variables of the `.env` beside its
    /// file count where the process has none.
    fn deployment(&self) -> Option<&cli::Deployment> {
        None
    }

    /// The actions, made without any request. None when they name what is on the platform: then
    /// [`Step::plan_by_reading`] makes them.
    ///
    /// # Errors
    ///
    /// When something on this machine is not as it must be.
    fn plan(
        &self,
        _state: &mut Self::State,
        _answer: Answer,
    ) -> Result<Option<Vec<Self::Action<'_>>>, Error> {
        Ok(None)
    }

    /// The actions, made of what is on the platform; nothing is changed yet.
    async fn plan_by_reading(
        &self,
        _state: &mut Self::State,
        _context: &StepContext<'_>,
    ) -> Result<Vec<Self::Action<'_>>, Error> {
        Ok(Vec::new())
    }

    /// Decides what the whole ended with, once all actions were performed or one failed.
    fn conclude(
        &self,
        _state: &mut Self::State,
        outcome: Result<(), Error>,
        _context: &StepContext<'_>,
    ) -> Result<(), Error> {
        outcome
    }

    /// The step's own part of its document, as far as it came.
    fn document(state: &Self::State) -> impl Serialize;

    /// The document tells something although no plan could be made.
    fn has_results(_state: &Self::State) -> bool {
        false
    }

    /// The lines for CI's file.
    fn outputs(_state: &Self::State) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The fields that all documents have: `plan` is null where none was made, and absent where none is
/// shown.
#[derive(Serialize)]
struct Document<'a, T> {
    schema: String,
    #[serde(flatten)]
    plan: Option<Planned<'a>>,
    #[serde(flatten)]
    results: T,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Planned<'a> {
    plan: Option<&'a Plan>,
}

/// Runs a step and prints its answer, which may be there in part when the step fails.
pub(super) fn run_step<S: Step>(step: &S, json: bool, env: Env<'_>) -> Result<(), Error> {
    // One thread is enough: it waits most of the time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let message = format!("the machine gives no event loop ({error})");
        Error::new(Code::Internal, message, "look at the limits of open files")
    })?;
    let log = Log::new(json);
    let change = step.flags().1;
    let outputs = open_outputs(change.filter(|change| change.execute), env)?;
    let mut state = S::State::default();
    let mut plan = change.map(|change| Plan::new(S::NAME, change.execute));
    let outcome = runtime.block_on(plan_and_perform(
        step,
        &mut state,
        &mut plan,
        env,
        &log,
        Answer { json },
    ));
    let written = outputs.map_or(Ok(()), |mut file| file.write(&S::outputs(&state)));
    let printed = if json {
        print_document::<S>(&state, plan, log.take())
    } else {
        Ok(())
    };
    outcome.and(written).and(printed)
}

/// Plans, shows the plan, and carries it out until it ends or a signal comes.
async fn plan_and_perform<S: Step>(
    step: &S,
    state: &mut S::State,
    plan: &mut Option<Plan>,
    env: Env<'_>,
    log: &Log,
    answer: Answer,
) -> Result<(), Error> {
    let known = step.plan(state, answer)?;
    let access = step.flags().0;
    let variables = match step.deployment() {
        Some(deployment) => read_variables(&deployment.file)?,
        None => HashMap::new(),
    };
    let env: Env<'_> = &|name| env(name).or_else(|| variables.get(name).cloned());
    let surroundings = Surroundings {
        home: env("HOME").map(PathBuf::from),
        network: NETWORK_VARIABLES
            .into_iter()
            .filter_map(|name| Some((name.into(), env(name)?.into())))
            .collect(),
        now: read_clock(env)?,
    };
    let settings = Settings::from_env(env, access.aws).await;
    let execute = plan.as_ref().is_none_or(|plan| plan.execute);
    if let Some(plan) = plan {
        plan.platform = settings
            .as_ref()
            .map_or("a platform not known yet".to_owned(), |(found, _)| {
                found.describe()
            });
    }
    if let Some(actions) = &known {
        announce(plan, actions, false, answer)?;
    }
    let stops_here = known.is_some() && !execute;
    let settings = match settings {
        Ok((settings, warnings)) => {
            warnings.iter().for_each(|warning| log.warning(warning));
            settings
        }
        // A plan that reads nothing needs no credentials.
        Err(error) if stops_here => {
            log.warning(&error.to_string());
            return Ok(());
        }
        Err(error) => return Err(from_platform(error)),
    };
    if stops_here {
        return Ok(());
    }
    let context = StepContext::new(settings, access, log, answer, surroundings)?;
    let outcome = tokio::select! {
        biased;
        () = stop_signal() => Err(context.stop_after_signal(stop_signal()).await),
        outcome = carry_out(step, state, known, plan, &context) => outcome,
    };
    step.conclude(state, outcome, &context)
}

/// `PADEL_NOW` (RFC 3339, for tests), or the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this tool reads the clock"
)]
fn read_clock(env: Env<'_>) -> Result<DateTime<Utc>, Error> {
    let Some(text) = env("PADEL_NOW") else {
        return Ok(Utc::now());
    };
    let time = DateTime::parse_from_rfc3339(&text).map_err(|_| {
        let message = format!("PADEL_NOW is `{text}`, which is not an RFC 3339 time");
        let hint = "write it like 2026-11-23T09:00:00Z, or unset it";
        Error::new(Code::Usage, message, hint)
    })?;
    Ok(time.to_utc())
}

async fn carry_out<'a, S: Step>(
    step: &'a S,
    state: &mut S::State,
    known: Option<Vec<S::Action<'a>>>,
    plan: &mut Option<Plan>,
    context: &StepContext<'_>,
) -> Result<(), Error> {
    let actions = match known {
        Some(actions) => actions,
        None => {
            let actions = step.plan_by_reading(state, context).await?;
            announce(plan, &actions, true, context.answer)?;
            actions
        }
    };
    if plan.as_ref().is_none_or(|plan| plan.execute) {
        for action in actions {
            action.perform(state, context).await?;
        }
    }
    Ok(())
}

fn announce(
    plan: &mut Option<Plan>,
    actions: &[impl Action],
    is_from_reading: bool,
    answer: Answer,
) -> Result<(), Error> {
    let Some(plan) = plan else { return Ok(()) };
    plan.list(actions, is_from_reading);
    answer.tell(plan)
}

/// Ends when the process is told to stop. CI sends SIGINT and soon after SIGTERM.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        Some(()) = terminate.recv() => {}
        else => std::future::pending().await,
    }
}

/// Opened before anything is sent, so that a file that cannot be written stops the step.
fn open_outputs(change: Option<&Change>, env: Env<'_>) -> Result<Option<Outputs>, Error> {
    let Some(change) = change else {
        return Ok(None);
    };
    let github = env("GITHUB_OUTPUT").filter(|path| !path.is_empty());
    let path = change.output_file.as_deref();
    path.or(github.as_deref().map(Path::new))
        .map(Outputs::open)
        .transpose()
}

fn print_document<S: Step>(
    state: &S::State,
    plan: Option<Plan>,
    warnings: Vec<String>,
) -> Result<(), Error> {
    let shows_plan = plan.is_some();
    let plan = plan.filter(|plan| !plan.is_empty());
    if plan.is_none() && !S::has_results(state) {
        return Ok(());
    }
    print(&to_json(&Document {
        schema: format!("padel.{}/v1", S::NAME),
        plan: shows_plan.then_some(Planned {
            plan: plan.as_ref(),
        }),
        results: S::document(state),
        warnings,
    }))
}
