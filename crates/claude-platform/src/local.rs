//! Files of this machine that settings name, read within bounds: any path may be a device or a pipe
//! that never ends.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// The longest time for one file; a pipe waits for its writer.
const READ_TIME: Duration = Duration::from_secs(10);

/// Reads a file of at most `limit` bytes, on a thread of its own, for opening a pipe can block for
/// ever.
///
/// # Errors
///
/// The system's, [`io::ErrorKind::FileTooLarge`] and [`io::ErrorKind::TimedOut`].
pub(crate) async fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let (send, receive) = oneshot::channel();
    let path = path.to_owned();
    thread::Builder::new().spawn(move || send.send(read_bounded(&path, limit)))?;
    match timeout(READ_TIME, receive).await {
        Ok(Ok(outcome)) => outcome,
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn read_bounded(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    File::open(path)?
        .take(limit as u64 + 1)
        .read_to_end(&mut data)?;
    if data.len() > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {limit} bytes"),
        ));
    }
    Ok(data)
}
