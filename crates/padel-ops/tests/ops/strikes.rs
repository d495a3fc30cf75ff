//! Faults at every request of a step, one run each: an answer that is lost before or after it was
//! carried out, a refusal, a kill. Several at a time, for each waits most of the while.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{At, Fault};

use crate::platform::{Run, Stage};

/// An accident at one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    Once(Fault),
    /// More often than anything is sent again.
    Always(Fault),
    /// SIGKILL, when the request was or was not carried out and no answer came.
    Kill(Fault),
}

const AT_CHANGES: [Strike; 11] = [
    Strike::Once(Fault::LostBefore),
    Strike::Once(Fault::LostAfter),
    Strike::Once(Fault::ResetAfter),
    Strike::Once(Fault::Truncated),
    Strike::Once(Fault::Status(500)),
    Strike::Once(Fault::Status(529)),
    Strike::Once(Fault::Status(409)),
    Strike::Once(Fault::Status(429)),
    Strike::Always(Fault::LostAfter),
    Strike::Kill(Fault::LostBefore),
    Strike::Kill(Fault::LostAfter),
];
const AT_READS: [Strike; 3] = [
    Strike::Once(Fault::LostAfter),
    Strike::Always(Fault::Status(500)),
    Strike::Kill(Fault::LostAfter),
];

/// The part of the reads in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    Struck,
    /// Another table strikes the same reads.
    Spared,
}

impl Strike {
    /// Runs a command that is struck at this request of its own, from 1.
    pub(crate) fn run(self, stage: &Stage, args: &str, request: usize) -> Option<Run> {
        let (fault, times) = match self {
            Self::Once(fault) | Self::Kill(fault) => (fault, 1),
            Self::Always(fault) => (fault, 12),
        };
        stage.fault(fault, At::Request(u32::try_from(request).unwrap()), times);
        let outcome = match self {
            Self::Kill(_) => {
                run_until_killed(stage, args, stage.calls().len() + request);
                None
            }
            _ => Some(stage.run(args)),
        };
        let calls = stage.platform.calls();
        let was_struck = calls.iter().any(|call| call.fault.is_some());
        assert!(was_struck || outcome.is_none(), "{self:?} struck nothing");
        stage.platform.clear_faults();
        outcome
    }
}

/// At real pace, so that the tool still waits for the answer or its next try when it is killed.
fn run_until_killed(stage: &Stage, args: &str, request: usize) {
    let hurried = stage.command(args);
    let mut command = Command::new(hurried.get_program());
    let words: Vec<_> = hurried.get_args().collect();
    command.args(&words[..words.len() - 2]);
    command
        .env_clear()
        .current_dir(hurried.get_current_dir().unwrap());
    for (name, value) in hurried.get_envs() {
        command.env(name, value.unwrap());
    }
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while stage.platform.calls().len() < request && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "request {request} was not sent");
        thread::sleep(Duration::from_millis(3));
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// Strikes at every request of `args`, each time on a fresh stage, and lets `check` say what must
/// hold once the same command was run again.
pub(crate) fn strike_everywhere(
    make: impl Fn() -> Stage + Sync,
    args: &str,
    reads: Reads,
    check: impl Fn(&Stage, &str) + Sync,
) {
    let stage = make();
    let before = stage.calls().len();
    stage.fine(args);
    let calls = stage.calls()[before..].to_vec();
    check(&stage, "without a fault");
    assert!((8..60).contains(&calls.len()), "{calls:?}");
    let mut cases = Vec::new();
    for (place, call) in calls.iter().enumerate() {
        let strikes: &[Strike] = match (call.starts_with("GET "), reads) {
            (true, Reads::Struck) => &AT_READS,
            (true, Reads::Spared) => &[],
            (false, _) => &AT_CHANGES,
        };
        cases.extend(strikes.iter().map(|strike| (*strike, place + 1, call)));
    }
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((strike, request, call)) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let case = format!("{strike:?} at {request}, {call}");
                    let outcome = catch_unwind(AssertUnwindSafe(|| {
                        let stage = make();
                        let first = strike.run(&stage, args, *request);
                        if let Some(first) = &first {
                            let is_told = first.code == 0 || first.stderr.contains("\nhint: ");
                            assert!(is_told, "{case}: {first:?}");
                        }
                        let second = stage.run(args);
                        assert_eq!(second.code, 0, "{case}: {first:?}, then {second:?}");
                        check(&stage, &case);
                    }));
                    if outcome.is_err() {
                        failures.lock().unwrap().push(case);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let count = cases.len();
    assert!(
        failures.is_empty(),
        "{} of {count} failed: {failures:#?}",
        failures.len()
    );
}
