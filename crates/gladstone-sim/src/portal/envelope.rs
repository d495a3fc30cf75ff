//! The older flow's envelope: AES-256-CBC with a key that the host name gives away.

use aes::Aes256;
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};

/// base64 of IV and ciphertext.
pub(super) fn seal(host: &str, iv: [u8; 16], plain: &str) -> String {
    let sealed = Encryptor::<Aes256>::new(&key(host).into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
    STANDARD.encode([&iv[..], &sealed].concat())
}

/// The host name over and over, cut to 32 bytes.
fn key(host: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.iter_mut().zip(host.bytes().cycle()).for_each(|(key, byte)| *key = byte);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_references_test_vector_comes_out() {
        let iv = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let sealed = seal("activeleeds.gladstonego.cloud", iv, r#"{"Token":"x.y.z"}"#);
        assert_eq!(sealed, "AAECAwQFBgcICQoLDA0ODyypXy5KWaLg9RtkVjtV6Z2p/o1Mssk8VU3NwSm+bylk");
    }

    #[test]
    fn a_host_longer_than_the_key_is_cut() {
        assert_eq!(key("a-leisure-centre-with-a-long-name.gladstonego.cloud"), *b"a-leisure-centre-with-a-long-nam");
    }
}
