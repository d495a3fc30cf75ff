//! A simulated Gladstone Go leisure club over HTTP, for end-to-end tests, the demo and offline
//! development.
//!
//! It is written from the portal's reference and shares no type with the client, so that a
//! misunderstanding on one side shows on the other. It must never grow a shortcut that only the
//! client would know.
//!
//! - [`Club`] is a running club: [`Club::builder`] says what it is like, dropping it stops it and
//!   checks that it was called as the test meant it.
//! - [`Fault`] is everything that can go wrong, in one grammar for [`Builder::fault`], the
//!   `--fault` flag and the control endpoint `/__sim/faults`.
//! - [`Shape`] is what the club's member side looks like; [`Club::har`] is what a browser captures
//!   of it.
//! - `timetable` decides which courts are taken and when, `diary` what members have booked;
//!   `portal` puts that into the portal's JSON; `server` and `fault` carry it over the wire, or
//!   fail to.

mod builder;
mod clock;
mod club;
mod diary;
mod fault;
mod har;
mod journal;
mod members;
mod portal;
mod server;
mod shape;
mod sim;
mod timetable;
mod tls;
mod wire;

pub use builder::{Builder, Flow};
pub use club::Club;
pub use diary::TruthBooking;
pub use fault::{Fault, UnknownFault};
pub use journal::Call;
pub use members::DEFAULT_MEMBER;
pub use shape::Shape;
pub use timetable::TruthSlot;
pub use tls::Certificate;
