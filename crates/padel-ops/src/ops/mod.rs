//! What steps do, one file per thing: they send, wait and compare, and decide nothing about whether
//! they should.

pub(crate) mod agents;
pub(crate) mod content;
#[allow(dead_code, reason = "`up` and `ask` create; they follow")]
pub(crate) mod creation;
pub(crate) mod history;
pub(crate) mod package;
pub(crate) mod pinning;
pub(crate) mod provenance;
pub(crate) mod publishing;
#[allow(dead_code, reason = "`ask` writes it; it follows")]
pub(crate) mod question;
pub(crate) mod readiness;
pub(crate) mod record;
pub(crate) mod skills;
pub(crate) mod stop;
pub(crate) mod transcript;
pub(crate) mod trial;
pub(crate) mod trial_session;
pub(crate) mod upload;
