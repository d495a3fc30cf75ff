//! The agent's answer as Markdown that Slack may show: it calls nobody, hides nothing, and fits.
//!
//! The agent has read what strangers wrote, so its answer is no more to be trusted than they are.

/// The most characters of `markdown_text` (documented: 12,000), less the note about the rest.
const LONGEST: usize = 11_900;
/// Stands below an answer that was cut.
const NOTE: &str = "\n\n_(The answer was longer; this is its beginning.)_";
/// Fences of code.
const FENCE: &str = "```";
/// Breaks a word without being seen.
const BREAK: char = '\u{200b}';
/// Words that call a whole channel.
const CALLS: [&str; 3] = ["here", "channel", "everyone"];

/// Makes an answer ready to be posted.
#[must_use]
pub fn prepare_answer(answer: &str) -> String {
    let visible: String = answer
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !printable::is_invisible(*c))
        .collect();
    fit(call_nobody(visible.trim()))
}

/// Breaks everything that Slack might take for a call: `<!channel>`, `<@U…>`, `<#C…>`, `@here`, and the
/// same with Markdown's backslashes in it. Whether Slack reads them in Markdown is not known.
fn call_nobody(text: &str) -> String {
    let mut quiet = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '@']) {
        let (before, from) = rest.split_at(at);
        let (mark, after) = from.split_at(1);
        quiet.push_str(before);
        quiet.push_str(mark);
        let called = after.trim_start_matches('\\');
        let calls = match mark {
            "<" => called.starts_with(['!', '@', '#']),
            _ => CALLS.iter().any(|call| {
                let word = called.get(..call.len());
                word.is_some_and(|word| word.eq_ignore_ascii_case(call))
            }),
        };
        if calls {
            quiet.push(BREAK);
        }
        rest = after;
    }
    quiet.push_str(rest);
    quiet
}

/// Cuts at the end of a line.
fn fit(text: String) -> String {
    let Some((limit, _)) = text.char_indices().nth(LONGEST) else {
        return text;
    };
    let head = text.get(..limit).unwrap_or_default();
    let mut cut = match head.rfind('\n') {
        // A line as long as half a message is cut amid its words.
        Some(end) if end > limit / 2 => head.get(..end).unwrap_or(head),
        _ => head,
    }
    .to_owned();
    let fences = cut
        .lines()
        .filter(|line| line.trim_start().starts_with(FENCE));
    if fences.count() % 2 == 1 {
        cut.push('\n');
        cut.push_str(FENCE);
    }
    cut + NOTE
}
