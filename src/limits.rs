//! What a machine refuses for want of something: files, processes, memory. Never a bug of padel's, nor the network's fault.

use std::io;

use crate::error::{Code, Error};

/// Whether one more file can be opened. Without one, settings would count as absent.
#[cfg(unix)]
pub(crate) fn probe_files() -> io::Result<()> {
    use std::os::fd::AsFd as _;
    io::stdin().as_fd().try_clone_to_owned().map(drop)
}

#[cfg(not(unix))]
pub(crate) fn probe_files() -> io::Result<()> {
    Ok(())
}

/// The error for a limit of the machine, of what could not be done for it.
pub(crate) fn reached(error: &io::Error, what: &str) -> Error {
    let hint = limit(error).unwrap_or("look at the machine's limits with `ulimit -a`");
    Error::new(Code::Internal, format!("{what}: {error}"), hint)
}

/// The same for any error that a limit has caused; `None` for others.
pub(crate) fn cause(error: &(dyn std::error::Error + 'static), what: &str) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>().filter(|error| limit(error).is_some()) {
            return Some(reached(error, what));
        }
        next = error.source();
    }
    None
}

/// What to do about the limit that an error is about.
#[cfg(unix)]
fn limit(error: &io::Error) -> Option<&'static str> {
    use rustix::io::Errno;
    let number = Errno::from_io_error(error)?;
    if [Errno::MFILE, Errno::NFILE].contains(&number) {
        return Some("this machine lets padel open too few files: allow some more (`ulimit -n 64`)");
    }
    if [Errno::NOMEM, Errno::NOBUFS].contains(&number) {
        return Some("this machine lets padel have too little memory: allow more (`ulimit -v unlimited`)");
    }
    None
}

#[cfg(not(unix))]
fn limit(_: &io::Error) -> Option<&'static str> {
    None
}
