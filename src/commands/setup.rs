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
    config::{Club, Credentials, Flags, Settings, Sourced, config_dir, private},
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
    let list = |ids: &[String]| ids.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>().join(", ");
    let mut lines = format!("club = {:?}\n", club.setting());
    if let Some(chosen) = chosen {
        lines.push_str(&format!("sites = [{}]\nactivities = [{}]\n", list(&chosen.sites), list(&chosen.activities)));
    }
    let mut written = Vec::new();
    for (path, text) in [(&dotenv, &secret), (&config, &lines)] {
        if !path.exists() || yes(&format!("{} is there already. Replace it?", path.display()))? {
            write_private(path, text)?;
            written.push(format!("wrote {}\n", path.display()));
        }
    }
    Ok(if written.is_empty() { "nothing was written\n".to_owned() } else { written.concat() })
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
        settings.club = Some(Sourced { value, source: "the terminal".to_owned() });
    }
    Ok(())
}

/// Signs in once; an error unless it worked, or what was typed is to be kept all the same.
async fn try_out(portal: &Portal, credentials: &Credentials, context: &Context<'_>) -> Result<(), Error> {
    match context.within(async { Ok(portal.sign_in(credentials, true).await?) }).await {
        Ok(signed_in) => say(&format!("Signed in as {}.", signed_in.user)),
        Err(error) => {
            say(&format!("The sign-in did not work: {}.\n{}", error.message, error.hint))?;
            // A portal that is not as assumed says nothing about the password.
            let unknown = matches!(error.code, Code::ProfileUnverified | Code::PortalRefused | Code::Network);
            if unknown && yes("Keep the e-mail and password all the same?")? { Ok(()) } else { Err(error) }
        }
    }
}

/// What the catalogue holds for the settings, if that is what is wanted.
fn confirmed(matched: Option<(Chosen, Vec<String>)>) -> Result<Option<Chosen>, Error> {
    let Some((chosen, names)) = matched else { return Ok(None) };
    say(&format!("Activities:\n  {}", names.join("\n  ")))?;
    Ok(yes("Use these?")?.then_some(chosen))
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    private::write(path, text.as_bytes()).map_err(|error| {
        let message = format!("{} could not be written ({error})", path.display());
        Error::new(Code::ConfigInvalid, message, "look at the directory's permissions")
    })
}
