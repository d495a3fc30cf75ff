//! Conditions and filters: comparisons and functions, with `AND`, `OR` and `NOT`.

use std::cmp::Ordering;

use super::{parser::Parser, path::Path, tokens::Token};
use crate::dynamodb::value::{Item, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
pub(crate) enum Operand {
    Path(Path),
    Value(Value),
    Size(Path),
}

#[derive(Debug)]
pub(crate) enum Condition {
    Compare(Operand, Comparison, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(Path),
    NotExists(Path),
    HasType(Operand, String),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

/// The names of types for `attribute_type`.
const TYPES: [&str; 10] = ["S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"];

impl Condition {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        let mut condition = Self::parse_all(parser)?;
        while parser.take_word("OR") {
            condition = Self::Or(condition.into(), Self::parse_all(parser)?.into());
        }
        Ok(condition)
    }

    fn parse_all(parser: &mut Parser<'_>) -> Result<Self, String> {
        let mut condition = Self::parse_negation(parser)?;
        while parser.take_word("AND") {
            condition = Self::And(condition.into(), Self::parse_negation(parser)?.into());
        }
        Ok(condition)
    }

    fn parse_negation(parser: &mut Parser<'_>) -> Result<Self, String> {
        if parser.take_word("NOT") {
            return Ok(Self::Not(Self::parse_negation(parser)?.into()));
        }
        if parser.take_sign("(") {
            let condition = Self::parse(parser)?;
            parser.expect_sign(")")?;
            return Ok(condition);
        }
        Self::parse_one(parser)
    }

    fn parse_one(parser: &mut Parser<'_>) -> Result<Self, String> {
        if is_before_function(parser, "size") {
            return Self::parse_comparison(parser);
        }
        let Some(function) = parser.take_function() else {
            return Self::parse_comparison(parser);
        };
        let arguments = parser.expect_list(Operand::parse)?;
        parser.expect_sign(")")?;
        Self::from_function(function, arguments)
    }

    fn from_function(name: &str, arguments: Vec<Operand>) -> Result<Self, String> {
        let count = arguments.len();
        let wanted = match name {
            "attribute_exists" | "attribute_not_exists" => 1,
            "attribute_type" | "begins_with" | "contains" => 2,
            "if_not_exists" | "list_append" => {
                return Err(format!(
                    "The function is not allowed in a condition expression; function: {name}"
                ));
            }
            _ => return Err(format!("Invalid function name; function: {name}")),
        };
        if count != wanted {
            return Err(format!(
                "Incorrect number of operands for operator or function; operator or function: \
                 {name}, number of operands: {count}"
            ));
        }
        let mut arguments = arguments.into_iter();
        let wrong_type = |kind: &str| {
            format!(
                "Incorrect operand type for operator or function; operator or function: {name}, \
                 operand type: {kind}"
            )
        };
        let no_path = || {
            format!("Operator or function requires a document path; operator or function: {name}")
        };
        Ok(match (name, arguments.next(), arguments.next()) {
            ("attribute_exists", Some(Operand::Path(path)), _) => Self::Exists(path),
            ("attribute_not_exists", Some(Operand::Path(path)), _) => Self::NotExists(path),
            ("attribute_exists" | "attribute_not_exists", ..) => return Err(no_path()),
            ("attribute_type", Some(operand), Some(Operand::Value(Value::S(kind)))) => {
                if !TYPES.contains(&kind.as_str()) {
                    return Err(format!(
                        "Invalid attribute type name found; type: {kind}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                    ));
                }
                Self::HasType(operand, kind)
            }
            ("begins_with", Some(operand), Some(prefix)) => {
                for operand in [&operand, &prefix] {
                    if let Operand::Value(value) = operand
                        && !matches!(value, Value::S(_) | Value::B(_))
                    {
                        return Err(wrong_type(value.kind()));
                    }
                }
                Self::BeginsWith(operand, prefix)
            }
            ("contains", Some(operand), Some(part)) => Self::Contains(operand, part),
            (_, _, Some(Operand::Value(value))) => return Err(wrong_type(value.kind())),
            _ => return Err(no_path()),
        })
    }

    fn parse_comparison(parser: &mut Parser<'_>) -> Result<Self, String> {
        let left = Operand::parse(parser)?;
        if parser.take_word("BETWEEN") {
            let low = Operand::parse(parser)?;
            if !parser.take_word("AND") {
                return Err(parser.syntax_error());
            }
            let high = Operand::parse(parser)?;
            if let (Operand::Value(low), Operand::Value(high)) = (&low, &high)
                && low.compare(high) == Some(Ordering::Greater)
            {
                return Err(
                    "The BETWEEN operator requires upper bound to be greater than or \
                            equal to lower bound"
                        .to_owned(),
                );
            }
            return Ok(Self::Between(left, low, high));
        }
        if parser.take_word("IN") {
            parser.expect_sign("(")?;
            let values = parser.expect_list(Operand::parse)?;
            parser.expect_sign(")")?;
            return Ok(Self::In(left, values));
        }
        let comparison = Comparison::parse(parser)?;
        let right = Operand::parse(parser)?;
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        for operand in [&left, &right] {
            if let Operand::Value(value) = operand
                && ordered
                && value.compare(value).is_none()
            {
                return Err(format!(
                    "Incorrect operand type for operator or function; operator: {}, operand type: \
                     {}",
                    comparison.sign(),
                    value.kind()
                ));
            }
        }
        Ok(Self::Compare(left, comparison, right))
    }

    /// The paths that it looks at.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        let operands: Vec<&Operand> = match self {
            Self::Exists(path) | Self::NotExists(path) => return vec![path],
            Self::And(one, two) | Self::Or(one, two) => {
                return [one.paths(), two.paths()].concat();
            }
            Self::Not(one) => return one.paths(),
            Self::HasType(operand, _) => vec![operand],
            Self::Compare(one, _, two) | Self::BeginsWith(one, two) | Self::Contains(one, two) => {
                vec![one, two]
            }
            Self::Between(operand, low, high) => vec![operand, low, high],
            Self::In(operand, values) => std::iter::once(operand).chain(values).collect(),
        };
        let paths = operands.into_iter().filter_map(|operand| match operand {
            Operand::Path(path) | Operand::Size(path) => Some(path),
            Operand::Value(_) => None,
        });
        paths.collect()
    }

    /// True where it holds for an item; for a missing one that is `None`.
    pub(crate) fn holds(&self, item: Option<&Item>) -> bool {
        let empty = Item::new();
        self.holds_in(item.unwrap_or(&empty))
    }

    fn holds_in(&self, item: &Item) -> bool {
        match self {
            Self::Compare(left, comparison, right) => {
                match (left.evaluate(item), right.evaluate(item)) {
                    (Some(left), Some(right)) => comparison.holds(&left, &right),
                    // What is missing is unequal to everything.
                    _ => *comparison == Comparison::NotEqual,
                }
            }
            Self::Between(operand, low, high) => {
                let bounds = (low.evaluate(item), high.evaluate(item));
                let (Some(value), (Some(low), Some(high))) = (operand.evaluate(item), bounds)
                else {
                    return false;
                };
                Comparison::GreaterOrEqual.holds(&value, &low)
                    && Comparison::LessOrEqual.holds(&value, &high)
            }
            Self::In(operand, values) => operand.evaluate(item).is_some_and(|value| {
                let mut values = values.iter().filter_map(|one| one.evaluate(item));
                values.any(|one| one == value)
            }),
            Self::Exists(path) => path.find(item).is_some(),
            Self::NotExists(path) => path.find(item).is_none(),
            Self::HasType(operand, kind) => operand
                .evaluate(item)
                .is_some_and(|value| value.kind() == kind),
            Self::BeginsWith(operand, prefix) => {
                match (operand.evaluate(item), prefix.evaluate(item)) {
                    (Some(Value::S(text)), Some(Value::S(prefix))) => text.starts_with(&prefix),
                    (Some(Value::B(bytes)), Some(Value::B(prefix))) => bytes.starts_with(&prefix),
                    _ => false,
                }
            }
            Self::Contains(operand, part) => match (operand.evaluate(item), part.evaluate(item)) {
                (Some(whole), Some(part)) => contains(&whole, &part),
                _ => false,
            },
            Self::And(one, two) => one.holds_in(item) && two.holds_in(item),
            Self::Or(one, two) => one.holds_in(item) || two.holds_in(item),
            Self::Not(one) => !one.holds_in(item),
        }
    }
}

fn is_before_function(parser: &Parser<'_>, name: &str) -> bool {
    matches!(parser.peek(), Some(Token::Word(word)) if word == name)
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::S(text), Value::S(part)) => text.contains(part.as_str()),
        (Value::B(bytes), Value::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (Value::Ss(set), Value::S(part)) => set.contains(part),
        (Value::Ns(set), Value::N(part)) => set.contains(part),
        (Value::Bs(set), Value::B(part)) => set.contains(part),
        (Value::L(values), part) => values.contains(part),
        _ => false,
    }
}

impl Operand {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        if let Some(value) = parser.take_value()? {
            return Ok(Self::Value(value));
        }
        if is_before_function(parser, "size")
            && let Some(_) = parser.take_function()
        {
            let path = parser.expect_path()?;
            parser.expect_sign(")")?;
            return Ok(Self::Size(path));
        }
        parser.expect_path().map(Self::Path)
    }

    fn evaluate(&self, item: &Item) -> Option<Value> {
        match self {
            Self::Path(path) => path.find(item).cloned(),
            Self::Value(value) => Some(value.clone()),
            Self::Size(path) => {
                let length = path.find(item)?.length()?;
                let number = crate::dynamodb::number::Number::parse(&length.to_string());
                number.ok().map(Value::N)
            }
        }
    }
}

impl Comparison {
    const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
    ];

    fn parse(parser: &mut Parser<'_>) -> Result<Self, String> {
        let next = Self::ALL
            .into_iter()
            .find(|one| parser.take_sign(one.sign()));
        next.ok_or_else(|| parser.syntax_error())
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Values of two types are unequal and have no order.
    pub(crate) fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left.compare(right) == Some(Ordering::Less),
            Self::LessOrEqual => left.compare(right).is_some_and(Ordering::is_le),
            Self::Greater => left.compare(right) == Some(Ordering::Greater),
            Self::GreaterOrEqual => left.compare(right).is_some_and(Ordering::is_ge),
        }
    }
}
