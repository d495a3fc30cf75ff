//! A question: a message that the agent gets, and the one line in which it gets it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Begins the line; `SKILL.md` and the agent's instructions name it.
const PREFIX: &str = "slack-event ";

/// Kind of session that a question goes to: only the owners' hold credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Asked by an owner of the deployment: bookings and courts.
    Owner,
    /// Asked by anybody else: courts only.
    Courts,
}

impl Access {
    /// Returns the value of `padel_access` in a session's metadata.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Courts => "courts",
        }
    }
}

/// A thread of a channel; a message outside of one begins its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The channel's id.
    pub channel: String,
    /// The time of its first message.
    pub ts: String,
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.ts)
    }
}

/// A message that is to be answered. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// The same for every delivery of the message: `m#APP#CLIENT_MSG_ID`, else
    /// `t#APP#CHANNEL#TS`.
    pub key: String,
    /// Thread that the answer goes to.
    pub thread: Thread,
    /// The message's time.
    pub ts: String,
    /// The author's id.
    pub user: String,
    /// Access that the author has.
    pub access: Access,
    /// One printable line.
    pub text: String,
    /// The number of files that came with it, which the agent does not get.
    pub files: usize,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Question({}, {}, {})",
            self.key,
            self.thread,
            self.access.name()
        )
    }
}

/// The JSON of a line. Fields may be added.
#[derive(Serialize)]
struct LineV1<'a> {
    channel: &'a str,
    user: &'a str,
    ts: &'a str,
    thread_ts: &'a str,
    owner: bool,
    #[serde(skip_serializing_if = "is_zero")]
    files: usize,
    text: &'a str,
}

/// The fields of a line that say which message it is.
#[derive(Deserialize)]
struct LineId {
    channel: String,
    ts: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Question {
    /// Writes what the agent reads: `slack-event {"channel":…,"user":…,"ts":…,"thread_ts":…,
    /// "owner":true|false,"text":…}`, on one line whatever the text is.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = LineV1 {
            channel: &self.thread.channel,
            user: &self.user,
            ts: &self.ts,
            thread_ts: &self.thread.ts,
            owner: self.access == Access::Owner,
            files: self.files,
            text: &self.text,
        };
        // Texts and numbers cannot fail.
        PREFIX.to_owned() + &serde_json::to_string(&line).unwrap_or_default()
    }

    /// Returns whether `line` is this question's: whether it has been said already.
    ///
    /// The JSON is read, for the text of another question may repeat any piece of it.
    #[must_use]
    pub fn is_said_by(&self, line: &str) -> bool {
        let id = line
            .strip_prefix(PREFIX)
            .and_then(|json| serde_json::from_str::<LineId>(json).ok());
        id.is_some_and(|id| id.channel == self.thread.channel && id.ts == self.ts)
    }
}
