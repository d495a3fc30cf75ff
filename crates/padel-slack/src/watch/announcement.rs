//! A message into a channel, below no question: in Slack's own markup, and calling nobody.

/// The most characters of a message: Slack cuts longer ones.
const LONGEST: usize = 3_900;

/// Makes a text harmless; empty where there is nothing in it.
#[must_use]
pub fn make_announcement(text: &str) -> String {
    escape_mentions(&printable::lines(text, LONGEST))
}

/// Takes the meaning from everything in angle brackets but links: nobody is called by what a club
/// named its courts.
fn escape_mentions(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        let rest = &text[at + char.len_utf8()..];
        let is_link = ["https://", "http://"]
            .iter()
            .any(|scheme| rest.starts_with(scheme));
        if char == '<' && !is_link {
            escaped.push_str("&lt;");
        } else {
            escaped.push(char);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_keep_their_brackets() {
        for (text, escaped) in [
            (
                "free <https://club.example/x|book>",
                "free <https://club.example/x|book>",
            ),
            (
                "<!channel> <@U1> <#C1> <",
                "&lt;!channel> &lt;@U1> &lt;#C1> &lt;",
            ),
        ] {
            assert_eq!(escape_mentions(text), escaped);
        }
    }
}
