//! Small files kept between calls: one per kind and portal, 0600, written atomically. A bad one counts as absent.

use std::{fs, path::PathBuf};

use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{config::private, log::Log};

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
    /// `dir` is `None` where nothing is to be kept after the call.
    pub(super) fn new(dir: Option<PathBuf>, base: &Url, log: Log) -> Self {
        Self { dir, base: base.clone(), log }
    }

    /// What was kept of this kind for this portal. A file that others can read or could have put there is not trusted.
    pub(super) fn read<T: DeserializeOwned>(&self, kind: &str) -> Option<T> {
        let bytes = private::read(&self.path(kind)?)?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).ok()?;
        (entry.version == VERSION && entry.base == self.base.as_str()).then_some(entry.value)
    }

    /// Keeps `value`; where that fails the next call just asks the portal again.
    pub(super) fn write<T: Serialize>(&self, kind: &str, value: &T) {
        let Some(path) = self.path(kind) else { return };
        let entry = Entry { version: VERSION, base: self.base.as_str().to_owned(), value };
        let Ok(bytes) = serde_json::to_vec(&entry) else { return };
        let made = path.parent().map_or(Ok(()), private::own_dir);
        if let Err(error) = made.and_then(|()| private::write(&path, &bytes)) {
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
        private::own_dir(path.parent()?).ok()?;
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

    fn path(&self, kind: &str) -> Option<PathBuf> {
        let plain = |char: char| if char.is_ascii_alphanumeric() || char == '.' || char == '-' { char } else { '_' };
        let host: String = self.base.host_str()?.chars().map(plain).collect();
        let port = self.base.port().map(|port| format!("_{port}")).unwrap_or_default();
        Some(self.dir.as_ref()?.join(format!("{kind}-{host}{port}.json")))
    }
}
