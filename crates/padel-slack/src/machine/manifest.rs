//! The manifest from which Slack makes the app: the smallest scopes, and the events of messages.

use serde_json::{Value, json};

use super::{
    cli::Manifest,
    error::{Code, Error},
};

/// Scopes that every app needs, whatever else it is to hear.
pub(super) const SCOPES: [&str; 4] = [
    "channels:history",
    "chat:write",
    // The mark of our own posts, by which a second run knows them.
    "metadata.message:read",
    "reactions:write",
];

/// Writes the manifest as JSON, ready to paste.
///
/// # Errors
///
/// `usage` when Slack cannot reach the address.
pub fn write_manifest(options: &Manifest) -> Result<String, Error> {
    let mut scopes = SCOPES.to_vec();
    let mut events = vec!["message.channels"];
    for (is_wanted, scope, event) in [
        (options.direct_messages, "im:history", "message.im"),
        (options.private_channels, "groups:history", "message.groups"),
        (options.mentions, "app_mentions:read", "app_mention"),
    ] {
        if is_wanted {
            scopes.push(scope);
            events.push(event);
        }
    }
    scopes.sort_unstable();
    let mut subscriptions = json!({"bot_events": events});
    if let Some(url) = &options.url {
        subscriptions["request_url"] = make_request_url(url)?.into();
    }
    let manifest: Value = json!({
        "display_information": {
            "name": "padel",
            "description": "Answers questions about free padel courts",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": false,
                "messages_tab_enabled": options.direct_messages,
                "messages_tab_read_only_enabled": !options.direct_messages,
            },
            "bot_user": {"display_name": "padel", "always_online": true},
        },
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": {"is_enabled": false},
            "org_deploy_enabled": false,
            "socket_mode_enabled": options.socket,
            "token_rotation_enabled": false,
        },
    });
    // Texts and switches cannot fail.
    Ok(serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n")
}

/// Adds the path to the bridge's address, unless it is there.
fn make_request_url(address: &str) -> Result<String, Error> {
    const PATH: &str = "/slack/events";
    let base = address.trim().trim_end_matches('/');
    let base = base.strip_suffix(PATH).unwrap_or(base);
    let host = base.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || host.contains(char::is_whitespace) || base.contains(['?', '#']) {
        return Err(Error::new(
            Code::Usage,
            "Slack needs a public address that begins with `https://`",
            "give one such as `--url https://padel.example.org`, or take `--socket`",
        ));
    }
    Ok(format!("{base}{PATH}"))
}
