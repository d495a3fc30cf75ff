//! Bodies of type `application/x-www-form-urlencoded`, byte for byte.

/// Names and values.
pub(super) fn decoded(body: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || plain(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

/// A body as browsers write it.
pub(super) fn encoded<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = fields
        .map(|(name, value)| format!("{}={}", safe(name), safe(value)))
        .collect();
    pairs.join("&")
}

fn plain(mut text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        let escaped = if first == b'%' {
            rest.split_at_checked(2)
        } else {
            None
        };
        let escaped = escaped.and_then(|(hex, rest)| Some((byte(hex)?, rest)));
        let byte;
        (byte, text) = escaped.unwrap_or((if first == b'+' { b' ' } else { first }, rest));
        bytes.push(byte);
    }
    bytes
}

/// Two hexadecimal digits.
fn byte(hex: &[u8]) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(*hex.first()?)? * 16 + digit(*hex.get(1)?)?).ok()
}

fn safe(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        let hostile = "p$ #=\\\"'+&%41é\u{1f3be}\t";
        let body =
            encoded([("User name", "a@b"), ("Password", hostile), ("Empty", "")].into_iter());
        assert!(body.starts_with("User+name=a%40b&Password=p%24+%23%3D"));
        let fields = decoded(body.as_bytes());
        assert_eq!(fields[0], (b"User name".to_vec(), b"a@b".to_vec()));
        assert_eq!(fields[1].1, hostile.as_bytes());
        assert_eq!(fields[2], (b"Empty".to_vec(), Vec::new()));
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(
            decoded(b"a=%zz%&b&%e2%82%ac"),
            [
                (b"a".to_vec(), b"%zz%".to_vec()),
                (b"b".to_vec(), Vec::new()),
                ("€".as_bytes().to_vec(), Vec::new())
            ]
        );
    }
}
