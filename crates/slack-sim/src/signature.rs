//! The signature of a delivery, version 0.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs a body as Slack does: `v0=` and the HMAC-SHA256 of `v0:TIMESTAMP:BODY` in hex.
///
/// `timestamp` is in seconds since 1970, as text, so that a test may sign nonsense.
pub fn sign_body(secret: &str, timestamp: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

#[cfg(test)]
mod tests {
    use super::sign_body;

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

    /// The first is in Slack's documentation.
    #[test]
    fn the_official_vector_is_signed_as_documented() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
            &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
            &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com\
            %2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
            &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        for (body, signature) in [
            (
                body.as_bytes(),
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            ),
            (
                b"",
                "v0=55f41ec73231010289b54e669149ea021fccab11b5524355523533ce930cb739",
            ),
            (
                b"{\"a\":\"\xff\xfe\"}",
                "v0=191d7059df34a056b29d4ecc604a04664f7e20f6ae03549cb1d221070f891a68",
            ),
        ] {
            assert_eq!(sign_body(SECRET, "1531420618", body), signature);
        }
    }
}
