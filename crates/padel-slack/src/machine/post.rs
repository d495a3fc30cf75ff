//! `padel-slack post`: one message into a channel, for what runs beside the bridge, such as
//! `padel watch`.
//!
//! Only into channels that the bridge serves: whoever may run it may not fill others. Nothing is sent
//! again here; who calls it decides that by the exit code.

use super::{
    error::{Code, Error, from_slack},
    settings::Variables,
};
use crate::{
    settings::{DEFAULT_API, Lookup, SettingsError, check_prefix, read_filter},
    slack::{SlackClient, Transport},
    watch::announcement::make_announcement,
};

/// Posts a text.
///
/// # Errors
///
/// Settings that are missing or wrong, a channel that is not one of the bridge's, a text without
/// anything in it, Slack's refusal.
pub async fn post(channel: &str, text: &str, variables: &Variables) -> Result<(), Error> {
    let lookup: &Lookup<'_> = &|name| variables.get(name);
    let token = lookup("SLACK_BOT_TOKEN").ok_or(SettingsError::Missing(vec!["SLACK_BOT_TOKEN"]))?;
    check_prefix("SLACK_BOT_TOKEN", &token, "xoxb-")?;
    let filter = read_filter(lookup)?;
    if !filter.channels.iter().any(|known| known == channel) {
        let message = format!(
            "`{}` is not in PADEL_SLACK_CHANNELS",
            printable::line(channel, 40)
        );
        let hint = "name a channel that the bridge serves, by its id";
        return Err(Error::new(Code::SettingsInvalid, message, hint));
    }
    let text = make_announcement(text);
    if text.is_empty() {
        let message = "there is no text on the standard input";
        return Err(Error::new(Code::Usage, message, "pipe a message into it"));
    }
    let api = lookup("SLACK_API_URL").unwrap_or_else(|| DEFAULT_API.to_owned());
    let variables = |name: &str| variables.get(name).map(Into::into);
    let transport = Transport::new(&api, &variables).map_err(|reason| {
        let message = format!("Slack cannot be reached by these settings: {reason}");
        let hint = "look at SLACK_API_URL and at the proxy";
        Error::new(Code::SettingsInvalid, message, hint)
    })?;
    let slack = SlackClient::new(transport, token.into());
    let posted = slack.announce(channel, &text).await;
    posted.map_err(|error| from_slack(&error))
}
