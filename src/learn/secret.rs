//! What must never be written: what is known to be secret, and what looks like it.

use percent_encoding::percent_decode_str;

use super::words::{has_word, split_words};

/// Values that are known to be secret, in lower case. No `Debug`.
#[derive(Default)]
pub(super) struct Secrets {
    all: Vec<String>,
    /// Those that cannot be the portal's own words, as the password `bookings` can.
    sure: Vec<String>,
}

impl Secrets {
    /// Adds one.
    pub(super) fn add(&mut self, secret: &str) {
        let secret = secret.to_lowercase();
        let word = secret.bytes().all(|byte| byte.is_ascii_alphabetic());
        if secret.len() >= if word { 16 } else { 4 } {
            self.sure.push(secret.clone());
        }
        if !secret.is_empty() {
            self.all.push(secret);
        }
    }

    /// Tells whether a text holds one that is surely secret, percent-encoded or not, in any
    /// case.
    pub(super) fn occur_in(&self, text: &str) -> bool {
        in_any_guise(text, |text| {
            self.sure.iter().any(|secret| text.contains(secret))
        })
    }

    /// Tells whether a single value is one, or holds one of four or more letters.
    pub(super) fn match_value(&self, value: &str) -> bool {
        in_any_guise(value, |value| {
            self.all.iter().any(|secret| {
                value.trim() == secret || (secret.len() >= 4 && value.contains(secret))
            })
        })
    }

    /// Tells whether a piece of a path is one.
    pub(super) fn match_piece(&self, piece: &str) -> bool {
        in_any_guise(piece, |piece| self.all.iter().any(|secret| piece == secret))
    }
}

fn in_any_guise(text: &str, test: impl Fn(&str) -> bool) -> bool {
    let plain = text.to_lowercase();
    let decoded = percent_decode_str(&plain.replace('+', " "))
        .decode_utf8_lossy()
        .to_lowercase();
    test(&plain) || test(&decoded)
}

/// Recognises values that look like a token, a key, a random id, or an e-mail.
pub(super) fn looks_secret(value: &str) -> bool {
    value
        .split(['/', '?', '&', '=', ' ', ';', ','])
        .any(piece_looks_secret)
        || value.contains('@')
}

fn piece_looks_secret(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let letters = piece.bytes().filter(u8::is_ascii_alphabetic).count();
    piece.starts_with("eyJ")
        || (digits == piece.len() && digits >= 10)
        || (piece.len() >= 16 && digits >= 2 && letters >= 2 && digits + letters + 6 >= piece.len())
        || (piece.len() >= 40 && digits + letters + 2 >= piece.len())
}

/// Recognises names whose values are secrets or made for one use.
pub(super) fn names_secret(name: &str) -> bool {
    let list = "token csrf xsrf nonce captcha otp signature challenge verifier verification auth \
        authorization cookie jwt session apikey secret password key";
    has_word(&split_words(name), list)
}

/// Recognises names whose values are about a person.
pub(super) fn names_person(name: &str) -> bool {
    let words = split_words(name);
    let own = "forename surname phone mobile dob birth postcode address email mail pin answer \
        nick nickname gender sex age card memorable maiden udid imei zip";
    let parts = "first last full display user member customer person guest player device";
    has_word(&words, own) || (has_word(&words, "name id number no") && has_word(&words, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_look_secret_and_settings_do_not() {
        for text in [
            "eyJhbGciOi",
            "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
            "a8f5f167f44f4964e6c998dee827110c",
            "Zm9vYmFyMTIzNDU2Nzg5MA==",
            "someone@example.org",
            "1763884800000",
            "/return?code=a8f5f167f44f4964e6c998dee827110c",
            "abcdefghijabcdefghijabcdefghijabcdefghij",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "",
            "password",
            "web",
            "true",
            "XMLHttpRequest",
            "1",
            "2026-09-10",
            "/book/calendar/149A001015",
            "en-GB",
            // Long, but with more punctuation than a token has.
            "a1b2.-.-.-.-.-c3d4",
            "abcdefghi-abcdefghi-abcdefghi-abcdefghi-",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }

    #[test]
    fn a_secret_is_found_in_any_guise() {
        let mut secrets = Secrets::default();
        secrets.add("Alex.P@example.org");
        for text in [
            "/x/alex.p@Example.org/y",
            "alex.p%40example.org",
            "ALEX.P%40EXAMPLE.ORG",
        ] {
            assert!(secrets.occur_in(text), "{text}");
        }
        assert!(!secrets.occur_in("/api/bookings"));
        secrets.add("bookings");
        assert!(
            !secrets.occur_in("/api/bookings"),
            "a password may be a word of the portal"
        );
        assert!(
            secrets.match_piece("bookings")
                && secrets.match_value("x:bookings")
                && !secrets.match_piece("mybookings")
        );
    }
}
