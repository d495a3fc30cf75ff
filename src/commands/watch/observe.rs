//! One look, and what it makes of the state: for `padel watch`, which keeps its state in a file, and
//! for the bridge, which keeps it in its ledger. Sends no message and keeps nothing.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use diagnostic::ErrorCode as _;
use tokio::time::Instant;

use super::look::{Asked, Sight, look};
use crate::{
    commands::Context,
    config::{Environment, Settings},
    courts::watch::{Answered, Dropped, Due, LookFailure, Loss, News, WatchState, Wish},
    error::{Code, Error},
    log::Log,
    output::watch::Place,
    zone::Zone,
};

/// Everything that a look needs besides the state.
pub struct Observer<'a> {
    /// The club, and the sites and activities of wishes that name none.
    pub settings: &'a mut Settings,
    /// What is watched.
    pub wishes: &'a [Wish],
    /// Those who are told that looks fail.
    pub told: &'a [String],
    /// Proxies and roots.
    pub env: &'a Environment,
    /// The longest time for the club to answer, in seconds.
    pub seconds: u64,
    /// The directory of the club's lists of sites and activities.
    pub cache: Option<PathBuf>,
    /// Log of requests.
    pub log: Log,
}

/// What came of the wish to look.
pub enum Observed {
    /// No wish is left.
    Over,
    /// The last look was less than a minute ago.
    Soon(DateTime<Utc>),
    /// The portal is not to be asked yet.
    Waiting {
        /// The end of the wait.
        until: DateTime<Utc>,
        /// The error of the look after which it began.
        error: Error,
    },
    /// The club was asked, and the state has what came of it.
    Looked(Box<Look>),
}

/// A look that was made.
pub struct Look {
    /// What is to be told.
    pub news: News,
    /// Where.
    pub place: Place,
    /// Why it failed, if it did.
    pub failure: Option<Failed>,
    /// What somebody has to know besides.
    pub warnings: Vec<String>,
    /// Nothing was skipped.
    pub is_complete: bool,
    /// Number of requests to the club.
    pub requests: u32,
    /// The names of the wishes that were looked for.
    pub asked: Vec<String>,
}

/// Failure of a look.
pub struct Failed {
    /// The error.
    pub error: Error,
    /// No later look can work.
    pub is_final: bool,
}

impl Observer<'_> {
    /// Looks, if that may be done at `now`.
    ///
    /// # Errors
    ///
    /// `usage` for a wish that cannot be asked.
    pub async fn look(
        &mut self,
        state: &mut WatchState,
        now: DateTime<Utc>,
    ) -> Result<Observed, Error> {
        let zone = self.settings.timezone.value;
        let wishes = self.wishes;
        let asked: Vec<Asked<'_>> = wishes
            .iter()
            .filter_map(|wish| Some((wish, wish.query(zone, now)?)))
            .collect();
        if asked.is_empty() {
            return Ok(Observed::Over);
        }
        match state.check_due(now) {
            Due::Now => {}
            Due::Soon(at) => return Ok(Observed::Soon(at)),
            Due::Waiting(wait) => {
                let until = wait.until;
                let error = explain_wait(&wait.code, &wait.message, until, zone);
                return Ok(Observed::Waiting { until, error });
            }
        }
        let (sight, requests) = self.ask(&asked, now).await;
        let mut look = Look {
            news: News::default(),
            place: Place {
                club: self.settings.club()?.clone(),
                zone,
                sites: Vec::new(),
            },
            failure: None,
            warnings: Vec::new(),
            is_complete: false,
            requests,
            asked: asked.iter().map(|(wish, _)| wish.name.clone()).collect(),
        };
        match sight {
            Ok(sight) => {
                look.is_complete = sight.evidence.is_complete;
                look.warnings = sight.warnings;
                look.place.sites = sight.sites;
                let answers = asked.iter().zip(sight.games);
                let answers: Vec<Answered<'_>> = answers
                    .map(|((wish, _), games)| Answered { wish, games })
                    .collect();
                look.news = state.record_answer(&answers, sight.evidence, now);
            }
            Err(error) if matches!(error.code, Code::Usage) => return Err(error),
            Err(error) => {
                let failure = to_failure(&error);
                let is_final = failure.is_final;
                look.news = state.record_failure(&failure, self.told, now);
                look.failure = Some(Failed { error, is_final });
            }
        }
        let dropped = state.drop_stale(now);
        look.warnings
            .extend(dropped.iter().filter_map(describe_loss));
        Ok(Observed::Looked(Box::new(look)))
    }

    /// Asks the club, and counts the requests.
    async fn ask(
        &mut self,
        asked: &[Asked<'_>],
        now: DateTime<Utc>,
    ) -> (Result<Sight, Error>, u32) {
        let context = Context {
            env: self.env,
            now,
            deadline: Instant::now() + Duration::from_secs(self.seconds),
            seconds: self.seconds,
            cache: self.cache.clone(),
            log: self.log,
        };
        let portal = match context.portal(self.settings) {
            Ok(portal) => portal,
            Err(error) => return (Err(error), 0),
        };
        let work = look(&portal, self.settings, asked, &context);
        let sight = context.within(work).await;
        (sight, portal.requests())
    }
}

fn to_failure(error: &Error) -> LookFailure {
    let retry_at = error.details.get("retry_at").and_then(|at| at.as_str());
    LookFailure {
        code: error.code.name().to_owned(),
        message: error.message.clone(),
        retry_at: retry_at.and_then(|at| at.parse().ok()),
        is_final: matches!(
            error.code,
            Code::LoginRejected
                | Code::AccountLocked
                | Code::ConfigInvalid
                | Code::ClubMissing
                | Code::CredentialsUnreadable
        ),
    }
}

/// Repeats the error of the look after which the portal is not asked.
fn explain_wait(code: &str, message: &str, until: DateTime<Utc>, zone: Zone) -> Error {
    let known = Code::ALL.iter().find(|known| known.name() == code);
    let clock = crate::local::format_moment(until.with_timezone(&zone));
    let message = format!("{message}; the club is not asked before {clock}");
    let hint = "nothing was asked now; `padel watch --list` says how long the wait is";
    let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    Error::new(*known.unwrap_or(&Code::PortalRefused), message, hint).with("retry_at", until)
}

fn describe_loss(dropped: &Dropped) -> Option<String> {
    let why = match dropped.loss {
        // What is not true any more is no loss.
        Loss::Untrue => return None,
        Loss::Past => "its time has come",
        Loss::Old => "it waited for a day",
        Loss::Surplus => "too many wait",
    };
    let watch = dropped.event.watch.as_deref().unwrap_or("the club");
    let kind = dropped.event.what.name();
    let names = dropped.to.join("`, `");
    Some(format!(
        "a message ({kind}, {watch}) for `{names}` was dropped: {why}"
    ))
}
