//! The older portals' sealed token: AES-256-CBC under a key that everybody can derive from the host name.
//!
//! Source: `GET /validate/tenant/anonymous`, seen with one public client until summer 2025. The seal hides nothing; it is
//! read only because the token is inside.

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

type Decryptor = cbc::Decryptor<aes::Aes256>;

/// The plaintext of an envelope.
#[derive(Deserialize)]
struct Contents {
    #[serde(rename = "Token")]
    token: String,
}

/// The token inside `base64(IV ‖ ciphertext)`.
///
/// # Errors
///
/// Says which step failed: base64, length, padding (which means a wrong key), or the JSON inside.
pub(super) fn open(sealed: &str, host: &str) -> Result<String, &'static str> {
    let bytes = STANDARD.decode(sealed.trim()).map_err(|_| "text that is not base64")?;
    let (iv, ciphertext) = bytes.split_at_checked(16).ok_or("an envelope shorter than its 16-byte IV")?;
    let decryptor = Decryptor::new_from_slices(&key(host), iv).map_err(|_| "a key of the wrong length")?;
    let plain = decryptor
        .decrypt_padded_vec::<Pkcs7>(ciphertext)
        .map_err(|_| "an envelope that the key of this host name does not open")?;
    let contents: Contents = serde_json::from_slice(&plain).map_err(|_| "an envelope without a `Token` in it")?;
    Ok(contents.token)
}

/// The host name without scheme and port, repeated and cut to 32 bytes.
fn key(host: &str) -> [u8; 32] {
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
        assert_eq!(open(SEALED, HOST).unwrap(), "x.y.z");
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        assert!(open("%%%", HOST).unwrap_err().contains("base64"));
        assert!(open("AAEC", HOST).unwrap_err().contains("IV"));
        assert!(open(SEALED, "other.gladstonego.cloud").unwrap_err().contains("does not open"));
    }

    #[test]
    fn a_long_host_is_cut() {
        assert_eq!(&key("a-very-long-club-name-of-a-council.gladstonego.cloud"), b"a-very-long-club-name-of-a-counc");
    }
}
