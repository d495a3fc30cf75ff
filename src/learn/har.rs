//! A browser's capture (HAR 1.1 and 1.2) as JSON, read entry by entry: captures have hundreds of
//! megabytes. Lenient: a value of another type than HAR says reads as empty.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use reqwest::Url;
use serde::{
    Deserialize as _,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::LearnError;

/// The text of a capture.
pub struct Capture(String);

impl Capture {
    /// Takes the bytes of a file over. What is no UTF-8 becomes `?`, in place: a second copy would
    /// be as large.
    ///
    /// # Errors
    ///
    /// [`LearnError::Packed`] where the bytes are a known format that holds a capture.
    pub fn new(mut bytes: Vec<u8>) -> Result<Self, LearnError> {
        let packed: [(&[u8], &str); 5] = [
            (b"\x1f\x8b", "is packed with gzip"),
            (b"PK\x03\x04", "is a zip"),
            (b"\x28\xb5\x2f\xfd", "is packed with zstd"),
            (b"\xff\xfe", "is UTF-16 text"),
            (b"\xfe\xff", "is UTF-16 text"),
        ];
        if let Some((_, what)) = packed.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(LearnError::Packed(what));
        }
        let mut from = 0;
        while let Err(error) = std::str::from_utf8(&bytes[from..]) {
            let at = from + error.valid_up_to();
            bytes[at] = b'?';
            from = at;
        }
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| LearnError::NotHar)
    }

    /// Tells whether a file that begins with `start` may be a capture.
    #[must_use]
    pub fn may_begin(start: &[u8]) -> bool {
        let text = start
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(start)
            .trim_ascii_start();
        text.starts_with(b"{")
    }

    /// Calls `take` with each entry that has an address.
    pub(super) fn for_each_entry(
        &self,
        mut take: impl FnMut(&Fields<'_>, Url),
    ) -> Result<(), LearnError> {
        let mut found = false;
        let mut json = serde_json::Deserializer::from_str(self.0.trim_start_matches('\u{feff}'));
        let outcome = json.deserialize_map(EntryVisitor {
            keys: &["log", "entries"],
            found: &mut found,
            each: &mut |raw: &RawValue| {
                let entry = parse_fields(Some(raw));
                let request = parse_fields(entry.get("request").copied());
                match Url::parse(&parse_text(request.get("url").copied())) {
                    Ok(url) if matches!(url.scheme(), "http" | "https" | "ws" | "wss") => {
                        take(&entry, url);
                    }
                    _ => {}
                }
            },
        });
        match outcome.and_then(|()| json.end()) {
            Ok(()) if found => Ok(()),
            Err(error) if error.is_eof() && found => Err(LearnError::CutOff),
            _ => Err(LearnError::NotHar),
        }
    }

    /// The hosts of the capture, in the order of the alphabet.
    ///
    /// # Errors
    ///
    /// [`LearnError::NotHar`]
    pub fn hosts(&self) -> Result<Vec<String>, LearnError> {
        let mut hosts = std::collections::BTreeSet::new();
        self.for_each_entry(|_, url| hosts.extend(url.host_str().map(str::to_lowercase)))?;
        Ok(hosts.into_iter().collect())
    }
}

/// Walks down the keys of nested objects to a list, whose items it hands on one by one.
struct EntryVisitor<'a, F> {
    keys: &'a [&'a str],
    found: &'a mut bool,
    each: &'a mut F,
}

impl<'de, F: FnMut(&RawValue)> DeserializeSeed<'de> for EntryVisitor<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.keys.is_empty() {
            json.deserialize_seq(self)
        } else {
            json.deserialize_map(self)
        }
    }
}

impl<'de, F: FnMut(&RawValue)> Visitor<'de> for EntryVisitor<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a capture")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match self.keys {
                [wanted, rest @ ..] if key == *wanted => {
                    map.next_value_seed(EntryVisitor {
                        keys: rest,
                        found: self.found,
                        each: self.each,
                    })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        *self.found = true;
        while let Some(item) = items.next_element::<&RawValue>()? {
            (self.each)(item);
        }
        Ok(())
    }
}

/// The fields of a JSON object; none where it is something else.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

pub(super) fn parse_fields(raw: Option<&RawValue>) -> Fields<'_> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// A JSON string; empty where it is something else. Lone surrogates, as captures have them, become
/// `\u{fffd}`.
pub(super) fn parse_text(raw: Option<&RawValue>) -> String {
    let Some(raw) = raw.map(RawValue::get).filter(|raw| raw.starts_with('"')) else {
        return String::new();
    };
    serde_json::from_str(raw).unwrap_or_else(|_| {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = String;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
        }
        serde_json::Deserializer::from_str(raw)
            .deserialize_bytes(Bytes)
            .unwrap_or_default()
    })
}

pub(super) fn parse_number(raw: Option<&RawValue>) -> Option<i64> {
    let raw = raw?.get().trim_matches('"');
    raw.parse()
        .ok()
        .or_else(|| raw.split('.').next()?.parse().ok())
}

/// Names and values of a list; a few exporters write an object instead.
pub(super) fn parse_pairs(raw: Option<&RawValue>) -> Vec<(String, String)> {
    let Some(raw) = raw else { return Vec::new() };
    if raw.get().starts_with('{') {
        let pairs = parse_fields(Some(raw))
            .into_iter()
            .map(|(name, value)| (name.into_owned(), parse_text(Some(value))));
        return pairs.collect();
    }
    let list = Vec::<&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
        .unwrap_or_default();
    list.iter()
        .map(|item| {
            let fields = parse_fields(Some(item));
            ["name", "value"]
                .map(|name| parse_text(fields.get(name).copied()))
                .into()
        })
        .filter(|(name, _): &(String, String)| !name.is_empty())
        .collect()
}
