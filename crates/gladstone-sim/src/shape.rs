//! The shapes that a club's member side may have, by name.

use clap::ValueEnum;

/// The way members sign in, and the JSON of their bookings.
///
/// The real portal's member side is not publicly known, so none of these is it: each is invented,
/// and they differ from one another in all that a client might take for granted. The crate's README
/// has them side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, ValueEnum)]
pub enum Shape {
    /// The nearest neighbours of the confirmed paths: JSON login, the member token in the cookie
    /// `Jwt`.
    #[default]
    Assumed,
    /// JSON login with a fixed field, the token in the answer's JSON, sent as `Bearer`; deeply
    /// nested bookings.
    Token,
    /// A form with fixed fields and a needed header, a cookie of its own on a redirect; times
    /// without offset.
    Form,
    /// Credentials and answer sealed by AES-256-CBC; the booking number is a number.
    SealedCbc,
    /// Credentials and answer sealed by AES-256-GCM, the body plain text; times in an array.
    SealedGcm,
    /// Credentials in an array, keys that need escaping in a JSON pointer, times in milliseconds.
    Odd,
    /// Credentials in `Authorization: Basic`, of a POST without a body; times with an offset that
    /// has no colon.
    Basic,
    /// Credentials in two headers, of a POST of `{}`.
    Headers,
    /// Credentials in the query of a GET.
    Query,
    /// Credentials in the parts of a form.
    Parts,
    /// No member side at all: 404.
    Absent,
}

impl Shape {
    /// Every shape that has a member side.
    pub fn with_members() -> [Self; 10] {
        [
            Self::Assumed,
            Self::Token,
            Self::Form,
            Self::SealedCbc,
            Self::SealedGcm,
            Self::Odd,
            Self::Basic,
            Self::Headers,
            Self::Query,
            Self::Parts,
        ]
    }
}
