//! Document paths: `a.b[0]`.

use std::fmt;

use crate::dynamodb::value::{Item, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

/// A path from an item's attribute into what is in it. The first step is a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(super) Vec<Step>);

/// A path that leads through something that is not there, or is no document.
pub(crate) const WRONG_PATH: &str =
    "The document path provided in the update expression is invalid for update";

impl Path {
    /// The name of the attribute that it begins at.
    pub(crate) fn attribute(&self) -> &str {
        match self.0.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }

    pub(crate) fn is_attribute(&self) -> bool {
        self.0.len() == 1
    }

    /// True where one of two paths leads to, or through, the end of the other.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, two)| one == two)
    }

    /// True where two paths take what stands at one place for a list and for a map.
    pub(crate) fn conflicts(&self, other: &Self) -> bool {
        let first = self.0.iter().zip(&other.0).find(|(one, two)| one != two);
        matches!(
            first,
            Some((Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_)))
        )
    }

    pub(crate) fn find<'a>(&self, item: &'a Item) -> Option<&'a Value> {
        let value = item.get(self.attribute())?;
        self.0[1..].iter().try_fold(value, step_into)
    }

    /// Puts a value at the path's end; the way there must exist.
    pub(crate) fn set(&self, item: &mut Item, value: Value) -> Result<(), &'static str> {
        let Some((last, _)) = self.0[1..].split_last() else {
            item.insert(self.attribute().to_owned(), value);
            return Ok(());
        };
        match (self.find_parent(item).ok_or(WRONG_PATH)?, last) {
            (Value::M(fields), Step::Name(name)) => {
                fields.insert(name.clone(), value);
            }
            (Value::L(values), Step::Index(index)) => match values.get_mut(*index) {
                Some(place) => *place = value,
                // Beyond the end is at the end.
                None => values.push(value),
            },
            _ => return Err(WRONG_PATH),
        }
        Ok(())
    }

    /// Takes away what is at the path's end; it may be missing, the way there must exist.
    pub(crate) fn remove(&self, item: &mut Item) -> Result<(), &'static str> {
        let Some((last, _)) = self.0[1..].split_last() else {
            item.remove(self.attribute());
            return Ok(());
        };
        match (self.find_parent(item).ok_or(WRONG_PATH)?, last) {
            (Value::M(fields), Step::Name(name)) => {
                fields.remove(name);
            }
            (Value::L(values), Step::Index(index)) => {
                if *index < values.len() {
                    values.remove(*index);
                }
            }
            _ => return Err(WRONG_PATH),
        }
        Ok(())
    }

    fn find_parent<'a>(&self, item: &'a mut Item) -> Option<&'a mut Value> {
        let value = item.get_mut(self.attribute())?;
        let way = &self.0[1..self.0.len() - 1];
        way.iter()
            .try_fold(value, |value, step| match (value, step) {
                (Value::M(fields), Step::Name(name)) => fields.get_mut(name),
                (Value::L(values), Step::Index(index)) => values.get_mut(*index),
                _ => None,
            })
    }

    /// The place of a list's element at the path's end: later ones are removed first.
    pub(crate) fn last_index(&self) -> usize {
        match self.0.last() {
            Some(Step::Index(index)) => *index,
            _ => 0,
        }
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

fn step_into<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match (value, step) {
        (Value::M(fields), Step::Name(name)) => fields.get(name),
        (Value::L(values), Step::Index(index)) => values.get(*index),
        _ => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.0.iter().map(|step| match step {
            Step::Name(name) => name.clone(),
            Step::Index(index) => format!("[{index}]"),
        });
        write!(f, "[{}]", steps.collect::<Vec<_>>().join(", "))
    }
}
