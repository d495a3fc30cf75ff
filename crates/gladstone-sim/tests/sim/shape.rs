//! The shape of an answer: keys, their order and their types, as a captured response has them.

use std::fmt;

use gladstone_sim::Club;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

use crate::http::{SESSIONS, visit};

/// The keys and types of captured responses of January 2025 and September 2026, none of their
/// values.
const CAPTURED: [&str; 2] = [include_str!("shape.json"), include_str!("shape-2026.json")];

/// JSON as far as its shape goes, keys in their order.
#[derive(Debug, PartialEq)]
enum Shape {
    Null,
    Bool,
    Number,
    Text,
    Array(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

impl Shape {
    /// Checks that it has all that a captured shape has, in that order; it may have more keys.
    fn covers(&self, captured: &Self, path: &str) {
        match (self, captured) {
            (Self::Array(ours), Self::Array(theirs)) => {
                for theirs in theirs {
                    ours.iter()
                        .for_each(|ours| ours.covers(theirs, &format!("{path}[]")));
                }
            }
            (Self::Object(ours), Self::Object(theirs)) => {
                let mut rest = ours.iter();
                for (key, theirs) in theirs {
                    let path = format!("{path}.{key}");
                    let (_, ours) = rest
                        .find(|(known, _)| known == key)
                        .unwrap_or_else(|| panic!("no {path}"));
                    ours.covers(theirs, &path);
                }
            }
            _ => assert_eq!(self, captured, "{path}"),
        }
    }
}

#[test]
fn an_answer_has_the_shape_of_a_captured_one() {
    let club = Club::builder().now("2026-11-23T09:00:00Z").start();
    let answer = visit(
        &club,
        &format!("{SESSIONS}?activityIds=PADEL30,PADEL90,014A300001"),
    );
    for captured in CAPTURED {
        let captured: Shape = serde_json::from_str(captured).unwrap();
        serde_json::from_slice::<Shape>(&answer.body)
            .unwrap()
            .covers(&captured, "$");
    }
    let reference = &answer.json()[0]["locations"][0]["slots"][0]["slotReferences"]["inCentre"];
    assert_eq!(
        reference.as_str().unwrap(),
        "{\"BookingId\":0,\"ActivityId\":\"PADEL30\",\"StartDateTime\":\"2026-11-23T09:00:00Z\",\
         \"ResourceIds\":[\"PC1\"],\"InCentre\":true,\"Virtual\":false}"
    );
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Bool)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Shape::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Shape::Object(entries))
    }
}
