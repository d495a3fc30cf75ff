//! What went wrong, as the caller sees it: a code, an exit code, one sentence and a hint.

use std::{io, path::Path};

use claude_platform::Kind;
use serde::Serialize;

/// The kinds of failure; `--help` carries this table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A bug, or a machine that refuses something basic such as writing the answer.
    Internal,
    /// The command line or a setting is wrong, or a file that is named is missing, unreadable or in
    /// the way.
    Usage,
    /// The skill breaks at least one rule.
    Violations,
    /// There is nothing to sign in with.
    CredentialsMissing,
    /// The platform does not accept the credentials (401).
    CredentialsRejected,
    /// The credentials may not do this (403).
    PermissionDenied,
    /// A skill, version, agent or environment does not exist.
    NotFound,
    /// What is there does not allow the change, or others change it at the same time (409).
    Conflict,
    /// The platform does not accept the request (400, 413 and their like).
    Refused,
    /// The platform answered with something that this tool does not understand.
    ServiceChanged,
    /// The platform cannot be reached, or its answer was lost.
    Network,
    /// The platform did not answer in time.
    Timeout,
    /// Too many requests (429).
    RateLimited,
    /// The platform is overloaded or broken (5xx).
    Overloaded,
    /// The version was tried in a session and does not work there.
    SmokeFailed,
    /// Stopped by a signal.
    Interrupted,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Internal,
        Self::Usage,
        Self::Violations,
        Self::CredentialsMissing,
        Self::CredentialsRejected,
        Self::PermissionDenied,
        Self::NotFound,
        Self::Conflict,
        Self::Refused,
        Self::ServiceChanged,
        Self::Network,
        Self::Timeout,
        Self::RateLimited,
        Self::Overloaded,
        Self::SmokeFailed,
        Self::Interrupted,
    ];

    /// The stable name in messages and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Violations => "violations",
            Self::CredentialsMissing => "credentials_missing",
            Self::CredentialsRejected => "credentials_rejected",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::ServiceChanged => "service_changed",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::SmokeFailed => "smoke_failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// The process's exit code.
    #[must_use]
    pub const fn exit(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Violations => 3,
            Self::CredentialsMissing | Self::CredentialsRejected | Self::PermissionDenied => 4,
            Self::NotFound | Self::Conflict | Self::Refused | Self::ServiceChanged => 5,
            Self::Network | Self::Timeout => 6,
            Self::RateLimited | Self::Overloaded => 7,
            Self::SmokeFailed => 8,
            Self::Interrupted => 130,
        }
    }
}

/// A failure on its way to the caller.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The next step.
    pub hint: String,
    /// Of a request that failed.
    pub details: Box<Details>,
}

/// The request that failed; empty when none did.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Details {
    /// Such as `POST /v1/skills/skill_1/versions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the platform asks to wait, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// What the platform's support asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The IAM action that the request needs, on AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
}

impl Error {
    /// A failure of this kind.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            details: Box::default(),
        }
    }

    /// A named file or directory that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::new(
            Code::Usage,
            format!("`{}` cannot be read: {error}", path.display()),
            "name a readable path",
        )
    }

    /// A machine that does not let us write.
    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Self::new(
            Code::Internal,
            message,
            "look at the directory's rights and free space, or give another --out",
        )
    }

    /// The same failure with a next step that fits better.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: hint.into(),
            ..self
        }
    }
}

const AGAIN: &str =
    "run the same command again: it looks at what is there before it sends anything";

impl From<claude_platform::Error> for Error {
    fn from(error: claude_platform::Error) -> Self {
        let (code, hint) = match error.kind {
            Kind::Config => (Code::Usage, "set what is missing, or correct the address"),
            Kind::Credentials => (
                Code::CredentialsMissing,
                "set ANTHROPIC_API_KEY or the variables of workload identity federation; with --aws, AWS credentials",
            ),
            Kind::Rejected => (
                Code::CredentialsRejected,
                "look whether the key or token is whole, current and meant for this address, and, where requests are signed, at \
                 this machine's clock",
            ),
            Kind::Denied => (
                Code::PermissionDenied,
                "use credentials of the right workspace that may do this",
            ),
            Kind::NotFound => (
                Code::NotFound,
                "look at the id, and whether the credentials are of its workspace",
            ),
            Kind::Invalid => (Code::Refused, "correct what the platform names"),
            Kind::Conflict => (Code::Conflict, AGAIN),
            Kind::RateLimited => (Code::RateLimited, "run the same command again later"),
            Kind::Unavailable => (Code::Overloaded, AGAIN),
            Kind::Connect => (
                Code::Network,
                "look at the network, the proxy and the platform's address",
            ),
            Kind::Lost => (Code::Network, AGAIN),
            Kind::Timeout => (Code::Timeout, AGAIN),
            Kind::Malformed => (
                Code::ServiceChanged,
                "look whether this is the platform's address, and for a newer release",
            ),
        };
        let hint = error.hint().unwrap_or(hint).to_owned();
        let mut failure = Self::new(code, error.to_string(), hint);
        if let (Kind::Denied, Some(action)) = (error.kind, error.action) {
            failure.hint = format!("allow the role `{action}` on the workspace");
            if !failure.message.contains(action) {
                failure.message =
                    format!("{}; it needs the IAM action `{action}`", failure.message);
            }
        }
        let retry_after_seconds = error
            .retry_after
            .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        if let Some(seconds @ 1..) = retry_after_seconds {
            failure.hint = format!(
                "wait {seconds} s, as the platform asks, then {}",
                failure.hint
            );
        }
        *failure.details = Details {
            operation: Some(error.operation).filter(|operation| !operation.is_empty()),
            status: error.status,
            retry_after_seconds,
            request_id: error.request_id,
            action: error.action,
        };
        failure
    }
}
