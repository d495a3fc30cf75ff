//! The settings in force: flags, then environment, then `.env`, then the member's `config.toml`,
//! then the skill's.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{
    Club, Credentials, Discovery, Environment, Looked, Origin, discovery::has_pair, dotenv::Found,
    file, places, zoneinfo,
};
use crate::{
    error::{Code, Error},
    zone::Zone,
};

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// What the command line says about settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--club`
    pub club: Option<String>,
    /// `--site`, repeated
    pub sites: Vec<String>,
    /// `--activity`, repeated
    pub activities: Vec<String>,
    /// `--env-file`
    pub env_file: Option<PathBuf>,
    /// `--config`
    pub config: Option<PathBuf>,
}

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
    /// `[portal]`: what replaces values of the portal profile.
    pub portal: Table,
    /// Every `config.toml` that was looked for.
    pub looked: Vec<Looked>,
    /// The member's credentials and every place where they were looked for.
    pub discovery: Discovery,
    /// Whether the club is not one to send credentials to: see [`credentials`](Self::credentials).
    stranger: bool,
}

/// The settings that one source holds, as written there.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) club: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) sites: Option<Vec<String>>,
    pub(super) activities: Option<Vec<String>>,
    pub(super) sport: Option<String>,
    pub(super) portal: Option<Table>,
    /// The settings that it holds and that cannot be read, by name.
    pub(super) broken: Vec<(&'static str, Error)>,
    /// Whether the command line says it, or names the file that does.
    pub(super) from_line: bool,
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
        let mut layers = vec![
            (Origin::Flag("club"), flag_layer(flags)),
            (Origin::Environment, environment_layer(env)),
        ];
        let mut discovery = Discovery::run(env, flags.env_file.as_deref())?;
        for (path, pairs) in std::mem::take(&mut discovery.settings) {
            let mut layer = pairs_layer(|name| match pairs.find(&format!("pslc_{name}")) {
                Found::Value(value) => Ok(Some(value)),
                Found::Missing(_) => Ok(None),
                Found::Broken(what) => {
                    let hint = "correct or remove that line; values need no quotes";
                    Err(Error::new(
                        Code::ConfigInvalid,
                        format!("{}: {what}", path.display()),
                        hint,
                    )
                    .with("file", path.display().to_string()))
                }
            });
            // Whoever wrote the password into the same file may say where it goes.
            layer.from_line = flags.env_file.as_ref() == Some(&path) && !has_pair(&pairs);
            layers.push((Origin::File(path.display().to_string()), layer));
        }
        let mut looked = Vec::new();
        if let Some((path, text)) = own_file(env, flags.config.as_deref(), &mut looked)? {
            let layer = Layer {
                from_line: flags.config.is_some(),
                ..file::parse(&text, &path)?
            };
            layers.push((Origin::File(path.display().to_string()), layer));
        }
        if let Some(path) = env.path("PADEL_SKILL_CONFIG") {
            let hint =
                "it is the skill's own: install the skill again, or unset PADEL_SKILL_CONFIG";
            let text = read_named(&path, hint, &mut looked)?;
            layers.push((
                Origin::File(path.display().to_string()),
                file::parse(&text, &path)?,
            ));
        }
        let stranger = stranger(&layers);
        Ok(Self {
            stranger,
            ..resolve(layers, looked, discovery, &zoneinfo::places(env))?
        })
    }

    /// What may be sent to the club: nothing where only the command line names it, somewhere else
    /// than clubs usually are.
    ///
    /// # Errors
    ///
    /// `credentials_not_found`, or `usage` where there are some, but not for such a club.
    pub fn credentials(&self) -> Result<&Credentials, Error> {
        let found = self.discovery.credentials()?;
        if self.stranger {
            let message = "no e-mail and password go to a host outside gladstonego.cloud that only the command line names";
            // Not how a variable would do it: an agent does what a hint says.
            let hint = "ask the person whose password it is: if it is their club's portal, they write `club` into \
                        ~/.config/pslc-padel/config.toml";
            return Err(Error::new(Code::Usage, message, hint));
        }
        Ok(found)
    }

    /// The club, or the error that says how to set one.
    ///
    /// # Errors
    ///
    /// `club_missing`
    pub fn club(&self) -> Result<&Club, Error> {
        self.club.as_ref().map(|club| &club.value).ok_or_else(|| {
            Error::new(
                Code::ClubMissing,
                "no club is set",
                "add --club LABEL (as in https://LABEL.gladstonego.cloud), set PSLC_CLUB, or write club = \"LABEL\" in \
                 ~/.config/pslc-padel/config.toml",
            )
        })
    }
}

/// Whether the command line alone names the club, itself or by a file, and it is somewhere else
/// than clubs usually are.
///
/// A line that somebody talked an agent into must not carry a member's password to any host. A
/// variable that such a line sets cannot be told from one of the operator's: see SECURITY.md.
fn stranger(layers: &[(Origin, Layer)]) -> bool {
    let mut clubs = layers
        .iter()
        .filter_map(|(_, layer)| Some((layer, layer.club.as_ref()?.parse::<Club>().ok()?)));
    let Some((layer, club)) = clubs.next() else {
        return false;
    };
    layer.from_line
        && !club.is_usual()
        && clubs.all(|(other, known)| other.from_line || known != club)
}

fn flag_layer(flags: &Flags) -> Layer {
    let list = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
    Layer {
        club: flags.club.clone(),
        sites: list(&flags.sites),
        activities: list(&flags.activities),
        from_line: true,
        ..Layer::default()
    }
}

/// A variable that is set but empty counts as unset.
fn environment_layer(env: &Environment) -> Layer {
    pairs_layer(|name| match env.unambiguous(&format!("pslc_{name}")) {
        Ok(value) => Ok(value.filter(|value| !value.is_empty()).map(str::to_owned)),
        Err(what) => {
            let message = format!("the variable PSLC_{} {what}", name.to_uppercase());
            Err(
                Error::new(Code::ConfigInvalid, message, "set it once, or unset it")
                    .with("source", Origin::Environment.to_string()),
            )
        }
    })
}

/// From `pslc_…` names; lists are separated by commas.
fn pairs_layer(get: impl Fn(&str) -> Result<Option<String>, Error>) -> Layer {
    let mut layer = Layer::default();
    let mut value = |name: &'static str| {
        get(name).unwrap_or_else(|error| {
            layer.broken.push((name, error));
            None
        })
    };
    let list = |value: Option<String>| -> Option<Vec<String>> {
        Some(
            value?
                .split(',')
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
        )
    };
    let (club, timezone, sport) = (value("club"), value("timezone"), value("sport"));
    let (sites, activities) = (list(value("sites")), list(value("activities")));
    Layer {
        club,
        timezone,
        sport,
        sites,
        activities,
        ..layer
    }
}

/// The `config.toml` that was named, which must be readable, or else the first that is found.
fn own_file(
    env: &Environment,
    named: Option<&Path>,
    looked: &mut Vec<Looked>,
) -> Result<Option<(PathBuf, String)>, Error> {
    if let Some(path) = named {
        let hint = "name a readable file, or leave --config out to search the usual places";
        return Ok(Some((path.to_owned(), read_named(path, hint, looked)?)));
    }
    let (found, all) = places::read_first(&places::candidates(env, "config.toml"));
    looked.extend(all);
    Ok(found)
}

fn read_named(path: &Path, hint: &str, looked: &mut Vec<Looked>) -> Result<String, Error> {
    looked.push(Looked {
        place: path.display().to_string(),
        outcome: "used".to_owned(),
    });
    places::read_named(path).map_err(|reason| {
        Error::new(
            Code::ConfigInvalid,
            format!("{} is {reason}", path.display()),
            hint,
        )
        .with("file", path.display().to_string())
    })
}

/// Checks the text of a `config.toml` as `load` would, before any machine reads it.
///
/// `path` is only for messages. Gives the values below `[portal]`, which `Profile::new` checks.
///
/// # Errors
///
/// `config_invalid`: not TOML, an unknown key, a value of a wrong type or form.
pub fn check_file(text: &str, path: &Path) -> Result<Table, Error> {
    let layers = vec![(
        Origin::File(path.display().to_string()),
        file::parse(text, path)?,
    )];
    Ok(resolve(layers, Vec::new(), Discovery::default(), &[])?.portal)
}

/// The first value of each setting, checked.
fn resolve(
    layers: Vec<(Origin, Layer)>,
    looked: Vec<Looked>,
    discovery: Discovery,
    zone_files: &[PathBuf],
) -> Result<Settings, Error> {
    let mut portal = Table::new();
    let (mut club, mut timezone, mut sites, mut activities, mut sport) =
        (None, None, None, None, None);
    for (origin, layer) in layers {
        first(&mut club, layer.club, &origin, "club");
        first(&mut timezone, layer.timezone, &origin, "timezone");
        first(&mut sites, layer.sites, &origin, "site");
        first(&mut activities, layer.activities, &origin, "activity");
        first(&mut sport, layer.sport, &origin, "sport");
        for (name, error) in layer.broken {
            let is_set = match name {
                "club" => club.is_some(),
                "timezone" => timezone.is_some(),
                "sport" => sport.is_some(),
                "sites" => sites.is_some(),
                _ => activities.is_some(),
            };
            if !is_set {
                return Err(error);
            }
        }
        for (group, values) in layer.portal.unwrap_or_default() {
            add(&mut portal, group, values);
        }
    }
    let sites = sites.unwrap_or_else(|| default(Vec::new()));
    let activities = activities.unwrap_or_else(|| default(Vec::new()));
    let sport = sport.unwrap_or_else(|| default("padel".to_owned()));
    check_names(&sites, "site")?;
    check_names(&activities, "activity")?;
    check_names(
        &Sourced {
            value: vec![sport.value.clone()],
            origin: sport.origin.clone(),
        },
        "sport",
    )?;
    Ok(Settings {
        club: club.map(|club| checked(&club)).transpose()?,
        timezone: zone(
            &timezone.unwrap_or_else(|| default("Europe/London".to_owned())),
            zone_files,
        )?,
        sites,
        activities,
        sport,
        portal,
        looked,
        discovery,
        stranger: false,
    })
}

/// Adds what no earlier source has set; tables are merged.
fn add(table: &mut Table, key: String, value: Value) {
    match (table.get_mut(&key), value) {
        (Some(Value::Table(known)), Value::Table(more)) => {
            more.into_iter()
                .for_each(|(key, value)| add(known, key, value));
        }
        (Some(_), _) => {}
        (None, value) => drop(table.insert(key, value)),
    }
}

fn default<T>(value: T) -> Sourced<T> {
    Sourced {
        value,
        origin: Origin::Default,
    }
}

/// Sets what no earlier source has set.
fn first<T>(slot: &mut Option<Sourced<T>>, value: Option<T>, origin: &Origin, name: &'static str) {
    if let (None, Some(value)) = (&slot, value) {
        let origin = match origin {
            Origin::Flag(_) => Origin::Flag(name),
            origin => origin.clone(),
        };
        *slot = Some(Sourced { value, origin });
    }
}

fn wrong(origin: &Origin, name: &str, value: &str, hint: &str) -> Error {
    let code = if matches!(origin, Origin::Flag(_)) {
        Code::Usage
    } else {
        Code::ConfigInvalid
    };
    // What stands before an @ may be a password.
    let shown = if value.contains('@') {
        "…".to_owned()
    } else {
        crate::text::line(value, 80)
    };
    let message = format!("`{shown}` is no {name} (from {origin})");
    Error::new(code, message, hint).with("source", origin.to_string())
}

fn checked(raw: &Sourced<String>) -> Result<Sourced<Club>, Error> {
    match raw.value.parse::<Club>() {
        Ok(value) => Ok(Sourced {
            value,
            origin: raw.origin.clone(),
        }),
        Err(error) => Err(wrong(&raw.origin, "club", &raw.value, &error.to_string())),
    }
}

/// The zone of a setting: those of places with such clubs are compiled in, all others are the
/// system's.
fn zone(raw: &Sourced<String>, zone_files: &[PathBuf]) -> Result<Sourced<Zone>, Error> {
    let (value, origin) = (raw.value.trim(), &raw.origin);
    let (shown, has_files) = (crate::text::line(value, 80), zoneinfo::is_there(zone_files));
    let message = match zoneinfo::find(value, zone_files) {
        Ok(Some(zone)) => {
            return Ok(Sourced {
                value: zone,
                origin: origin.clone(),
            });
        }
        Ok(None) if has_files => format!("there is no timezone `{shown}` (from {origin})"),
        Ok(None) => {
            format!(
                "padel has no data for the timezone `{shown}` (from {origin}), and this machine none at all"
            )
        }
        Err(why) => format!("the timezone `{shown}` (from {origin}) {why}"),
    };
    let known = zoneinfo::names(zone_files);
    let known = || known.iter().map(String::as_str);
    let city = |zone: &str| {
        zone.rsplit('/')
            .next()
            .unwrap_or_default()
            .to_lowercase()
            .replace(' ', "_")
    };
    let is_meant = |zone: &&str| city(zone) == city(value);
    let hint = match known().find(is_meant).or_else(|| diagnostic::names::near(value, known())) {
        Some(meant) => format!("did you mean {meant}?"),
        None if has_files => "write the club's own zone, such as Europe/London or Australia/Sydney".to_owned(),
        None => {
            "install the system's zone files (the package is called tzdata); without them padel knows the zones of \
                 Britain, Ireland, Australia and New Zealand, such as Europe/London"
                .to_owned()
        }
    };
    Err(Error::new(Code::ConfigInvalid, message, hint).with("source", origin.to_string()))
}

/// Ids and names end up in URLs and in messages: no control characters, nothing that ends a URL's
/// path, no lists.
fn check_names(names: &Sourced<Vec<String>>, kind: &str) -> Result<(), Error> {
    let odd = |char: char| char.is_control() || matches!(char, '?' | '#' | ',');
    let bad = names
        .value
        .iter()
        .find(|name| name.trim().is_empty() || name.chars().count() > 80 || name.contains(odd));
    match bad {
        None => Ok(()),
        Some(name) => {
            let hint = format!(
                "write one id or name, without ? # or comma; `padel activities` lists every {kind}"
            );
            Err(wrong(&names.origin, kind, name, &hint))
        }
    }
}
