//! The texts of messages: from what a person types to what Slack keeps, and back to what a person
//! reads.

use crate::objects::Objects;

const SPECIAL: [&str; 3] = ["here", "channel", "everyone"];

/// Turns typed text into what Slack keeps: `&`, `<` and `>` are escaped, known `@names`,
/// `#channels`, `@here` and addresses become links.
pub(crate) fn encode_typed(typed: &str, objects: &Objects) -> String {
    // Words with the white space behind them, so that lines stay as they are.
    typed
        .split_inclusive(char::is_whitespace)
        .map(|part| {
            let word = part.trim_end();
            encode_word(word, objects) + &part[word.len()..]
        })
        .collect()
}

fn encode_word(word: &str, objects: &Objects) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let sign = word.chars().next().filter(|sign| matches!(sign, '@' | '#'));
    let name = word.get(1..).unwrap_or_default();
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let link = match sign {
        Some('@') if SPECIAL.contains(&name) => Some(format!("<!{name}>")),
        Some('@') => objects.person_id(name).map(|id| format!("<@{id}>")),
        Some('#') => objects
            .channel(name)
            .map(|channel| format!("<#{}|{name}>", channel.id)),
        _ => None,
    };
    match link {
        Some(link) => link + &escape(rest),
        None if word.starts_with("https://") || word.starts_with("http://") => {
            format!("<{}>", escape(word))
        }
        None => escape(word),
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Turns what Slack keeps into what a person reads.
pub(crate) fn decode_stored(stored: &str, objects: &Objects) -> String {
    let mut shown = String::new();
    let mut rest = stored;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(before);
        match after.split_once('>').filter(|(link, _)| is_link(link)) {
            Some((link, behind)) => {
                shown.push_str(&show_link(link, objects));
                rest = behind;
            }
            // An app may post what should have been escaped.
            None => {
                shown.push('<');
                rest = after;
            }
        }
    }
    shown.push_str(rest);
    // `&amp;` last: `&amp;lt;` reads `&lt;`.
    shown
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn is_link(link: &str) -> bool {
    link.starts_with(['@', '#', '!']) || link.contains("://") || link.starts_with("mailto:")
}

fn show_link(link: &str, objects: &Objects) -> String {
    let (target, label) = match link.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (link, None),
    };
    if let Some(id) = target.strip_prefix('@') {
        return format!("@{}", objects.person_name(id));
    }
    if let Some(id) = target.strip_prefix('#') {
        let known = objects.channels.get(id).map(|known| known.name.as_str());
        return format!("#{}", label.or(known).unwrap_or(id));
    }
    if let Some(word) = target.strip_prefix('!') {
        return label.map_or_else(|| format!("@{word}"), str::to_owned);
    }
    label.unwrap_or(target).to_owned()
}

/// Finds everybody that a stored text calls: `here`, `channel`, `everyone`, ids of people and of
/// groups. Assumed:
/// Markdown and code keep nobody from being called.
pub(crate) fn find_notified(stored: &str) -> Vec<String> {
    let mut notified = Vec::new();
    for part in stored.split('<').skip(1) {
        let Some((link, _)) = part.split_once('>') else {
            continue;
        };
        let target = link.split('|').next().unwrap_or(link);
        let called = match target.split_at_checked(1) {
            Some(("@", id)) => Some(id),
            Some(("!", word)) if SPECIAL.contains(&word) => Some(word),
            Some(("!", word)) => word.strip_prefix("subteam^"),
            _ => None,
        };
        notified.extend(called.map(str::to_owned));
    }
    notified
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{Channel, ChannelKind};

    fn objects() -> Objects {
        let mut objects = Objects::default();
        objects.people.insert("U1".to_owned(), "anna".to_owned());
        let channel = Channel::new("C1".to_owned(), "padel".to_owned(), ChannelKind::Public);
        objects.channels.insert("C1".to_owned(), channel);
        objects
    }

    #[test]
    fn typed_text_is_kept_escaped_and_read_as_typed() {
        let cases = [
            ("5 < 6 & 7 > 6", "5 &lt; 6 &amp; 7 &gt; 6"),
            ("@anna, frei?\n#padel!", "<@U1>, frei?\n<#C1|padel>!"),
            ("@here @nobody", "<!here> @nobody"),
            ("https://a.b/?c=1&d", "<https://a.b/?c=1&amp;d>"),
            ("&lt;", "&amp;lt;"),
        ];
        for (typed, stored) in cases {
            assert_eq!(encode_typed(typed, &objects()), stored);
            assert_eq!(decode_stored(stored, &objects()), typed);
        }
    }

    #[test]
    fn a_link_reads_as_its_label() {
        let shown = decode_stored(
            "<https://a.b|here> <!subteam^S1|@team> 1<2 & 4>3",
            &objects(),
        );
        assert_eq!(shown, "here @team 1<2 & 4>3");
    }

    #[test]
    fn a_text_says_whom_it_calls() {
        let text =
            "<!channel> <@U1|anna> `<!here|here>` &lt;!everyone&gt; <!subteam^S1> <!date^1^x|y>";
        assert_eq!(find_notified(text), ["channel", "U1", "here", "S1"]);
    }
}
