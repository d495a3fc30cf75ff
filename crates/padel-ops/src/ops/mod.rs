//! The work of the steps, one file per thing: it sends, waits and compares, and does not decide
//! whether it should.

pub(crate) mod agents;
pub(crate) mod content;
pub(crate) mod conversation;
pub(crate) mod creation;
pub(crate) mod follow;
pub(crate) mod history;
pub(crate) mod marked_session;
pub(crate) mod package;
pub(crate) mod pinning;
pub(crate) mod provenance;
pub(crate) mod provision;
pub(crate) mod publishing;
pub(crate) mod question;
pub(crate) mod readiness;
pub(crate) mod record;
pub(crate) mod skills;
pub(crate) mod stop;
pub(crate) mod transcript;
pub(crate) mod trial;
pub(crate) mod trial_session;
pub(crate) mod upload;
