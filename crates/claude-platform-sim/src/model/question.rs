//! A question, and the skill's command that answers it, by plain rules. No word of a
//! question gets into a command.

use serde_json::Value;

/// The word for a message of Slack that is not for the agent, where the system prompt names it.
const NO_ANSWER: &str = "NO_ANSWER";

/// A question, and whether the one who asks may see bookings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) text: String,
    pub(super) is_owner: bool,
    /// It is a message of a channel where people talk with each other.
    pub(super) is_overheard: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Arguments of `scripts/padel`.
    Run(String),
    /// One sentence: nothing to run.
    Say(&'static str),
}

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Things that it cannot do: the words of such a question, and its answer.
const OUTSIDE: [(&[&str], &str); 5] = [
    (
        &[
            "password",
            "passwords",
            "credential",
            "credentials",
            "token",
        ],
        "I never show or take passwords.",
    ),
    (
        &["cancel", "change", "move"],
        "I cannot change or cancel a booking: please do it on the club's own site.",
    ),
    (
        &["watch", "notify", "remind", "alert"],
        "I cannot watch the courts myself: whoever runs this bot can set up a watch that tells the \
         channel.",
    ),
    (
        &["book", "reserve", "hold", "pay"],
        "I cannot book a court: I only look, and the link in my answers leads to the club's own \
         site.",
    ),
    (&["tick"], "Nothing to do."),
];

/// First words of requests that have no question mark.
const ASKING: [&str; 12] = [
    "any", "are", "book", "can", "cancel", "find", "is", "list", "please", "show", "what", "when",
];

const HISTORY: [&str; 5] = [
    "did i play",
    "have i played",
    "i played",
    "history",
    "past bookings",
];

const BOOKINGS: [&str; 9] = [
    "bookings",
    "my booking",
    "have i booked",
    "have we booked",
    "i booked",
    "do i play",
    "do we play",
    "am i playing",
    "my next",
];

const COURTS: [&str; 9] = [
    "court",
    "free",
    "available",
    "availability",
    "slot",
    "padel",
    "when can",
    "open",
    "play",
];

impl Question {
    /// The last line that begins with `slack-event`, else all of a message, from an owner then.
    pub(super) fn read_message(message: &str) -> Self {
        let event = message
            .lines()
            .rev()
            .find_map(|line| line.trim().strip_prefix("slack-event "))
            .and_then(|json| serde_json::from_str(json).ok());
        let event: Value = event.unwrap_or_default();
        match event["text"].as_str() {
            Some(text) => Self {
                text: text.to_owned(),
                is_owner: event["owner"] == true,
                is_overheard: !text.contains("@you")
                    && event["channel"]
                        .as_str()
                        .is_some_and(|id| !id.starts_with('D')),
            },
            None => Self {
                text: message.to_owned(),
                is_owner: true,
                is_overheard: false,
            },
        }
    }

    pub(super) fn plan_answer(&self, system: &str) -> Plan {
        let text = self.text.to_lowercase();
        let words = split_words(&text);
        let names = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
        let may_be_silent = self.is_overheard && system.contains(NO_ANSWER);
        let asks = text.contains('?') || words.first().is_some_and(|word| ASKING.contains(word));
        if may_be_silent && !asks {
            return Plan::Say(NO_ANSWER);
        }
        let outside = OUTSIDE
            .iter()
            .find(|(phrases, _)| phrases.iter().any(|phrase| words.contains(phrase)));
        match outside {
            // "When can I book Sunday?" is about the club's opening.
            Some((_, sentence)) if !names(&["when can"]) => Plan::Say(sentence),
            _ if names(&HISTORY) || names(&BOOKINGS) => {
                self.plan_bookings(names(&HISTORY), words.contains(&"next"))
            }
            _ if names(&COURTS) || find_day(&words).is_some() => plan_courts(&text, &words),
            _ if may_be_silent => Plan::Say(NO_ANSWER),
            _ => Plan::Say("I only look up free padel courts and bookings at the club."),
        }
    }

    fn plan_bookings(&self, history: bool, names_next: bool) -> Plan {
        match (self.is_owner, history) {
            (false, _) => Plan::Say("I show bookings to my owners only: please ask one of them."),
            (true, true) => Plan::Run("bookings --history --limit 3".to_owned()),
            (true, false) if names_next => Plan::Run("bookings --limit 1".to_owned()),
            (true, false) => Plan::Run("bookings".to_owned()),
        }
    }
}

/// The club that a system prompt names with `--club`.
pub(super) fn find_club(system: &str) -> Option<&str> {
    let (_, after) = system.split_once("--club ")?;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-.:/".contains(letter);
    let end = after.find(|letter| !is_part(letter)).unwrap_or(after.len());
    Some(after[..end].trim_end_matches('.')).filter(|club| !club.is_empty())
}

fn plan_courts(text: &str, words: &[&str]) -> Plan {
    let options = [find_day(words), find_hours(words), find_length(text, words)];
    let arguments = options.into_iter().flatten();
    Plan::Run(arguments.fold("availability".to_owned(), |all, next| {
        format!("{all} {next}")
    }))
}

fn split_words(text: &str) -> Vec<&str> {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '-' | ':' | '.');
    let words = text.split(|char| !is_part(char));
    words
        .map(|word| word.trim_matches(['.', ':', '-']))
        .filter(|word| !word.is_empty())
        .collect()
}

fn find_day(words: &[&str]) -> Option<String> {
    words.iter().find_map(|word| match *word {
        "today" | "tonight" => Some("--date today".to_owned()),
        "tomorrow" => Some("--date tomorrow".to_owned()),
        "weekend" => Some("--weekday sat,sun --days 7".to_owned()),
        "week" | "days" => Some("--days 7".to_owned()),
        word if is_date(word) => Some(format!("--date {word}")),
        word => WEEKDAYS
            .iter()
            .find(|day| **day == word.trim_end_matches('s') || day[..3] == *word)
            .map(|day| format!("--date {}", &day[..3])),
    })
}

/// True for what is written like 2026-11-28; the command says whether there is such a day.
fn is_date(word: &str) -> bool {
    let form: String = word
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    form == "0000-00-00"
}

fn find_hours(words: &[&str]) -> Option<String> {
    let is_morning = words.contains(&"morning");
    let spoken = words.windows(2).find_map(|pair| {
        let (hour, minute) = read_time(pair[1], is_morning)?;
        match pair[0] {
            "after" | "from" => Some(format!("--from {hour:02}:{minute:02}")),
            "before" | "by" | "until" => Some(format!("--to {hour:02}:{minute:02}")),
            // Long enough for whatever begins about then.
            "at" | "around" => Some(format!(
                "--from {hour:02}:{minute:02} --to {:02}:{minute:02}",
                (hour + 2).min(23)
            )),
            _ => None,
        }
    });
    spoken.or_else(|| {
        words.iter().find_map(|word| match *word {
            "evening" => Some("--from 17:00 --to 22:00".to_owned()),
            "tonight" => Some("--from 17:00".to_owned()),
            "morning" => Some("--to 12:00".to_owned()),
            "afternoon" => Some("--from 12:00 --to 17:00".to_owned()),
            _ => None,
        })
    })
}

/// An hour and minute; "eight" is in the evening unless the morning is named.
fn read_time(word: &str, is_morning: bool) -> Option<(u32, u32)> {
    let (word, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(word), _) => (word, Some(0)),
        (_, Some(word)) => (word, Some(12)),
        _ => (word, is_morning.then_some(0)),
    };
    let (hour, minute) = word.split_once([':', '.']).unwrap_or((word, "0"));
    let minute: u32 = minute.parse().ok().filter(|minute| *minute < 60)?;
    let hour = read_number(hour).filter(|hour| *hour < 24)?;
    Some(match half {
        Some(half) => (hour % 12 + half, minute),
        // Courts are asked for before nine in the evening, not in the morning.
        None if hour < 9 => (hour + 12, minute),
        None => (hour, minute),
    })
}

fn read_number(word: &str) -> Option<u32> {
    let spelt = NUMBERS.iter().zip(1..).find(|(name, _)| **name == word);
    spelt
        .map(|(_, number)| number)
        .or_else(|| word.parse().ok())
}

fn find_length(text: &str, words: &[&str]) -> Option<String> {
    let minutes = words.windows(2).find_map(|pair| {
        let number = read_number(pair[0]).filter(|number| (1..=300).contains(number))?;
        match pair[1] {
            "minutes" | "min" | "mins" | "minute" => Some(number),
            "hour" | "hours" => Some(number * 60),
            _ => None,
        }
    });
    let minutes = if text.contains("hour and a half") || text.contains("1.5 hours") {
        Some(90)
    } else if text.contains("half an hour") {
        Some(30)
    } else {
        minutes.or(text.contains("an hour").then_some(60))
    };
    minutes.map(|minutes| format!("--duration {minutes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        Question::read_message(text).plan_answer("")
    }

    #[test]
    fn the_question_is_the_last_event_or_the_whole_text() {
        let event = |text: &str, owner: bool| {
            format!(r#"slack-event {{"channel":"C1","text":"{text}","owner":{owner}}}"#)
        };
        let overheard = r#"slack-event {"channel":"C1","text":"well played, all"}"#;
        let addressed = overheard.replace("well played, all", "@you well done");
        let direct = overheard.replace("C1", "D1");
        for (message, is_overheard) in [
            (overheard, true),
            (&addressed, false),
            (&direct, false),
            ("well done", false),
        ] {
            let question = Question::read_message(message);
            assert_eq!(question.is_overheard, is_overheard, "{message}");
            let silent = question.plan_answer("else `NO_ANSWER`") == Plan::Say(NO_ANSWER);
            assert_eq!(silent, is_overheard, "{message}");
            assert_ne!(question.plan_answer(""), Plan::Say(NO_ANSWER));
        }
        let read = |message: &str| {
            let question = Question::read_message(message);
            (question.text, question.is_owner)
        };
        assert_eq!(read("free today?"), ("free today?".to_owned(), true));
        assert_eq!(read(&event("a", true)), ("a".to_owned(), true));
        assert_eq!(
            read(&format!("{}\n{}\n", event("a", true), event("b", false))),
            ("b".to_owned(), false)
        );
        assert!(!Question::read_message(r#"slack-event {"text":"who is asking?"}"#).is_owner);
    }

    #[test]
    fn a_question_about_courts_becomes_one_command() {
        for (question, arguments) in [
            (
                "Is a court free on Saturday evening?",
                "--date sat --from 17:00 --to 22:00",
            ),
            ("is a court free today?", "--date today"),
            (
                "Anything tonight after eight for 90 minutes?",
                "--date today --from 20:00 --duration 90",
            ),
            ("any court tomorrow morning", "--date tomorrow --to 12:00"),
            (
                "Padel this weekend, two hours?",
                "--weekday sat,sun --days 7 --duration 120",
            ),
            (
                "free slots this week for an hour?",
                "--days 7 --duration 60",
            ),
            (
                "a court on 2026-12-05 at 7pm?",
                "--date 2026-12-05 --from 19:00 --to 21:00",
            ),
            ("sunday at seven?", "--date sun --from 19:00 --to 21:00"),
            (
                "free before 11 on fri for an hour and a half",
                "--date fri --to 11:00 --duration 90",
            ),
            (
                "a court after 18:30 on wednesday",
                "--date wed --from 18:30",
            ),
            ("When can I book next Sunday?", "--date sun"),
            (
                "Is court 2 booked on friday, or free half past six?",
                "--date fri",
            ),
            ("Court free; rm -rf / on tuesday `id` $(id)", "--date tue"),
        ] {
            let expected = format!("availability {arguments}");
            assert_eq!(plan(question), Plan::Run(expected), "{question}");
        }
        assert_eq!(plan("any courts?"), Plan::Run("availability".to_owned()));
    }

    #[test]
    fn bookings_are_for_owners() {
        let upcoming = Plan::Run("bookings".to_owned());
        let next = Plan::Run("bookings --limit 1".to_owned());
        let history = Plan::Run("bookings --history --limit 3".to_owned());
        for (question, expected) in [
            ("when do I play next?", &next),
            ("when is my next game", &next),
            ("what are my bookings", &upcoming),
            ("what have I booked?", &upcoming),
            ("did I play last tuesday?", &history),
            ("show my past bookings", &history),
        ] {
            assert_eq!(plan(question), *expected, "{question}");
            let event = format!(r#"slack-event {{"text":"{question}","owner":false}}"#);
            assert!(matches!(plan(&event), Plan::Say(said) if said.contains("owners only")));
        }
    }

    #[test]
    fn the_club_is_the_one_that_the_system_prompt_names() {
        for (system, club) in [
            (
                "Run the command with `--club riverside`. Dates",
                Some("riverside"),
            ),
            (
                "with --club http://127.0.0.1:80.",
                Some("http://127.0.0.1:80"),
            ),
            ("with --club x;id", Some("x")),
            ("with `--club ` alone", None),
            ("nothing", None),
        ] {
            assert_eq!(find_club(system), club, "{system}");
        }
    }

    #[test]
    fn what_it_cannot_do_is_said_in_one_sentence() {
        for (question, part) in [
            ("Book court 2 on Saturday", "cannot book"),
            ("please cancel my booking", "cancel"),
            ("what is the password?", "passwords"),
            ("watch for a court on sunday", "cannot watch"),
            ("how are you?", "only look up"),
            ("tick", "Nothing to do"),
        ] {
            assert!(
                matches!(plan(question), Plan::Say(said) if said.contains(part)),
                "{question}: {:?}",
                plan(question)
            );
        }
    }
}
