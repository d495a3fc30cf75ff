//! Everything that can go wrong between a platform and its client, in one grammar:
//! `FAULT[@WHERE][*TIMES]`.

mod play;

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

pub(crate) use play::{after, before};

/// A fault. As text it is the word at the end of each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request arrives whole, nothing is done, and this error status is answered: `409`, `429`,
    /// `500`, `503`, `529`, `401`, `403`, any from 400 to 599.
    Status(u16),
    /// 429 with `Retry-After` in seconds: `429-seconds=N`.
    Seconds429(u32),
    /// 429 with `retry-after-ms`: `429-ms=N`.
    Millis429(u32),
    /// 503 with `Retry-After` in seconds: `503-seconds=N`.
    Seconds503(u32),
    /// 503 with `x-should-retry: false`: `503-final`.
    Final503,
    /// The request arrives whole, nothing is done, and the connection is closed without an answer:
    /// `lost-before`.
    LostBefore,
    /// The request is done, then the connection is closed without an answer: `lost-after`.
    LostAfter,
    /// The connection is reset before the body has arrived, nothing is done: `reset`.
    Reset,
    /// The request is done, then the connection is reset without an answer: `reset-after`.
    ResetAfter,
    /// The body is taken in so many milliseconds later: `slow-upload=N`.
    SlowUpload(u32),
    /// The request is done, and half of the answer comes before the connection closes: `truncated`.
    Truncated,
    /// The request is done, and the answer is JSON that breaks off, of its full stated length:
    /// `malformed`.
    Malformed,
    /// The request is done, and an HTML page with status 200 is answered, as some proxies do:
    /// `html`.
    Html,
    /// The handler panics, so that the platform does when it is dropped: `panic`.
    Panic,
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The request with that number, the next one being 1, and those after it: `@3`.
    Request(u32),
    /// Requests whose path begins so, or whose method and path do: `@/v1/skills`, `@POST
    /// /v1/skills`.
    Path(String),
}

/// A fault, where it strikes and how often. As text `FAULT[@WHERE][*TIMES]`, from the next request
/// on and once unless said otherwise: `lost-after@POST /v1/skills`, `529@3*2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What happens.
    pub fault: Fault,
    /// Where.
    pub at: At,
    /// How often.
    pub times: u32,
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

/// An order, waiting for its requests.
#[derive(Debug)]
pub(crate) struct Armed {
    fault: Fault,
    /// The first request it strikes, by the number in the journal.
    from: u32,
    path: Option<String>,
    left: u32,
}

const PLAIN: [(&str, Fault); 9] = [
    ("503-final", Fault::Final503),
    ("lost-before", Fault::LostBefore),
    ("lost-after", Fault::LostAfter),
    ("reset", Fault::Reset),
    ("reset-after", Fault::ResetAfter),
    ("truncated", Fault::Truncated),
    ("malformed", Fault::Malformed),
    ("html", Fault::Html),
    ("panic", Fault::Panic),
];

/// A name, and the fault that a number makes of it.
type Numbered = (&'static str, fn(u32) -> Fault);

const NUMBERED: [Numbered; 4] = [
    ("429-seconds", Fault::Seconds429),
    ("429-ms", Fault::Millis429),
    ("503-seconds", Fault::Seconds503),
    ("slow-upload", Fault::SlowUpload),
];

impl Fault {
    /// The names of all faults; those that take a number with `=N`, and `STATUS` for any from 400
    /// to 599.
    pub fn names() -> impl Iterator<Item = String> {
        let plain = PLAIN.iter().map(|(name, _)| (*name).to_owned());
        ["STATUS".to_owned()]
            .into_iter()
            .chain(plain)
            .chain(NUMBERED.iter().map(|(name, _)| format!("{name}=N")))
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(status @ 400..=599) = text.parse() {
            return Some(Self::Status(status));
        }
        match text.split_once('=') {
            None => PLAIN
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, fault)| *fault),
            Some((name, number)) => NUMBERED
                .iter()
                .find(|(known, _)| *known == name)
                .and_then(|(_, fault)| number.parse().ok().map(fault)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Seconds429(n) => write!(f, "429-seconds={n}"),
            Self::Millis429(n) => write!(f, "429-ms={n}"),
            Self::Seconds503(n) => write!(f, "503-seconds={n}"),
            Self::SlowUpload(n) => write!(f, "slow-upload={n}"),
            plain => PLAIN
                .iter()
                .filter(|(_, fault)| fault == plain)
                .try_for_each(|(name, _)| f.write_str(name)),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<u32> for At {
    fn from(number: u32) -> Self {
        Self::Request(number)
    }
}

impl From<&str> for At {
    fn from(path: &str) -> Self {
        Self::Path(path.to_owned())
    }
}

impl Order {
    /// Waits from now on: `calls` have arrived so far.
    pub(crate) fn arm(self, calls: u32) -> Armed {
        let (from, path) = match self.at {
            At::Request(number) => (calls.saturating_add(number.max(1)), None),
            At::Path(path) => (0, Some(path)),
        };
        Armed {
            fault: self.fault,
            from,
            path,
            left: self.times,
        }
    }
}

impl FromStr for Order {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        let (rest, times) = match text.rsplit_once('*') {
            None => (text, 1),
            Some((rest, times)) => (rest, times.parse().map_err(|_| unknown())?),
        };
        let (fault, at) = match rest.split_once('@') {
            None => (rest, At::Request(1)),
            Some((fault, path)) if path.contains('/') => (fault, At::from(path)),
            Some((fault, number)) => (fault, At::Request(number.parse().map_err(|_| unknown())?)),
        };
        Ok(Self {
            fault: Fault::parse(fault).ok_or_else(unknown)?,
            at,
            times,
        })
    }
}

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Fault::names().collect();
        write!(
            f,
            "`{}` is not FAULT[@WHERE][*TIMES] with a fault of {}",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownFault {}

impl Armed {
    /// The fault, when it strikes that request; then it has struck.
    pub(crate) fn meet(&mut self, number: u32, method: &str, path: &str) -> Option<Fault> {
        let covers = match &self.path {
            Some(prefix) => {
                path.starts_with(prefix.as_str())
                    || format!("{method} {path}").starts_with(prefix.as_str())
            }
            None => number >= self.from,
        };
        if !covers || self.left == 0 {
            return None;
        }
        self.left -= 1;
        Some(self.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for name in Fault::names().map(|name| name.replace("STATUS", "529").replace('N', "30")) {
            assert_eq!(name.parse::<Order>().unwrap().fault.to_string(), name);
        }
    }

    #[test]
    fn an_order_says_where_and_how_often() {
        let order = |fault, at, times| Ok(Order { fault, at, times });
        assert_eq!("409".parse(), order(Fault::Status(409), At::Request(1), 1));
        assert_eq!(
            "lost-after@4".parse(),
            order(Fault::LostAfter, At::Request(4), 1)
        );
        assert_eq!(
            "reset@POST /v1/skills*3".parse(),
            order(Fault::Reset, At::from("POST /v1/skills"), 3)
        );
    }

    #[test]
    fn what_is_no_fault_is_refused_with_the_list() {
        for text in [
            "",
            "200",
            "600",
            "nonsense",
            "429-ms",
            "409@",
            "409@x",
            "409*",
            "reset=3",
            "slow-upload=-1",
        ] {
            assert!(
                text.parse::<Order>()
                    .unwrap_err()
                    .to_string()
                    .contains("lost-before"),
                "{text}"
            );
        }
    }
}
