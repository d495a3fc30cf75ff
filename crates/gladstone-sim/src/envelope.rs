//! Sealed texts, with a key that the host name gives away: AES-256-CBC as in the older anonymous
//! flow, and AES-256-GCM as an invented portal has it.

use aes::Aes256;
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::{
    Decryptor, Encryptor,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};

use crate::timetable::mix;

/// Bytes of a GCM nonce.
const NONCE: usize = 12;

/// A way to seal a text; base64 of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// IV and ciphertext.
    Cbc,
    /// Nonce, ciphertext and tag; the nonce is the beginning of the IV.
    Gcm,
}

impl Seal {
    pub(crate) fn close(self, host: &str, iv: [u8; 16], plain: &str) -> String {
        let key = key(host);
        match self {
            Self::Cbc => {
                let sealed = Encryptor::<Aes256>::new(&key.into(), &iv.into())
                    .encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
                STANDARD.encode([&iv[..], &sealed].concat())
            }
            Self::Gcm => {
                let nonce: [u8; NONCE] = std::array::from_fn(|n| iv[n]);
                // Only a text of 64 GiB cannot be sealed.
                let sealed = Aes256Gcm::new(&key.into())
                    .encrypt(&nonce.into(), plain.as_bytes())
                    .unwrap_or_default();
                STANDARD.encode([&nonce[..], &sealed].concat())
            }
        }
    }

    /// Opens what [`close`](Self::close) sealed; nothing comes of a text that was sealed otherwise,
    /// or changed since where that shows.
    pub(crate) fn open(self, host: &str, envelope: &[u8]) -> Option<Vec<u8>> {
        let (key, bytes) = (key(host), STANDARD.decode(envelope.trim_ascii()).ok()?);
        match self {
            Self::Cbc => {
                let (iv, sealed) = bytes.split_first_chunk::<16>()?;
                Decryptor::<Aes256>::new(&key.into(), iv.into())
                    .decrypt_padded_vec::<Pkcs7>(sealed)
                    .ok()
            }
            Self::Gcm => {
                let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
                Aes256Gcm::new(&key.into())
                    .decrypt(nonce.into(), sealed)
                    .ok()
            }
        }
    }
}

/// An IV that no other number has.
pub(crate) fn numbered_iv(number: u64) -> [u8; 16] {
    (u128::from(mix(number)) << 64 | u128::from(mix(!number))).to_be_bytes()
}

/// An IV that changes with these texts.
pub(crate) fn hashed_iv(texts: &[&str]) -> [u8; 16] {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    numbered_iv(bytes.fold(1, |hash, byte| mix(hash ^ u64::from(byte))))
}

/// The host name over and over, cut to 32 bytes.
fn key(host: &str) -> [u8; 32] {
    let mut key = [0; 32];
    for (key, byte) in key.iter_mut().zip(host.bytes().cycle()) {
        *key = byte;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "activeleeds.gladstonego.cloud";
    const PLAIN: &str = r#"{"Token":"x.y.z"}"#;
    const CBC: &str = "AAECAwQFBgcICQoLDA0ODyypXy5KWaLg9RtkVjtV6Z2p/o1Mssk8VU3NwSm+bylk";
    /// From Python's `cryptography`, the nonce 00 01 … 0b.
    const GCM: &str = "AAECAwQFBgcICQoLXEEgI+KCl+aDJJNXXnas3LGlUwIm0ddWuoTLZtG9dY52";

    fn iv() -> [u8; 16] {
        std::array::from_fn(|n| u8::try_from(n).unwrap())
    }

    #[test]
    fn the_references_test_vector_comes_out() {
        assert_eq!(Seal::Cbc.close(HOST, iv(), PLAIN), CBC);
        assert_eq!(
            Seal::Cbc.open(HOST, CBC.as_bytes()).unwrap(),
            PLAIN.as_bytes()
        );
    }

    #[test]
    fn gcm_agrees_with_another_implementation() {
        assert_eq!(Seal::Gcm.close(HOST, iv(), PLAIN), GCM);
        assert_eq!(
            Seal::Gcm.open(HOST, GCM.as_bytes()).unwrap(),
            PLAIN.as_bytes()
        );
    }

    #[test]
    fn a_damaged_or_foreign_text_does_not_open() {
        assert_eq!(
            Seal::Gcm.open(HOST, GCM.replace("AAEC", "AAED").as_bytes()),
            None
        );
        assert_eq!(
            Seal::Gcm.open("other.gladstonego.cloud", GCM.as_bytes()),
            None
        );
        for text in ["", "?", "AAEC", PLAIN] {
            assert_eq!(
                (
                    Seal::Cbc.open(HOST, text.as_bytes()),
                    Seal::Gcm.open(HOST, text.as_bytes())
                ),
                (None, None)
            );
        }
    }

    #[test]
    fn a_host_longer_than_the_key_is_cut() {
        assert_eq!(
            key("a-leisure-centre-with-a-long-name.gladstonego.cloud"),
            *b"a-leisure-centre-with-a-long-nam"
        );
    }
}
