//! Reading the portal's JSON arrays: a bad element is skipped and told, anything but an array is an error.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::{
    catalogue::{ACTIVITIES, SITES},
    failure::{Failure, Refuser},
    position, sessions,
    transport::{Reply, is_firewall},
};
use crate::{log::Log, text};

/// How many of those that were skipped are told one by one.
const TOLD: usize = 5;

/// What was read of an answer, and what was not.
pub(super) struct Elements<T> {
    /// The elements, each with its index in the answer.
    pub(super) good: Vec<(usize, T)>,
    /// JSON path and reason of each element that was skipped.
    pub(super) bad: Bad,
}

/// What was skipped: JSON path and reason of the first few, and how many more. A whole answer may be bad.
pub(super) struct Bad {
    told: Vec<(String, String)>,
    more: usize,
    log: Log,
}

impl Bad {
    /// Nothing so far of an answer.
    pub(super) fn of(reply: &Reply) -> Self {
        Self { told: Vec::new(), more: 0, log: reply.log }
    }

    /// One more.
    pub(super) fn push(&mut self, path: String, why: impl Into<String>) {
        if self.told.len() < TOLD {
            self.told.push((path, why.into()));
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing was skipped.
    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }
}

/// Reads the elements of an answer.
pub(super) fn elements<'a, T: Deserialize<'a>>(reply: &'a Reply, host: &str) -> Result<Elements<T>, Failure> {
    // All is well nearly always: read it in one go, and look closely only when that fails.
    if let Ok(all) = serde_json::from_slice::<Vec<T>>(&reply.body) {
        return Ok(Elements { good: all.into_iter().enumerate().collect(), bad: Bad::of(reply) });
    }
    let raw: Vec<&RawValue> = serde_json::from_slice(&reply.body).map_err(|error| not_an_array(reply, host, &error))?;
    let mut elements = Elements { good: Vec::new(), bad: Bad::of(reply) };
    for (index, raw) in raw.iter().enumerate() {
        match serde_json::from_str(raw.get()) {
            Ok(element) => elements.good.push((index, element)),
            Err(error) => elements.bad.push(place(index, &position::path(raw.get(), &error)), reason(&error)),
        }
    }
    Ok(elements)
}

/// The warnings about one answer: see [`skipped`].
pub(super) fn warnings(endpoint: &str, bad: &Bad, read_nothing: bool) -> Result<Vec<String>, Failure> {
    Ok(left_out(endpoint, skipped(endpoint, bad, read_nothing)?).into_iter().collect())
}

/// How much of an answer was skipped. What is wrong with the first few is told with `-v`: it helps only whoever looks after
/// the portal or after us.
///
/// Where nothing at all could be read, what was skipped is an error: "nothing free" would be a lie.
pub(super) fn skipped(endpoint: &str, bad: &Bad, read_nothing: bool) -> Result<usize, Failure> {
    if read_nothing && let Some((path, got)) = bad.told.first() {
        return Err(Failure::changed(endpoint, "what is known of the portal", got, path));
    }
    for (path, why) in &bad.told {
        bad.log.request(|| text::line(&format!("{endpoint}: skipped `{path}`: {why}"), 240));
    }
    Ok(bad.told.len() + bad.more)
}

/// A warning that counts what was skipped, if anything was.
pub(super) fn left_out(endpoint: &str, count: usize) -> Option<String> {
    let list = match endpoint {
        SITES => "the club's sites",
        ACTIVITIES => "the club's activities",
        sessions::ENDPOINT => "the club's slots",
        _ => "the bookings",
    };
    match count {
        0 => None,
        1 => Some(format!("1 entry of {list} could not be read and is left out")),
        count => Some(format!("{count} entries of {list} could not be read and are left out")),
    }
}

/// The reader's words, without those that mean something only in our source.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    text.split_once("expected struct ").map_or_else(|| text.to_owned(), |(text, _)| format!("{text}expected an object"))
}

/// The JSON path of something inside an element.
pub(super) fn place(index: usize, inside: &str) -> String {
    match inside {
        "" => format!("[{index}]"),
        inside => format!("[{index}].{inside}"),
    }
}

fn not_an_array(reply: &Reply, host: &str, error: &serde_json::Error) -> Failure {
    let body = reply.body.trim_ascii_start();
    if is_firewall(body) {
        return Failure::Refused { host: host.to_owned(), by: Refuser::Firewall, times: 1, retry_at: None };
    }
    let got = match body.first() {
        None => "an empty answer".to_owned(),
        Some(b'<') => "an HTML page".to_owned(),
        Some(b'{') if serde_json::from_slice::<de::IgnoredAny>(body).is_ok() => "an object".to_owned(),
        Some(b'[') => format!("an array that breaks off or is no JSON ({error})"),
        Some(_) => "something that is not an array".to_owned(),
    };
    Failure::changed(&reply.endpoint, "a JSON array", &got, "")
}

/// A string; also a number, as ids of some clubs are digits, and `null` as the empty string.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    /// As one printable line of the length of a name.
    pub(super) fn clean(&self) -> String {
        text::line(&self.0, text::NAME)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
