//! Watching on one machine: the looks of `serve`, and `padel-slack watch`, which shows them.

use std::{fs, path::Path, time::Duration};

use chrono::{DateTime, Utc};
use padel::courts::watch::WatchState;
use tokio::time::{sleep, timeout};

use super::{
    cli,
    error::{Code, Error},
    serve::Surroundings,
    settings::Variables,
    sqlite::SqliteLedger,
    stop::Stop,
};
use crate::{
    clock::{Clock, read_time},
    ledger::Millis,
    log::{Entry, Level, Log},
    watch::{
        WatchError, Watcher,
        ledger::WatchLedger as _,
        preview::preview,
        state::parse_state,
        wishes::{WishList, read_pause},
    },
};

/// The longest sleep without a look at the clock: it may have been set, or the machine suspended.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// The longest wait for a look to end when the bridge does.
const STOP_TIME: Duration = Duration::from_secs(5);

/// Reads an `agent.toml`; none where it has no `[[watch]]`.
///
/// # Errors
///
/// `settings_invalid` for a file that cannot be read, or a wish that cannot be meant.
pub fn read_wishes(path: &Path, variables: &Variables) -> Result<Option<WishList>, Error> {
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        let hint = "name the agent.toml with [[watch]] with `--deployment`";
        Error::new(Code::SettingsInvalid, message, hint)
    })?;
    WishList::read(&text, path, &|name| variables.get(name))
        .map_err(|(message, hint)| Error::new(Code::SettingsInvalid, message, hint))
}

/// Looks again and again until `stop` says so.
pub async fn keep_watching(watcher: Watcher<SqliteLedger>, wishes: WishList, mut stop: Stop) {
    let entry = Entry::new(Level::Info, "watching").with("wishes", wishes.wishes.len());
    (watcher.log)(&entry.with("club", wishes.name.as_str()));
    loop {
        let mut round = std::pin::pin!(look_if_due(&watcher, &wishes));
        let next = tokio::select! {
            next = &mut round => next,
            () = stop.wait() => {
                let _ = timeout(STOP_TIME, round).await;
                return;
            }
        };
        tokio::select! {
            () = sleep_until(next, &watcher.clock) => {}
            () = stop.wait() => return,
        }
    }
}

/// Looks if it is time; returns when to come back.
async fn look_if_due(watcher: &Watcher<SqliteLedger>, wishes: &WishList) -> Millis {
    let looked = async {
        match watcher.claim().await? {
            Ok(lease) => watcher.look(&lease, wishes).await,
            Err(later) => Ok(later),
        }
    };
    match looked.await {
        Ok(next) => next,
        Err(error) => {
            report(&watcher.log, &error);
            let every = Millis::try_from(watcher.every.as_millis()).unwrap_or(Millis::MAX);
            (watcher.clock)().saturating_add(every)
        }
    }
}

fn report(log: &Log, error: &WatchError) {
    let level = match error {
        WatchError::Lost => Level::Warning,
        _ => Level::Error,
    };
    log(&Entry::new(level, "watch_failed").with("reason", error.to_string()));
}

async fn sleep_until(time: Millis, clock: &Clock) {
    loop {
        let left = u64::try_from(time - clock()).unwrap_or_default();
        if left == 0 {
            return;
        }
        sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
    }
}

/// Carries `padel-slack watch` out; returns what it prints.
///
/// # Errors
///
/// `settings_invalid`, `ledger_unusable`; `check_failed` where the club cannot be asked.
pub async fn show(options: &cli::Watch, around: Surroundings) -> Result<String, Error> {
    let variables = &around.variables;
    let Some(wishes) = read_wishes(&options.deployment, variables)? else {
        let file = options.deployment.display();
        return Ok(format!(
            "nothing is watched: there is no [[watch]] in {file}\n"
        ));
    };
    let pause = read_pause(&|name| variables.get(name))?;
    let state = find_state(&options.db, &wishes).await?;
    let now = read_time(&around.clock);
    if !options.dry_run {
        return Ok(list(&wishes, &state, pause, now));
    }
    let previewed = preview(&wishes, state, now).await;
    let previewed = previewed.map_err(|error| refuse(&error.to_string()))?;
    if let Some(obstacle) = previewed.obstacle {
        return Err(refuse(&obstacle));
    }
    let mut text = format!("{} games are free\n", previewed.free);
    for (channel, post) in previewed.posts {
        text += &format!("{channel} would get:\n{post}\n");
    }
    Ok(text)
}

fn refuse(reason: &str) -> Error {
    let hint = "`padel availability` and `padel doctor` ask the same club";
    Error::new(Code::CheckFailed, reason.to_owned(), hint)
}

/// Reads what `serve` keeps, if there is such a file.
async fn find_state(db: &Path, wishes: &WishList) -> Result<WatchState, Error> {
    if !db.exists() {
        return Ok(WatchState::default());
    }
    let refuse = |reason: String| {
        let message = format!("`{}`: {reason}", db.display());
        Error::new(Code::LedgerUnusable, message, "name the file of `serve`")
    };
    let ledger = SqliteLedger::open(db).map_err(|error| refuse(error.to_string()))?;
    let kept = ledger.read_state(&wishes.club).await;
    let kept = kept.map_err(|error| refuse(error.to_string()))?;
    let Some(kept) = kept else {
        return Ok(WatchState::default());
    };
    let state = parse_state(&kept.text).map_err(|error| refuse(error.to_string()))?;
    Ok(state.unwrap_or_default())
}

/// Lists wishes, with what is known of them.
fn list(wishes: &WishList, state: &WatchState, pause: Duration, now: DateTime<Utc>) -> String {
    let moment = |at: DateTime<Utc>| {
        let local = at.with_timezone(&wishes.zone);
        local.format("%Y-%m-%d %H:%M").to_string()
    };
    let mut text = format!(
        "{}: a look every {} min or so",
        wishes.name,
        pause.as_secs() / 60
    );
    text += &match state.looked_at {
        None => ", none so far".to_owned(),
        Some(at) => format!(", {} so far, the last at {}", state.looks, moment(at)),
    };
    if state.failures > 0 {
        text += &format!(", the last {} failed", state.failures);
    }
    if let Some(wait) = state.wait.as_ref().filter(|wait| wait.until > now) {
        text += &format!(", none before {}", moment(wait.until));
    }
    text += &format!("; {} messages wait\n", state.count_waiting());
    for wish in &wishes.wishes {
        let known = state.wishes.get(&wish.name);
        let known = known.filter(|known| known.filters == wish.filters());
        let is_over = wish.query(wishes.zone, now).is_none();
        let line = format!(
            "{} ({}), to {}: {}",
            wish.name,
            wish.describe(),
            wishes.list_channels(wish),
            match known {
                _ if is_over => "over".to_owned(),
                None => "not looked for yet".to_owned(),
                Some(known) => format!("{} free, {} told", known.count_free(), known.count_told()),
            }
        );
        text += &printable::line(&line, 500);
        text.push('\n');
    }
    text
}
