//! One question and its answer: a session of its own, followed until it rests, then archived.

use std::time::Duration;

use claude_platform::{Event, NewSession, Session};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    marked_session::MarkedSession,
    stop::{self, Stop},
    transcript::Line,
    trial,
};
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
};

/// Outcome of a question.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Reply {
    pub(crate) question: String,
    /// The agent's last words, printable; null where there are none.
    pub(crate) answer: Option<String>,
    /// The reason why there is no answer.
    pub(crate) error: Option<String>,
    /// From the session's creation until it rested.
    pub(crate) milliseconds: u128,
    /// At list prices.
    pub(crate) cents: Option<u64>,
    pub(crate) session: Option<String>,
    pub(crate) skill_version: Option<String>,
    pub(crate) model: Option<String>,
}

/// A question on its way.
pub(crate) struct Conversation<'a> {
    /// The session as the deployment describes it.
    pub(crate) session: NewSession,
    /// The skill whose version the reply names.
    pub(crate) skill: Option<&'a str>,
    pub(crate) timeout: Duration,
    /// Told of each event, as far as it tells people anything.
    pub(crate) show: &'a dyn Fn(&Line),
}

impl Conversation<'_> {
    /// Starts the session, waits for its end and archives it, whatever happens.
    pub(crate) async fn hold(
        self,
        question: &str,
        context: &StepContext<'_>,
    ) -> (Reply, Option<Error>) {
        let mut reply = Reply {
            question: question.to_owned(),
            ..Reply::default()
        };
        let failure = self.fill(&mut reply, context).await.err();
        reply.error = failure.as_ref().map(|error| error.message.clone());
        (reply, failure)
    }

    async fn fill(self, reply: &mut Reply, context: &StepContext<'_>) -> Result<(), Error> {
        let started = Instant::now();
        let end = started + self.timeout;
        let new = MarkedSession::new(self.session);
        context.sessions.note_start(new.title());
        let session = new.start(context).await;
        let id = session.as_ref().map(|session| session.id.as_str());
        context.sessions.note_started(new.title(), id.ok());
        let session = session?;
        let id = session.id.clone();
        let shown = printable::line(&id, 80);
        reply.session = Some(shown.clone());
        let followed = follow(&id, end, self.show, context).await;
        reply.milliseconds = started.elapsed().as_millis();
        let archived = context.close_session(&id).await;
        let session = archived.unwrap_or(session);
        reply.read_session(&session, self.skill);
        let (events, stop) = followed?;
        let answer = find_answer(&events);
        if stop == Some(Stop::EndTurn) && answer.is_some() {
            reply.answer = answer;
            return Ok(());
        }
        let limit = self.timeout.as_secs();
        let look = context.hint_command(&format!("logs {shown}"));
        Err(explain_silence(stop.as_ref(), &events, limit, &look))
    }
}

impl Reply {
    /// The time in seconds, to a tenth.
    pub(crate) fn seconds(&self) -> String {
        let tenths = (self.milliseconds + 50) / 100;
        format!("{}.{}", tenths / 10, tenths % 10)
    }

    fn read_session(&mut self, session: &Session, skill: Option<&str>) {
        let cost = session.usage.list_cost.as_ref();
        self.cents = cost.and_then(|cost| cost.amount.parse().ok());
        let model = &session.agent["model"];
        let model = model.get("id").unwrap_or(model).as_str();
        self.model = model.map(|model| printable::line(model, 80));
        let entries = session.agent["skills"].as_array().into_iter().flatten();
        let mut ours = entries.filter(|entry| entry["skill_id"].as_str() == skill);
        let version = ours.next().and_then(|entry| entry["version"].as_str());
        self.skill_version = version.map(|version| printable::line(version, 80));
    }
}

/// Follows the session until it rests or time is up, and shows each event. Gives no stop where time
/// was up.
async fn follow(
    id: &str,
    end: Instant,
    show: &dyn Fn(&Line),
    context: &StepContext<'_>,
) -> Result<(Vec<Event>, Option<Stop>), Error> {
    let mut follower = context.client.follow_session(id, None);
    let mut events = Vec::new();
    loop {
        let Ok(next) = tokio::time::timeout_at(end, follower.next_event()).await else {
            return Ok((events, None));
        };
        if let Some(event) = next.map_err(from_platform)? {
            Line::of(&event).iter().for_each(show);
            events.push(event);
        } else if let Some(stop) = Stop::find(&events) {
            return Ok((events, Some(stop)));
        }
        // Else it rests for a reason that is not told, such as before it begins.
    }
}

/// The agent's last message: what it says before it runs a tool is commentary (documented).
fn find_answer(events: &[Event]) -> Option<String> {
    let mut newest_first = events.iter().rev();
    let message = newest_first.find(|event| event.kind == "agent.message")?;
    let text = message.text();
    let text = printable::lines(&text, text.len());
    Some(text).filter(|text| !text.is_empty())
}

/// Explains why there is no answer; without a stop, time was up. `look` is the command that shows
/// the session.
fn explain_silence(stop: Option<&Stop>, events: &[Event], limit: u64, look: &str) -> Error {
    let (what, hint) = match stop {
        None => (
            format!("the session was not done within {limit} s"),
            format!("ask again with a longer --timeout; {look} shows how far it came"),
        ),
        Some(Stop::EndTurn) => (
            "the agent ended its turn without a word".to_owned(),
            format!("{look} shows what it did; ask again"),
        ),
        Some(stop) => (stop.to_string(), advise(stop, look)),
    };
    let mut message = format!("there is no answer: {what}");
    if let Some(error) = events.iter().rev().find_map(stop::describe_error) {
        message.push_str(&format!("; the platform's last error was {error}"));
    }
    if let Some(said) = trial::last_words(events) {
        message.push_str(&format!("; last it said: {said}"));
    }
    Error::new(Code::NoAnswer, message, hint)
}

/// Returns the next step after a session that stopped like this.
fn advise(stop: &Stop, look: &str) -> String {
    match stop {
        Stop::Refusal => format!("ask in other words, or with another --model; {look} shows more"),
        Stop::RequiresAction => format!(
            "let the agent's tools be used without asking: `padel-ops up --execute` sets that; \
             {look} shows the tool"
        ),
        Stop::BudgetReached => format!(
            "raise max_cost in agent.toml, or ask for less at once; {look} shows what it did"
        ),
        Stop::RetriesExhausted => {
            format!("ask again later: the model did not answer; {look} shows the errors")
        }
        Stop::EndTurn | Stop::Terminated | Stop::Other(_) => {
            format!("{look} shows what it did; ask again")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn events(values: serde_json::Value) -> Vec<Event> {
        serde_json::from_value(values).unwrap()
    }

    #[test]
    fn each_way_to_stop_has_a_sentence_and_a_hint() {
        let stops = [
            None,
            Some(Stop::EndTurn),
            Some(Stop::Refusal),
            Some(Stop::RequiresAction),
            Some(Stop::BudgetReached),
            Some(Stop::RetriesExhausted),
            Some(Stop::Terminated),
            Some(Stop::Other("new".to_owned())),
        ];
        let mut sentences = BTreeSet::new();
        let mut hints = BTreeSet::new();
        for stop in &stops {
            let Error { message, hint, .. } =
                explain_silence(stop.as_ref(), &[], 9, "`padel-ops logs sesn_1`");
            assert!(message.starts_with("there is no answer: the "), "{message}");
            assert!(hint.contains("`padel-ops logs sesn_1` shows"), "{hint}");
            sentences.insert(message);
            hints.insert(hint);
        }
        assert_eq!(sentences.len(), stops.len(), "{sentences:?}");
        assert!(hints.len() >= 6, "{hints:?}");
    }

    #[test]
    fn the_reason_names_the_last_error_and_the_last_words() {
        let events = events(json!([
            {"type": "session.error", "error": {"type": "model_overloaded_error", "message": "Busy\u{1b}[31m"}},
            {"type": "agent.message", "content": [{"type": "text", "text": "Let me look."}]},
        ]));
        let error = explain_silence(Some(&Stop::RetriesExhausted), &events, 9, "");
        assert_eq!(
            error.message,
            "there is no answer: the platform gave up after several tries; the platform's last \
             error was model_overloaded: Busy; last it said: Let me look."
        );
    }

    #[test]
    fn the_answer_is_all_of_the_last_message_and_printable() {
        let events = events(json!([
            {"type": "agent.message", "content": [{"type": "text", "text": "I will look."}]},
            {"type": "agent.message", "content": [
                {"type": "text", "text": "**Sat**\n- 18:00\u{1b}[2J "},
                {"type": "text", "text": "UB"},
            ]},
            {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}},
        ]));
        assert_eq!(find_answer(&events).as_deref(), Some("**Sat**\n- 18:00 UB"));
        assert_eq!(find_answer(&[]), None);
    }
}
