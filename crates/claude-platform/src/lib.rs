//! An async client of the Claude Platform: skills and their versions, agents, environments, vaults
//! and credentials, sessions and their events, deployments, files, models.
//!
//! [`Settings`] say where the platform is and who we are: the direct API with a key, a token or
//! workload identity federation, or Claude Platform on AWS with a key or signed requests. A
//! [`Client`] sends; one module per kind of resource holds its operations and what they answer.
//!
//! Each operation says where it comes from: *recorded* is what the official SDK sends, and
//! `scripts/conformance` compares; *documented* is in the platform's documentation; *read in the
//! SDK's types* is what it says. None of it was tried on the service itself.
//!
//! Every operation fails as [`Error`] says. It never decides what a release needs. What was sent may
//! have been carried out although no answer came: [`Error::may_have_happened`] says so, and the
//! caller looks before it sends again.

mod agents;
mod auth;
mod client;
mod clock;
mod connections;
mod credentials;
mod deployments;
mod environments;
mod error;
mod events;
mod files;
mod follow;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod iam;
mod json;
mod local;
mod models;
mod multipart;
mod refusal;
mod request;
mod resources;
mod retry;
mod sessions;
mod settings;
mod skills;
mod sse;
mod stream;
mod text;
mod transport;
mod vaults;

pub use agents::{Agent, AgentFields, AgentUpdate, SkillEntry};
pub use client::Client;
pub use credentials::{
    AuthUpdate, Credential, CredentialValidation, NewAuth, OauthRefresh, Places,
};
pub use deployments::{Deployment, DeploymentFields, DeploymentRun};
pub use environments::{Environment, EnvironmentFields};
pub use error::{Error, Kind};
pub use events::{Event, user_message};
pub use files::File;
pub use follow::Follower;
pub use models::Model;
pub use resources::Resource;
pub use sessions::{Cost, NewSession, Session, SessionFilter, Usage};
pub use settings::{Limits, Settings};
pub use skills::{Archive, Skill, SkillVersion};
pub use stream::EventStream;
pub use transport::Exchange;
pub use vaults::Vault;
