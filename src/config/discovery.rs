//! The member's `.env`: every place where it may be, in order, and what came of each.
//!
//! A file that was mounted elsewhere than expected must never be reported as a wrong password, so
//! nothing is passed over in silence: the report names every place and why it was of no use.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Club, Environment,
    dotenv::{self, Found, PASSWORD, USER},
    oddities,
    origin::Origin,
    places::{self, Looked},
    private, scan,
    small_file::{self, Contents, Unusable},
};
use crate::error::{Code, Error};

const CLUB: &str = "pslc_club";
/// The most files that are listed one by one where the scan could make nothing of them: nobody reads
/// more.
const LISTED: usize = 10;

/// A member's e-mail and password, exactly as they stand where they came from.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Often an e-mail; sent verbatim.
    pub user: SecretString,
    /// Sent verbatim; may be a placeholder that an egress proxy replaces.
    pub password: SecretString,
    /// The place where they stand.
    pub origin: Origin,
    /// Set for a file below the session's uploads, which is not the member's to change.
    is_mounted: bool,
    /// Oddities of the place where they stand, by the numbers of lines.
    notes: Vec<String>,
}

impl Credentials {
    /// Creates credentials that somebody typed.
    #[must_use]
    pub fn typed(user: SecretString, password: SecretString) -> Self {
        Self {
            user,
            password,
            origin: Origin::Terminal,
            is_mounted: false,
            notes: Vec::new(),
        }
    }

    /// Returns what may explain a refusal: keys that stand twice, invisible characters and the like.
    /// By the numbers of lines, never their text.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Puts this pair into a `.env`, and returns the change in words with the new text; all other
    /// lines stay. Another club in it would count before the one in `config.toml`: `club` replaces
    /// it, and its sites and activities go.
    ///
    /// # Errors
    ///
    /// The fault of the text, in words.
    pub fn put_into(&self, old: &[u8], club: &Club) -> Result<(&'static str, Vec<u8>), String> {
        let mut values = vec![
            (USER, Some(self.user.expose_secret())),
            (PASSWORD, Some(self.password.expose_secret())),
        ];
        let setting = club.setting();
        let is_another = match dotenv::parse(old).find(CLUB) {
            Found::Value(said) => said.parse().as_ref() != Ok(club),
            Found::Absent | Found::Missing(_) => false,
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

    /// Returns the warning for a file that others on this machine can read.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Origin::File(path) = &self.origin else {
            return None;
        };
        if self.is_mounted || private::is_private(Path::new(path)) {
            return None;
        }
        let path = printable::line(path, 400);
        Some(format!(
            "{path} can be read by others on this machine: chmod 600 {path}"
        ))
    }
}

/// The outcome of the search.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The first complete pair.
    pub credentials: Option<Credentials>,
    /// The fault of a place of padel's that came before any complete pair: nothing behind it is taken
    /// in its stead.
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
            search.read_named_file(path)?;
        }
        search.read_environment(env);
        let stated = env.path("PSLC_ENV_FILE");
        let places = stated
            .iter()
            .flat_map(|path| [path.clone(), places::mounted(env, path)]);
        for place in places.chain(places::candidates(env, ".env")) {
            search.look_at(&place);
        }
        if search.found.credentials.is_none() {
            search.scan_uploads();
        }
        Ok(search.found)
    }

    /// Returns the credentials, or the error that lists every place and why it was of no use.
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
                "run `padel setup`, or write {USER}=… and {PASSWORD}=… into \
                    ~/.config/pslc-padel/.env"
            ),
        );
        Err(error.with("searched", places))
    }

    /// Returns the files that may hold the credentials that were not found, each with why it cannot
    /// be read.
    #[must_use]
    pub fn unreadable(&self) -> &[String] {
        if self.credentials.is_none() {
            &self.unreadable
        } else {
            &[]
        }
    }

    /// Returns the fault that stands in the way of credentials that are meant to be there.
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
    /// Reads the file that the command line names.
    fn read_named_file(&mut self, path: &Path) -> Result<(), Error> {
        let pairs = small_file::read_beginning(path)
            .and_then(parse_contents)
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
        self.take_file(path.to_owned(), pairs);
        Ok(())
    }

    fn read_environment(&mut self, env: &Environment) {
        let pair = [find_variable(env, USER), find_variable(env, PASSWORD)];
        let notes = pair
            .iter()
            .zip([USER, PASSWORD])
            .filter_map(|(found, name)| {
                let Found::Value(value) = found else {
                    return None;
                };
                let odd = oddities::find_in_variable(value);
                (!odd.is_empty())
                    .then(|| format!("the variable {name} {}", oddities::join_words(&odd)))
            });
        let notes = notes.collect();
        let outcome = self.take_pair(pair, Origin::Environment, notes, |what| {
            let hint = format!("set {USER} and {PASSWORD}, or unset them");
            Error::new(Code::CredentialsUnreadable, what, hint)
        });
        self.note(Origin::Environment.to_string(), outcome);
    }

    /// Looks at a place where a file may be.
    fn look_at(&mut self, path: &Path) {
        match small_file::read_regular(path).and_then(parse_contents) {
            Ok(pairs) => self.take_file(path.to_owned(), pairs),
            Err(reason) => {
                // Another's directory, such as root's, says nothing of what is in it.
                if std::fs::symlink_metadata(path).is_ok() {
                    self.found
                        .unreadable
                        .push(format!("{} is {reason}", path.display()));
                }
                self.note(path.display().to_string(), reason.to_string());
            }
        }
    }

    /// Takes what a file holds: the pair if it is complete and the first, and settings from the
    /// file with that pair, else from the first at all. What was named is meant, with a pair or
    /// without.
    fn take_file(&mut self, path: PathBuf, pairs: dotenv::Pairs) {
        let was_searching = self.is_searching();
        let place = path.display().to_string();
        let pair = [pairs.find(USER), pairs.find(PASSWORD)];
        let mut outcome = self.take_pair(
            pair,
            Origin::File(place.clone()),
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
        self.note(place, outcome);
        if self.found.settings.is_empty() || (was_searching && !self.is_searching()) {
            self.found
                .settings
                .retain(|(path, _)| self.named == Some(path));
            self.found.settings.push((path, pairs));
        }
    }

    /// Returns whether neither a pair was found nor what should have been one.
    fn is_searching(&self) -> bool {
        self.found.credentials.is_none() && self.found.obstacle.is_none()
    }

    /// Takes a pair if it is complete and the first, and returns the outcome in words. `wrong` makes
    /// the error of a place that is padel's and cannot be used.
    fn take_pair(
        &mut self,
        pair: [Found; 2],
        origin: Origin,
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
                let is_mounted = matches!(&origin, Origin::File(path) if Path::new(path).starts_with(&self.uploads));
                self.found.credentials = Some(Credentials {
                    user: user.into(),
                    password: password.into(),
                    origin,
                    is_mounted,
                    notes,
                });
                "used".to_owned()
            }
            [Found::Absent, Found::Absent] => format!("{USER} and {PASSWORD} are missing"),
            [user, password] => {
                let gaps = [(USER, user), (PASSWORD, password)];
                let gaps: Vec<String> = gaps
                    .into_iter()
                    .filter_map(|(name, found)| match found {
                        Found::Absent => Some(format!("{name} is missing")),
                        Found::Missing(why) => Some(why),
                        Found::Value(_) | Found::Broken(_) => None,
                    })
                    .collect();
                gaps.join("; ")
            }
        }
    }

    fn note(&mut self, place: String, outcome: String) {
        self.found.looked.push(Looked { place, outcome });
    }

    /// Looks at every small file below the uploads: the platform names one that was mounted without a
    /// path by its id. One with a name of ours is a place like any other, so that its fault is told.
    fn scan_uploads(&mut self) {
        let uploads = self.uploads.display().to_string();
        let Ok(root) = self.uploads.canonicalize() else {
            self.note(uploads, "absent".to_owned());
            return;
        };
        let scan::Below { files, seen, gaps } = scan::find_files(&root);
        let (ours, others): (Vec<PathBuf>, Vec<PathBuf>) =
            files.into_iter().partition(|path| scan::has_our_name(path));
        let (mut pairs, mut useless) = (Vec::new(), Vec::new());
        for path in others {
            match scan::judge(&path) {
                scan::Verdict::Pairs(found) => pairs.push((path, found)),
                scan::Verdict::Useless(reason) => useless.push((path, reason)),
                scan::Verdict::Others => {}
            }
        }
        let (complete, broken): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(_, pairs)| pairs.has_credentials());
        let mut outcome = format!(
            "{seen} entr{}, {} of them hold both under another name",
            if seen == 1 { "y" } else { "ies" },
            complete.len()
        );
        for gap in gaps {
            outcome = format!("{outcome}; {gap}");
        }
        self.note(format!("{uploads} (scanned)"), outcome);
        for path in ours {
            let place = path.display().to_string();
            if self.found.looked.iter().all(|looked| looked.place != place) {
                self.look_at(&path);
            }
        }
        // One that cannot be used stands in the way only where no other can.
        for (path, pairs) in complete.into_iter().chain(broken) {
            self.take_file(path, pairs);
        }
        let more = useless.len().saturating_sub(LISTED);
        for (path, reason) in useless.into_iter().take(LISTED) {
            self.found
                .unreadable
                .push(format!("{}: {reason}", path.display()));
            self.note(path.display().to_string(), reason);
        }
        if more > 0 {
            self.note(
                uploads,
                format!("{more} more files of which nothing could be made"),
            );
        }
    }
}

fn find_variable(env: &Environment, name: &str) -> Found {
    match env.unambiguous(name) {
        Ok(Some("")) => Found::Broken(format!("the variable {name} is set but empty")),
        Ok(Some(value)) => Found::Value(value.to_owned()),
        Ok(None) => Found::Absent,
        Err(what) => Found::Broken(format!("the variable {name} {what}")),
    }
}

fn parse_contents(contents: Contents) -> Result<dotenv::Pairs, Unusable> {
    Ok(dotenv::parse(&contents.whole_text()?))
}
