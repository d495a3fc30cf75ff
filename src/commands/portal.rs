//! `padel portal learn`: from a browser's capture to the `[portal]` table. Nothing is sent and no
//! file is written.

use std::{fs::File, io::Read as _, path::Path};

use super::{Context, terminal, watchdog::Watchdog};
use crate::{
    config::{Credentials, DOMAIN, Settings},
    error::{Code, Error},
    learn::{self, Capture, LearnError, numbered_steps},
    output::PortalReport,
};

/// Bytes of the largest capture that is read; those of a few pages have tens of megabytes.
const MAX_CAPTURE: u64 = 512 * 1024 * 1024;

pub(super) fn learn(
    file: &Path,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<PortalReport, Error> {
    let watchdog = Watchdog::new(context.seconds);
    let capture = Capture::new(read_capture(file)?).map_err(|error| explain(file, &error, None))?;
    let host = match &settings.club {
        Some(club) => club.value.host().to_owned(),
        None => find_club(file, &capture)?,
    };
    drop(watchdog);
    let typed;
    let credentials = if settings.discovery.credentials.is_none() && terminal::is_there() {
        terminal::say(
            "padel needs your e-mail and password to find the sign-in in the capture. It sends and \
             writes neither.",
        )?;
        typed = terminal::ask_credentials()?;
        &typed
    } else {
        settings.discovery.credentials()?
    };
    // A person may take longer than a file.
    let _watchdog = Watchdog::new(context.seconds);
    let learned = learn::learn_profile(&capture, &host, credentials, context.now)
        .map_err(|error| explain(file, &error, Some(credentials)))?;
    Ok(PortalReport { host, learned })
}

fn read_capture(file: &Path) -> Result<Vec<u8>, Error> {
    let broken = |error: std::io::Error| unreadable(file, &format!("could not be read ({error})"));
    let mut opened = File::open(file).map_err(broken)?;
    let data = opened.metadata().map_err(broken)?;
    if data.is_dir() {
        return Err(unreadable(file, "is a directory"));
    }
    // JSON begins with a brace; what is endless and of another kind ends here.
    let mut bytes = Vec::new();
    let start = opened.by_ref().take(4096).read_to_end(&mut bytes);
    start.map_err(broken)?;
    if data.len() <= MAX_CAPTURE && Capture::may_begin(&bytes) {
        // Once and for all: what grows by doubling takes twice the room.
        let length = usize::try_from(data.len()).unwrap_or(0);
        bytes.reserve_exact((length + 1).saturating_sub(bytes.len()));
        let rest = opened.take(MAX_CAPTURE).read_to_end(&mut bytes);
        rest.map_err(broken)?;
    }
    let length = data.len().max(u64::try_from(bytes.len()).unwrap_or(0));
    if length > MAX_CAPTURE {
        return Err(unreadable(file, "is larger than 512 MiB"));
    }
    Ok(bytes)
}

fn unreadable(file: &Path, reason: &str) -> Error {
    let hint = "name the file that the browser saved, such as club.har";
    wrong_file(file, &format!(" {reason}"), hint)
}

/// A `usage` error that begins with the file's name.
fn wrong_file(file: &Path, reason: &str, hint: impl Into<String>) -> Error {
    let name = file.display().to_string();
    Error::new(Code::Usage, format!("{name}{reason}"), hint).with("file", name)
}

/// Finds the one Gladstone Go host of the capture.
fn find_club(file: &Path, capture: &Capture) -> Result<String, Error> {
    let mut clubs = capture
        .hosts()
        .map_err(|error| explain(file, &error, None))?;
    clubs.retain(|host| host.ends_with(DOMAIN));
    let found = match clubs.pop() {
        Some(club) if clubs.is_empty() => return Ok(club),
        Some(_) => "several clubs",
        None => "no club",
    };
    let name = file.display();
    let message = format!("no club is set, and {name} has requests to {found}");
    let hint = "add --club LABEL, as in https://LABEL.gladstonego.cloud";
    Err(Error::new(Code::Usage, message, hint))
}

/// Turns an error of the capture into one with the next step.
fn explain(file: &Path, error: &LearnError, credentials: Option<&Credentials>) -> Error {
    let steps = numbered_steps();
    let steps = steps.trim_end().replace('\n', " ");
    let hint = match error {
        LearnError::OtherHost { .. } => {
            "name the club of the capture with --club, or make a capture of this club".to_owned()
        }
        LearnError::Elsewhere(_) | LearnError::NotTeachable { .. } => {
            "`padel availability` needs no sign-in; bookings of this club cannot be read yet: \
             report it, without the capture"
                .to_owned()
        }
        LearnError::Refused => {
            format!("sign in with the right password in it; make the capture like this: {steps}")
        }
        LearnError::Packed(_) => {
            "unpack it, or save it as UTF-8, and name the HAR itself".to_owned()
        }
        LearnError::CutOff => "save the capture again".to_owned(),
        _ => format!("make the capture like this: {steps}"),
    };
    let source = match (error, credentials) {
        (LearnError::NoSignIn, Some(credentials)) => format!(" (from {})", credentials.origin),
        _ => String::new(),
    };
    wrong_file(file, &format!(": {error}{source}"), hint)
}
