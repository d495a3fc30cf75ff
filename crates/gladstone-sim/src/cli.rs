//! The command line, and the club that it describes.

use std::path::PathBuf;

use clap::Parser;
use gladstone_sim::{Builder, Club, DEFAULT_MEMBER, Fault, Flow, Shape};
use sim_server::{Order, ServerArgs, control_help};

/// A simulated Gladstone Go leisure club on 127.0.0.1.
///
/// Prints one line on stdout once it listens: its URL. Serves until it is stopped.
#[derive(Debug, Parser)]
#[command(version, after_help = control_help(Fault::NAMES))]
pub(crate) struct Cli {
    #[command(flatten)]
    server: ServerArgs,
    /// Seed of timetable and bookings
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The way an anonymous visitor gets a session
    #[arg(long, value_enum, default_value_t = Flow::Cookie)]
    flow: Flow,
    /// Serve this captured response for sessions, whatever is asked
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// A fault, FAULT[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Order<Fault>>,
    /// Serve https with a throw-away CA
    #[arg(long)]
    https: bool,
    /// Write the CA's certificate to this file
    #[arg(long, value_name = "FILE", requires = "https")]
    pub(crate) ca_out: Option<PathBuf>,
    /// Compress for clients that accept gzip
    #[arg(long)]
    gzip: bool,
    /// Padel courts
    #[arg(long, default_value_t = 4)]
    courts: usize,
    /// Padel activities over the same courts
    #[arg(long, default_value_t = 3)]
    activities: usize,
    /// Answer 400 to a `dateFrom` in the past
    #[arg(long)]
    reject_past: bool,
    /// Leave the `date` out of the elements of sessions
    #[arg(long)]
    undated: bool,
    /// Sets of courts with long names, and names with `&`, at site 14
    #[arg(long)]
    court_sets: bool,
    /// Booking windows that depend on the day of the question
    #[arg(long)]
    moving_windows: bool,
    /// The shape of the member side
    #[arg(long, value_enum, default_value_t = Shape::Assumed)]
    shape: Shape,
    /// A member; repeatable [default: alex@example.org "correct horse battery staple"]
    #[arg(long, num_args = 2, value_names = ["EMAIL", "PASSWORD"])]
    member: Vec<String>,
    /// Past bookings of each member
    #[arg(long, value_name = "COUNT", default_value_t = 48)]
    bookings: usize,
    /// Refuse availability to anonymous visitors
    #[arg(long)]
    require_member: bool,
    /// Write what a browser would capture of the first member's visit to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// The host that the HAR is of, over https [default: the club's own URL]
    #[arg(long, value_name = "HOST", requires = "har")]
    host_name: Option<String>,
}

impl Cli {
    /// The e-mail of the member whose visit is recorded.
    pub(crate) fn visitor(&self) -> String {
        self.member
            .first()
            .map_or(DEFAULT_MEMBER.0, String::as_str)
            .to_owned()
    }

    /// The club that it asks for.
    pub(crate) fn into_builder(self) -> Builder {
        let mut builder = Club::builder()
            .server(self.server.into_options(self.fault))
            .seed(self.seed)
            .flow(self.flow)
            .gzip(self.gzip)
            .courts(self.courts)
            .activities(self.activities)
            .reject_past_date_from(self.reject_past)
            .undated(self.undated)
            .court_sets(self.court_sets)
            .moving_windows(self.moving_windows)
            .shape(self.shape)
            .bookings(self.bookings)
            .require_member(self.require_member);
        if let Some(path) = self.replay {
            builder = builder.replay(path);
        }
        if let Some(name) = self.host_name {
            builder = builder.host_name(name);
        }
        if self.https {
            builder = builder.https();
        }
        for member in self.member.chunks_exact(2) {
            builder = builder.member(&member[0], &member[1]);
        }
        builder
    }
}
