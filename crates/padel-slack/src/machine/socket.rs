//! Socket Mode: events over a WebSocket that we open, for machines without a public address.
//!
//! An envelope is acknowledged when its question is in the ledger, and not before: what was not
//! acknowledged comes again. Slack says before it ends a connection, so that the next one is there
//! first.

mod connection;

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use self::connection::{WebSocket, open_socket};
use crate::{
    accept::{Intake, Verdict},
    clock::Clock,
    frame::{Delivery, Frame},
    handover::Handover,
    ledger::Ledger,
    log::{Entry, Level, Log},
    slack::{SlackClient, SlackError, Trouble},
};

/// Slack pings every few seconds (assumed): a connection that is silent for so long is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// Time that a connection still brings events after Slack's warning; Slack says ten seconds.
const AFTER_WARNING: Duration = Duration::from_secs(30);
/// The waits before the next try to connect.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Everything that Socket Mode needs.
pub struct Socket<L, H> {
    /// A client with the app-level token.
    pub slack: SlackClient,
    /// Intake that deliveries go to.
    pub intake: Arc<Intake<L, H>>,
    /// The time.
    pub clock: Clock,
    /// Log for lines about connections.
    pub log: Log,
}

/// Reason why a connection is not read any further.
enum End {
    /// Slack will end it soon.
    Warned,
    /// It is over.
    Over(&'static str),
}

/// Keeps a connection open. Returns only when Slack does not accept the app-level token.
pub async fn keep_connected<L: Ledger, H: Handover>(socket: Arc<Socket<L, H>>) -> SlackError {
    let mut wait = FIRST_WAIT;
    loop {
        match connect(&socket).await {
            Ok(mut connection) => {
                wait = FIRST_WAIT;
                match socket.read(&mut connection).await {
                    End::Warned => {
                        // It goes on beside the next one.
                        let socket = Arc::clone(&socket);
                        tokio::spawn(async move {
                            let rest = async {
                                while let End::Warned = socket.read(&mut connection).await {}
                            };
                            let _ = timeout(AFTER_WARNING, rest).await;
                        });
                        continue;
                    }
                    End::Over(reason) => socket.note(Level::Warning, "disconnected", reason),
                }
            }
            Err(error) if matches!(error.trouble, Trouble::Token | Trouble::Refused) => {
                return error;
            }
            Err(error) => {
                socket.note(Level::Warning, "slack_failed", &error.to_string());
                wait = wait.max(error.retry_after.unwrap_or_default());
            }
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn connect<L: Ledger, H: Handover>(socket: &Socket<L, H>) -> Result<WebSocket, SlackError> {
    let url = socket.slack.open_connection().await?;
    open_socket(&url)
        .await
        .map_err(|reason| SlackError::new("apps.connections.open", Trouble::NotDone, reason))
}

impl<L: Ledger, H: Handover> Socket<L, H> {
    /// Reads envelopes until the connection ends or is about to.
    async fn read(&self, connection: &mut WebSocket) -> End {
        loop {
            let text = match timeout(SILENCE, connection.next()).await {
                Err(_) => return End::Over("silent"),
                Ok(None | Some(Err(_)) | Some(Ok(Message::Close(_)))) => {
                    return End::Over("closed");
                }
                Ok(Some(Ok(Message::Text(text)))) => text,
                // Pings are answered by the library.
                Ok(Some(Ok(_))) => continue,
            };
            let delivery = match Frame::parse(&text) {
                // Not before: an event that happens now would have to come again.
                Frame::Hello => {
                    self.note(Level::Info, "connected", "");
                    continue;
                }
                Frame::Warning => return End::Warned,
                Frame::Disconnect(reason) => return End::Over(reason),
                Frame::Delivery(delivery) => delivery,
                Frame::Other => continue,
            };
            let acknowledgement = Message::text(delivery.acknowledge());
            if self.take(delivery).await && connection.send(acknowledgement).await.is_err() {
                return End::Over("closed");
            }
        }
    }

    /// Takes a delivery; returns whether to acknowledge it.
    async fn take(&self, delivery: Delivery) -> bool {
        let taking = self.intake.take(delivery.envelope, (self.clock)());
        let Verdict { status, entry, .. } = taking.await;
        (self.log)(&match delivery.retry {
            Some(retry) => entry.with("retry", retry),
            None => entry,
        });
        status == 200
    }

    fn note(&self, level: Level, event: &'static str, reason: &str) {
        let entry = Entry::new(level, event);
        (self.log)(&match reason {
            "" => entry,
            reason => entry.with("reason", reason),
        });
    }
}
