//! Everything that can go wrong between a platform and its client.

mod play;

use std::time::Duration;

use sim_server::{Upload, faults};

pub(crate) use play::spoil;

faults! {
    /// A fault. As text it is the word before the arrow.
    pub enum Fault {
        /// The request arrives whole, nothing is done, and this error status is answered: `409`,
        /// `529`, any from 400 to 599.
        "STATUS" => Status(u16),
        /// 429 with `Retry-After` in seconds.
        "429-seconds=N" => Seconds429(u32),
        /// 429 with `retry-after-ms`.
        "429-ms=N" => Millis429(u32),
        /// 503 with `Retry-After` in seconds.
        "503-seconds=N" => Seconds503(u32),
        /// 503 with `x-should-retry: false`.
        "503-final" => Final503,
        /// The request arrives whole, nothing is done, and the connection is closed without an
        /// answer.
        "lost-before" => LostBefore,
        /// The request is done, then the connection is closed without an answer.
        "lost-after" => LostAfter,
        /// The connection is reset before the body has arrived, nothing is done.
        "reset" => Reset,
        /// The request is done, then the connection is reset without an answer.
        "reset-after" => ResetAfter,
        /// The body is taken in so many milliseconds later.
        "slow-upload=N" => SlowUpload(u32),
        /// The body is taken in once held requests are released.
        "held" => Held,
        /// The request is done, and half of the answer comes before the connection closes.
        "truncated" => Truncated,
        /// The request is done, and the answer is JSON that breaks off, of its full stated length.
        "malformed" => Malformed,
        /// The request is done, and an HTML page with status 200 is answered, as some proxies do.
        "html" => Html,
        /// Of a stream come so many events, then the connection breaks.
        "cut-stream=N" => CutStream(u32),
        /// Of a stream come so many events, then it ends as if that were all.
        "end-stream=N" => EndStream(u32),
        /// The handler panics, so that the platform does when it is dropped.
        "panic" => Panic,
    }
}

impl sim_server::Fault for Fault {
    const TIMES: Option<u32> = Some(1);

    fn upload(self) -> Upload {
        match self {
            Self::Reset => Upload::Reset,
            Self::Held => Upload::Held,
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
            let text = name.replace("STATUS", "529").replace('N', "30");
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }
}
