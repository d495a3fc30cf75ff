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
//! - [`Shape`] is what the club's member side looks like, and `dialect` has each as data;
//!   [`Club::har`] is what a browser captures of it.
//! - `timetable` decides which courts are taken and when, `diary` what members have booked;
//!   `portal` puts that into the portal's JSON; `fault` damages it on its way out.
//! - Connections, journal, clock and the grammar of faults are `sim_server`'s.
#![allow(
    missing_docs,
    reason = "a test tool: what a name says is not said twice"
)]

mod behaviour;
mod builder;
mod club;
mod dialect;
mod diary;
mod envelope;
mod fault;
mod fields;
mod har;
mod headers;
mod members;
mod parameters;
mod portal;
mod shape;
mod sim;
mod timetable;
mod tokens;

pub use behaviour::Flow;
pub use builder::Builder;
pub use club::Club;
pub use diary::TruthBooking;
pub use fault::Fault;
pub use members::DEFAULT_MEMBER;
pub use shape::Shape;
pub use sim_server::{Call, Certificate};
pub use timetable::TruthSlot;
