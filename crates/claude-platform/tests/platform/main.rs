//! The client against a server that records bytes: written from the reference, independent of the
//! simulated platform.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod aws;
mod aws_places;
mod child;
mod errors;
mod federation;
mod follow;
mod https;
mod ids;
mod leaks;
mod operations;
mod proxies;
mod requests;
mod retries;
mod server;
mod settings;
