//! Sealed texts, with a key that the host name gives away: AES-256-CBC as in the older anonymous
//! flow, and AES-256-GCM as an invented portal has it.

use aes::Aes256;
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::{
    Decryptor, Encryptor,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};

/// Bytes of a GCM nonce.
const NONCE: usize = 12;

/// base64 of IV and ciphertext.
pub(super) fn seal(host: &str, iv: [u8; 16], plain: &str) -> String {
    let sealed = Encryptor::<Aes256>::new(&key(host).into(), &iv.into())
        .encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
    STANDARD.encode([&iv[..], &sealed].concat())
}

/// What [`seal`] sealed; nothing when it was sealed otherwise.
pub(crate) fn open(host: &str, envelope: &[u8]) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(envelope.trim_ascii()).ok()?;
    let (iv, sealed) = bytes.split_first_chunk::<16>()?;
    Decryptor::<Aes256>::new(&key(host).into(), iv.into())
        .decrypt_padded_vec::<Pkcs7>(sealed)
        .ok()
}

/// base64 of nonce, ciphertext and tag; the nonce is the beginning of `iv`.
pub(super) fn seal_gcm(host: &str, iv: [u8; 16], plain: &str) -> String {
    let nonce: [u8; NONCE] = std::array::from_fn(|n| iv[n]);
    // Only a text of 64 GiB cannot be sealed.
    let sealed = Aes256Gcm::new(&key(host).into())
        .encrypt(&nonce.into(), plain.as_bytes())
        .unwrap_or_default();
    STANDARD.encode([&nonce[..], &sealed].concat())
}

/// What [`seal_gcm`] sealed; nothing when it was sealed otherwise or changed since.
pub(super) fn open_gcm(host: &str, envelope: &[u8]) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(envelope.trim_ascii()).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    Aes256Gcm::new(&key(host).into())
        .decrypt(nonce.into(), sealed)
        .ok()
}

/// The host name over and over, cut to 32 bytes.
fn key(host: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.iter_mut()
        .zip(host.bytes().cycle())
        .for_each(|(key, byte)| *key = byte);
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
        assert_eq!(seal(HOST, iv(), PLAIN), CBC);
        assert_eq!(open(HOST, CBC.as_bytes()).unwrap(), PLAIN.as_bytes());
    }

    #[test]
    fn gcm_agrees_with_another_implementation() {
        assert_eq!(seal_gcm(HOST, iv(), PLAIN), GCM);
        assert_eq!(open_gcm(HOST, GCM.as_bytes()).unwrap(), PLAIN.as_bytes());
    }

    #[test]
    fn what_is_damaged_or_another_hosts_does_not_open() {
        assert_eq!(open_gcm(HOST, GCM.replace("AAEC", "AAED").as_bytes()), None);
        assert_eq!(open_gcm("other.gladstonego.cloud", GCM.as_bytes()), None);
        for text in ["", "?", "AAEC", PLAIN] {
            assert_eq!(
                (open(HOST, text.as_bytes()), open_gcm(HOST, text.as_bytes())),
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
