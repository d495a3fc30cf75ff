//! The worker in the sessions: a simulated model, one turn at a time, in a thread of its own.

mod question;
mod reply;

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use sim_server::{locked, panic_message};

use self::{
    question::{Plan, Question, find_club},
    reply::{explain_failure, summarize_output},
};
use crate::{
    agents::tools,
    egress::grant_access,
    objects::{Session, Verdict},
    sandbox::{Outcome, Sandbox},
    setup::Model,
    sim::Sim,
};

/// Price of a message, in cents.
const COST: u64 = 2;

/// The skill of the models that answer questions.
const SKILL: &str = "pslc-padel";

/// A slow model looks so often whether it was interrupted.
const GLANCE: Duration = Duration::from_millis(10);

struct Turn {
    sim: Arc<Sim>,
    session: String,
    number: u64,
    sandbox: Sandbox,
}

/// Starts a turn where there is something to do and nobody does it yet.
pub(crate) fn start_turn(sim: &Arc<Sim>, session: &mut Session) {
    if session.running || session.question.is_some() || session.inbox.is_empty() {
        return;
    }
    session.turn += 1;
    session.run(&sim.stamps);
    let (session, number, sandbox) = (session.id.clone(), session.turn, session.sandbox.clone());
    let turn = Turn {
        sim: Arc::clone(sim),
        session,
        number,
        sandbox,
    };
    thread::spawn(move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| turn.run())) {
            turn.sim.control.note_panic(panic_message(panic.as_ref()));
        }
    });
}

impl Turn {
    /// The session, unless it was interrupted or is gone.
    fn with_session<T>(&self, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut objects = locked(&self.sim.objects);
        let session = objects.session_mut(&self.session).ok()?;
        (session.running && session.turn == self.number).then(|| change(session))
    }

    fn add_event(&self, event: Value) -> Option<Value> {
        self.with_session(|session| session.add_event(&self.sim.stamps, event))
    }

    /// Works on all messages, then ends the turn.
    fn run(&self) {
        while let Some(message) = self.next_message() {
            let answered = self
                .add_noise()
                .and_then(|()| self.answer_message(&message))
                .and_then(|()| self.add_noise());
            if answered.is_none() {
                return;
            }
        }
    }

    /// The next message, paid for; without one the turn ends.
    fn next_message(&self) -> Option<String> {
        self.with_session(|session| session.begin_message(&self.sim.stamps, COST))?
    }

    /// Adds what a client must bear between the events that matter, where the setup wants it.
    fn add_noise(&self) -> Option<()> {
        if self.sim.setup.noisy_events {
            let usage = json!({"input_tokens": 1, "output_tokens": 1});
            self.add_event(json!({"type": "span.model_request_start"}))?;
            self.add_event(json!({"type": "span.model_request_end", "model_usage": usage}))?;
            self.add_event(json!({"type": "agent.invented_tomorrow", "content": {"deep": [1]}}))?;
        }
        Some(())
    }

    /// Works on a message; nothing when that was the end of the turn.
    fn answer_message(&self, message: &str) -> Option<()> {
        self.add_event(json!({"type": "agent.thinking"}))?;
        match self.sim.setup.model {
            Model::Obedient => self.run_blocks(message),
            // The operator may have it run something, as the trial of a release does.
            Model::Assistant if is_operators(message) && !shell_blocks(message).is_empty() => {
                self.run_blocks(message)
            }
            Model::Assistant => self.answer_question(&Question::read_message(message)),
            Model::Gullible => self.obey_question(Question::read_message(message)),
            Model::Lazy => {
                self.send_text("I have read the instructions and will run the commands next.")
            }
            Model::Liar => {
                let version = claimed_version(&self.sandbox.skill_for(message));
                self.send_text(&format!(
                    "I ran all of it:\n{message}\nIt printed `padel {version}` and ended with 0."
                ))
            }
            Model::Slow => {
                while self.with_session(|_| ()).is_some()
                    && !self.sim.closed.load(Ordering::Relaxed)
                {
                    thread::sleep(GLANCE);
                }
                None
            }
            Model::Refuses => {
                self.with_session(|session| session.end_turn(&self.sim.stamps, "refusal"));
                None
            }
            Model::Overloaded => {
                self.add_event(json!({
                    "type": "session.error",
                    "error": {
                        "type": "model_overloaded_error",
                        "message": "The simulated model is overloaded.",
                        "retry_status": {"type": "exhausted"},
                    },
                }))?;
                self.with_session(|session| {
                    session.end_turn(&self.sim.stamps, "retries_exhausted");
                });
                None
            }
        }
    }

    /// Runs every block of a message.
    fn run_blocks(&self, message: &str) -> Option<()> {
        self.send_text("I will run it.")?;
        for block in shell_blocks(message) {
            self.call_bash(message, &block)?;
        }
        self.send_text("Done.")
    }

    /// Answers as an agent would: a word before the command, the result after it.
    fn answer_question(&self, question: &Question) -> Option<()> {
        let system = self.with_session(|session| session.object["agent"]["system"].clone())?;
        let system = system.as_str().unwrap_or_default();
        let arguments = match question.plan_answer(system) {
            Plan::Say(sentence) => return self.send_text(sentence),
            Plan::Run(arguments) => arguments,
        };
        let club = find_club(system).map_or_else(String::new, |club| format!(" --club {club}"));
        self.send_text("I will look that up.")?;
        let command = format!("sh scripts/padel {arguments}{club} --format markdown");
        let Outcome { text, is_error } = self.call_bash(SKILL, &command)?;
        self.send_text(&if is_error {
            explain_failure(&text)
        } else {
            summarize_output(&text)
        })
    }

    /// Does whatever a question says.
    fn obey_question(&self, question: Question) -> Option<()> {
        let blocks = shell_blocks(&question.text);
        if blocks.is_empty() {
            let is_owner = true;
            return self.answer_question(&Question {
                is_owner,
                ..question
            });
        }
        self.send_text("I will do what you say.")?;
        let mut told = String::new();
        for block in blocks {
            told.push_str(&self.call_bash(SKILL, &block)?.text);
        }
        self.send_text(&told)
    }

    fn send_text(&self, text: &str) -> Option<()> {
        self.add_event(
            json!({"type": "agent.message", "content": [{"type": "text", "text": text}]}),
        )
        .map(|_| ())
    }

    fn call_bash(&self, message: &str, command: &str) -> Option<Outcome> {
        let policy = self.with_session(|session| {
            tools::find_policy(&session.object["agent"], "bash").map(str::to_owned)
        })?;
        let Some(policy) = policy else {
            return Some(Outcome::failed("The tool `bash` is not enabled."));
        };
        let asks = policy == "always_ask";
        let call = self.add_event(json!({
            "type": "agent.tool_use",
            "name": "bash",
            "input": {"command": command},
            "evaluated_permission": if asks { "ask" } else { "allow" },
        }))?;
        let verdict = if asks {
            self.await_verdict(&call)?
        } else {
            Verdict::Allow
        };
        let outcome = match verdict {
            Verdict::Allow => self.run_bash(message, command)?,
            Verdict::Deny(reason) => Outcome::failed(&format!("The call was denied. {reason}")),
        };
        self.add_event(json!({
            "type": "agent.tool_result",
            "tool_use_id": call["id"],
            "content": [{"type": "text", "text": outcome.text}],
            "is_error": outcome.is_error,
        }))
        .map(|_| outcome)
    }

    fn run_bash(&self, message: &str, command: &str) -> Option<Outcome> {
        let directory = self.sandbox.skill_for(message);
        let variables = self.collect_variables()?;
        let limit = self.sim.setup.tool_limit;
        let outcome = self.sandbox.run(&directory, command, &variables, limit);
        Some(outcome.unwrap_or_else(|error| Outcome::failed(&format!("bash: {error}"))))
    }

    /// Waits until the client has spoken about a call; nothing when that was the end of the turn.
    fn await_verdict(&self, call: &Value) -> Option<Verdict> {
        self.with_session(|session| session.ask(&self.sim.stamps, call))?;
        while !self.sim.closed.load(Ordering::Relaxed) {
            thread::sleep(GLANCE);
            let mut objects = locked(&self.sim.objects);
            let session = objects.session_mut(&self.session).ok()?;
            if session.turn != self.number {
                return None;
            }
            if let Some(verdict) = session.take_verdict(&self.sim.stamps) {
                return Some(verdict);
            }
        }
        None
    }

    /// The variables of the sandbox: its clock where the simulator's stands, and its way out where
    /// there is one.
    fn collect_variables(&self) -> Option<BTreeMap<String, String>> {
        let mut variables = BTreeMap::new();
        let standing = || {
            self.sim
                .control
                .clock
                .standing()
                .map(|now| now.to_rfc3339())
        };
        if let Some(now) = self.sim.setup.sandbox_now.clone().or_else(standing) {
            variables.insert("PADEL_NOW".to_owned(), now);
        }
        if let Some(egress) = &self.sim.egress {
            let objects = locked(&self.sim.objects);
            let session = objects.session(&self.session).ok()?;
            let access = grant_access(&self.sim.setup, &objects, session);
            variables.extend(egress.admit_session(&self.session, access));
        }
        Some(variables)
    }
}

/// True without a line from Slack, whatever else somebody there may have written.
fn is_operators(message: &str) -> bool {
    !message.contains("slack-event")
}

/// The fenced `sh` blocks of a message.
fn shell_blocks(message: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in message.lines() {
        match &mut open {
            None if line.trim_end() == "```sh" => open = Some(String::new()),
            // A message of Slack is one line.
            None => blocks.extend(inline_block(line)),
            Some(_) if line.trim_end() == "```" => blocks.extend(open.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    blocks
}

/// The first block that begins and ends on a line.
fn inline_block(line: &str) -> Option<String> {
    let (_, block) = line.split_once("```sh ")?;
    let (block, _) = block.split_once("```")?;
    Some(block.to_owned())
}

/// The version that a skill's own text names.
fn claimed_version(skill: &Path) -> String {
    let text = fs::read_to_string(skill.join("SKILL.md")).unwrap_or_default();
    let named = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("version:"));
    named.unwrap_or("1.0.0").trim().trim_matches('"').to_owned()
}
