//! `padel setup`: asks on the terminal, tries what was typed once, and writes `.env` and
//! `config.toml`.
//!
//! Without a terminal it says what to write instead.

use std::path::{Path, PathBuf};

use super::{
    Context,
    choose::{Chosen, matched},
    terminal::{self, ask, say, yes},
};
use crate::{
    config::{
        Club, Credentials, Flags, Origin, Settings, Sourced, config_dir, edited, is_utf16, private,
        read_small,
    },
    error::{Code, Error},
    gladstone::Portal,
    signals,
};

pub(super) async fn run(flags: &Flags, context: &Context<'_>) -> Result<String, Error> {
    let dir = config_dir(context.env).ok_or_else(|| {
        Error::new(
            Code::ConfigInvalid,
            "there is no home directory to write to",
            "set HOME, or use PSLC_ variables",
        )
    })?;
    let (dotenv, config) = (dir.join(".env"), dir.join("config.toml"));
    if !terminal::is_there() {
        let message = "setup asks questions, and this is not a terminal";
        let hint = format!(
            "write pslc_user=… and pslc_password=… into {} (mode 0600), and club = \"…\" into {}",
            dotenv.display(),
            config.display()
        );
        return Err(Error::new(Code::Usage, message, hint));
    }
    let mut settings = Settings::load(flags, context.env)?;
    // What cannot be changed is told before anything is asked.
    let (old_dotenv, old_config) = (read_old(&dotenv)?, read_old(&config)?);
    if old_dotenv.as_deref().is_some_and(is_utf16) {
        return Err(unusable(&dotenv, "changed", "it is UTF-16 text, not UTF-8"));
    }
    ask_club(&mut settings)?;
    let club = settings.club()?.clone();
    let credentials = terminal::credentials()?;
    // Typing took its time: the deadline is for the portal.
    let context = context.afresh();
    let portal = context.portal(&settings)?;
    try_out(&portal, &credentials, &context).await?;
    let chosen = confirmed(context.within(matched(&portal, &settings)).await.ok())?;
    let pair = |old: &[u8]| {
        credentials
            .put_into(old, &club)
            .map(|(changes, new)| (changes.to_owned(), new))
    };
    let settings = |old: &[u8]| {
        let old = std::str::from_utf8(old).map_err(|_| "it is not UTF-8 text")?;
        let values = values(&club, old, chosen);
        let keys: Vec<&str> = values.iter().map(|(key, _)| *key).collect();
        Ok((
            keys.join(", "),
            edited(old, &values).ok_or("it is not TOML")?.into_bytes(),
        ))
    };
    let changes = [
        change(&dotenv, old_dotenv.as_deref(), pair)?,
        change(&config, old_config.as_deref(), settings)?,
    ];
    // Nothing is written before the last question is answered.
    let mut written = String::new();
    let _together = signals::postpone_signals();
    for Change { path, bytes } in changes.into_iter().flatten() {
        private::write_postponed(&path, &bytes)
            .map_err(|error| unusable(&path, "written", &error.to_string()))?;
        written.push_str(&format!("wrote {}\n", path.display()));
    }
    Ok(if written.is_empty() {
        "nothing was written\n".to_owned()
    } else {
        written
    })
}

/// A file that only its owner is to read, as it is to be.
struct Change {
    path: PathBuf,
    bytes: Vec<u8>,
}

fn unusable(path: &Path, what: &str, why: &str) -> Error {
    let message = format!("{} could not be {what} ({why})", path.display());
    Error::new(
        Code::ConfigInvalid,
        message,
        "look at the file, and at the directory's permissions",
    )
}

fn read_old(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    if !path.try_exists().unwrap_or(true) {
        return Ok(None);
    }
    read_small(path)
        .map(Some)
        .map_err(|why| unusable(path, "read", &why))
}

/// What a file is to hold; if it is there already, after a question. `edit` gives what changes, in
/// words, and all of it.
fn change(
    path: &Path,
    old: Option<&[u8]>,
    edit: impl FnOnce(&[u8]) -> Result<(String, Vec<u8>), String>,
) -> Result<Option<Change>, Error> {
    let (changes, bytes) =
        edit(old.unwrap_or_default()).map_err(|why| unusable(path, "changed", &why))?;
    let question = format!(
        "{} is there already. Change {changes} in it, and keep the rest?",
        path.display()
    );
    if old.is_some() && !yes(&question)? {
        return Ok(None);
    }
    Ok(Some(Change {
        path: path.to_owned(),
        bytes,
    }))
}

/// What `config.toml` is to say in place of `old`. Without a choice, sites and activities of
/// another club go.
fn values(club: &Club, old: &str, chosen: Option<Chosen>) -> Vec<(&'static str, Option<String>)> {
    let list = |ids: &[String]| {
        format!(
            "[{}]",
            ids.iter()
                .map(|id| format!("{id:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        )
    };
    let before = || {
        old.parse::<toml::Table>()
            .ok()?
            .get("club")?
            .as_str()?
            .parse::<Club>()
            .ok()
    };
    let mut values = vec![("club", Some(format!("{:?}", club.setting())))];
    match chosen {
        Some(chosen) => {
            values.extend([
                ("sites", Some(list(&chosen.sites))),
                ("activities", Some(list(&chosen.activities))),
            ]);
        }
        None if before().is_some_and(|before| before != *club) => {
            values.extend([("sites", None), ("activities", None)]);
        }
        None => {}
    }
    values
}

/// Nothing typed leaves the club that is set, if there is one.
fn ask_club(settings: &mut Settings) -> Result<(), Error> {
    let typed = match &settings.club {
        Some(club) => ask(&format!("Club [{}]: ", club.value.setting()))?,
        None => ask("Club (the first part of its booking page's address): ")?,
    };
    if !typed.is_empty() {
        let value = typed
            .parse::<Club>()
            .map_err(|error| Error::new(Code::Usage, "that is not a club", error.to_string()))?;
        settings.club = Some(Sourced {
            value,
            origin: Origin::Terminal,
        });
    }
    Ok(())
}

/// Signs in once; an error unless it worked, or what was typed is to be kept all the same.
async fn try_out(
    portal: &Portal,
    credentials: &Credentials,
    context: &Context<'_>,
) -> Result<(), Error> {
    match context
        .within(async { Ok(portal.sign_in(credentials, true).await?) })
        .await
    {
        Ok(signed_in) => say(&format!("Signed in as {}.", signed_in.user)),
        // A portal that is not as assumed says nothing about the password.
        Err(error)
            if matches!(
                error.code,
                Code::ProfileUnverified | Code::PortalRefused | Code::Network
            ) =>
        {
            say(&format!("The sign-in did not work: {}.", error.message))?;
            if yes("Keep the e-mail and password all the same?")? {
                Ok(())
            } else {
                Err(error)
            }
        }
        Err(error) => Err(error),
    }
}

/// What the catalogue holds for the settings, if that is what is wanted.
fn confirmed(matched: Option<(Chosen, Vec<String>)>) -> Result<Option<Chosen>, Error> {
    let Some((chosen, names)) = matched else {
        return Ok(None);
    };
    say(&format!("Activities:\n  {}", names.join("\n  ")))?;
    Ok(yes("Write these into config.toml (one request fewer)?")?.then_some(chosen))
}
