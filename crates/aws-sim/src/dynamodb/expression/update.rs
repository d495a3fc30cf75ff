//! Updates: `SET`, `REMOVE`, `ADD`, `DELETE`. All of one sees the item as it was.

use super::{
    parser::Parser,
    path::{Path, WRONG_PATH},
    projection::Projection,
};
use crate::dynamodb::value::{Item, Value};

/// An update's actions, and the attributes of the key, which none may touch.
#[derive(Debug, Default)]
pub(crate) struct Update {
    set: Vec<(Path, Expression)>,
    remove: Vec<Path>,
    add: Vec<(Path, Value)>,
    delete: Vec<(Path, Value)>,
}

#[derive(Debug)]
enum Expression {
    Operand(Operand),
    Plus(Operand, Operand),
    Minus(Operand, Operand),
}

#[derive(Debug)]
enum Operand {
    Path(Path),
    Value(Value),
    IfNotExists(Path, Box<Self>),
    ListAppend(Box<Self>, Box<Self>),
}

impl Update {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        let mut update = Self::default();
        let mut seen = Vec::new();
        while parser.peek().is_some() {
            let clauses = ["SET", "REMOVE", "ADD", "DELETE"];
            let Some(clause) = clauses.into_iter().find(|clause| parser.take_word(clause)) else {
                return Err(parser.syntax_error());
            };
            if seen.contains(&clause) {
                return Err(format!(
                    "The \"{clause}\" section can only be used once in an update expression;"
                ));
            }
            seen.push(clause);
            match clause {
                "SET" => update.set = parser.expect_list(parse_assignment)?,
                "REMOVE" => update.remove = parser.expect_list(Parser::expect_path)?,
                "ADD" => update.add = parser.expect_list(parse_addition)?,
                _ => update.delete = parser.expect_list(parse_deletion)?,
            }
        }
        update.check_paths()?;
        Ok(update)
    }

    /// The paths that it changes.
    fn paths(&self) -> impl Iterator<Item = &Path> {
        let set = self.set.iter().map(|(path, _)| path);
        let changed = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        set.chain(&self.remove).chain(changed)
    }

    fn check_paths(&self) -> Result<(), String> {
        let paths: Vec<&Path> = self.paths().collect();
        for (number, one) in paths.iter().enumerate() {
            for two in &paths[..number] {
                let fault = match (one.overlaps(two), one.conflicts(two)) {
                    (true, _) => "overlap",
                    (_, true) => "conflict",
                    _ => continue,
                };
                return Err(format!(
                    "Two document paths {fault} with each other; must remove or rewrite one of \
                     these paths; path one: {two}, path two: {one}"
                ));
            }
        }
        Ok(())
    }

    /// The names of the attributes that it changes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.paths().map(Path::attribute)
    }

    /// The parts of an item that it changes.
    pub(crate) fn changed_part(&self, item: &Item) -> Item {
        Projection::new(self.paths().cloned()).apply(item)
    }

    pub(crate) fn apply(&self, item: &mut Item) -> Result<(), String> {
        let before = item.clone();
        let values = self.set.iter().map(|(path, value)| {
            let value = value.evaluate(&before)?;
            Ok((path, value))
        });
        for (path, value) in values.collect::<Result<Vec<_>, String>>()? {
            path.set(item, value)?;
        }
        // The last of a list first, so that the others stay where they were.
        let mut remove: Vec<&Path> = self.remove.iter().collect();
        remove.sort_by_key(|path| std::cmp::Reverse(path.last_index()));
        for path in remove {
            path.remove(item)?;
        }
        for (path, value) in &self.add {
            let sum = add(path.find(&before), value)?;
            path.set(item, sum)?;
        }
        for (path, value) in &self.delete {
            match delete(path.find(&before), value)? {
                Some(rest) => path.set(item, rest)?,
                None if path.find(item).is_some() => path.remove(item)?,
                None => {}
            }
        }
        Ok(())
    }
}

fn parse_assignment(parser: &mut Parser<'_>) -> Result<(Path, Expression), String> {
    let path = parser.expect_path()?;
    parser.expect_sign("=")?;
    let left = Operand::parse(parser)?;
    let expression = if parser.take_sign("+") {
        Expression::Plus(left, Operand::parse(parser)?)
    } else if parser.take_sign("-") {
        Expression::Minus(left, Operand::parse(parser)?)
    } else {
        Expression::Operand(left)
    };
    if let Expression::Plus(left, right) | Expression::Minus(left, right) = &expression {
        let sign = if matches!(expression, Expression::Plus(..)) {
            '+'
        } else {
            '-'
        };
        for operand in [left, right] {
            if let Operand::Value(value) = operand
                && !matches!(value, Value::N(_))
            {
                return Err(wrong_type(&sign.to_string(), value));
            }
        }
    }
    Ok((path, expression))
}

fn parse_addition(parser: &mut Parser<'_>) -> Result<(Path, Value), String> {
    let (path, value) = (parser.expect_path()?, parser.expect_value()?);
    match value {
        Value::N(_) | Value::Ss(_) | Value::Ns(_) | Value::Bs(_) => Ok((path, value)),
        _ => Err(wrong_type("ADD", &value)),
    }
}

fn parse_deletion(parser: &mut Parser<'_>) -> Result<(Path, Value), String> {
    let (path, value) = (parser.expect_path()?, parser.expect_value()?);
    match value {
        Value::Ss(_) | Value::Ns(_) | Value::Bs(_) => Ok((path, value)),
        _ => Err(wrong_type("DELETE", &value)),
    }
}

fn wrong_type(operator: &str, value: &Value) -> String {
    format!(
        "Incorrect operand type for operator or function; operator: {operator}, operand type: {}",
        value.kind()
    )
}

/// The sentence for a stored attribute whose type does not fit an update.
const WRONG_STORED_TYPE: &str = "An operand in the update expression has an incorrect data type";

fn add(before: Option<&Value>, value: &Value) -> Result<Value, String> {
    match (before, value) {
        (None, value) => Ok(value.clone()),
        (Some(Value::N(one)), Value::N(two)) => one.add(two).map(Value::N),
        (Some(Value::Ss(one)), Value::Ss(two)) => Ok(Value::Ss(one | two)),
        (Some(Value::Ns(one)), Value::Ns(two)) => Ok(Value::Ns(one | two)),
        (Some(Value::Bs(one)), Value::Bs(two)) => Ok(Value::Bs(one | two)),
        _ => Err(WRONG_STORED_TYPE.to_owned()),
    }
}

/// What is left; none when that is nothing, for sets are never empty.
fn delete(before: Option<&Value>, value: &Value) -> Result<Option<Value>, String> {
    let rest = match (before, value) {
        (None, _) => return Ok(None),
        (Some(Value::Ss(one)), Value::Ss(two)) => Value::Ss(one - two),
        (Some(Value::Ns(one)), Value::Ns(two)) => Value::Ns(one - two),
        (Some(Value::Bs(one)), Value::Bs(two)) => Value::Bs(one - two),
        _ => return Err(WRONG_STORED_TYPE.to_owned()),
    };
    Ok((rest.length() != Some(0)).then_some(rest))
}

impl Expression {
    fn evaluate(&self, item: &Item) -> Result<Value, String> {
        let (left, right, is_minus) = match self {
            Self::Operand(operand) => return operand.evaluate(item),
            Self::Plus(left, right) => (left, right, false),
            Self::Minus(left, right) => (left, right, true),
        };
        match (left.evaluate(item)?, right.evaluate(item)?) {
            (Value::N(left), Value::N(right)) => {
                let right = if is_minus { right.negate() } else { right };
                left.add(&right).map(Value::N)
            }
            _ => Err(WRONG_STORED_TYPE.to_owned()),
        }
    }
}

impl Operand {
    fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        if let Some(value) = parser.take_value()? {
            return Ok(Self::Value(value));
        }
        let Some(function) = parser.take_function() else {
            return parser.expect_path().map(Self::Path);
        };
        let operand = match function {
            "if_not_exists" => {
                let path = parser.expect_path()?;
                parser.expect_sign(",")?;
                Self::IfNotExists(path, Self::parse(parser)?.into())
            }
            "list_append" => {
                let one = Self::parse(parser)?;
                parser.expect_sign(",")?;
                Self::ListAppend(one.into(), Self::parse(parser)?.into())
            }
            _ => return Err(format!("Invalid function name; function: {function}")),
        };
        parser.expect_sign(")")?;
        Ok(operand)
    }

    fn evaluate(&self, item: &Item) -> Result<Value, String> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Path(path) => path.find(item).cloned().ok_or_else(|| {
                if path.is_attribute() {
                    "The provided expression refers to an attribute that does not exist in the item"
                } else {
                    WRONG_PATH
                }
                .to_owned()
            }),
            Self::IfNotExists(path, other) => match path.find(item) {
                Some(value) => Ok(value.clone()),
                None => other.evaluate(item),
            },
            Self::ListAppend(one, two) => match (one.evaluate(item)?, two.evaluate(item)?) {
                (Value::L(one), Value::L(two)) => Ok(Value::L([one, two].concat())),
                _ => Err(WRONG_STORED_TYPE.to_owned()),
            },
        }
    }
}
