//! Slack's markup as plain text (documented): escapes, mentions, links. What comes out is one
//! printable line, so that no text can look like a second event.

/// The most characters of a question; more is no question about courts.
const LONGEST: usize = 4000;
/// A mention of the bot: the agent does not know the bot's id. The agent's instructions name it.
const TO_THE_BOT: &str = "@you";

/// Turns the text of a message into one printable line of at most 4,000 characters. `bot` is the
/// bot's id as a user, or empty; a mention of it becomes `@you`.
#[must_use]
pub fn clean_text(text: &str, bot: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    // A literal `<` is sent as `&lt;`, so that each one here begins markup.
    while let Some((before, inner, after)) = split_markup(rest) {
        plain.push_str(&unescape(before));
        plain.push_str(&unescape(&describe_markup(inner, bot)));
        rest = after;
    }
    plain.push_str(&unescape(rest));
    printable::line(&plain, LONGEST)
}

/// Returns whether a clean text holds no word: emoji, as Slack writes them (`:tennis:`) or as they
/// are, and marks. A question mark counts as a word, for it asks.
#[must_use]
pub fn is_wordless(text: &str) -> bool {
    let is_code = |part: &str| {
        let is_of_code = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '\'');
        !part.is_empty() && part.chars().all(is_of_code)
    };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(':') {
        if has_word(before) {
            return false;
        }
        let code = after.split_once(':').filter(|(code, _)| is_code(code));
        rest = code.map_or(after, |(_, after)| after);
    }
    !has_word(rest)
}

fn has_word(text: &str) -> bool {
    text.contains(|c: char| c.is_alphanumeric() || c == '?')
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
fn describe_markup(inner: &str, bot: &str) -> String {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, label),
        None => (inner, ""),
    };
    let labelled = |fallback: &str| if label.is_empty() { fallback } else { label }.to_owned();
    match target.split_at_checked(1) {
        Some(("@", id)) if !bot.is_empty() && id == bot => TO_THE_BOT.to_owned(),
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
