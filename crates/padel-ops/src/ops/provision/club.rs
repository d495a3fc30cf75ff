//! A look at the club, so that a typing error in its name does not become a whole agent that finds
//! nothing. Asks as an anonymous visitor, as padel does.

use std::time::Duration;

use padel::{
    error::Code as ClubCode,
    gladstone::{Portal, Setup},
    log::Log,
    zone::Zone,
};
use toml::Table;

use crate::{
    context::StepContext,
    deploy::Declaration,
    error::{Code, Error},
};

/// A club that is slower than that is not worth the wait: what it would tell is a warning only.
const PATIENCE: Duration = Duration::from_secs(10);

/// Refuses a club whose host does not exist; warns of one that cannot be reached from here, which
/// says nothing of the sandbox.
///
/// # Errors
///
/// `not_found`
pub(crate) async fn check_club(
    declaration: &Declaration,
    context: &StepContext<'_>,
) -> Result<(), Error> {
    let surroundings = &context.surroundings;
    let setup = Setup {
        env: &surroundings.network,
        zone: Zone::UTC,
        now: surroundings.now,
        deadline: tokio::time::Instant::now() + PATIENCE,
        cache: None,
        log: Log(0),
        portal: &Table::new(),
        credentials: None,
    };
    let club = declaration.club.name();
    let asked = match Portal::new(&declaration.club, setup) {
        Ok(portal) => portal
            .open_session()
            .await
            .map(drop)
            .map_err(padel::error::Error::from),
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => Ok(()),
        Err(error) if error.code == ClubCode::NotFound => {
            let message = format!("the club `{club}` does not exist: {}", error.message);
            let hint = format!(
                "{}; `club` in {} names it",
                error.hint,
                declaration.path.display()
            );
            Err(Error::new(Code::NotFound, message, hint))
        }
        Err(error) => {
            context.log.warning(&format!(
                "the club `{club}` could not be asked from here, which says nothing of the \
                 agent's sandbox: {}",
                error.message
            ));
            Ok(())
        }
    }
}
