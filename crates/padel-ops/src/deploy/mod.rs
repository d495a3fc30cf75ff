//! One deployment of the agent: what `agent.toml` declares, and what of it is on the platform.
//!
//! - `declaration`: `agent.toml`, read and checked; `section` its tables by line, `values` the
//!   forms of single values.
//! - `desired`: the bodies of what it has on the platform; `compare` what differs from them.
//! - `bridge`: the settings of `padel-slack` that follow.
//! - `lock`: `agent.lock.json`, the ids of what was made.
//! - `secret`: the member's credentials, and their salted hash.
//! - `session`: the session that a deployment describes.
//! - `variables`: the operator's `.env` beside `agent.toml`.
//! - `fuzzing`: both files without their files, for the fuzz targets.
//!
//! Nothing in here sends a request.

mod bridge;
mod compare;
mod declaration;
mod desired;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod lock;
mod secret;
mod section;
mod session;
mod values;
mod variables;

pub(crate) use self::{
    bridge::list_bridge_settings,
    compare::{Difference, Shape, compare, update_body},
    declaration::{CredentialKind, Declaration, Reply},
    desired::{SLACK_SERVER, ScheduleIds},
    lock::{Lock, LockFile},
    secret::{MemberCredentials, SecretHash},
    session::describe_session,
    variables::read_variables,
};

/// The metadata key that says what a session of ours is for: `ask`, `tick` or `slack`.
pub(crate) const USE_KEY: &str = "padel_use";
/// The metadata key of everything that is ours on the platform; its value is the deployment's name.
pub(crate) const OWNER_KEY: &str = "padel_deployment";
