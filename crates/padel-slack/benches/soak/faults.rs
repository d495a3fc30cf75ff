//! What goes wrong, by a seed. All of it passes, so that each question is answered in the end.

use claude_platform_sim::{Fault as PlatformFault, Platform};
use fastrand::Rng;
use slack_sim::{Fault, Mishap, Order, Word, Workspace};

use crate::Counts;

/// Of so many questions one comes with a fault.
const EVERY: u32 = 3;

/// Breaks something at a question, or nothing.
pub(crate) fn break_something(
    rng: &mut Rng,
    workspace: &Workspace,
    platform: &Platform,
    counts: &mut Counts,
) {
    if rng.u32(..EVERY) > 0 {
        return;
    }
    let name = match rng.u32(..3) {
        0 => break_platform(rng, platform),
        1 => break_slack(rng, workspace),
        _ => break_delivery(rng, workspace),
    };
    *counts.entry(name).or_default() += 1;
}

fn break_platform(rng: &mut Rng, platform: &Platform) -> String {
    const REQUESTS: [&str; 3] = ["POST /v1/sessions", "GET /v1/sessions", "GET /v1/agents"];
    let faults = [
        PlatformFault::Status(529),
        PlatformFault::Status(500),
        PlatformFault::Seconds429(1),
        PlatformFault::LostBefore,
        PlatformFault::LostAfter,
        PlatformFault::Reset,
        PlatformFault::ResetAfter,
        PlatformFault::Truncated,
        PlatformFault::Malformed,
        PlatformFault::Html,
        PlatformFault::CutStream(1),
        PlatformFault::EndStream(1),
    ];
    let fault = faults[rng.usize(..faults.len())];
    platform.push_fault(fault, REQUESTS[rng.usize(..REQUESTS.len())], 1);
    format!("the platform: {fault}")
}

fn break_slack(rng: &mut Rng, workspace: &Workspace) -> String {
    const METHODS: [&str; 3] = [
        "/api/chat.postMessage",
        "/api/conversations.replies",
        "/api/reactions.add",
    ];
    let faults = [
        Fault::Status(500),
        Fault::Error(Word("internal_error")),
        Fault::Seconds429(1),
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::Reset,
        Fault::ResetAfter,
        Fault::Slow(300),
        Fault::Truncated,
        Fault::Malformed,
        Fault::Html,
    ];
    let fault = faults[rng.usize(..faults.len())];
    workspace.push_fault(fault, METHODS[rng.usize(..METHODS.len())], 1);
    format!("Slack: {fault}")
}

fn break_delivery(rng: &mut Rng, workspace: &Workspace) -> String {
    const MISHAPS: [&str; 6] = [
        "failed=connection_failed",
        "answer-lost",
        "late=1",
        "swapped",
        "doubled=2",
        "repeated=1",
    ];
    let mishap = MISHAPS[rng.usize(..MISHAPS.len())];
    let order: Order<Mishap> = format!("{mishap}@/message").parse().unwrap();
    workspace.push_mishap(order);
    format!("a delivery: {mishap}")
}
