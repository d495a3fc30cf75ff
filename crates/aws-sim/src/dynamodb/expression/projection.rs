//! Projections: the parts of an item that are wanted.

use super::{
    parser::Parser,
    path::{Path, Step},
};
use crate::dynamodb::value::{Item, Value};

#[derive(Debug)]
pub(crate) struct Projection(Vec<Path>);

impl Projection {
    pub(super) fn new(paths: impl IntoIterator<Item = Path>) -> Self {
        Self(paths.into_iter().collect())
    }

    pub(crate) fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        let paths = parser.expect_list(Parser::expect_path)?;
        for (number, one) in paths.iter().enumerate() {
            for two in &paths[..number] {
                if one.overlaps(two) {
                    return Err(format!(
                        "Two document paths overlap with each other; must remove or rewrite one \
                         of these paths; path one: {two}, path two: {one}"
                    ));
                }
            }
        }
        Ok(Self(paths))
    }

    pub(crate) fn apply(&self, item: &Item) -> Item {
        let mut kept = Item::new();
        for path in &self.0 {
            if let Some(value) = path.find(item) {
                let inner = wrap(&path.steps()[1..], value.clone());
                match kept.remove(path.attribute()) {
                    None => kept.insert(path.attribute().to_owned(), inner),
                    Some(before) => kept.insert(path.attribute().to_owned(), merge(before, inner)),
                };
            }
        }
        kept
    }
}

/// The value within the documents that the steps lead through.
fn wrap(steps: &[Step], value: Value) -> Value {
    match steps.split_first() {
        None => value,
        Some((Step::Name(name), rest)) => Value::M([(name.clone(), wrap(rest, value))].into()),
        Some((Step::Index(_), rest)) => Value::L(vec![wrap(rest, value)]),
    }
}

fn merge(one: Value, two: Value) -> Value {
    match (one, two) {
        (Value::M(mut one), Value::M(two)) => {
            for (name, value) in two {
                let value = match one.remove(&name) {
                    Some(before) => merge(before, value),
                    None => value,
                };
                one.insert(name, value);
            }
            Value::M(one)
        }
        (Value::L(mut one), Value::L(two)) => {
            one.extend(two);
            Value::L(one)
        }
        (_, two) => two,
    }
}
