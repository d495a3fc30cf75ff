//! The time zones there are: a few are compiled in, the system's files have the others.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use chrono_tz::{TZ_VARIANTS, Tz};

use super::{Environment, Sourced};
use crate::{
    error::{Code, Error},
    sort::sort_by,
    zone::Zone,
};

/// The usual directories of zone files on Unix systems.
const DIRS: [&str; 4] = [
    "/usr/share/zoneinfo",
    "/usr/lib/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/etc/zoneinfo",
];
/// The longest name that is looked for; the IANA database has none of half that.
const LONGEST_NAME: usize = 80;
/// The longest zone file of the IANA database has 4 KB.
const LONGEST: u64 = 64 * 1024;
/// The IANA database has 600 names, twice that with its copies below `posix`.
const MOST: usize = 3_000;

/// Returns the directories that may hold zone files. As for the C library, `TZDIR` takes the place of
/// the usual ones.
pub(super) fn zone_dirs(env: &Environment) -> Vec<PathBuf> {
    let own = env.path("TZDIR").filter(|dir| dir.is_absolute());
    own.map_or_else(|| DIRS.map(PathBuf::from).into(), |dir| vec![dir])
}

/// Returns the zone of a setting: those of places with such clubs are compiled in, all others are
/// the system's.
///
/// # Errors
///
/// `config_invalid`
pub(super) fn resolve_zone(
    setting: &Sourced<String>,
    dirs: &[PathBuf],
) -> Result<Sourced<Zone>, Error> {
    let (name, origin) = (setting.value.trim(), &setting.origin);
    let (shown, has_files) = (printable::line(name, LONGEST_NAME), has_zone_files(dirs));
    let message = match find_zone(name, dirs) {
        Ok(Some(zone)) => return Ok(Sourced::new(zone, origin)),
        Ok(None) if has_files => format!("there is no timezone `{shown}` (from {origin})"),
        Ok(None) => format!(
            "padel has no data for the timezone `{shown}` (from {origin}), and this machine none \
                at all"
        ),
        Err(why) => format!("the timezone `{shown}` (from {origin}) {why}"),
    };
    let known = list_names(dirs);
    let meant = known
        .iter()
        .map(String::as_str)
        .find(|zone| city_of(zone) == city_of(name))
        .or_else(|| diagnostic::names::nearest_name(name, known.iter().map(String::as_str)));
    let hint = match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None if has_files => {
            "write the club's own zone, such as Europe/London or Australia/Sydney".to_owned()
        }
        None => "install the system's zone files (the package is called tzdata); without them \
                 padel knows the zones of \
                 Britain, Ireland, Australia and New Zealand, such as Europe/London"
            .to_owned(),
    };
    Err(Error::new(Code::ConfigInvalid, message, hint).with("source", origin.to_string()))
}

/// Returns the last part of a zone's name, as somebody may write it alone.
fn city_of(zone: &str) -> String {
    let city = zone.rsplit('/').next().unwrap_or_default();
    city.to_lowercase().replace(' ', "_")
}

/// Finds the zone of this name; `None` where neither padel nor the system has it.
///
/// # Errors
///
/// A sentence's end: the file is none that can be read.
pub(super) fn find_zone(name: &str, dirs: &[PathBuf]) -> Result<Option<Zone>, String> {
    if let Ok(zone) = name.parse::<Tz>() {
        return Ok(Some(Zone::compiled(zone)));
    }
    if !is_name(name) {
        return Ok(None);
    }
    let Some(path) = dirs
        .iter()
        .map(|dir| dir.join(name))
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

/// Lists all names, the compiled ones first, for a hint.
pub(super) fn list_names(dirs: &[PathBuf]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(dir) = dirs.iter().find(|dir| dir.is_dir()) {
        collect_names(dir, "", &mut found);
    }
    sort_by(&mut found, Ord::cmp);
    TZ_VARIANTS
        .iter()
        .map(|zone| zone.name().to_owned())
        .chain(found)
        .collect()
}

/// Returns whether the system has any zone files.
fn has_zone_files(dirs: &[PathBuf]) -> bool {
    dirs.iter().any(|dir| dir.is_dir())
}

fn is_name_part(part: &str) -> bool {
    let mut bytes = part.bytes();
    part.starts_with(|char: char| char.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-_".contains(&byte))
}

/// Parts of letters, digits, `+`, `-` and `_`: no name leads out of its directory. Those that begin
/// in lower case are no zones: `localtime` is the machine's own, and files below `right` count leap
/// seconds.
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|char: char| char.is_ascii_uppercase())
        && name.split('/').all(is_name_part)
}

/// Collects the names below a directory.
fn collect_names(dir: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let part = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{part}");
        if names.len() >= MOST || !is_name(&name) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect_names(&entry.path(), &format!("{name}/"), names),
            _ => names.push(name),
        }
    }
}
