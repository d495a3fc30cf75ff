//! `padel login` and `padel logout`: whether the credentials work, and forgetting the session they
//! brought.

use super::Context;
use crate::{
    config::Settings,
    error::Error,
    output::{Login, Logout},
};

/// Signs in, also with a pair that was refused a while ago: whoever says `login` wants it tried.
pub(super) async fn run(settings: &Settings, context: &Context<'_>) -> Result<Login, Error> {
    let club = settings.club()?.clone();
    let credentials = settings.credentials()?;
    let signed_in = context.portal(settings)?.sign_in(credentials, true).await?;
    let warnings = credentials.warning().into_iter().collect();
    Ok(Login {
        club,
        zone: settings.timezone.value,
        signed_in,
        warnings,
    })
}

/// Forgets the member's session of this club; needs no credentials and no network.
pub(super) fn forget(settings: &Settings, context: &Context<'_>) -> Result<Logout, Error> {
    let club = settings.club()?.clone();
    Ok(Logout {
        club,
        forgotten: context.portal(settings)?.sign_out(),
    })
}
