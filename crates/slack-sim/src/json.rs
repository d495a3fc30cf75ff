//! JSON as Slack writes it: ASCII only, slashes escaped.
//!
//! So whoever signs what it parsed and wrote again, instead of the bytes that came, gets another
//! signature.

use std::fmt::Write;

use serde_json::Value;

pub(crate) fn encode_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut encoded = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            // Slashes and other letters than ASCII stand in strings only.
            '/' => encoded.push_str("\\/"),
            ascii if ascii.is_ascii() => encoded.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String never fails.
                    let _ = write!(encoded, "\\u{unit:04x}");
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::encode_json;

    #[test]
    fn encoded_json_is_ascii_and_reads_back() {
        let value = json!({"text": "Plätze frei? 🎾 \"\\/\n", "url": "https://a.b/c"});
        let encoded = encode_json(&value);
        assert!(encoded.is_ascii() && encoded.contains(r"https:\/\/a.b\/c"));
        assert_eq!(serde_json::from_str::<Value>(&encoded).unwrap(), value);
    }
}
