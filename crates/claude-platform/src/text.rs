//! Text from the service is untrusted: here it becomes one short, printable line.

/// The most characters of a message.
pub(crate) const MESSAGE: usize = 500;
/// The most characters of an id or a reason.
pub(crate) const SHORT: usize = 200;

/// One line of at most `limit` characters: white space runs become one space, and control and invisible formatting
/// characters nothing, nor do escape sequences.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let mut clean = String::new();
    let (mut count, mut space) = (0, 0);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            skip_escape(&mut chars);
        } else if char.is_whitespace() {
            space = usize::from(count > 0);
        } else if !is_invisible(char) {
            if count + space + 1 > limit {
                clean.pop();
                clean.push('…');
                break;
            }
            clean.extend(std::iter::repeat_n(' ', space));
            clean.push(char);
            count += space + 1;
            space = 0;
        }
    }
    clean
}

/// The innermost reason of an error, which says most.
pub(crate) fn cause(error: &(dyn std::error::Error + 'static), limit: usize) -> String {
    line(&chain(error).last().unwrap_or_default(), limit)
}

/// What an error says, and each of its reasons.
pub(crate) fn chain<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}

/// Drops what belongs to an escape sequence, so that `ESC[31m` leaves no `[31m` behind.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while chars.next_if(|char| ('\u{20}'..='\u{3f}').contains(char)).is_some() {}
            chars.next_if(|char| ('\u{40}'..='\u{7e}').contains(char));
        }
        // A title or link sequence ends at BEL or ESC \; an unfinished one takes the rest with it.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            while let Some(char) = chars.next() {
                if char == '\u{7}' || (char == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {
            chars.next_if(|char| ('\u{20}'..='\u{7e}').contains(char));
        }
    }
}

/// Control characters, and those that reorder or hide text.
fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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
        assert_eq!(line(" a\r\n\tb\u{1b}[31m\u{202e}c\u{0}  d ", 40), "a bc d");
    }

    #[test]
    fn escape_sequences_leave_nothing_behind() {
        for (text, clean) in [
            ("a\u{1b}[1;31mb\u{1b}[0m", "ab"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;http://e\u{1b}\\x", "x"),
            ("\u{1b}cx\u{1b}[3", "x"),
        ] {
            assert_eq!(line(text, 40), clean, "{text:?}");
        }
    }

    #[test]
    fn a_long_one_ends_in_an_ellipsis() {
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßx", 4), "äöü…");
    }
}
