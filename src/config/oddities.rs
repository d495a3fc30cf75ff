//! Oddities of a secret that was refused, which an editor, a shell or a copied page may have put
//! there. padel sends it as it stands.
//!
//! Nothing here may hold any of its text.

use std::fmt::Write as _;

/// Something that is rarely meant, as the end of a sentence about a line.
pub(super) type Oddity = &'static str;

/// Finds the oddities of a value in a file. `raw` stands there, `value` was read.
pub(super) fn find_in_line(raw: &str, value: &str) -> Vec<Oddity> {
    let mut found = Vec::new();
    let quote = raw
        .chars()
        .next()
        .filter(|first| ['"', '\''].contains(first));
    match quote {
        Some(quote) if value.len() < raw.len() && value.contains(quote) => {
            found.push("has the same quotes inside its quotes");
        }
        Some(_) if value.len() < raw.len() => {}
        Some(quote) if raw.get(1..).is_some_and(|rest| rest.contains(quote)) => {
            found.push("goes on after its closing quote");
        }
        Some(_) => found.push("has a quote at its beginning only"),
        None if raw.ends_with(['"', '\'']) => found.push("has a quote at its end only"),
        None => {}
    }
    let is_whole = value.len() == raw.len();
    if is_whole && [" #", "\t#"].iter().any(|comment| raw.contains(comment)) {
        found.push("has a # after a space");
    }
    found.extend(find_in_text(value));
    found
}

/// Finds the oddities of a variable's value.
pub(super) fn find_in_variable(value: &str) -> Vec<Oddity> {
    let quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let quotes = (quoted('"') || quoted('\'')).then_some("has quotes around it");
    quotes.into_iter().chain(find_in_text(value)).collect()
}

fn find_in_text(value: &str) -> Vec<Oddity> {
    let has = |is_odd: fn(char) -> bool| value.chars().any(is_odd);
    let ends = |is_odd: fn(char) -> bool| value.starts_with(is_odd) || value.ends_with(is_odd);
    let all = [
        (ends(char::is_whitespace), "has white space at an end"),
        (has(is_invisible), "has an invisible character"),
        (
            has(|char| char != ' ' && !char.is_control() && char.is_whitespace()),
            "has a space that is not the usual one",
        ),
        (
            has(char::is_control),
            "has a control character, such as a tab or a line's end",
        ),
        (has(is_curly_quote), "has a curly quote"),
        (
            has(is_typographic),
            "has a dash or dots that a word processor puts in place of others",
        ),
        (has(is_wide), "has a letter or sign of double width"),
        (
            has(is_combining),
            "has an accent that is a character of its own",
        ),
        (
            has(|char| char == char::REPLACEMENT_CHARACTER),
            "has a character that was lost in a conversion",
        ),
        (value.ends_with('\\'), "ends with a backslash"),
    ];
    all.into_iter()
        .filter_map(|(is_there, what)| is_there.then_some(what))
        .collect()
}

/// Joins several oddities into one clause.
pub(super) fn join_words(oddities: &[Oddity]) -> String {
    let mut words = String::new();
    for (index, oddity) in oddities.iter().enumerate() {
        let between = if index == 0 { "" } else { " and " };
        let _ = write!(words, "{between}{oddity}");
    }
    words + ", which is sent as it is"
}

/// Returns whether a character takes no room: soft hyphens, joiners, marks of direction and others.
pub(super) fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_curly_quote(char: char) -> bool {
    matches!(char, '\u{2018}'..='\u{201f}' | '\u{2032}'..='\u{2036}' | '«' | '»' | '‹' | '›' | '´' | '\u{2bc}')
}

fn is_typographic(char: char) -> bool {
    matches!(char, '\u{2010}'..='\u{2015}' | '\u{2212}' | '…')
}

fn is_wide(char: char) -> bool {
    matches!(char, '\u{ff01}'..='\u{ff5e}')
}

fn is_combining(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}' if char != '\u{34f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_value_is_described_without_its_text() {
        for (raw, value, told) in [
            (
                "\"secret\" # my club",
                "\"secret\" # my club",
                "closing quote",
            ),
            ("secret # my club", "secret # my club", "# after a space"),
            ("secret\t# my club", "secret\t# my club", "# after a space"),
            ("\"secret", "\"secret", "at its beginning only"),
            ("secret'", "secret'", "at its end only"),
            ("'it'\"'\"'s'", "it'\"'\"'s", "inside its quotes"),
            ("\"secret \"", "secret ", "white space at an end"),
            ("sec\u{200b}ret", "sec\u{200b}ret", "invisible"),
            ("sec\u{ad}ret", "sec\u{ad}ret", "invisible"),
            ("sec\u{a0}ret", "sec\u{a0}ret", "not the usual one"),
            ("sec\tret", "sec\tret", "control character"),
            ("“secret”", "“secret”", "curly quote"),
            ("sec–ret", "sec–ret", "dash"),
            ("se\u{301}cret", "se\u{301}cret", "accent"),
            ("secret\\", "secret\\", "ends with a backslash"),
            ("ｓecret", "ｓecret", "double width"),
        ] {
            let words = join_words(&find_in_line(raw, value));
            assert!(
                words.contains(told) && !words.contains("secret"),
                "{raw}: {words}"
            );
        }
        for plain in [
            "secret",
            "pa$$ #",
            "a#b",
            "pässwörd",
            "密码🎾",
            "in side",
            "a\\b",
            "it's",
        ] {
            let odd = find_in_line(plain, plain);
            assert!(odd.is_empty() || plain.contains(" #"), "{plain}: {odd:?}");
        }
        assert_eq!(find_in_line("\"secret\"", "secret"), Vec::<Oddity>::new());
        assert_eq!(find_in_variable("'secret'"), ["has quotes around it"]);
        assert!(
            join_words(&find_in_variable("secret\n"))
                .contains("white space at an end and has a control character")
        );
    }

    #[test]
    fn only_a_pair_of_quotes_is_around_a_variable() {
        for value in ["\"", "'", "\"a", "a\"", "'a\"", "\"a'"] {
            assert_eq!(find_in_variable(value), Vec::<Oddity>::new(), "{value}");
        }
        assert_eq!(find_in_variable("\"a\""), ["has quotes around it"]);
    }
}
