//! Faults between a club and its client.

mod damage;

use sim_server::faults;

pub(crate) use damage::{damage_answer, replace_answer};

use crate::dialect;

/// The one call that needs no session, in either flow.
const ANONYMOUS: [&str; 2] = ["/api/samlauthentication/anonymous", "/validate/"];

faults! {
    /// A fault. As text (`--fault`, the control endpoint) it is the word before the arrow.
    ///
    /// Faults of the first part replace the answer; by default they touch every call to `/api/` and
    /// `/validate/`. The others damage a genuine successful answer; by default they leave the
    /// anonymous call and logins alone. `@WHERE` overrides either.
    pub enum Fault {
        /// 403 to the first call, then fine.
        "first-403" => First403,
        /// 403 to every call.
        "every-403" => Every403,
        /// Cloudflare's HTML page with status 403.
        "cloudflare-403" => Cloudflare403,
        /// Cloudflare's HTML page with status 200.
        "cloudflare-200" => Cloudflare200,
        /// 401 to every call but the first N that need a session.
        "401-after=N" => After401(u32),
        /// 429 with `Retry-After` in seconds.
        "429-seconds=N" => Seconds429(u32),
        /// 429 with `Retry-After` as a date, so many seconds ahead of the real clock.
        "429-date=N" => Date429(u32),
        /// 500 with an HTML page.
        "500" => Error500,
        /// 503 to the first N calls, then fine.
        "503-first=N" => First503(u32),
        /// That status with a JSON body that names it, as the portal itself answers.
        "status=N" => Status(u32),
        /// The connection is reset instead of an answer.
        "reset" => Reset,
        /// The first N calls are reset, then fine.
        "reset-first=N" => FirstReset(u32),
        /// No answer, the connection stays open.
        "never" => Never,
        /// 307 to another URL, which keeps method and body.
        "redirect=URL" => Redirect(&'static str),
        /// The handler panics, so that the club does when it is dropped.
        "panic" => Panic,

        /// Half of the chunked body, then the connection closes.
        "truncated" => Truncated,
        /// `Content-Length` promises more than comes before the connection closes.
        "wrong-length" => WrongLength,
        /// `Content-Length` of half the body, which is clipped there.
        "short-length" => ShortLength,
        /// `Content-Encoding: gzip` over bytes that are not.
        "garbage-gzip" => GarbageGzip,
        /// A few bytes at a time, with a short pause after each, four seconds at most in all.
        "drip" => Drip,
        /// An object where the array should be.
        "not-array" => NotArray,
        /// An array in which every element is of the wrong type.
        "wrong-types" => WrongTypes,
        /// The genuine array with one number in the middle.
        "wrong-element" => WrongElement,
        /// The genuine array and 60 MB of padding elements without courts.
        "huge" => Huge,
        /// Status 200 and no body.
        "empty-body" => EmptyBody,
    }
}

impl Fault {
    /// A redirect to this URL, which is kept until the process ends.
    pub fn redirect(url: impl Into<String>) -> Self {
        Self::Redirect(Box::leak(url.into().into_boxed_str()))
    }

    /// True for a fault that needs a genuine answer to damage.
    fn damages(self) -> bool {
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
}

impl sim_server::Fault for Fault {
    const TIMES: Option<u32> = None;

    fn covers(self, path: &str) -> bool {
        let anonymous = ANONYMOUS.iter().any(|call| path.starts_with(call));
        // A refused or damaged token would hide what these faults are about: the answers after it.
        if self.damages() || matches!(self, Self::After401(_)) {
            path.starts_with("/api/") && !anonymous && !dialect::is_login(path)
        } else {
            path.starts_with("/api/") || anonymous
        }
    }

    fn strikes(self, number: u32) -> bool {
        match self {
            Self::First403 => number == 1,
            Self::After401(n) => number > n,
            Self::First503(n) | Self::FirstReset(n) => number <= n,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_server::Fault as _;

    use super::*;

    const SESSIONS: &str = "/api/availability/V2/sessions";

    #[test]
    fn every_name_is_read_back() {
        for name in Fault::NAMES {
            let text = name.replace(['N'], "3").replace("URL", "http://x/");
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_replaced_answer_may_be_the_anonymous_call() {
        let paths = ["/book", "/validate/tenant/anonymous", SESSIONS];
        assert_eq!(
            paths.map(|path| Fault::First403.covers(path)),
            [false, true, true]
        );
    }

    #[test]
    fn a_damaged_answer_is_neither_the_anonymous_call_nor_a_login() {
        let paths = [ANONYMOUS[0], "/api/samlauthentication/login", SESSIONS];
        for fault in [Fault::Truncated, Fault::After401(1)] {
            assert_eq!(paths.map(|path| fault.covers(path)), [false, false, true]);
        }
    }

    #[test]
    fn some_faults_strike_first_and_some_later() {
        for (fault, struck) in [
            (Fault::First403, [true, false, false]),
            (Fault::After401(1), [false, true, true]),
            (Fault::First503(2), [true, true, false]),
        ] {
            assert_eq!([1, 2, 3].map(|number| fault.strikes(number)), struck);
        }
    }
}
