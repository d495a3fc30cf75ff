//! The real binary, end to end, over HTTP against a simulated club, in a scrubbed environment.

#![allow(clippy::expect_used, reason = "a test says what it expected")]

mod answers;
mod bookings;
mod calendars;
mod clubs;
mod credentials;
mod docs;
mod doctor;
mod documents;
mod dotenv;
#[cfg(unix)]
mod download;
#[cfg(target_os = "linux")]
mod evil;
#[cfg(unix)]
mod fate;
mod faults;
mod formats;
mod harness;
mod host;
mod hostile;
mod input;
mod install;
mod launcher;
mod leaks;
mod learn;
#[cfg(target_os = "linux")]
mod limits;
mod login;
mod oracle;
mod outside;
mod page;
mod placeholder;
mod proxy;
mod questions;
mod reader;
mod requests;
mod sample;
mod schemas;
#[cfg(unix)]
mod scripts;
mod settings;
mod setup;
#[cfg(target_os = "linux")]
mod shapes;
#[cfg(target_os = "linux")]
mod shells;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(unix)]
mod signin;
mod skill;
mod skips;
mod surface;
mod surroundings;
#[cfg(target_os = "linux")]
mod terminal;
mod tls;
#[cfg(unix)]
mod watch;
#[cfg(unix)]
mod watch_day;
mod zones;
