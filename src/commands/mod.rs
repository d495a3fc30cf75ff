//! The subcommands, one file each: arguments in, one report out. Here is what they share.

mod activities;
mod availability;
mod bookings;
mod completions;
mod doctor;
mod login;
mod logout;
mod man;
mod portal;
mod selection;
mod setup;
mod terminal;
mod watch;
mod watchdog;

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use diagnostic::ErrorCode as _;
use tokio::time::{Instant, timeout_at};

pub use self::watch::{Failed, Look, Observed, Observer};
use self::watchdog::{Watchdog, timeout_error};
use crate::{
    cli::{Cli, Command, Format, Global, PortalCommand},
    config::{Environment, Flags, Origin, Settings, cache_dir},
    error::{Code, Error},
    gladstone::{Portal, Profile, Setup},
    limits,
    log::Log,
    output::{GeneratedText, LinkReport, Report},
};

/// Values that every command gets.
struct Context<'a> {
    env: &'a Environment,
    now: DateTime<Utc>,
    deadline: Instant,
    seconds: u64,
    cache: Option<PathBuf>,
    log: Log,
}

type Outcome = Result<Box<dyn Report>, Error>;

/// Prints a report.
type Tell<'a> = dyn Fn(Box<dyn Report>) -> Result<(), Error> + 'a;

/// Runs the command that was asked for, and hands its report to `tell`, which counts for the
/// deadline, too.
///
/// # Errors
///
/// The command's, with its code. A failed `doctor` is no error here: its report says so.
pub fn run(
    cli: Cli,
    env: &Environment,
    tell: impl Fn(Box<dyn Report>) -> Result<(), Error>,
) -> Result<u8, Error> {
    let wrong_format = match (cli.format(), &cli.command) {
        (Format::Ics | Format::Html, Command::Availability(_)) => None,
        (Format::Ics, Command::Bookings(_)) => None,
        (Format::Ics, _) => Some("ics is for `padel availability` and `padel bookings` only"),
        (Format::Html, _) => Some("html is for `padel availability` only"),
        _ => None,
    };
    if let Some(why) = wrong_format {
        let message = format!("--format {why}");
        let hint = "use table, text, json or markdown";
        return Err(Error::new(Code::Usage, message, hint));
    }
    // Before anything is started that can only panic.
    limits::probe_start()?;
    // These two wait for a person, and a watcher for a court.
    let waits = matches!(
        cli.command,
        Command::Setup | Command::Portal(_) | Command::Watch(_)
    );
    let _watchdog = (!waits).then(|| Watchdog::new(cli.global.timeout));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        // Threads that are there by now, and the runtime, may have taken what was free before.
        .and_then(|runtime| limits::probe_memory().map(|()| runtime))
        .map_err(|error| limits::explain_limit(&error, "padel could not start"))?;
    if let Command::Watch(args) = &cli.command {
        let watched = runtime.block_on(watch::run(args, &cli.global, env, &tell));
        runtime.shutdown_background();
        return watched;
    }
    let outcome = runtime.block_on(dispatch(cli, env));
    // A name that is still being looked up would be waited for otherwise.
    runtime.shutdown_background();
    tell(outcome?).map(|()| 0)
}

async fn dispatch(cli: Cli, env: &Environment) -> Outcome {
    let Cli {
        command, global, ..
    } = cli;
    let context = make_context(&global, env)?;
    let mut flags = make_flags(&global);
    match &command {
        Command::Availability(args) => {
            flags.sites.clone_from(&args.site);
            flags.activities.clone_from(&args.activity);
        }
        Command::Activities(args) => flags.sites.clone_from(&args.site),
        _ => {}
    }
    let load = || Settings::load(&flags, env);
    match command {
        Command::Availability(args) => {
            let settings = load()?;
            let work = availability::run(&args, &settings, &context);
            context.report(&settings, work).await
        }
        Command::Activities(args) => {
            let settings = load()?;
            let work = activities::run(&args, &settings, &context);
            context.report(&settings, work).await
        }
        Command::Bookings(args) => {
            let settings = load()?;
            let work = bookings::run(&args, &settings, &context);
            context.report(&settings, work).await
        }
        Command::Login => {
            let settings = load()?;
            context
                .report(&settings, login::run(&settings, &context))
                .await
        }
        Command::Link => box_report(LinkReport {
            club: load()?.club()?.clone(),
        }),
        Command::Logout => box_report(logout::run(&load()?, &context)?),
        Command::Setup => box_report(GeneratedText(setup::run(&flags, &context).await?)),
        Command::Doctor => box_report(doctor::run(&flags, &context).await),
        Command::Portal(PortalCommand::Learn { file }) => {
            box_report(portal::learn(&file, &load()?, &context)?)
        }
        Command::Completions { shell } => box_report(GeneratedText(match shell.parse() {
            Ok(shell) => completions::generate(shell),
            // A shell that only wants to offer something shows no errors.
            Err(_) => load().map_or(String::new(), |settings| {
                completions::list_names(&shell, &settings, &context)
            }),
        })),
        Command::Man => box_report(GeneratedText(man::generate())),
        // `run` has carried it out: it prints by itself.
        Command::Watch(_) => Err(Error::new(
            Code::Internal,
            "watch is no report",
            "report it",
        )),
    }
}

/// Starts the time of a command.
fn make_context<'a>(global: &Global, env: &'a Environment) -> Result<Context<'a>, Error> {
    Ok(Context {
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
    })
}

fn make_flags(global: &Global) -> Flags {
    Flags {
        club: global.club.clone(),
        env_file: global.env_file.clone(),
        config: global.config.clone(),
        ..Flags::default()
    }
}

fn box_report(report: impl Report + 'static) -> Outcome {
    Ok(Box::new(report))
}

/// Adds to an error about signing in what is known of the file with e-mail and password.
fn explain_sign_in(mut error: Error, settings: &Settings) -> Error {
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
            let (source, notes) = (&credentials.origin, credentials.notes());
            error.hint = format!("{}; in {source}: {}", error.hint, notes.join("; "));
            error.with("notes", notes)
        }
        (Code::LoginRejected | Code::AccountLocked, Some(credentials), _)
            if credentials.origin == Origin::Environment =>
        {
            let profile = Profile::new(&settings.portal);
            if let Some(why) = profile
                .ok()
                .and_then(|profile| profile.placeholder_obstacle())
            {
                error.hint = format!(
                    "{}; a vault's placeholder for the password cannot work at this club, whose \
                     sign-in {why}: mount the .env file instead",
                    error.hint
                );
            }
            error
        }
        _ => error,
    }
}

/// Adds the club's own page to an error after which the person has to look there.
fn add_page(mut error: Error, settings: &Settings) -> Error {
    match settings.club() {
        // Signing in, the portal's own refusals, missing credentials.
        Ok(club) if matches!(error.code.exit(), 4 | 5 | 8) => {
            let page = club.page();
            error.hint = format!("{}; the club's own page: {page}", error.hint);
            error.with("link", page)
        }
        _ => error,
    }
}

impl Context<'_> {
    /// Prepares the club's portal; nothing is sent yet.
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

    /// Starts the time anew.
    fn restart_clock(&self) -> Self {
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
            .unwrap_or_else(|_| Err(timeout_error(self.seconds)))
    }

    /// Does the work of a command that talks to the portal.
    async fn report<R: Report + 'static>(
        &self,
        settings: &Settings,
        work: impl Future<Output = Result<R, Error>>,
    ) -> Outcome {
        let outcome = self.within(work).await;
        box_report(outcome.map_err(|error| add_page(explain_sign_in(error, settings), settings))?)
    }
}
