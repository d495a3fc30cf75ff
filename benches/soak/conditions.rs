//! Which fault a club has for a while, and how a command may end under it.

use fastrand::Rng;
use gladstone_sim::Fault;

/// The part of the club that a command needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Courts, which are asked for each time.
    Courts,
    /// The catalogue, which is asked for each time, too, and read as far as it can be.
    Catalogue,
    /// A member's session, which is kept for half an hour, and bookings.
    Member,
}

/// A fault, or none, and the time that commands have under it.
#[derive(Clone, Copy)]
pub(crate) struct Conditions {
    pub(crate) fault: Option<Fault>,
    /// Seconds that a command has.
    pub(crate) timeout: u64,
}

impl Conditions {
    /// Half of the time there is no fault; those that take long are rare.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let some = rng.u32(1..4);
        let fault = match rng.u32(..1000) {
            0..500 => None,
            500..550 => Some(Fault::First403),
            550..600 => Some(Fault::First503(some.min(2))),
            600..650 => Some(Fault::FirstReset(some.min(2))),
            650..680 => Some(Fault::Every403),
            680..700 => Some(Fault::Cloudflare403),
            700..720 => Some(Fault::Cloudflare200),
            720..750 => Some(Fault::Seconds429(600 * some)),
            750..760 => Some(Fault::Date429(600 * some)),
            760..790 => Some(Fault::Error500),
            790..810 => Some(Fault::Reset),
            810..820 => Some(Fault::Never),
            820..850 => Some(Fault::Truncated),
            850..870 => Some(Fault::WrongLength),
            870..890 => Some(Fault::ShortLength),
            890..910 => Some(Fault::GarbageGzip),
            910..930 => Some(Fault::NotArray),
            930..950 => Some(Fault::WrongTypes),
            950..970 => Some(Fault::WrongElement),
            970..990 => Some(Fault::EmptyBody),
            990..998 => Some(Fault::Redirect("http://169.254.169.254/latest/meta-data/")),
            998 => Some(Fault::Drip),
            _ => Some(Fault::Huge),
        };
        let timeout = match fault {
            // Nothing comes, so waiting longer proves nothing.
            Some(Fault::Never) => 1,
            // 60 MB to read, for several at once.
            Some(Fault::Huge) => 60,
            _ => 30,
        };
        Self { fault, timeout }
    }

    /// The fault without its argument.
    pub(crate) fn name(self) -> String {
        let text = self
            .fault
            .map_or("none".to_owned(), |fault| fault.to_string());
        text.split('=').next().unwrap_or_default().to_owned()
    }

    /// The codes that a command may end with. One that needs no request, as the answer is kept, is
    /// `ok` under any fault.
    pub(crate) fn allowed_codes(self, need: Need) -> Vec<&'static str> {
        let Some(fault) = self.fault else {
            return vec!["ok"];
        };
        let mut codes = match fault {
            Fault::Every403 | Fault::Cloudflare403 | Fault::Cloudflare200 => vec!["portal_refused"],
            Fault::Seconds429(_) | Fault::Date429(_) => vec!["rate_limited"],
            Fault::Error500
            | Fault::Reset
            | Fault::Truncated
            | Fault::WrongLength
            | Fault::GarbageGzip => vec!["network"],
            Fault::Never => vec!["timeout"],
            Fault::WrongTypes if need == Need::Catalogue => vec!["ok"],
            Fault::ShortLength
            | Fault::NotArray
            | Fault::WrongTypes
            | Fault::EmptyBody
            | Fault::Redirect(_) => vec!["portal_changed"],
            // First403 and the like, a drip, much padding, one bad element: padel copes.
            _ => vec!["ok"],
        };
        if need != Need::Member {
            return codes;
        }
        // A sign-in is sent once, so it meets what a GET is tried again for; members' JSON is only
        // assumed.
        match fault {
            Fault::First403 => codes.push("portal_refused"),
            Fault::First503(_) | Fault::FirstReset(_) => codes.push("network"),
            Fault::Cloudflare200
            | Fault::ShortLength
            | Fault::NotArray
            | Fault::WrongTypes
            | Fault::EmptyBody => codes.push("profile_unverified"),
            _ => {}
        }
        codes.push("ok");
        codes
    }
}
