//! Small files kept between calls: one per kind and portal, 0600, written atomically. A bad one counts as absent.

use std::{fs, io::Write as _, path::PathBuf};

use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::log::Log;

/// Counts up when a file's form changes, so that older files miss.
const VERSION: u32 = 1;

/// A portal's files.
pub(super) struct Cache {
    dir: Option<PathBuf>,
    base: Url,
    log: Log,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    version: u32,
    base: String,
    value: T,
}

impl Cache {
    /// `dir` is `None` where nothing is to be kept.
    pub(super) fn new(dir: Option<PathBuf>, base: &Url, log: Log) -> Self {
        Self { dir, base: base.clone(), log }
    }

    /// What was kept of this kind for this portal. A file that others can read is not trusted.
    pub(super) fn read<T: DeserializeOwned>(&self, kind: &str) -> Option<T> {
        let path = self.path(kind)?;
        let bytes = fs::read(&path).ok().filter(|_| is_private(&path))?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).ok()?;
        (entry.version == VERSION && entry.base == self.base.as_str()).then_some(entry.value)
    }

    /// Keeps `value`; where that fails the next call just asks the portal again.
    pub(super) fn write<T: Serialize>(&self, kind: &str, value: &T) {
        let Some(path) = self.path(kind) else { return };
        if let Err(error) = self.try_write(&path, value) {
            self.log.decision(|| format!("{} could not be written: {error}", path.display()));
        }
    }

    /// Forgets what was kept of this kind; `false` when there was nothing.
    pub(super) fn forget(&self, kind: &str) -> bool {
        self.path(kind).is_some_and(|path| fs::remove_file(path).is_ok())
    }

    /// A file that one process at a time can lock; `None` where nothing is kept.
    pub(super) fn lock_file(&self, kind: &str) -> Option<fs::File> {
        let path = self.path(kind)?.with_extension("lock");
        create_private(path.parent()?).ok()?;
        let mut options = fs::File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).ok()
    }

    /// The portal that files belong to.
    pub(super) fn base(&self) -> &str {
        self.base.as_str()
    }

    fn try_write<T: Serialize>(&self, path: &std::path::Path, value: &T) -> std::io::Result<()> {
        let Some(dir) = path.parent() else { return Ok(()) };
        create_private(dir)?;
        let entry = Entry { version: VERSION, base: self.base.as_str().to_owned(), value };
        // Made with mode 0600; renamed over the old file, so that a reader sees the old or the new one, whole.
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&serde_json::to_vec(&entry)?)?;
        file.persist(path)?;
        Ok(())
    }

    fn path(&self, kind: &str) -> Option<PathBuf> {
        let plain = |char: char| if char.is_ascii_alphanumeric() || char == '.' || char == '-' { char } else { '_' };
        let host: String = self.base.host_str()?.chars().map(plain).collect();
        let port = self.base.port().map(|port| format!("_{port}")).unwrap_or_default();
        Some(self.dir.as_ref()?.join(format!("{kind}-{host}{port}.json")))
    }
}

/// Makes a directory that only its owner can read; one that is there already stays as it is.
///
/// # Errors
///
/// Those of the file system.
pub fn create_private(dir: &std::path::Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(unix)]
fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) -> bool {
    true
}
