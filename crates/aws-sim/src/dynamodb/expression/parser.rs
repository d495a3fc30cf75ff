//! What all expressions are made of: paths, values, commas, and sentences about mistakes.

use super::{
    Placeholders,
    path::{Path, Step},
    reserved::is_reserved,
    tokens::Token,
};
use crate::dynamodb::value::Value;

/// A way through the tokens of an expression.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    placeholders: &'a Placeholders,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token], placeholders: &'a Placeholders) -> Self {
        Self {
            tokens,
            at: 0,
            placeholders,
        }
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Takes a sign if it is next.
    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes a keyword, in whatever letters, if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_next =
            matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes the name of a function, if a bracket follows it.
    pub(super) fn take_function(&mut self) -> Option<&'a str> {
        match (self.peek(), self.tokens.get(self.at + 1)) {
            (Some(Token::Word(name)), Some(Token::Sign("("))) => {
                self.at += 2;
                Some(name)
            }
            _ => None,
        }
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), String> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(self.syntax_error())
    }

    pub(super) fn expect_end(&self) -> Result<(), String> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.syntax_error()),
        }
    }

    /// The sentence about the token that is next.
    pub(super) fn syntax_error(&self) -> String {
        let text = |at: usize| self.tokens.get(at).map_or("", Token::text);
        let near = (self.at.saturating_sub(1)..=self.at + 1).map(text);
        let near: Vec<&str> = near.filter(|text| !text.is_empty()).collect();
        let token = self.peek().map_or("<EOF>", Token::text);
        format!(
            "Syntax error; token: \"{token}\", near: \"{}\"",
            near.join(" ")
        )
    }

    /// Takes a value's placeholder if it is next.
    pub(super) fn take_value(&mut self) -> Result<Option<Value>, String> {
        let Some(Token::Value(placeholder)) = self.peek() else {
            return Ok(None);
        };
        self.at += 1;
        self.placeholders.value(placeholder).map(Some)
    }

    pub(super) fn expect_value(&mut self) -> Result<Value, String> {
        self.take_value()?.ok_or_else(|| self.syntax_error())
    }

    pub(super) fn expect_path(&mut self) -> Result<Path, String> {
        let mut steps = vec![self.expect_name()?];
        loop {
            if self.take_sign(".") {
                steps.push(self.expect_name()?);
            } else if self.take_sign("[") {
                let Some(Token::Number(index)) = self.peek() else {
                    return Err(self.syntax_error());
                };
                let index = index.parse().map_err(|_| self.syntax_error())?;
                self.at += 1;
                steps.push(Step::Index(index));
                self.expect_sign("]")?;
            } else {
                return Ok(Path(steps));
            }
        }
    }

    fn expect_name(&mut self) -> Result<Step, String> {
        match self.peek() {
            Some(Token::Name(placeholder)) => {
                self.at += 1;
                let name = self.placeholders.name(placeholder)?;
                Ok(Step::Name(name.to_owned()))
            }
            Some(Token::Word(name)) if is_reserved(name) => Err(format!(
                "Attribute name is a reserved keyword; reserved keyword: {name}"
            )),
            Some(Token::Word(name)) => {
                self.next();
                Ok(Step::Name(name.clone()))
            }
            _ => Err(self.syntax_error()),
        }
    }

    /// Takes one or more, with commas between.
    pub(super) fn expect_list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut all = vec![one(self)?];
        while self.take_sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }
}
