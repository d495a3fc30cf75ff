//! Expressions in pieces.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword or a function.
    Word(String),
    /// `#name`
    Name(String),
    /// `:value`
    Value(String),
    /// The index of a list.
    Number(String),
    /// Brackets, operators, the comma and the dot.
    Sign(&'static str),
}

impl Token {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Name(text) | Self::Value(text) | Self::Number(text) => text,
            Self::Sign(sign) => sign,
        }
    }
}

/// The longer ones first.
const SIGNS: [&str; 14] = [
    "<>", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-",
];

pub(super) fn split(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let token = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Token::Sign(sign)
        } else {
            let start = usize::from(matches!(first, '#' | ':'));
            let end = rest[start..]
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .map_or(rest.len(), |end| end + start);
            let word = rest[..end].to_owned();
            match first {
                '#' if end > 1 => Token::Name(word),
                ':' if end > 1 => Token::Value(word),
                digit
                    if digit.is_ascii_digit() && word.bytes().all(|byte| byte.is_ascii_digit()) =>
                {
                    Token::Number(word)
                }
                letter if letter.is_ascii_alphabetic() => Token::Word(word),
                _ => {
                    return Err(format!(
                        "Syntax error; token: \"{first}\", near: \"{rest}\""
                    ));
                }
            }
        };
        rest = rest[token.text().len()..].trim_start();
        tokens.push(token);
    }
    Ok(tokens)
}
