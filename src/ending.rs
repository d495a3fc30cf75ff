//! The one error that ends the process, whoever ends it: `main`, the watchdog, a signal or a panic.
//!
//! Only `main` may wait for a reader of stderr. Everybody else takes no lock of the standard
//! streams and waits for nobody: what they end may be what blocks.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use diagnostic::ErrorCode as _;

use crate::error::{Code, Error};

/// How long somebody else who is ending the process may take for it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Whether errors are JSON, for those who do not know the command line.
static JSON: AtomicBool = AtomicBool::new(false);
/// Whether somebody is telling the error already.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Sets how errors are told from now on.
pub fn tell_as_json(json: bool) {
    JSON.store(json, Ordering::SeqCst);
}

/// The end of `main`. Nothing is said where somebody else ends the process at this moment.
#[must_use]
pub fn finish(outcome: Result<(), Error>) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    if TOLD.swap(true, Ordering::SeqCst) {
        // Whoever was first ends the process now.
        thread::sleep(PATIENCE * 5);
    } else {
        // With stderr closed the exit code still tells.
        let _ = io::stderr().lock().write_all(render(&error).as_bytes());
    }
    ExitCode::from(error.code.exit())
}

/// Tells an error and ends the process, whatever its other threads are doing.
pub fn end_now(error: &Error) -> ! {
    if TOLD.swap(true, Ordering::SeqCst) {
        thread::sleep(PATIENCE);
    } else {
        write_if_ready(render(error).as_bytes());
    }
    exit(error.code)
}

/// Makes a panic an `internal` error with a place but without its message, which could hold
/// anything.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!(" at {}:{}", place.file(), place.line()))
            .unwrap_or_default();
        end_now(&Error::new(
            Code::Internal,
            format!("padel has a bug{place}"),
            "report this with the command you ran",
        ));
    }));
}

fn render(error: &Error) -> String {
    error.render(JSON.load(Ordering::SeqCst))
}

/// Writes to stderr where that takes it at once.
#[cfg(unix)]
pub(crate) fn write_if_ready(text: &[u8]) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stderr = rustix::stdio::stderr();
    let wait = Timespec {
        tv_sec: 0,
        tv_nsec: 50_000_000,
    };
    let mut polled = [PollFd::new(&stderr, PollFlags::OUT)];
    if poll(&mut polled, Some(&wait)).is_ok_and(|ready| ready > 0) {
        let _ = rustix::io::write(stderr, text);
    }
}

#[cfg(not(unix))]
pub(crate) fn write_if_ready(text: &[u8]) {
    let _ = io::stderr().write_all(text);
}

/// Ends the process without running anything more in it.
#[cfg(unix)]
fn exit(code: Code) -> ! {
    signal_hook::low_level::exit(code.exit().into())
}

#[cfg(not(unix))]
fn exit(code: Code) -> ! {
    std::process::exit(code.exit().into())
}
