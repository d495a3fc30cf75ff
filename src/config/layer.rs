//! The settings that one source holds, as written there, and the order in which sources count.
//! Checks no value.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{
    Environment, Origin, WatchSettings,
    dotenv::{Found, Pairs},
    origin::Sourced,
};
use crate::error::{Code, Error};

/// The settings of a command line.
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

/// The settings of one source.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) club: Option<Sourced<String>>,
    /// The club's name for people; only a `config.toml` has it.
    pub(super) name: Option<Sourced<String>>,
    pub(super) timezone: Option<Sourced<String>>,
    pub(super) sites: Option<Sourced<Vec<String>>>,
    pub(super) activities: Option<Sourced<Vec<String>>>,
    pub(super) sport: Option<Sourced<String>>,
    pub(super) portal: Table,
    /// `[[watch]]` and `[notify.NAME]`, which count together.
    pub(super) watch: Option<WatchSettings>,
    /// The settings that it holds and that cannot be read, by name.
    pub(super) broken: Vec<(&'static str, Error)>,
    /// Set where the command line says it, or names the file that does.
    pub(super) from_line: bool,
}

impl Layer {
    pub(super) fn of_flags(flags: &Flags) -> Self {
        Self {
            club: flags
                .club
                .as_ref()
                .map(|club| Sourced::new(club.clone(), &Origin::Flag("club"))),
            sites: list_of_flag("site", &flags.sites),
            activities: list_of_flag("activity", &flags.activities),
            from_line: true,
            ..Self::default()
        }
    }

    /// A variable that is set but empty counts as unset.
    pub(super) fn of_environment(env: &Environment) -> Self {
        Self::of_pairs(
            &Origin::Environment,
            &|name| match env.unambiguous(&format!("pslc_{name}")) {
                Ok(value) => Ok(value.filter(|value| !value.is_empty()).map(str::to_owned)),
                Err(what) => {
                    let message = format!("the variable PSLC_{} {what}", name.to_uppercase());
                    let hint = "set it once, or unset it";
                    Err(Error::new(Code::ConfigInvalid, message, hint)
                        .with("source", Origin::Environment.to_string()))
                }
            },
        )
    }

    pub(super) fn of_dotenv(path: &Path, pairs: &Pairs) -> Self {
        Self::of_pairs(
            &Origin::of_file(path),
            &|name| match pairs.find(&format!("pslc_{name}")) {
                Found::Value(value) => Ok(Some(value)),
                Found::Absent | Found::Missing(_) => Ok(None),
                Found::Broken(what) => {
                    let message = format!("{}: {what}", path.display());
                    let hint = "correct or remove that line; values need no quotes";
                    Err(Error::new(Code::ConfigInvalid, message, hint)
                        .with("file", path.display().to_string()))
                }
            },
        )
    }

    /// From `pslc_…` names; lists are separated by commas.
    fn of_pairs(origin: &Origin, get: &dyn Fn(&str) -> Result<Option<String>, Error>) -> Self {
        let mut layer = Self::default();
        let mut read = |name: &'static str| match get(name) {
            Ok(value) => value.map(|value| Sourced::new(value, origin)),
            Err(error) => {
                layer.broken.push((name, error));
                None
            }
        };
        let (club, timezone, sport) = (read("club"), read("timezone"), read("sport"));
        let sites = read("sites").map(split_list);
        let activities = read("activities").map(split_list);
        Self {
            club,
            timezone,
            sport,
            sites,
            activities,
            ..layer
        }
    }

    /// Adds the settings of a source that counts less: those that this one does not hold.
    ///
    /// # Errors
    ///
    /// A setting that cannot be read there and that no source before it holds.
    pub(super) fn add(&mut self, weaker: Self) -> Result<(), Error> {
        self.club = self.club.take().or(weaker.club);
        self.timezone = self.timezone.take().or(weaker.timezone);
        self.sites = self.sites.take().or(weaker.sites);
        self.activities = self.activities.take().or(weaker.activities);
        self.sport = self.sport.take().or(weaker.sport);
        for (name, error) in weaker.broken {
            let is_set = match name {
                "club" => self.club.is_some(),
                "timezone" => self.timezone.is_some(),
                "sport" => self.sport.is_some(),
                "sites" => self.sites.is_some(),
                _ => self.activities.is_some(),
            };
            if !is_set {
                return Err(error);
            }
        }
        self.watch = self.watch.take().or(weaker.watch);
        merge_tables(&mut self.portal, weaker.portal);
        Ok(())
    }
}

fn list_of_flag(name: &'static str, values: &[String]) -> Option<Sourced<Vec<String>>> {
    (!values.is_empty()).then(|| Sourced::new(values.to_vec(), &Origin::Flag(name)))
}

fn split_list(list: Sourced<String>) -> Sourced<Vec<String>> {
    let items = list.value.split(',').map(str::trim);
    Sourced {
        value: items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
        origin: list.origin,
    }
}

/// Adds the keys that `table` lacks, also in the tables that both have.
fn merge_tables(table: &mut Table, weaker: Table) {
    for (key, value) in weaker {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(known)), Value::Table(more)) => merge_tables(known, more),
            (Some(_), _) => {}
            (None, value) => drop(table.insert(key, value)),
        }
    }
}
