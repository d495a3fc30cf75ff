//! The command line: clap types, nothing else.

use std::path::PathBuf;

use clap::Parser;
use gladstone_sim::{Fault, Flow, Shape};

/// A simulated Gladstone Go leisure club on 127.0.0.1.
///
/// Prints one line on stdout once it listens: its URL. Serves until it is stopped.
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
pub(crate) struct Cli {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// What the timetable is made from
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Stop the club's clock at an RFC 3339 time [default: the real clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// How an anonymous visitor gets a session
    #[arg(long, value_enum, default_value_t = Flow::Cookie)]
    pub(crate) flow: Flow,
    /// Serve this captured response for sessions, whatever is asked
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// Something that goes wrong; repeatable, the list is below
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<Fault>,
    /// Serve https with a throw-away CA
    #[arg(long)]
    pub(crate) https: bool,
    /// Write the CA's certificate to this file
    #[arg(long, value_name = "FILE", requires = "https")]
    pub(crate) ca_out: Option<PathBuf>,
    /// Compress for clients that accept gzip
    #[arg(long)]
    pub(crate) gzip: bool,
    /// Padel courts
    #[arg(long, default_value_t = 4)]
    pub(crate) courts: usize,
    /// Padel activities over the same courts
    #[arg(long, default_value_t = 3)]
    pub(crate) activities: usize,
    /// Answer 400 to a `dateFrom` in the past
    #[arg(long)]
    pub(crate) reject_past: bool,
    /// Leave the `date` out of the elements of sessions
    #[arg(long)]
    pub(crate) undated: bool,
    /// Sets of courts with long names, and names with `&`, at site 14
    #[arg(long)]
    pub(crate) court_sets: bool,
    /// Booking windows that depend on the day of the question
    #[arg(long)]
    pub(crate) moving_windows: bool,
    /// What the member side looks like
    #[arg(long, value_enum, default_value_t = Shape::Assumed)]
    pub(crate) shape: Shape,
    /// A member; repeatable [default: alex@example.org "correct horse battery staple"]
    #[arg(long, num_args = 2, value_names = ["EMAIL", "PASSWORD"])]
    pub(crate) member: Vec<String>,
    /// Past bookings of each member
    #[arg(long, value_name = "COUNT", default_value_t = 48)]
    pub(crate) bookings: usize,
    /// Refuse availability to anonymous visitors
    #[arg(long)]
    pub(crate) require_member: bool,
    /// Write what a browser would capture of the first member's visit to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// The host that the HAR is of, over https [default: the club's own URL]
    #[arg(long, value_name = "HOST", requires = "har")]
    pub(crate) host_name: Option<String>,
    /// One line for each request on stderr
    #[arg(long)]
    pub(crate) log: bool,
}

fn after_help() -> String {
    let names: Vec<_> = Fault::names().collect();
    format!(
        "Faults: {}\n\n\
         Control endpoint, without a session and outside the log:\n  \
         POST   /__sim/faults  {{\"fault\":\"503-first=2\",\"path\":\"/api/availability\",\"times\":2}}; \
         path (a prefix) and times are optional\n  \
         DELETE /__sim/faults  no more faults\n  \
         GET    /__sim/calls   every call so far, as JSON",
        names.join(", ")
    )
}
