//! Reading the portal's JSON arrays: what is not as expected costs its own place only and is told,
//! anything but an array is an error.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::{
    body::is_firewall,
    endpoints::{ACTIVITIES, AVAILABILITY, SITES},
    failure::{Failure, Refuser},
    transport::Reply,
};
use crate::{log::Log, text};

/// How many of those that were skipped are told one by one.
const TOLD: usize = 5;
/// What stands before JSON that must not run as a script.
const GUARDS: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];
/// The mark of UTF-8 at the start of a text.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was skipped of an answer: JSON path and reason of the first few, and how much it was. A
/// whole answer may be bad.
pub(super) struct Bad {
    told: Vec<(String, String)>,
    count: usize,
    log: Log,
}

impl Bad {
    /// Nothing so far of an answer.
    pub(super) fn of(reply: &Reply) -> Self {
        Self {
            told: Vec::new(),
            count: 0,
            log: reply.log,
        }
    }

    /// One more.
    pub(super) fn push(&mut self, path: String, why: impl Into<String>) {
        self.push_many(1, path, why);
    }

    /// So many more at one place.
    pub(super) fn push_many(&mut self, count: usize, path: String, why: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push((path, why.into()));
        }
        self.count += count;
    }

    /// Whether nothing was skipped.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Reads the elements of an answer; those that had to be repaired are in `repaired`.
///
/// # Errors
///
/// `Changed` where the answer is no array, `Refused` where it is a firewall's page.
pub(super) fn elements<'a, T: Deserialize<'a>>(
    reply: &'a Reply,
    host: &str,
    repaired: &'a mut Vec<u8>,
) -> Result<Vec<Item<T>>, Failure> {
    // All is well nearly always: read it in one go, and look closely only when that fails.
    if let Ok(all) = serde_json::from_slice(without_guard(&reply.body)) {
        return Ok(all);
    }
    let failed = |error: &serde_json::Error| not_an_array(reply, host, error);
    let answer = value(&reply.body).map_err(|error| failed(&error))?;
    // Each key is in it once, and each text is one.
    *repaired = serde_json::to_vec(&answer).map_err(|error| failed(&error))?;
    serde_json::from_slice(repaired).map_err(|error| failed(&error))
}

/// An answer as a value: texts that are no UTF-8 or hold half a character are repaired, the last of
/// a doubled key counts.
pub(super) fn value(body: &[u8]) -> serde_json::Result<Value> {
    let body = without_guard(body);
    serde_json::from_slice(body)
        .or_else(|_| serde_json::from_slice(without_guard(repaired(body).as_bytes())))
}

/// Without what some servers put before JSON.
fn without_guard(body: &[u8]) -> &[u8] {
    let body = body.strip_prefix(BOM).unwrap_or(body).trim_ascii_start();
    GUARDS
        .iter()
        .find_map(|guard| body.strip_prefix(*guard))
        .map_or(body, <[u8]>::trim_ascii_start)
}

/// A text in place of bytes that are none, and U+FFFD in place of each escaped half of a character.
fn repaired(body: &[u8]) -> String {
    let text = match body {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [_, 0, ..] => utf16(body, u16::from_le_bytes),
        [0, _, ..] => utf16(body, u16::from_be_bytes),
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    let mut whole = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (kept, length) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..12], 12),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd", 6),
            _ => {
                let length = escape.chars().take(2).map(char::len_utf8).sum();
                (&escape[..length], length)
            }
        };
        whole.push_str(kept);
        rest = &escape[length..];
    }
    whole + rest
}

/// The number of an escape such as `\ud83d`.
fn unit(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// The warnings about one answer: see [`skipped`].
pub(super) fn warnings(
    endpoint: &str,
    bad: &Bad,
    read_nothing: bool,
) -> Result<Vec<String>, Failure> {
    Ok(left_out(endpoint, skipped(endpoint, bad, read_nothing)?)
        .into_iter()
        .collect())
}

/// How much of an answer was skipped. What is wrong with the first few is told with `-v`: it helps
/// only whoever looks after the portal or after us.
///
/// Where nothing at all could be read, what was skipped is an error: "nothing free" would be a lie.
pub(super) fn skipped(endpoint: &str, bad: &Bad, read_nothing: bool) -> Result<usize, Failure> {
    if read_nothing && let Some((path, got)) = bad.told.first() {
        return Err(Failure::changed(
            endpoint,
            "what is known of the portal",
            got,
            path,
        ));
    }
    for (path, why) in &bad.told {
        bad.log
            .request(|| text::line(&format!("{endpoint}: skipped `{path}`: {why}"), 240));
    }
    Ok(bad.count)
}

/// A warning that counts what was skipped, if anything was.
pub(super) fn left_out(endpoint: &str, count: usize) -> Option<String> {
    let list = match endpoint {
        SITES => "the club's sites",
        ACTIVITIES => "the club's activities",
        AVAILABILITY => "the club's slots",
        _ => "the bookings",
    };
    match count {
        0 => None,
        1 => Some(format!(
            "1 entry of {list} could not be read and is left out"
        )),
        count => Some(format!(
            "{count} entries of {list} could not be read and are left out"
        )),
    }
}

/// The JSON path of something inside an element.
pub(super) fn place(index: usize, inside: &str) -> String {
    match inside {
        "" => format!("[{index}]"),
        inside => format!("[{index}].{inside}"),
    }
}

fn not_an_array(reply: &Reply, host: &str, error: &serde_json::Error) -> Failure {
    let body = without_guard(&reply.body);
    if is_firewall(body) {
        return Failure::Refused {
            host: host.to_owned(),
            by: Refuser::Firewall,
            times: 1,
            retry_at: None,
        };
    }
    let got = match body.first() {
        None => "an empty answer".to_owned(),
        Some(b'<') => "an HTML page".to_owned(),
        Some(b'{') => match value(body) {
            Ok(Value::Object(map)) => match map.iter().find(|(_, value)| value.is_array()) {
                Some((key, _)) => format!("an object with a list in `{key}`"),
                None => "an object".to_owned(),
            },
            _ if is_one_after_the_other(body) => "objects one after the other (NDJSON)".to_owned(),
            _ => format!("an object that breaks off or is no JSON ({error})"),
        },
        Some(b'[') => format!("an array that breaks off or is no JSON ({error})"),
        Some(_) => "something that is not an array".to_owned(),
    };
    Failure::changed(&reply.endpoint, "a JSON array", &got, "")
}

/// Whether a second JSON value follows the first.
fn is_one_after_the_other(body: &[u8]) -> bool {
    serde_json::Deserializer::from_slice(body)
        .into_iter::<IgnoredAny>()
        .take(2)
        .flatten()
        .count()
        == 2
}

/// A string; also a number, as ids of some clubs are digits, and a flag as `true` or `false`.
/// Anything else, `null` included, is the empty string.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    /// As one printable line of the length of a name.
    pub(super) fn clean(&self) -> String {
        text::line(&self.0, text::NAME)
    }

    /// As a flag, which some servers write as text or as a number.
    pub(super) fn flag(&self) -> Option<bool> {
        let is = |words: [&str; 5]| {
            words
                .iter()
                .any(|word| self.0.trim().eq_ignore_ascii_case(word))
        };
        if is(["true", "1", "yes", "y", "on"]) {
            return Some(true);
        }
        is(["false", "0", "no", "n", "off"]).then_some(false)
    }
}

/// An object; `None` where there is something else.
pub(super) struct Item<T>(pub(super) Option<T>);

/// An array; `None` where there is something else, or nothing.
pub(super) struct List<T>(pub(super) Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// Visits what is neither an array nor an object.
macro_rules! visit_other {
    ($($visit:ident $kind:ty),*; $other:expr) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok($other)
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }
    };
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            visit_other!(; Text::default());

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(if flag { "true" } else { "false" })))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text<'de>, A::Error> {
                IgnoredAny.visit_seq(seq).map(|_| Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text<'de>, A::Error> {
                IgnoredAny.visit_map(map).map(|_| Text::default())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = Item<T>;

            visit_other!(visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str; Item(None));

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Item<T>, A::Error> {
                IgnoredAny.visit_seq(seq).map(|_| Item(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|item| Item(Some(item)))
            }
        }
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = List<T>;

            visit_other!(visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str; List(None));

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(List(Some(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                IgnoredAny.visit_map(map).map(|_| List(None))
            }
        }
        deserializer.deserialize_any(Visitor(PhantomData))
    }
}
