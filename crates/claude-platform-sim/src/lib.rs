//! A simulated Claude Platform over HTTP: environments, vaults, skills, agents, sessions and files,
//! for tests and demos.
//!
//! It is written from the platform's reference and shares no type with the client, so that a
//! misunderstanding on one side shows on the other. It must never grow a shortcut that only the
//! client would know.
//!
//! - [`Platform`] is a running platform: [`Platform::builder`] says what it is like, dropping it
//!   stops it and fails the test when a handler panicked.
//! - [`Fault`] is everything that can go wrong, [`At`] where; one grammar for
//!   [`Platform::push_fault`], the `--fault` flag and the control endpoint `/__sim/faults`.
//! - [`Model`] is who works in the sessions. Its tool calls are really run, in a directory of the
//!   session's own.
//! - A request comes from `sim_server` (connections, journal, the grammar of faults) to `server`,
//!   passes `gate` (credentials, headers, permissions), then the file of its resource
//!   (`environments`, `vaults`, `credentials`, `skills`, `agents`, `sessions`, `files`, `models`,
//!   `deployments`),
//!   by the table in `routes`. What they change is in `objects`.
#![allow(
    missing_docs,
    reason = "a test tool: what a name says is not said twice"
)]

mod agents;
mod answer;
mod aws;
mod builder;
mod control;
mod credentials;
mod deployments;
mod egress;
mod environments;
mod fault;
mod federation;
mod fields;
mod files;
mod filters;
mod gate;
mod model;
mod models;
mod objects;
mod package;
mod pages;
mod platform;
mod request;
mod routes;
mod sandbox;
mod server;
mod sessions;
mod setup;
mod sim;
mod skills;
mod stamps;
mod tokens;
mod vaults;

pub use builder::{Builder, DEFAULT_API_KEY};
pub use control::CONTROL_HELP;
pub use egress::{Access, Egress, Injection, UnreadableUpstream, Upstream};
pub use fault::Fault;
pub use federation::{GITHUB_REQUEST_TOKEN, IDENTITY_TOKEN};
pub use objects::StoredVersion;
pub use package::StoredFile;
pub use platform::Platform;
pub use setup::{AwsAccess, Federation, Model};
pub use sim_server::{At, Call};
