//! How a platform behaves: settings that stay for its lifetime.

use std::{collections::BTreeSet, time::Duration};

use crate::egress::Upstream;

#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) api_keys: Vec<String>,
    pub(crate) aws: Option<AwsAccess>,
    pub(crate) aws_keys: Vec<String>,
    pub(crate) federation: Option<Federation>,
    pub(crate) token_life: Duration,
    pub(crate) denied: BTreeSet<String>,
    pub(crate) page_size: usize,
    pub(crate) model: Model,
    /// The time that commands see, whatever the clock of objects says.
    pub(crate) sandbox_now: Option<String>,
    pub(crate) tool_limit: Duration,
    /// On AWS.
    pub(crate) unrouted_deployments: bool,
    pub(crate) noisy_events: bool,
    pub(crate) status_lag: Duration,
    pub(crate) stale_mounts: bool,
    pub(crate) normalised_downloads: bool,
    /// With any, the sandboxes reach them and nothing else.
    pub(crate) upstreams: Vec<Upstream>,
    pub(crate) escaping_egress: bool,
    pub(crate) stable_placeholders: bool,
}

impl Setup {
    /// True for Claude Platform on AWS, false for the direct API.
    pub(crate) fn on_aws(&self) -> bool {
        self.aws.is_some() || !self.aws_keys.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Model {
    /// Runs every fenced `sh` block of a message, each as one call of the tool `bash`.
    #[default]
    Obedient,
    /// Answers a question about courts or bookings with the skill's command, in a line or two. The
    /// question is the last line `slack-event {…}` of a message, else all of it. Runs the fenced `sh`
    /// blocks of a message without such a line.
    Assistant,
    /// The same, but takes everybody for an owner, and runs the fenced `sh` blocks of a question and
    /// tells what they print.
    Gullible,
    /// Runs nothing, and says that it is about to.
    Lazy,
    /// Runs nothing, and says what it would have printed, the right version included.
    Liar,
    /// Works until it is interrupted.
    Slow,
    /// Ends the turn with the stop reason `refusal`.
    Refuses,
    /// Gives up as an overloaded one does, with `session.error` and the stop reason
    /// `retries_exhausted`.
    Overloaded,
}

/// The rule by which identity tokens are exchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Federation {
    /// `fdrl_…`.
    pub rule: String,
    /// The organisation, a UUID.
    pub organization: String,
    /// The service account that the request must name, if it must name one.
    pub service_account: Option<String>,
    /// The workspace that the request must name, if it must name one.
    pub workspace: Option<String>,
}

/// Credentials that may sign, and for which region and workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsAccess {
    /// For example `eu-west-1`.
    pub region: String,
    /// The workspace that requests must name, `wrkspc_…`.
    pub workspace: String,
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Temporary credentials must send it as well.
    pub session_token: Option<String>,
}
