//! Slack's Web API, as far as the bridge needs it (documented; never tried on Slack itself).
//!
//! Nothing is sent again here: who posts looks first whether it stands there already.

mod error;
mod posts;
mod transport;

use secrecy::SecretString;
use serde_json::{Value, json};

pub use self::{
    error::{SlackError, Trouble},
    posts::{FoundPost, Post},
    transport::Transport,
};

/// A client of the Web API with one token; clones share connections.
#[derive(Clone, Debug)]
pub struct SlackClient {
    transport: Transport,
    token: SecretString,
}

/// The bot in its workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The bot as a user: the author of what it posts.
    pub user: String,
    /// The bot itself: `bot_id` of what it posts.
    pub bot: String,
    /// The workspace.
    pub team: String,
    /// Scopes that the token has.
    pub scopes: Vec<String>,
}

impl SlackClient {
    /// Makes a client; nothing is sent yet.
    #[must_use]
    pub const fn new(transport: Transport, token: SecretString) -> Self {
        Self { transport, token }
    }

    /// Says whose token it is. `auth.test`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says.
    pub async fn identify(&self) -> Result<Identity, SlackError> {
        let (answer, scopes) = self
            .transport
            .post(&self.token, "auth.test", &json!({}))
            .await?;
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(Identity {
            user: field("user_id"),
            bot: field("bot_id"),
            team: field("team_id"),
            scopes,
        })
    }

    /// Adds an emoji to a message, once. `reactions.add`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says; that it is there already is none.
    pub async fn add_reaction(
        &self,
        channel: &str,
        ts: &str,
        name: &str,
    ) -> Result<(), SlackError> {
        let reaction = json!({"channel": channel, "timestamp": ts, "name": name});
        self.react("reactions.add", &reaction, "already_reacted")
            .await
    }

    /// Takes the bot's emoji off a message. `reactions.remove`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says; that it is not there is none.
    pub async fn remove_reaction(
        &self,
        channel: &str,
        ts: &str,
        name: &str,
    ) -> Result<(), SlackError> {
        let reaction = json!({"channel": channel, "timestamp": ts, "name": name});
        self.react("reactions.remove", &reaction, "no_reaction")
            .await
    }

    /// Adds or removes a reaction; `done` is Slack's error when it was so already.
    async fn react(
        &self,
        method: &'static str,
        reaction: &Value,
        done: &str,
    ) -> Result<(), SlackError> {
        match self.transport.post(&self.token, method, reaction).await {
            Err(error) if error.is(done) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Reads the newest message of a channel, which shows that the bot is in it.
    /// `conversations.history`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says: `not_in_channel`, `channel_not_found`, `missing_scope`.
    pub async fn look_into(&self, channel: &str) -> Result<(), SlackError> {
        let query = [("channel", channel), ("limit", "1")];
        let reading = self
            .transport
            .get(&self.token, "conversations.history", &query);
        reading.await.map(drop)
    }

    /// Asks for the address of a WebSocket; the token is the app-level one, `xapp-…`.
    /// `apps.connections.open`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says.
    pub async fn open_connection(&self) -> Result<String, SlackError> {
        const METHOD: &str = "apps.connections.open";
        let (answer, _) = self.transport.post(&self.token, METHOD, &json!({})).await?;
        match answer["url"].as_str() {
            Some(url) => Ok(url.to_owned()),
            None => Err(SlackError::new(
                METHOD,
                Trouble::Uncertain,
                "an answer without `url`",
            )),
        }
    }

    async fn fetch(
        &self,
        method: &'static str,
        query: &[(&str, &str)],
    ) -> Result<Value, SlackError> {
        self.transport.get(&self.token, method, query).await
    }
}
