//! Schedules: an event at a rate, by the region's clock.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;

use super::push_event;
use crate::sim::Sim;

/// Invokes a function asynchronously at a rate, until the region is dropped. The first time is one
/// interval after the start. Instants that the clock leaps over are made up for once.
pub(crate) async fn run_schedule(sim: Arc<Sim>, function: String, every: TimeDelta, input: Value) {
    let mut due = sim.control.clock.now() + every;
    loop {
        sim.control.clock.wait_until(due).await;
        push_event(&sim, &function, input.clone());
        due += every;
        if due < sim.control.clock.now() {
            due = sim.control.clock.now() + every;
        }
    }
}
