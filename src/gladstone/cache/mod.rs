//! Small files kept between calls: one per kind and portal, 0600, written atomically. A bad one
//! counts as absent.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub(super) use crate::config::Turn;
use crate::{config::private, log::Log};

/// Counts up when a file's form changes, so that older files miss.
const VERSION: u32 = 1;

/// A portal's files.
pub(super) struct Cache {
    dir: Option<PathBuf>,
    base: Url,
    log: Log,
}

/// A file with its new contents, which may end in spaces.
pub(super) struct Draft {
    path: PathBuf,
    bytes: Vec<u8>,
    log: Log,
}

impl Draft {
    /// Makes room for more, for a later draft that must fit into the same file.
    pub(super) fn with_room(mut self, more: usize) -> Self {
        self.bytes.resize(self.bytes.len() + more, b' ');
        self
    }

    /// Writes the file; `false` where that fails.
    pub(super) fn keep(&self) -> bool {
        let made = self.path.parent().map_or(Ok(()), private::own_dir);
        let kept = made.and_then(|()| {
            let written = private::write(&self.path, &self.bytes);
            // A full disk must not keep what is over.
            written.or_else(|error| private::overwrite(&self.path, &self.bytes).map_err(|_| error))
        });
        if let Err(error) = &kept {
            self.log
                .decision(|| format!("{} could not be written: {error}", self.path.display()));
        }
        kept.is_ok()
    }
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
        Self {
            dir,
            base: base.clone(),
            log,
        }
    }

    /// Returns what was kept of this kind for this portal. A file that others can read or could have put
    /// there is not trusted.
    pub(super) fn read<T: DeserializeOwned>(&self, kind: &str) -> Option<T> {
        let bytes = private::read(&self.file_path(kind)?)?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).ok()?;
        (entry.version == VERSION && entry.base == self.base.as_str()).then_some(entry.value)
    }

    /// Keeps `value`; where that fails the next call just asks the portal again.
    pub(super) fn write<T: Serialize>(&self, kind: &str, value: &T) {
        if let Some(draft) = self.draft(kind, value) {
            draft.keep();
        }
    }

    /// Prepares a file that is written later on; `None` where nothing is kept.
    pub(super) fn draft<T: Serialize>(&self, kind: &str, value: &T) -> Option<Draft> {
        let path = self.file_path(kind)?;
        let entry = Entry {
            version: VERSION,
            base: self.base.as_str().to_owned(),
            value,
        };
        Some(Draft {
            path,
            bytes: serde_json::to_vec(&entry).ok()?,
            log: self.log,
        })
    }

    /// Forgets what was kept of this kind; `false` when there was nothing.
    pub(super) fn forget(&self, kind: &str) -> bool {
        self.file_path(kind)
            .is_some_and(|path| fs::remove_file(path).is_ok())
    }

    /// Takes the turn to do something that one process at a time does; `None` where another process has
    /// it.
    pub(super) fn take_turn(&self, kind: &str, longest: Duration) -> Option<Turn> {
        let path = self.file_path(kind).map(|path| path.with_extension("lock"));
        let own = path.filter(|path| {
            path.parent()
                .is_some_and(|dir| private::own_dir(dir).is_ok())
        });
        own.map_or(Some(Turn::Unguarded), |path| Turn::take(&path, longest))
    }

    /// Returns the portal that files belong to.
    pub(super) fn base_url(&self) -> &str {
        self.base.as_str()
    }

    fn file_path(&self, kind: &str) -> Option<PathBuf> {
        let host: String = self.base.host_str()?.chars().map(plain_char).collect();
        let port = self
            .base
            .port()
            .map(|port| format!("_{port}"))
            .unwrap_or_default();
        Some(self.dir.as_ref()?.join(format!("{kind}-{host}{port}.json")))
    }
}

/// Returns the character for a file's name.
fn plain_char(char: char) -> char {
    if char.is_ascii_alphanumeric() || matches!(char, '.' | '-') {
        char
    } else {
        '_'
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{fs::File, io::Read as _, os::fd::AsRawFd as _, path::Path};

    use super::*;

    #[test]
    fn where_no_second_file_fits_one_is_written_over_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let draft = |path: &Path, bytes: &[u8]| Draft {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
            log: Log(0),
        };
        for (room, fits) in [(0, false), (2, true)] {
            let path = dir.path().join("refusal.json");
            assert!(draft(&path, b"[1,2,3]").with_room(room).keep());
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            // A directory in which nobody can make a file, root included.
            let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
            assert!(draft(&path, b"[1]").keep());
            assert_eq!(draft(&path, b"[1,2,3,4]").keep(), fits);
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, if fits { "[1,2,3,4]" } else { "[1]    " });
        }
    }

    #[test]
    fn what_is_kept_is_of_this_version_and_this_portal() {
        let dir = tempfile::tempdir().unwrap();
        let cache = |base: &str| {
            Cache::new(
                Some(dir.path().join("kept")),
                &Url::parse(base).unwrap(),
                Log(0),
            )
        };
        let ours = cache("https://a-b.example:8443/");
        ours.write("x", &1);
        assert_eq!(ours.read::<u8>("x"), Some(1));
        let name = |cache: &Cache| {
            let path = cache.file_path("x").unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(name(&ours), "x-a-b.example_8443.json");
        assert_eq!(name(&cache("https://[::1]/")), "x-___1_.json");
        // The same file name, but another portal.
        let other = cache("http://a-b.example:8443/");
        assert_eq!((name(&other), other.read::<u8>("x")), (name(&ours), None));
        let path = ours.file_path("x").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let newer = text.replace(&format!("\"version\":{VERSION}"), "\"version\":999");
        assert_ne!(text, newer);
        private::write(&path, newer.as_bytes()).unwrap();
        assert_eq!(ours.read::<u8>("x"), None);
    }
}
