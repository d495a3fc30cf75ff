//! Text that means nothing to Markdown and to chats.

/// The signs of a chat: Markdown's, or none where a person's own message shows them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// `--format markdown`
    Markdown,
    /// `--format text`
    Plain,
}

impl Marks {
    pub(super) fn bold(self, text: &str) -> String {
        match self {
            Self::Markdown => format!("**{text}**"),
            Self::Plain => text.to_owned(),
        }
    }

    /// Begins an item of a list.
    pub(super) const fn item(self) -> &'static str {
        match self {
            Self::Markdown => "- ",
            Self::Plain => "",
        }
    }

    /// Stands around lines whose columns are to stay.
    pub(super) const fn fence(self) -> &'static str {
        match self {
            Self::Markdown => "```\n",
            Self::Plain => "",
        }
    }

    /// Our own text, and the club's name.
    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::Markdown => escape(text),
            Self::Plain => text.to_owned(),
        }
    }

    /// Text from a portal, in which nothing may become a link.
    pub(super) fn name(self, text: &str) -> String {
        self.text(&break_addresses(text))
    }

    pub(super) fn link(self, label: &str, page: &str) -> String {
        let label = self.name(label);
        match self {
            Self::Markdown => format!("[{label}]({page})"),
            Self::Plain => format!("{label} {page}"),
        }
    }
}

/// Quotes text as code, in which nothing but a backquote has a meaning.
pub(super) fn escape_code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Escapes text from a portal, in which nothing may become a link either.
pub(super) fn escape_name(text: &str) -> String {
    escape(&break_addresses(text))
}

/// Puts a space behind each dot that could be one of a host name's. Chats make links of
/// `evil.example` without any markup, and of what stands behind it; nothing but a space is both
/// read by everybody and no part of a name to all of them.
///
/// A dot that is one counts: `St. Mary's`, `No.1`, `U.K.`, `9.30am` and `1.5 h` stay as they are.
pub(super) fn break_addresses(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        broken.push(char);
        // The dots that are one in a host name.
        if matches!(
            char,
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}'
        ) {
            let (before, after) = (&text[..at], &text[at + char.len_utf8()..]);
            if ends_label(before) && (begins_domain(after) || ends_address(before, after)) {
                broken.push(' ');
            }
        }
    }
    broken
}

/// Returns whether a label of a host name may end here.
fn ends_label(text: &str) -> bool {
    let last = text.chars().next_back();
    last.is_some_and(|char| {
        !char.is_whitespace() && (!char.is_ascii_punctuation() || matches!(char, '-' | '_'))
    })
}

/// Returns whether this may be a top-level domain, or a label on the way to one: no such has one
/// letter, or begins with a digit.
fn begins_domain(text: &str) -> bool {
    text.chars()
        .take_while(|char| char.is_alphabetic())
        .nth(1)
        .is_some()
}

/// Returns whether the dot is the third of an address such as `192.0.2.1`.
fn ends_address(before: &str, after: &str) -> bool {
    let start = before
        .rfind(|char: char| !char.is_ascii_digit() && char != '.')
        .map_or(0, |at| at + 1);
    let numbers = before
        .get(start..)
        .unwrap_or_default()
        .split('.')
        .filter(|part| is_octet(part))
        .count();
    numbers >= 3 && after.starts_with(|char: char| char.is_ascii_digit())
}

fn is_octet(part: &str) -> bool {
    (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Escapes what means something to Markdown, `<!channel>` and `@name` of chats, and addresses with
/// a scheme or `www`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' if begins_entity(&text[at + 1..]) => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' | '!' => {
                escaped.push('\\');
                escaped.push(char);
            }
            '/' if escaped.ends_with(':') => escaped.push_str("\\/"),
            '.' if escaped.to_ascii_lowercase().ends_with("www")
                && !text[at + 1..].starts_with(' ') =>
            {
                escaped.push_str("\\.");
            }
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Returns whether `&` before this may be read as a character reference. All others stay as they
/// are: an agent reads the text, and no court is called `1&amp;2`.
fn begins_entity(text: &str) -> bool {
    let end = text
        .find(|char: char| !char.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    // HTML reads these without a semicolon, too.
    let is_old = |old: &&str| {
        name.get(..old.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(old))
    };
    text.starts_with('#')
        || (name.starts_with(|char: char| char.is_ascii_alphabetic()) && rest.starts_with(';'))
        || ["lt", "gt", "amp", "quot"].iter().any(is_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_link() {
        for (name, told) in [
            ("evil.example/login", "evil. example/login"),
            ("See EVIL.EXAMPLE:8080", "See EVIL. EXAMPLE:8080"),
            ("www.evil.co.uk", "www. evil. co. uk"),
            ("a@evil.example", "a\\@evil. example"),
            ("https://evil.example", "https:\\//evil. example"),
            ("ev-il.xn--p1ai", "ev-il. xn--p1ai"),
            ("зло.рф", "зло. рф"),
            ("evil\u{3002}example", "evil\u{3002} example"),
            ("1.evil.example", "1. evil. example"),
            ("evil_.example", "evil\\_. example"),
            ("192.0.2.1/login", "192.0.2. 1/login"),
            ("(t.co/x)", "(t. co/x)"),
        ] {
            assert_eq!(escape_name(name), told);
        }
    }

    #[test]
    fn real_names_stay_as_they_are() {
        for name in [
            "St. Mary's",
            "Court No.1",
            "U.K. Open",
            "9.30am - 10.30pm",
            "Padel 1.5 h",
            "12.05.2026",
            "Mon.-Fri.",
            "e.g. doubles",
            "v1.2.3",
            "Wait...",
            "...and more",
            "Ladies' 50+ (incl. coaching)",
            "020 7946 0123",
            ".net",
            "Dr. J. Smith",
        ] {
            assert_eq!(break_addresses(name), name);
        }
        assert_eq!(break_addresses("St.Mary's"), "St. Mary's");
    }
}
