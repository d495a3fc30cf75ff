//! One event on its way to the app: attempts, mishaps and retries.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sim_server::locked;
use tokio::select;

use super::{
    Event,
    queue::{Delivery, Stage},
    sending::{self, Signed},
};
use crate::{mishap::Mishap, sim::Sim, socket};

/// Documented: an app has three seconds to answer.
pub(super) const DEADLINE: TimeDelta = TimeDelta::seconds(3);

/// Documented: three retries, nearly at once, after one minute and after five.
const RETRIES: [TimeDelta; 3] = [
    TimeDelta::zero(),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
];

/// Known as an option of apps, not looked up: what failed four times comes again every hour for a
/// day.
const HOURLY: [TimeDelta; 24] = [TimeDelta::hours(1); 24];

/// The most that a swapped event waits for another one.
const MOST_HELD: TimeDelta = TimeDelta::seconds(5);

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The status of the app's answer.
    Answered(u16),
    /// Over Socket Mode.
    Acknowledged,
    /// No answer within three seconds, or none that came back.
    TimedOut,
    /// It could not be sent; the reason as Slack names it.
    Failed(&'static str),
}

impl Outcome {
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Acknowledged | Self::Answered(200..300))
    }

    /// `x-slack-retry-reason` of the next attempt.
    fn reason(&self) -> &'static str {
        match self {
            Self::TimedOut => "http_timeout",
            Self::Failed(reason) => reason,
            Self::Answered(_) | Self::Acknowledged => "http_error",
        }
    }
}

/// An attempt to deliver an event, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// `Ev…`; none for `app_rate_limited`.
    pub event_id: Option<String>,
    /// Type and subtype of the event: `/message/file_share`.
    pub path: String,
    /// `ts` of the message that it is about.
    pub ts: Option<String>,
    /// 0 for the first attempt.
    pub retry: usize,
    /// `x-slack-retry-reason`, for retries.
    pub reason: Option<&'static str>,
    pub outcome: Outcome,
    /// The workspace's time at which it began.
    #[serde(serialize_with = "tell_time")]
    pub began: DateTime<Utc>,
    /// From its sending to its outcome, in real time.
    #[serde(serialize_with = "tell_millis")]
    pub took: Duration,
    /// As text.
    pub mishap: Option<String>,
}

/// Delivers an event, with retries, until it arrived or Slack gives up.
pub(super) async fn deliver_event(sim: Arc<Sim>, delivery: Delivery) {
    let number = delivery.number;
    try_until_delivered(&sim, delivery).await;
    sim.deliveries.set_stage(number, None);
}

async fn try_until_delivered(sim: &Sim, delivery: Delivery) {
    let Delivery {
        number,
        event,
        mut mishap,
    } = delivery;
    let mut kept = None;
    let mut reason = None;
    let later = if sim.setup.hourly_retries {
        &HOURLY[..]
    } else {
        &[]
    };
    let retries = RETRIES.iter().chain(later).map(Some);
    for (retry, pause) in std::iter::once(None).chain(retries).enumerate() {
        if let Some(pause) = pause {
            wait(sim, number, *pause).await;
            mishap = sim.deliveries.begin_attempt(&event.path);
        }
        prepare_attempt(sim, number, &event, mishap).await;
        let Some(target) = find_target(sim) else {
            return;
        };
        let signed = match kept.take() {
            Some(first) if !sim.setup.fresh_retries => first,
            _ => Signed::new(sim, &event.body),
        };
        let began = sim.stamps.now();
        let started = Instant::now();
        let (mut outcome, is_final) = match mishap {
            Some(Mishap::Failed(reason)) => (Outcome::Failed(reason.0), false),
            _ => attempt(sim, &target, &signed, retry, reason).await,
        };
        if mishap == Some(Mishap::AnswerLost) {
            wait(sim, number, DEADLINE - (sim.stamps.now() - began)).await;
            outcome = Outcome::TimedOut;
        }
        let is_success = outcome.is_success();
        let next_reason = outcome.reason();
        locked(&sim.app).note_result(sim.stamps.now(), is_success);
        sim.deliveries.note_attempt(Attempt {
            event_id: event.id.clone(),
            path: event.path.clone(),
            ts: event.ts.clone(),
            retry,
            reason,
            outcome,
            began,
            took: started.elapsed(),
            mishap: mishap.map(|mishap| mishap.to_string()),
        });
        if is_success || is_final {
            return;
        }
        kept = Some(signed);
        reason = Some(next_reason);
    }
}

/// Plays the mishaps that come before an attempt.
async fn prepare_attempt(sim: &Sim, number: u64, event: &Event, mishap: Option<Mishap>) {
    match mishap {
        Some(Mishap::Late(seconds)) => {
            wait(sim, number, TimeDelta::seconds(seconds.into())).await;
        }
        Some(Mishap::Swapped) => wait_for_another(sim, number).await,
        Some(Mishap::Doubled(times)) => {
            (0..times).for_each(|_| sim.deliveries.push(event.with_new_id(sim)));
        }
        Some(Mishap::Repeated(times)) => {
            (0..times).for_each(|_| sim.deliveries.push(event.clone()));
        }
        Some(Mishap::Failed(_) | Mishap::AnswerLost) | None => {}
    }
}

/// The destination of events.
enum Target {
    Socket,
    Url(String),
}

/// None while the app has no request URL, or its subscriptions are off.
fn find_target(sim: &Sim) -> Option<Target> {
    let app = locked(&sim.app);
    if app.is_disabled {
        return None;
    }
    if sim.setup.socket_mode {
        return Some(Target::Socket);
    }
    app.request_url.clone().map(Target::Url)
}

/// Sends the event once. The second value is true when the app wants no retry.
async fn attempt(
    sim: &Sim,
    target: &Target,
    signed: &Signed,
    retry: usize,
    reason: Option<&'static str>,
) -> (Outcome, bool) {
    let deadline = sim.stamps.now() + DEADLINE;
    let sent = async {
        match target {
            Target::Socket => {
                let outcome = socket::send_event(sim, signed.payload(), retry, reason).await;
                (outcome, false)
            }
            Target::Url(url) => sending::post_event(url, signed, retry, reason).await,
        }
    };
    select! {
        result = sent => result,
        () = sim.control.clock.wait_until(deadline) => (Outcome::TimedOut, false),
    }
}

/// Waits by the workspace's clock.
async fn wait(sim: &Sim, number: u64, pause: TimeDelta) {
    let due = sim.stamps.now() + pause;
    sim.deliveries.set_stage(number, Some(Stage::Waiting(due)));
    sim.control.clock.wait_until(due).await;
    sim.deliveries.set_stage(number, Some(Stage::Busy));
}

/// Waits until another attempt has been made.
async fn wait_for_another(sim: &Sim, number: u64) {
    let made = sim.deliveries.made.notified();
    select! {
        () = made => sim.deliveries.set_stage(number, Some(Stage::Busy)),
        () = wait(sim, number, MOST_HELD) => {}
    }
}

fn tell_time<S: serde::Serializer>(time: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&time.to_rfc3339())
}

fn tell_millis<S: serde::Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(took.as_secs_f64() * 1000.0)
}
