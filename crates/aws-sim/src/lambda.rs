//! Lambda: functions, their execution environments, and who invokes them.
//!
//! An environment is a process that speaks the Runtime API on a port of its own. It is stopped
//! (SIGSTOP) while it waits for an invocation, as Lambda freezes environments, and killed when it
//! is too slow.

mod environment;
mod event;
mod front;
mod function;
mod invocation;
mod mishap;
mod queue;
mod quota;
mod runtime_api;
mod schedule;
mod throttle;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use sim_server::{Armed, Order, locked};

use environment::Environment;
pub use front::Front;
pub(crate) use front::answer_request;
pub use function::Function;
pub use invocation::Invocation;
use invocation::Outcome;
pub(crate) use invocation::invoke;
pub use mishap::Mishap;
pub(crate) use queue::push_event;
pub(crate) use schedule::run_schedule;

use crate::{
    answer::{Answer, Refusal},
    setup::Setup,
};

/// All functions of the region.
#[derive(Debug, Default)]
pub(crate) struct Lambda {
    functions: BTreeMap<String, Deployed>,
    /// The endpoint that functions are given for all services.
    endpoint: Mutex<String>,
    invocations: Mutex<Vec<Invocation>>,
    queue: Mutex<queue::Queue>,
    mishaps: Mutex<Vec<Armed<Mishap>>>,
    /// What the failure destinations received.
    failures: Mutex<Vec<Value>>,
}

/// A function and its environments.
#[derive(Debug)]
pub(crate) struct Deployed {
    function: Function,
    arn: String,
    environments: Mutex<Vec<Arc<Environment>>>,
    /// Processes so far.
    started: Mutex<usize>,
    /// Those that are being started and not among the environments yet.
    starting: Mutex<usize>,
    throttle: Mutex<Option<throttle::Throttle>>,
    /// Events that wait for a test to take them.
    held: Mutex<Vec<Value>>,
    /// What its environments wrote to stdout and stderr.
    log: Arc<Mutex<String>>,
}

/// The part of a request to the service that names an invocation.
const INVOCATIONS: (&str, &str) = ("/2015-03-31/functions/", "/invocations");

impl Lambda {
    pub(crate) fn new(
        setup: &Setup,
        functions: Vec<Function>,
        mishaps: Vec<Order<Mishap>>,
    ) -> Self {
        let deployed = functions.into_iter().map(|function| {
            let name = function.name.clone();
            let arn = setup.arn("lambda", &format!("function:{name}"));
            let deployed = Deployed {
                throttle: Mutex::new(function.throttle.clone()),
                function,
                arn,
                environments: Mutex::default(),
                started: Mutex::default(),
                starting: Mutex::default(),
                held: Mutex::default(),
                log: Arc::default(),
            };
            (name, deployed)
        });
        let armed = mishaps.into_iter().map(|order| Armed::new(order, 0));
        Self {
            functions: deployed.collect(),
            mishaps: Mutex::new(armed.collect()),
            ..Self::default()
        }
    }

    pub(crate) fn set_endpoint(&self, url: &str) {
        url.clone_into(&mut locked(&self.endpoint));
    }

    pub(crate) fn function(&self, name: &str) -> Option<&Deployed> {
        self.functions.get(name)
    }

    pub(crate) fn invocations(&self) -> Vec<Invocation> {
        locked(&self.invocations).clone()
    }

    pub(crate) fn failures(&self) -> Vec<Value> {
        locked(&self.failures).clone()
    }

    pub(crate) fn push_mishap(&self, order: Order<Mishap>) {
        let before = locked(&self.queue).attempts;
        locked(&self.mishaps).push(Armed::new(order, before));
    }

    pub(crate) fn clear_mishaps(&self) {
        locked(&self.mishaps).clear();
    }

    /// True when nothing is under way, and nothing can begin before the clock goes on.
    pub(crate) fn is_at_rest(&self, now: chrono::DateTime<chrono::Utc>) -> bool {
        let is_busy = self.functions.values().any(Deployed::is_busy);
        !is_busy && locked(&self.queue).is_at_rest(now)
    }

    /// Kills all processes, and waits for their ends.
    pub(crate) fn kill_all(&self) {
        for deployed in self.functions.values() {
            for environment in locked(&deployed.environments).drain(..) {
                environment.end();
            }
        }
    }

    /// Kills the processes of a role's functions that are at work; returns their number.
    pub(crate) fn kill_busy(&self, role: &str) -> usize {
        let functions = self.functions.values();
        let functions = functions.filter(|deployed| deployed.function.role == role);
        functions.map(|deployed| deployed.kill(true)).sum()
    }
}

impl Deployed {
    fn is_busy(&self) -> bool {
        let environments = locked(&self.environments);
        environments.iter().any(|environment| environment.is_busy())
    }

    /// Kills its processes, or those that are at work; returns their number.
    pub(crate) fn kill(&self, busy_only: bool) -> usize {
        let environments = locked(&self.environments);
        let killed = environments
            .iter()
            .filter(|environment| !busy_only || environment.is_busy());
        killed.map(|environment| environment.kill()).count()
    }

    /// Counts a request to its HTTP API; returns false if there are too many.
    fn admit(&self, now: chrono::DateTime<chrono::Utc>) -> bool {
        let mut throttle = locked(&self.throttle);
        throttle.as_mut().is_none_or(|throttle| throttle.admit(now))
    }

    pub(crate) fn take_events(&self) -> Vec<Value> {
        std::mem::take(&mut locked(&self.held))
    }

    pub(crate) fn log(&self) -> String {
        locked(&self.log).clone()
    }

    /// The processes that there are, at work or frozen.
    pub(crate) fn count(&self) -> usize {
        locked(&self.environments).len()
    }
}

/// The name of the function that a request to the service invokes.
pub(crate) fn invoked_name(path: &str) -> Option<String> {
    let name = path
        .strip_prefix(INVOCATIONS.0)?
        .strip_suffix(INVOCATIONS.1)?;
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    // An ARN, perhaps with a version or an alias behind the name.
    let name = match name.split_once(":function:") {
        Some((_, name)) => name.to_owned(),
        None => name.into_owned(),
    };
    Some(name.split(':').next().unwrap_or_default().to_owned())
}

/// Answers an invocation over the service's own API, once its caller may invoke.
pub(crate) async fn answer_invoke(
    sim: &Arc<crate::sim::Sim>,
    name: &str,
    kind: Option<&str>,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let deployed = sim.lambda.function(name).ok_or_else(|| {
        let arn = sim.setup.arn("lambda", &format!("function:{name}"));
        Refusal::new(
            "ResourceNotFoundException",
            &format!("Function not found: {arn}"),
        )
    })?;
    let is_event = kind == Some("Event");
    // Documented: 6 MB, and 1 MB where the invocation is queued.
    let largest = if is_event { 1 << 20 } else { 6 << 20 };
    if body.len() > largest {
        return Err(Refusal::new(
            "RequestTooLargeException",
            &format!("Request must be smaller than {largest} bytes for the Invoke operation"),
        ));
    }
    let payload = if body.is_empty() { b"{}" } else { body };
    let payload: Value = serde_json::from_slice(payload).map_err(|error| {
        Refusal::new(
            "InvalidRequestContentException",
            &format!("Could not parse request body into json: {error}"),
        )
    })?;
    match kind {
        Some("DryRun") => Ok(Answer::new(204, "application/json", "")),
        Some("Event") => {
            push_event(sim, name, payload);
            Ok(Answer::new(202, "application/json", ""))
        }
        None | Some("RequestResponse") => {
            let outcome = invoke(sim, deployed, &payload).await;
            let (body, is_error) = match outcome {
                Outcome::Answered(body) => (body, false),
                Outcome::Failed(body) => (body, true),
                Outcome::Throttled => return Err(throttled()),
            };
            let mut answer = Answer::new(200, "application/json", body);
            answer.add_header("x-amz-executed-version", "$LATEST");
            if is_error {
                answer.add_header("x-amz-function-error", "Unhandled");
            }
            Ok(answer)
        }
        Some(other) => Err(Refusal::new(
            "InvalidParameterValueException",
            &format!("Value '{other}' at 'invocationType' failed to satisfy constraint"),
        )),
    }
}

fn throttled() -> Refusal {
    let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    Refusal::new("TooManyRequestsException", "Rate Exceeded.").with("Reason", Value::from(reason))
}
