//! The places where a member's files may be: the same directories for `.env` and `config.toml`.
//! What a file holds is read elsewhere.

use std::path::{Path, PathBuf};

use super::{Environment, small_file};

/// The directory's name below a configuration directory, as in the Python skill.
const NAME: &str = "pslc-padel";

/// A place that was looked at, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// A path, or `environment`.
    pub place: String,
    /// `used`, `not used (another came first)`, `absent`, or why it was of no use.
    pub outcome: String,
}

/// Returns the directory of files that the platform mounted for an agent.
pub(super) fn uploads(env: &Environment) -> PathBuf {
    env.path("PADEL_SESSION_UPLOADS")
        .unwrap_or_else(|| PathBuf::from("/mnt/session/uploads"))
}

/// Returns the place of a file that was meant to be mounted at `path`.
pub(super) fn mounted(env: &Environment, path: &Path) -> PathBuf {
    uploads(env).join(path.strip_prefix("/").unwrap_or(path))
}

/// Returns all places of a file of this name, in the order in which they count.
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

/// Reads the first of `places` that can be read; each place is told with its outcome.
pub(super) fn read_first(places: &[PathBuf]) -> (Option<(PathBuf, String)>, Vec<Looked>) {
    let mut found = None;
    let mut looked = Vec::new();
    for path in places {
        let outcome = match small_file::read_text(path) {
            Ok(_) if found.is_some() => "not used (another came first)".to_owned(),
            Ok(text) => {
                found = Some((path.clone(), text));
                "used".to_owned()
            }
            Err(reason) => reason.to_string(),
        };
        looked.push(Looked {
            place: path.display().to_string(),
            outcome,
        });
    }
    (found, looked)
}

/// Returns the member's own directory for `.env` and `config.toml`; `None` where the machine has no home.
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

/// Returns the directory of what is kept between calls; `None` where the machine has no home.
#[must_use]
pub fn cache_dir(env: &Environment) -> Option<PathBuf> {
    let own = env.path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base =
        own.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned()))?;
    Some(base.join(NAME))
}
