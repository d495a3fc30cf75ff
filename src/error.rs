//! The kinds of failure, as the caller sees them. `docs/exit-codes.md` and SKILL.md carry this table,
//! and tests walk it.

/// A failure on its way to the caller.
pub type Error = diagnostic::Error<Code>;

diagnostic::error_codes! {
    /// The kinds of failure.
    pub enum Code {
        /// A bug in `padel`, or a machine that refuses something basic such as writing the answer.
        Internal = ("internal", 1),
        /// The command line is wrong.
        Usage = ("usage", 2),
        /// No such club host, site or activity.
        NotFound = ("not_found", 3),
        /// The club does not know this e-mail and password.
        LoginRejected = ("login_rejected", 4),
        /// Only a signed-in member may see this, and there are no credentials.
        LoginRequired = ("login_required", 4),
        /// The club has locked the account for a while.
        AccountLocked = ("account_locked", 4),
        /// The portal, or what stands before it, answers 403; to a request that may be repeated, twice.
        PortalRefused = ("portal_refused", 5),
        /// The portal answers something else than what is known of it.
        PortalChanged = ("portal_changed", 5),
        /// What is only assumed of the member's side does not hold at this club.
        ProfileUnverified = ("profile_unverified", 5),
        /// DNS, connection, TLS or proxy.
        Network = ("network", 6),
        /// The whole command took longer than `--timeout`.
        Timeout = ("timeout", 6),
        /// The portal answers 429.
        RateLimited = ("rate_limited", 7),
        /// No e-mail and password anywhere.
        CredentialsNotFound = ("credentials_not_found", 8),
        /// The `.env` that was named cannot be read.
        CredentialsUnreadable = ("credentials_unreadable", 8),
        /// A settings file or variable holds something wrong.
        ConfigInvalid = ("config_invalid", 8),
        /// No club is set anywhere.
        ClubMissing = ("club_missing", 8),
        /// A target of `padel watch` did not take a message.
        NotDelivered = ("not_delivered", 9),
        /// Ctrl-C.
        Interrupted = ("interrupted", 130),
    }
}
