//! Everything that can go wrong between a club and its client, in one grammar.

mod armed;
mod damage;
mod pieces;

use std::{fmt, str::FromStr};

use axum::http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

pub(crate) use armed::Armed;
pub(crate) use damage::{damage, replacement};

/// A fault. As text (`--fault`, the control endpoint, [`FromStr`]) it is the word at the end of
/// each line.
///
/// Faults of the first part replace the answer; by default they touch every call to `/api/` and
/// `/validate/`. The others damage a genuine successful answer; by default they leave the anonymous
/// call and logins alone. A path prefix ([`Club::push_fault`](crate::Club::push_fault)) overrides
/// either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Fault {
    /// 403 to the first call, then fine: `first-403`.
    First403,
    /// 403 to every call: `every-403`.
    Every403,
    /// Cloudflare's HTML page with status 403: `cloudflare-403`.
    Cloudflare403,
    /// Cloudflare's HTML page with status 200: `cloudflare-200`.
    Cloudflare200,
    /// 401 to every call but the first N that need a session: `401-after=N`.
    After401(u32),
    /// 429 with `Retry-After` in seconds: `429-seconds=N`.
    Seconds429(u32),
    /// 429 with `Retry-After` as a date, so many seconds ahead of the real clock: `429-date=N`.
    Date429(u32),
    /// 500 with an HTML page: `500`.
    Error500,
    /// 503 to the first N calls, then fine: `503-first=N`.
    First503(u32),
    /// That status with a JSON body that names it, as the portal itself answers: `status=N`.
    Status(u32),
    /// The connection is reset instead of an answer: `reset`.
    Reset,
    /// The first N calls are reset, then fine: `reset-first=N`.
    FirstReset(u32),
    /// No answer, the connection stays open: `never`.
    Never,
    /// 307 to another URL, which keeps method and body: `redirect=URL`. See
    /// [`redirect`](Self::redirect).
    Redirect(&'static str),
    /// The handler panics, so that the club does when it is dropped: `panic`.
    Panic,

    /// Half of the chunked body, then the connection closes: `truncated`.
    Truncated,
    /// `Content-Length` promises more than comes before the connection closes: `wrong-length`.
    WrongLength,
    /// `Content-Length` of half the body, which is clipped there: `short-length`.
    ShortLength,
    /// `Content-Encoding: gzip` over bytes that are not: `garbage-gzip`.
    GarbageGzip,
    /// A few bytes at a time, with a short pause after each, four seconds at most in all: `drip`.
    Drip,
    /// An object where the array should be: `not-array`.
    NotArray,
    /// An array in which every element is of the wrong type: `wrong-types`.
    WrongTypes,
    /// The genuine array with one number in the middle: `wrong-element`.
    WrongElement,
    /// The genuine array and 60 MB of padding elements without courts: `huge`.
    Huge,
    /// Status 200 and no body: `empty-body`.
    EmptyBody,
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

/// The faults without a number, by name.
const PLAIN: [(&str, Fault); 18] = [
    ("first-403", Fault::First403),
    ("every-403", Fault::Every403),
    ("cloudflare-403", Fault::Cloudflare403),
    ("cloudflare-200", Fault::Cloudflare200),
    ("500", Fault::Error500),
    ("reset", Fault::Reset),
    ("never", Fault::Never),
    ("panic", Fault::Panic),
    ("truncated", Fault::Truncated),
    ("wrong-length", Fault::WrongLength),
    ("short-length", Fault::ShortLength),
    ("garbage-gzip", Fault::GarbageGzip),
    ("drip", Fault::Drip),
    ("not-array", Fault::NotArray),
    ("wrong-types", Fault::WrongTypes),
    ("wrong-element", Fault::WrongElement),
    ("huge", Fault::Huge),
    ("empty-body", Fault::EmptyBody),
];

/// A name, and the fault that a number makes of it.
type Numbered = (&'static str, fn(u32) -> Fault);

/// The faults with a number, by name.
const NUMBERED: [Numbered; 6] = [
    ("401-after", Fault::After401),
    ("429-seconds", Fault::Seconds429),
    ("429-date", Fault::Date429),
    ("503-first", Fault::First503),
    ("status", Fault::Status),
    ("reset-first", Fault::FirstReset),
];

/// The name of the fault with a URL.
const REDIRECT: &str = "redirect";

impl Fault {
    /// The names of all faults, those that take a number with `=N`, a URL with `=URL`.
    pub fn names() -> impl Iterator<Item = String> {
        let plain = PLAIN.iter().map(|(name, _)| (*name).to_owned());
        plain
            .chain(NUMBERED.iter().map(|(name, _)| format!("{name}=N")))
            .chain([format!("{REDIRECT}=URL")])
    }

    /// A redirect to this URL. It is kept until the process ends, so that a fault is as small as
    /// the others.
    pub fn redirect(url: impl Into<String>) -> Self {
        Self::Redirect(Box::leak(url.into().into_boxed_str()))
    }

    /// Whether it strikes the call with that number (the first is 1) among those it covers.
    pub(crate) fn strikes(self, call: u32) -> bool {
        match self {
            Self::First403 => call == 1,
            Self::After401(n) => call > n,
            Self::First503(n) | Self::FirstReset(n) => call <= n,
            _ => true,
        }
    }

    /// Whether it needs a genuine answer to damage.
    pub(crate) fn damages(self) -> bool {
        matches!(
            self,
            Self::Truncated
                | Self::WrongLength
                | Self::ShortLength
                | Self::GarbageGzip
                | Self::Drip
                | Self::NotArray
                | Self::WrongTypes
                | Self::WrongElement
                | Self::Huge
                | Self::EmptyBody
        )
    }

    fn number(self) -> Option<u32> {
        match self {
            Self::After401(n)
            | Self::Seconds429(n)
            | Self::Date429(n)
            | Self::First503(n)
            | Self::Status(n)
            | Self::FirstReset(n) => Some(n),
            _ => None,
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let fault = match text.split_once('=') {
            None => PLAIN
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, fault)| *fault),
            Some((REDIRECT, url)) if HeaderValue::try_from(url).is_ok() => {
                Some(Self::redirect(url))
            }
            Some((name, number)) => NUMBERED
                .iter()
                .find(|(known, _)| *known == name)
                .and_then(|(_, fault)| number.parse().ok().map(fault)),
        };
        fault.ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Redirect(url) = self {
            return write!(f, "{REDIRECT}={url}");
        }
        match self.number() {
            None => PLAIN
                .iter()
                .filter(|(_, fault)| fault == self)
                .try_for_each(|(name, _)| f.write_str(name)),
            Some(n) => NUMBERED
                .iter()
                .filter(|(_, fault)| fault(n) == *self)
                .try_for_each(|(name, _)| write!(f, "{name}={n}")),
        }
    }
}

impl TryFrom<String> for Fault {
    type Error = UnknownFault;

    fn try_from(text: String) -> Result<Self, UnknownFault> {
        text.parse()
    }
}

/// By hand, as serde would take the URL for a piece of what it reads.
impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Fault::names().collect();
        write!(
            f,
            "`{}` is not a fault: one of {}",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for name in Fault::names().map(|name| name.replace('N', "3")) {
            assert_eq!(name.parse::<Fault>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn what_is_no_fault_is_refused_with_the_list() {
        for text in [
            "",
            "nonsense",
            "500=3",
            "429-date",
            "401-after=x",
            "reset-first=-1",
            "redirect",
            "redirect=\n",
        ] {
            assert!(
                text.parse::<Fault>()
                    .unwrap_err()
                    .to_string()
                    .contains("first-403")
            );
        }
    }
}
