//! Ends the process soon after its deadline, whatever it is doing then.
//!
//! The deadline itself cuts off what waits. What never gives way to it ends here: a host that talks without end, an answer
//! that takes for ever to work through, a file that is a pipe.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    cli::Format,
    error::{Code, Error},
    output,
};

/// How long after the deadline.
const GRACE: Duration = Duration::from_secs(1);

/// Watches until it is dropped.
pub(super) struct Watchdog {
    done: Arc<AtomicBool>,
}

impl Watchdog {
    /// Watches over a command that has `seconds`.
    pub(super) fn new(seconds: u64, format: Format) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&done);
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(seconds) + GRACE);
            if !watched.load(Ordering::Acquire) {
                let _ = output::write_error(&too_late(seconds), format, &mut std::io::stderr().lock());
                std::process::exit(Code::Timeout.exit().into());
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

/// What is said when the time is over.
pub(super) fn too_late(seconds: u64) -> Error {
    let message = format!("there was no complete answer within {seconds} s");
    Error::new(Code::Timeout, message, "try again, or allow more with --timeout")
}
