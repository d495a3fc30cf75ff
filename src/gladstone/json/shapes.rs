//! Shapes of single values: whatever else stands in their place is no error.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, value::MapAccessDeserializer},
};

use crate::text;

/// A string; also a number, as ids of some clubs are digits, and a flag as `true` or `false`.
/// Anything else, `null` included, is the empty string.
#[derive(Debug, Default, Clone)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Text<'_> {
    /// Returns one printable line of the length of a name.
    pub(crate) fn clean_name(&self) -> String {
        text::line(&self.0, text::NAME)
    }

    /// Returns a flag, which some servers write as text or as a number.
    pub(crate) fn as_flag(&self) -> Option<bool> {
        // One for each slot of a large answer: no copy.
        let is_one_of = |words: &[&str]| {
            let text = self.0.trim();
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        };
        if is_one_of(&["true", "1", "yes", "y", "on"]) {
            return Some(true);
        }
        is_one_of(&["false", "0", "no", "n", "off"]).then_some(false)
    }
}

/// An object; `None` where there is something else.
pub(crate) struct Item<T>(pub(crate) Option<T>);

/// An array; `None` where there is something else, or nothing.
pub(crate) struct List<T>(pub(crate) Option<Vec<T>>);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_of_whatever_stands_there() {
        let read = |json: &str| {
            serde_json::from_str::<Text<'_>>(json)
                .unwrap()
                .0
                .into_owned()
        };
        for (json, text) in [
            ("\"a\"", "a"),
            ("\"a\\u0062\"", "ab"),
            ("7", "7"),
            ("-7", "-7"),
            ("7.5", "7.5"),
            ("true", "true"),
            ("false", "false"),
            ("null", ""),
            ("[1,[2]]", ""),
            ("{\"a\":{\"b\":1}}", ""),
        ] {
            assert_eq!(read(json), text, "{json}");
            // Whatever was skipped is skipped whole.
            let texts = format!("[{json},\"z\"]");
            let list: List<Text<'_>> = serde_json::from_str(&texts).unwrap();
            assert_eq!(list.0.unwrap().last().unwrap().0, "z", "{json}");
            let lists = format!("[{json},[\"z\"]]");
            let outer: List<List<Text<'_>>> = serde_json::from_str(&lists).unwrap();
            let inner: Vec<bool> = outer
                .0
                .unwrap()
                .iter()
                .map(|list| list.0.is_some())
                .collect();
            assert_eq!(inner, [json.starts_with('['), true], "{json}");
            let outer: List<Item<std::collections::BTreeMap<String, IgnoredAny>>> =
                serde_json::from_str(&format!("[{json},{{}}]")).unwrap();
            let inner: Vec<bool> = outer
                .0
                .unwrap()
                .iter()
                .map(|item| item.0.is_some())
                .collect();
            assert_eq!(inner, [json.starts_with('{'), true], "{json}");
        }
    }
}
