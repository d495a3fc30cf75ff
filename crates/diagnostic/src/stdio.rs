//! The ends of a tool: its answer on stdout, its error on stderr, its exit code.

use std::{
    io::{self, BufWriter, ErrorKind, StdoutLock, Write as _},
    process::ExitCode,
};

use crate::{Error, ErrorCode};

/// Prints an answer to stdout. A reader who closes the pipe has seen enough.
///
/// # Errors
///
/// `internal` when it cannot be written.
pub fn print_answer<C: ErrorCode>(
    write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>,
) -> Result<(), Error<C>> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("the answer could not be written ({error})");
            Err(Error::new(
                C::INTERNAL,
                message,
                "look at where stdout goes",
            ))
        }
        _ => Ok(()),
    }
}

/// Tells of a failure on stderr, and returns the exit code.
#[must_use]
pub fn finish<C: ErrorCode>(outcome: Result<(), Error<C>>, json: bool) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    // With stderr closed the exit code still tells.
    let _ = io::stderr().lock().write_all(error.render(json).as_bytes());
    ExitCode::from(error.code.exit())
}
