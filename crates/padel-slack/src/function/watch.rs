//! The look of the function that answers: invoked each minute by a schedule, it looks when it is time.
//!
//! It runs in that function, for the bot's token is its. Each look reads the `agent.toml` again: whoever
//! changes the parameter need not start anything.

use std::{path::Path, sync::Arc, time::Duration};

use aws_sdk_ssm::Client;
use secrecy::ExposeSecret as _;

use super::{answer::Variables, dynamodb::DynamoLedger, secrets::Source};
use crate::{
    answer::Answerer,
    log::{Entry, Level},
    settings::{Lookup, SettingsError},
    watch::{
        WatchError, Watcher,
        wishes::{WishList, read_pause},
    },
};

/// The variable that names the parameter with the text of an `agent.toml`.
const PARAMETER: &str = "PADEL_WATCH_PARAMETER";
/// The one directory that a function may write to; what is in it lasts as long as the process.
const CACHE: &str = "/tmp";

/// What is watched, as the variables say.
pub(super) struct Watch {
    source: Option<Source>,
    every: Duration,
    variables: Variables,
}

impl Watch {
    /// Reads the variables; asks nobody.
    pub(super) fn new(variables: &Variables) -> Result<Self, SettingsError> {
        let lookup: &Lookup<'_> = &**variables;
        Ok(Self {
            source: lookup(PARAMETER).map(Source::Parameter),
            every: read_pause(lookup)?,
            variables: Arc::clone(variables),
        })
    }

    /// Looks if it is time. What does not work is in the log, and tried again at the next look.
    pub(super) async fn look(&self, answerer: &Answerer<DynamoLedger>, ssm: &Client) {
        let watcher = Watcher {
            ledger: answerer.ledger.clone(),
            slack: answerer.slack.clone(),
            every: self.every,
            clock: Arc::clone(&answerer.clock),
            log: Arc::clone(&answerer.log),
        };
        if let Err(reason) = self.look_with(&watcher, ssm).await {
            let entry = Entry::new(Level::Error, "watch_failed");
            (answerer.log)(&entry.with("reason", reason));
        }
    }

    async fn look_with(&self, watcher: &Watcher<DynamoLedger>, ssm: &Client) -> Result<(), String> {
        let explain = |error: WatchError| error.to_string();
        let Ok(lease) = watcher.claim().await.map_err(explain)? else {
            return Ok(());
        };
        match self.read_wishes(ssm).await {
            Ok(Some(wishes)) => {
                let looked = watcher.look(&lease, &wishes).await;
                looked.map(drop).map_err(explain)
            }
            Ok(None) => watcher.give_back(&lease).await.map_err(explain),
            Err(reason) => {
                watcher.give_back(&lease).await.map_err(explain)?;
                Err(reason)
            }
        }
    }

    async fn read_wishes(&self, ssm: &Client) -> Result<Option<WishList>, String> {
        let Some(source) = &self.source else {
            return Ok(None);
        };
        let text = source.read(ssm, PARAMETER).await;
        let text = text.map_err(|error| error.to_string())?;
        let lookup = |name: &str| {
            let value = (self.variables)(name);
            value.or_else(|| (name == "XDG_CACHE_HOME").then(|| CACHE.to_owned()))
        };
        let read = WishList::read(text.expose_secret(), Path::new("agent.toml"), &lookup);
        read.map_err(|(message, _)| message)
    }
}
