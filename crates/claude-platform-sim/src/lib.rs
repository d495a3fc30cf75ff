//! A simulated Claude Platform over HTTP: skills, agents, sessions and files, for tests and the
//! demo of releases.
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
//! - A request passes `server` (journal, faults), `gate` (credentials, headers, permissions), then
//!   one of `skills`, `agents`, `sessions`, `files`, by the table in `routes`.

mod agents;
mod answer;
mod aws;
mod builder;
mod clock;
mod control;
mod environments;
mod fault;
mod federation;
mod files;
mod gate;
mod journal;
mod model;
mod package;
mod pages;
mod platform;
mod request;
mod routes;
mod sandbox;
mod server;
mod sessions;
mod sim;
mod skills;
mod wire;

pub use aws::AwsAccess;
pub use builder::{Builder, DEFAULT_API_KEY};
pub use fault::{At, Fault, Order, UnknownFault};
pub use federation::{Federation, GITHUB_REQUEST_TOKEN, IDENTITY_TOKEN};
pub use journal::Call;
pub use model::Model;
pub use package::StoredFile;
pub use platform::Platform;
pub use skills::StoredVersion;
