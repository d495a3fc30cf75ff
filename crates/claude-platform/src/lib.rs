//! An async client of the Claude Platform: skills and their versions, agents, sessions, files.
//!
//! [`Settings`] say where the platform is and who we are: the direct API with a key, a token or
//! workload identity federation, or Claude Platform on AWS with a key or signed requests. A
//! [`Client`] sends; one module per kind of resource (`skills`, `agents`, `environments`,
//! `sessions`, `files`) holds its operations and what they answer.
//!
//! Each operation says where it comes from: *recorded* is what the official SDK sends, and
//! `scripts/conformance` compares; *documented* is in the platform's documentation; *read in the
//! SDK's types* is what it says. None of it was tried on the service itself.
//!
//! Every operation fails as [`Error`] says. It never decides what a release needs. What was sent may have been carried out although no
//! answer came: [`Error::may_have_happened`] says so, and the caller looks before it sends again.

mod agents;
mod auth;
mod client;
mod clock;
mod connections;
mod environments;
mod error;
mod files;
mod iam;
mod local;
mod multipart;
mod refusal;
mod request;
mod retry;
mod sessions;
mod settings;
mod skills;
mod text;
mod transport;

pub use agents::{Agent, AgentUpdate, SkillEntry};
pub use client::Client;
pub use environments::Environment;
pub use error::{Error, Kind};
pub use files::File;
pub use sessions::{Cost, Event, NewSession, Session};
pub use settings::{Limits, Settings};
pub use skills::{Archive, Skill, SkillVersion};
pub use transport::Exchange;
