//! The member's `.env`: every place where it may be, in order, and what came of each.
//!
//! A file that was mounted elsewhere than expected must never be reported as a wrong password, so nothing is passed over
//! in silence: the report names every place and why it was of no use.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Club, Environment, dotenv,
    places::{self, Looked},
    private,
};
use crate::{
    error::{Code, Error},
    text,
};

/// The names of the pair, in any case.
const USER: &str = "pslc_user";
const PASSWORD: &str = "pslc_password";
const CLUB: &str = "pslc_club";

/// Bounds of the scan of the uploads.
const DEPTH: usize = 8;
const ENTRIES: usize = 1000;

/// The source of what the environment's variables say.
pub const ENVIRONMENT: &str = "environment";
/// The source of what somebody typed.
pub const TERMINAL: &str = "the terminal";

/// A member's e-mail and password, exactly as they stand where they came from.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Often an e-mail; sent verbatim.
    pub user: SecretString,
    /// Sent verbatim; may be a placeholder that an egress proxy replaces.
    pub password: SecretString,
    /// `environment`, or a file's path.
    pub source: String,
    /// The file, unless it is below the session's uploads.
    file: Option<PathBuf>,
}

impl Credentials {
    /// Credentials that were typed, or come from elsewhere than a file.
    #[must_use]
    pub fn typed(user: SecretString, password: SecretString) -> Self {
        Self { user, password, source: TERMINAL.to_owned(), file: None }
    }

    /// The text of a `.env` with this pair in place of the one in it, if there is one, and what changed, in words; what else
    /// it says stays. Another club that it says would count before one in `config.toml`: it is replaced by `club`, and its
    /// sites and activities go.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, in words.
    pub fn put_into(&self, dotenv: &str, club: &Club) -> Result<(&'static str, String), String> {
        let wrong = |line| format!("line {line} is not KEY=value");
        let mut values = vec![(USER, Some(self.user.expose_secret())), (PASSWORD, Some(self.password.expose_secret()))];
        let setting = club.setting();
        let said = dotenv::parse(dotenv).map_err(wrong)?.get(CLUB);
        let is_another = said.is_some_and(|said| said.parse().as_ref() != Ok(club));
        if is_another {
            values.extend([(CLUB, Some(setting.as_str())), ("pslc_sites", None), ("pslc_activities", None)]);
        }
        let changes = if is_another { "e-mail, password and club" } else { "e-mail and password" };
        Ok((changes, dotenv::edited(dotenv, &values).map_err(wrong)?))
    }

    /// What to say when others on this machine can read the file. A mount of the session's uploads is not the member's
    /// to change.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let path = self.file.as_ref().filter(|file| !private::is_private(file))?;
        let path = text::line(&path.display().to_string(), 400);
        Some(format!("{path} can be read by others on this machine: chmod 600 {path}"))
    }
}

/// What the search came to.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The first complete pair.
    pub credentials: Option<Credentials>,
    /// Every place, in the order in which it counts.
    pub looked: Vec<Looked>,
    /// The pairs and paths of the `.env` files in force: the one that was named, and the one with the credentials, else the
    /// first that can be read.
    pub(super) settings: Vec<(PathBuf, dotenv::Pairs)>,
}

impl Discovery {
    /// Searches all places, up to the first complete pair.
    ///
    /// # Errors
    ///
    /// `credentials_unreadable` for an `--env-file` that cannot be read and for a variable that is set but empty;
    /// `config_invalid` for a `.env` that cannot be understood, with file and line.
    pub fn run(env: &Environment, named: Option<&Path>) -> Result<Self, Error> {
        let mut search = Search { named, uploads: places::uploads(env), found: Self::default() };
        if let Some(path) = named {
            search.named(path)?;
        }
        search.environment(env)?;
        let stated = env.path("PSLC_ENV_FILE");
        let places = stated.iter().flat_map(|path| [path.clone(), places::mounted(env, path)]);
        for place in places.chain(places::candidates(env, ".env")) {
            search.place(&place)?;
        }
        if search.found.credentials.is_none() {
            search.scan()?;
        }
        Ok(search.found)
    }

    /// The credentials, or the error that lists every place and why it was of no use.
    ///
    /// # Errors
    ///
    /// `credentials_not_found`
    pub fn credentials(&self) -> Result<&Credentials, Error> {
        self.credentials.as_ref().ok_or_else(|| {
            let places: Vec<String> =
                self.looked.iter().map(|looked| format!("{}: {}", looked.place, looked.outcome)).collect();
            Error::new(
                Code::CredentialsNotFound,
                format!("no e-mail and password were found; looked at {}", places.join("; ")),
                format!("run `padel setup`, or write {USER}=… and {PASSWORD}=… into ~/.config/pslc-padel/.env"),
            )
            .with("searched", places)
        })
    }
}

struct Search<'a> {
    named: Option<&'a Path>,
    uploads: PathBuf,
    found: Discovery,
}

impl Search<'_> {
    /// A file that was named on the command line.
    fn named(&mut self, path: &Path) -> Result<(), Error> {
        let text = places::read_named(path).map_err(|reason| {
            let hint = "name a readable file, or leave --env-file out to search the usual places";
            Error::new(Code::CredentialsUnreadable, format!("{} is {reason}", path.display()), hint)
                .with("file", path.display().to_string())
        })?;
        self.text(path, &text)
    }

    fn environment(&mut self, env: &Environment) -> Result<(), Error> {
        let text = |name: &str| {
            let unusable = |what: &str| {
                let message = format!("the variable {name} is set but {what}");
                Err(Error::new(Code::CredentialsUnreadable, message, format!("set {name}, or unset it")))
            };
            match env.raw(name).map(OsStr::to_str) {
                None => Ok(None),
                Some(None) => unusable("not UTF-8 text"),
                Some(Some("")) => unusable("empty"),
                Some(Some(text)) => Ok(Some(text.to_owned())),
            }
        };
        let pair = (text(USER)?, text(PASSWORD)?);
        self.pair(ENVIRONMENT.to_owned(), None, pair);
        Ok(())
    }

    /// A place where a file may be.
    fn place(&mut self, path: &Path) -> Result<(), Error> {
        match places::read(path) {
            Ok(text) => self.text(path, &text),
            Err(reason) => {
                self.looked(path.display().to_string(), reason);
                Ok(())
            }
        }
    }

    fn text(&mut self, path: &Path, text: &str) -> Result<(), Error> {
        let pairs = dotenv::parse(text).map_err(|line| {
            let message = format!("{}: line {line} is not of the form KEY=value", path.display());
            Error::new(Code::ConfigInvalid, message, "correct or remove that line; values need no quotes")
                .with("file", path.display().to_string())
        })?;
        self.file(path.to_owned(), pairs);
        Ok(())
    }

    /// Takes what a file holds: the pair if it is complete and the first, and settings from the file with that pair, else
    /// from the first at all. What was named is meant, with a pair or without.
    fn file(&mut self, path: PathBuf, pairs: dotenv::Pairs) {
        let searching = self.found.credentials.is_none();
        self.pair(path.display().to_string(), Some(&path), (pairs.get(USER), pairs.get(PASSWORD)));
        if self.found.settings.is_empty() || (searching && self.found.credentials.is_some()) {
            self.found.settings.retain(|(path, _)| self.named == Some(path));
            self.found.settings.push((path, pairs));
        }
    }

    /// Takes a pair if it is complete and the first.
    fn pair(&mut self, place: String, file: Option<&Path>, pair: (Option<String>, Option<String>)) {
        let outcome = match (&self.found.credentials, pair) {
            (Some(_), _) => "not used (another came first)".to_owned(),
            (None, (Some(user), Some(password))) => {
                let (user, password) = (user.into(), password.into());
                let file = file.filter(|file| !file.starts_with(&self.uploads)).map(Path::to_owned);
                self.found.credentials = Some(Credentials { user, password, source: place.clone(), file });
                "used".to_owned()
            }
            (None, (None, None)) => format!("{USER} and {PASSWORD} are missing"),
            (None, (None, _)) => format!("{USER} is missing"),
            (None, (_, None)) => format!("{PASSWORD} is missing"),
        };
        self.looked(place, outcome);
    }

    fn looked(&mut self, place: String, outcome: String) {
        self.found.looked.push(Looked { place, outcome });
    }

    /// Looks at every small file below the uploads: one that was mounted without a path is named by its id. One with a name
    /// of ours is a place like any other, so that it is told what is wrong with it.
    fn scan(&mut self) -> Result<(), Error> {
        let uploads = self.uploads.display().to_string();
        let Ok(root) = self.uploads.canonicalize() else {
            self.looked(uploads, "absent".to_owned());
            return Ok(());
        };
        let (files, seen) = files_below(&root);
        let (ours, others): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(|path| is_ours(path));
        let with_pair = |path: PathBuf| {
            let pairs = dotenv::parse(&places::read(&path).ok()?).ok().filter(has_pair)?;
            Some((path, pairs))
        };
        let others: Vec<(PathBuf, dotenv::Pairs)> = others.into_iter().filter_map(with_pair).collect();
        self.looked(
            format!("{uploads} (scanned)"),
            format!("{seen} entries, {} of them hold both under another name", others.len()),
        );
        for path in ours {
            let place = path.display().to_string();
            if self.found.looked.iter().all(|looked| looked.place != place) {
                self.place(&path)?;
            }
        }
        for (path, pairs) in others {
            self.file(path, pairs);
        }
        Ok(())
    }
}

/// The files below a directory, the least deep first, and how many entries were looked at.
fn files_below(root: &Path) -> (Vec<PathBuf>, usize) {
    let mut queue = VecDeque::from([(root.to_owned(), 0)]);
    let (mut files, mut seen) = (Vec::new(), 0);
    while let Some((dir, depth)) = queue.pop_front() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if seen == ENTRIES {
                return (files, seen);
            }
            seen += 1;
            // Links are followed only as far as the root goes.
            let Some(real) = path.canonicalize().ok().filter(|real| real.starts_with(root)) else { continue };
            if !real.is_dir() {
                files.push(path);
            } else if depth < DEPTH && real == path {
                // A link to a directory inside would be seen twice, or for ever.
                queue.push_back((path, depth + 1));
            }
        }
    }
    (files, seen)
}

/// Whether both are there.
pub(super) fn has_pair(pairs: &dotenv::Pairs) -> bool {
    [USER, PASSWORD].iter().all(|name| pairs.get(name).is_some())
}

fn is_ours(path: &Path) -> bool {
    path.ends_with("pslc-padel/.env") || path.file_name().is_some_and(|name| name == "pslc-padel.env")
}
