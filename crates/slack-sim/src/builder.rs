//! The description of a workspace, before it starts.

use sim_server::{Options, Order};

use crate::{
    app::App,
    fault::Fault,
    mishap::Mishap,
    objects::{Channel, ChannelKind, Objects},
    setup::{BOT_USER, Setup},
};

/// Describes a workspace, then starts it; [`Workspace::builder`](crate::Workspace::builder) makes
/// one.
///
/// Without anything else it has no people and no channels. Everybody and the app are in every
/// channel.
#[derive(Debug, Default)]
pub struct Builder {
    pub(crate) setup: Setup,
    pub(crate) app: App,
    pub(crate) objects: Objects,
    pub(crate) mishaps: Vec<Order<Mishap>>,
    pub(crate) server: Options<Fault>,
}

impl Builder {
    /// A person, `U…`, and the name that others see. The conversation with the app is there as
    /// well: its id is the person's with a `D` in place of the first letter.
    pub fn person(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        let id = id.into();
        let direct = format!("D{}", id.get(1..).unwrap_or_default());
        self.objects.people.insert(id.clone(), name.into());
        let mut channel = Channel::new(direct, id.clone(), ChannelKind::Direct);
        channel.members.insert(id);
        self.add_channel(channel)
    }

    /// A public channel, `C…`, and its name without `#`.
    pub fn channel(self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.add_channel(Channel::new(id.into(), name.into(), ChannelKind::Public))
    }

    /// A private channel, `C…` or `G…`.
    pub fn private_channel(self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.add_channel(Channel::new(id.into(), name.into(), ChannelKind::Private))
    }

    /// A channel of Slack Connect: people of another company are in it.
    pub fn shared_channel(self, id: impl Into<String>, name: impl Into<String>) -> Self {
        let mut channel = Channel::new(id.into(), name.into(), ChannelKind::Public);
        channel.is_ext_shared = true;
        self.add_channel(channel)
    }

    fn add_channel(mut self, channel: Channel) -> Self {
        self.objects.channels.insert(channel.id.clone(), channel);
        self
    }

    /// Takes the app out of a channel that was named before.
    pub fn without_app(mut self, channel: &str) -> Self {
        if let Some(channel) = self.objects.channel_mut(channel) {
            channel.has_bot = false;
        }
        self
    }

    /// Archives a channel that was named before.
    pub fn archived(mut self, channel: &str) -> Self {
        if let Some(channel) = self.objects.channel_mut(channel) {
            channel.is_archived = true;
        }
        self
    }

    /// The name of the app's bot; `padel` by default.
    pub fn bot_name(mut self, name: impl Into<String>) -> Self {
        self.setup.bot_name = name.into();
        self
    }

    /// The bot token, `xoxb-…`; [`DEFAULT_BOT_TOKEN`](crate::DEFAULT_BOT_TOKEN) by default.
    pub fn bot_token(mut self, token: impl Into<String>) -> Self {
        self.app.bot_token = token.into();
        self
    }

    /// The app-level token, `xapp-…`; [`DEFAULT_APP_TOKEN`](crate::DEFAULT_APP_TOKEN) by default.
    pub fn app_token(mut self, token: impl Into<String>) -> Self {
        self.app.app_token = token.into();
        self
    }

    /// The signing secret; [`DEFAULT_SIGNING_SECRET`](crate::DEFAULT_SIGNING_SECRET) by default.
    pub fn signing_secret(mut self, secret: impl Into<String>) -> Self {
        self.app.signing_secret = secret.into();
        self
    }

    /// The scopes of the bot token, in place of [`SCOPES`](crate::SCOPES).
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.setup.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The events that the app subscribes to, in place of [`EVENTS`](crate::EVENTS). `app_mention`
    /// needs the scope `app_mentions:read` as well.
    pub fn events<S: Into<String>>(mut self, events: impl IntoIterator<Item = S>) -> Self {
        self.setup.events = events.into_iter().map(Into::into).collect();
        self
    }

    /// Takes a request URL without a challenge.
    /// [`set_request_url`](crate::Workspace::set_request_url) is what Slack does.
    pub fn request_url(mut self, url: impl Into<String>) -> Self {
        self.app.request_url = Some(url.into());
        self
    }

    /// Sends events over Socket Mode, and to no request URL.
    pub fn socket_mode(mut self) -> Self {
        self.setup.socket_mode = true;
        self
    }

    /// Takes the rate limits of the Web API away. They go by the workspace's clock, so a client
    /// that waits never gets on while that stands still.
    pub fn without_rate_limits(mut self) -> Self {
        self.setup.rate_limits = false;
        self
    }

    /// The most events in 60 minutes; 30,000 by default, as documented.
    pub fn events_per_hour(mut self, most: usize) -> Self {
        self.setup.events_per_hour = most;
        self
    }

    /// Lets the app read metadata without the scope `metadata.message:read`. Which of the two Slack
    /// does with an app's own messages is not known.
    pub fn metadata_for_all(mut self) -> Self {
        self.setup.metadata_needs_scope = false;
        self
    }

    /// Every page of `conversations.replies` begins with the root of the thread, whatever its
    /// bounds. Which of the two Slack does is not known.
    pub fn repeats_root(mut self) -> Self {
        self.setup.repeats_root = true;
        self
    }

    /// Retries carry the timestamp and signature of the first attempt. Which of the two Slack does
    /// is not known.
    pub fn stale_retries(mut self) -> Self {
        self.setup.fresh_retries = false;
        self
    }

    /// Four failed attempts are followed by one every hour for a day: an option of apps.
    pub fn hourly_retries(mut self) -> Self {
        self.setup.hourly_retries = true;
        self
    }

    /// Signatures carry the time of the workspace's clock in place of the machine's, for a receiver
    /// that shares that clock.
    pub fn signs_by_own_clock(mut self) -> Self {
        self.setup.signs_by_own_clock = true;
        self
    }

    /// Stops the workspace's clock at an RFC 3339 time: it is that of `ts`, of the three seconds,
    /// of retries and of rate limits.
    pub fn now(mut self, now: impl Into<String>) -> Self {
        self.server.now = Some(now.into());
        self
    }

    /// A fault of the Web API from the start on; several are tried in this order.
    pub fn fault(mut self, order: impl Into<Order<Fault>>) -> Self {
        self.server.faults.push(order.into());
        self
    }

    /// A mishap of deliveries from the start on; several are tried in this order.
    pub fn mishap(mut self, order: impl Into<Order<Mishap>>) -> Self {
        self.mishaps.push(order.into());
        self
    }

    /// The port on 127.0.0.1; a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.server.port = port;
        self
    }

    /// Port, clock, faults and log at once.
    pub fn server(mut self, options: Options<Fault>) -> Self {
        self.server = options;
        self
    }

    /// Adds the bot to the people, once its name is final.
    pub(crate) fn add_bot(&mut self) {
        let name = self.setup.bot_name.clone();
        self.objects.people.insert(BOT_USER.to_owned(), name);
    }
}
