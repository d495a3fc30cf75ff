//! Every way in which a question gets no answer, and the sentence that its author gets for it.

/// Reason why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The person asked too much in too short a time.
    TooMany,
    /// It could not be asked in time: the platform or this bridge was away.
    Late,
    /// The platform refuses the request or our credentials.
    Setup,
    /// The model refused.
    Refusal,
    /// The session has cost what it may.
    Budget,
    /// The session waits for a permission that nobody gives.
    Permission,
    /// The platform gave up, or reported an error.
    Broken,
    /// The session is over.
    Ended,
    /// The agent stopped and had said nothing.
    Silent,
    /// It took too long.
    Slow,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::TooMany,
        Self::Late,
        Self::Setup,
        Self::Refusal,
        Self::Budget,
        Self::Permission,
        Self::Broken,
        Self::Ended,
        Self::Silent,
        Self::Slow,
    ];

    /// Returns the word for logs, the ledger and our posts' metadata.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::Late => "late",
            Self::Setup => "setup",
            Self::Refusal => "refusal",
            Self::Budget => "budget",
            Self::Permission => "permission",
            Self::Broken => "broken",
            Self::Ended => "ended",
            Self::Silent => "silent",
            Self::Slow => "slow",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.name() == name)
    }

    /// Returns what the person reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooMany => {
                "You asked very often in a short time, so I pause. Please ask again in ten minutes."
            }
            Self::Late => "I could not get to this question in time. Please ask again.",
            Self::Setup => {
                "I am not set up correctly, so I cannot answer. An owner of this app finds the \
                    reason in its log."
            }
            Self::Refusal => "I will not answer that. Ask me about courts or bookings.",
            Self::Budget => {
                "This thread has used up its budget. Please ask again: I begin a new session."
            }
            Self::Permission => {
                "I stopped at a step that needs a permission. An owner of this app has to look at \
                    the agent's settings."
            }
            Self::Broken => "Something broke while I looked. Please ask again.",
            Self::Ended => "My session ended before I had an answer. Please ask again.",
            Self::Silent => "I found nothing to say. Please ask again in other words.",
            Self::Slow => "That took too long, so I stopped. Please ask again.",
        }
    }

    /// Returns whether the thread's next question needs a new session: this one takes no more, or
    /// may still be busy with what is not waited for any longer.
    #[must_use]
    pub const fn ends_session(self) -> bool {
        matches!(
            self,
            Self::Budget | Self::Permission | Self::Broken | Self::Ended | Self::Slow
        )
    }
}
