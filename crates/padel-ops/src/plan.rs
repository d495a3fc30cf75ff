//! What a step is going to do, told before it does it.

use std::fmt;

use serde::Serialize;

use crate::output::one_line;

/// The document `padel.plan/v1`. Most are made without any request: what depends on answers says
/// so. Those of `rollback` and `prune` are made of what was read, and name it.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    schema: &'static str,
    step: &'static str,
    /// Address and kind of credentials; nothing secret.
    pub(crate) platform: String,
    /// Whether it is carried out.
    pub(crate) execute: bool,
    actions: Vec<Action>,
    /// Whether something was read for it.
    #[serde(skip)]
    is_of_answers: bool,
}

#[derive(Debug, Serialize)]
struct Action {
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
            is_of_answers: false,
        }
    }

    /// The same, made of what was read.
    pub(crate) fn of_answers(&mut self) -> &mut Self {
        self.is_of_answers = true;
        self
    }

    /// Whether there is anything to do.
    pub(crate) fn is_filled(&self) -> bool {
        !self.actions.is_empty()
    }

    /// The next action.
    pub(crate) fn add(&mut self, step: &'static str, does: impl Into<String>) {
        self.actions.push(Action {
            step,
            does: does.into(),
        });
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "plan of `{}`, on {}:", self.step, self.platform)?;
        for (number, Action { step, does }) in self.actions.iter().enumerate() {
            writeln!(out, "  {}. {step}: {}", number + 1, one_line(does))?;
        }
        let done = if self.is_of_answers {
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
