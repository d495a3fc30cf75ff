//! A thread's item and its attributes: `holder`, `until`, `owner_session`, `courts_session`, `count`
//! of open questions, `open` and `since` while there are any, and a map for each question, named
//! `q#` and its key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    ledger::{Millis, OpenQuestion, Recorded, Stage},
    question::{Access, Question, Thread},
};

pub(super) type Attributes = HashMap<String, AttributeValue>;

/// Begins the name of a question's attribute.
const QUESTION: &str = "q#";
/// Bytes of questions that a thread's item takes. DynamoDB's own limit is 400 KB (documented); the rest
/// is for questions that come at the same time.
const ROOM: usize = 300 * 1024;
/// Bytes of a question besides its key and text, at most.
const FIELDS: usize = 400;
/// Begins the key of a thread.
const THREAD: &str = "thread#";

pub(super) fn thread_id(thread: &Thread) -> String {
    format!("{THREAD}{}#{}", thread.channel, thread.ts)
}

/// Reads [`thread_id`].
pub(super) fn parse_thread_id(id: &str) -> Option<Thread> {
    let (channel, ts) = id.strip_prefix(THREAD)?.split_once('#')?;
    Some(Thread {
        channel: channel.to_owned(),
        ts: ts.to_owned(),
    })
}

/// The key of a person's count in a channel and window.
pub(super) fn rate_id(channel: &str, user: &str, begins: Millis) -> String {
    format!("rate#{channel}#{user}#{begins}")
}

/// The key of a message's item, which says in which thread it is a question.
pub(super) fn message_id(key: &str) -> String {
    format!("message#{key}")
}

pub(super) fn question_name(key: &str) -> String {
    format!("{QUESTION}{key}")
}

/// The attribute with the session for questions of this access.
pub(super) const fn session_name(access: Access) -> &'static str {
    match access {
        Access::Owner => "owner_session",
        Access::Courts => "courts_session",
    }
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn read_number(map: &Attributes, name: &str) -> Option<i64> {
    map.get(name)?.as_n().ok()?.parse().ok()
}

fn read_text(map: &Attributes, name: &str) -> Option<String> {
    map.get(name)?.as_s().ok().cloned()
}

/// Makes the map of a new question; one that is dropped keeps no text.
pub(super) fn make_question(
    question: &Question,
    recorded: Recorded,
    now: Millis,
) -> AttributeValue {
    let is_dropped = recorded == Recorded::Dropped;
    let files = i64::try_from(question.files).unwrap_or(i64::MAX);
    let mut map = Attributes::from([
        ("ts".to_owned(), text(&question.ts)),
        ("user".to_owned(), text(&question.user)),
        ("access".to_owned(), text(question.access.name())),
        ("files".to_owned(), number(files)),
        ("accepted_at".to_owned(), number(now)),
        (
            "state".to_owned(),
            text(if is_dropped { "dropped" } else { "accepted" }),
        ),
        (
            "over_limit".to_owned(),
            AttributeValue::Bool(recorded == Recorded::OverLimit),
        ),
    ]);
    if !is_dropped {
        map.insert("text".to_owned(), text(&question.text));
    }
    AttributeValue::M(map)
}

/// What a thread's item says.
pub(super) struct ThreadItem<'a>(pub(super) &'a Attributes);

impl ThreadItem<'_> {
    fn questions(&self) -> impl Iterator<Item = (&str, QuestionItem<'_>)> {
        self.0.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(QUESTION)?;
            Some((key, QuestionItem(value.as_m().ok()?)))
        })
    }

    /// Returns the question that has begun, else the oldest that is open.
    pub(super) fn find_next(&self, thread: &Thread) -> Option<OpenQuestion> {
        let open = self
            .questions()
            .filter_map(|(key, item)| Some((key, item.read_stage()?, item)));
        let (key, stage, item) = open.min_by_key(|(key, stage, item)| {
            let ts = read_text(item.0, "ts");
            let accepted_at = read_number(item.0, "accepted_at");
            (*stage == Stage::Accepted, ts, accepted_at, *key)
        })?;
        let question = item.read_question(key, thread);
        let mut posts: Vec<String> = self
            .questions()
            .filter_map(|(_, item)| read_text(item.0, "post"))
            .collect();
        posts.sort_unstable();
        Some(OpenQuestion {
            accepted_at: read_number(item.0, "accepted_at").unwrap_or_default(),
            is_over_limit: item.0.get("over_limit") == Some(&AttributeValue::Bool(true)),
            stage,
            session: read_text(self.0, session_name(question.access)),
            posts,
            question,
        })
    }

    /// Returns whether the item takes another question.
    pub(super) fn has_room(&self) -> bool {
        let size = |(key, item): (&str, QuestionItem<'_>)| {
            let text = item.0.get("text").and_then(|text| text.as_s().ok());
            key.len() + text.map_or(0, String::len) + FIELDS
        };
        self.questions().map(size).sum::<usize>() < ROOM
    }

    /// Returns when the oldest question was accepted that nobody answers, if before
    /// `accepted_before`.
    pub(super) fn waits_since(&self, accepted_before: Millis, now: Millis) -> Option<Millis> {
        let is_held = self.0.contains_key("holder")
            && read_number(self.0, "until").is_none_or(|until| until >= now);
        if is_held {
            return None;
        }
        self.questions()
            .filter(|(_, item)| item.read_stage().is_some())
            .filter_map(|(_, item)| read_number(item.0, "accepted_at"))
            .min()
            .filter(|accepted_at| *accepted_at < accepted_before)
    }

    /// Returns the attributes of questions that were accepted before and are closed.
    pub(super) fn list_closed(&self, accepted_before: Millis) -> Vec<String> {
        let is_old = |item: &QuestionItem<'_>| {
            let accepted_at = read_number(item.0, "accepted_at");
            item.read_stage().is_none() && accepted_at.is_some_and(|at| at < accepted_before)
        };
        self.questions()
            .filter(|(_, item)| is_old(item))
            .map(|(key, _)| question_name(key))
            .collect()
    }
}

struct QuestionItem<'a>(&'a Attributes);

impl QuestionItem<'_> {
    /// Returns how far it has come; none when it is closed.
    fn read_stage(&self) -> Option<Stage> {
        match self.0.get("state")?.as_s().ok()?.as_str() {
            "accepted" => Some(Stage::Accepted),
            "begun" => Some(Stage::Begun),
            "asked" => Some(Stage::Asked {
                session: read_text(self.0, "session")?,
                at: read_number(self.0, "asked_at")?,
            }),
            _ => None,
        }
    }

    fn read_question(&self, key: &str, thread: &Thread) -> Question {
        let field = |name: &str| read_text(self.0, name).unwrap_or_default();
        let files = read_number(self.0, "files").unwrap_or_default();
        Question {
            key: key.to_owned(),
            thread: thread.clone(),
            ts: field("ts"),
            user: field("user"),
            access: Access::from_name(&field("access")),
            text: field("text"),
            files: usize::try_from(files).unwrap_or_default(),
        }
    }
}
