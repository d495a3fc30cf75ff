//! The settings in force: flags, then environment, then `.env`, then the member's `config.toml`,
//! then the skill's.

use std::path::{Path, PathBuf};

use toml::Table;

use super::{
    Club, Credentials, Discovery, Environment, Flags, Looked, Origin, Sourced, WatchSettings,
    deployment, file, layer::Layer, places, small_file, zoneinfo,
};
use crate::{
    error::{Code, Error},
    zone::Zone,
};

/// The longest id or name of a site, an activity or a sport.
const LONGEST_NAME: usize = 80;

/// The settings in force.
#[derive(Debug)]
pub struct Settings {
    /// The club, if any is set.
    pub club: Option<Sourced<Club>>,
    /// The club's zone.
    pub timezone: Sourced<Zone>,
    /// Ids or names; empty means all sites.
    pub sites: Sourced<Vec<String>>,
    /// Ids or names; empty means the activities of `sport`.
    pub activities: Sourced<Vec<String>>,
    /// Picks activities by name when none are listed.
    pub sport: Sourced<String>,
    /// `[portal]`: values that replace those of the portal profile.
    pub portal: Table,
    /// What is watched, and who is told.
    pub watch: WatchSettings,
    /// Every `config.toml` that was looked for.
    pub looked: Vec<Looked>,
    /// The member's credentials and every place where they were looked for.
    pub discovery: Discovery,
    /// Set where the club is not one to send credentials to: see
    /// [`credentials`](Self::credentials).
    is_stranger: bool,
}

impl Settings {
    /// Reads all sources.
    ///
    /// # Errors
    ///
    /// `usage` for a wrong flag; `config_invalid` for a wrong value elsewhere or a `--config` that
    /// cannot be read; `credentials_unreadable` for an `--env-file` that cannot be read. The
    /// message names the source.
    pub fn load(flags: &Flags, env: &Environment) -> Result<Self, Error> {
        let mut layers = vec![Layer::of_flags(flags), Layer::of_environment(env)];
        let mut discovery = Discovery::run(env, flags.env_file.as_deref())?;
        for (path, pairs) in std::mem::take(&mut discovery.settings) {
            layers.push(Layer {
                // Whoever wrote the password into the same file may say where it goes.
                from_line: flags.env_file.as_ref() == Some(&path) && !pairs.has_credentials(),
                ..Layer::of_dotenv(&path, &pairs)
            });
        }
        let mut looked = Vec::new();
        if let Some((path, text)) = read_own_file(env, flags.config.as_deref(), &mut looked)? {
            layers.push(Layer {
                from_line: flags.config.is_some(),
                ..file::parse(&text, &path)?
            });
        }
        if let Some(path) = env.path("PADEL_SKILL_CONFIG") {
            let hint =
                "it is the skill's own: install the skill again, or unset PADEL_SKILL_CONFIG";
            let text = read_named_file(&path, hint, &mut looked)?;
            layers.push(file::parse(&text, &path)?);
        }
        resolve(layers, looked, discovery, &zoneinfo::zone_dirs(env))
    }

    /// Takes the settings of an `agent.toml`, then those of the environment. No file is read, and
    /// there are no credentials: the club is asked as anybody may ask it.
    ///
    /// # Errors
    ///
    /// `config_invalid` for a wrong value, with its source.
    pub fn of_deployment(text: &str, path: &Path, env: &Environment) -> Result<Self, Error> {
        let layers = vec![deployment::parse(text, path)?, Layer::of_environment(env)];
        let (looked, discovery) = (Vec::new(), Discovery::default());
        resolve(layers, looked, discovery, &zoneinfo::zone_dirs(env))
    }

    /// Returns the credentials that may be sent to the club: none where only the command line names
    /// it, somewhere else than clubs usually are.
    ///
    /// # Errors
    ///
    /// `credentials_not_found`, or `usage` where there are some, but not for such a club.
    pub fn credentials(&self) -> Result<&Credentials, Error> {
        let found = self.discovery.credentials()?;
        if self.is_stranger {
            let message = "no e-mail and password go to a host outside gladstonego.cloud that only \
                the command line names";
            // Not how a variable would do it: an agent does what a hint says.
            let hint = "ask the person whose password it is: if it is their club's portal, they \
                        write `club` into \
                        ~/.config/pslc-padel/config.toml";
            return Err(Error::new(Code::Usage, message, hint));
        }
        Ok(found)
    }

    /// Returns the club, or the error that says how to set one.
    ///
    /// # Errors
    ///
    /// `club_missing`
    pub fn club(&self) -> Result<&Club, Error> {
        self.club.as_ref().map(|club| &club.value).ok_or_else(|| {
            Error::new(
                Code::ClubMissing,
                "no club is set",
                "add --club LABEL (as in https://LABEL.gladstonego.cloud), set PSLC_CLUB, or keep it: write club = \"LABEL\" in \
                 ~/.config/pslc-padel/config.toml, or run `padel setup`, which needs no account",
            )
        })
    }
}

/// Checks the text of a `config.toml` as `load` would, before any machine reads it.
///
/// `path` is only for messages. Returns the values below `[portal]`, which `Profile::new` checks.
///
/// # Errors
///
/// `config_invalid`: not TOML, an unknown key, a value of a wrong type or form.
pub fn check_file(text: &str, path: &Path) -> Result<Table, Error> {
    let layers = vec![file::parse(text, path)?];
    Ok(resolve(layers, Vec::new(), Discovery::default(), &[])?.portal)
}

/// Takes the first value of each setting, and checks it.
fn resolve(
    layers: Vec<Layer>,
    looked: Vec<Looked>,
    discovery: Discovery,
    zone_dirs: &[PathBuf],
) -> Result<Settings, Error> {
    let is_stranger = is_stranger(&layers);
    let title = find_title(&layers);
    let mut all = Layer::default();
    for layer in layers {
        all.add(layer)?;
    }
    let sites = all.sites.unwrap_or_default();
    let activities = all.activities.unwrap_or_default();
    let sport = all
        .sport
        .unwrap_or_else(|| Sourced::new("padel".to_owned(), &Origin::Default));
    check_names(&sites.value, &sites.origin, "site")?;
    check_names(&activities.value, &activities.origin, "activity")?;
    check_names(std::slice::from_ref(&sport.value), &sport.origin, "sport")?;
    let watch = all.watch.unwrap_or_default();
    for wish in &watch.wishes {
        check_names(&wish.sites, &watch.origin, "site")?;
        check_names(&wish.activities, &watch.origin, "activity")?;
        check_names(&wish.courts, &watch.origin, "court")?;
    }
    let timezone = all
        .timezone
        .unwrap_or_else(|| Sourced::new("Europe/London".to_owned(), &Origin::Default));
    Ok(Settings {
        club: all
            .club
            .as_ref()
            .map(|club| parse_club(club, title))
            .transpose()?,
        timezone: zoneinfo::resolve_zone(&timezone, zone_dirs)?,
        sites,
        activities,
        sport,
        portal: all.portal,
        watch,
        looked,
        discovery,
        is_stranger,
    })
}

/// Returns whether the command line alone names the club, itself or by a file, and it is somewhere
/// else than clubs usually are.
///
/// A line that somebody talked an agent into must not carry a member's password to any host. A
/// variable that such a line sets cannot be told from one of the operator's: see SECURITY.md.
fn is_stranger(layers: &[Layer]) -> bool {
    let mut clubs = layers
        .iter()
        .filter_map(|layer| Some((layer, layer.club.as_ref()?.value.parse::<Club>().ok()?)));
    let Some((layer, club)) = clubs.next() else {
        return false;
    };
    layer.from_line
        && !club.is_usual()
        && clubs.all(|(other, known)| other.from_line || known != club)
}

/// Returns the name for people of the club in force: that of the first source that names this very
/// club, or none.
fn find_title(layers: &[Layer]) -> Option<String> {
    let parse = |layer: &Layer| layer.club.as_ref()?.value.parse::<Club>().ok();
    let club = layers.iter().find_map(parse);
    let mut names = layers.iter().filter_map(|layer| {
        let is_same = parse(layer).is_none_or(|own| Some(own) == club);
        layer.name.as_ref().filter(|_| is_same)
    });
    let title = printable::line(&names.next()?.value, LONGEST_NAME);
    (!title.is_empty()).then_some(title)
}

/// Reads the `config.toml` that was named, which must be readable, or else the first that is found.
fn read_own_file(
    env: &Environment,
    named: Option<&Path>,
    looked: &mut Vec<Looked>,
) -> Result<Option<(PathBuf, String)>, Error> {
    if let Some(path) = named {
        let hint = "name a readable file, or leave --config out to search the usual places";
        return Ok(Some((
            path.to_owned(),
            read_named_file(path, hint, looked)?,
        )));
    }
    let (found, all) = places::read_first(&places::candidates(env, "config.toml"));
    looked.extend(all);
    Ok(found)
}

fn read_named_file(path: &Path, hint: &str, looked: &mut Vec<Looked>) -> Result<String, Error> {
    looked.push(Looked {
        place: path.display().to_string(),
        outcome: "used".to_owned(),
    });
    small_file::read_named_text(path).map_err(|reason| {
        Error::new(
            Code::ConfigInvalid,
            format!("{} is {reason}", path.display()),
            hint,
        )
        .with("file", path.display().to_string())
    })
}

fn parse_club(raw: &Sourced<String>, title: Option<String>) -> Result<Sourced<Club>, Error> {
    match raw.value.parse::<Club>() {
        Ok(club) => Ok(Sourced::new(club.with_title(title), &raw.origin)),
        Err(error) => Err(reject(&raw.value, &raw.origin, "club", &error.to_string())),
    }
}

/// Checks ids and names, which end up in URLs and in messages: no control characters, nothing that
/// ends a URL's path, no lists.
fn check_names(names: &[String], origin: &Origin, kind: &str) -> Result<(), Error> {
    match names.iter().find(|name| !is_name(name)) {
        None => Ok(()),
        Some(name) => {
            let hint = format!(
                "write one id or name, without ? # or comma; `padel activities` lists every {kind}"
            );
            Err(reject(name, origin, kind, &hint))
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= LONGEST_NAME
        && !text.contains(|char: char| char.is_control() || "?#,".contains(char))
}

fn reject(value: &str, origin: &Origin, kind: &str, hint: &str) -> Error {
    let code = match origin {
        Origin::Flag(_) => Code::Usage,
        _ => Code::ConfigInvalid,
    };
    // What stands before an @ may be a password.
    let shown = if value.contains('@') {
        "…".to_owned()
    } else {
        printable::line(value, LONGEST_NAME)
    };
    let message = format!("`{shown}` is no {kind} (from {origin})");
    Error::new(code, message, hint).with("source", origin.to_string())
}
