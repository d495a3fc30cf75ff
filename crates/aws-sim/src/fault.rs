//! Everything that can go wrong between a region and a client of its services. What goes wrong with
//! asynchronous invocations is in `lambda`.
//!
//! A call's place is its service and operation: `error=ThrottlingException@/dynamodb/UpdateItem*2`,
//! `slow=300@/dynamodb`, `503@/lambda/padel-answer`, `lost-before@/http-api`.

mod play;

use std::{borrow::Cow, fmt, time::Duration};

use axum::http::request::Parts;
use sim_server::{Upload, fault::Argument, faults};

pub(crate) use play::{delay, spoil};

use crate::server::find_place;

/// The name of an error of a service, letters only. So `@WHERE` and `*TIMES` may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorName(pub &'static str);

impl Argument for ErrorName {
    fn read(text: &str) -> Option<Self> {
        let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        // Faults live until the process ends.
        is_name.then(|| Self(Box::leak(text.to_owned().into_boxed_str())))
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

faults! {
    /// A fault. As text it is the word before the arrow.
    pub enum Fault {
        /// The request arrives whole, nothing is done, and this error status is answered, without
        /// an error's name: `500`, `503`, any from 400 to 599.
        "STATUS" => Status(u16),
        /// Nothing is done, and this error of the service is answered:
        /// `error=ProvisionedThroughputExceededException`, `error=AccessDeniedException`.
        "error=NAME" => Error(ErrorName),
        /// The request is done, and this error of the service is answered:
        /// `error-after=InternalServerError`.
        "error-after=NAME" => ErrorAfter(ErrorName),
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
        /// Nothing is done, and no answer ever comes.
        "silent" => Silent,
        /// The request is done, and no answer ever comes.
        "silent-after" => SilentAfter,
        /// The request is done, and half of the answer comes before the connection closes.
        "truncated" => Truncated,
        /// The request is done, and the answer is JSON that breaks off, of its full stated length.
        "malformed" => Malformed,
        /// The request is done, and an HTML page with status 200 is answered, as some proxies do.
        "html" => Html,
        /// Nothing is done, and the process of the function that calls is killed; whoever else calls
        /// loses the connection.
        "kill-before" => KillBefore,
        /// The request is done, then the process of the function that calls is killed.
        "kill-after" => KillAfter,
        /// The handler panics, so that the region does when it is dropped.
        "panic" => Panic,
    }
}

impl sim_server::Fault for Fault {
    const TIMES: Option<u32> = Some(1);

    fn place(parts: &Parts) -> Cow<'_, str> {
        find_place(parts)
    }

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
                name if name.ends_with("=NAME") => name.replace("NAME", "ThrottlingException"),
                name => name.replace('N', "30"),
            };
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }
}
