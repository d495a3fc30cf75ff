//! `padel-slack serve`: takes events, answers questions, until a signal comes.
//!
//! It accepts before it knows whether Slack and the platform can be reached: what is accepted is in
//! the ledger, and answered when they can.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use claude_platform::Client;
use tokio::{net::TcpListener, sync::watch, time::sleep};

use super::{
    error::{Code, Error, from_platform, from_slack},
    http::{Address, serve_address},
    settings::{Settings, Variables},
    socket::{Socket, keep_connected},
    sqlite::SqliteLedger,
    stop::{Stop, catch_signals},
    watching::{keep_watching, read_wishes},
    worker::{Errands, Inbox, make_inbox, work},
};
use crate::{
    accept::Intake,
    answer::{Answerer, Timing},
    clock::Clock,
    desk::Desk,
    log::{Entry, Level, Log},
    slack::{Identity, SlackClient, Transport, Trouble},
    watch::{
        Watcher,
        wishes::{WishList, read_pause},
    },
};

/// Address of the bridge when none is given and Slack has to reach it.
const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// Between two sweeps, and between two tries to reach Slack at the start.
const PAUSE: Duration = Duration::from_secs(10);

/// The process around the bridge.
pub struct Surroundings {
    /// Its variables.
    pub variables: Variables,
    /// The time.
    pub clock: Clock,
    /// Log for lines of all parts.
    pub log: Log,
}

/// Options of `serve` from the command line.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Address to listen at.
    pub listen: Option<SocketAddr>,
    /// The ledger's file.
    pub db: &'a Path,
    /// The lock.
    pub lock: Option<&'a Path>,
    /// The `agent.toml` with what is watched.
    pub deployment: Option<&'a Path>,
    /// Socket Mode.
    pub is_socket: bool,
    /// Claude Platform on AWS.
    pub is_aws: bool,
}

/// Serves until a signal comes, then lets what has begun end.
///
/// # Errors
///
/// Settings that cannot work, an address or file that cannot be used, a token that Slack does not
/// accept.
pub async fn serve(plan: Plan<'_>, around: Surroundings) -> Result<(), Error> {
    let Surroundings {
        variables,
        clock,
        log,
    } = around;
    let settings = Settings::read(&variables, plan.lock, plan.is_socket)?;
    let wishes = match plan.deployment {
        Some(path) => read_wishes(path, &variables)?,
        None => None,
    };
    let every = read_pause(&|name| variables.get(name))?;
    let client = connect_platform(&variables, plan.is_aws, &log).await?;
    let transport = open_transport(&settings, &variables)?;
    let ledger = SqliteLedger::open(plan.db).map_err(|error| {
        let message = format!("`{}`: {error}", plan.db.display());
        Error::new(
            Code::LedgerUnusable,
            message,
            "name a file that can be written with `--db`",
        )
    })?;
    let (inbox, errands) = make_inbox();
    let intake = Arc::new(Intake {
        filter: settings.filter.clone(),
        limit: settings.limit,
        ledger: ledger.clone(),
        handover: inbox,
    });
    let (stop_sender, stop) = watch::channel(false);
    let stop = Stop(stop);
    let socket = settings
        .app_token
        .clone()
        .filter(|_| plan.is_socket)
        .map(|token| Socket {
            slack: SlackClient::new(transport.clone(), token),
            intake: Arc::clone(&intake),
            clock: Arc::clone(&clock),
            log: Arc::clone(&log),
        });
    let slack = SlackClient::new(transport, settings.bot_token.clone());
    let address = Address {
        intake,
        secrets: settings.secrets.clone(),
        clock: Arc::clone(&clock),
        log: Arc::clone(&log),
    };
    // Before anybody is told that it runs.
    let signalled = catch_signals();
    let listen = plan.listen.or((!plan.is_socket).then_some(DEFAULT_ADDRESS));
    let listener = match listen {
        Some(listen) => Some(bind(listen, &log).await?),
        None => None,
    };
    let watcher = Watcher {
        ledger: ledger.clone(),
        slack: slack.clone(),
        every,
        clock: Arc::clone(&clock),
        log: Arc::clone(&log),
    };
    let answering = Answering {
        slack,
        ledger,
        client,
        settings,
        clock,
        log,
    };
    let running = async {
        tokio::try_join!(
            answering.run(errands, stop.clone()),
            listen_at(listener, address, stop.clone()),
            stay_connected(socket, stop.clone()),
            watch_if_wished(watcher, wishes, stop.clone()),
        )
        .map(drop)
    };
    let mut running = std::pin::pin!(running);
    tokio::select! {
        outcome = &mut running => outcome,
        () = signalled => {
            let _ = stop_sender.send(true);
            running.await
        }
    }
}

/// Makes the platform's client; warnings about variables go into the log.
///
/// # Errors
///
/// `platform_refused` when variables are missing or wrong.
pub async fn connect_platform(
    variables: &Variables,
    is_aws: bool,
    log: &Log,
) -> Result<Client, Error> {
    let settings = claude_platform::Settings::from_env(&|name| variables.get(name), is_aws).await;
    let (settings, warnings) = settings.map_err(|error| from_platform(&error))?;
    for warning in warnings {
        log(&Entry::new(Level::Warning, "setting").with("reason", warning));
    }
    Client::new(settings).map_err(|error| from_platform(&error))
}

/// Makes the way to Slack.
///
/// # Errors
///
/// `settings_invalid` when the address or the proxy cannot be used.
pub fn open_transport(settings: &Settings, variables: &Variables) -> Result<Transport, Error> {
    let lookup = |name: &str| variables.get(name).map(Into::into);
    Transport::new(&settings.slack_api, &lookup).map_err(|reason| {
        let message = format!("Slack cannot be reached by these settings: {reason}");
        Error::new(
            Code::SettingsInvalid,
            message,
            "look at SLACK_API_URL and at the proxy",
        )
    })
}

async fn bind(address: SocketAddr, log: &Log) -> Result<TcpListener, Error> {
    let refuse = |error: std::io::Error| {
        let message = format!("nothing can listen at {address}: {error}");
        Error::new(
            Code::AddressUnusable,
            message,
            "give another address with `--listen`",
        )
    };
    let listener = TcpListener::bind(address).await.map_err(refuse)?;
    // With port 0 the system chooses one.
    let address = listener.local_addr().map_err(refuse)?;
    let entry = Entry::new(Level::Info, "listening");
    log(&entry.with("address", format!("http://{address}")));
    Ok(listener)
}

async fn listen_at(
    listener: Option<TcpListener>,
    address: Address<SqliteLedger, Inbox>,
    mut stop: Stop,
) -> Result<(), Error> {
    if let Some(listener) = listener {
        serve_address(listener, Arc::new(address), stop.wait()).await;
    }
    Ok(())
}

async fn stay_connected(
    socket: Option<Socket<SqliteLedger, Inbox>>,
    mut stop: Stop,
) -> Result<(), Error> {
    let Some(socket) = socket else {
        return Ok(());
    };
    tokio::select! {
        error = keep_connected(Arc::new(socket)) => Err(from_slack(&error)),
        () = stop.wait() => Ok(()),
    }
}

async fn watch_if_wished(
    watcher: Watcher<SqliteLedger>,
    wishes: Option<WishList>,
    stop: Stop,
) -> Result<(), Error> {
    if let Some(wishes) = wishes {
        keep_watching(watcher, wishes, stop).await;
    }
    Ok(())
}

/// Everything that answers need.
struct Answering {
    slack: SlackClient,
    ledger: SqliteLedger,
    client: Client,
    settings: Settings,
    clock: Clock,
    log: Log,
}

impl Answering {
    async fn run(self, errands: Errands, mut stop: Stop) -> Result<(), Error> {
        let identity = tokio::select! {
            identity = self.identify() => identity?,
            () = stop.wait() => return Ok(()),
        };
        let settings = self.settings;
        let answerer = Answerer {
            ledger: self.ledger,
            slack: self.slack,
            identity,
            desk: Desk {
                client: self.client,
                deployment: settings.deployment,
                agent: settings.agent,
                environment: settings.environment,
                max_cost: Some(settings.max_cost),
                credentials: settings.credentials,
            },
            reply: settings.reply,
            timing: Timing::default(),
            clock: self.clock,
            log: self.log,
        };
        work(Arc::new(answerer), errands, PAUSE, stop).await;
        Ok(())
    }

    /// Asks Slack who we are, until it says so.
    async fn identify(&self) -> Result<Identity, Error> {
        loop {
            let error = match self.slack.identify().await {
                Ok(identity) => {
                    let entry = Entry::new(Level::Info, "signed_in");
                    (self.log)(&entry.with("bot", identity.user.as_str()));
                    return Ok(identity);
                }
                Err(error) => error,
            };
            if matches!(error.trouble, Trouble::Token | Trouble::Refused) {
                return Err(from_slack(&error));
            }
            let entry = Entry::new(Level::Warning, "slack_failed");
            (self.log)(&entry.with("reason", error.to_string()));
            sleep(error.retry_after.unwrap_or_default().max(PAUSE)).await;
        }
    }
}
