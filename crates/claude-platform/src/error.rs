//! What went wrong: a kind to act on, and one sentence with the operation, the status and the
//! request id.

use std::time::Duration;

/// The kind of an [`Error`], for a caller to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The settings cannot work: a missing region, a base URL without https, one that redirects.
    Config,
    /// No usable credentials were found, or none could be got.
    Credentials,
    /// 401: the service knows no such credentials, or they expired.
    Rejected,
    /// 403: it knows them, and they do not allow this.
    Denied,
    /// 404.
    NotFound,
    /// 400, 413 and every other 4xx: the request is wrong.
    Invalid,
    /// 409: somebody else changed it meanwhile.
    Conflict,
    /// 429.
    RateLimited,
    /// 5xx, 529 (overloaded) included.
    Unavailable,
    /// No connection, so nothing was sent.
    Connect,
    /// Sent, and no complete answer came.
    Lost,
    /// Sent, and no answer came in time; 408 too.
    Timeout,
    /// A success that says nothing usable.
    Malformed,
}

/// A failed operation. Holds no secret, and no control characters from the service.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.format_sentence())]
pub struct Error {
    /// The kind, to act on.
    pub kind: Kind,
    /// The service's message or ours, one line of at most 500 characters.
    pub message: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The service's `request-id`, on AWS `x-amzn-requestid` if there is no other.
    pub request_id: Option<String>,
    /// Method and path, such as `POST /v1/skills/skill_1/versions`; empty when nothing was to be
    /// sent yet.
    pub operation: String,
    /// The wait that the service asks for, at most a day.
    pub retry_after: Option<Duration>,
    /// The service's wish to get the same request again, or not to, by `x-should-retry` (read in the SDK's source).
    pub should_retry: Option<bool>,
    /// On AWS and for [`Kind::Denied`]: the IAM action that the operation needs.
    pub action: Option<&'static str>,
    /// Behind a pointer, for errors are returned by value everywhere.
    pub(crate) hint: Option<Box<Hint>>,
    /// Credentials could not be got, so the operation itself was never sent.
    pub(crate) unsent: bool,
}

/// A next step.
#[derive(Debug, Clone)]
pub(crate) struct Hint(String);

impl Error {
    /// Returns what to change, where more is known than the kind tells. Names variables and files,
    /// never a value that may be secret.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_ref().map(|hint| hint.0.as_str())
    }

    /// Returns whether the service may have carried the request out. Before it is sent again, look.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        !self.unsent
            && matches!(
                self.kind,
                Kind::Lost | Kind::Timeout | Kind::Unavailable | Kind::Malformed
            )
    }

    /// A failure, of no operation yet and with nothing known of an answer.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        let (message, operation) = (message.into(), String::new());
        Self {
            kind,
            message,
            status: None,
            request_id: None,
            operation,
            retry_after: None,
            should_retry: None,
            action: None,
            hint: None,
            unsent: false,
        }
    }

    /// Adds a next step.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(Box::new(Hint(hint.into()))),
            ..self
        }
    }

    /// Names the operation that failed, unless one is named.
    pub(crate) fn of_operation(mut self, operation: &str) -> Self {
        if self.operation.is_empty() {
            operation.clone_into(&mut self.operation);
        }
        self
    }

    fn format_sentence(&self) -> String {
        let mut sentence = match self.operation.as_str() {
            "" => self.message.clone(),
            operation => format!("{operation}: {}", self.message),
        };
        let status = self.status.map(|status| format!("HTTP {status}"));
        let id = self
            .request_id
            .as_ref()
            .map(|id| format!("request id {id}"));
        let facts: Vec<String> = status.into_iter().chain(id).collect();
        if !facts.is_empty() {
            sentence = format!("{sentence} ({})", facts.join(", "));
        }
        sentence
    }
}
