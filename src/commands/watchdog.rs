//! Ends the process soon after its deadline, whatever it is doing then.
//!
//! The deadline itself cuts off what waits. What never gives way to it ends here: a host that never
//! stops sending, an answer that takes too long to work through, a file that is a pipe.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    ending::end_now,
    error::{Code, Error},
};

/// Time after the deadline: what gives way to the deadline needs less.
const GRACE: Duration = Duration::from_secs(1);
/// Bytes of the thread's stack. It needs little, and where memory is bounded the usual two megabytes
/// may be too much.
const STACK: usize = 128 * 1024;

/// Watches until it is dropped.
pub(super) struct Watchdog {
    done: Arc<AtomicBool>,
}

impl Watchdog {
    /// Watches over a command that has `seconds`.
    pub(super) fn new(seconds: u64) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&done);
        let watcher = thread::Builder::new()
            .name("watchdog".to_owned())
            .stack_size(STACK);
        // Where the machine allows no thread, what waits still ends at the deadline.
        let _ = watcher.spawn(move || {
            thread::sleep(Duration::from_secs(seconds) + GRACE);
            if !watched.load(Ordering::Acquire) {
                end_now(&timeout_error(seconds));
            }
        });
        Self { done }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
    }
}

/// The error of a command whose time is over.
pub(super) fn timeout_error(seconds: u64) -> Error {
    let message = format!("there was no complete answer within {seconds} s");
    Error::new(
        Code::Timeout,
        message,
        "try again, or allow more with --timeout",
    )
}
