//! Files that only their owner can read: the member's `.env` and `config.toml`, and everything in the cache.

use std::{
    fs,
    io::{Result, Write as _},
    path::Path,
};

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

/// Writes a file with mode 0600, and its directory if there is none. A reader sees the old file or the new one, whole.
///
/// # Errors
///
/// Those of the file system.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    create_dir(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Whether nobody but its owner can read or write a file.
#[cfg(unix)]
#[must_use]
pub fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

/// Whether nobody but its owner can read or write a file; not known here.
#[cfg(not(unix))]
#[must_use]
pub fn is_private(_: &Path) -> bool {
    true
}
