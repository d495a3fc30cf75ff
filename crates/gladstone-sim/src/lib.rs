//! A simulated Gladstone Go leisure club over HTTP, for end-to-end tests, the demo and offline development.
//!
//! It is written from the portal's reference and shares no type with the client, so that a misunderstanding on one
//! side shows on the other. It must never grow a shortcut that only the client would know.
//!
//! - [`Club`] is a running club: [`Club::builder`] says what it is like, dropping it stops it and checks that it was
//!   called as the test meant it.
//! - [`Fault`] is everything that can go wrong, in one grammar for [`Builder::fault`], the `--fault` flag and the
//!   control endpoint `/__sim/faults`.
//! - `timetable` decides which courts are taken and when; `portal` puts that into the portal's JSON; `server` and
//!   `fault` carry it over the wire, or fail to.

mod builder;
mod clock;
mod club;
mod fault;
mod journal;
mod portal;
mod server;
mod sim;
mod timetable;
mod tls;
mod wire;

pub use builder::{Builder, Flow};
pub use club::Club;
pub use fault::{Fault, UnknownFault};
pub use journal::Call;
pub use timetable::TruthSlot;
pub use tls::Certificate;
