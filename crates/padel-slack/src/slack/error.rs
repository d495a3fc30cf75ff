//! Reasons why Slack did not do what was asked.

use std::time::Duration;

/// Kind of a failure, to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was done: no connection, or too many requests. Later it may work.
    NotDone,
    /// It may have been done: no answer came, or one that says nothing.
    Uncertain,
    /// Nothing was done, and the token must be changed first: it is unknown, revoked, or lacks a
    /// scope.
    Token,
    /// Nothing was done, and asking again changes nothing.
    Refused,
}

/// A failed call. Holds no token and no text of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method}: {message}")]
pub struct SlackError {
    /// The method, such as `chat.postMessage`.
    pub method: &'static str,
    /// The kind, to act on.
    pub trouble: Trouble,
    /// Slack's own word such as `not_in_channel`, or a sentence.
    pub message: String,
    /// Wait that Slack asks for.
    pub retry_after: Option<Duration>,
}

/// Words that say that the token must be changed (documented).
const TOKEN_WORDS: [&str; 10] = [
    "access_denied",
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
];
/// Words after which the request may have been carried out (assumed): Slack does not know either.
const UNCERTAIN_WORDS: [&str; 4] = [
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
];

impl SlackError {
    pub(crate) fn new(method: &'static str, trouble: Trouble, message: impl Into<String>) -> Self {
        Self {
            method,
            trouble,
            message: message.into(),
            retry_after: None,
        }
    }

    /// Explains `{"ok":false,"error":…}`.
    pub(crate) fn of_word(method: &'static str, word: &str) -> Self {
        let trouble = if word == "ratelimited" {
            Trouble::NotDone
        } else if UNCERTAIN_WORDS.contains(&word) {
            Trouble::Uncertain
        } else if TOKEN_WORDS.contains(&word) {
            Trouble::Token
        } else {
            Trouble::Refused
        };
        Self::new(method, trouble, word)
    }

    /// Returns whether it is this word of Slack's.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.message == word
    }
}
