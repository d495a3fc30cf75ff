//! `padel bookings`: a member's bookings, upcoming or past.

use super::Context;
use crate::{
    cli,
    config::Settings,
    courts::{Latest, Period, of_period},
    error::Error,
    output::Bookings,
};

pub(super) async fn run(args: &cli::Bookings, settings: &Settings, context: &Context<'_>) -> Result<Bookings, Error> {
    let club = settings.club()?.clone();
    let credentials = settings.credentials()?;
    let period = if args.history { Period::History } else { Period::Upcoming };
    let zone = settings.timezone.value;
    let portal = context.portal(settings)?;
    let (listed, mut warnings) = portal.bookings(credentials, period, zone).await?;
    warnings.extend(portal.trust_warnings());
    warnings.extend(credentials.warning());
    let latest = Latest::of(&listed);
    let mut bookings = of_period(listed, period, context.now);
    let more = bookings.len().saturating_sub(args.limit);
    bookings.truncate(args.limit);
    Ok(Bookings { club, zone, now: context.now, period, bookings, latest, more, warnings })
}
