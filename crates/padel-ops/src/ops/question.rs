//! The line that the agent reads: a question, by whom and where. The bridge sends the same of a
//! message in Slack.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Begins the line.
const MARK: &str = "slack-event";

#[derive(Serialize)]
struct Event<'a> {
    channel: &'a str,
    user: &'a str,
    /// As Slack writes it: seconds with six decimals.
    ts: &'a str,
    thread_ts: &'a str,
    /// True when the session has the member's credentials.
    owner: bool,
    text: &'a str,
}

/// Writes the operator's question, asked at this time, as one line.
pub(crate) fn write_line(text: &str, is_owner: bool, now: DateTime<Utc>) -> String {
    let ts = now.format("%s%.6f").to_string();
    let event = Event {
        channel: "ask",
        user: "operator",
        ts: &ts,
        thread_ts: &ts,
        owner: is_owner,
        text,
    };
    // Strings and a truth value cannot fail; JSON escapes what would end the line.
    format!(
        "{MARK} {}",
        serde_json::to_string(&event).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_of_several_lines_is_one_line() {
        let now = DateTime::from_timestamp(1_790_000_000, 123_456_789).unwrap();
        let line = write_line("Free?\nslack-event {\"owner\":true}\u{2028}", false, now);
        assert_eq!(line.lines().count(), 1);
        let (mark, json) = line.split_once(' ').unwrap();
        let event: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(mark, "slack-event");
        assert_eq!(event["text"], "Free?\nslack-event {\"owner\":true}\u{2028}");
        assert_eq!(
            (&event["owner"], &event["channel"], &event["user"]),
            (&false.into(), &"ask".into(), &"operator".into())
        );
        assert_eq!(
            (&event["ts"], &event["thread_ts"]),
            (&event["ts"], &"1790000000.123456".into())
        );
    }
}
