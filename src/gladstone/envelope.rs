//! Text that the portal seals under a key which everybody can derive from the host name.
//!
//! AES-256-CBC: `GET /validate/tenant/anonymous` of older portals, seen with one public client
//! until summer 2025. AES-256-GCM: assumed; the Python skill's dependencies point to it. The seal
//! hides nothing; it is read because the token is inside, and made where a portal's sign-in wants
//! it.

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use aes_gcm::{Aes256Gcm, KeyInit as _, aead::Aead as _};
use base64::{Engine, engine::general_purpose::STANDARD};
use thiserror::Error;

use super::profile::Sealing;

/// Reason why an envelope could not be opened, without any of its text.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub(crate) enum EnvelopeError {
    /// Not base64.
    #[error("text that is not base64")]
    Base64,
    /// Too short for what it must hold.
    #[error("a sealed text that is too short")]
    Short,
    /// Wrong padding or tag: another key, or other bytes.
    #[error("a sealed text ({0}) that the key of this host name does not open")]
    Key(&'static str),
}

/// Opens a sealed text.
///
/// # Errors
///
/// Says which step failed.
pub(crate) fn open(sealed: &str, host: &str, sealing: Sealing) -> Result<Vec<u8>, EnvelopeError> {
    if sealing == Sealing::None {
        return Ok(sealed.as_bytes().to_vec());
    }
    let bytes = STANDARD
        .decode(sealed.trim())
        .map_err(|_| EnvelopeError::Base64)?;
    let (nonce, ciphertext) = bytes
        .split_at_checked(nonce_length(sealing))
        .ok_or(EnvelopeError::Short)?;
    match sealing {
        Sealing::Cbc | Sealing::None => {
            cbc::Decryptor::<aes::Aes256>::new_from_slices(&derive_key(host), nonce)
                .map_err(|_| EnvelopeError::Short)?
                .decrypt_padded_vec::<Pkcs7>(ciphertext)
                .map_err(|_| EnvelopeError::Key("AES-256-CBC"))
        }
        Sealing::Gcm => {
            let nonce = nonce.try_into().map_err(|_| EnvelopeError::Short)?;
            gcm_cipher(host)
                .decrypt(nonce, ciphertext)
                .map_err(|_| EnvelopeError::Key("AES-256-GCM"))
        }
    }
}

/// Seals a text under a new random nonce; `None` only where the machine has no randomness, or a
/// text is no UTF-8.
pub(crate) fn seal(plain: &[u8], host: &str, sealing: Sealing) -> Option<String> {
    let mut nonce = vec![0; nonce_length(sealing)];
    getrandom::fill(&mut nonce).ok()?;
    seal_under(nonce, plain, host, sealing)
}

fn seal_under(mut nonce: Vec<u8>, plain: &[u8], host: &str, sealing: Sealing) -> Option<String> {
    let ciphertext = match sealing {
        Sealing::None => return String::from_utf8(plain.to_vec()).ok(),
        Sealing::Cbc => cbc::Encryptor::<aes::Aes256>::new_from_slices(&derive_key(host), &nonce)
            .ok()?
            .encrypt_padded_vec::<Pkcs7>(plain),
        Sealing::Gcm => gcm_cipher(host)
            .encrypt(nonce.as_slice().try_into().ok()?, plain)
            .ok()?,
    };
    nonce.extend(ciphertext);
    Some(STANDARD.encode(nonce))
}

fn nonce_length(sealing: Sealing) -> usize {
    match sealing {
        Sealing::None => 0,
        Sealing::Cbc => 16,
        Sealing::Gcm => 12,
    }
}

fn gcm_cipher(host: &str) -> Aes256Gcm {
    Aes256Gcm::new(&derive_key(host).into())
}

/// Repeats the host name without scheme and port, and cuts it to 32 bytes.
fn derive_key(host: &str) -> [u8; 32] {
    let mut key = [0; 32];
    for (byte, source) in key.iter_mut().zip(host.bytes().cycle()) {
        *byte = source;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "activeleeds.gladstonego.cloud";
    const SEALED: &str = "AAECAwQFBgcICQoLDA0ODyypXy5KWaLg9RtkVjtV6Z2p/o1Mssk8VU3NwSm+bylk";

    #[test]
    fn the_published_vector_opens() {
        assert_eq!(
            open(SEALED, HOST, Sealing::Cbc).unwrap(),
            br#"{"Token":"x.y.z"}"#
        );
        assert_eq!(
            seal_under(
                (0..16).collect(),
                br#"{"Token":"x.y.z"}"#,
                HOST,
                Sealing::Cbc
            )
            .unwrap(),
            SEALED
        );
    }

    #[test]
    fn what_is_sealed_opens_again() {
        for sealing in [Sealing::None, Sealing::Cbc, Sealing::Gcm] {
            let sealed = seal("grüße".as_bytes(), HOST, sealing).unwrap();
            assert_eq!(open(&sealed, HOST, sealing).unwrap(), "grüße".as_bytes());
        }
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        for sealing in [Sealing::Cbc, Sealing::Gcm] {
            assert_eq!(open("%%%", HOST, sealing), Err(EnvelopeError::Base64));
            assert_eq!(open("AAEC", HOST, sealing), Err(EnvelopeError::Short));
            let wrong = open(SEALED, "other.gladstonego.cloud", sealing);
            assert!(matches!(wrong, Err(EnvelopeError::Key(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_long_host_is_cut() {
        assert_eq!(
            &derive_key("a-very-long-club-name-of-a-council.gladstonego.cloud"),
            b"a-very-long-club-name-of-a-counc"
        );
    }
}
