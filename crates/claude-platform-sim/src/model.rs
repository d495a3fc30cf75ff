//! Who works in the sessions: a simulated model, one turn at a time, in a thread of its own.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    sandbox::{Outcome, Sandbox},
    sessions::{self, Session},
    sim::{Sim, locked, said},
};

/// What a message costs, in cents.
const COST: u64 = 2;

/// How often a slow model looks whether it was interrupted.
const GLANCE: Duration = Duration::from_millis(10);

/// How the model works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Model {
    /// Runs every fenced `sh` block of a message, each as one call of the tool `bash`.
    #[default]
    Obedient,
    /// Runs nothing, and says that it is about to.
    Lazy,
    /// Runs nothing, and says what it would have printed, the right version included.
    Liar,
    /// Works until it is interrupted.
    Slow,
    /// Ends the turn with the stop reason `refusal`.
    Refuses,
}

/// One turn of a session.
struct Turn {
    sim: Arc<Sim>,
    session: String,
    number: u64,
    sandbox: Sandbox,
}

/// Starts a turn where there is something to do and nobody does it yet.
pub(crate) fn wake(sim: &Arc<Sim>, session: &mut Session) {
    if session.running || session.inbox.is_empty() {
        return;
    }
    session.running = true;
    session.turn += 1;
    session.tell(sim, json!({"type": "session.status_running"}));
    let (session, number, sandbox) = (session.id.clone(), session.turn, session.sandbox.clone());
    let turn = Turn {
        sim: Arc::clone(sim),
        session,
        number,
        sandbox,
    };
    thread::spawn(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| turn.work())) {
            locked(&turn.sim.journal).panics.push(said(panic.as_ref()));
        }
    });
}

impl Turn {
    /// The session, unless it was interrupted or is gone.
    fn with<T>(&self, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut world = locked(&self.sim.world);
        let session = sessions::find_mut(&mut world, &self.session).ok()?;
        (session.running && session.turn == self.number).then(|| change(session))
    }

    fn tell(&self, event: Value) -> Option<Value> {
        self.with(|session| session.tell(&self.sim, event))
    }

    /// All messages, then rest.
    fn work(&self) {
        let next = |session: &mut Session| {
            let is_over = session
                .budget
                .is_some_and(|budget| session.spent + COST > budget);
            let message = session.inbox.pop_front();
            match &message {
                Some(_) if !is_over => session.spent += COST,
                Some(_) => session.rest(&self.sim, "budget_reached"),
                None => session.rest(&self.sim, "end_turn"),
            }
            message.filter(|_| !is_over)
        };
        while let Some(Some(message)) = self.with(next) {
            if self.answer(&message).is_none() {
                return;
            }
        }
    }

    /// Works on a message; nothing when that was the end of the turn.
    fn answer(&self, message: &str) -> Option<()> {
        self.tell(json!({"type": "agent.thinking"}))?;
        match self.sim.setup.model {
            Model::Obedient => {
                self.say("I will run it.")?;
                for block in blocks(message) {
                    self.call(message, &block)?;
                }
                self.say("Done.")
            }
            Model::Lazy => self.say("I have read the instructions and will run the commands next."),
            Model::Liar => {
                let version = claimed_version(&self.sandbox.skill_for(message));
                self.say(&format!(
                    "I ran all of it:\n{message}\nIt printed `padel {version}` and ended with 0."
                ))
            }
            Model::Slow => {
                while self.with(|_| ()).is_some() && !self.sim.closed.load(Ordering::Relaxed) {
                    thread::sleep(GLANCE);
                }
                None
            }
            Model::Refuses => {
                self.with(|session| session.rest(&self.sim, "refusal"));
                None
            }
        }
    }

    fn say(&self, text: &str) -> Option<()> {
        self.tell(json!({"type": "agent.message", "content": [{"type": "text", "text": text}]}))
            .map(|_| ())
    }

    /// One call of the tool `bash`.
    fn call(&self, message: &str, command: &str) -> Option<()> {
        let call = self.tell(json!({
            "type": "agent.tool_use", "name": "bash", "input": {"command": command}, "evaluated_permission": "allow",
        }))?;
        let directory = self.sandbox.skill_for(message);
        let outcome = self
            .sandbox
            .run(&directory, command, self.sim.setup.tool_limit);
        let Outcome { text, is_error } = outcome.unwrap_or_else(|error| Outcome {
            text: format!("bash: {error}"),
            is_error: true,
        });
        let content = json!([{"type": "text", "text": text}]);
        let result = json!({"type": "agent.tool_result", "tool_use_id": call["id"], "content": content, "is_error": is_error});
        self.tell(result).map(|_| ())
    }
}

/// The fenced `sh` blocks of a message.
fn blocks(message: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in message.lines() {
        match &mut open {
            None if line.trim_end() == "```sh" => open = Some(String::new()),
            None => {}
            Some(_) if line.trim_end() == "```" => blocks.extend(open.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    blocks
}

/// The version that a skill's own text names.
fn claimed_version(skill: &Path) -> String {
    let text = fs::read_to_string(skill.join("SKILL.md")).unwrap_or_default();
    let named = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("version:"));
    named.unwrap_or("1.0.0").trim().trim_matches('"').to_owned()
}
