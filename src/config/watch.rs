//! `[[watch]]` and `[notify.NAME]` of a `config.toml` or an `agent.toml`: what is watched, and who is
//! told.

use std::path::PathBuf;

use chrono::TimeDelta;
use secrecy::SecretString;
use toml::{Table, Value};

use super::{Environment, Origin, small_file};
use crate::courts::{
    DayError, Time, parse_weekday,
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
    /// A channel of Slack's, by its id. Only `padel-slack` has such targets.
    Channel(String),
}

/// The ways that a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// Programs and addresses: `config.toml`.
    Own,
    /// Channels: `agent.toml`.
    Channels,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// The text and the events.
    Json,
    /// As Slack's incoming webhooks have it.
    Slack,
    /// The text alone.
    Text,
}

/// The keys of a table that are not read yet, and its name in messages.
///
/// By hand: `serde` would be 35 KB of the binary (measured).
struct Keys {
    table: Table,
    name: String,
}

/// A fault, and what is right in its place.
type Fault = (String, String);

impl Keys {
    fn new(value: Value, name: String) -> Result<Self, Fault> {
        match value {
            Value::Table(table) => Ok(Self { table, name }),
            _ => Err((format!("{name} is no table"), FORMS.to_owned())),
        }
    }

    fn take<T>(&mut self, key: &str, read: fn(Value) -> Option<T>) -> Result<Option<T>, Fault> {
        match self.table.remove(key).map(read) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value)),
            // Not the value itself: it may be a secret address.
            Some(None) => Err(self.fault(&format!("`{key}` has a value of a wrong type"), FORMS)),
        }
    }

    fn take_text(&mut self, key: &str) -> Result<Option<String>, Fault> {
        self.take(key, read_text)
    }

    fn take_list(&mut self, key: &str) -> Result<Option<Vec<String>>, Fault> {
        self.take(key, |value| match value {
            Value::Array(items) => items.into_iter().map(read_text).collect(),
            _ => None,
        })
    }

    /// Takes a whole number of these bounds.
    fn take_number(&mut self, key: &str, least: i64, most: i64) -> Result<Option<i64>, Fault> {
        let number = self.take(key, |value| value.as_integer())?;
        match number {
            Some(number) if !(least..=most).contains(&number) => {
                let right = format!("write a number from {least} to {most}");
                Err(self.fault(&format!("`{key}` has a value that cannot be meant"), &right))
            }
            number => Ok(number),
        }
    }

    fn take_flag(&mut self, key: &str) -> Result<bool, Fault> {
        Ok(self.take(key, |value| value.as_bool())?.unwrap_or_default())
    }

    /// Refuses what is left.
    fn finish(&self) -> Result<(), Fault> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => {
                let what = format!("unknown key `{}`", printable::line(key, 40));
                Err(self.fault(&what, FORMS))
            }
        }
    }

    fn fault(&self, what: &str, right: &str) -> Fault {
        (format!("{}: {what}", self.name), right.to_owned())
    }
}

/// Where the keys and their forms stand.
const FORMS: &str = "docs/watching.md has the keys and their forms";

fn read_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
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
    ways: Ways,
) -> Result<Option<WatchSettings>, Fault> {
    if watch.is_none() && notify.is_none() {
        return Ok(None);
    }
    let targets = match notify {
        None => Table::new(),
        Some(value) => Keys::new(value, "[notify]".to_owned())?.table,
    };
    let wishes = match watch {
        None => Vec::new(),
        Some(Value::Array(wishes)) => wishes,
        Some(_) => return Err(("`watch` is no list".to_owned(), FORMS.to_owned())),
    };
    if targets.len() > MOST || wishes.len() > MOST {
        let what = "there are more than 20 wishes or targets".to_owned();
        return Err((what, "leave some out".to_owned()));
    }
    let mut settings = WatchSettings::default();
    for (name, table) in targets {
        let shown = format!("[notify.{}]", printable::line(&name, 40));
        let target = read_target(name, Keys::new(table, shown)?, ways)?;
        settings.targets.push(target);
    }
    for table in wishes {
        let keys = Keys::new(table, "[[watch]]".to_owned())?;
        let wish = read_wish(keys, &settings.targets)?;
        if settings.wishes.iter().any(|other| other.name == wish.name) {
            let what = format!("two wishes are called `{}`", wish.name);
            let right = "give each [[watch]] a `name` of its own";
            return Err((what, right.to_owned()));
        }
        settings.wishes.push(wish);
    }
    Ok(Some(settings))
}

fn read_target(name: String, mut keys: Keys, ways: Ways) -> Result<Target, Fault> {
    if name == "stdout" || name == "exec" {
        return Err(keys.fault("the name is taken", "choose another name"));
    }
    let way = match ways {
        Ways::Own => read_way(&mut keys)?,
        Ways::Channels => match keys.take_text("channel")? {
            Some(id) if is_channel(&id) => Way::Channel(id),
            _ => {
                let right = "write its id, such as channel = \"C0123456789\"";
                return Err(keys.fault("`channel` names no channel", right));
            }
        },
    };
    let quiet = keys.take_text("quiet")?.map(|text| {
        let (from, to) = text.split_once('-')?;
        let from = from.trim().parse::<Time>().ok()?;
        let to = to.trim().parse::<Time>().ok()?;
        Some(Quiet { from, to })
    });
    if quiet == Some(None) {
        let right = "write it like quiet = \"22:30-07:00\"";
        return Err(keys.fault("`quiet` is not two times", right));
    }
    keys.finish()?;
    Ok(Target {
        name,
        way,
        quiet: quiet.flatten(),
    })
}

/// Returns whether this may be the id of a channel.
fn is_channel(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (2..=40).contains(&text.len()) && text.bytes().all(is_plain)
}

fn read_way(keys: &mut Keys) -> Result<Way, Fault> {
    let words = keys.take_list("exec")?;
    let post = keys.take("post", |value| match value {
        Value::Table(table) => Some(table),
        _ => None,
    })?;
    let body = match keys.take_text("body")?.as_deref() {
        None => None,
        Some("json") => Some(Body::Json),
        Some("slack") => Some(Body::Slack),
        Some("text") => Some(Body::Text),
        Some(_) => return Err(keys.fault("`body` is unknown", "write json, slack or text")),
    };
    match (words, post) {
        (Some(words), None) if words.iter().any(|word| !word.is_empty()) => Ok(Way::Exec {
            words,
            body: body.unwrap_or(Body::Text),
        }),
        (None, Some(table)) => {
            let mut place = Keys {
                table,
                name: format!("{} `post`", keys.name),
            };
            let address = match (place.take_text("env")?, place.take_text("file")?) {
                (Some(variable), None) => SecretPlace::Variable(variable),
                (None, Some(path)) => SecretPlace::File(path.into()),
                _ => {
                    return Err(place.fault(
                        "it names no place of the address",
                        "write post = { env = \"VARIABLE\" } or post = { file = \"PATH\" }",
                    ));
                }
            };
            place.finish()?;
            let body = body.unwrap_or(Body::Json);
            Ok(Way::Post { address, body })
        }
        _ => Err(keys.fault(
            "there must be either `exec` or `post`",
            "write exec = [\"PROGRAM\", \"ARGUMENT\"] or post = { env = \"VARIABLE\" }",
        )),
    }
}

fn read_wish(mut keys: Keys, targets: &[Target]) -> Result<Wish, Fault> {
    let name = keys.take_text("name")?;
    if let Some(name) = &name {
        keys.name = format!("[[watch]] `{}`", printable::line(name, 80));
    }
    let wrong = |keys: &Keys, key: &str, right: &str| {
        keys.fault(&format!("`{key}` has a value that cannot be meant"), right)
    };
    let date_text = keys.take_text("date")?.unwrap_or_default();
    let date = match date_text.as_str() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|error: DayError| wrong(&keys, "date", &error.to_string()))?,
        ),
    };
    let until = match keys.take_text("until")? {
        None => None,
        Some(text) => match text.parse() {
            Ok(until) => Some(until),
            Err(_) => return Err(wrong(&keys, "until", "write YYYY-MM-DD")),
        },
    };
    let mut times = [None; 3];
    for (time, key) in times.iter_mut().zip(["from", "to", "at"]) {
        if let Some(text) = keys.take_text(key)? {
            let parsed = text.parse::<Time>();
            *time = Some(parsed.map_err(|error| wrong(&keys, key, &error.to_string()))?);
        }
    }
    let [from, to, at] = times;
    if at.is_some_and(|at| from.is_some() || to.is_some() || at == Time::END) {
        let right = "write a start of play, without `from` and `to`";
        return Err(wrong(&keys, "at", right));
    }
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(wrong(&keys, "to", "a window lies within one day"));
    }
    let mut weekdays = Vec::new();
    for text in keys.take_list("weekday")?.unwrap_or_default() {
        let weekday = parse_weekday(&text);
        let right = "write names such as mon or sat";
        weekdays.push(weekday.ok_or_else(|| wrong(&keys, "weekday", right))?);
    }
    let minutes = keys.take_number("duration", 5, 1_440)?;
    if minutes.is_some_and(|minutes| minutes % 5 != 0) {
        return Err(wrong(&keys, "duration", "write a multiple of 5"));
    }
    let days = keys.take_number("days", 1, 60)?;
    let notice = keys.take_number("opens", 1, 1_440)?;
    let quiet_first = match keys.take_text("first")?.as_deref() {
        None | Some("tell") => false,
        Some("quiet") => true,
        Some(_) => return Err(wrong(&keys, "first", "write tell or quiet")),
    };
    let notify = match keys.take_list("notify")? {
        Some(names) => names,
        None => targets.iter().map(|target| target.name.clone()).collect(),
    };
    for name in &notify {
        if !targets.iter().any(|target| target.name == *name) {
            let what = format!("there is no [notify.{}]", printable::line(name, 40));
            let right = "write that table, or correct the name in `notify`";
            return Err(keys.fault(&what, right));
        }
    }
    let mut wish = Wish {
        name: String::new(),
        date,
        date_text,
        days: days.map(i64::unsigned_abs),
        weekdays,
        minutes,
        from,
        to,
        at,
        courts: keys.take_list("court")?.unwrap_or_default(),
        sites: keys.take_list("site")?.unwrap_or_default(),
        activities: keys.take_list("activity")?.unwrap_or_default(),
        notice: notice.map(TimeDelta::minutes),
        gone: keys.take_flag("gone")?,
        until,
        quiet_first,
        targets: notify,
    };
    keys.finish()?;
    let name = name.unwrap_or_else(|| wish.describe());
    wish.name = printable::line(&name, 80);
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_config(text: &str) -> Result<WatchSettings, Fault> {
        let mut table: toml::Table = text.parse().unwrap();
        let read = read(table.remove("watch"), table.remove("notify"), Ways::Own);
        read.map(Option::unwrap_or_default)
    }

    #[test]
    fn wishes_and_targets_are_read() {
        let settings = read_config(
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
            ("[[watch]]\nat = \"18:00\"\nto = \"21:00\"", "`at`"),
            ("[[watch]]\nat = \"24:00\"", "`at`"),
            ("[notify.x]\nchannel = \"C0123\"", "either `exec` or `post`"),
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
            let (fault, right) = read_config(text).unwrap_err();
            assert!(fault.contains(what) && !right.is_empty(), "{text}: {fault}");
            assert!(!fault.contains("secret"), "{fault}");
        }
    }
}
