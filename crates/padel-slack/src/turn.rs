//! The end of a session's turn, read from its events one after the other. Pure.

use claude_platform::Event;

use crate::{failure::Failure, question::Question};

/// What the agent says of a message that is not for it; its instructions name the word. The bridge
/// posts nothing then.
pub const NO_ANSWER: &str = "NO_ANSWER";

/// A turn that a question begins.
#[derive(Debug)]
pub struct Turn<'a> {
    question: &'a Question,
    has_begun: bool,
    answer: Option<String>,
    is_broken: bool,
}

impl<'a> Turn<'a> {
    /// Waits for the question.
    #[must_use]
    pub const fn new(question: &'a Question) -> Self {
        Self {
            question,
            has_begun: false,
            answer: None,
            is_broken: false,
        }
    }

    /// Reads the session's next event; returns the agent's last message, or why there is none, when
    /// the turn is over. What stands before a tool's call is commentary, and the last message
    /// replaces it.
    pub fn read(&mut self, event: &Event) -> Option<Result<String, Failure>> {
        let kind = event.kind.as_str();
        if matches!(kind, "session.status_terminated" | "session.deleted") {
            return Some(Err(Failure::Ended));
        }
        if !self.has_begun {
            self.has_begun = is_question(event, self.question);
            return None;
        }
        match kind {
            "agent.message" => self.answer = Some(event.text()),
            "session.error" => self.is_broken = is_final(event),
            "session.status_idle" => return Some(self.end(event.stop_reason())),
            _ => {}
        }
        None
    }

    fn end(&mut self, stop_reason: Option<&str>) -> Result<String, Failure> {
        match stop_reason {
            Some("refusal") => Err(Failure::Refusal),
            Some("budget_reached") => Err(Failure::Budget),
            Some("requires_action") => Err(Failure::Permission),
            Some("retries_exhausted") => Err(Failure::Broken),
            _ if self.is_broken => Err(Failure::Broken),
            _ => self.answer.take().ok_or(Failure::Silent),
        }
    }
}

/// Returns whether an answer says that the message was not for the agent: it begins with
/// [`NO_ANSWER`], or has it for its last line, below words about the reason.
#[must_use]
pub fn is_no_answer(answer: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '"' | '.');
    let bare = answer.trim_matches(is_mark);
    let last = bare.lines().next_back().unwrap_or_default();
    let begins = bare.strip_prefix(NO_ANSWER).is_some_and(|rest| {
        let goes_on = |c: char| c.is_alphanumeric() || c == '_';
        !rest.starts_with(goes_on)
    });
    begins || last.trim_matches(is_mark) == NO_ANSWER
}

/// Returns whether an event says this question.
#[must_use]
pub fn is_question(event: &Event, question: &Question) -> bool {
    event.kind == "user.message" && question.is_said_by(&event.text())
}

/// Returns whether the platform tries no further after a `session.error`. The status is a text, or
/// an object with one (read in the SDK's types and assumed).
fn is_final(event: &Event) -> bool {
    let status = event
        .field("error")
        .and_then(|error| error.get("retry_status"));
    let status = status.and_then(|status| status.get("type").unwrap_or(status).as_str());
    matches!(status, Some("exhausted" | "terminal"))
}
