//! `padel setup`: asks on the terminal, tries what was typed once, and writes `.env` and `config.toml`.
//!
//! Without a terminal it says what to write instead.

use std::{io::ErrorKind, path::Path};

use super::{
    Context,
    choose::{Chosen, matched},
    terminal::{self, ask, say, yes},
};
use crate::{
    config::{Club, Credentials, Flags, Settings, Sourced, TERMINAL, config_dir, edited, private},
    error::{Code, Error},
    gladstone::Portal,
};

pub(super) async fn run(flags: &Flags, context: &Context<'_>) -> Result<String, Error> {
    let dir = config_dir(context.env).ok_or_else(|| {
        Error::new(Code::ConfigInvalid, "there is no home directory to write to", "set HOME, or use PSLC_ variables")
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
    ask_club(&mut settings)?;
    let club = settings.club()?.clone();
    let credentials = terminal::credentials()?;
    // Typing took its time: the deadline is for the portal.
    let context = context.afresh();
    let portal = context.portal(&settings)?;
    try_out(&portal, &credentials, &context).await?;
    let chosen = confirmed(context.within(matched(&portal, &settings)).await.ok())?;
    let pair = |old: &str| credentials.put_into(old, &club).map(|(changes, new)| (changes.to_owned(), new));
    let settings = |old: &str| {
        let values = values(&club, old, chosen);
        let keys: Vec<&str> = values.iter().map(|(key, _)| *key).collect();
        Ok((keys.join(", "), edited(old, &values).ok_or("it is not TOML")?))
    };
    let written = change(&dotenv, pair)? + &change(&config, settings)?;
    Ok(if written.is_empty() { "nothing was written\n".to_owned() } else { written })
}

/// Writes a file that only its owner can read, whole or not at all; if it is there already, after a question. `edit` gives
/// what changes, in words, and the new text.
fn change(path: &Path, edit: impl FnOnce(&str) -> Result<(String, String), String>) -> Result<String, Error> {
    let unusable = |what: &str, why: &str| {
        let message = format!("{} could not be {what} ({why})", path.display());
        Error::new(Code::ConfigInvalid, message, "look at the file, and at the directory's permissions")
    };
    let old = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        old => Some(old.map_err(|error| unusable("read", &error.to_string()))?),
    };
    let (changes, new) = edit(old.as_deref().unwrap_or_default()).map_err(|why| unusable("changed", &why))?;
    let question = format!("{} is there already. Change {changes} in it, and keep the rest?", path.display());
    if old.is_some() && !yes(&question)? {
        return Ok(String::new());
    }
    private::write(path, new.as_bytes()).map_err(|error| unusable("written", &error.to_string()))?;
    Ok(format!("wrote {}\n", path.display()))
}

/// What `config.toml` is to say in place of `old`. Without a choice, sites and activities of another club go.
fn values(club: &Club, old: &str, chosen: Option<Chosen>) -> Vec<(&'static str, Option<String>)> {
    let list = |ids: &[String]| format!("[{}]", ids.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>().join(", "));
    let before = || old.parse::<toml::Table>().ok()?.get("club")?.as_str()?.parse::<Club>().ok();
    let mut values = vec![("club", Some(format!("{:?}", club.setting())))];
    match chosen {
        Some(chosen) => {
            values.extend([("sites", Some(list(&chosen.sites))), ("activities", Some(list(&chosen.activities)))]);
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
        let value =
            typed.parse::<Club>().map_err(|error| Error::new(Code::Usage, "that is not a club", error.to_string()))?;
        settings.club = Some(Sourced { value, source: TERMINAL.to_owned() });
    }
    Ok(())
}

/// Signs in once; an error unless it worked, or what was typed is to be kept all the same.
async fn try_out(portal: &Portal, credentials: &Credentials, context: &Context<'_>) -> Result<(), Error> {
    match context.within(async { Ok(portal.sign_in(credentials, true).await?) }).await {
        Ok(signed_in) => say(&format!("Signed in as {}.", signed_in.user)),
        // A portal that is not as assumed says nothing about the password.
        Err(error) if matches!(error.code, Code::ProfileUnverified | Code::PortalRefused | Code::Network) => {
            say(&format!("The sign-in did not work: {}.", error.message))?;
            if yes("Keep the e-mail and password all the same?")? { Ok(()) } else { Err(error) }
        }
        Err(error) => Err(error),
    }
}

/// What the catalogue holds for the settings, if that is what is wanted.
fn confirmed(matched: Option<(Chosen, Vec<String>)>) -> Result<Option<Chosen>, Error> {
    let Some((chosen, names)) = matched else { return Ok(None) };
    say(&format!("Activities:\n  {}", names.join("\n  ")))?;
    Ok(yes("Write these into config.toml (one request fewer)?")?.then_some(chosen))
}
