//! Bodies of type `application/x-www-form-urlencoded`, byte for byte: `form_urlencoded` reads text,
//! and a password may be none.

use form_urlencoded::byte_serialize;
use percent_encoding::percent_decode;

/// The value of a field, by its exact name.
pub(crate) fn field_value(body: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut pairs = body.split(|byte| *byte == b'&').map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        [halves.next(), halves.next()].map(|half| decode_text(half.unwrap_or_default()))
    });
    let [_, value] = pairs.find(|[known, _]| known == name.as_bytes())?;
    Some(value)
}

/// A body as browsers write it.
pub(crate) fn encode_form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode_text(name), encode_text(value)))
        .collect();
    pairs.join("&")
}

fn encode_text(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn decode_text(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        let hostile = "p$ #=\\\"'+&%41é\u{1f3be}\t";
        let body = encode_form(&[("User name", "a@b"), ("Password", hostile), ("Empty", "")]);
        assert!(body.starts_with("User+name=a%40b&Password=p%24+%23%3D"));
        assert_eq!(field_value(body.as_bytes(), "User name").unwrap(), b"a@b");
        assert_eq!(
            field_value(body.as_bytes(), "Password").unwrap(),
            hostile.as_bytes()
        );
        assert_eq!(field_value(body.as_bytes(), "Empty").unwrap(), b"");
        assert_eq!(field_value(b"a=%e9", "a").unwrap(), b"\xe9");
    }

    #[test]
    fn a_broken_escape_stays() {
        let body = b"a=%zz%&b&%e2%82%ac=1";
        assert_eq!(field_value(body, "a").unwrap(), b"%zz%");
        assert_eq!(field_value(body, "b").unwrap(), b"");
        assert_eq!(field_value(body, "€").unwrap(), b"1");
        assert_eq!(field_value(body, "c"), None);
    }
}
