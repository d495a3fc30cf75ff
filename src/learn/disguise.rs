//! Credentials in forms that a profile cannot write: recognised, so that they can be told by name.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;

use crate::config::Credentials;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ALPHABETS: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&STANDARD, LENIENT),
    GeneralPurpose::new(&URL_SAFE, LENIENT),
];

/// The most text that is looked through for a password among other text.
const LIMIT: usize = 1024 * 1024;

/// Names the form in which a value holds the password, if it does: the end of "the password is …".
pub(super) fn password_form(value: &str, credentials: &Credentials) -> Option<&'static str> {
    let (user, password) = (
        credentials.user.expose_secret().trim(),
        credentials.password.expose_secret(),
    );
    let text = value.trim();
    if password.is_empty() || text.is_empty() || text.len() > LIMIT {
        return None;
    }
    if text.contains('%') && decode_percent(text) == password {
        return Some("percent-encoded twice");
    }
    for alphabet in &ALPHABETS {
        let Ok(bytes) = alphabet.decode(text) else {
            continue;
        };
        if bytes == password.as_bytes()
            || decode_utf16(&bytes) == password
            || decode_latin1(&bytes) == password
        {
            return Some("in base64 of an unusual kind");
        }
        if holds_credentials(&String::from_utf8_lossy(&bytes), user, password) {
            return Some("in base64 together with other text");
        }
    }
    let mut bytes = password.bytes().enumerate();
    let is_hex = text.len() == 2 * password.len()
        && bytes.all(|(at, byte)| {
            let digits = text.get(2 * at..2 * at + 2);
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) == Some(byte)
        });
    if is_hex {
        return Some("in hexadecimal");
    }
    if !holds_password(text, password) {
        return None;
    }
    Some(match text.as_bytes() {
        [b'{' | b'[', ..] if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            "in JSON that is itself a text"
        }
        [b'<', ..] => "in XML",
        _ if text.contains("mutation") || text.contains('{') => "in the text of a GraphQL document",
        _ => "joined to other text",
    })
}

/// Tells whether a text that is neither JSON nor a form holds the password, in the escapes of XML,
/// JSON or addresses.
pub(super) fn holds_password(text: &str, password: &str) -> bool {
    // A short password may stand anywhere by chance.
    if password.len() < 4 || text.len() > 64 * LIMIT {
        return false;
    }
    let xml = password
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&apos;");
    let json = serde_json::Value::from(password).to_string();
    let json = json.get(1..json.len() - 1).unwrap_or_default().to_owned();
    let form: String = form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let percent =
        percent_encoding::utf8_percent_encode(password, percent_encoding::NON_ALPHANUMERIC)
            .to_string();
    let twice = json.replace('\\', "\\\\").replace('"', "\\\"");
    [password.to_owned(), xml, quoted, json, twice, form, percent]
        .iter()
        .any(|guise| text.contains(guise.as_str()))
}

/// Describes a value that seems to be made from a password, as the end of "the password is
/// …".
pub(super) fn derived_form(value: &str) -> Option<&'static str> {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) {
        return Some("hashed, as it seems, and only the portal's page knows how");
    }
    let bytes = ALPHABETS
        .iter()
        .find_map(|alphabet| alphabet.decode(value).ok());
    let mixed = value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_uppercase());
    let sealed = value.len() >= 60
        && (hex || value.starts_with("eyJ") || value.starts_with("$") || bytes.is_some());
    let digest = mixed && bytes.is_some_and(|bytes| matches!(bytes.len(), 16 | 20 | 32 | 48 | 64));
    (sealed || (digest && value.len() >= 24))
        .then_some("hashed or sealed, as it seems, with a key that padel does not know")
}

fn decode_percent(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn decode_utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks(2)
        .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
    char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn decode_latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn holds_credentials(text: &str, user: &str, password: &str) -> bool {
    password.len() >= 4 && text.contains(password)
        || (!user.is_empty() && text == format!("{user}:{password}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_forms_of_a_password_have_names() {
        let credentials = Credentials::typed("alex@example.org".into(), "Tr0ub\"4dor&3 é".into());
        for (value, expected) in [
            ("Tr0ub%224dor%263%20%C3%A9", "percent-encoded twice"),
            ("VHIwdWIiNGRvciYzIMOp", "in base64 of an unusual kind"),
            ("VHIwdWIiNGRvciYzIOk", "in base64 of an unusual kind"),
            (
                "YWxleEBleGFtcGxlLm9yZzpUcjB1YiI0ZG9yJjMgw6k=",
                "in base64 together with other text",
            ),
            ("54723075622234646f72263320c3a9", "in hexadecimal"),
            (
                r#"{"p":"Tr0ub\"4dor&3 é"}"#,
                "in JSON that is itself a text",
            ),
            ("<p>Tr0ub&quot;4dor&amp;3 é</p>", "in XML"),
            (
                r#"mutation { login(password: "Tr0ub\"4dor&3 é") }"#,
                "in the text of a GraphQL document",
            ),
            ("alex:Tr0ub\"4dor&3 é", "joined to other text"),
        ] {
            assert_eq!(
                password_form(value, &credentials),
                Some(expected),
                "{value}"
            );
        }
        for value in ["", "Tr0ub", "web", "eyJhbGciOiJIUzI1NiJ9"] {
            assert_eq!(password_form(value, &credentials), None, "{value}");
        }
        for value in [
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
            "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=",
        ] {
            assert!(derived_form(value).is_some(), "{value}");
        }
        for value in ["another one 77", "hunter2", "correcthorsebatterystaple"] {
            assert_eq!(derived_form(value), None, "{value}");
        }
    }

    #[test]
    fn a_password_in_another_form_is_known_at_the_edges_of_each() {
        fn form(value: &str, password: &str) -> Option<&'static str> {
            password_form(value, &Credentials::typed("al".into(), password.into()))
        }
        let utf_16: Vec<u8> = "sesame!1"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let utf_16 = ALPHABETS[0].encode(utf_16);
        assert_eq!(
            form(&utf_16, "sesame!1"),
            Some("in base64 of an unusual kind")
        );
        let long = format!("{}sesame!1", "x".repeat(LIMIT - 8));
        assert_eq!(form(&long, "sesame!1"), Some("joined to other text"));
        assert_eq!(form(&format!("x{long}"), "sesame!1"), None);
        for (value, password, expected) in [
            ("ses", "", None),
            ("", "ses", None),
            ("abc", "ses", None),
            ("736573", "ses", Some("in hexadecimal")),
            ("73657361", "ses", None),
            ("x ses x", "ses", None),
            ("x sesa x", "sesa", Some("joined to other text")),
            (
                "{x sesa x",
                "sesa",
                Some("in the text of a GraphQL document"),
            ),
            (
                "mutation sesa",
                "sesa",
                Some("in the text of a GraphQL document"),
            ),
            (
                "[\"x sesa\"]",
                "sesa",
                Some("in JSON that is itself a text"),
            ),
            ("[\"x sesa\"", "sesa", Some("joined to other text")),
            (
                "YWw6c2Vz",
                "ses",
                Some("in base64 together with other text"),
            ),
        ] {
            assert_eq!(form(value, password), expected, "{value} {password}");
        }
    }

    #[test]
    fn what_is_made_of_a_password_is_long_or_a_digest() {
        fn base64(length: u8) -> String {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37)).collect();
            ALPHABETS[0].encode(bytes)
        }
        for (value, is_made) in [
            ("a".repeat(31), false),
            ("a".repeat(32), true),
            ("a".repeat(33), false),
            ("g".repeat(32), false),
            ("a".repeat(59), false),
            ("a".repeat(60), true),
            (format!("eyJ{}", "-".repeat(57)), true),
            (format!("eyJ{}", "!".repeat(56)), false),
            (format!("${}", "!".repeat(59)), true),
            ("!".repeat(60), false),
            (base64(16), true),
            (base64(17), false),
            (base64(15), false),
            (base64(20), true),
            (base64(45), true),
            (base64(44), true),
            (base64(42), false),
            ("abcdefghijklmnopqrstuv==".to_owned(), false),
            ("ABCDEFGHIJKLMNOPQRSTUV==".to_owned(), false),
        ] {
            assert_eq!(derived_form(&value).is_some(), is_made, "{value}");
        }
    }
}
