//! The function that answers: invoked for a thread, asynchronously.

use std::{sync::Arc, time::Duration};

use claude_platform::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::{sync::Mutex, time::sleep};

use super::{
    cloud::Cloud,
    dynamodb::DynamoLedger,
    secrets::{SecretError, Source},
    units::{PATIENT, Pace, RESERVE, SECRETS_KEPT, time_left},
    watch::Watch,
};
use crate::{
    answer::{Answerer, Progress, Reply},
    clock::Clock,
    desk::{Credentials, Desk},
    handover::Errand,
    ledger::Millis,
    log::{Entry, Level, Log},
    settings::{
        DEFAULT_API, DEFAULT_DEPLOYMENT, Lookup, SettingsError, check_prefix, invalid, read_cost,
        read_credentials, read_reply,
    },
    slack::{SlackClient, Transport},
};

const BOT_TOKEN: &str = "SLACK_BOT_TOKEN";
const API_KEY: &str = "ANTHROPIC_API_KEY";

/// Looks up a variable, in a form that stays.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The function.
pub struct Answer {
    variables: Variables,
    settings: Settings,
    watch: Watch,
    cloud: Cloud,
    pace: Pace,
    clock: Clock,
    log: Log,
    ready: Mutex<Option<Ready>>,
}

/// What the variables say, checked without asking anybody.
struct Settings {
    table: String,
    bot_token: Source,
    api_key: Option<Source>,
    transport: Transport,
    agent: String,
    environment: String,
    reply: Reply,
    max_cost: claude_platform::Cost,
    credentials: Credentials,
}

/// What secrets and Slack were asked for.
#[derive(Clone)]
struct Ready {
    answerer: Arc<Answerer<DynamoLedger>>,
    since: Millis,
}

/// Why an invocation fails; Lambda runs it again, and keeps it at its destination in the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The event names no thread.
    #[error("the event is no errand")]
    NoErrand,
    /// A secret cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// A secret or the platform's settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// Slack does not say who we are.
    #[error("Slack: {0}")]
    Slack(String),
    /// Something did not work and may work later, or time is over.
    #[error("not done yet")]
    Later,
}

impl Answer {
    /// Reads the settings; connects to nothing.
    ///
    /// # Errors
    ///
    /// Settings that are missing or wrong.
    pub fn new(
        variables: Variables,
        pace: Pace,
        clock: Clock,
        log: Log,
    ) -> Result<Self, SettingsError> {
        let lookup: &Lookup<'_> = &*variables;
        let mut missing = Vec::new();
        let mut need = |name: &'static str| {
            let value = lookup(name);
            if value.is_none() {
                missing.push(name);
            }
            value.unwrap_or_default()
        };
        let table = need("PADEL_TABLE");
        let agent = need("PADEL_AGENT_ID");
        let environment = need("PADEL_ENVIRONMENT_ID");
        let bot_token = Source::find(lookup, BOT_TOKEN, "SLACK_BOT_TOKEN_PARAMETER");
        if bot_token.is_none() {
            missing.push("SLACK_BOT_TOKEN_PARAMETER");
        }
        let Some(bot_token) = bot_token.filter(|_| missing.is_empty()) else {
            return Err(SettingsError::Missing(missing));
        };
        let api = lookup("SLACK_API_URL").unwrap_or_else(|| DEFAULT_API.to_owned());
        let transport = Transport::new(&api, &|name| lookup(name).map(Into::into))
            .map_err(|reason| invalid("SLACK_API_URL", format!("cannot be used: {reason}")))?;
        let settings = Settings {
            table,
            bot_token,
            api_key: Source::find(lookup, API_KEY, "ANTHROPIC_API_KEY_PARAMETER"),
            transport,
            agent,
            environment,
            reply: read_reply(lookup),
            max_cost: read_cost(lookup)?,
            credentials: read_credentials(lookup, None, None),
        };
        let cloud = Cloud::new(lookup, PATIENT)?;
        Ok(Self {
            watch: Watch::new(&variables)?,
            variables,
            settings,
            cloud,
            pace,
            clock,
            log,
            ready: Mutex::new(None),
        })
    }

    /// Reads secrets and asks Slack who we are before the first errand. What does not work now is
    /// tried again then.
    pub async fn prepare(&self) {
        if let Err(error) = self.load().await {
            let entry = Entry::new(Level::Warning, "not_ready");
            (self.log)(&entry.with("reason", error.to_string()));
        }
    }

    /// Answers a thread until nothing is open, or looks at the club; `deadline` is Lambda's, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// As [`AnswerError`] says.
    pub async fn handle(&self, event: Value, deadline: u64) -> Result<(), AnswerError> {
        let outcome = self.answer(event, deadline).await;
        if let Err(error) = &outcome {
            let level = match error {
                AnswerError::Later => Level::Warning,
                _ => Level::Error,
            };
            (self.log)(&Entry::new(level, "errand_failed").with("reason", error.to_string()));
        }
        outcome
    }

    async fn answer(&self, event: Value, deadline: u64) -> Result<(), AnswerError> {
        // No errand has it: those are ours.
        if event["watch"] == true {
            let answerer = self.load().await?;
            self.watch.look(&answerer, &self.cloud.ssm()).await;
            return Ok(());
        }
        let mut errand: Errand =
            serde_json::from_value(event).map_err(|_| AnswerError::NoErrand)?;
        let left = time_left(deadline, (self.clock)()).saturating_sub(RESERVE);
        let stopping = tokio::time::Instant::now() + left;
        let answerer = self.load().await?;
        let (mut wait, mut waited) = (self.pace.first_wait, Duration::ZERO);
        loop {
            let stop = tokio::time::sleep_until(stopping);
            let stated = match answerer.answer(&errand, stop).await {
                Progress::Done | Progress::Busy => return Ok(()),
                Progress::Later(stated) => stated,
            };
            errand.arrived = None;
            let pause = wait.max(stated);
            waited += pause;
            if waited > self.pace.patience || tokio::time::Instant::now() + pause >= stopping {
                self.forget_old().await;
                return Err(AnswerError::Later);
            }
            sleep(pause).await;
            wait *= 2;
        }
    }

    /// Returns what answers; makes it if that has not worked yet.
    async fn load(&self) -> Result<Arc<Answerer<DynamoLedger>>, AnswerError> {
        let mut ready = self.ready.lock().await;
        if let Some(ready) = &*ready {
            return Ok(Arc::clone(&ready.answerer));
        }
        let answerer = Arc::new(self.make_answerer().await?);
        let since = (self.clock)();
        *ready = Some(Ready {
            answerer: Arc::clone(&answerer),
            since,
        });
        Ok(answerer)
    }

    /// Has secrets read again after a failure, for they may have been replaced.
    async fn forget_old(&self) {
        let now = (self.clock)();
        let mut ready = self.ready.lock().await;
        ready.take_if(|ready| now.abs_diff(ready.since) >= SECRETS_KEPT.unsigned_abs());
    }

    async fn make_answerer(&self) -> Result<Answerer<DynamoLedger>, AnswerError> {
        let settings = &self.settings;
        let ssm = self.cloud.ssm();
        let token = settings.bot_token.read(&ssm, BOT_TOKEN).await?;
        check_prefix(BOT_TOKEN, token.expose_secret(), "xoxb-")
            .map_err(|error| AnswerError::Settings(error.to_string()))?;
        let key = match &settings.api_key {
            Some(source) => Some(source.read(&ssm, API_KEY).await?),
            None => None,
        };
        let client = self.connect_platform(key).await?;
        let slack = SlackClient::new(settings.transport.clone(), token);
        let identity = slack.identify().await;
        let identity = identity.map_err(|error| AnswerError::Slack(error.to_string()))?;
        let deployment = (self.variables)("PADEL_DEPLOYMENT");
        Ok(Answerer {
            ledger: DynamoLedger::new(self.cloud.dynamodb(), settings.table.clone()),
            slack,
            identity,
            desk: Desk {
                client,
                deployment: deployment.unwrap_or_else(|| DEFAULT_DEPLOYMENT.to_owned()),
                agent: settings.agent.clone(),
                environment: settings.environment.clone(),
                max_cost: Some(settings.max_cost.clone()),
                credentials: settings.credentials.clone(),
            },
            reply: settings.reply.clone(),
            timing: self.pace.timing,
            clock: Arc::clone(&self.clock),
            log: Arc::clone(&self.log),
        })
    }

    async fn connect_platform(&self, key: Option<SecretString>) -> Result<Client, AnswerError> {
        let lookup = |name: &str| match &key {
            Some(key) if name == API_KEY => Some(key.expose_secret().to_owned()),
            _ => (self.variables)(name),
        };
        let refuse = |error: claude_platform::Error| AnswerError::Settings(error.to_string());
        // The workspace's id says that it is Claude Platform on AWS.
        let is_aws = lookup("ANTHROPIC_AWS_WORKSPACE_ID").is_some();
        let read = claude_platform::Settings::from_env(&lookup, is_aws).await;
        let (settings, warnings) = read.map_err(refuse)?;
        for warning in warnings {
            (self.log)(&Entry::new(Level::Warning, "setting").with("reason", warning));
        }
        Client::new(settings.with_limits(self.pace.platform)).map_err(refuse)
    }
}
