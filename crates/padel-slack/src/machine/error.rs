//! The kinds of failure of `padel-slack`, as an operator sees them.

use claude_platform::Kind;

use crate::slack::{SlackError, Trouble};

/// A failure on its way to the operator.
pub type Error = diagnostic::Error<Code>;

diagnostic::error_codes! {
    /// The kinds of failure; `--help` carries this table.
    pub enum Code {
        /// A bug, or a machine that refuses something basic.
        Internal = ("internal", 1),
        /// The command line is wrong.
        Usage = ("usage", 2),
        /// A setting has no value.
        SettingsMissing = ("settings_missing", 2),
        /// A setting or a named file cannot be used.
        SettingsInvalid = ("settings_invalid", 2),
        /// The address cannot be listened at.
        AddressUnusable = ("address_unusable", 3),
        /// The ledger's file cannot be used.
        LedgerUnusable = ("ledger_unusable", 3),
        /// Slack does not accept the token.
        SlackRefused = ("slack_refused", 4),
        /// The platform's settings or credentials cannot be used.
        PlatformRefused = ("platform_refused", 4),
        /// Something that `check` looked at does not work.
        CheckFailed = ("check_failed", 8),
    }
}

/// Explains a failure of Slack at the start.
#[must_use]
pub fn from_slack(error: &SlackError) -> Error {
    let hint = match error.trouble {
        Trouble::Token => "install the app anew and set SLACK_BOT_TOKEN to its bot token",
        Trouble::Refused => "look at SLACK_API_URL and at the app's settings",
        Trouble::NotDone | Trouble::Uncertain => {
            "look at the network and the proxy, then try again"
        }
    };
    Error::new(Code::SlackRefused, error.to_string(), hint)
}

/// Explains a failure of the platform's client.
#[must_use]
pub fn from_platform(error: &claude_platform::Error) -> Error {
    let hint = error.hint().unwrap_or(match error.kind {
        Kind::Credentials => {
            "set ANTHROPIC_API_KEY or the variables of workload identity federation; with --aws, \
                AWS credentials"
        }
        _ => "look at the platform's variables",
    });
    Error::new(Code::PlatformRefused, error.to_string(), hint.to_owned())
}
