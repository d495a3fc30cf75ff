//! The member's `.env`: every place where it may be, in order, and what came of each.
//!
//! A file that was mounted elsewhere than expected must never be reported as a wrong password, so
//! nothing is passed over in silence: the report names every place and why it was of no use.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Club, Environment,
    dotenv::{self, Found},
    oddities,
    origin::Origin,
    places::{self, Contents, Looked},
    private, scan,
};
use crate::{
    error::{Code, Error},
    text,
};

/// The names of the pair, in any case.
pub(super) const USER: &str = "pslc_user";
pub(super) const PASSWORD: &str = "pslc_password";
const CLUB: &str = "pslc_club";
/// So many files that the scan could make nothing of are told one by one.
const TOLD: usize = 10;

/// A member's e-mail and password, exactly as they stand where they came from.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Often an e-mail; sent verbatim.
    pub user: SecretString,
    /// Sent verbatim; may be a placeholder that an egress proxy replaces.
    pub password: SecretString,
    /// Where they stand.
    pub origin: Origin,
    /// The file, unless it is below the session's uploads.
    file: Option<PathBuf>,
    /// What is odd about where they stand, by the numbers of lines.
    notes: Vec<String>,
}

impl Credentials {
    /// Credentials that were typed, or come from elsewhere than a file.
    #[must_use]
    pub fn typed(user: SecretString, password: SecretString) -> Self {
        Self {
            user,
            password,
            origin: Origin::Terminal,
            file: None,
            notes: Vec::new(),
        }
    }

    /// What may explain that they are refused: keys that stand twice, invisible characters and the
    /// like. By the numbers of lines, never their text.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A `.env` with this pair in place of the one in it, if there is one, and what changed, in
    /// words; what else it says stays. Another club that it says would count before one in
    /// `config.toml`: it is replaced by `club`, and its sites and activities go.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, in words.
    pub fn put_into(&self, old: &[u8], club: &Club) -> Result<(&'static str, Vec<u8>), String> {
        let mut values = vec![
            (USER, Some(self.user.expose_secret())),
            (PASSWORD, Some(self.password.expose_secret())),
        ];
        let setting = club.setting();
        let is_another = match dotenv::parse(old).find(CLUB) {
            Found::Value(said) => said.parse().as_ref() != Ok(club),
            Found::Missing(_) => false,
            Found::Broken(_) => true,
        };
        if is_another {
            values.extend([
                (CLUB, Some(setting.as_str())),
                ("pslc_sites", None),
                ("pslc_activities", None),
            ]);
        }
        let changes = if is_another {
            "e-mail, password and club"
        } else {
            "e-mail and password"
        };
        Ok((changes, dotenv::edited(old, &values)?))
    }

    /// What to say when others on this machine can read the file. A mount of the session's uploads
    /// is not the member's to change.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let path = self
            .file
            .as_ref()
            .filter(|file| !private::is_private(file))?;
        let path = text::line(&path.display().to_string(), 400);
        Some(format!(
            "{path} can be read by others on this machine: chmod 600 {path}"
        ))
    }
}

/// What the search came to.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The first complete pair.
    pub credentials: Option<Credentials>,
    /// What is wrong with a place of padel's that came before any complete pair: nothing behind it
    /// is taken in its stead.
    obstacle: Option<Error>,
    /// The files that are there, may be a member's and cannot be read, each with why.
    unreadable: Vec<String>,
    /// Every place, in the order in which it counts.
    pub looked: Vec<Looked>,
    /// The pairs and paths of the `.env` files in force: the one that was named, and the one with
    /// the credentials, else the first that can be read.
    pub(super) settings: Vec<(PathBuf, dotenv::Pairs)>,
}

impl Discovery {
    /// Searches all places, up to the first complete pair.
    ///
    /// # Errors
    ///
    /// `credentials_unreadable` for an `--env-file` that cannot be read.
    pub fn run(env: &Environment, named: Option<&Path>) -> Result<Self, Error> {
        let mut search = Search {
            named,
            uploads: places::uploads(env),
            found: Self::default(),
        };
        if let Some(path) = named {
            search.named(path)?;
        }
        search.environment(env);
        let stated = env.path("PSLC_ENV_FILE");
        let places = stated
            .iter()
            .flat_map(|path| [path.clone(), places::mounted(env, path)]);
        for place in places.chain(places::candidates(env, ".env")) {
            search.place(&place);
        }
        if search.found.credentials.is_none() {
            search.scan();
        }
        Ok(search.found)
    }

    /// The credentials, or the error that lists every place and why it was of no use.
    ///
    /// # Errors
    ///
    /// `credentials_unreadable` for a variable that cannot be used; `config_invalid` for a line of
    /// a `.env` with file and number; `credentials_not_found`.
    pub fn credentials(&self) -> Result<&Credentials, Error> {
        if let Some(credentials) = &self.credentials {
            return Ok(credentials);
        }
        if let Some(obstacle) = &self.obstacle {
            return Err(obstacle.clone());
        }
        let places: Vec<String> = self
            .looked
            .iter()
            .map(|looked| format!("{}: {}", looked.place, looked.outcome))
            .collect();
        let error = Error::new(
            Code::CredentialsNotFound,
            format!(
                "no e-mail and password were found; looked at {}",
                places.join("; ")
            ),
            format!(
                "run `padel setup`, or write {USER}=… and {PASSWORD}=… into ~/.config/pslc-padel/.env"
            ),
        );
        Err(error.with("searched", places))
    }

    /// Files that may hold the credentials that were not found, each with why it cannot be read.
    #[must_use]
    pub fn unreadable(&self) -> &[String] {
        if self.credentials.is_none() {
            &self.unreadable
        } else {
            &[]
        }
    }

    /// What stands in the way of credentials that are meant to be there, in one sentence.
    #[must_use]
    pub fn obstacle(&self) -> Option<&Error> {
        self.obstacle
            .as_ref()
            .filter(|_| self.credentials.is_none())
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
        let pairs = places::read_beginning(path)
            .and_then(understand)
            .map_err(|reason| {
                let hint =
                    "name a readable file, or leave --env-file out to search the usual places";
                Error::new(
                    Code::CredentialsUnreadable,
                    format!("{} is {reason}", path.display()),
                    hint,
                )
                .with("file", path.display().to_string())
            })?;
        self.file(path.to_owned(), pairs);
        Ok(())
    }

    fn environment(&mut self, env: &Environment) {
        let value = |name: &str| match env.unambiguous(name) {
            Ok(Some("")) => Found::Broken(format!("the variable {name} is set but empty")),
            Ok(Some(value)) => Found::Value(value.to_owned()),
            Ok(None) => Found::Missing(format!("{name} is missing")),
            Err(what) => Found::Broken(format!("the variable {name} {what}")),
        };
        let pair = [value(USER), value(PASSWORD)];
        let notes = pair
            .iter()
            .zip([USER, PASSWORD])
            .filter_map(|(found, name)| {
                let Found::Value(value) = found else {
                    return None;
                };
                let odd = oddities::of_variable(value);
                (!odd.is_empty())
                    .then(|| format!("the variable {name} {}", oddities::in_words(&odd)))
            });
        let notes = notes.collect();
        let outcome = self.take(pair, Origin::Environment, None, notes, |what| {
            let hint = format!("set {USER} and {PASSWORD}, or unset them");
            Error::new(Code::CredentialsUnreadable, what, hint)
        });
        self.looked(Origin::Environment.to_string(), outcome);
    }

    /// A place where a file may be.
    fn place(&mut self, path: &Path) {
        match places::read_regular(path).and_then(understand) {
            Ok(pairs) => self.file(path.to_owned(), pairs),
            Err(reason) => {
                // Another's directory, such as root's, says nothing of what is in it.
                if std::fs::symlink_metadata(path).is_ok() {
                    self.found
                        .unreadable
                        .push(format!("{} is {reason}", path.display()));
                }
                self.looked(path.display().to_string(), reason);
            }
        }
    }

    /// Takes what a file holds: the pair if it is complete and the first, and settings from the
    /// file with that pair, else from the first at all. What was named is meant, with a pair or
    /// without.
    fn file(&mut self, path: PathBuf, pairs: dotenv::Pairs) {
        let searching = self.is_searching();
        let place = path.display().to_string();
        let pair = [pairs.find(USER), pairs.find(PASSWORD)];
        let mut outcome = self.take(
            pair,
            Origin::File(place.clone()),
            Some(&path),
            pairs.notes(&[USER, PASSWORD]),
            |what| {
                let hint =
                    "correct or remove that line, or run `padel setup`; values need no quotes";
                Error::new(Code::ConfigInvalid, format!("{place}: {what}"), hint)
                    .with("file", place.as_str())
            },
        );
        for note in pairs.all_notes() {
            if !outcome.contains(&note) {
                outcome = format!("{outcome}; {note}");
            }
        }
        self.looked(place, outcome);
        if self.found.settings.is_empty() || (searching && !self.is_searching()) {
            self.found
                .settings
                .retain(|(path, _)| self.named == Some(path));
            self.found.settings.push((path, pairs));
        }
    }

    /// Whether neither a pair was found nor what should have been one.
    fn is_searching(&self) -> bool {
        self.found.credentials.is_none() && self.found.obstacle.is_none()
    }

    /// Takes a pair if it is complete and the first, and says what came of it. `wrong` makes the
    /// error of a place that is padel's and cannot be used.
    fn take(
        &mut self,
        pair: [Found; 2],
        origin: Origin,
        file: Option<&Path>,
        notes: Vec<String>,
        wrong: impl FnOnce(String) -> Error,
    ) -> String {
        if self.found.credentials.is_some() {
            return "not used (another came first)".to_owned();
        }
        if self.found.obstacle.is_some() {
            return "not used (what is wrong above comes first)".to_owned();
        }
        match pair {
            [Found::Broken(what), _] | [_, Found::Broken(what)] => {
                self.found.obstacle = Some(wrong(what.clone()));
                what
            }
            [Found::Value(user), Found::Value(password)] => {
                let (user, password) = (user.into(), password.into());
                let file = file
                    .filter(|file| !file.starts_with(&self.uploads))
                    .map(Path::to_owned);
                self.found.credentials = Some(Credentials {
                    user,
                    password,
                    origin,
                    file,
                    notes,
                });
                "used".to_owned()
            }
            [Found::Missing(user), Found::Missing(password)]
                if [&user, &password]
                    == [
                        &format!("{USER} is missing"),
                        &format!("{PASSWORD} is missing"),
                    ] =>
            {
                format!("{USER} and {PASSWORD} are missing")
            }
            [Found::Missing(user), Found::Missing(password)] => format!("{user}; {password}"),
            [Found::Missing(what), _] | [_, Found::Missing(what)] => what,
        }
    }

    fn looked(&mut self, place: String, outcome: String) {
        self.found.looked.push(Looked { place, outcome });
    }

    /// Looks at every small file below the uploads: one that was mounted without a path is named by
    /// its id. One with a name of ours is a place like any other, so that it is told what is wrong
    /// with it.
    fn scan(&mut self) {
        let uploads = self.uploads.display().to_string();
        let Ok(root) = self.uploads.canonicalize() else {
            self.looked(uploads, "absent".to_owned());
            return;
        };
        let scan::Below { files, seen, gaps } = scan::files_below(&root);
        let (ours, others): (Vec<PathBuf>, Vec<PathBuf>) =
            files.into_iter().partition(|path| scan::is_ours(path));
        let (mut pairs, mut useless) = (Vec::new(), Vec::new());
        for path in others {
            match scan::judge(&path) {
                scan::Verdict::Pairs(found) => pairs.push((path, found)),
                scan::Verdict::Useless(reason) => useless.push((path, reason)),
                scan::Verdict::Others => {}
            }
        }
        let (complete, broken): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(_, pairs)| has_pair(pairs));
        let mut outcome = format!(
            "{seen} entr{}, {} of them hold both under another name",
            if seen == 1 { "y" } else { "ies" },
            complete.len()
        );
        for gap in gaps {
            outcome = format!("{outcome}; {gap}");
        }
        self.looked(format!("{uploads} (scanned)"), outcome);
        for path in ours {
            let place = path.display().to_string();
            if self.found.looked.iter().all(|looked| looked.place != place) {
                self.place(&path);
            }
        }
        // One that cannot be used stands in the way only where no other can.
        for (path, pairs) in complete.into_iter().chain(broken) {
            self.file(path, pairs);
        }
        let more = useless.len().saturating_sub(TOLD);
        for (path, reason) in useless.into_iter().take(TOLD) {
            self.found
                .unreadable
                .push(format!("{}: {reason}", path.display()));
            self.looked(path.display().to_string(), reason);
        }
        if more > 0 {
            self.looked(
                uploads,
                format!("{more} more files of which nothing could be made"),
            );
        }
    }
}

/// Reads a `.env`.
///
/// # Errors
///
/// Why it is of no use, in words.
fn understand(contents: Contents) -> Result<dotenv::Pairs, String> {
    let bytes = contents.whole()?;
    if places::is_utf16(&bytes) {
        Err(places::UTF16.to_owned())
    } else {
        Ok(dotenv::parse(&bytes))
    }
}

/// Whether both are there and can be read.
pub(super) fn has_pair(pairs: &dotenv::Pairs) -> bool {
    [USER, PASSWORD]
        .iter()
        .all(|name| pairs.get(name).is_some())
}

/// Whether a file is meant to hold both, readable or not.
pub(super) fn mentions_pair(pairs: &dotenv::Pairs) -> bool {
    [USER, PASSWORD].iter().all(|name| pairs.mentions(name))
}
