//! Untrusted text, a portal's, a platform's or a file's, as printable lines of bounded length.
//!
//! Knows no service: what only a club's portal has, such as names of courts, is in padel's `text`.

/// Makes one printable line of at most `limit` characters.
///
/// Control characters, escape sequences, bidirectional controls and invisible formatting characters
/// are dropped, runs of white space become one space, and what is longer ends in `…`.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(limit * 4));
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

/// Makes printable lines of at most `limit` characters in all.
///
/// Each line is made as [`line()`] does and keeps its leading spaces, of several empty lines one
/// stays, and what is longer ends in `…`. The result neither begins nor ends with an empty line.
#[must_use]
pub fn lines(text: &str, limit: usize) -> String {
    let mut clean = String::new();
    for raw in text.lines() {
        let shown = line(raw, raw.len());
        if shown.is_empty() {
            if !clean.is_empty() && !clean.ends_with("\n\n") {
                clean.push('\n');
            }
            continue;
        }
        let indent = raw.len() - raw.trim_start_matches(' ').len();
        clean.push_str(&" ".repeat(indent));
        clean.push_str(&shown);
        clean.push('\n');
    }
    clean.truncate(clean.trim_end_matches('\n').len());
    if let Some((end, _)) = clean.char_indices().nth(limit) {
        clean.truncate(end);
        clean.pop();
        clean.truncate(clean.trim_end().len());
        clean.push('…');
    }
    clean
}

/// Drops what belongs to an escape sequence, so that `ESC[31m` leaves no `[31m` behind.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while chars
                .next_if(|char| ('\u{20}'..='\u{3f}').contains(char))
                .is_some()
            {}
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

/// Returns whether a character controls, reorders or hides text.
#[must_use]
pub fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_becomes_one_printable_line(text in "\\PC{0,40}|(.|\\n|\u{1b}|\u{202e}){0,40}", limit in 1..30_usize) {
            let clean = line(&text, limit);
            prop_assert!(clean.chars().count() <= limit);
            prop_assert!(clean.chars().all(|char| !is_invisible(char)));
            prop_assert!(!clean.contains("  ") && clean.trim() == clean);
            prop_assert_eq!(line(&clean, limit), clean);
        }

        #[test]
        fn any_text_becomes_printable_lines(text in "(.|\\n|\u{1b}|\u{202e}| ){0,60}", limit in 1..40_usize) {
            let clean = lines(&text, limit);
            prop_assert!(clean.chars().count() <= limit);
            prop_assert!(clean.chars().all(|char| char == '\n' || !is_invisible(char)));
            prop_assert!(!clean.contains("\n\n\n") && clean.trim_matches('\n') == clean);
        }

        #[test]
        fn plain_text_stays_as_it_is(text in "[a-zA-Z0-9äöü'&/():+-]{0,20}( [a-z]{1,5}){0,3}") {
            prop_assert_eq!(line(&text, 80), text.trim());
        }
    }

    #[test]
    fn escape_sequences_leave_nothing_behind() {
        for (text, clean) in [
            ("a\u{1b}[1;31mb\u{1b}[0m", "ab"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;http://e\u{1b}\\x", "x"),
            ("\u{1b}Px\u{1b}\\y", "y"),
            ("\u{1b}cx", "x"),
            ("x\u{1b}", "x"),
            ("x\u{1b}[", "x"),
            ("x\u{1b}[3", "x"),
        ] {
            assert_eq!(line(text, 80), clean, "{text:?}");
        }
    }

    #[test]
    fn lines_keep_their_order_and_indentation() {
        assert_eq!(
            lines("\n\nFree:\r\n\n\n  - Court 1\u{1b}[31m\n\n", 80),
            "Free:\n\n  - Court 1"
        );
        assert_eq!(lines("one\ntwo\nthree", 9), "one\ntwo…");
        assert_eq!(lines("one\ntwo\nthree", 10), "one\ntwo\nt…");
        assert_eq!(lines("one\ntwo", 3), "on…");
        assert_eq!(lines("", 3), "");
    }

    #[test]
    fn a_long_one_ends_in_an_ellipsis() {
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßx", 4), "äöü…");
    }
}
