//! Expressions: conditions, updates, projections, key conditions. Placeholders are put in while an
//! expression is read; which of them were used is checked once all of a request's are read.

mod condition;
mod parser;
mod path;
mod projection;
mod reserved;
mod tokens;
mod update;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

pub(crate) use condition::{Comparison, Condition, Operand};
pub(crate) use path::Path;
pub(crate) use projection::Projection;
pub(crate) use update::Update;

use super::{input::Input, value::Value};
use crate::answer::Refusal;

/// The placeholders of a request.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl Placeholders {
    /// Reads `ExpressionAttributeNames` and `ExpressionAttributeValues`.
    pub(crate) fn read(input: &Input<'_>) -> Result<Self, Refusal> {
        let mut placeholders = Self::default();
        for (name, stands_for) in input.map("ExpressionAttributeNames")? {
            check_form("ExpressionAttributeNames", name, '#')?;
            let stands_for = stands_for
                .as_str()
                .ok_or_else(|| super::value::wrong_json("a string"))?;
            placeholders
                .names
                .insert(name.clone(), stands_for.to_owned());
        }
        for (name, value) in input.map("ExpressionAttributeValues")? {
            check_form("ExpressionAttributeValues", name, ':')?;
            placeholders
                .values
                .insert(name.clone(), Value::parse(value)?);
        }
        Ok(placeholders)
    }

    fn name(&self, placeholder: &str) -> Result<&str, String> {
        self.used.borrow_mut().insert(placeholder.to_owned());
        let name = self.names.get(placeholder).map(String::as_str);
        name.ok_or_else(|| {
            format!(
                "An expression attribute name used in the document path is not defined; \
                 attribute name: {placeholder}"
            )
        })
    }

    fn value(&self, placeholder: &str) -> Result<Value, String> {
        self.used.borrow_mut().insert(placeholder.to_owned());
        let value = self.values.get(placeholder).cloned();
        value.ok_or_else(|| {
            format!(
                "An expression attribute value used in expression is not defined; attribute \
                 value: {placeholder}"
            )
        })
    }

    /// Fails when a placeholder stands in no expression, once all were read.
    pub(crate) fn check_used(&self) -> Result<(), Refusal> {
        let used = self.used.borrow();
        for (field, names) in [
            (
                "ExpressionAttributeNames",
                self.names.keys().collect::<Vec<_>>(),
            ),
            ("ExpressionAttributeValues", self.values.keys().collect()),
        ] {
            let unused: Vec<&str> = names
                .into_iter()
                .filter(|name| !used.contains(*name))
                .map(String::as_str)
                .collect();
            if !unused.is_empty() {
                return Err(Refusal::validation(&format!(
                    "Value provided in {field} unused in expressions: keys: {{{}}}",
                    unused.join(", ")
                )));
            }
        }
        Ok(())
    }
}

/// Reads an expression of a request, if it has one. The sentence of a mistake names the field.
pub(crate) fn read_expression<T>(
    input: &Input<'_>,
    field: &str,
    placeholders: &Placeholders,
    read: impl FnOnce(&mut parser::Parser<'_>) -> Result<T, String>,
) -> Result<Option<T>, Refusal> {
    let Some(text) = input.text(field)? else {
        return Ok(None);
    };
    let wrong = |message: String| Refusal::validation(&format!("Invalid {field}: {message}"));
    if text.is_empty() {
        return Err(wrong("The expression can not be empty;".to_owned()));
    }
    let tokens = tokens::split(text).map_err(wrong)?;
    let mut parser = parser::Parser::new(&tokens, placeholders);
    let value = read(&mut parser).map_err(wrong)?;
    parser.expect_end().map_err(wrong)?;
    Ok(Some(value))
}

fn check_form(field: &str, name: &str, sign: char) -> Result<(), Refusal> {
    let rest = name.strip_prefix(sign).unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !rest.is_empty() && rest.bytes().all(fits) {
        return Ok(());
    }
    Err(Refusal::validation(&format!(
        "{field} contains invalid key: Syntax error; key: \"{name}\""
    )))
}
