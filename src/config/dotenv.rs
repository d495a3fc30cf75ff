//! `.env` files with literal values: what stands there is what is meant, `$`, `#` and `\` included.
//!
//! Not dotenvy: it expands `$` and strips what follows `#`, which breaks passwords that the Python skill accepted.

/// The pairs of a file. They may be secret, so `Debug` counts them only.
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl std::fmt::Debug for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pairs", self.0.len())
    }
}

impl Pairs {
    /// The value of a key in any case, if it is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())?;
        Some(value.clone())
    }
}

/// Reads a file's text. An error is the number of the first line that is not `KEY=value`, from 1; never its text, which
/// may be a password.
pub(super) fn parse(text: &str) -> Result<Pairs, usize> {
    let mut pairs = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let pair = pair(line).ok_or(index + 1)?;
        pairs.extend(pair.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
    Ok(Pairs(pairs))
}

/// A file's text with other values for some keys, in lines at its end, or `None` for a key that is to go; all other lines
/// stay as they are. Errors are those of [`parse`].
pub(super) fn edited(text: &str, values: &[(&str, Option<&str>)]) -> Result<String, usize> {
    parse(text)?;
    let is_other = |line: &&str| {
        pair(line).flatten().is_none_or(|(key, _)| !values.iter().any(|(name, _)| name.eq_ignore_ascii_case(key)))
    };
    let mut edited: String = text.split_inclusive('\n').filter(is_other).collect();
    if !edited.is_empty() && !edited.ends_with('\n') {
        edited.push('\n');
    }
    edited.extend(values.iter().filter_map(|(name, value)| Some(format!("{name}=\"{}\"\n", (*value)?))));
    Ok(edited)
}

/// The key and value in a line, if it is not empty or a comment; `None` if it is neither.
fn pair(line: &str) -> Option<Option<(&str, &str)>> {
    // Only what an editor leaves around a value is trimmed: other white space may belong to it.
    const AROUND: [char; 4] = [' ', '\t', '\r', '\n'];
    let line = line.strip_prefix('\u{feff}').unwrap_or(line).trim_matches(AROUND);
    if line.is_empty() || line.starts_with('#') {
        return Some(None);
    }
    let (key, value) = line.split_once('=')?;
    let key = key.strip_prefix("export ").unwrap_or(key).trim_matches(AROUND);
    let is_name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| Some((key, unquote(value.trim_matches(AROUND)))))
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
            let pairs = parse(&format!("pslc_club={value}")).unwrap();
            assert_eq!(pairs.get("PSLC_CLUB").as_deref(), Some(value));
        }
    }

    #[test]
    fn what_surrounds_a_value_is_tolerated() {
        let text = "\u{feff}# a comment\r\n\r\nexport A = 1 \r\nB='2 '\r\n  c=\"\"\n";
        let pairs = parse(text).unwrap();
        let pairs: Vec<_> = pairs.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "2 "), ("c", "")]);
    }

    #[test]
    fn an_error_is_a_line_number() {
        assert_eq!(parse("A=1\n\nsecret\n").unwrap_err(), 3);
        assert_eq!(parse("A B=1").unwrap_err(), 1);
        assert_eq!(parse("=1").unwrap_err(), 1);
    }

    #[test]
    fn an_edit_keeps_all_other_lines() {
        let text = "\u{feff}pslc_user=old\r\n# mine\n\nexport PSLC_Password = 'old'\nB='2 '\t\nC=3";
        let values = [("pslc_user", Some("a@b.c")), ("pslc_password", Some("\"a $\\#")), ("c", None)];
        let new = edited(text, &values).unwrap();
        assert_eq!(new, "# mine\n\nB='2 '\t\npslc_user=\"a@b.c\"\npslc_password=\"\"a $\\#\"\n");
        let pairs = parse(&new).unwrap();
        for (name, value) in values {
            assert_eq!(pairs.get(name).as_deref(), value);
        }
        assert_eq!(edited("A=1\nsecret", &values).unwrap_err(), 2);
    }
}
