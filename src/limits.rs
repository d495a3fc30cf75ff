//! Limits of a machine: files, processes, memory. Meeting one is neither padel's bug nor the
//! network's fault.

use std::io;

use crate::error::{Code, Error};

/// The files that a command needs: a runtime and its signals in some builds, and one to read
/// settings from. The runtime panics where it gets too few; without the last, settings would count
/// as absent.
const FILES: usize = 7;
/// The memory of a usual call: keys from a password take 8 MiB each, some weeks' courts the rest.
const MEMORY: usize = 32 * 1024 * 1024;

/// Checks that a command can start. Where memory ends on the way, nothing can be said any more, nor
/// be kept of a sign-in.
pub(crate) fn probe_start() -> Result<(), Error> {
    probe_files(FILES)
        .and_then(|()| probe_memory())
        .map_err(|error| explain_limit(&error, "padel could not start"))
}

/// Checks that so many more files can be opened.
#[cfg(unix)]
fn probe_files(count: usize) -> io::Result<()> {
    use std::os::fd::{AsFd as _, OwnedFd};
    let stdin = io::stdin();
    let files: io::Result<Vec<OwnedFd>> = (0..count)
        .map(|_| stdin.as_fd().try_clone_to_owned())
        .collect();
    files.map(drop)
}

#[cfg(not(unix))]
fn probe_files(_: usize) -> io::Result<()> {
    Ok(())
}

/// Checks that there is memory for a usual call.
pub(crate) fn probe_memory() -> io::Result<()> {
    let mut probe: Vec<u8> = Vec::new();
    let reserved = probe.try_reserve_exact(MEMORY);
    // The compiler may leave out what nobody looks at.
    std::hint::black_box(&probe);
    reserved.map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// Returns the error for an action that a limit prevented.
pub(crate) fn explain_limit(error: &io::Error, action: &str) -> Error {
    let hint = find_hint(error).unwrap_or("look at the machine's limits with `ulimit -a`");
    Error::new(Code::Internal, format!("{action}: {error}"), hint)
}

/// Returns the same for any error that a limit caused; `None` for others.
pub(crate) fn find_limit(error: &(dyn std::error::Error + 'static), action: &str) -> Option<Error> {
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .find(|error| find_hint(error).is_some())
        .map(|error| explain_limit(error, action))
}

/// Returns how to raise the limit that an error is about.
#[cfg(unix)]
fn find_hint(error: &io::Error) -> Option<&'static str> {
    use rustix::io::Errno;
    const TOO_LITTLE_MEMORY: &str =
        "this machine lets padel have too little memory: allow more (`ulimit -v unlimited`)";
    if error.kind() == io::ErrorKind::OutOfMemory {
        return Some(TOO_LITTLE_MEMORY);
    }
    match Errno::from_io_error(error)? {
        Errno::MFILE | Errno::NFILE => {
            Some("this machine lets padel open too few files: allow some more (`ulimit -n 64`)")
        }
        Errno::NOMEM | Errno::NOBUFS => Some(TOO_LITTLE_MEMORY),
        _ => None,
    }
}

#[cfg(not(unix))]
fn find_hint(_: &io::Error) -> Option<&'static str> {
    None
}
