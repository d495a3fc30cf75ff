//! A simulated Slack workspace over HTTP: people, channels, one app, for tests and the demo of
//! `padel-slack`.
//!
//! It is written from what is known of Slack and shares no type with the bridge, so that a
//! misunderstanding on one side shows on the other. It must never grow a shortcut that only the
//! bridge would know.
//!
//! - [`Workspace`] is a running workspace: [`Workspace::builder`] says what it is like, dropping it
//!   stops it and fails the test when a handler panicked. [`Draft`] is what a person sends.
//! - [`Fault`] is everything that can go wrong with a call of the Web API, [`Mishap`] with a
//!   delivery of an event; one grammar for both, in tests, flags and the control endpoint.
//! - A request comes from `sim_server` (connections, journal, the grammar of faults) to `server`,
//!   then to a method in `web` (`gate`: token, scope, patience) or to `socket`. What they change is
//!   in `objects`.
//! - What people do becomes `events`: wrapped, queued, delivered with retries, over HTTP or a
//!   `socket`.
#![allow(
    missing_docs,
    reason = "a test tool: what a name says is not said twice"
)]

mod app;
mod builder;
mod control;
mod draft;
mod events;
mod exchange;
mod fault;
mod json;
mod limits;
mod mishap;
mod objects;
mod program;
mod server;
mod setup;
mod signature;
mod sim;
mod socket;
mod stamps;
mod transcript;
mod web;
mod word;
mod wording;
mod workspace;

pub use app::{DEFAULT_APP_TOKEN, DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET};
pub use builder::Builder;
pub use control::CONTROL_HELP;
pub use draft::{Draft, DraftError};
pub use events::{Attempt, Outcome, VerificationError};
pub use fault::Fault;
pub use mishap::Mishap;
pub use objects::{Message, Reaction};
pub use program::{ProgramError, point_app, read_transcript, type_message};
pub use setup::{APP, BOT, BOT_USER, EVENTS, SCOPES, TEAM};
pub use signature::sign_body;
pub use sim_server::{At, Call, Order};
pub use socket::{SocketOrder, UnknownOrder};
pub use word::Word;
pub use workspace::Workspace;
