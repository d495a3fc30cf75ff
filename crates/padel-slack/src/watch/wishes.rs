//! What is watched and which channels are told, from an `agent.toml` and a few variables. The club is
//! asked as anybody may ask it: the bridge has no member's password.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use padel::{
    commands::{Observed, Observer},
    config::{Environment, Settings, Way, cache_dir},
    courts::watch::{Quiet, WatchState, Wish},
    log::Log,
    zone::Zone,
};

use super::WatchError;
use crate::settings::{Lookup, SettingsError, invalid};

/// The longest time for a look.
const LOOK_TIME: Duration = Duration::from_secs(60);
/// The longest time for the club to answer; what is left of a look is ours.
const CLUB_TIME: u64 = 45;
/// The variable with the pause between looks.
const MINUTES: &str = "PADEL_WATCH_MINUTES";
/// The pause between looks where nothing is said, in minutes.
const DEFAULT_MINUTES: u64 = 5;
/// The longest pause between looks, in minutes.
const MOST_MINUTES: u64 = 1_440;

/// The variables that a look reads, besides those of the network. A member's e-mail and password are none of them.
const VARIABLES: [&str; 6] = [
    "PSLC_TIMEZONE",
    "PSLC_SITES",
    "PSLC_ACTIVITIES",
    "PSLC_SPORT",
    "XDG_CACHE_HOME",
    "HOME",
];

/// A channel that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldChannel {
    /// The name below `[notify]`.
    pub name: String,
    /// Its id.
    pub channel: String,
    /// Hours in which it is left alone.
    pub quiet: Option<Quiet>,
}

/// Everything that is watched for one club.
pub struct WishList {
    text: String,
    path: PathBuf,
    env: Environment,
    /// The club's address: the key of its state.
    pub club: String,
    /// The club's name.
    pub name: String,
    /// The club's zone.
    pub zone: Zone,
    /// In the order of the file.
    pub wishes: Vec<Wish>,
    /// In the order of their names.
    pub targets: Vec<ToldChannel>,
}

impl WishList {
    /// Reads the text of an `agent.toml`; none where it has no wish.
    ///
    /// # Errors
    ///
    /// A sentence about what cannot be meant, with the hint.
    pub fn read(
        text: &str,
        path: &Path,
        lookup: &Lookup<'_>,
    ) -> Result<Option<Self>, (String, String)> {
        let names = VARIABLES.iter().chain(&http_edge::NETWORK_VARIABLES);
        let env: Environment = names
            .filter_map(|name| Some((OsString::from(name), OsString::from(lookup(name)?))))
            .collect();
        let explain = |error: padel::error::Error| (error.message, error.hint);
        let settings = Settings::of_deployment(text, path, &env).map_err(explain)?;
        if settings.watch.wishes.is_empty() {
            return Ok(None);
        }
        let club = settings.club().map_err(explain)?;
        let is_used = |name: &String| {
            let mut wishes = settings.watch.wishes.iter();
            wishes.any(|wish| wish.targets.contains(name))
        };
        let targets = settings.watch.targets.iter().filter_map(|target| {
            let Way::Channel(channel) = &target.way else {
                return None;
            };
            is_used(&target.name).then(|| ToldChannel {
                name: target.name.clone(),
                channel: channel.clone(),
                quiet: target.quiet,
            })
        });
        Ok(Some(Self {
            targets: targets.collect(),
            club: club.base().as_str().to_owned(),
            name: club.name(),
            zone: settings.timezone.value,
            wishes: settings.watch.wishes.clone(),
            text: text.to_owned(),
            path: path.to_owned(),
            env,
        }))
    }

    /// Names the channels that a wish is told in.
    #[must_use]
    pub fn list_channels(&self, wish: &Wish) -> String {
        let targets = self.targets.iter();
        let told = targets.filter(|target| wish.targets.contains(&target.name));
        let channels: Vec<&str> = told.map(|target| target.channel.as_str()).collect();
        channels.join(", ")
    }

    /// Looks at the club once for all wishes, on a thread of its own: working through an answer takes
    /// the processor for milliseconds in which nobody else would be served.
    ///
    /// # Errors
    ///
    /// The look could not be begun, or did not end.
    pub async fn observe(
        &self,
        state: &mut WatchState,
        now: DateTime<Utc>,
    ) -> Result<Observed, WatchError> {
        let (text, path, env) = (self.text.clone(), self.path.clone(), self.env.clone());
        let wishes = self.wishes.clone();
        let told: Vec<String> = self.targets.iter().map(|one| one.name.clone()).collect();
        let mut own = std::mem::take(state);
        let looking = tokio::task::spawn_blocking(move || {
            let look = async {
                let mut settings = Settings::of_deployment(&text, &path, &env)?;
                let mut observer = Observer {
                    settings: &mut settings,
                    wishes: &wishes,
                    told: &told,
                    env: &env,
                    seconds: CLUB_TIME,
                    cache: cache_dir(&env),
                    log: Log(0),
                };
                observer.look(&mut own, now).await
            };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let observed = runtime
                .map_err(|error| error.to_string())
                .and_then(|runtime| {
                    let observed = runtime.block_on(look);
                    // A name that is still being looked up would be waited for otherwise.
                    runtime.shutdown_background();
                    observed.map_err(|error| error.message)
                });
            (observed, own)
        });
        let looked = tokio::time::timeout(LOOK_TIME, looking).await;
        let fault = |reason: String| WatchError::Look(reason);
        let looked = looked.map_err(|_| fault("the club's answer took too long".to_owned()))?;
        let (observed, own) = looked.map_err(|error| fault(error.to_string()))?;
        *state = own;
        observed.map_err(fault)
    }
}

/// Reads the pause between looks.
///
/// # Errors
///
/// What is no number of minutes from 1 to 1,440.
pub fn read_pause(lookup: &Lookup<'_>) -> Result<Duration, SettingsError> {
    let minutes = match lookup(MINUTES).map(|text| text.trim().parse()) {
        None => DEFAULT_MINUTES,
        Some(Ok(minutes @ 1..=MOST_MINUTES)) => minutes,
        Some(_) => {
            let reason = "is no number of minutes from 1 to 1440";
            return Err(invalid(MINUTES, reason));
        }
    };
    Ok(Duration::from_secs(minutes * 60))
}
