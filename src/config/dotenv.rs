//! `.env` files with literal values: what stands there is what is meant, `$`, `#` and `\` included.
//!
//! Not dotenvy: it expands `$` and strips what follows `#`, which breaks passwords that the Python skill accepted.

/// The pairs of a file, keys as written. An error is the number of the first line that is not `KEY=value`, from 1; never
/// its text, which may be a password.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut pairs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(index + 1)?;
        let key = key.strip_prefix("export ").unwrap_or(key).trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(index + 1);
        }
        pairs.push((key.to_owned(), unquote(value.trim()).to_owned()));
    }
    Ok(pairs)
}

/// Without one pair of matching outer quotes.
fn unquote(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_literal() {
        for value in ["a$b", "a#b", "a=b", r"a\b\n", "a'b\"c", "a b", "pässwörd", "$HOME", "${X}", "\"", "'a\""] {
            assert_eq!(parse(&format!("pslc_club={value}")), Ok(vec![("pslc_club".to_owned(), value.to_owned())]));
        }
    }

    #[test]
    fn what_surrounds_a_value_is_tolerated() {
        let text = "\u{feff}# a comment\r\n\r\nexport A = 1 \r\nB='2 '\r\n  c=\"\"\n";
        let pairs = parse(text).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "2 "), ("c", "")]);
    }

    #[test]
    fn an_error_is_a_line_number() {
        assert_eq!(parse("A=1\n\nsecret\n"), Err(3));
        assert_eq!(parse("A B=1"), Err(1));
        assert_eq!(parse("=1"), Err(1));
    }
}
