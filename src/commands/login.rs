//! `padel login`: tries the credentials.

use super::Context;
use crate::{config::Settings, error::Error, output::LoginReport};

/// Signs in, also with a pair that was refused a while ago: whoever says `login` wants it tried.
pub(super) async fn run(settings: &Settings, context: &Context<'_>) -> Result<LoginReport, Error> {
    let club = settings.club()?.clone();
    let credentials = settings.credentials()?;
    let signed_in = context.portal(settings)?.sign_in(credentials, true).await?;
    Ok(LoginReport {
        club,
        zone: settings.timezone.value,
        signed_in,
        warnings: credentials.warning().into_iter().collect(),
    })
}
