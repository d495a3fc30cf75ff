//! A session's events as lines for people. Texts come from people, a model and tools: each is
//! bounded and printable, and none is believed.

use std::fmt;

use claude_platform::Event;
use serde::Serialize;
use serde_json::Value;

use super::stop::{self, Stop};

/// Room for an answer or the first screen of a tool's output.
const TEXT_LIMIT: usize = 2_000;
/// The widest label, so that texts begin below each other.
const LABEL_WIDTH: usize = 8;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// Time of day in UTC, such as `12:03:04`; none where the platform has not seen to it yet.
    pub(crate) time: Option<String>,
    /// The event's type as the platform names it.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The speaker, or the tool's name.
    pub(crate) label: String,
    /// Several lines where a text has several.
    pub(crate) text: String,
}

impl Line {
    /// Describes an event; none for those that tell people nothing.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let (label, text) = match event.kind.as_str() {
            "session.status_running" | "span.model_request_start" | "agent.thinking" => {
                return None;
            }
            "user.message" => ("user", event.text()),
            "user.interrupt" => ("user", "interrupts".to_owned()),
            "user.tool_confirmation" => ("user", describe_confirmation(event)),
            "agent.message" => ("agent", event.text()),
            "session.error" => ("error", stop::describe_error(event)?),
            "span.model_request_end" => ("tokens", describe_usage(event.field("model_usage")?)),
            kind if kind.ends_with("tool_use") => {
                let name = event.field("name").and_then(Value::as_str);
                (name.unwrap_or("tool"), describe_input(event.field("input")))
            }
            kind if kind.ends_with("tool_result") => match event.field("is_error") {
                Some(Value::Bool(true)) => ("failed", event.text()),
                _ => ("result", event.text()),
            },
            kind => match Stop::of(event) {
                Some(stop) => ("stop", stop.to_string()),
                None => ("event", kind.to_owned()),
            },
        };
        let time = event.field("processed_at").and_then(Value::as_str);
        Some(Self {
            time: time.and_then(time_of_day),
            kind: printable::line(&event.kind, 80),
            label: printable::line(label, 40),
            text: printable::lines(&text, TEXT_LIMIT),
        })
    }
}

/// The lines of a text stand below each other.
impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time.as_deref().unwrap_or("--:--:--");
        write!(out, "{time}  {:LABEL_WIDTH$}", self.label)?;
        let indent = " ".repeat(time.len() + 2 + LABEL_WIDTH + 2);
        for (number, line) in self.text.lines().enumerate() {
            match (number, line) {
                (0, _) => write!(out, "  {line}")?,
                (_, "") => writeln!(out)?,
                _ => write!(out, "\n{indent}{line}")?,
            }
        }
        Ok(())
    }
}

/// The time of an RFC 3339 text, as the platform writes it in UTC.
fn time_of_day(text: &str) -> Option<String> {
    let time = text.split_once('T')?.1.get(..8)?;
    let is_plain = time
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':');
    is_plain.then(|| time.to_owned())
}

/// A tool's input: a command as it is, anything else as JSON.
fn describe_input(input: Option<&Value>) -> String {
    let Some(input) = input else {
        return String::new();
    };
    match input.get("command").and_then(Value::as_str) {
        Some(command) => command.to_owned(),
        None => input.to_string(),
    }
}

fn describe_confirmation(event: &Event) -> String {
    let text = |key: &str| event.field(key).and_then(Value::as_str).unwrap_or("?");
    format!("{}s {}", text("result"), text("tool_use_id"))
}

fn describe_usage(usage: &Value) -> String {
    let count = |key: &str| usage.get(key).and_then(Value::as_u64).unwrap_or(0);
    format!(
        "{} in, {} from the cache, {} out",
        count("input_tokens") + count("cache_creation_input_tokens"),
        count("cache_read_input_tokens"),
        count("output_tokens")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: Value) -> String {
        let event = serde_json::from_value(value).unwrap();
        Line::of(&event).map_or(String::new(), |line| line.to_string())
    }

    fn text(text: &str) -> Value {
        json!([{"type": "text", "text": text}])
    }

    #[test]
    fn each_kind_of_event_has_its_line() {
        for (event, line) in [
            (
                json!({"type": "user.message", "content": text("slack-event {}"), "processed_at": "2026-11-28T09:05:07.123Z"}),
                "09:05:07  user      slack-event {}",
            ),
            (
                json!({"type": "agent.message", "content": text("Two courts:\n- 18:00\n\nBoth at UB."), "processed_at": "2026-11-28T09:05:09Z"}),
                "09:05:09  agent     Two courts:\n                    - 18:00\n\n                    Both at UB.",
            ),
            (
                json!({"type": "agent.tool_use", "name": "bash", "input": {"command": "sh scripts/padel doctor"}}),
                "--:--:--  bash      sh scripts/padel doctor",
            ),
            (
                json!({"type": "agent.tool_use", "name": "read", "input": {"file_path": "SKILL.md"}}),
                "--:--:--  read      {\"file_path\":\"SKILL.md\"}",
            ),
            (
                json!({"type": "agent.tool_result", "content": text("fine"), "is_error": false}),
                "--:--:--  result    fine",
            ),
            (
                json!({"type": "agent.mcp_tool_result", "content": text("no"), "is_error": true}),
                "--:--:--  failed    no",
            ),
            (
                json!({"type": "span.model_request_end", "model_usage": {"input_tokens": 20, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 900, "output_tokens": 7}}),
                "--:--:--  tokens    25 in, 900 from the cache, 7 out",
            ),
            (
                json!({"type": "session.error", "error": {"type": "model_overloaded_error", "message": "Busy"}}),
                "--:--:--  error     model_overloaded: Busy",
            ),
            (
                json!({"type": "session.status_idle", "stop_reason": {"type": "refusal"}}),
                "--:--:--  stop      the model refused the request",
            ),
            (
                json!({"type": "user.tool_confirmation", "result": "allow", "tool_use_id": "sevt_1"}),
                "--:--:--  user      allows sevt_1",
            ),
            (
                json!({"type": "agent.brand_new"}),
                "--:--:--  event     agent.brand_new",
            ),
            (json!({"type": "session.status_running"}), ""),
        ] {
            assert_eq!(shown(event.clone()), line, "{event}");
        }
    }

    #[test]
    fn no_text_paints_the_terminal_or_fills_it() {
        let evil = format!(
            "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}{}",
            "x\n".repeat(90_000)
        );
        for event in [
            json!({"type": "user.message", "content": text(&evil)}),
            json!({"type": "agent.message", "content": text(&evil)}),
            json!({"type": "agent.tool_use", "name": evil, "input": {"command": evil}}),
            json!({"type": "agent.tool_use", "name": "read", "input": {"path": evil}}),
            json!({"type": "agent.tool_result", "content": text(&evil)}),
            json!({"type": "session.error", "error": {"type": evil, "message": evil}}),
            json!({"type": "session.status_idle", "stop_reason": evil}),
            json!({"type": "user.tool_confirmation", "result": evil, "tool_use_id": evil}),
            json!({"type": evil, "processed_at": evil}),
        ] {
            let line = shown(event);
            assert!(line.len() < 45_000, "{}", line.len());
            let steers = |char: char| char.is_control() && char != '\n' || char == '\u{202e}';
            assert!(!line.contains(steers), "{line:?}");
        }
    }

    #[test]
    fn a_time_that_is_none_is_not_shown() {
        for time in ["", "T", "2026-11-28T1\u{1b}[31m2:00", "2026-11-28", "T12:3"] {
            assert_eq!(time_of_day(time), None, "{time:?}");
        }
    }
}
