//! Slack's markup as plain text (documented): escapes, mentions, links. What comes out is one
//! printable line, so that no text can look like a second event.

/// The most characters of a question; more is no question about courts.
const LONGEST: usize = 4000;

/// Turns the text of a message into one printable line of at most 4,000 characters.
#[must_use]
pub fn clean_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    // A literal `<` is sent as `&lt;`, so that each one here begins markup.
    while let Some((before, inner, after)) = split_markup(rest) {
        plain.push_str(&unescape(before));
        plain.push_str(&unescape(&describe_markup(inner)));
        rest = after;
    }
    plain.push_str(&unescape(rest));
    printable::line(&plain, LONGEST)
}

/// Returns whether the last line says that an app wrote the text for somebody, as Slack's MCP
/// server adds it: `*Sent using <@U…|Claude>*`.
#[must_use]
pub fn has_app_footer(text: &str) -> bool {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    let line = last.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace());
    let Some(name) = line.strip_prefix("Sent using ") else {
        return false;
    };
    match name
        .strip_prefix("<@")
        .and_then(|name| name.strip_suffix('>'))
    {
        Some(mention) => {
            let id = mention.split('|').next().unwrap_or_default();
            id.starts_with(['U', 'W']) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        None => {
            let name = name.strip_prefix('@').unwrap_or(name);
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        }
    }
}

/// Splits at the first `<…>`.
fn split_markup(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('<')?;
    let (inner, after) = rest.split_once('>')?;
    Some((before, inner, after))
}

/// Writes what stands between `<` and `>` as a person sees it, still escaped.
fn describe_markup(inner: &str) -> String {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, label),
        None => (inner, ""),
    };
    let labelled = |fallback: &str| if label.is_empty() { fallback } else { label }.to_owned();
    match target.split_at_checked(1) {
        // Names can be chosen, ids cannot.
        Some(("@", _)) => target.to_owned(),
        Some(("#", id)) => format!("#{}", labelled(id)),
        Some(("!", command)) => match command.split('^').next().unwrap_or_default() {
            "date" | "subteam" => labelled(command),
            _ => format!("@{command}"),
        },
        _ if label.is_empty() || label == target => target.to_owned(),
        _ if target.starts_with("mailto:") || target.starts_with("tel:") => label.to_owned(),
        _ => format!("{label} ({target})"),
    }
}

/// Undoes Slack's three escapes, each once: `&amp;lt;` is the text `&lt;`.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
