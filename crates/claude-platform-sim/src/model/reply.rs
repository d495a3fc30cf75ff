//! The result of the skill's command in one or two lines of Markdown.

/// So many slots or bookings are named in an answer.
const MOST_NAMED: usize = 3;

/// Longer ones count the slots of a whole day.
const LONGEST_ENTRY: usize = 120;

/// So many days are.
const MOST_DAYS: usize = 2;

/// Says what a command that worked printed in Markdown: each day's heading, and its first entries
/// or why there are none. Warnings are passed on.
pub(super) fn summarize_output(output: &str) -> String {
    let lines: Vec<_> = output.lines().map(str::trim_end).collect();
    let headings = (0..lines.len()).filter(|at| lines[*at].starts_with("**"));
    let said: Vec<_> = headings
        .take(MOST_DAYS)
        .map(|at| describe_section(lines[at], &lines[at + 1..]))
        .chain(warnings(&lines).map(str::to_owned))
        .collect();
    if said.is_empty() {
        return lines
            .first()
            .copied()
            .unwrap_or("It printed nothing.")
            .to_owned();
    }
    said.join("\n")
}

/// Says the sentence of a command that failed.
pub(super) fn explain_failure(output: &str) -> String {
    let error = output.lines().find_map(|line| line.strip_prefix("error: "));
    let sentence = error.or(output.lines().next()).unwrap_or("no reason given");
    // The code in brackets is for programs.
    let sentence = sentence
        .rsplit_once(" [")
        .map_or(sentence, |(sentence, _)| sentence);
    // What is wrong with the value of an option, without the option.
    let sentence = sentence
        .rsplit_once(">': ")
        .map_or(sentence, |(_, reason)| reason);
    format!("I could not look that up: {sentence}.")
}

fn describe_section(heading: &str, after: &[&str]) -> String {
    let mut section = after
        .iter()
        .take_while(|line| !line.starts_with("**"))
        .filter(|line| !line.is_empty() && !line.starts_with("Book: "));
    let entries: Vec<_> = section
        .clone()
        .filter_map(|line| line.strip_prefix("- "))
        // A booking's reference is nobody else's.
        .map(|entry| {
            entry
                .split_once(" · ref ")
                .map_or(entry, |(entry, _)| entry)
        })
        .collect();
    if entries.is_empty() {
        // Such as how many are taken, or when the day opens.
        let reason = section.next().map(|line| format!(" ({line})"));
        return format!("{heading}{}.", reason.unwrap_or_default());
    }
    let short = entries.iter().filter(|entry| entry.len() <= LONGEST_ENTRY);
    let named: Vec<_> = short.take(MOST_NAMED).copied().collect();
    if named.is_empty() {
        return format!("{heading}.");
    }
    let more = match entries.len() - named.len() {
        0 => String::new(),
        more => format!("; {more} more"),
    };
    format!("{heading}. First: {}{more}.", named.join("; "))
}

fn warnings<'a>(lines: &[&'a str]) -> impl Iterator<Item = &'a str> {
    lines
        .iter()
        .copied()
        .filter(|line| line.starts_with("warning: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_said_with_its_first_slots() {
        let output = "**Saturday 28 November 2026** at club: 4 free slots\n\n- 17:00\n- 18:00\n- \
                      19:00\n- 20:00\n\n30 taken\n\nBook: …\nwarning: a slot was skipped\n";
        assert_eq!(
            summarize_output(output),
            "**Saturday 28 November 2026** at club: 4 free slots. First: 17:00; 18:00; 19:00; 1 \
             more.\nwarning: a slot was skipped"
        );
    }

    #[test]
    fn a_day_without_slots_is_said_with_its_reason() {
        let output = "**Wed** at club: nothing free yet\n\n34 taken · 30 not open yet\n\n**Thu** at \
                      club: 1 free slot\n\n- 19:00\n\n**Fri** at club: nothing free\n";
        assert_eq!(
            summarize_output(output),
            "**Wed** at club: nothing free yet (34 taken · 30 not open yet).\n**Thu** at club: 1 \
             free slot. First: 19:00."
        );
    }

    #[test]
    fn a_booking_is_said_without_its_reference() {
        let output = "**1 upcoming booking** at club\n\n- Tue · Court 2 · Booked · ref 1487048\n";
        assert_eq!(
            summarize_output(output),
            "**1 upcoming booking** at club. First: Tue · Court 2 · Booked."
        );
    }

    #[test]
    fn a_failure_is_said_in_its_own_sentence() {
        let output = "error: 127.0.0.1: nothing answers there [network]\nhint: `padel doctor`\n";
        assert_eq!(
            explain_failure(output),
            "I could not look that up: 127.0.0.1: nothing answers there."
        );
        let output = "error: invalid value '2026-11-31' for '--date <DAY>': no such day [usage]\n";
        assert_eq!(
            explain_failure(output),
            "I could not look that up: no such day."
        );
    }
}
