//! The words of names: `bookingRef`, `booking_ref` and `BookingRef` are the same two.

/// Splits a name into its words, in lower case.
pub(super) fn split_words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (index, char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|index| chars[index]);
        let after = chars.get(index + 1);
        let hump = char.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || after.is_some_and(|after| after.is_lowercase())
            });
        let digit = before.is_some_and(|before| before.is_ascii_digit() != char.is_ascii_digit());
        if hump || digit {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Tells whether one of `words` is, begins or ends with a word of `list`; see [`last_index`].
pub(super) fn has_word(words: &[String], list: &str) -> bool {
    last_index(words, list).is_some()
}

/// Index of the last of `words` that is, begins or ends with a word of `list`. Words of up to three
/// letters must be equal: too many others begin or end with them.
pub(super) fn last_index(words: &[String], list: &str) -> Option<usize> {
    words.iter().rposition(|word| {
        list.split_ascii_whitespace().any(|wanted| {
            word == wanted
                || (wanted.len() > 3 && (word.starts_with(wanted) || word.ends_with(wanted)))
        })
    })
}

/// Tells whether `word` is one of `list`.
pub(super) fn is_listed(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Tells whether `text` has no characters but digits.
pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("bookingReference", "booking reference"),
            ("BookingRef", "booking ref"),
            ("booking_ref", "booking ref"),
            ("1_from/ms", "1 from ms"),
            ("siteID", "site id"),
            ("HTMLText", "html text"),
            ("X-Use-Sso", "x use sso"),
            ("", ""),
        ] {
            assert_eq!(split_words(name).join(" "), expected);
        }
        assert!(
            has_word(&split_words("starttime"), "start") && !has_word(&split_words("stop"), "to")
        );
    }
}
