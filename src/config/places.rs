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
    env.path("PADEL_SESSION_UPLOADS").unwrap_or_else(|| PathBuf::from("/mnt/session/uploads"))
}

/// Where a file lands that was meant to be mounted at `path`.
pub(super) fn mounted(env: &Environment, path: &Path) -> PathBuf {
    uploads(env).join(path.strip_prefix("/").unwrap_or(path))
}

/// All places of a file of this name, in the order in which they count.
///
/// Each place is followed by its copy below the session's uploads, where a file that was mounted for an agent lands.
pub(super) fn candidates(env: &Environment, file: &str) -> Vec<PathBuf> {
    let platform = directories::BaseDirs::new().map(|dirs| dirs.config_dir().to_owned());
    let roots = [
        env.path("XDG_CONFIG_HOME"),
        env.path("HOME").map(|home| home.join(".config")),
        platform,
        Some(PathBuf::from("/root/.config")),
    ];
    let mut places: Vec<PathBuf> = Vec::new();
    for root in roots.into_iter().flatten().filter(|root| root.is_absolute()) {
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
        looked.push(Looked { place: path.display().to_string(), outcome });
    }
    (found, looked)
}

/// Reads one small text file where it was looked for, or says why not. A pipe there might never end.
pub(super) fn read(path: &Path) -> Result<String, String> {
    match std::fs::metadata(path) {
        Ok(data) if !data.is_file() && !data.is_dir() => Err("not a file".to_owned()),
        _ => read_named(path),
    }
}

/// The same for a path that was named on the command line, which may be a pipe from another program.
pub(super) fn read_named(path: &Path) -> Result<String, String> {
    const LIMIT: u64 = 64 * 1024;
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "absent".to_owned(),
        ErrorKind::IsADirectory => "a directory".to_owned(),
        ErrorKind::PermissionDenied => "unreadable (permission denied)".to_owned(),
        ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
        _ => format!("unreadable ({error})"),
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    let read = file.take(LIMIT + 1).read_to_string(&mut text);
    if text.len() as u64 > LIMIT {
        return Err("larger than 64 KiB".to_owned());
    }
    read.map_err(unreadable)?;
    Ok(text)
}

/// The member's own directory for `.env` and `config.toml`; `None` where the machine has no home.
#[must_use]
pub fn config_dir(env: &Environment) -> Option<PathBuf> {
    let own = env.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let base = own.or_else(|| env.path("HOME").map(|home| home.join(".config")));
    let base = base.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.config_dir().to_owned()))?;
    Some(base.join(NAME))
}

/// Where sessions and catalogues are kept between calls; `None` where the machine has no home.
#[must_use]
pub fn cache_dir(env: &Environment) -> Option<PathBuf> {
    let own = env.path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base = own.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned()))?;
    Some(base.join(NAME))
}
