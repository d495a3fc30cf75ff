//! One deployment of the agent: what `agent.toml` declares, and what of it is on the platform.
//!
//! - `declaration`: `agent.toml`, read and checked; `section` its tables by line, `values` the
//!   forms of single values.
//! - `lock`: `agent.lock.json`, the ids of what was made.
//! - `secret`: the member's credentials, and their salted hash.
//! - `session`: the session that a deployment describes.
//! - `variables`: the operator's `.env` beside `agent.toml`.
//!
//! Nothing in here sends a request.

mod declaration;
mod lock;
mod secret;
mod section;
mod session;
mod values;
mod variables;

pub(crate) use self::{
    declaration::{CredentialKind, Declaration, DeclaredCredentials, Reply},
    lock::{Lock, LockFile},
    secret::{MemberCredentials, SecretHash},
    session::describe_session,
    variables::read_variables,
};

/// The metadata key that says what a session of ours is for: `ask`, `tick` or `slack`.
pub(crate) const USE_KEY: &str = "padel_use";
/// The metadata key of everything that is ours on the platform; its value is the deployment's name.
pub(crate) const OWNER_KEY: &str = "padel_deployment";
