//! Our posts: how one is marked, and how it is found again.

use serde_json::{Value, json};

use super::{SlackClient, SlackError, Trouble};
use crate::question::Question;

/// `event_type` of the metadata of our posts.
const MARK: &str = "padel_answer";
/// Messages of a thread that are asked for at once.
const PAGE: &str = "200";
/// The most pages that are read: a question's post stands soon after it.
const PAGES: usize = 20;

/// A post that is to be made below a question.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// The question.
    pub question: &'a Question,
    /// Its outcome, in one word.
    pub outcome: &'a str,
    /// Markdown, harmless and at most 12,000 characters.
    pub markdown: &'a str,
}

/// A post of ours that stands below a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPost {
    /// Its time.
    pub ts: String,
    /// The question's outcome; unknown where Slack gives no metadata.
    pub outcome: Option<String>,
}

impl SlackClient {
    /// Posts into the question's thread, and returns the post's time. `chat.postMessage`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says. If it may have been done, look with [`Self::find_post`].
    pub async fn post_message(&self, post: Post<'_>) -> Result<String, SlackError> {
        const METHOD: &str = "chat.postMessage";
        let Post {
            question,
            outcome,
            markdown,
        } = post;
        let body = json!({
            "channel": question.thread.channel,
            // Unchanged: with an unknown time Slack posts at the channel's root (seen in reports).
            "thread_ts": question.thread.ts,
            "markdown_text": markdown,
            "metadata": {
                "event_type": MARK,
                "event_payload": {"question": question.key, "outcome": outcome},
            },
            "unfurl_links": false,
            "unfurl_media": false,
        });
        let (answer, _) = self.transport.post(&self.token, METHOD, &body).await?;
        match answer["ts"].as_str() {
            Some(ts) => Ok(ts.to_owned()),
            None => Err(SlackError::new(
                METHOD,
                Trouble::Uncertain,
                "an answer without `ts`",
            )),
        }
    }

    /// Posts into a channel, below no question. `text` is in Slack's own markup. `chat.postMessage`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says; it may have been done then.
    pub async fn announce(&self, channel: &str, text: &str) -> Result<(), SlackError> {
        let body = json!({
            "channel": channel,
            "text": text,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        let posted = self.transport.post(&self.token, "chat.postMessage", &body);
        posted.await.map(drop)
    }

    /// Returns whether a message that stood at the root, and that nobody replied to, was deleted: a
    /// post for it would stand at the root itself, for all to see. `conversations.replies`
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says.
    pub async fn is_deleted(&self, question: &Question) -> Result<bool, SlackError> {
        let thread = &question.thread;
        if question.ts != thread.ts {
            return Ok(false);
        }
        let query = [
            ("channel", thread.channel.as_str()),
            ("ts", &thread.ts),
            ("limit", "1"),
        ];
        match self.fetch("conversations.replies", &query).await {
            Err(error) if error.is("thread_not_found") => Ok(true),
            outcome => outcome.map(|_| false),
        }
    }

    /// Looks for our post below a question. `conversations.replies`
    ///
    /// Its metadata names the question; that of other apps' posts counts for nothing, as anybody may
    /// write the same. Whether an app gets its own messages' metadata without
    /// `metadata.message:read` is not known: where there is none, a post of `bot` after the question
    /// counts, unless it is one of `others`, the posts for other questions of the thread.
    ///
    /// # Errors
    ///
    /// As [`Trouble`] says; that the thread is gone is none.
    pub async fn find_post(
        &self,
        question: &Question,
        bot: &str,
        others: &[String],
    ) -> Result<Option<FoundPost>, SlackError> {
        let mut cursor = String::new();
        let mut unmarked = None;
        for _ in 0..PAGES {
            let mut query = vec![
                ("channel", question.thread.channel.as_str()),
                ("ts", &question.thread.ts),
                ("oldest", &question.ts),
                ("include_all_metadata", "true"),
                ("limit", PAGE),
            ];
            if !cursor.is_empty() {
                query.push(("cursor", &cursor));
            }
            let answer = match self.fetch("conversations.replies", &query).await {
                Err(error) if error.is("thread_not_found") => return Ok(None),
                answer => answer?,
            };
            let messages = answer["messages"].as_array().map(Vec::as_slice);
            for message in messages.unwrap_or_default() {
                if let Some(found) = read_mark(message, question, bot) {
                    return Ok(Some(found));
                }
                if unmarked.is_none() {
                    unmarked = find_unmarked(message, question, bot, others);
                }
            }
            let next = &answer["response_metadata"]["next_cursor"];
            next.as_str().unwrap_or_default().clone_into(&mut cursor);
            if cursor.is_empty() {
                break;
            }
        }
        Ok(unmarked)
    }
}

fn read_mark(message: &Value, question: &Question, bot: &str) -> Option<FoundPost> {
    // A token that says no bot cannot tell.
    if !bot.is_empty() && message["bot_id"] != bot {
        return None;
    }
    let metadata = &message["metadata"];
    let payload = &metadata["event_payload"];
    if metadata["event_type"] != MARK || payload["question"] != question.key.as_str() {
        return None;
    }
    Some(FoundPost {
        ts: message["ts"].as_str()?.to_owned(),
        outcome: payload["outcome"].as_str().map(str::to_owned),
    })
}

fn find_unmarked(
    message: &Value,
    question: &Question,
    bot: &str,
    others: &[String],
) -> Option<FoundPost> {
    let ts = message["ts"].as_str()?;
    let is_marked = message.get("metadata").is_some_and(|data| !data.is_null());
    let is_ours = !bot.is_empty() && message["bot_id"] == bot;
    let is_other = others.iter().any(|other| other == ts);
    (is_ours && !is_marked && !is_other && ts > question.ts.as_str()).then(|| FoundPost {
        ts: ts.to_owned(),
        outcome: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::sample_question;

    #[test]
    fn a_mark_counts_on_our_own_posts_only() {
        let question = sample_question();
        let payload = json!({"question": question.key, "outcome": "answered"});
        let mut post = json!({
            "ts": "1.2", "bot_id": "B1",
            "metadata": {"event_type": MARK, "event_payload": payload},
        });
        assert!(read_mark(&post, &question, "B1").is_some());
        assert!(read_mark(&post, &question, "").is_some());
        assert_eq!(read_mark(&post, &question, "B2"), None);
        post["bot_id"] = Value::Null;
        assert_eq!(read_mark(&post, &question, "B1"), None);
    }
}
