//! The words of names: `bookingRef`, `booking_ref` and `BookingRef` are the same two.

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
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

/// Whether one of the words is, begins or ends with one of the set; short ones must be equal.
pub(super) fn has(words: &[String], set: &[&str]) -> bool {
    place(words, set).is_some()
}

/// The index of the last word that is, begins or ends with one of the set.
pub(super) fn place(words: &[String], set: &[&str]) -> Option<usize> {
    let is = |word: &String| {
        set.iter().any(|wanted| {
            word == wanted
                || (wanted.len() > 3 && (word.starts_with(wanted) || word.ends_with(wanted)))
        })
    };
    words.iter().rposition(is)
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
            assert_eq!(words(name).join(" "), expected);
        }
        assert!(has(&words("starttime"), &["start"]) && !has(&words("stop"), &["to"]));
    }
}
