//! `padel portal learn`: from a browser's capture to the `[portal]` table. Nothing is sent and no file is written.

use std::path::Path;

use super::{Context, terminal};
use crate::{
    config::{Credentials, DOMAIN, Settings},
    error::{Code, Error},
    gladstone::learn::{self, LearnError, numbered_steps},
    output::Portal,
};

/// The largest capture that is read; those of a few pages have tens of megabytes.
const LIMIT: u64 = 512 * 1024 * 1024;

pub(super) fn learn(file: &Path, settings: &Settings, context: &Context<'_>) -> Result<Portal, Error> {
    let har = read(file)?;
    let host = match &settings.club {
        Some(club) => club.value.host().to_owned(),
        None => only_club(file, &har)?,
    };
    let typed;
    let credentials = if settings.discovery.credentials.is_none() && terminal::is_there() {
        terminal::say("To find the sign-in in the capture. Nothing of it is sent or written.")?;
        typed = terminal::credentials()?;
        &typed
    } else {
        settings.discovery.credentials()?
    };
    let learned =
        learn::learn(&har, &host, credentials, context.now).map_err(|error| failed(file, &error, credentials))?;
    Ok(Portal { host, learned })
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |reason: &str| {
        let hint = "name the file that the browser saved, such as club.har";
        Error::new(Code::Usage, format!("{} {reason}", file.display()), hint).with("file", file.display().to_string())
    };
    match std::fs::metadata(file) {
        Ok(data) if data.is_dir() => Err(unreadable("is a directory")),
        Ok(data) if data.len() > LIMIT => Err(unreadable("is larger than 512 MiB")),
        Ok(_) => std::fs::read(file).map_err(|error| unreadable(&format!("could not be read ({error})"))),
        Err(error) => Err(unreadable(&format!("could not be read ({error})"))),
    }
}

/// The one Gladstone Go host of the capture.
fn only_club(file: &Path, har: &[u8]) -> Result<String, Error> {
    let hosts = learn::hosts(har).map_err(|error| wrong(file, &error))?;
    let mut clubs: Vec<String> = hosts.into_iter().filter(|host| host.ends_with(DOMAIN)).collect();
    match (clubs.pop(), clubs.is_empty()) {
        (Some(club), true) => Ok(club),
        (found, _) => {
            let found = if found.is_some() { "several clubs" } else { "no club" };
            let message = format!("no club is set, and {} is a capture of {found}", file.display());
            Err(Error::new(Code::Usage, message, "add --club LABEL, as in https://LABEL.gladstonego.cloud"))
        }
    }
}

fn failed(file: &Path, error: &LearnError, credentials: &Credentials) -> Error {
    match error {
        LearnError::OtherHost { .. } => {
            let hint = "name the club of the capture with --club, or make a capture of this club";
            Error::new(Code::Usage, format!("{}: {error}", file.display()), hint)
        }
        LearnError::NoSignIn => {
            let message = format!("{}: {error} (from {})", file.display(), credentials.source);
            Error::new(Code::Usage, message, format!("make the capture like this: {}", steps()))
        }
        LearnError::Elsewhere(_) => {
            let hint = "`padel availability` needs no sign-in; bookings of this club cannot be read yet: report it, without \
                        the capture";
            Error::new(Code::Usage, format!("{}: {error}", file.display()), hint)
        }
        LearnError::NotHar | LearnError::Refused | LearnError::Unusable => wrong(file, error),
    }
    .with("file", file.display().to_string())
}

fn wrong(file: &Path, error: &LearnError) -> Error {
    let hint = format!("make the capture like this: {}", steps());
    Error::new(Code::Usage, format!("{}: {error}", file.display()), hint)
}

fn steps() -> String {
    numbered_steps().trim_end().replace('\n', " ")
}
