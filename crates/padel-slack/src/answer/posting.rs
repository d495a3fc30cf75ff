//! Posting: the answer or a sentence into the thread, and the question's end in the ledger.

use std::time::Duration;

use super::{Answerer, Pause, Reply, SEEN, has_passed, keep};
use crate::{
    failure::Failure,
    ledger::{Closing, Ledger, OpenQuestion},
    log::{Entry, Level},
    markdown::prepare_answer,
    question::Question,
    slack::{FoundPost, Post, SlackError, Trouble},
    turn::is_no_answer,
};

/// The emoji below a question that got a sentence in place of an answer.
const FAILED: &str = "warning";
/// The word for a question that nothing could be posted for.
const UNPOSTED: &str = "unposted";
/// `outcome` of a post that is an answer.
const ANSWERED: &str = "answered";

impl<L: Ledger> Answerer<L> {
    /// Posts the answer or the sentence, and closes the question.
    pub(super) async fn finish(
        &self,
        open: &OpenQuestion,
        holder: &str,
        outcome: Result<String, Failure>,
    ) -> Result<(), Pause> {
        if outcome.as_deref().is_ok_and(is_no_answer) {
            self.take_sign_off(&open.question).await;
            return self.pass_over(open, holder, "no_answer").await;
        }
        let outcome = outcome.and_then(|answer| {
            let answer = prepare_answer(&answer);
            (!answer.is_empty())
                .then_some(answer)
                .ok_or(Failure::Silent)
        });
        let failure = outcome.as_ref().err().copied();
        if self.reply != Reply::Bridge {
            return self
                .close(open, holder, failure.map(Failure::name), None)
                .await;
        }
        let post = Post {
            question: &open.question,
            outcome: failure.map_or(ANSWERED, Failure::name),
            markdown: outcome
                .as_deref()
                .unwrap_or_else(|failure| failure.sentence()),
        };
        // Whether it cannot be told matters little: posting says what is wrong with Slack.
        if self.slack.is_deleted(&open.question).await == Ok(true) {
            return self.pass_over(open, holder, "deleted").await;
        }
        self.hold(&open.question.thread, holder).await?;
        let ts = match self.slack.post_message(post).await {
            Ok(ts) => ts,
            Err(error) => return self.pause_posting(open, holder, &error).await,
        };
        self.close(open, holder, failure.map(Failure::name), Some(ts))
            .await
    }

    async fn take_sign_off(&self, question: &Question) {
        let Question { thread, ts, .. } = question;
        let removed = self.slack.remove_reaction(&thread.channel, ts, SEEN).await;
        self.note_reaction(removed);
    }

    /// Closes a question that gets no post, for it is not for the agent, or not there any more.
    async fn pass_over(
        &self,
        open: &OpenQuestion,
        holder: &str,
        event: &'static str,
    ) -> Result<(), Pause> {
        let entry = Entry::new(Level::Info, event);
        self.record_end(open, holder, &Closing::default(), entry)
            .await
    }

    async fn record_end(
        &self,
        open: &OpenQuestion,
        holder: &str,
        closing: &Closing,
        entry: Entry,
    ) -> Result<(), Pause> {
        keep(self.ledger.close(&open.question, holder, closing).await?)?;
        (self.log)(&self.describe(entry, open));
        Ok(())
    }

    /// Decides what a failure of Slack means: to come back, or to give the question up.
    pub(super) async fn pause_posting(
        &self,
        open: &OpenQuestion,
        holder: &str,
        error: &SlackError,
    ) -> Result<(), Pause> {
        let level = match error.trouble {
            Trouble::NotDone | Trouble::Uncertain => Level::Warning,
            Trouble::Token | Trouble::Refused => Level::Error,
        };
        let entry = Entry::new(level, "slack_failed").with("reason", error.to_string());
        (self.log)(&self.describe(entry, open));
        let is_late = has_passed((self.clock)(), open.accepted_at, self.timing.post_within);
        if error.trouble == Trouble::Refused || is_late {
            return self.close(open, holder, Some(UNPOSTED), None).await;
        }
        let settle = if error.trouble == Trouble::Uncertain {
            self.timing.settle
        } else {
            Duration::ZERO
        };
        Err(Pause::Later(
            error.retry_after.unwrap_or_default().max(settle),
        ))
    }

    /// Closes a question whose post an earlier run made.
    pub(super) async fn close_found(
        &self,
        open: &OpenQuestion,
        holder: &str,
        found: FoundPost,
    ) -> Result<(), Pause> {
        let outcome = found.outcome.as_deref().unwrap_or(ANSWERED);
        let failure = Failure::from_name(outcome).map(Failure::name);
        self.close(open, holder, failure, Some(found.ts)).await
    }

    pub(super) async fn close(
        &self,
        open: &OpenQuestion,
        holder: &str,
        failure: Option<&'static str>,
        post: Option<String>,
    ) -> Result<(), Pause> {
        let question = &open.question;
        let closing = Closing {
            failure,
            post,
            ends_session: failure
                .and_then(Failure::from_name)
                .is_some_and(Failure::ends_session),
        };
        let entry = match failure {
            None => Entry::new(Level::Info, "answered"),
            Some(failure) => Entry::new(Level::Warning, "failed").with("reason", failure),
        };
        self.record_end(open, holder, &closing, entry).await?;
        if failure.is_some() && self.reply == Reply::Bridge {
            self.react(&question.thread.channel, &question.ts, FAILED)
                .await;
        }
        Ok(())
    }
}
