//! Behaviour of the portal: settings that stay for a club's lifetime.

use axum::body::Bytes;

use crate::shape::Shape;

/// The way an anonymous visitor gets a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Flow {
    /// A cookie `Jwt`, sent with the header `X-Use-Sso: 1`.
    #[default]
    Cookie,
    /// The older one: a token in an encrypted envelope, sent as `Authorization: Bearer`. The
    /// cookie's endpoint is 404.
    Envelope,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    pub(crate) flow: Flow,
    pub(crate) shape: Shape,
    pub(crate) https: bool,
    pub(crate) gzip: bool,
    pub(crate) reject_past_date_from: bool,
    pub(crate) redirect_anonymous: bool,
    pub(crate) require_member: bool,
    pub(crate) undated: bool,
    /// Seconds.
    pub(crate) anonymous_token_life: u32,
    pub(crate) replaced: ReplacedAnswers,
}

/// Texts that take the place of the generated answers, JSON or not.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReplacedAnswers {
    pub(crate) sessions: Option<Bytes>,
    pub(crate) activities: Option<Bytes>,
    pub(crate) sites: Option<Bytes>,
    pub(crate) bookings: Option<Bytes>,
}

impl Behaviour {
    pub(crate) fn cookie_attributes(&self) -> &'static str {
        if self.https {
            "; Path=/; HttpOnly; Secure"
        } else {
            "; Path=/; HttpOnly"
        }
    }
}
