//! Everything that can go wrong with an asynchronous invocation, in the grammar of faults.
//!
//! The attempts are what is numbered; the path of one is the function's name:
//! `doubled=1@/padel-answer`.

use sim_server::faults;

faults! {
    /// A mishap of an attempt to hand over an event. As text it is the word before the arrow.
    pub enum Mishap {
        /// The event is deleted without having been sent.
        "lost" => Lost,
        /// The event is sent so many times more.
        "doubled=N" => Doubled(u32),
        /// It is sent so many seconds later, by the region's clock.
        "late=SECONDS" => Late(u32),
        /// The function is throttled: there is no environment for it.
        "throttled" => Throttled,
        /// The event is sent, and once the process has answered, Lambda takes it for failed.
        "answer-lost" => AnswerLost,
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
            let text = name.replace("SECONDS", "3").replace('N', "3");
            assert_eq!(text.parse::<Mishap>().unwrap().to_string(), text);
        }
    }
}
