//! What of a capture may be written: an allow-list. A value is kept where it is one of those that
//! many apps send alike, a switch, a small number that counts, or one of the club's own ids; a name
//! where it is made of the words of programs. Everything else may be somebody's, whatever it is
//! called.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use chrono_tz::Tz;
use percent_encoding::percent_decode_str;

use super::{
    body,
    exchange::Exchange,
    secret::{Secrets, looks_secret, names_person, names_secret},
    vocabulary::{BESIDE, CLUB_NAMES, COLLECTIONS, COUNTS, KINDS, VALUES, WORD_SET, is_known},
    words::{has_word, is_digits, is_listed, split_words},
};

/// The most values of answers that names are compared with.
const COMPARED: usize = 200_000;

/// The words of a capture that may be written, and those that may not.
pub(super) struct AllowList {
    pub(super) secrets: Secrets,
    /// Ids of the club, in lower case.
    club: HashSet<String>,
    /// Hashes of the texts of answers and bodies: a name that is one of them may be somebody's.
    values: HashSet<u64>,
    /// Hashes of the pieces of paths that something was sent to, as a sign-in is. Where bookings
    /// are read, a piece may be the member's.
    sent_to: HashSet<u64>,
}

impl AllowList {
    pub(super) fn new(exchanges: &[Exchange], host: &str, secrets: Secrets) -> Self {
        let mut allow_list = Self {
            secrets,
            club: HashSet::new(),
            values: HashSet::new(),
            sent_to: HashSet::new(),
        };
        allow_list.club.insert(host.to_lowercase());
        allow_list
            .club
            .extend(host.split('.').next().map(str::to_lowercase));
        for exchange in exchanges {
            let path = exchange.path().to_lowercase();
            if exchange.method != "GET" {
                allow_list
                    .sent_to
                    .extend(path.split('/').map(|segment| hash_text(segment.as_bytes())));
            }
            // What every visitor may read is nobody's.
            let public = path.starts_with("/api/configuration/")
                || path.starts_with("/api/search/activities");
            if public && let Some(serde_json::Value::Array(items)) = exchange.json() {
                let ids = items.iter().filter_map(|item| item.get("id")?.as_str());
                allow_list.club.extend(
                    ids.filter(|id| id.len() <= 24 && !id.contains('@'))
                        .map(str::to_lowercase),
                );
            }
            if exchange.answers_json() {
                for_each_string(exchange.answer_body(), |value| {
                    allow_list.remember_value(value);
                });
            }
            let body = exchange.body.as_deref().unwrap_or_default();
            let leaves = body::parse_body(body, &exchange.content_type)
                .map(|parts| parts.leaves)
                .unwrap_or_default();
            let (query, _) = body::parse_pairs(exchange.query());
            leaves
                .iter()
                .chain(&query)
                .for_each(|leaf| allow_list.remember_value(leaf.value.as_bytes()));
            exchange
                .headers
                .iter()
                .for_each(|(_, value)| allow_list.remember_value(value.as_bytes()));
        }
        allow_list
    }

    fn remember_value(&mut self, value: &[u8]) {
        if (3..=60).contains(&value.len()) && self.values.len() < COMPARED {
            self.values.insert(hash_text(value));
        }
    }

    /// Tells whether a name, or a piece of a path, says nothing about anybody.
    pub(super) fn allows_name(&self, name: &str) -> bool {
        let words = split_words(name);
        if words.is_empty()
            || name.len() > 60
            || self.secrets.occur_in(name)
            || self.secrets.match_piece(name)
        {
            return false;
        }
        // A number of a member, or an id made at random.
        if words.iter().any(|word| is_digits(word) && word.len() > 2)
            || name.bytes().filter(u8::is_ascii_digit).count() > 3
            || looks_secret(name)
        {
            return false;
        }
        if words
            .iter()
            .all(|word| is_digits(word) || word.len() == 1 || is_known(word))
        {
            return words.iter().any(|word| !is_digits(word));
        }
        // A programmer's word that nobody here has heard of: letters, and no value of the capture.
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.$:[]".contains(&byte));
        let of_user = words.iter().any(|word| self.secrets.match_piece(word));
        let is_value =
            |word: &String| !is_known(word) && self.values.contains(&hash_text(word.as_bytes()));
        plain
            && !of_user
            && !self.values.contains(&hash_text(name.as_bytes()))
            && !words.iter().any(is_value)
    }

    /// A name where it may be told, else what may be told of it.
    pub(super) fn shown_name<'a>(&self, name: &'a str) -> &'a str {
        if self.allows_name(name) {
            name
        } else {
            "one whose name may be yours"
        }
    }

    /// Tells whether the value of a field, a parameter or a header may be written.
    pub(super) fn allows_value(&self, name: &str, value: &str) -> bool {
        let value = value.trim();
        let lower = value.to_lowercase();
        if value.is_empty() {
            return true;
        }
        if self.secrets.match_value(value) || !self.allows_name(name) {
            return false;
        }
        if matches!(&*lower, "true" | "false" | "null") {
            return true;
        }
        let words = split_words(name);
        if has_word(&words, "grant grants") && matches!(&*lower, "password" | "local") {
            return true;
        }
        if names_person(name) || names_secret(name) {
            return names_secret(name) && has_word(&words, "type kind format") && lower == "bearer";
        }
        if matches!(&*lower, "on" | "off" | "yes" | "no" | "0" | "1" | "-1") {
            return true;
        }
        let is = |list: &str| words.iter().any(|word| is_listed(word, list));
        // In `bloodType` the type is somebody's.
        let is_kind = is(KINDS)
            && words
                .iter()
                .all(|word| is_listed(word, KINDS) || is_listed(word, BESIDE));
        let digits = is_digits(value);
        let counts = is(COUNTS) || matches!(name, "size" | "count");
        // Four digits may be a PIN.
        (digits && (value.len() <= 3 || value.ends_with("000")) && value.len() <= 4 && counts)
            || (is_kind
                && ((digits && value.len() <= 2) || value.len() == 1 || self.is_setting(value)))
            || (is(CLUB_NAMES) && self.is_of_club(&lower))
            || (is("version v rev revision") && is_version(value))
            || (is("lang language locale culture locales") && is_locale(value))
            || (is("timezone tz zone") && (value.parse::<Tz>().is_ok()))
            || (is("requested") && matches!(&*lower, "xmlhttprequest" | "fetch"))
            || (is("return redirect continue next callback target url uri")
                && value.starts_with('/')
                && !value.starts_with("//")
                && self.allows_path(value)
                && split_words(value).iter().all(|word| is_known(word)))
            || (name == "query" && self.is_question(value))
    }

    /// Tells whether a path says nothing about anybody. Placeholders in braces are ours.
    pub(super) fn allows_path(&self, path: &str) -> bool {
        let Ok(decoded) = percent_decode_str(path).decode_utf8() else {
            return false;
        };
        let mut before = false;
        decoded.trim_matches('/').split('/').all(|segment| {
            let digits = is_digits(segment);
            let known = split_words(segment)
                .iter()
                .all(|word| is_known(word) || word.len() == 1);
            let of_portal = has_technical_word(segment)
                || self.sent_to.contains(&hash_text(segment.as_bytes()));
            // What stands behind `members` is one of them, unless it is a word of programs.
            let fits = segment.is_empty()
                || (segment.starts_with('{') && segment.ends_with('}'))
                || self.club.contains(&segment.to_lowercase())
                    && !self.secrets.match_piece(segment)
                || (digits && segment.len() <= 2 && !before)
                || (self.allows_name(segment) && (known || (of_portal && !before)));
            before = is_listed(&segment.to_ascii_lowercase(), COLLECTIONS);
            fits
        })
    }

    /// A path as it may be told: `…` for what may be somebody's.
    pub(super) fn shown_path(&self, path: &str) -> String {
        let (mut shown, mut at) = (String::new(), 0);
        for segment in path.split('/') {
            at += segment.len();
            let fits = self.allows_path(&path[..at.min(path.len())]) || segment.is_empty();
            shown.push_str(if fits { segment } else { "…" });
            if at < path.len() {
                shown.push('/');
                at += 1;
            }
            if !fits {
                // What comes behind may hang on it.
                shown.push_str(if at < path.len() { "…" } else { "" });
                break;
            }
        }
        crate::text::line(&shown, 120)
    }

    /// Tells whether a JSON pointer says nothing about anybody, `/a + /b` included.
    pub(super) fn allows_pointer(&self, pointer: &str) -> bool {
        pointer
            .split(" + ")
            .flat_map(|pointer| pointer.split('/'))
            .all(|step| {
                let index = !step.is_empty() && step.len() <= 2 && is_digits(step);
                let name = step.replace("~1", "/").replace("~0", "~");
                step.is_empty() || index || (self.allows_name(&name) && has_technical_word(&name))
            })
    }

    /// Tells whether a value is made of words that apps use for their settings.
    fn is_setting(&self, value: &str) -> bool {
        let all = split_words(value);
        value.len() <= 60
            && !all.is_empty()
            && all.iter().all(|word| is_listed(word, VALUES))
            && value
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || " _-.,:/+".contains(char))
    }

    fn is_of_club(&self, value: &str) -> bool {
        value.split(',').all(|id| self.club.contains(id.trim()))
    }

    /// Recognises a GraphQL document without literals: names of programs and nothing else.
    fn is_question(&self, text: &str) -> bool {
        let plain =
            |char: char| char.is_ascii_alphanumeric() || " \r\n\t_$!:(){}[],".contains(char);
        let placeholder = ["{user", "{password", "{basic"]
            .iter()
            .any(|placeholder| text.contains(placeholder));
        let mut names = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        (text.starts_with("mutation") || text.starts_with("query"))
            && !placeholder
            && text.len() <= 4000
            && text.chars().all(plain)
            && names.all(|name| name.is_empty() || self.allows_name(name))
    }
}

/// The same in any case.
fn hash_text(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.to_ascii_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// The texts of a JSON body that are values and not names.
fn for_each_string(json: &[u8], mut take: impl FnMut(&[u8])) {
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'"', &json[at..]).map(|found| at + found + 1) {
        let mut end = start;
        while let Some(byte) = json.get(end).filter(|byte| **byte != b'"') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        let end = end.min(json.len());
        let is_name = json[(end + 1).min(json.len())..]
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
            == Some(&b':');
        if !is_name {
            take(&json[start..end]);
        }
        at = (end + 1).min(json.len());
    }
}

/// Tells whether a word of the name is one of [`WORD_SET`], or begins or ends with one: a person's
/// name has none. Nor is a language or what has no vowel anybody's name.
fn has_technical_word(name: &str) -> bool {
    is_locale(name)
        || split_words(name).iter().any(|word| {
            let is_abbreviation = word.bytes().all(|it| it.is_ascii_lowercase())
                && (word.len() == 1 || !word.contains(['a', 'e', 'i', 'o', 'u', 'y']));
            is_abbreviation
                || is_known(word)
                || WORD_SET
                    .iter()
                    .any(|it| it.len() > 3 && (word.starts_with(it) || word.ends_with(it)))
        })
}

/// Up to three numbers: four are an address of a network, and one of four digits a year or a PIN.
fn is_version(value: &str) -> bool {
    let numbers = value.trim_start_matches(['v', 'V']);
    let mut parts = numbers.split('.');
    numbers.split('.').count() <= 3
        && parts.all(|part| (1..=3).contains(&part.len()) && is_digits(part))
}

fn is_locale(value: &str) -> bool {
    const LANGUAGES: [&str; 16] = [
        "en", "cy", "ga", "gd", "fr", "de", "es", "it", "pl", "pt", "nl", "sv", "da", "nb", "ro",
        "tr",
    ];
    let (language, region) = value.split_once(['-', '_']).unwrap_or((value, ""));
    LANGUAGES.contains(&language.to_lowercase().as_str())
        && (region.is_empty()
            || (region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_alphabetic())))
}

#[cfg(test)]
mod tests;
