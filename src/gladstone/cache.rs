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

    /// What was kept of this kind for this portal.
    pub(super) fn read<T: DeserializeOwned>(&self, kind: &str) -> Option<T> {
        let bytes = fs::read(self.path(kind)?).ok()?;
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
