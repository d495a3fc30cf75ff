//! Words that may be written: those of programs and of leisure centres. No name of a person or a
//! town is among them. Each list is one text, its words apart by white space.

use std::{collections::HashSet, sync::LazyLock};

/// Words that names are made of, sorted.
const WORDS: &str = include_str!("words.txt");
/// Words that apps use as values of their settings.
pub(super) const VALUES: &str = include_str!("values.txt");
/// Words of names whose values choose a kind, a mode or an order.
pub(super) const KINDS: &str = "action api app application audience btn button by category \
    channel client cmd command connection device direction display env environment event expand \
    fields filter flow fn format function grant group include kind method mode op op operation \
    order orderby period platform product provider purpose q realm response scope select show \
    sort sortby source state status submit t tab type view when";
/// Words of names whose values count pages and rows.
pub(super) const COUNTS: &str = "limit offset page pages rows skip take top";
/// Words that may stand beside [`KINDS`] in such names.
pub(super) const BESIDE: &str = "activity auth booking bookings code court date event id is \
    list login my name request selected show ui user web x";
/// Words of names whose values are ids of the club.
pub(super) const CLUB_NAMES: &str = "activities activity branch brand center centre club \
    company domain facility group host location organisation organization portal realm site \
    sites tenant venue venues";
/// Pieces of a path behind which one person stands.
pub(super) const COLLECTIONS: &str = "account accounts contact contacts customer customers \
    member members memberships participant participants people person persons player players \
    profile profiles u user users";

/// [`WORDS`], to look words up in.
pub(super) static WORD_SET: LazyLock<HashSet<&str>> =
    LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// Tells whether a word is one of [`WORDS`], or put together of two or three of them.
pub(super) fn is_known(word: &str) -> bool {
    fn starts(word: &str, more: usize) -> bool {
        WORD_SET.contains(word)
            || more > 0
                && (2..word.len().saturating_sub(1)).any(|at| {
                    word.is_char_boundary(at)
                        && WORD_SET.contains(&word[..at])
                        && starts(&word[at..], more - 1)
                })
    }
    word.len() <= 40 && starts(word, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_none_is_a_name() {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        let unsorted = words.windows(2).find(|pair| pair[0] >= pair[1]);
        assert_eq!(unsorted, None);
        for name in [
            "alex", "mark", "rose", "grace", "may", "lexi", "smith", "leeds", "max",
        ] {
            assert!(!words.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_word_may_be_put_together_of_three() {
        for word in ["booking", "memberbooking", "memberbookingpage"] {
            assert!(is_known(word), "{word}");
        }
        for word in ["memberbookingpagelist", "memberlexi", "lexibooking"] {
            assert!(!is_known(word), "{word}");
        }
    }
}
