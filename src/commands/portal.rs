//! `padel portal learn`: from a browser's capture to the `[portal]` table. Nothing is sent and no
//! file is written.

use std::{fs::File, io::Read as _, path::Path};

use super::{Context, terminal, watchdog::Watchdog};
use crate::{
    config::{Credentials, DOMAIN, Settings},
    error::{Code, Error},
    learn::{self, Capture, LearnError, numbered_steps},
    output::Portal,
};

/// The largest capture that is read; those of a few pages have tens of megabytes.
const LIMIT: u64 = 512 * 1024 * 1024;

pub(super) fn learn(
    file: &Path,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Portal, Error> {
    let watchdog = Watchdog::new(context.seconds);
    let capture = Capture::new(read(file)?).map_err(|error| wrong(file, &error))?;
    let host = match &settings.club {
        Some(club) => club.value.host().to_owned(),
        None => only_club(file, &capture)?,
    };
    drop(watchdog);
    let typed;
    let credentials = if settings.discovery.credentials.is_none() && terminal::is_there() {
        terminal::say("To find the sign-in in the capture. Nothing of it is sent or written.")?;
        typed = terminal::credentials()?;
        &typed
    } else {
        settings.discovery.credentials()?
    };
    // A person may take longer than a file.
    let _watchdog = Watchdog::new(context.seconds);
    let learned = learn::learn_profile(&capture, &host, credentials, context.now)
        .map_err(|error| failed(file, &error, credentials))?;
    Ok(Portal { host, learned })
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |reason: &str| {
        let hint = "name the file that the browser saved, such as club.har";
        Error::new(Code::Usage, format!("{} {reason}", file.display()), hint)
            .with("file", file.display().to_string())
    };
    let broken = |error: std::io::Error| unreadable(&format!("could not be read ({error})"));
    let mut opened = File::open(file).map_err(broken)?;
    let data = opened.metadata().map_err(broken)?;
    if data.is_dir() {
        return Err(unreadable("is a directory"));
    }
    // JSON begins with a brace; what is endless and of another kind ends here.
    let mut start = Vec::new();
    opened
        .by_ref()
        .take(4096)
        .read_to_end(&mut start)
        .map_err(broken)?;
    if data.len() > LIMIT {
        return Err(unreadable("is larger than 512 MiB"));
    }
    let mut bytes = Vec::new();
    if Capture::may_begin(&start) {
        // Once and for all: what grows by doubling takes twice the room.
        bytes.reserve_exact(usize::try_from(data.len()).unwrap_or(0).max(start.len()) + 1);
        bytes.append(&mut start);
        opened.take(LIMIT).read_to_end(&mut bytes).map_err(broken)?;
    } else {
        bytes = start;
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LIMIT) {
        return Err(unreadable("is larger than 512 MiB"));
    }
    Ok(bytes)
}

/// The one Gladstone Go host of the capture.
fn only_club(file: &Path, capture: &Capture) -> Result<String, Error> {
    let hosts = capture.hosts().map_err(|error| wrong(file, &error))?;
    let mut clubs: Vec<String> = hosts
        .into_iter()
        .filter(|host| host.ends_with(DOMAIN))
        .collect();
    match (clubs.pop(), clubs.is_empty()) {
        (Some(club), true) => Ok(club),
        (found, _) => {
            let found = if found.is_some() {
                "several clubs"
            } else {
                "no club"
            };
            let message = format!(
                "no club is set, and {} is a capture of {found}",
                file.display()
            );
            Err(Error::new(
                Code::Usage,
                message,
                "add --club LABEL, as in https://LABEL.gladstonego.cloud",
            ))
        }
    }
}

fn failed(file: &Path, error: &LearnError, credentials: &Credentials) -> Error {
    let message = format!("{}: {error}", file.display());
    let error = match error {
        LearnError::OtherHost { .. } => {
            let hint = "name the club of the capture with --club, or make a capture of this club";
            Error::new(Code::Usage, message, hint)
        }
        LearnError::NoSignIn => {
            let message = format!("{message} (from {})", credentials.origin);
            Error::new(
                Code::Usage,
                message,
                format!("make the capture like this: {}", steps()),
            )
        }
        LearnError::Elsewhere(_) | LearnError::NotTeachable { .. } => {
            let hint = "`padel availability` needs no sign-in; bookings of this club cannot be read yet: report it, without \
                        the capture";
            Error::new(Code::Usage, message, hint)
        }
        LearnError::Refused => {
            let hint = format!(
                "sign in with the right password in it; make the capture like this: {}",
                steps()
            );
            Error::new(Code::Usage, message, hint)
        }
        _ => return wrong(file, error),
    };
    error.with("file", file.display().to_string())
}

fn wrong(file: &Path, error: &LearnError) -> Error {
    let hint = match error {
        LearnError::Packed(_) => {
            "unpack it, or save it as UTF-8, and name the HAR itself".to_owned()
        }
        LearnError::CutOff => "save the capture again".to_owned(),
        _ => format!("make the capture like this: {}", steps()),
    };
    let error = Error::new(Code::Usage, format!("{}: {error}", file.display()), hint);
    error.with("file", file.display().to_string())
}

fn steps() -> String {
    numbered_steps().trim_end().replace('\n', " ")
}
