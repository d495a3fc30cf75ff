//! The state file: where it is, one process at a time, whole or not at all.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    config::{Club, Environment, Turn, private},
    courts::watch::WatchState,
    error::{Code, Error},
    signals,
};

/// Kind and version of the file.
const SCHEMA: &str = "padel.watch.state/v1";
/// The kind alone.
const KIND: &str = "padel.watch.state/";
/// The largest file that is read: a club's games of two weeks are some 60 kB.
const LARGEST: u64 = 8 * 1024 * 1024;

/// A club's state file.
pub(super) struct Store {
    path: PathBuf,
    club: String,
}

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    club: &'a str,
    state: &'a WatchState,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
    club: String,
}

#[derive(Deserialize)]
struct Read {
    state: WatchState,
}

impl Store {
    /// Takes the file that is named, or `padel/watch-CLUB.json` in the user's directory of states.
    ///
    /// # Errors
    ///
    /// `config_invalid` on a machine without such a directory.
    pub(super) fn new(env: &Environment, named: Option<&Path>, club: &Club) -> Result<Self, Error> {
        let name = club.name();
        let file: String = name
            .chars()
            .map(|char| {
                let is_plain = char.is_ascii_alphanumeric() || "-.".contains(char);
                if is_plain { char } else { '_' }
            })
            .collect();
        let own = env.path("XDG_STATE_HOME").filter(|dir| dir.is_absolute());
        let dir = own.or_else(|| env.path("HOME").map(|home| home.join(".local/state")));
        let usual = dir.map(|dir| dir.join("padel").join(format!("watch-{file}.json")));
        let path = named.map(Path::to_owned).or(usual).ok_or_else(|| {
            let message = "there is no directory for the state: neither XDG_STATE_HOME nor HOME \
                           is set";
            Error::new(Code::ConfigInvalid, message, "name a file with --state")
        })?;
        // Of a club that is named by an address, the whole address counts.
        let club = club.base().as_str().to_owned();
        Ok(Self { path, club })
    }

    pub(super) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// Keeps other processes from the file. `None` where another one has it. `longest` is the time
    /// after which this process is done with it.
    pub(super) fn lock(&self, longest: Duration) -> Result<Option<Turn>, Error> {
        let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        if let Some(dir) = dir {
            private::create_dir(dir).map_err(|error| self.unusable("made", &error))?;
        }
        Ok(Turn::take(&self.path.with_extension("lock"), longest))
    }

    /// Reads the state; a new one where there is none. A file that cannot be understood is moved
    /// aside, and `warnings` say so.
    ///
    /// # Errors
    ///
    /// `config_invalid` where the file cannot be read, or is another club's or a later version's.
    pub(super) fn load(&self, warnings: &mut Vec<String>) -> Result<WatchState, Error> {
        let read = fs::metadata(&self.path).and_then(|about| {
            if about.len() > LARGEST {
                return Err(ErrorKind::FileTooLarge.into());
            }
            fs::read(&self.path)
        });
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(WatchState::default()),
            Err(error) => return Err(self.unusable("read", &error)),
        };
        if let Ok(head) = serde_json::from_slice::<Head>(&bytes) {
            if head.schema != SCHEMA && head.schema.starts_with(KIND) {
                return Err(self.refuse("is of a later version of padel", "use that version"));
            }
            if head.club != self.club {
                let hint = "name a file for each club, or leave --state out";
                return Err(self.refuse("is of another club", hint));
            }
            if let Ok(read) = serde_json::from_slice::<Read>(&bytes) {
                return Ok(read.state);
            }
        }
        let aside = self.path.with_extension("bad");
        fs::rename(&self.path, &aside).map_err(|error| self.unusable("moved", &error))?;
        warnings.push(format!(
            "the state in {} could not be understood: it is in {} now, and this look is a first \
                one",
            self.path.display(),
            aside.display()
        ));
        Ok(WatchState::default())
    }

    /// Writes the state.
    ///
    /// # Errors
    ///
    /// `config_invalid` where the file cannot be written.
    pub(super) fn save(&self, state: &WatchState) -> Result<(), Error> {
        let written = Written {
            schema: SCHEMA,
            club: &self.club,
            state,
        };
        let json = serde_json::to_vec(&written);
        let mut json = json.map_err(|error| self.unusable("written", &error.into()))?;
        json.push(b'\n');
        self.replace(&json)
            .map_err(|error| self.unusable("written", &error))
    }

    /// Replaces the file by way of a draft of one name: whoever is killed while writing leaves one
    /// file at most. The lock keeps others from it.
    fn replace(&self, json: &[u8]) -> std::io::Result<()> {
        let _whole = signals::postpone_signals();
        let draft = self.path.with_extension("new");
        let mut options = fs::File::options();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&draft)?.write_all(json)?;
        fs::rename(draft, &self.path)
    }

    /// Removes the file; `false` where there was none.
    pub(super) fn remove(&self) -> Result<bool, Error> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unusable("removed", &error)),
        }
    }

    fn unusable(&self, verb: &str, error: &std::io::Error) -> Error {
        self.refuse(
            &format!("could not be {verb} ({error})"),
            "name a file that can be written with --state",
        )
    }

    fn refuse(&self, what: &str, hint: &str) -> Error {
        let path = self.path();
        let message = format!("the state file {path} {what}");
        Error::new(Code::ConfigInvalid, message, hint).with("file", path)
    }
}
