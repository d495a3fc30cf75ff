//! Everything that can go wrong between a workspace and a client of its Web API. What goes wrong
//! with deliveries is in `mishap`.

mod play;

use std::time::Duration;

use sim_server::{Upload, faults};

use crate::word::Word;

pub(crate) use play::{delay, spoil};

faults! {
    /// A fault. As text it is the word before the arrow.
    pub enum Fault {
        /// The request arrives whole, nothing is done, and this error status is answered: `500`,
        /// `503`, any from 400 to 599.
        "STATUS" => Status(u16),
        /// Nothing is done, and `ok:false` with this error is answered, with status 200:
        /// `error=fatal_error`.
        "error=NAME" => Error(Word),
        /// `ratelimited` with status 429 and `Retry-After` in seconds.
        "429-seconds=N" => Seconds429(u32),
        /// The request arrives whole, nothing is done, and the connection is closed without an
        /// answer.
        "lost-before" => LostBefore,
        /// The request is done, then the connection is closed without an answer.
        "lost-after" => LostAfter,
        /// The connection is reset before the body has arrived, nothing is done.
        "reset" => Reset,
        /// The request is done, then the connection is reset without an answer.
        "reset-after" => ResetAfter,
        /// The request is done, and the answer comes so many milliseconds later.
        "slow=N" => Slow(u32),
        /// The body is taken in so many milliseconds later.
        "slow-upload=N" => SlowUpload(u32),
        /// The request is done, and no answer ever comes.
        "silent" => Silent,
        /// The request is done, and half of the answer comes before the connection closes.
        "truncated" => Truncated,
        /// The request is done, and the answer is JSON that breaks off, of its full stated length.
        "malformed" => Malformed,
        /// The request is done, and an HTML page with status 200 is answered, as some proxies do.
        "html" => Html,
        /// The handler panics, so that the workspace does when it is dropped.
        "panic" => Panic,
    }
}

impl sim_server::Fault for Fault {
    const TIMES: Option<u32> = Some(1);

    fn upload(self) -> Upload {
        match self {
            Self::Reset => Upload::Reset,
            Self::SlowUpload(millis) => Upload::After(Duration::from_millis(millis.into())),
            _ => Upload::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn every_name_is_read_back() {
        for name in Fault::NAMES {
            let text = match *name {
                "STATUS" => "503".to_owned(),
                "error=NAME" => "error=fatal_error".to_owned(),
                name => name.replace('N', "30"),
            };
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }
}
