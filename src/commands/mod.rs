//! The subcommands, one file each: arguments in, one output value out. Here is what they share.

mod activities;
mod availability;
mod bookings;
mod choose;
mod completions;
mod doctor;
mod login;
mod man;
mod portal;
mod setup;
mod terminal;
mod watchdog;

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};

use self::watchdog::{Watchdog, too_late};
use crate::{
    cli::{Cli, Command, Format, PortalCommand},
    config::{Environment, Flags, Settings, cache_dir},
    error::{Code, Error},
    gladstone::{Portal, Setup},
    limits,
    log::Log,
    output::Output,
};

/// What every command gets.
struct Context<'a> {
    env: &'a Environment,
    now: DateTime<Utc>,
    deadline: Instant,
    seconds: u64,
    cache: Option<PathBuf>,
    log: Log,
}

/// Runs the command that was asked for, and hands its value to `tell`, which counts for the
/// deadline, too.
///
/// # Errors
///
/// Whatever went wrong, with its code. A failed `doctor` is no error here: its report says so.
pub fn run(
    cli: Cli,
    env: &Environment,
    tell: impl FnOnce(Output) -> Result<(), Error>,
) -> Result<(), Error> {
    if cli.format() == Format::Ics
        && !matches!(cli.command, Command::Availability(_) | Command::Bookings(_))
    {
        let message = "--format ics is for `padel availability` and `padel bookings` only";
        return Err(Error::new(
            Code::Usage,
            message,
            "use table, json or markdown",
        ));
    }
    // Before anything is started that can only panic.
    limits::probe_start()?;
    // These two wait for a person.
    let waits = matches!(cli.command, Command::Setup | Command::Portal(_));
    let _watchdog = (!waits).then(|| Watchdog::new(cli.global.timeout));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| limits::explain_limit(&error, "padel could not start"))?;
    let outcome = runtime.block_on(dispatch(cli, env));
    // A name that is still being looked up would be waited for otherwise.
    runtime.shutdown_background();
    tell(outcome?)
}

async fn dispatch(cli: Cli, env: &Environment) -> Result<Output, Error> {
    let Cli { command, global } = cli;
    let context = Context {
        env,
        now: env.now()?,
        deadline: Instant::now() + Duration::from_secs(global.timeout),
        seconds: global.timeout,
        cache: if global.no_cache {
            None
        } else {
            cache_dir(env)
        },
        log: Log(global.verbose),
    };
    let mut flags = Flags {
        club: global.club,
        env_file: global.env_file,
        config: global.config,
        ..Flags::default()
    };
    match command {
        Command::Availability(mut args) => {
            flags.sites = std::mem::take(&mut args.site);
            flags.activities = std::mem::take(&mut args.activity);
            let settings = Settings::load(&flags, env)?;
            let outcome = context
                .within(availability::run(&args, &settings, &context))
                .await;
            outcome
                .map(Output::Availability)
                .map_err(|error| explained(error, &settings))
        }
        Command::Activities(args) => {
            flags.sites.clone_from(&args.site);
            let settings = Settings::load(&flags, env)?;
            let outcome = context
                .within(activities::run(&args, &settings, &context))
                .await;
            outcome
                .map(Output::Activities)
                .map_err(|error| explained(error, &settings))
        }
        Command::Bookings(args) => {
            let settings = Settings::load(&flags, env)?;
            let outcome = context
                .within(bookings::run(&args, &settings, &context))
                .await;
            outcome
                .map(Output::Bookings)
                .map_err(|error| explained(error, &settings))
        }
        Command::Login => {
            let settings = Settings::load(&flags, env)?;
            let outcome = context.within(login::run(&settings, &context)).await;
            outcome
                .map(Output::Login)
                .map_err(|error| explained(error, &settings))
        }
        Command::Logout => {
            login::forget(&Settings::load(&flags, env)?, &context).map(Output::Logout)
        }
        Command::Setup => setup::run(&flags, &context).await.map(Output::Text),
        Command::Doctor => Ok(Output::Doctor(doctor::run(&flags, &context).await)),
        Command::Portal(PortalCommand::Learn { file }) => {
            portal::learn(&file, &Settings::load(&flags, env)?, &context).map(Output::Portal)
        }
        Command::Completions { shell } => completions::run(shell).map(Output::Text),
        Command::Man => man::run().map(Output::Text),
    }
}

/// An error about signing in, with what is known of the place where e-mail and password stand.
fn explained(mut error: Error, settings: &Settings) -> Error {
    let discovery = &settings.discovery;
    match (error.code, &discovery.credentials, discovery.obstacle()) {
        (Code::LoginRequired, _, Some(obstacle)) => obstacle.clone(),
        (Code::LoginRequired, None, None) if !discovery.unreadable().is_empty() => {
            error.hint = format!("{}; {}", error.hint, discovery.unreadable().join("; "));
            error
        }
        (Code::LoginRejected | Code::AccountLocked, Some(credentials), _)
            if !credentials.notes().is_empty() =>
        {
            error.hint = format!(
                "{}; in {}: {}",
                error.hint,
                credentials.origin,
                credentials.notes().join("; ")
            );
            error.with("notes", credentials.notes())
        }
        _ => error,
    }
}

impl Context<'_> {
    /// The club's portal; nothing is sent yet.
    fn portal(&self, settings: &Settings) -> Result<Portal, Error> {
        let setup = Setup {
            env: self.env,
            zone: settings.timezone.value,
            now: self.now,
            deadline: self.deadline,
            cache: self.cache.clone(),
            log: self.log,
            portal: &settings.portal,
            credentials: settings.credentials().ok().cloned(),
        };
        Portal::new(settings.club()?, setup)
    }

    /// The same with the whole time ahead.
    fn afresh(&self) -> Self {
        Self {
            deadline: Instant::now() + Duration::from_secs(self.seconds),
            cache: self.cache.clone(),
            ..*self
        }
    }

    /// Cuts `work` off at the deadline.
    async fn within<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        timeout_at(self.deadline, work)
            .await
            .unwrap_or_else(|_| Err(too_late(self.seconds)))
    }
}
