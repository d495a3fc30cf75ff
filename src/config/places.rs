//! The places where a member's files may be: the same directories for `.env` and `config.toml`.

use std::path::{Path, PathBuf};

use super::Environment;

/// The directory's name below a configuration directory, as in the Python skill.
const NAME: &str = "pslc-padel";

/// A file that was looked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Where.
    pub path: PathBuf,
    /// `used`, `not used (another came first)`, `absent` or why it could not be read.
    pub outcome: String,
}

/// All places of a file of this name, in the order in which they count.
///
/// Each place is followed by its copy below the session's uploads, where a file that was mounted for an agent lands.
pub(super) fn candidates(env: &Environment, file: &str) -> Vec<PathBuf> {
    let uploads = env.path("PADEL_SESSION_UPLOADS").unwrap_or_else(|| PathBuf::from("/mnt/session/uploads"));
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
        let mounted = uploads.join(path.strip_prefix("/").unwrap_or(&path));
        for place in [path, mounted] {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Reads the first of `places` that there is, and tells what came of each.
///
/// A place that exists but cannot be read does not end the search.
pub(super) fn read_first(places: &[PathBuf]) -> (Option<(PathBuf, String)>, Vec<Looked>) {
    let mut found = None;
    let mut looked = Vec::new();
    for place in places {
        let outcome = if found.is_some() {
            if place.exists() { "not used (another came first)".to_owned() } else { "absent".to_owned() }
        } else {
            match read(place) {
                Ok(text) => {
                    found = Some((place.clone(), text));
                    "used".to_owned()
                }
                Err(reason) => reason,
            }
        };
        looked.push(Looked { path: place.clone(), outcome });
    }
    (found, looked)
}

/// Reads one small text file, or says why not.
pub(super) fn read(path: &Path) -> Result<String, String> {
    const LIMIT: u64 = 64 * 1024;
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err("absent".to_owned()),
        Ok(data) if data.is_dir() => return Err("a directory".to_owned()),
        Ok(data) if data.len() > LIMIT => return Err("larger than 64 KiB".to_owned()),
        _ => {}
    }
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => "unreadable (permission denied)".to_owned(),
        std::io::ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
        _ => format!("unreadable ({error})"),
    })
}

/// Where sessions and catalogues are kept between calls; `None` where the machine has no home.
#[must_use]
pub fn cache_dir(env: &Environment) -> Option<PathBuf> {
    let own = env.path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let base = own.or_else(|| directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned()))?;
    Some(base.join(NAME))
}
