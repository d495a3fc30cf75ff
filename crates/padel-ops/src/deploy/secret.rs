//! The member's credentials on their way to the platform: read as padel reads them, and compared
//! with what was sent before by a salted hash, because the platform gives no secret back.
//!
//! Only the pair leaves this machine, whatever else stands in the file.

use std::{fmt::Write as _, path::Path};

use argon2::{Algorithm, Argon2, Params, Version};
use padel::config::{Club, Discovery, Environment, Origin};
use secrecy::{ExposeSecret as _, SecretString};

use super::Lock;
use crate::error::{Code, Error};

/// Bytes of a salt: enough that none comes twice.
const SALT: usize = 16;
/// Argon2id with 8 MiB and three passes, as padel's sealed token: the lock may be public, and a
/// plain hash of an e-mail and a short password would be guessed within hours.
const HASH: (u32, u32, u32) = (8 * 1024, 3, 1);

/// An e-mail and a password. `Debug` shows neither.
#[derive(Debug)]
pub(crate) struct MemberCredentials {
    pub(crate) user: SecretString,
    pub(crate) password: SecretString,
    /// A `.env` with the pair and nothing else.
    pub(crate) env_file: SecretString,
}

/// The salted hash of credentials, in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretHash {
    pub(crate) salt: String,
    pub(crate) hash: String,
}

impl MemberCredentials {
    /// Reads a `.env` by padel's own rules.
    ///
    /// # Errors
    ///
    /// `usage` when the file cannot be read or lacks one of the pair. Never its text.
    pub(crate) fn read(path: &Path, club: &Club) -> Result<Self, Error> {
        let hint = "write pslc_user=… and pslc_password=… into it, or run `padel setup`; \
            `env_file` in [credentials] names the file";
        let refused = |what: &str| {
            let message = format!("`{}` is not a member's `.env`: {what}", path.display());
            Error::new(Code::Usage, message, hint)
        };
        let found = Discovery::run(&Environment::default(), Some(path))
            .map_err(|error| refused(&error.message))?;
        let place = path.display().to_string();
        let credentials = found.credentials.as_ref();
        // padel goes on to its usual places: those are not what is declared.
        let Some(pair) = credentials.filter(|pair| pair.origin == Origin::File(place.clone()))
        else {
            let looked = found.looked.iter().find(|looked| looked.place == place);
            let outcome = looked.map_or("the pair is not there", |looked| looked.outcome.as_str());
            return Err(refused(outcome));
        };
        let (_, text) = pair.put_into(b"", club).map_err(|what| refused(&what))?;
        let text = String::from_utf8(text).map_err(|_| refused("it is not UTF-8"))?;
        Ok(Self {
            user: pair.user.clone(),
            password: pair.password.clone(),
            env_file: text.into(),
        })
    }

    /// Returns whether the platform has these credentials, as far as the lock knows.
    pub(crate) fn are_sent(&self, lock: &Lock) -> bool {
        let (Some(salt), Some(hash)) = (&lock.secret_salt, &lock.secret_hash) else {
            return false;
        };
        self.hash_with(salt.clone())
            .is_ok_and(|known| known.hash == *hash)
    }

    /// Hashes the pair with a new salt.
    ///
    /// # Errors
    ///
    /// `internal` when the machine gives no random bytes.
    pub(crate) fn hash(&self) -> Result<SecretHash, Error> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|error| {
            let message = format!("the machine gives no random bytes ({error})");
            Error::new(Code::Internal, message, "run it again")
        })?;
        self.hash_with(write_hex(&salt))
    }

    fn hash_with(&self, salt: String) -> Result<SecretHash, Error> {
        let (memory, passes, lanes) = HASH;
        let failed = |error: argon2::Error| {
            let message = format!("the credentials cannot be hashed: {error}");
            Error::new(
                Code::Internal,
                message,
                "delete `secret_salt` from the lock",
            )
        };
        let params = Params::new(memory, passes, lanes, None).map_err(failed)?;
        let mut hash = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(
                self.env_file.expose_secret().as_bytes(),
                salt.as_bytes(),
                &mut hash,
            )
            .map_err(failed)?;
        Ok(SecretHash {
            salt,
            hash: write_hex(&hash),
        })
    }
}

fn write_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<MemberCredentials, Error> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(".env");
        fs::write(&path, text).unwrap();
        MemberCredentials::read(&path, &"brunelsport".parse().unwrap())
    }

    #[test]
    fn only_the_pair_is_sent() {
        let found = read(
            "AWS_SECRET_ACCESS_KEY=foreign\n# a note\nPSLC_USER = me@example.com\n\
             pslc_password=\"p$#=\\ \"\nPSLC_CLUB=other\n",
        )
        .unwrap();
        assert_eq!(found.password.expose_secret(), "p$#=\\ ");
        let sent = found.env_file.expose_secret();
        assert!(!sent.contains("foreign") && !sent.contains("note") && !sent.contains("club"));
        let again = read(sent).unwrap();
        assert_eq!(again.user.expose_secret(), "me@example.com");
        assert_eq!(again.password.expose_secret(), "p$#=\\ ");
    }

    #[test]
    fn a_file_without_the_pair_is_refused_without_its_text() {
        for text in [
            "",
            "hunter2",
            "pslc_user=hunter2\n",
            "pslc_user=hunter2\npslc_password=\n",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.message.contains("is not a member's `.env`"),
                "{error:?}"
            );
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let club = "brunelsport".parse().unwrap();
        let error = MemberCredentials::read(Path::new("/nowhere/.env"), &club).unwrap_err();
        assert!(error.message.contains("/nowhere/.env"), "{error:?}");
    }

    #[test]
    fn a_hash_tells_that_the_credentials_changed() {
        let pair = read("pslc_user=a\npslc_password=b\n").unwrap();
        let SecretHash { salt, hash } = pair.hash().unwrap();
        assert_ne!(
            pair.hash().unwrap().hash,
            hash,
            "another salt, another hash"
        );
        let lock = Lock {
            secret_salt: Some(salt),
            secret_hash: Some(hash),
            ..Lock::default()
        };
        assert!(pair.are_sent(&lock) && !pair.are_sent(&Lock::default()));
        assert!(
            !read("pslc_user=a\npslc_password=c\n")
                .unwrap()
                .are_sent(&lock)
        );
    }
}
