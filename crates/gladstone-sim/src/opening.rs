//! From the command line to a club that is about to open.

use gladstone_sim::{Builder, Club};

use crate::cli::Cli;

/// The club that was asked for.
pub(crate) fn builder(cli: &Cli) -> Builder {
    let mut builder = Club::builder()
        .port(cli.port)
        .seed(cli.seed)
        .flow(cli.flow)
        .gzip(cli.gzip)
        .courts(cli.courts)
        .activities(cli.activities)
        .reject_past_date_from(cli.reject_past)
        .undated(cli.undated)
        .court_sets(cli.court_sets)
        .moving_windows(cli.moving_windows)
        .shape(cli.shape)
        .bookings(cli.bookings)
        .require_member(cli.require_member)
        .log(cli.log);
    if let Some(now) = &cli.now {
        builder = builder.now(now);
    }
    if let Some(path) = &cli.replay {
        builder = builder.replay(path);
    }
    if let Some(name) = &cli.host_name {
        builder = builder.host_name(name);
    }
    if cli.https {
        builder = builder.https();
    }
    for member in cli.member.chunks_exact(2) {
        builder = builder.member(&member[0], &member[1]);
    }
    cli.fault
        .iter()
        .fold(builder, |builder, fault| builder.fault(*fault))
}
