//! Surroundings of a step: the platform, a way to wait, and where to tell of it. Made once, at the
//! edge.

use std::{fmt::Display, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use claude_platform::{Client, Exchange, Limits, Settings};

use crate::{
    cli::{self, Access},
    deploy::{Declaration, LockFile},
    error::{Error, from_platform},
    log::{self, Log},
    open_sessions::OpenSessions,
    output::print,
};

/// The place for a step's results.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    /// True for one document, printed at the end.
    pub(crate) json: bool,
}

impl Answer {
    /// Prints a result, unless the document tells it.
    pub(crate) fn tell(self, result: impl Display) -> Result<(), Error> {
        if self.json {
            Ok(())
        } else {
            print(&result.to_string())
        }
    }
}

/// The machine's own facts, read once at the edge.
pub(crate) struct Surroundings {
    /// The home directory, where one is set.
    pub(crate) home: Option<PathBuf>,
    /// Proxies and trusted certificates, for the club.
    pub(crate) network: padel::config::Environment,
    /// The time at which the step began.
    pub(crate) now: DateTime<Utc>,
}

/// Handed to every step that talks to the platform.
pub(crate) struct StepContext<'a> {
    pub(crate) client: Client,
    pub(crate) log: &'a Log,
    pub(crate) answer: Answer,
    /// Its address.
    pub(crate) platform: String,
    /// The workspace, where the settings name it.
    workspace: Option<String>,
    pub(crate) surroundings: Surroundings,
    /// True when the command line says `--aws`: a command in a hint needs it, too.
    pub(crate) aws: bool,
    /// Each wait times this.
    pub(crate) pace: f64,
    /// Those that the step started and has not archived yet.
    pub(crate) sessions: OpenSessions,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        settings: Settings,
        access: &Access,
        log: &'a Log,
        answer: Answer,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        let workspace = settings.workspace().map(str::to_owned);
        let described = settings.describe();
        let platform = described.split(' ').next().unwrap_or_default().to_owned();
        let limits = Limits {
            first_wait: Limits::default().first_wait.mul_f64(access.pace),
            ..Limits::default()
        };
        let mut client = Client::new(settings.with_limits(limits)).map_err(from_platform)?;
        if access.verbose {
            client = client.with_observer(Arc::new(log_exchange));
        }
        Ok(Self {
            client,
            log,
            answer,
            platform,
            workspace,
            surroundings,
            aws: access.aws,
            pace: access.pace,
            sessions: OpenSessions::default(),
        })
    }

    /// Reads what a deployment declares, and the lock of what `up` made of it.
    ///
    /// # Errors
    ///
    /// `usage` for a file that is not right; `conflict` for a lock of another platform.
    pub(crate) fn open_deployment(
        &self,
        deployment: &cli::Deployment,
    ) -> Result<(Declaration, LockFile), Error> {
        let home = self.surroundings.home.as_deref();
        let declaration = Declaration::read(&deployment.file, home)?;
        let workspace = self.workspace.as_deref();
        let name = &declaration.name;
        let lock = LockFile::open(&deployment.file, name, &self.platform, workspace)?;
        Ok((declaration, lock))
    }

    /// Returns whether this is Claude Platform on AWS, which names its workspace.
    pub(crate) fn is_aws(&self) -> bool {
        self.workspace.is_some()
    }

    /// A command of this tool, for a hint.
    pub(crate) fn hint_command(&self, words: &str) -> String {
        format!(
            "`padel-ops {words}{}`",
            if self.aws { " --aws" } else { "" }
        )
    }

    /// The command that shows a skill's versions and what these agents use of them.
    pub(crate) fn status_command(&self, skill: &str, agents: &[impl AsRef<str>]) -> String {
        let agents: String = agents
            .iter()
            .map(|agent| format!(" --agent {}", agent.as_ref()))
            .collect();
        self.hint_command(&format!("status --skill {skill}{agents}"))
    }

    /// A wait of about so long.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait.mul_f64(self.pace)).await;
    }

    /// Returns the wait after a failure: about so long, and not less than the platform asks for.
    ///
    /// # Errors
    ///
    /// The failure, when the platform asks for more than is waited.
    pub(crate) fn wait_after(
        &self,
        error: &claude_platform::Error,
        wait: Duration,
    ) -> Result<Duration, Error> {
        let stated = error.retry_after.unwrap_or_default();
        if stated > Limits::default().longest_wait {
            return Err(from_platform(error.clone()));
        }
        Ok(wait.mul_f64(self.pace).max(stated))
    }
}

fn log_exchange(exchange: &Exchange) {
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
}
