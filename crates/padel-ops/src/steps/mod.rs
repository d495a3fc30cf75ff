//! The steps, one file each: they decide what is done, in which order, and what it means.

pub mod check;
pub mod pack;
mod pin;
mod prune;
mod publish;
mod ready;
mod release;
mod rollback;
mod smoke;
mod status;

use std::{cell::RefCell, path::Path, sync::Arc};

use clap::CommandFactory as _;
use clap_complete::Shell;
use claude_platform::{Client, Exchange, Limits, Settings};

pub(crate) use self::{
    pin::{Changed, Pins},
    prune::Pruned,
    publish::Published,
    smoke::Smoked,
    status::{Follows, Overview},
};
use crate::{
    ci::Outputs,
    cli::{self, Access, Cli, Remote, Step},
    error::{Code, Error, from_platform},
    log::{self, Log},
    ops::package::Package,
    output,
    report::Report,
    world::World,
};

/// Looks up a variable of the environment, which is read once, at the edge.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Runs a step and prints its answer, which may be there in part when the step fails.
///
/// # Errors
///
/// Any code: what the step ended with.
pub fn run(cli: &Cli, env: Env<'_>) -> Result<(), Error> {
    let (text, failure) = match &cli.step {
        Step::Pack(step) => {
            let report = pack::run(&step.packing, &step.arches)?;
            (report.text(cli.json), report.failure())
        }
        Step::Check(step) => {
            let report = check::run(step)?;
            (report.text(cli.json), report.failure())
        }
        Step::Completions { shell } => (completions(*shell), None),
        Step::Remote(step) => return remote(step, cli.json, env),
    };
    output::print(&text)?;
    failure.map_or(Ok(()), Err)
}

/// A completion script, generated from the command line's types.
fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "padel-ops", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// A step that talks to the platform. One thread is enough: it waits most of the time.
fn remote(step: &Remote, json: bool, env: Env<'_>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let message = format!("the machine gives no event loop ({error})");
        Error::new(Code::Internal, message, "look at the limits of open files")
    })?;
    let log = Log::new(json);
    let change = step.change();
    let mut report = Report::new(
        step.about().0,
        change.is_none_or(|change| change.execute),
        json,
    );
    let mut outputs = None;
    if let Some(change) = change.filter(|change| change.execute) {
        let github = env("GITHUB_OUTPUT").filter(|path| !path.is_empty());
        let path = change
            .output_file
            .as_deref()
            .or(github.as_deref().map(Path::new));
        outputs = path.map(Outputs::open).transpose()?;
    }
    let outcome = runtime.block_on(go(step, env, &log, &mut report));
    let written = outputs.map_or(Ok(()), |mut file| file.write(&report.outputs));
    let printed = report.finish(log.take());
    outcome.and(written).and(printed)
}

/// Prepares, shows the plan, and carries it out until it ends or a signal comes.
async fn go(step: &Remote, env: Env<'_>, log: &Log, report: &mut Report) -> Result<(), Error> {
    let access = step.about().1;
    let task = Task::prepare(step, report)?;
    let settings = Settings::from_env(env, access.aws).await;
    if let Some(plan) = &mut report.plan {
        plan.platform = settings
            .as_ref()
            .map_or("a platform not known yet".to_owned(), |(found, _)| {
                found.describe()
            });
        if !report.json && !task.looks_first() {
            output::print(&plan.to_string())?;
        }
    }
    let settings = match settings {
        Ok((settings, warnings)) => {
            warnings.iter().for_each(|warning| log.warning(warning));
            settings
        }
        // A plan needs no credentials.
        Err(error) if !report.execute && !task.looks_first() => {
            log.warning(&error.to_string());
            return Ok(());
        }
        Err(error) => return Err(from_platform(error)),
    };
    if !report.execute && !task.looks_first() {
        return Ok(());
    }
    let world = world(settings, access, log)?;
    let outcome = tokio::select! {
        biased;
        () = stopped() => Err(world.stop(stopped()).await),
        outcome = look_and_carry_out(task, &world, report) => outcome,
    };
    outcome.map_err(|error| match step {
        Remote::Rollback(step) if report.execute => {
            rollback::half_way(step, report.pin.as_ref(), error, &world)
        }
        _ => error,
    })
}

/// Some steps read what there is before their plan can name it.
async fn look_and_carry_out(
    task: Task<'_>,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    if !task.looks_first() {
        return task.carry_out(world, report).await;
    }
    let task = task.look(world, report).await?;
    if let Some(plan) = report.plan.as_ref().filter(|_| !report.json) {
        output::print(&plan.to_string())?;
    }
    if report.execute {
        task.carry_out(world, report).await
    } else {
        Ok(())
    }
}

/// A step with what was read for it: on this machine the zip of those that send one, and what there
/// is on the platform of those whose plan names it.
enum Task<'a> {
    Publish(&'a cli::Publish, Package),
    Smoke(&'a cli::Smoke),
    Pin(&'a cli::Pin),
    Status(&'a cli::Status),
    Rollback(&'a cli::Rollback, rollback::Targets),
    Prune(&'a cli::Prune, Option<prune::Choice>),
    Release(&'a cli::Release, Option<Package>),
}

impl<'a> Task<'a> {
    /// Fills the plan.
    fn prepare(step: &'a Remote, report: &mut Report) -> Result<Self, Error> {
        Ok(match step {
            Remote::Publish(step) => Self::Publish(step, publish::prepare(step, report)?),
            Remote::Release(step) => Self::Release(step, release::prepare(step, report)?),
            Remote::Smoke(step) => {
                smoke::prepare(step, report);
                Self::Smoke(step)
            }
            Remote::Pin(step) => {
                pin::prepare(step, report);
                Self::Pin(step)
            }
            Remote::Rollback(step) => Self::Rollback(step, Vec::new()),
            Remote::Prune(step) => Self::Prune(step, None),
            Remote::Status(step) => {
                report.plan = None;
                Self::Status(step)
            }
        })
    }

    /// Whether the plan names what is on the platform.
    const fn looks_first(&self) -> bool {
        matches!(self, Self::Rollback(..) | Self::Prune(..))
    }

    /// Reads it, and fills the plan.
    async fn look(self, world: &World<'_>, report: &mut Report) -> Result<Self, Error> {
        let plan = report.plan.as_mut();
        Ok(match self {
            Self::Rollback(step, _) => {
                let targets = rollback::look(step, world).await?;
                plan.map_or(Ok(()), |plan| {
                    rollback::describe(&targets, plan.of_answers())
                })?;
                Self::Rollback(step, targets)
            }
            Self::Prune(step, _) => {
                let choice = prune::look(step, world).await?;
                plan.into_iter()
                    .for_each(|plan| prune::describe(&choice, plan.of_answers()));
                Self::Prune(step, Some(choice))
            }
            other => other,
        })
    }

    async fn carry_out(self, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
        match self {
            Self::Publish(step, package) => publish::run(step, &package, world, report).await,
            Self::Smoke(step) => smoke::run(step, world, report).await,
            Self::Pin(step) => pin::run(step, world, report).await,
            Self::Status(step) => status::run(step, world, report).await,
            Self::Rollback(_, targets) => rollback::run(targets, world, report).await,
            Self::Prune(_, Some(choice)) => prune::run(&choice, world, report).await,
            Self::Prune(_, None) => Ok(()),
            Self::Release(step, package) => release::run(step, package, world, report).await,
        }
    }
}

fn world<'a>(settings: Settings, access: &Access, log: &'a Log) -> Result<World<'a>, Error> {
    let described = settings.describe();
    let platform = described.split(' ').next().unwrap_or_default().to_owned();
    let limits = Limits {
        first_wait: Limits::default().first_wait.mul_f64(access.pace),
        ..Limits::default()
    };
    let mut client = Client::new(settings.with_limits(limits)).map_err(from_platform)?;
    if access.verbose {
        client = client.with_observer(Arc::new(|exchange: &Exchange| {
            let Exchange {
                method,
                host,
                path,
                status,
                elapsed,
                request_id,
            } = exchange;
            let status = status.map_or("no answer".to_owned(), |status| status.to_string());
            let id = request_id.as_deref().unwrap_or("no request id");
            log::line(&format!(
                "{method} {host}{path}: {status}, {} ms, {id}",
                elapsed.as_millis()
            ));
        }));
    }
    Ok(World {
        client,
        log,
        platform,
        aws: access.aws,
        pace: access.pace,
        session: RefCell::default(),
    })
}

/// Ends when the process is told to stop. CI sends SIGINT and soon after SIGTERM.
async fn stopped() {
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
