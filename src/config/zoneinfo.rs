//! The time zones there are: a few are compiled in, the system's files have the others.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use chrono_tz::{TZ_VARIANTS, Tz};

use super::Environment;
use crate::zone::Zone;

/// Where Unix systems keep their zone files.
const PLACES: [&str; 4] = [
    "/usr/share/zoneinfo",
    "/usr/lib/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/etc/zoneinfo",
];
/// The longest zone file of the IANA database has 4 KB.
const LONGEST: u64 = 64 * 1024;
/// The IANA database has 600 names, twice that with its copies below `posix`.
const MOST: usize = 3_000;

/// Directories that may hold zone files. As for the C library, `TZDIR` takes the place of the usual
/// ones.
pub(super) fn places(env: &Environment) -> Vec<PathBuf> {
    let own = env.path("TZDIR").filter(|dir| dir.is_absolute());
    own.map_or_else(|| PLACES.map(PathBuf::from).into(), |dir| vec![dir])
}

/// The zone of this name; `None` where neither padel nor the system has it.
///
/// # Errors
///
/// A sentence's end: the file is none that can be read.
pub(super) fn find(name: &str, places: &[PathBuf]) -> Result<Option<Zone>, String> {
    if let Ok(zone) = name.parse::<Tz>() {
        return Ok(Some(Zone::compiled(zone)));
    }
    if !is_name(name) {
        return Ok(None);
    }
    let Some(path) = places
        .iter()
        .map(|place| place.join(name))
        .find(|path| path.is_file())
    else {
        return Ok(None);
    };
    let file = path.display();
    let mut bytes = Vec::new();
    match File::open(&path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)) {
        Ok(_) => Zone::from_tzif(name, &bytes)
            .map(Some)
            .ok_or_else(|| format!("is {file}, which is no zone file")),
        Err(error) => Err(format!("is {file}, which cannot be read ({error})")),
    }
}

/// All names, the compiled ones first, for a hint.
pub(super) fn names(places: &[PathBuf]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(place) = places.iter().find(|place| place.is_dir()) {
        collect(place, "", &mut found);
    }
    found.sort();
    TZ_VARIANTS
        .iter()
        .map(|zone| zone.name().to_owned())
        .chain(found)
        .collect()
}

/// Whether the system has any zone files.
pub(super) fn is_there(places: &[PathBuf]) -> bool {
    places.iter().any(|place| place.is_dir())
}

/// Parts of letters, digits, `+`, `-` and `_`: no name leads out of its directory. Those that begin
/// in lower case are no zones: `localtime` is the machine's own, and files below `right` count leap
/// seconds.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|char: char| char.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-_".contains(&byte))
    };
    name.len() <= 80
        && name.starts_with(|char: char| char.is_ascii_uppercase())
        && name.split('/').all(is_part)
}

/// The names below a directory.
fn collect(dir: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let part = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{part}");
        if names.len() >= MOST || !is_name(&name) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), &format!("{name}/"), names),
            _ => names.push(name),
        }
    }
}
