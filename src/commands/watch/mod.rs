//! `padel watch`: looks, compares with the last look, tells what became bookable, and remembers what
//! it told.
//!
//! The order within a look keeps the promise that nothing is lost: what is to be told is in the state
//! file before it is sent, and leaves it when its target took it. A crash in between repeats one
//! message to one target.

mod deliver;
mod look;
mod observe;
mod store;
mod watcher;
mod wishes;

use std::{io::Write as _, time::Duration};

use chrono::TimeDelta;
use tokio::time::sleep;

pub use self::observe::{Failed, Look, Observed, Observer};
use self::{
    deliver::{Message, deliver},
    store::Store,
    watcher::{Looked, Watcher},
    wishes::Plan,
};
use super::{Tell, make_flags};
use crate::{
    cli::{self, Format, Global},
    config::{Environment, Settings, Way},
    courts::watch::{WishState, next_look},
    error::{Code, Error},
    output::{
        Report,
        watch::{ForgetReport, ListReport, ListedWish, Place, TestReport, TestedTarget},
    },
};

/// The exit code where there was something to tell, with `--exit-code`.
const SOMETHING_TOLD: u8 = 10;
/// The longest sleep without a look at the clock: it may have been set, or the machine suspended.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// The pause where another process has the state file.
const TURN_PAUSE: Duration = Duration::from_secs(5);

/// Runs what the arguments ask for, and returns the exit code.
pub(super) async fn run(
    args: &cli::Watch,
    global: &Global,
    env: &Environment,
    tell: &Tell<'_>,
) -> Result<u8, Error> {
    let mut flags = make_flags(global);
    flags.sites.clone_from(&args.site);
    flags.activities.clone_from(&args.activity);
    let settings = Settings::load(&flags, env)?;
    let club = settings.club()?.clone();
    let now = env.now()?;
    let plan = Plan::new(args, &settings, now)?;
    let store = Store::new(env, args.state.as_deref(), &club)?;
    if args.test {
        return test_targets(&plan, &settings, env, tell).await;
    }
    if args.forget {
        let _turn = wait_for_turn(&store).await?;
        let forgotten = store.remove()?;
        let report = ForgetReport {
            club: club.name(),
            state: store.path(),
            forgotten,
        };
        return tell(Box::new(report)).map(|()| 0);
    }
    if args.list {
        let report = list(&plan, &store, &settings, now)?;
        return tell(Box::new(report)).map(|()| 0);
    }
    let mut watcher = Watcher {
        args,
        global,
        env,
        settings,
        plan,
        store,
        said: Vec::new(),
    };
    if args.once || args.dry_run {
        look_once(&mut watcher, tell).await
    } else {
        look_again_and_again(&mut watcher, tell).await
    }
}

/// Looks once.
async fn look_once(watcher: &mut Watcher<'_>, tell: &Tell<'_>) -> Result<u8, Error> {
    let looked = watcher.look(tell).await?;
    match looked {
        Looked::Locked => {
            say(
                watcher.global,
                "another padel watch is at it; nothing was asked",
            );
        }
        Looked::Soon(_) => {
            say(
                watcher.global,
                "the last look was less than a minute ago; nothing was asked",
            );
        }
        Looked::Over => say(watcher.global, "every wish is over; nothing was asked"),
        Looked::Waiting { error, .. } => return Err(error),
        Looked::Done {
            has_events,
            failure,
            undelivered,
            ..
        } => {
            if let Some(error) = failure.or(undelivered) {
                return Err(error);
            }
            if has_events && watcher.args.exit_code {
                return Ok(SOMETHING_TOLD);
            }
        }
    }
    Ok(0)
}

/// Looks until every wish is over.
async fn look_again_and_again(watcher: &mut Watcher<'_>, tell: &Tell<'_>) -> Result<u8, Error> {
    let every = TimeDelta::from_std(watcher.args.every).unwrap_or(TimeDelta::minutes(5));
    let start = format!(
        "watching {}; a look every {} min or so, Ctrl-C ends it",
        watcher.plan.describe(),
        every.num_minutes()
    );
    say(watcher.global, &start);
    loop {
        let next = match watcher.look(tell).await? {
            Looked::Over => {
                say(watcher.global, "every wish is over");
                return Ok(0);
            }
            Looked::Locked => {
                sleep(TURN_PAUSE).await;
                continue;
            }
            Looked::Soon(at) => at,
            Looked::Waiting { until, error } => {
                say(watcher.global, &error.message);
                until
            }
            Looked::Done {
                failure: Some(error),
                is_final: true,
                ..
            } => return Err(error),
            Looked::Done { next, .. } => next,
        };
        loop {
            let left = (next - watcher.env.now()?).to_std().unwrap_or_default();
            if left.is_zero() {
                break;
            }
            sleep(left.min(LONGEST_SLEEP)).await;
        }
    }
}

/// Says on stderr what no document says.
fn say(global: &Global, text: &str) {
    let is_json = global.json || global.format == Format::Json;
    if !global.quiet && !is_json {
        let _ = writeln!(std::io::stderr(), "padel watch: {text}");
    }
}

async fn wait_for_turn(store: &Store) -> Result<crate::config::Turn, Error> {
    for _ in 0..20 {
        if let Some(turn) = store.lock(Duration::from_secs(5))? {
            return Ok(turn);
        }
        sleep(Duration::from_millis(100)).await;
    }
    let message = "another padel watch is at it";
    Err(Error::new(Code::Timeout, message, "try again in a minute"))
}

fn list(
    plan: &Plan,
    store: &Store,
    settings: &Settings,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<ListReport, Error> {
    let state = store.load(&mut Vec::new())?;
    let zone = settings.timezone.value;
    let wishes = plan.wishes.iter().map(|wish| {
        let known = state.wishes.get(&wish.name);
        let known = known.filter(|known| known.filters == wish.filters());
        ListedWish {
            name: wish.name.clone(),
            about: wish.describe(),
            notify: wish.targets.clone(),
            is_over: wish.query(zone, now).is_none(),
            since: known.map(|known| known.since),
            free: known.map_or(0, WishState::count_free),
            told: known.map_or(0, WishState::count_told),
        }
    });
    Ok(ListReport {
        club: settings.club()?.name(),
        zone,
        state: store.path(),
        looked_at: state.looked_at,
        looks: state.looks,
        failures: state.failures,
        wait_until: state.wait.as_ref().map(|wait| wait.until),
        pending: state.count_waiting(),
        wishes: wishes.collect(),
    })
}

async fn test_targets(
    plan: &Plan,
    settings: &Settings,
    env: &Environment,
    tell: &Tell<'_>,
) -> Result<u8, Error> {
    let club = settings.club()?.clone();
    let place = Place {
        club: club.clone(),
        zone: settings.timezone.value,
        sites: Vec::new(),
    };
    let used = plan.list_used();
    let mut targets = Vec::new();
    for target in plan.targets.iter().filter(|one| used.contains(&one.name)) {
        let text = format!("padel watch: a test message for {}", club.name());
        let message = Message {
            events: &[],
            place: &place,
            text: Some(text),
        };
        let fault = match target.way {
            Way::Stdout => None,
            _ => deliver(target, &message, env).await.err(),
        };
        targets.push(TestedTarget {
            name: target.name.clone(),
            fault,
        });
    }
    let failed: Vec<String> = targets
        .iter()
        .filter(|target| target.fault.is_some())
        .map(|target| target.name.clone())
        .collect();
    let failure = (!failed.is_empty()).then(|| watcher::undelivered(&failed));
    let report = TestReport {
        club: club.name(),
        targets,
        failure,
    };
    tell(Box::new(report) as Box<dyn Report>).map(|()| 0)
}
