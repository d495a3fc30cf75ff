//! Which fault a club has for a while, and what a command may come to under it.

use fastrand::Rng;
use gladstone_sim::Fault;

use crate::command::Kind;

/// A fault, or none.
#[derive(Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) fault: Option<Fault>,
    /// Seconds that a command has.
    pub(crate) timeout: u64,
}

impl Weather {
    /// Fair half of the time; what takes long is rare.
    pub(crate) fn of(rng: &mut Rng) -> Self {
        let some = rng.u32(1..4);
        let (fault, timeout) = match rng.u32(..1000) {
            0..500 => (None, 30),
            500..550 => (Some(Fault::First403), 30),
            550..600 => (Some(Fault::First503(some.min(2))), 30),
            600..650 => (Some(Fault::FirstReset(some.min(2))), 30),
            650..680 => (Some(Fault::Every403), 30),
            680..700 => (Some(Fault::Cloudflare403), 30),
            700..720 => (Some(Fault::Cloudflare200), 30),
            720..750 => (Some(Fault::Seconds429(600 * some)), 30),
            750..760 => (Some(Fault::Date429(600 * some)), 30),
            760..790 => (Some(Fault::Error500), 30),
            790..810 => (Some(Fault::Reset), 30),
            810..820 => (Some(Fault::Never), 1),
            820..850 => (Some(Fault::Truncated), 30),
            850..870 => (Some(Fault::WrongLength), 30),
            870..890 => (Some(Fault::ShortLength), 30),
            890..910 => (Some(Fault::GarbageGzip), 30),
            910..930 => (Some(Fault::NotArray), 30),
            930..950 => (Some(Fault::WrongTypes), 30),
            950..970 => (Some(Fault::WrongElement), 30),
            970..990 => (Some(Fault::EmptyBody), 30),
            990..998 => (
                Some(Fault::Redirect("http://169.254.169.254/latest/meta-data/")),
                30,
            ),
            998 => (Some(Fault::Drip), 30),
            _ => (Some(Fault::Huge), 60),
        };
        Self { fault, timeout }
    }

    /// For the figures.
    pub(crate) fn name(self) -> String {
        let text = self
            .fault
            .map_or("fair".to_owned(), |fault| fault.to_string());
        text.split('=').next().unwrap_or_default().to_owned()
    }

    /// The codes that a command may end with. What needs no request, as it is kept, is `ok` under
    /// any fault.
    pub(crate) fn allowed(self, kind: Kind) -> Vec<&'static str> {
        let Some(fault) = self.fault else {
            return vec!["ok"];
        };
        let mut codes = match fault {
            Fault::Every403 | Fault::Cloudflare403 => vec!["portal_refused"],
            Fault::Cloudflare200 => vec!["portal_refused"],
            Fault::Seconds429(_) | Fault::Date429(_) => vec!["rate_limited"],
            Fault::Error500
            | Fault::Reset
            | Fault::Truncated
            | Fault::WrongLength
            | Fault::GarbageGzip => {
                vec!["network"]
            }
            Fault::Never => vec!["timeout"],
            Fault::ShortLength
            | Fault::NotArray
            | Fault::WrongTypes
            | Fault::EmptyBody
            | Fault::Redirect(_) => {
                vec!["portal_changed"]
            }
            // First403 and the like, a drip, much padding, one bad element: worked through.
            _ => vec!["ok"],
        };
        // A sign-in is sent once, so it meets what a GET is tried again for; members' JSON is only
        // assumed.
        match (kind, fault) {
            (Kind::Member, Fault::First403) => codes.push("portal_refused"),
            (Kind::Member, Fault::First503(_) | Fault::FirstReset(_)) => codes.push("network"),
            (Kind::Member, Fault::Cloudflare200 | Fault::ShortLength | Fault::NotArray) => {
                codes.push("profile_unverified");
            }
            (Kind::Member, Fault::WrongTypes | Fault::EmptyBody) => {
                codes.push("profile_unverified");
            }
            (Kind::Catalogue, Fault::WrongTypes) => codes = vec!["ok"],
            _ => {}
        }
        if kind == Kind::Member {
            codes.push("ok");
        }
        codes
    }
}
