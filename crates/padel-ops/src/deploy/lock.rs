//! `agent.lock.json`: the ids of what was made, written after each creation. Holds no secret: of
//! the credentials a salted hash, which tells that they changed and nothing else.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Error, unreadable, unwritable},
    ids,
};

const SCHEMA: &str = "padel.lock/v1";

/// The document `padel.lock/v1`: null for what was not made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    pub(crate) schema: String,
    /// The deployment's name in `agent.toml`.
    pub(crate) name: String,
    /// The platform's base URL.
    pub(crate) platform: String,
    /// Known on AWS; the direct API knows it from the credentials.
    #[serde(default)]
    pub(crate) workspace: Option<String>,
    #[serde(default)]
    pub(crate) environment_id: Option<String>,
    #[serde(default)]
    pub(crate) vault_id: Option<String>,
    #[serde(default)]
    pub(crate) credential_ids: Vec<String>,
    /// The mounted `.env`.
    #[serde(default)]
    pub(crate) file_id: Option<String>,
    /// In hex; new with each change of the credentials.
    #[serde(default)]
    pub(crate) secret_salt: Option<String>,
    /// SHA-256 in hex of the salt and the credentials that the platform has.
    #[serde(default)]
    pub(crate) secret_hash: Option<String>,
    #[serde(default)]
    pub(crate) skill_id: Option<String>,
    #[serde(default)]
    pub(crate) skill_version: Option<String>,
    #[serde(default)]
    pub(crate) agent_id: Option<String>,
    #[serde(default)]
    pub(crate) agent_version: Option<u64>,
    /// The platform's schedule.
    #[serde(default)]
    pub(crate) deployment_id: Option<String>,
    /// The long session of `tick`.
    #[serde(default)]
    pub(crate) tick_session_id: Option<String>,
}

/// The lock and its file.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    pub(crate) lock: Lock,
    /// False until something was made.
    pub(crate) exists: bool,
}

impl LockFile {
    /// Reads the lock beside a deployment's file, or begins one.
    ///
    /// # Errors
    ///
    /// `usage` when it is there and cannot be read; `conflict` when it is of another deployment,
    /// platform or workspace.
    pub(crate) fn open(
        declaration: &Path,
        name: &str,
        platform: &str,
        workspace: Option<&str>,
    ) -> Result<Self, Error> {
        let path = declaration.with_extension("lock.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let lock = Lock {
                    schema: SCHEMA.to_owned(),
                    name: name.to_owned(),
                    platform: platform.to_owned(),
                    workspace: workspace.map(str::to_owned),
                    ..Lock::default()
                };
                let exists = false;
                return Ok(Self { path, lock, exists });
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let lock = parse(&text, &path)?;
        check_owner(&lock, name, platform, workspace, &path)?;
        let exists = true;
        Ok(Self { path, lock, exists })
    }

    /// Reads the lock beside a deployment's file before the platform is known; none where there is
    /// none. Whose it is, [`LockFile::open`] checks.
    ///
    /// # Errors
    ///
    /// `usage` when it is there and cannot be read.
    pub(crate) fn peek(declaration: &Path) -> Result<Option<Lock>, Error> {
        let path = declaration.with_extension("lock.json");
        match fs::read_to_string(&path) {
            Ok(text) => parse(&text, &path).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Writes the lock: a reader sees the old one or the new one, whole, also after a crash.
    ///
    /// # Errors
    ///
    /// `internal` when the directory cannot be written.
    pub(crate) fn write(&mut self) -> Result<(), Error> {
        let directory = match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        // Strings and numbers cannot fail.
        let text = serde_json::to_string_pretty(&self.lock).unwrap_or_default() + "\n";
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            // The rename itself lasts only once the directory is written.
            fs::File::open(directory)?.sync_all()
        };
        write().map_err(|error: std::io::Error| {
            let hint = "look at the directory's rights and free space";
            unwritable(&self.path, &error).with_hint(hint)
        })?;
        self.exists = true;
        Ok(())
    }

    /// Deletes the file: nothing is left that it could name.
    ///
    /// # Errors
    ///
    /// `internal` when it cannot be deleted.
    pub(crate) fn remove(&mut self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(unwritable(&self.path, &error).with_hint("delete the file by hand"))
            }
            _ => {
                self.exists = false;
                Ok(())
            }
        }
    }

    /// The file's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Lock {
    /// Returns every id that it names, with the field.
    pub(crate) fn named_ids(&self) -> Vec<(&'static str, &str)> {
        let single = [
            ("environment_id", &self.environment_id),
            ("vault_id", &self.vault_id),
            ("file_id", &self.file_id),
            ("skill_id", &self.skill_id),
            ("skill_version", &self.skill_version),
            ("agent_id", &self.agent_id),
            ("deployment_id", &self.deployment_id),
            ("tick_session_id", &self.tick_session_id),
        ];
        let mut ids: Vec<(&'static str, &str)> = single
            .into_iter()
            .filter_map(|(field, id)| Some((field, id.as_deref()?)))
            .collect();
        let credentials = self.credential_ids.iter();
        ids.extend(credentials.map(|id| ("credential_ids", id.as_str())));
        ids
    }
}

/// Checks a lock's text. An id of it ends up in a path of the API and on the terminal.
pub(super) fn parse(text: &str, path: &Path) -> Result<Lock, Error> {
    let refused = |what: String| {
        let message = format!("`{}` is not a lock of padel-ops: {what}", path.display());
        let hint = "take it back from version control, or move it away: what is ours is then \
            found on the platform by name and metadata";
        Error::new(Code::Usage, message, hint)
    };
    let lock: Lock = serde_json::from_str(text).map_err(|error| {
        // Not its own words: they may repeat what stands there.
        refused(format!("line {} cannot be read", error.line()))
    })?;
    if lock.schema != SCHEMA {
        return Err(refused(format!("its schema is not `{SCHEMA}`")));
    }
    match lock.named_ids().iter().find(|(_, id)| !ids::is_plain(id)) {
        Some((field, _)) => Err(refused(format!("`{field}` holds what is not an id"))),
        None => Ok(lock),
    }
}

fn check_owner(
    lock: &Lock,
    name: &str,
    platform: &str,
    workspace: Option<&str>,
    path: &Path,
) -> Result<(), Error> {
    let differences = [
        ("the deployment", Some(lock.name.as_str()), Some(name)),
        ("the platform", Some(&lock.platform), Some(platform)),
        ("the workspace", lock.workspace.as_deref(), workspace),
    ];
    for (what, locked, now) in differences {
        if let (Some(locked), Some(now)) = (locked, now)
            && locked != now
        {
            let message = format!(
                "`{}` is of {what} `{}`, and this is `{}`",
                path.display(),
                printable::line(locked, 200),
                printable::line(now, 200)
            );
            let hint = "use the credentials and the file that it was made with; to make a second \
                deployment, copy the deployment's file into a directory of its own";
            return Err(Error::new(Code::Conflict, message, hint));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATFORM: &str = "https://api.anthropic.com";

    fn open(
        place: &Path,
        name: &str,
        platform: &str,
        workspace: Option<&str>,
    ) -> Result<LockFile, Error> {
        LockFile::open(&place.join("agent.toml"), name, platform, workspace)
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let place = tempfile::tempdir().unwrap();
        let mut file = open(place.path(), "padel", PLATFORM, Some("wrkspc_1")).unwrap();
        assert!(!file.exists);
        file.lock.environment_id = Some("env_1".to_owned());
        file.lock.credential_ids = vec!["vcrd_1".to_owned(), "vcrd_2".to_owned()];
        file.lock.agent_version = Some(3);
        file.write().unwrap();
        let again = open(place.path(), "padel", PLATFORM, Some("wrkspc_1")).unwrap();
        assert_eq!(again.lock, file.lock);
        assert!(place.path().join("agent.lock.json").exists() && again.exists);
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(!open(place.path(), "padel", PLATFORM, None).unwrap().exists);
    }

    #[test]
    fn a_lock_of_another_deployment_is_refused_in_words() {
        let place = tempfile::tempdir().unwrap();
        let mut file = open(place.path(), "padel", PLATFORM, Some("wrkspc_1")).unwrap();
        file.write().unwrap();
        for (name, platform, workspace, what) in [
            (
                "other",
                PLATFORM,
                Some("wrkspc_1"),
                "the deployment `padel`",
            ),
            (
                "padel",
                "http://127.0.0.1:1",
                Some("wrkspc_1"),
                "the platform `https://api",
            ),
            (
                "padel",
                PLATFORM,
                Some("wrkspc_2"),
                "the workspace `wrkspc_1`",
            ),
        ] {
            let error = open(place.path(), name, platform, workspace).unwrap_err();
            assert!(error.message.contains(what), "{}", error.message);
            assert_eq!(error.code, Code::Conflict);
        }
        // On the direct API nobody says which workspace it is.
        open(place.path(), "padel", PLATFORM, None).unwrap();
    }

    #[test]
    fn what_is_no_lock_is_refused_without_its_text() {
        let place = tempfile::tempdir().unwrap();
        let whole = r#"{"schema":"padel.lock/v1","name":"padel","platform":"p"}"#;
        for text in [
            "",
            "pslc_password=hunter2",
            r#"{"schema":"hunter2","name":"padel","platform":"p"}"#,
            &whole.replace("\"p\"", "\"p\",\"agent_id\":\"../hunter2\""),
            &whole.replace("\"p\"", "\"p\",\"agent_version\":\"hunter2\""),
        ] {
            fs::write(place.path().join("agent.lock.json"), text).unwrap();
            let error = open(place.path(), "padel", "p", None).unwrap_err();
            let told = format!("{} {}", error.message, error.hint);
            assert!(
                told.contains("is not a lock") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }
}
