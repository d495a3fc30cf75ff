//! Files that only their owner can read: the member's `.env` and `config.toml`, and everything in
//! the cache. Knows nothing of their contents.
//!
//! The cache may lie where others can write, such as in `/tmp`: what is there is used only where
//! nobody else can have put it there.

use std::{
    fs,
    io::{Error, ErrorKind, Result, Write as _},
    path::Path,
};

use crate::signals;

/// The largest file that is read back.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Makes a directory that only its owner can read; one that is there already stays as it is.
///
/// # Errors
///
/// Those of the file system.
pub fn create_dir(dir: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Writes a file with mode 0600, and its directory if there is none. A reader sees the old file or
/// the new one, whole.
///
/// # Errors
///
/// Those of the file system.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let _whole = signals::postpone_signals();
    write_postponed(path, bytes)
}

/// The same where the caller has postponed signals, so that several files are written together.
pub(crate) fn write_postponed(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    create_dir(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Overwrites a file with JSON where there is no room for a second file: at once, and filled up with
/// spaces.
///
/// # Errors
///
/// `StorageFull` where the file is smaller; those of the file system.
pub(crate) fn overwrite(path: &Path, json: &[u8]) -> Result<()> {
    let _whole = signals::postpone_signals();
    let mut file = fs::File::options().write(true).open(path)?;
    let room = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    if json.len() > room {
        return Err(ErrorKind::StorageFull.into());
    }
    let mut filled = json.to_vec();
    filled.resize(room, b' ');
    file.write_all(&filled)
}

/// Makes a directory as [`create_dir`] does, or accepts one that is ours and that nobody else can
/// write to.
///
/// # Errors
///
/// `PermissionDenied` where it is another's; those of the file system.
pub fn own_dir(dir: &Path) -> Result<()> {
    create_dir(dir)?;
    if is_own_dir(dir) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::PermissionDenied,
        "it is another user's, or others can write to it",
    ))
}

/// Reads a file of ours that nobody else can read, from a directory of ours: no link, no pipe,
/// nothing huge.
#[must_use]
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let about = fs::symlink_metadata(path).ok()?;
    let usable = about.is_file() && about.len() <= LIMIT && is_ours(&about) && is_private(path);
    if usable && is_own_dir(path.parent()?) {
        fs::read(path).ok()
    } else {
        None
    }
}

/// A link to a directory is followed if it is ours, too.
#[cfg(unix)]
fn is_own_dir(dir: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let ours = fs::symlink_metadata(dir).is_ok_and(|about| is_ours(&about));
    ours && fs::metadata(dir)
        .is_ok_and(|about| is_ours(&about) && about.permissions().mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_own_dir(_: &Path) -> bool {
    true
}

#[cfg(unix)]
fn is_ours(about: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(about) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_: &fs::Metadata) -> bool {
    true
}

/// Returns whether only its owner can read or write a file.
#[cfg(unix)]
#[must_use]
pub fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

/// Returns whether only its owner can read or write a file; not known here.
#[cfg(not(unix))]
#[must_use]
pub fn is_private(_: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_written_over_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("refusal.json");
        overwrite(&path, b"[]").unwrap_err();
        assert!(!path.exists());
        fs::write(&path, "[1,2]").unwrap();
        overwrite(&path, b"[1,2,3]").unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"[1,2]");
        overwrite(&path, b"[1]").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"[1]  ");
        overwrite(&path, b"[3,4]").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"[3,4]");
    }
}
