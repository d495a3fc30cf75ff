//! The places where a member's files may be: the same directories for `.env` and `config.toml`.

use std::{
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use super::Environment;

/// The directory's name below a configuration directory, as in the Python skill.
const NAME: &str = "pslc-padel";

/// A place that was looked at, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// A path, or `environment`.
    pub place: String,
    /// `used`, `not used (another came first)`, `absent`, or why it was of no use.
    pub outcome: String,
}

/// Where the platform puts files that were mounted for an agent.
pub(super) fn uploads(env: &Environment) -> PathBuf {
    env.path("PADEL_SESSION_UPLOADS")
        .unwrap_or_else(|| PathBuf::from("/mnt/session/uploads"))
}

/// Where a file lands that was meant to be mounted at `path`.
pub(super) fn mounted(env: &Environment, path: &Path) -> PathBuf {
    uploads(env).join(path.strip_prefix("/").unwrap_or(path))
}

/// All places of a file of this name, in the order in which they count.
///
/// Each place is followed by its copy below the session's uploads, where a file that was mounted
/// for an agent lands.
pub(super) fn candidates(env: &Environment, file: &str) -> Vec<PathBuf> {
    let platform = directories::BaseDirs::new().map(|dirs| dirs.config_dir().to_owned());
    let roots = [
        env.path("XDG_CONFIG_HOME"),
        env.path("HOME").map(|home| home.join(".config")),
        platform,
        Some(PathBuf::from("/root/.config")),
    ];
    let mut places: Vec<PathBuf> = Vec::new();
    for root in roots
        .into_iter()
        .flatten()
        .filter(|root| root.is_absolute())
    {
        let path = root.join(NAME).join(file);
        let mounted = mounted(env, &path);
        for place in [path, mounted] {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Reads the first of `places` that can be read, and tells what came of each.
pub(super) fn read_first(places: &[PathBuf]) -> (Option<(PathBuf, String)>, Vec<Looked>) {
    let mut found = None;
    let mut looked = Vec::new();
    for path in places {
        let outcome = match read(path) {
            Ok(_) if found.is_some() => "not used (another came first)".to_owned(),
            Ok(text) => {
                found = Some((path.clone(), text));
                "used".to_owned()
            }
            Err(reason) => reason,
        };
        looked.push(Looked {
            place: path.display().to_string(),
            outcome,
        });
    }
    (found, looked)
}

/// The largest file that is read whole: a `.env` or a `config.toml` has a few hundred bytes.
const LIMIT: usize = 64 * 1024;

/// The beginning of a file.
pub(super) struct Contents {
    pub(super) bytes: Vec<u8>,
    /// Whether there is more of it than may be.
    pub(super) is_cut: bool,
}

impl Contents {
    /// All of it.
    ///
    /// # Errors
    ///
    /// Why it is of no use, in words.
    pub(super) fn whole(self) -> Result<Vec<u8>, String> {
        if self.is_cut {
            Err("larger than 64 KiB".to_owned())
        } else {
            Ok(self.bytes)
        }
    }
}

/// Reads one small text file where it was looked for, or says why not.
pub(super) fn read(path: &Path) -> Result<String, String> {
    text(read_small(path)?)
}

/// The same for a path that was named on the command line, which may be a pipe from another
/// program.
pub(super) fn read_named(path: &Path) -> Result<String, String> {
    text(read_beginning(path)?.whole()?)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    if is_utf16(&bytes) {
        return Err(UTF16.to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8 text".to_owned())
}

/// Reads one small file. A pipe where a file was looked for might never end.
///
/// # Errors
///
/// Why it is of no use, in words.
pub fn read_small(path: &Path) -> Result<Vec<u8>, String> {
    read_regular(path)?.whole()
}

/// Reads the beginning of what is a file.
pub(super) fn read_regular(path: &Path) -> Result<Contents, String> {
    match std::fs::metadata(path) {
        Ok(data) if !data.is_file() && !data.is_dir() => Err(NO_FILE.to_owned()),
        _ => read_beginning(path),
    }
}

/// Reads the beginning of what was named on the command line.
pub(super) fn read_beginning(path: &Path) -> Result<Contents, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => ABSENT.to_owned(),
        ErrorKind::IsADirectory => "a directory".to_owned(),
        ErrorKind::PermissionDenied => "unreadable (permission denied)".to_owned(),
        _ => format!("unreadable ({error})"),
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let is_cut = bytes.len() > LIMIT;
    bytes.truncate(LIMIT);
    Ok(Contents { bytes, is_cut })
}

/// What comes of a pipe, a socket or a device.
pub(super) const NO_FILE: &str = "not a file";
/// What comes of a file that is not there.
pub(super) const ABSENT: &str = "absent";
/// What comes of a file that an editor or a shell of Windows has written.
pub(super) const UTF16: &str = "not UTF-8 but UTF-16 text: save it as UTF-8";

/// What the names of all keys begin with.
const PREFIX: &[u8] = b"pslc_";

/// Whether this is text in two bytes a character: it begins with their mark, a third of it is
/// zeros, or there are keys of ours once they are left out.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    zeros > 0 && (zeros * 3 >= bytes.len() || (names_a_key(bytes) && !has_prefix(bytes)))
}

/// Whether the letters of a key of ours are there, in one byte a character or in two.
pub(super) fn names_a_key(bytes: &[u8]) -> bool {
    let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    has_prefix(&letters)
}

fn has_prefix(bytes: &[u8]) -> bool {
    bytes
        .windows(PREFIX.len())
        .any(|window| window.eq_ignore_ascii_case(PREFIX))
}

/// The member's own directory for `.env` and `config.toml`; `None` where the machine has no home.
#[must_use]
pub fn config_dir(env: &Environment) -> Option<PathBuf> {
    let own = env
        .path("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute());
    let base = own.or_else(|| env.path("HOME").map(|home| home.join(".config")));
    let base =
        base.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.config_dir().to_owned()))?;
    Some(base.join(NAME))
}

/// Where sessions and catalogues are kept between calls; `None` where the machine has no home.
#[must_use]
pub fn cache_dir(env: &Environment) -> Option<PathBuf> {
    let own = env.path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base =
        own.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned()))?;
    Some(base.join(NAME))
}
