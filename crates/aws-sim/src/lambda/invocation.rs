//! One invocation: an environment is found or started, and its answer awaited.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::Value;
use sim_server::locked;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use super::{
    Deployed,
    environment::{Environment, Job, Phase, error_body, now_millis},
};
use crate::sim::Sim;

/// The longest start of an environment (documented).
const LONGEST_START: Duration = Duration::from_secs(10);
/// Between two looks at whether a process still lives.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered(Vec<u8>),
    /// A function error: its own, or that of a process which ended or was too slow.
    Failed(Vec<u8>),
    /// All environments that it may have are at work.
    Throttled,
}

/// An invocation that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invocation {
    pub function: String,
    pub request_id: String,
    /// The event.
    pub payload: Value,
    /// It was the first of a new process.
    pub was_cold: bool,
    /// `answered`, `failed` or `throttled`.
    pub outcome: &'static str,
    /// What the function answered, or its error; JSON, or the text that it was.
    pub answer: Value,
    /// From the event's handover to the answer, in real time; a cold one's start is not in it.
    pub micros: u64,
}

/// Invokes a function, and waits for its answer.
pub(crate) async fn invoke(sim: &Arc<Sim>, deployed: &Deployed, payload: &Value) -> Outcome {
    let request_id = sim.next_request_id();
    let (outcome, was_cold, took) = match find_environment(sim, deployed).await {
        Found::None => (Outcome::Throttled, false, Duration::ZERO),
        Found::Broken(body) => (Outcome::Failed(body), true, Duration::ZERO),
        Found::Ready(environment, was_cold) => {
            let began = Instant::now();
            let outcome = run(deployed, &environment, &request_id, payload).await;
            (outcome, was_cold, began.elapsed())
        }
    };
    let (name, body) = match &outcome {
        Outcome::Answered(body) => ("answered", &body[..]),
        Outcome::Failed(body) => ("failed", &body[..]),
        Outcome::Throttled => ("throttled", &b"null"[..]),
    };
    let text = || Value::String(String::from_utf8_lossy(body).into_owned());
    locked(&sim.lambda.invocations).push(Invocation {
        function: deployed.function.name.clone(),
        request_id,
        payload: payload.clone(),
        was_cold,
        outcome: name,
        answer: serde_json::from_slice(body).unwrap_or_else(|_| text()),
        micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    });
    outcome
}

enum Found {
    /// An environment that was taken, and whether it is new.
    Ready(Arc<Environment>, bool),
    /// The start failed.
    Broken(Vec<u8>),
    /// There are as many as there may be.
    None,
}

async fn find_environment(sim: &Arc<Sim>, deployed: &Deployed) -> Found {
    {
        let mut environments = locked(&deployed.environments);
        environments.retain(|environment| {
            environment.exit().is_none() && environment.phase() != Phase::Dead
        });
        if let Some(waiting) = environments.iter().find(|environment| environment.take()) {
            return Found::Ready(Arc::clone(waiting), false);
        }
    }
    let Some(starting) = Starting::begin(deployed) else {
        return Found::None;
    };
    let environment = match Environment::start(sim, deployed).await {
        Ok(environment) => environment,
        Err(error) => {
            let message = format!("{}: {error}", deployed.function.program.display());
            return Found::Broken(error_body("Runtime.InvalidEntrypoint", &message));
        }
    };
    {
        let mut environments = locked(&deployed.environments);
        environments.push(Arc::clone(&environment));
        drop(starting);
    }
    match timeout(LONGEST_START, await_start(&environment)).await {
        Ok(Ok(())) if environment.take() => Found::Ready(environment, true),
        Ok(Err(body)) => {
            environment.kill();
            Found::Broken(body)
        }
        _ => {
            environment.kill();
            Found::Broken(error_body(
                "Sandbox.Timedout",
                "Init phase timed out after 10.00 seconds",
            ))
        }
    }
}

/// Counts what is starting; down again also when the start is given up.
struct Starting<'a>(&'a Deployed);

impl<'a> Starting<'a> {
    /// None where there are as many as there may be.
    fn begin(deployed: &'a Deployed) -> Option<Self> {
        let environments = locked(&deployed.environments);
        let mut starting = locked(&deployed.starting);
        if environments.len() + *starting >= deployed.function.concurrency {
            return None;
        }
        *starting += 1;
        Some(Self(deployed))
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        *locked(&self.0.starting) -= 1;
    }
}

/// Waits for the first `/next`; fails with the error of a process that ended before.
async fn await_start(environment: &Environment) -> Result<(), Vec<u8>> {
    loop {
        tokio::select! {
            () = environment.started() => return match environment.phase() {
                Phase::Dead => Err(error_body("Runtime.ExitError", "the process was killed")),
                _ => Ok(()),
            },
            () = sleep(BETWEEN_LOOKS) => {}
        }
        if let Some(status) = environment.exit() {
            let told = locked(&environment.init_error).take();
            return Err(told.unwrap_or_else(|| {
                let message = format!("Error: Runtime exited without providing a reason: {status}");
                error_body("Runtime.ExitError", &message)
            }));
        }
    }
}

async fn run(
    deployed: &Deployed,
    environment: &Environment,
    request_id: &str,
    payload: &Value,
) -> Outcome {
    let longest = deployed.function.timeout;
    let millis = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    let (answer, mut answered) = oneshot::channel();
    let job = Job {
        request_id: request_id.to_owned(),
        payload: payload.to_string().into_bytes(),
        deadline: now_millis().saturating_add(millis),
        answer,
    };
    let end = Instant::now() + longest;
    if environment.jobs.send(job).await.is_err() {
        return Outcome::Throttled;
    }
    loop {
        tokio::select! {
            answer = &mut answered => match answer {
                Ok(Ok(body)) => return Outcome::Answered(body),
                Ok(Err(body)) => return Outcome::Failed(body),
                // The process was killed.
                Err(_) => return exited(request_id, "signal: killed"),
            },
            () = tokio::time::sleep_until(end) => {
                environment.kill();
                let seconds = longest.as_secs_f64();
                let message = format!("{request_id} Task timed out after {seconds:.2} seconds");
                return Outcome::Failed(error_body("Sandbox.Timedout", &message));
            }
            () = sleep(BETWEEN_LOOKS) => {}
        }
        if let Some(status) = environment.exit() {
            // Its last word may have been an answer.
            return match answered.try_recv() {
                Ok(Ok(body)) => Outcome::Answered(body),
                Ok(Err(body)) => Outcome::Failed(body),
                Err(_) => exited(request_id, &status),
            };
        }
    }
}

fn exited(request_id: &str, status: &str) -> Outcome {
    let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
    Outcome::Failed(error_body("Runtime.ExitError", &message))
}
