//! The reasons for which a session stops, in words. What a reason means for a step, and what there
//! is to do about it, is for the step to say.

use claude_platform::Event;
use serde_json::Value;

/// A reason for which a session rests or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The agent has nothing more to say; also after an interrupt.
    EndTurn,
    /// The model refused.
    Refusal,
    /// A tool waits for somebody's permission, without limit.
    RequiresAction,
    /// The budget is used up.
    BudgetReached,
    /// The platform gave up.
    RetriesExhausted,
    /// The session has ended for good.
    Terminated,
    /// One that was not known when this was written, as a printable line.
    Other(String),
}

impl Stop {
    /// Reads an event that is about the session's status; none while the session works.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let reason = match event.kind.as_str() {
            "session.status_idle" => event.stop_reason()?,
            "session.status_terminated" | "session.deleted" => "terminated",
            _ => return None,
        };
        Some(match reason {
            "end_turn" => Self::EndTurn,
            "refusal" => Self::Refusal,
            "requires_action" => Self::RequiresAction,
            "budget_reached" => Self::BudgetReached,
            "retries_exhausted" => Self::RetriesExhausted,
            "terminated" => Self::Terminated,
            other => Self::Other(printable::line(other, 80)),
        })
    }

    /// Returns why the session rests now; none while it works, or has not begun.
    pub(crate) fn find(events: &[Event]) -> Option<Self> {
        let mut newest_first = events.iter().rev();
        Self::of(newest_first.find(|event| is_status(event))?)
    }
}

/// A main clause, without a full stop.
impl std::fmt::Display for Stop {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::EndTurn => "the agent ended its turn",
            Self::Refusal => "the model refused the request",
            Self::RequiresAction => "the session waits for somebody to allow a tool",
            Self::BudgetReached => "the session used up its budget",
            Self::RetriesExhausted => "the platform gave up after several tries",
            Self::Terminated => "the session was terminated",
            Self::Other(reason) => return write!(out, "the session stopped ({reason})"),
        })
    }
}

fn is_status(event: &Event) -> bool {
    event.kind.starts_with("session.status_") || event.kind == "session.deleted"
}

/// Describes a `session.error`: its kind, its message, and what the platform does about it.
pub(crate) fn describe_error(event: &Event) -> Option<String> {
    let error = event
        .field("error")
        .filter(|_| event.kind == "session.error")?;
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    let kind = text("type").unwrap_or("unknown_error");
    let mut words = printable::line(kind.trim_end_matches("_error"), 80);
    if let Some(message) = text("message").filter(|message| !message.trim().is_empty()) {
        words.push_str(&format!(": {}", printable::line(message, 300)));
    }
    // An object with a type (documented), or the bare word.
    let status = error.get("retry_status");
    let status = status.and_then(|status| status.get("type").unwrap_or(status).as_str());
    words.push_str(match status {
        Some("retrying") => " (the platform tries again)",
        Some("exhausted") => " (the platform gave up)",
        Some("terminal") => " (for good)",
        _ => "",
    });
    Some(words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn event(value: Value) -> Event {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_reason_is_read_and_has_words_of_its_own() {
        let reasons = [
            "end_turn",
            "refusal",
            "requires_action",
            "budget_reached",
            "retries_exhausted",
            "strange\u{1b}[31m",
        ];
        let mut words = BTreeSet::new();
        for reason in reasons {
            for stop_reason in [json!(reason), json!({"type": reason})] {
                let idle =
                    event(json!({"type": "session.status_idle", "stop_reason": stop_reason}));
                words.insert(Stop::of(&idle).unwrap().to_string());
            }
        }
        words.insert(Stop::Terminated.to_string());
        assert_eq!(words.len(), reasons.len() + 1, "{words:?}");
        assert!(words.contains("the session stopped (strange)"), "{words:?}");
    }

    #[test]
    fn a_session_that_works_again_does_not_rest() {
        let idle =
            event(json!({"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}));
        let running = event(json!({"type": "session.status_running"}));
        let said = event(json!({"type": "agent.message"}));
        let gone = event(json!({"type": "session.status_terminated"}));
        for (events, stop) in [
            (vec![], None),
            (vec![running.clone()], None),
            (
                vec![running.clone(), idle.clone(), said],
                Some(Stop::EndTurn),
            ),
            (vec![idle.clone(), running], None),
            (vec![idle, gone], Some(Stop::Terminated)),
        ] {
            assert_eq!(Stop::find(&events), stop, "{events:?}");
        }
    }

    #[test]
    fn an_error_is_told_with_what_the_platform_does_about_it() {
        for (error, words) in [
            (
                json!({"type": "model_overloaded_error", "message": "Busy.\n", "retry_status": {"type": "retrying"}}),
                "model_overloaded: Busy. (the platform tries again)",
            ),
            (
                json!({"type": "billing_error", "retry_status": "terminal"}),
                "billing (for good)",
            ),
            (json!({}), "unknown"),
        ] {
            let error = event(json!({"type": "session.error", "error": error}));
            assert_eq!(describe_error(&error).as_deref(), Some(words));
        }
        let said = event(json!({"type": "agent.message", "error": {}}));
        assert_eq!(describe_error(&said), None);
    }
}
