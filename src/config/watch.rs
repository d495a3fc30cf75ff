//! `[[watch]]` and `[notify.NAME]` of a `config.toml`: what is watched, and who is told.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::TimeDelta;
use secrecy::SecretString;
use serde::Deserialize;
use toml::Value;

use super::{Environment, Origin, small_file};
use crate::courts::{
    Time, parse_weekday,
    watch::{Quiet, Wish},
};

/// The most wishes of one file, and the most targets: each look works through all of them.
const MOST: usize = 20;

/// What is watched, and who can be told.
#[derive(Debug, Clone, Default)]
pub struct WatchSettings {
    /// In the order of the file.
    pub wishes: Vec<Wish>,
    /// By name.
    pub targets: Vec<Target>,
    /// The file.
    pub origin: Origin,
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// The way to it.
    pub way: Way,
    /// Hours in which it is left alone.
    pub quiet: Option<Quiet>,
}

/// The way to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The command's own output.
    Stdout,
    /// A program.
    Exec {
        /// Its path or name, and its arguments.
        words: Vec<String>,
        /// The form of what it reads.
        body: Body,
    },
    /// A POST.
    Post {
        /// Where its address is kept.
        address: SecretPlace,
        /// The form of what is sent.
        body: Body,
    },
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In this variable.
    Variable(String),
    /// In this file, which holds nothing else.
    File(PathBuf),
}

/// The form of a message that is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// The text and the events.
    Json,
    /// As Slack's incoming webhooks have it.
    Slack,
    /// The text alone.
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WishTable {
    name: Option<String>,
    date: Option<String>,
    days: Option<u64>,
    #[serde(default)]
    weekday: Vec<String>,
    from: Option<String>,
    to: Option<String>,
    duration: Option<i64>,
    #[serde(default)]
    site: Vec<String>,
    #[serde(default)]
    activity: Vec<String>,
    opens: Option<i64>,
    #[serde(default)]
    gone: bool,
    until: Option<String>,
    first: Option<String>,
    notify: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetTable {
    exec: Option<Vec<String>>,
    post: Option<PlaceTable>,
    body: Option<Body>,
    quiet: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceTable {
    env: Option<String>,
    file: Option<PathBuf>,
}

impl SecretPlace {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// Its place and its fault, as a sentence.
    pub fn read(&self, env: &Environment) -> Result<SecretString, String> {
        match self {
            Self::Variable(name) => {
                let value = env.get(name).and_then(|value| value.to_str());
                let value = value.ok_or_else(|| format!("the variable {name} is not set"))?;
                Ok(value.trim().to_owned().into())
            }
            Self::File(path) => {
                let home = env.path("HOME");
                let path = match (path.strip_prefix("~"), home) {
                    (Ok(below), Some(home)) => home.join(below),
                    _ => path.clone(),
                };
                let text = small_file::read_text(&path)
                    .map_err(|reason| format!("{} is {reason}", path.display()))?;
                Ok(text.trim().to_owned().into())
            }
        }
    }
}

/// Reads both tables. An error is the fault, and what is right in its place.
pub(super) fn read(
    watch: Option<Value>,
    notify: Option<Value>,
) -> Result<Option<WatchSettings>, (String, String)> {
    if watch.is_none() && notify.is_none() {
        return Ok(None);
    }
    let fault = |what: &str, right: &str| (what.to_owned(), right.to_owned());
    // The library's words repeat a value of a wrong type, and one here may be a secret address.
    let unreadable = |name: &str, error: &toml::de::Error| {
        let message = error.message();
        let what = if message.starts_with("unknown ") {
            printable::line(message, 200)
        } else {
            "a value of a wrong type".to_owned()
        };
        let right = "docs/watching.md has the keys and their forms".to_owned();
        (format!("`{name}`: {what}"), right)
    };
    let targets: BTreeMap<String, TargetTable> = match notify {
        None => BTreeMap::new(),
        Some(value) => value
            .try_into()
            .map_err(|error| unreadable("notify", &error))?,
    };
    let wishes: Vec<WishTable> = match watch {
        None => Vec::new(),
        Some(value) => value
            .try_into()
            .map_err(|error| unreadable("watch", &error))?,
    };
    if targets.len() > MOST || wishes.len() > MOST {
        return Err(fault(
            "there are more than 20 wishes or targets",
            "leave some out",
        ));
    }
    let targets = targets
        .into_iter()
        .map(|(name, table)| read_target(name, table))
        .collect::<Result<Vec<_>, _>>()?;
    let mut settings = WatchSettings {
        targets,
        ..WatchSettings::default()
    };
    for table in wishes {
        let wish = read_wish(table, &settings.targets)?;
        if settings.wishes.iter().any(|other| other.name == wish.name) {
            let what = format!("two wishes are called `{}`", wish.name);
            return Err(fault(&what, "give each [[watch]] a `name` of its own"));
        }
        settings.wishes.push(wish);
    }
    Ok(Some(settings))
}

fn read_target(name: String, table: TargetTable) -> Result<Target, (String, String)> {
    let wrong = |what: &str, right: &str| (format!("[notify.{name}]: {what}"), right.to_owned());
    if name == "stdout" || name == "exec" {
        return Err(wrong("the name is taken", "choose another name"));
    }
    let way = match (table.exec, table.post) {
        (Some(words), None) if words.iter().any(|word| !word.is_empty()) => Way::Exec {
            words,
            body: table.body.unwrap_or(Body::Text),
        },
        (None, Some(PlaceTable { env, file })) => {
            let address = match (env, file) {
                (Some(variable), None) => SecretPlace::Variable(variable),
                (None, Some(path)) => SecretPlace::File(path),
                _ => {
                    return Err(wrong(
                        "`post` names no place of the address",
                        "write post = { env = \"VARIABLE\" } or post = { file = \"PATH\" }",
                    ));
                }
            };
            let body = table.body.unwrap_or(Body::Json);
            Way::Post { address, body }
        }
        _ => {
            return Err(wrong(
                "there must be either `exec` or `post`",
                "write exec = [\"PROGRAM\", \"ARGUMENT\"] or post = { env = \"VARIABLE\" }",
            ));
        }
    };
    let quiet = table.quiet.as_deref().map(|text| {
        let (from, to) = text.split_once('-')?;
        let [from, to] = [from, to].map(|time| time.trim().parse::<Time>().ok());
        let (from, to) = from.zip(to)?;
        Some(Quiet { from, to })
    });
    match quiet {
        Some(None) => Err(wrong(
            "`quiet` is not two times",
            "write it like quiet = \"22:30-07:00\"",
        )),
        quiet => Ok(Target {
            name,
            way,
            quiet: quiet.flatten(),
        }),
    }
}

fn read_wish(table: WishTable, targets: &[Target]) -> Result<Wish, (String, String)> {
    let label = table.name.clone().unwrap_or_default();
    let wrong = |key: &str, right: &str| {
        let what = format!("[[watch]] `{label}`: `{key}` has a value that cannot be meant");
        (what, right.to_owned())
    };
    let day_form = "write YYYY-MM-DD, today, tomorrow, a weekday (sat) or +N days";
    let date = table.date.as_deref().map(str::parse).transpose();
    let date = date.map_err(|_| wrong("date", day_form))?;
    let until = table.until.as_deref().map(str::parse).transpose();
    let until = until.map_err(|_| wrong("until", "write YYYY-MM-DD"))?;
    let time = |key: &str, text: Option<&String>| {
        let time = text.map(|text| text.parse::<Time>()).transpose();
        time.map_err(|error| wrong(key, &error.to_string()))
    };
    let (from, to) = (
        time("from", table.from.as_ref())?,
        time("to", table.to.as_ref())?,
    );
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(wrong("to", "a window lies within one day"));
    }
    let weekdays = table.weekday.iter().map(|text| parse_weekday(text));
    let weekdays = weekdays.collect::<Option<Vec<_>>>();
    let weekdays = weekdays.ok_or_else(|| wrong("weekday", "write names such as mon or sat"))?;
    let is_duration = |minutes: &i64| (5..=1_440).contains(minutes) && minutes % 5 == 0;
    if table.duration.is_some_and(|minutes| !is_duration(&minutes)) {
        return Err(wrong("duration", "write a multiple of 5 from 5 to 1440"));
    }
    if table.days.is_some_and(|days| !(1..=60).contains(&days)) {
        return Err(wrong("days", "write a number from 1 to 60"));
    }
    if table
        .opens
        .is_some_and(|opens| !(1..=1_440).contains(&opens))
    {
        return Err(wrong("opens", "write a number of minutes from 1 to 1440"));
    }
    let quiet_first = match table.first.as_deref() {
        None | Some("tell") => false,
        Some("quiet") => true,
        Some(_) => return Err(wrong("first", "write tell or quiet")),
    };
    let all = || targets.iter().map(|target| target.name.clone()).collect();
    let notify = table.notify.unwrap_or_else(all);
    for name in &notify {
        if !targets.iter().any(|target| target.name == *name) {
            let what = format!("[[watch]] `{label}`: there is no [notify.{name}]");
            let right = "write that table, or correct the name in `notify`";
            return Err((what, right.to_owned()));
        }
    }
    let mut wish = Wish {
        name: String::new(),
        date,
        date_text: table.date.unwrap_or_default(),
        days: table.days,
        weekdays,
        minutes: table.duration,
        from,
        to,
        sites: table.site,
        activities: table.activity,
        notice: table.opens.map(TimeDelta::minutes),
        gone: table.gone,
        until,
        quiet_first,
        targets: notify,
    };
    let name = table.name.unwrap_or_else(|| wish.describe());
    wish.name = printable::line(&name, 80);
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<WatchSettings, (String, String)> {
        let mut table: toml::Table = text.parse().unwrap();
        let read = read(table.remove("watch"), table.remove("notify"));
        read.map(Option::unwrap_or_default)
    }

    #[test]
    fn wishes_and_targets_are_read() {
        let settings = read_text(
            "[[watch]]\nname = \"evening\"\nweekday = [\"sat\"]\nfrom = \"17:00\"\nto = \"21:00\"\n\
             duration = 90\ndays = 14\nnotify = [\"slack\"]\n\
             [[watch]]\ndate = \"2026-12-12\"\nopens = 15\ngone = true\nfirst = \"quiet\"\n\
             [notify.slack]\npost = { env = \"SLACK_WEBHOOK\" }\nbody = \"slack\"\n\
             quiet = \"22:30-07:00\"\n\
             [notify.phone]\nexec = [\"ntfy\", \"publish\", \"my-topic\"]\n",
        )
        .unwrap();
        let [evening, birthday] = &settings.wishes[..] else {
            panic!("{settings:?}");
        };
        assert_eq!(evening.describe(), "Saturday, 17:00–21:00, 90 min");
        assert_eq!(
            (&evening.targets[..], evening.gone),
            (&["slack".to_owned()][..], false)
        );
        assert_eq!(birthday.name, "2026-12-12");
        assert_eq!(
            birthday.targets,
            ["phone", "slack"],
            "all of them, where none is named"
        );
        assert_eq!(birthday.notice, Some(TimeDelta::minutes(15)));
        assert!(birthday.gone && birthday.quiet_first);
        assert_eq!(settings.targets[1].name, "slack");
        assert_eq!(settings.targets[1].quiet.unwrap().to, Time(7 * 60));
    }

    #[test]
    fn faults_are_named() {
        for (text, what) in [
            ("[[watch]]\nweekday = [\"so\"]", "`weekday`"),
            ("[[watch]]\nfrom = \"21:00\"\nto = \"17:00\"", "`to`"),
            ("[[watch]]\nduration = 61", "`duration`"),
            ("[[watch]]\ndays = 61", "`days`"),
            ("[[watch]]\nopens = 0", "`opens`"),
            ("[[watch]]\nfirst = \"loud\"", "`first`"),
            ("[[watch]]\ndate = \"someday\"", "`date`"),
            ("[[watch]]\nuntil = \"sat\"", "`until`"),
            ("[[watch]]\ncourt = 1", "court"),
            ("[[watch]]\n[[watch]]", "two wishes"),
            ("[[watch]]\nnotify = [\"x\"]", "[notify.x]"),
            ("[notify.x]", "either `exec` or `post`"),
            ("[notify.x]\npost = {}", "names no place"),
            ("[notify.x]\nexec = [\"a\"]\nquiet = \"22\"", "`quiet`"),
            ("[notify.stdout]\nexec = [\"a\"]", "taken"),
            (
                "[notify.x]\npost = \"https://hooks.example/secret\"",
                "notify",
            ),
        ] {
            let (fault, right) = read_text(text).unwrap_err();
            assert!(fault.contains(what) && !right.is_empty(), "{text}: {fault}");
            assert!(!fault.contains("secret"), "{fault}");
        }
    }
}
