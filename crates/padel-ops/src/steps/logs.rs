//! `logs`: what happened in a session, one line per event. Only reads.

use std::fmt;

use serde::Serialize;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    error::{Error, from_platform},
    ops::{skills, transcript::Line},
    plan,
};

/// The one thing that the step does.
pub(crate) struct Read<'a>(&'a cli::Logs);

impl plan::Action for Read<'_> {
    type State = Option<Transcript>;

    async fn perform(
        self,
        transcript: &mut Option<Transcript>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let id = &self.0.session;
        let session = context
            .client
            .get_session(id)
            .await
            .map_err(from_platform)?;
        let events = context
            .client
            .list_events(id)
            .await
            .map_err(from_platform)?;
        let transcript = transcript.insert(Transcript {
            session: skills::check_id(&session.id)?,
            status: printable::line(&session.status, 40),
            events: events.iter().filter_map(Line::of).collect(),
        });
        context.answer.tell(transcript)
    }

    fn part(&self) -> &'static str {
        "logs"
    }
}

impl fmt::Display for Read<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "read the events of `{}`", self.0.session)
    }
}

/// The document `padel.logs/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Transcript {
    session: String,
    status: String,
    /// Oldest first.
    events: Vec<Line>,
}

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.events {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{} is {}", self.session, self.status)
    }
}

impl Step for cli::Logs {
    const NAME: &'static str = "logs";
    type Action<'a> = Read<'a>;
    type State = Option<Transcript>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, None)
    }

    fn plan(&self, _: &mut Option<Transcript>, _: Answer) -> Result<Option<Vec<Read<'_>>>, Error> {
        Ok(Some(vec![Read(self)]))
    }

    fn document(transcript: &Option<Transcript>) -> impl Serialize {
        transcript
    }

    fn has_results(transcript: &Option<Transcript>) -> bool {
        transcript.is_some()
    }
}
