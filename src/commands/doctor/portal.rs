//! The portal's part: sessions, clock, courts, catalogue.

use chrono::{DateTime, Utc};

use crate::{
    cli,
    commands::{Context, availability::ask_portal, selection::select_with_names},
    config::Settings,
    courts::Day,
    error::Error,
    gladstone::{self, Flow, Portal},
    output::{AvailabilityReport, Check},
};

/// The question of `padel availability` without options.
const TODAY: cli::Availability = cli::Availability {
    date: Day::Ahead(0),
    days: None,
    duration: None,
    from: None,
    to: None,
    weekday: Vec::new(),
    site: Vec::new(),
    activity: Vec::new(),
    at: None,
    court: Vec::new(),
    limit: None,
    all: false,
};

/// Asks the portal what `padel availability` asks for today, in the same way. Where the club shows
/// courts to members only that may sign in, under the same limits.
///
/// # Errors
///
/// Those of `padel availability`.
pub(super) async fn check(
    checks: &mut Vec<Check>,
    portal: &Portal,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<(), Error> {
    let answer = context
        .within(ask_portal(&TODAY, settings, context, portal))
        .await;
    let visitor = match (&answer, portal.opened_session()) {
        (_, Some(visitor)) => Ok(visitor),
        (Err(error), None) if !portal.has_session() => {
            checks.push(Check::failed("portal", &error.message));
            return answer.map(drop);
        }
        // A kept session says nothing of how a new visitor fares.
        (_, None) => {
            context
                .within(async { Ok(portal.open_session().await?) })
                .await
        }
    };
    let shows = match &answer {
        Err(_) => "gives visitors a session",
        Ok(_) if portal.is_signed_in() => "shows courts to signed-in members only",
        Ok(_) => "shows courts without signing in",
    };
    checks.push(match &visitor {
        Ok((Flow::Cookie, _)) => Check::ok("portal", format!("{shows} (cookie)")),
        Ok((Flow::Envelope, _)) => {
            Check::ok("portal", format!("{shows} (sealed token, the older way)"))
        }
        Err(_) if portal.is_signed_in() => Check::ok("portal", shows),
        Err(error) => {
            let why = &error.message;
            let found = format!("gives no new session; padel can use the one it kept: {why}");
            Check::warning("portal", found)
        }
    });
    let portal_time = visitor.ok().and_then(|(_, date)| date);
    checks.push(check_clock(portal_time, settings, context));
    checks.push(match &answer {
        Ok(report) => check_availability(report),
        Err(error) => Check::failed("availability", &error.message),
    });
    answer?;
    // Availability does without the catalogue where ids are set.
    checks.push(
        match context.within(select_with_names(portal, settings)).await {
            Ok((_, names)) => Check::ok("matched", names.join(", ")),
            Err(error) => Check::warning("matched", error.message),
        },
    );
    Ok(())
}

fn check_availability(report: &AvailabilityReport) -> Check {
    let summary = &report.answer.summary;
    let counts = format!(
        "today: {} free, {} not open yet, {} taken, {} closed",
        summary.free, summary.opens_later, summary.taken, summary.closed
    );
    if report.warnings.is_empty() {
        Check::ok("availability", counts)
    } else {
        let found = format!("{counts}; {}", report.warnings.join("; "));
        Check::warning("availability", found)
    }
}

/// Compares our clock with the portal's.
fn check_clock(portal: Option<DateTime<Utc>>, settings: &Settings, context: &Context<'_>) -> Check {
    let local = context
        .now
        .with_timezone(&settings.timezone.value)
        .format("%A %Y-%m-%d %H:%M:%S %Z");
    let skew = portal.map_or(0, |portal| (context.now - portal).num_seconds());
    if context.env.get("PADEL_NOW").is_some() {
        Check::warning("clock", format!("{local}, fixed by PADEL_NOW"))
    } else if skew.abs() > gladstone::SKEW {
        let side = if skew > 0 { "ahead of" } else { "behind" };
        let found = format!("{local}, {} s {side} the portal's", skew.abs());
        Check::warning("clock", found)
    } else {
        Check::ok("clock", local.to_string())
    }
}
