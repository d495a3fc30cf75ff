//! A member's session at rest: AES-256-GCM under a key from the password, bound to the user and the
//! portal.
//!
//! Whoever reads the file without the password has nothing; another password, user or club simply
//! does not open it.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::config::Credentials;

/// Argon2id: 8 MiB, three passes. A few milliseconds for us; the token it protects lives for half
/// an hour.
const MEMORY_KIB: u32 = 8 * 1024;
const PASSES: u32 = 3;

/// A sealed value as it stands in the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    salt: String,
    nonce: String,
    ciphertext: String,
    /// End of its use, for those who cannot open it.
    #[serde(default)]
    pub(super) ends: Option<DateTime<Utc>>,
}

impl Sealed {
    /// Seals `value` with a new salt and nonce; `None` only if the machine has no randomness.
    pub(super) fn new<T: Serialize>(
        value: &T,
        ends: DateTime<Utc>,
        credentials: &Credentials,
        base: &str,
    ) -> Option<Self> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        getrandom::fill(&mut salt).ok()?;
        getrandom::fill(&mut nonce).ok()?;
        let plain = serde_json::to_vec(value).ok()?;
        let bound = bound_to(credentials, base);
        let payload = Payload {
            msg: &plain,
            aad: &bound,
        };
        let ciphertext = derive_cipher(credentials, &salt)?
            .encrypt(&nonce.into(), payload)
            .ok()?;
        let [salt, nonce, ciphertext] =
            [&salt[..], &nonce, &ciphertext].map(|bytes| STANDARD.encode(bytes));
        Some(Self {
            salt,
            nonce,
            ciphertext,
            ends: Some(ends),
        })
    }

    /// Returns what was sealed, if these credentials and this portal open it.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        credentials: &Credentials,
        base: &str,
    ) -> Option<T> {
        let salt = STANDARD.decode(&self.salt).ok()?;
        let nonce: [u8; 12] = STANDARD.decode(&self.nonce).ok()?.try_into().ok()?;
        let ciphertext = STANDARD.decode(&self.ciphertext).ok()?;
        let bound = bound_to(credentials, base);
        let payload = Payload {
            msg: &ciphertext,
            aad: &bound,
        };
        let plain = derive_cipher(credentials, &salt)?
            .decrypt(&nonce.into(), payload)
            .ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

fn derive_cipher(credentials: &Credentials, salt: &[u8]) -> Option<Aes256Gcm> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    let mut key = [0; 32];
    let password = credentials.password.expose_secret().as_bytes();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut key)
        .ok()?;
    Some(Aes256Gcm::new(&key.into()))
}

/// User and portal, the user's length first, so that no other pair reads the same.
fn bound_to(credentials: &Credentials, base: &str) -> Vec<u8> {
    let user = credentials.user.expose_secret();
    format!("{}:{user}{base}", user.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials::typed(user.into(), password.into())
    }

    #[test]
    fn only_the_same_user_password_and_portal_open_it() {
        let (right, base) = (credentials("alex", "secret"), "https://a.example/");
        let sealed = Sealed::new(&"token", DateTime::UNIX_EPOCH, &right, base).unwrap();
        assert_eq!(
            sealed.open::<String>(&right, base).as_deref(),
            Some("token")
        );
        assert_eq!(
            sealed.open::<String>(&credentials("alex", "Secret"), base),
            None
        );
        assert_eq!(
            sealed.open::<String>(&credentials("alex2", "secret"), base),
            None
        );
        assert_eq!(sealed.open::<String>(&right, "https://b.example/"), None);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (right, base) = (credentials("alex", "secret"), "https://a.example/");
        let sealed = Sealed::new(&"token", DateTime::UNIX_EPOCH, &right, base).unwrap();
        let bytes = STANDARD.decode(&sealed.ciphertext).unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            let other = Sealed {
                ciphertext: STANDARD.encode(flipped),
                salt: sealed.salt.clone(),
                nonce: sealed.nonce.clone(),
                ends: None,
            };
            assert_eq!(other.open::<String>(&right, base), None);
        }
    }
}
