//! Everything that can go wrong with a delivery, in the grammar of faults.
//!
//! The attempts to deliver are what is numbered; the path of one is the event's type and subtype:
//! `late=5@/app_mention`, `answer-lost@/message*2`.

use sim_server::faults;

use crate::word::Word;

faults! {
    /// A mishap of an attempt to deliver an event. As text it is the word before the arrow.
    pub enum Mishap {
        /// The attempt never arrives; the next one gives this as its reason: `connection_failed`,
        /// `ssl_error`, `unknown_error`.
        "failed=REASON" => Failed(Word),
        /// It arrives, and the answer gets lost: Slack waits three seconds and tries again.
        "answer-lost" => AnswerLost,
        /// It is sent so many seconds later.
        "late=SECONDS" => Late(u32),
        /// It is sent after the next event, at most five seconds later.
        "swapped" => Swapped,
        /// So many events more with the same message and other ids of the event, not as retries.
        "doubled=N" => Doubled(u32),
        /// The same event is sent so many times more, not as retries.
        "repeated=N" => Repeated(u32),
    }
}

impl sim_server::Fault for Mishap {
    const TIMES: Option<u32> = Some(1);
}

#[cfg(test)]
mod tests {
    use super::Mishap;

    #[test]
    fn every_name_is_read_back() {
        for name in Mishap::NAMES {
            let text = name.replace("REASON", "ssl_error").replace("SECONDS", "3");
            let text = text.replace('N', "3");
            assert_eq!(text.parse::<Mishap>().unwrap().to_string(), text);
        }
    }
}
