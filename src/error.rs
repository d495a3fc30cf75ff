//! What went wrong, as the caller sees it: a code, an exit code, one sentence and a hint with the
//! next step.

use serde_json::{Map, Value};

/// The kinds of failure. `padel --help` and `docs/exit-codes.md` carry this table; a test walks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A bug in `padel`, or a machine that refuses something basic such as writing the answer.
    Internal,
    /// The command line is wrong.
    Usage,
    /// No such club host, site or activity.
    NotFound,
    /// The club does not know this e-mail and password.
    LoginRejected,
    /// Only a signed-in member may see this, and there are no credentials.
    LoginRequired,
    /// The club has locked the account for a while.
    AccountLocked,
    /// The portal, or what stands before it, answers 403; to a request that may be repeated, twice.
    PortalRefused,
    /// The portal answers something else than what is known of it.
    PortalChanged,
    /// What is only assumed of the member's side does not hold at this club.
    ProfileUnverified,
    /// DNS, connection, TLS or proxy.
    Network,
    /// The whole command took longer than `--timeout`.
    Timeout,
    /// The portal answers 429.
    RateLimited,
    /// No e-mail and password anywhere.
    CredentialsNotFound,
    /// The `.env` that was named cannot be read.
    CredentialsUnreadable,
    /// A settings file or variable holds something wrong.
    ConfigInvalid,
    /// No club is set anywhere.
    ClubMissing,
    /// Ctrl-C.
    Interrupted,
}

impl Code {
    /// All of them, in the order of their exit codes.
    pub const ALL: [Self; 17] = [
        Self::Internal,
        Self::Usage,
        Self::NotFound,
        Self::LoginRejected,
        Self::LoginRequired,
        Self::AccountLocked,
        Self::PortalRefused,
        Self::PortalChanged,
        Self::ProfileUnverified,
        Self::Network,
        Self::Timeout,
        Self::RateLimited,
        Self::CredentialsNotFound,
        Self::CredentialsUnreadable,
        Self::ConfigInvalid,
        Self::ClubMissing,
        Self::Interrupted,
    ];

    /// The stable name in messages and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::LoginRejected => "login_rejected",
            Self::LoginRequired => "login_required",
            Self::AccountLocked => "account_locked",
            Self::PortalRefused => "portal_refused",
            Self::PortalChanged => "portal_changed",
            Self::ProfileUnverified => "profile_unverified",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::CredentialsNotFound => "credentials_not_found",
            Self::CredentialsUnreadable => "credentials_unreadable",
            Self::ConfigInvalid => "config_invalid",
            Self::ClubMissing => "club_missing",
            Self::Interrupted => "interrupted",
        }
    }

    /// The process's exit code.
    #[must_use]
    pub const fn exit(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::LoginRejected | Self::LoginRequired | Self::AccountLocked => 4,
            Self::PortalRefused | Self::PortalChanged | Self::ProfileUnverified => 5,
            Self::Network | Self::Timeout => 6,
            Self::RateLimited => 7,
            Self::CredentialsNotFound
            | Self::CredentialsUnreadable
            | Self::ConfigInvalid
            | Self::ClubMissing => 8,
            Self::Interrupted => 130,
        }
    }
}

/// A failure on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind.
    pub code: Code,
    /// One sentence without a full stop, for whoever typed the command.
    pub message: String,
    /// The next step, usually a command.
    pub hint: String,
    /// Facts for programs, such as `host`, `path` or `retry_at`.
    pub details: Map<String, Value>,
}

impl Error {
    /// An error without details.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            details: Map::new(),
        }
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}
