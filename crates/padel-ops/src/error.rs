//! The kinds of failure, as the caller sees them, and what a failure of the platform means here.

use std::{io, path::Path};

use claude_platform::Kind;
use serde_json::Value;

/// A failure on its way to the caller.
pub type Error = diagnostic::Error<Code>;

diagnostic::error_codes! {
    /// The kinds of failure; `--help` carries this table.
    pub enum Code {
        /// A bug, or a machine that refuses something basic such as writing the answer.
        Internal = ("internal", 1),
        /// The command line or a setting is wrong, or a file that is named is missing, unreadable or in
        /// the way.
        Usage = ("usage", 2),
        /// The skill breaks at least one rule.
        Violations = ("violations", 3),
        /// There is nothing to sign in with.
        CredentialsMissing = ("credentials_missing", 4),
        /// The platform does not accept the credentials (401).
        CredentialsRejected = ("credentials_rejected", 4),
        /// The credentials may not do this (403).
        PermissionDenied = ("permission_denied", 4),
        /// A skill, version, agent or environment does not exist.
        NotFound = ("not_found", 5),
        /// What is there does not allow the change, or others change it at the same time (409).
        Conflict = ("conflict", 5),
        /// The platform does not accept the request (400, 413 and their like).
        Refused = ("refused", 5),
        /// The platform answered with something that this tool does not understand.
        ServiceChanged = ("service_changed", 5),
        /// The platform cannot be reached, or its answer was lost.
        Network = ("network", 6),
        /// The platform did not answer in time.
        Timeout = ("timeout", 6),
        /// Too many requests (429).
        RateLimited = ("rate_limited", 7),
        /// The platform is overloaded or broken (5xx).
        Overloaded = ("overloaded", 7),
        /// The version was tried in a session and does not work there.
        SmokeFailed = ("smoke_failed", 8),
        /// A question got no answer: the session stopped otherwise, or time was up.
        NoAnswer = ("no_answer", 8),
        /// Stopped by a signal.
        Interrupted = ("interrupted", 130),
    }
}

/// The error for a named file or directory that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(
        Code::Usage,
        format!("`{}` cannot be read: {error}", path.display()),
        "name a readable path",
    )
}

/// The error for a machine that does not let us write.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let message = format!("`{}` cannot be written: {error}", path.display());
    Error::new(
        Code::Internal,
        message,
        "look at the directory's rights and free space, or give another --out",
    )
}

const AGAIN: &str =
    "run the same command again: it looks at what is there before it sends anything";

/// Explains a failed request to the platform.
pub(crate) fn from_platform(error: claude_platform::Error) -> Error {
    let (code, hint) = match error.kind {
        Kind::Config => (Code::Usage, "set what is missing, or correct the address"),
        Kind::Credentials => (
            Code::CredentialsMissing,
            "set ANTHROPIC_API_KEY or the variables of workload identity federation; with --aws, \
                AWS credentials",
        ),
        Kind::Rejected => (
            Code::CredentialsRejected,
            "look whether the key or token is whole, current and meant for this address, and, \
                 where requests are signed, at \
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
    let mut failure = Error::new(code, error.to_string(), hint);
    if let (Kind::Denied, Some(action)) = (error.kind, error.action) {
        failure.hint = format!("allow the role `{action}` on the workspace");
        if !failure.message.contains(action) {
            failure.message = format!("{}; it needs the IAM action `{action}`", failure.message);
        }
    }
    let stated = error.retry_after;
    let seconds = stated.map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    if let Some(seconds @ 1..) = seconds {
        failure.hint = format!(
            "wait {seconds} s, as the platform asks, then {}",
            failure.hint
        );
    }
    let operation = Some(error.operation).filter(|operation| !operation.is_empty());
    let facts = [
        ("operation", operation.map(Value::from)),
        ("status", error.status.map(Value::from)),
        ("retry_after_seconds", seconds.map(Value::from)),
        ("request_id", error.request_id.map(Value::from)),
        ("action", error.action.map(Value::from)),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            failure = failure.with(name, fact);
        }
    }
    failure
}
