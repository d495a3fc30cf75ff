//! Text from the service is untrusted: here it becomes one short, printable line.

/// The most characters of a message.
pub(crate) const MESSAGE: usize = 500;
/// The most characters of an id or a reason.
pub(crate) const SHORT: usize = 200;

/// One line of at most `limit` characters: white space runs become one space, and control and invisible formatting
/// characters nothing.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let spaced: String = text.chars().map(|char| if char.is_whitespace() { ' ' } else { char }).collect();
    let printable: String = spaced.chars().filter(|char| !is_invisible(*char)).collect();
    let words: Vec<&str> = printable.split(' ').filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(limit) {
        None => line,
        Some(_) => line.chars().take(limit - 1).chain(['…']).collect(),
    }
}

/// The innermost reason of an error, which says most.
pub(crate) fn cause(error: &(dyn std::error::Error + 'static), limit: usize) -> String {
    line(&chain(error).last().unwrap_or_default(), limit)
}

/// What an error says, and each of its reasons.
pub(crate) fn chain<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}

/// Control characters, and those that reorder or hide text.
fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_comes_is_short_and_printable(text in any::<String>(), limit in 1..60_usize) {
            let line = line(&text, limit);
            prop_assert!(line.chars().count() <= limit);
            prop_assert!(!line.chars().any(|char| is_invisible(char) || char.is_control()));
        }
    }

    #[test]
    fn a_message_becomes_one_printable_line() {
        assert_eq!(line(" a\r\n\tb\u{1b}[31m\u{202e}c\u{0}  d ", 40), "a b[31mc d");
    }

    #[test]
    fn a_long_one_ends_in_an_ellipsis() {
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßx", 4), "äöü…");
    }
}
