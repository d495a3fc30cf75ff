//! The one error that ends the process: from `main`, the watchdog, a signal or a panic.
//!
//! Only `main` may wait for a reader of stderr. The others take no lock of the standard streams and
//! wait for nobody: what they end may be what blocks.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicU16, Ordering},
    thread,
    time::Duration,
};

use diagnostic::ErrorCode as _;
use unicode_width::UnicodeWidthStr as _;

use crate::error::{Code, Error};

/// The time that a thread may take to end the process before another one does: it has one line to
/// write.
const PATIENCE: Duration = Duration::from_millis(200);

/// Set where errors are JSON, for those who do not know the command line.
static JSON: AtomicBool = AtomicBool::new(false);
/// Set once a thread tells its error.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Columns of the terminal that errors go to; 0 where they are not wrapped.
static WIDTH: AtomicU16 = AtomicU16::new(0);
/// Set where errors have colour.
static COLOR: AtomicBool = AtomicBool::new(false);

/// Sets how errors look from now on: broken between words at the width, and with colour.
pub fn set_error_style(width: Option<u16>, color: bool) {
    WIDTH.store(width.unwrap_or(0), Ordering::SeqCst);
    COLOR.store(color, Ordering::SeqCst);
}

/// Sets the form of errors from now on: JSON or text.
pub fn set_json_errors(json: bool) {
    JSON.store(json, Ordering::SeqCst);
}

/// Ends `main` with the exit code of a success, or tells of a failure, unless another thread is ending the process at this moment.
#[must_use]
pub fn finish(outcome: Result<u8, Error>) -> ExitCode {
    let error = match outcome {
        Ok(code) => return ExitCode::from(code),
        Err(error) => error,
    };
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        // Whoever was first ends the process now.
        thread::sleep(PATIENCE * 5);
    } else {
        // With stderr closed the exit code still tells.
        let _ = io::stderr().lock().write_all(render(&error).as_bytes());
    }
    ExitCode::from(error.code.exit())
}

/// Tells of an error and ends the process, whatever its other threads do.
pub fn end_now(error: &Error) -> ! {
    if IS_ENDING.swap(true, Ordering::SeqCst) {
        thread::sleep(PATIENCE);
    } else {
        write_if_ready(render(error).as_bytes());
    }
    exit_with(error.code)
}

/// Turns a panic into an `internal` error that names the place. Its message could hold anything.
pub fn hide_panic_messages() {
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
    let is_json = JSON.load(Ordering::SeqCst);
    let text = error.render(is_json);
    let width = usize::from(WIDTH.load(Ordering::SeqCst));
    if is_json || width == 0 {
        return text;
    }
    let wrapped: String = text.lines().map(|line| wrap_line(line, width)).collect();
    if !COLOR.load(Ordering::SeqCst) {
        return wrapped;
    }
    wrapped
        .replacen("error:", "\u{1b}[1;31merror:\u{1b}[0m", 1)
        .replacen("\nhint:", "\n\u{1b}[1mhint:\u{1b}[0m", 1)
}

/// Breaks a line between words; what is longer than the width stays whole, to be copied.
fn wrap_line(line: &str, width: usize) -> String {
    let (mut wrapped, mut columns) = (String::new(), 0);
    for word in line.split(' ') {
        let length = word.width();
        if columns > 0 && columns + 1 + length > width {
            wrapped.push_str("\n  ");
            columns = 2;
        } else if !wrapped.is_empty() {
            wrapped.push(' ');
            columns += 1;
        }
        wrapped.push_str(word);
        columns += length;
    }
    wrapped.push('\n');
    wrapped
}

/// Writes to stderr, if that takes the text at once.
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

/// Ends the process; nothing more runs in it.
#[cfg(unix)]
fn exit_with(code: Code) -> ! {
    signal_hook::low_level::exit(code.exit().into())
}

#[cfg(not(unix))]
fn exit_with(code: Code) -> ! {
    std::process::exit(code.exit().into())
}
