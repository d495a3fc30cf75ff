//! Events: the messages that become one, and the envelope around each.

mod delivery;
mod queue;
mod sending;
mod verification;

use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    app::Admission,
    objects::{Channel, ChannelKind, Message},
    setup::{APP, BOT_USER, TEAM},
    sim::Sim,
};

pub use delivery::{Attempt, Outcome};
pub(crate) use queue::{Deliveries, run_queue};
pub use verification::VerificationError;
pub(crate) use verification::verify_url;

/// An event that is to be delivered.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// `Ev…`; none for `app_rate_limited`.
    pub(crate) id: Option<String>,
    /// Type and subtype, as mishaps name them: `/message/file_share`.
    pub(crate) path: String,
    /// `ts` of the message that it is about.
    pub(crate) ts: Option<String>,
    /// The whole body.
    pub(crate) body: Value,
}

impl Event {
    /// The same event with another id, as Slack sends it now and then.
    pub(crate) fn with_new_id(&self, sim: &Sim) -> Self {
        let mut event = self.clone();
        let id = sim.stamps.id("Ev");
        event.body["event_id"] = json!(id);
        event.id = Some(id);
        event
    }
}

/// Tells the app of a new message, if it subscribed to such, and of its mention beside it.
pub(crate) fn announce_message(sim: &Sim, channel: &Channel, message: &Message) {
    let mut inner = channel.describe_message(message);
    // What others think of it later is not in the event of a message.
    for added in ["reactions", "reply_count", "reply_users", "latest_reply"] {
        if let Some(fields) = inner.as_object_mut() {
            fields.remove(added);
        }
    }
    announce_change(sim, channel, inner.clone());
    let is_mention = message.notified.iter().any(|called| called == BOT_USER);
    if is_mention && !message.is_from_app() && channel.kind != ChannelKind::Direct {
        inner["type"] = json!("app_mention");
        let name = "app_mention";
        if is_subscribed(sim, channel, name, "app_mentions:read") {
            place_in_channel(&mut inner, channel);
            // Only events of messages tell the kind of channel.
            if let Some(fields) = inner.as_object_mut() {
                fields.remove("channel_type");
            }
            queue_event(sim, &inner, channel.is_ext_shared);
        }
    }
}

/// Tells the app of a `message` event in a channel, if it subscribed to such.
pub(crate) fn announce_change(sim: &Sim, channel: &Channel, mut inner: Value) {
    let name = match channel.kind {
        ChannelKind::Public => "message.channels",
        ChannelKind::Private => "message.groups",
        ChannelKind::Direct => "message.im",
    };
    let scope = format!("{}:history", channel.kind.scope_prefix());
    if is_subscribed(sim, channel, name, &scope) {
        place_in_channel(&mut inner, channel);
        queue_event(sim, &inner, channel.is_ext_shared);
    }
}

fn is_subscribed(sim: &Sim, channel: &Channel, event: &str, scope: &str) -> bool {
    channel.has_bot && sim.setup.events.contains(event) && sim.setup.scopes.contains(scope)
}

fn place_in_channel(inner: &mut Value, channel: &Channel) {
    inner["channel"] = json!(channel.id);
    inner["channel_type"] = json!(channel.kind.name());
    inner["event_ts"] = inner["ts"].clone();
}

/// Queues an event around what happened, or drops it when there were too many.
fn queue_event(sim: &Sim, inner: &Value, is_ext_shared: bool) {
    let admission = {
        let mut app = locked(&sim.app);
        app.admit_event(sim.stamps.now(), sim.setup.events_per_hour)
    };
    match admission {
        Admission::Send => {
            let event = wrap_event(sim, inner, is_ext_shared);
            sim.deliveries.push(event);
        }
        Admission::Limit(minute) => sim.deliveries.push(limit_event(sim, minute)),
        Admission::Drop => {}
    }
}

/// The event around what happened. Its field `event` is `inner`.
pub(crate) fn wrap_event(sim: &Sim, inner: &Value, is_ext_shared: bool) -> Event {
    let id = sim.stamps.id("Ev");
    let kind = inner["type"].as_str().unwrap_or_default();
    let path = match inner["subtype"].as_str() {
        Some(subtype) => format!("/{kind}/{subtype}"),
        None => format!("/{kind}"),
    };
    let ts = inner["ts"].as_str().map(str::to_owned);
    let body = json!({
        "token": locked(&sim.app).verification_token,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": null,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": id,
        "event_time": sim.stamps.now().timestamp(),
        "authorizations": [{
            "enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
            "is_enterprise_install": false,
        }],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": sim.stamps.id("4-"),
    });
    Event {
        id: Some(id),
        path,
        ts,
        body,
    }
}

/// Tells the app that events of a minute were dropped.
pub(crate) fn limit_event(sim: &Sim, minute: i64) -> Event {
    let body = json!({
        "token": locked(&sim.app).verification_token,
        "type": "app_rate_limited",
        "team_id": TEAM,
        "minute_rate_limited": minute,
        "api_app_id": APP,
    });
    Event {
        id: None,
        path: "/app_rate_limited".to_owned(),
        ts: None,
        body,
    }
}
