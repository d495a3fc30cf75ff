//! The queue of asynchronous invocations: attempts, retries, and what becomes of events that
//! failed. Its waits go by the region's clock.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use sim_server::locked;

use super::{Deployed, Mishap, Outcome, invoke};
use crate::sim::Sim;

/// The waits before the first and the second retry (documented).
const RETRIES: [TimeDelta; 2] = [TimeDelta::minutes(1), TimeDelta::minutes(2)];
/// The first and the longest wait of an event that was throttled (documented); each is twice the
/// one before (assumed).
const THROTTLED: (TimeDelta, TimeDelta) = (TimeDelta::seconds(1), TimeDelta::minutes(5));

#[derive(Debug, Default)]
pub(super) struct Queue {
    next: u64,
    /// Attempts begun so far.
    pub(super) attempts: u32,
    /// Each event under way; with the time until which it waits.
    stages: BTreeMap<u64, Option<DateTime<Utc>>>,
}

impl Queue {
    pub(super) fn is_at_rest(&self, now: DateTime<Utc>) -> bool {
        let mut stages = self.stages.values();
        stages.all(|due| due.is_some_and(|due| due > now))
    }
}

/// An event in the queue.
#[derive(Debug, Clone)]
struct Event {
    function: String,
    payload: Value,
    request_id: String,
    queued: DateTime<Utc>,
}

/// Queues an event for a function that exists.
pub(crate) fn push_event(sim: &Arc<Sim>, function: &str, payload: Value) {
    if let Some(deployed) = sim.lambda.function(function)
        && deployed.function.is_by_hand
    {
        locked(&deployed.held).push(payload);
        return;
    }
    push(
        sim,
        Event {
            function: function.to_owned(),
            payload,
            request_id: sim.next_request_id(),
            queued: sim.control.clock.now(),
        },
    );
}

fn push(sim: &Arc<Sim>, event: Event) {
    let number = {
        let mut queue = locked(&sim.lambda.queue);
        queue.next += 1;
        let number = queue.next;
        queue.stages.insert(number, None);
        number
    };
    let sim = Arc::clone(sim);
    tokio::spawn(async move {
        deliver(&sim, number, &event).await;
        locked(&sim.lambda.queue).stages.remove(&number);
    });
}

async fn wait(sim: &Sim, number: u64, by: TimeDelta) {
    let due = sim.control.clock.now() + by;
    let set_stage = |stage| locked(&sim.lambda.queue).stages.insert(number, stage);
    set_stage(Some(due));
    sim.control.clock.wait_until(due).await;
    set_stage(None);
}

async fn deliver(sim: &Arc<Sim>, number: u64, event: &Event) {
    let Some(deployed) = sim.lambda.function(&event.function) else {
        return;
    };
    let longest_age = TimeDelta::from_std(deployed.function.longest_age).unwrap_or(TimeDelta::MAX);
    let (mut failed, mut backoff, mut invoked) = (0, THROTTLED.0, 0);
    loop {
        let mishap = begin_attempt(sim, &event.function);
        match mishap {
            Some(Mishap::Lost) => return,
            Some(Mishap::Late(seconds)) => {
                wait(sim, number, TimeDelta::seconds(seconds.into())).await;
            }
            Some(Mishap::Doubled(times)) => (0..times).for_each(|_| push(sim, event.clone())),
            _ => {}
        }
        let outcome = match mishap {
            Some(Mishap::Throttled) => Outcome::Throttled,
            _ => invoke(sim, deployed, &event.payload).await,
        };
        let error = match (outcome, mishap) {
            (Outcome::Answered(_), Some(Mishap::AnswerLost)) => {
                br#"{"errorType":"Lambda.Unknown","errorMessage":"the answer was lost"}"#.to_vec()
            }
            (Outcome::Answered(_), _) => return,
            (Outcome::Failed(error), _) => error,
            (Outcome::Throttled, _) => {
                if sim.control.clock.now() + backoff - event.queued > longest_age {
                    return give_up(sim, deployed, event, "EventAgeExceeded", invoked, None);
                }
                wait(sim, number, backoff).await;
                backoff = (backoff * 2).min(THROTTLED.1);
                continue;
            }
        };
        invoked += 1;
        failed += 1;
        if failed > deployed.function.retries {
            let condition = "RetriesExhausted";
            return give_up(sim, deployed, event, condition, invoked, Some(&error));
        }
        let pause = RETRIES[failed.min(2) as usize - 1];
        if sim.control.clock.now() + pause - event.queued > longest_age {
            let condition = "EventAgeExceeded";
            return give_up(sim, deployed, event, condition, invoked, Some(&error));
        }
        wait(sim, number, pause).await;
    }
}

/// Begins an attempt; returns the mishap that strikes it, the earliest that does.
fn begin_attempt(sim: &Sim, function: &str) -> Option<Mishap> {
    let number = {
        let mut queue = locked(&sim.lambda.queue);
        queue.attempts += 1;
        queue.attempts
    };
    let path = format!("/{function}");
    let mut mishaps = locked(&sim.lambda.mishaps);
    mishaps
        .iter_mut()
        .find_map(|armed| armed.strike(number, "POST", &path))
}

/// Sends an invocation's record to the failure destination (its fields are documented).
fn give_up(
    sim: &Sim,
    deployed: &Deployed,
    event: &Event,
    condition: &str,
    invoked: u32,
    error: Option<&[u8]>,
) {
    let mut record = json!({
        "version": "1.0",
        "timestamp": sim.control.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": format!("{}:$LATEST", deployed.arn),
            "condition": condition,
            "approximateInvokeCount": invoked,
        },
        "requestPayload": event.payload,
    });
    if let Some(error) = error {
        record["responseContext"] = json!({
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        });
        record["responsePayload"] = serde_json::from_slice(error).unwrap_or(Value::Null);
    }
    if deployed.function.has_destination {
        locked(&sim.lambda.failures).push(record);
    }
}
