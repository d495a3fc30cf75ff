//! `padel setup`: asks on the terminal, tries what was typed once, and writes `.env` and `config.toml`.
//!
//! Without a terminal it says what to write instead.

use std::path::Path;

use secrecy::ExposeSecret as _;

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
    let secret = format!(
        "pslc_user=\"{}\"\npslc_password=\"{}\"\n",
        credentials.user.expose_secret(),
        credentials.password.expose_secret()
    );
    let mut written = Vec::new();
    if !dotenv.exists() || yes(&format!("{} is there already. Replace it?", dotenv.display()))? {
        write_private(&dotenv, &secret)?;
        written.push(format!("wrote {}\n", dotenv.display()));
    }
    let old = if config.exists() { read(&config)? } else { String::new() };
    let values = values(&club, &old, chosen);
    let keys: Vec<&str> = values.iter().map(|(key, _)| *key).collect();
    let question =
        format!("{} is there already. Change {} in it, and keep the rest?", config.display(), keys.join(", "));
    if !config.exists() || yes(&question)? {
        let new = edited(&old, &values).ok_or_else(|| unusable(&config, "changed", "not TOML"))?;
        write_private(&config, &new)?;
        written.push(format!("wrote {}\n", config.display()));
    }
    Ok(if written.is_empty() { "nothing was written\n".to_owned() } else { written.concat() })
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

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| unusable(path, "read", &error.to_string()))
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

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    private::write(path, text.as_bytes()).map_err(|error| unusable(path, "written", &error.to_string()))
}

fn unusable(path: &Path, what: &str, why: &str) -> Error {
    let message = format!("{} could not be {what} ({why})", path.display());
    Error::new(Code::ConfigInvalid, message, "look at the file, and at the directory's permissions")
}
