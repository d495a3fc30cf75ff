//! The plan of a step: the list of its actions, announced before the first of them is performed.

use std::fmt;

use serde::Serialize;

use crate::{context::StepContext, error::Error, output::one_line};

/// One thing that a step does. Its `Display` is the plan's line about it, and it performs itself,
/// so that what is announced is what is done.
pub(crate) trait Action: fmt::Display {
    /// The findings and results of the actions so far.
    type State: Default;

    /// The part of a release that the action belongs to, such as `publish`.
    fn part(&self) -> &'static str;

    /// Performs it, prints what came of it, and keeps that for the document.
    async fn perform(self, state: &mut Self::State, context: &StepContext<'_>)
    -> Result<(), Error>;
}

/// The document `padel.plan/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    schema: &'static str,
    step: &'static str,
    /// Address and kind of credentials; nothing secret.
    pub(crate) platform: String,
    /// True when it is carried out.
    pub(crate) execute: bool,
    actions: Vec<Entry>,
    /// True when the platform was read to make it.
    #[serde(skip)]
    is_from_reading: bool,
}

#[derive(Debug, Serialize)]
struct Entry {
    step: &'static str,
    does: String,
}

impl Plan {
    pub(crate) fn new(step: &'static str, execute: bool) -> Self {
        Self {
            schema: "padel.plan/v1",
            step,
            platform: String::new(),
            execute,
            actions: Vec::new(),
            is_from_reading: false,
        }
    }

    pub(crate) fn list(&mut self, actions: &[impl Action], is_from_reading: bool) {
        self.is_from_reading = is_from_reading;
        self.actions = actions
            .iter()
            .map(|action| Entry {
                step: action.part(),
                does: action.to_string(),
            })
            .collect();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "plan of `{}`, on {}:", self.step, self.platform)?;
        for (number, Entry { step, does }) in self.actions.iter().enumerate() {
            writeln!(out, "  {}. {step}: {}", number + 1, one_line(does))?;
        }
        let done = if self.is_from_reading {
            "changed"
        } else {
            "sent"
        };
        if self.execute {
            Ok(())
        } else {
            writeln!(out, "nothing was {done}: add --execute to carry it out")
        }
    }
}
