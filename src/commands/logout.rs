//! `padel logout`: forgets the member's session. Needs no credentials and no network.

use super::Context;
use crate::{config::Settings, error::Error, output::LogoutReport};

pub(super) fn run(settings: &Settings, context: &Context<'_>) -> Result<LogoutReport, Error> {
    Ok(LogoutReport {
        club: settings.club()?.clone(),
        forgotten: context.portal(settings)?.sign_out(),
    })
}
