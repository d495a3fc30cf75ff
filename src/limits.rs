//! What a machine refuses for want of something: files, processes, memory. Never a bug of padel's,
//! nor the network's fault.

use std::io;

use crate::error::{Code, Error};

/// The files of a runtime, with those for signals that some builds of it open: it panics where it
/// gets too few.
const RUNTIME: usize = 6;

/// Whether a runtime and a thread can be started.
pub(crate) fn probe_runtime() -> io::Result<()> {
    probe_files(RUNTIME).and_then(|()| probe_memory())
}

/// Whether so many more files can be opened. Without one, settings would count as absent.
#[cfg(unix)]
pub(crate) fn probe_files(count: usize) -> io::Result<()> {
    use std::os::fd::{AsFd as _, OwnedFd};
    let stdin = io::stdin();
    let files: io::Result<Vec<OwnedFd>> = (0..count)
        .map(|_| stdin.as_fd().try_clone_to_owned())
        .collect();
    files.map(drop)
}

#[cfg(not(unix))]
pub(crate) fn probe_files(_: usize) -> io::Result<()> {
    Ok(())
}

/// Whether there is memory for a usual call: for keys from a password, of 8 MiB each, and some
/// weeks' courts. Where it ends on the way, nothing can be said any more, nor be kept of a sign-in.
pub(crate) fn probe_memory() -> io::Result<()> {
    const USUAL: usize = 32 * 1024 * 1024;
    let mut some: Vec<u8> = Vec::new();
    let reserved = some.try_reserve_exact(USUAL);
    // What nobody looks at need not be allocated.
    std::hint::black_box(&some);
    reserved.map_err(|_| io::ErrorKind::OutOfMemory.into())
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
        if let Some(error) = error
            .downcast_ref::<io::Error>()
            .filter(|error| limit(error).is_some())
        {
            return Some(reached(error, what));
        }
        next = error.source();
    }
    None
}

#[cfg(unix)]
const MEMORY: &str =
    "this machine lets padel have too little memory: allow more (`ulimit -v unlimited`)";

/// What to do about the limit that an error is about.
#[cfg(unix)]
fn limit(error: &io::Error) -> Option<&'static str> {
    use rustix::io::Errno;
    if error.kind() == io::ErrorKind::OutOfMemory {
        return Some(MEMORY);
    }
    let number = Errno::from_io_error(error)?;
    if [Errno::MFILE, Errno::NFILE].contains(&number) {
        return Some(
            "this machine lets padel open too few files: allow some more (`ulimit -n 64`)",
        );
    }
    if [Errno::NOMEM, Errno::NOBUFS].contains(&number) {
        return Some(MEMORY);
    }
    None
}

#[cfg(not(unix))]
fn limit(_: &io::Error) -> Option<&'static str> {
    None
}
