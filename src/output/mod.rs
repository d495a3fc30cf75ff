//! From a command's report to bytes: a room per document, with its report, its JSON and its
//! renderings. Knows neither HTTP nor the portal's JSON.
//!
//! Text from the portal is already printable here (`crate::text`); each format escapes what it
//! gives a meaning to. What the documents share: [`Report`], [`Style`], `grid` for tables, `escape`
//! for Markdown, `json`, `calendar`.

#![allow(
    missing_docs,
    reason = "a report's fields are those of its document, which `schemas/` describes"
)]

mod activities;
mod availability;
mod bookings;
mod calendar;
mod court_names;
mod detail;
mod doctor;
mod escape;
mod generated;
mod grid;
mod json;
mod link;
mod login;
mod logout;
mod portal;
mod report;
mod style;
pub mod watch;

pub use self::{
    activities::{ActivitiesReport, CatalogueEntry},
    availability::{AskedIds, AvailabilityReport},
    bookings::{BookingCounts, BookingDates, BookingsReport},
    doctor::{Check, DoctorReport, Health},
    generated::GeneratedText,
    link::LinkReport,
    login::LoginReport,
    logout::LogoutReport,
    portal::PortalReport,
    report::{Report, write},
    style::Style,
};
