//! `padel setup`: asks on the terminal, tries what was typed once, and writes `.env` and
//! `config.toml`.
//!
//! Without a terminal it says what to write instead.

use std::path::{Path, PathBuf};

use super::{
    Context,
    selection::{Selection, select_with_names},
    terminal::{self, ask, confirm, say},
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
    // Only what is typed here is tried.
    settings.discovery.credentials = None;
    // What cannot be changed is told before anything is asked.
    let (old_dotenv, old_config) = (read_old(&dotenv)?, read_old(&config)?);
    if old_dotenv.as_deref().is_some_and(is_utf16) {
        return Err(unusable_file(
            &dotenv,
            "changed",
            "it is UTF-16 text, not UTF-8",
        ));
    }
    say(&format!(
        "Courts first: which club. Then, if you like, the account for your bookings.\nThe club is \
         asked for its activities; e-mail and password go to it once, to try them.\nThis writes {} \
         and, with an account, {}, which only you can read.",
        config.display(),
        dotenv.display()
    ))?;
    ask_club(&mut settings)?;
    let club = settings.club()?.clone();
    let mut selection = ask_courts(&settings, context).await?;
    let user = ask("E-mail (leave it empty for courts only): ")?;
    let credentials = if user.is_empty() {
        None
    } else {
        let credentials = terminal::ask_password(user)?;
        // Typing took its time: the deadline is for the portal.
        let context = context.restart_clock();
        let portal = context.portal(&settings)?;
        try_sign_in(&portal, &credentials, &context).await?;
        // A club may show its courts to members only.
        if selection == Courts::Unknown {
            let known = context.within(select_with_names(&portal, &settings)).await;
            selection = confirm_selection(known.ok())?;
        }
        Some(credentials)
    };
    let selection = match selection {
        Courts::Chosen(selection) => Some(selection),
        Courts::Unknown | Courts::Declined => None,
    };
    let settings = |old: &[u8]| {
        let old = std::str::from_utf8(old).map_err(|_| "it is not UTF-8 text")?;
        let values = config_values(&club, old, selection);
        let keys: Vec<&str> = values.iter().map(|(key, _)| *key).collect();
        Ok((
            keys.join(", "),
            edited(old, &values).ok_or("it is not TOML")?.into_bytes(),
        ))
    };
    let account = match &credentials {
        None => None,
        Some(credentials) => plan_change(&dotenv, old_dotenv.as_deref(), |old: &[u8]| {
            let changed = credentials.put_into(old, &club);
            changed.map(|(changes, new)| (changes.to_owned(), new))
        })?,
    };
    let changes = [
        account,
        plan_change(&config, old_config.as_deref(), settings)?,
    ];
    // Nothing is written before the last question is answered.
    let mut written = String::new();
    let _together = signals::postpone_signals();
    for Change { path, bytes } in changes.into_iter().flatten() {
        private::write_postponed(&path, &bytes)
            .map_err(|error| unusable_file(&path, "written", &error.to_string()))?;
        written.push_str(&format!("wrote {}\n", path.display()));
    }
    Ok(if written.is_empty() {
        "nothing was written\n".to_owned()
    } else {
        written
    })
}

/// The new contents of a file that only its owner may read.
struct Change {
    path: PathBuf,
    bytes: Vec<u8>,
}

fn unusable_file(path: &Path, what: &str, why: &str) -> Error {
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
        .map_err(|why| unusable_file(path, "read", &why.to_string()))
}

/// Plans a change; of a file that is there already, after a question. `edit` returns in words what
/// changes, and the whole file.
fn plan_change(
    path: &Path,
    old: Option<&[u8]>,
    edit: impl FnOnce(&[u8]) -> Result<(String, Vec<u8>), String>,
) -> Result<Option<Change>, Error> {
    let (changes, bytes) =
        edit(old.unwrap_or_default()).map_err(|why| unusable_file(path, "changed", &why))?;
    let name = path.display();
    let question = format!("{name} is there already. Change {changes} in it, and keep the rest?");
    if old.is_some() && !confirm(&question)? {
        return Ok(None);
    }
    let path = path.to_owned();
    Ok(Some(Change { path, bytes }))
}

/// Returns the new values of `config.toml`. Without a selection, sites and activities of another
/// club go.
fn config_values(
    club: &Club,
    old: &str,
    selection: Option<Selection>,
) -> Vec<(&'static str, Option<String>)> {
    let mut values = vec![("club", Some(format!("{:?}", club.setting())))];
    if let Some(Selection { sites, activities }) = selection {
        values.push(("sites", Some(format!("{sites:?}"))));
        values.push(("activities", Some(format!("{activities:?}"))));
    } else if old_club(old).is_some_and(|old| old != *club) {
        values.extend([("sites", None), ("activities", None)]);
    }
    values
}

fn old_club(config: &str) -> Option<Club> {
    let table: toml::Table = config.parse().ok()?;
    table.get("club")?.as_str()?.parse().ok()
}

/// Asks for the club. Nothing typed leaves the one that is set, if there is one.
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

/// Signs in once. Fails unless it worked, or the member wants to keep what was typed all the same.
async fn try_sign_in(
    portal: &Portal,
    credentials: &Credentials,
    context: &Context<'_>,
) -> Result<(), Error> {
    let sign_in = async { Ok(portal.sign_in(credentials, true).await?) };
    let error = match context.within(sign_in).await {
        Ok(signed_in) => return say(&format!("Signed in as {}.", signed_in.user)),
        Err(error) => error,
    };
    // A portal that is not as assumed says nothing about the password.
    let is_open = matches!(
        error.code,
        Code::ProfileUnverified | Code::PortalRefused | Code::Network
    );
    if is_open {
        say(&format!("The sign-in did not work: {}.", error.message))?;
        if confirm("Keep the e-mail and password all the same?")? {
            return Ok(());
        }
    }
    Err(error)
}

/// The sites and activities to keep.
#[derive(PartialEq, Eq)]
enum Courts {
    /// Those of the settings.
    Chosen(Selection),
    /// None, as was wished.
    Declined,
    /// The catalogue could not be had, or does not have those of the settings.
    Unknown,
}

/// Asks the club for what the settings name, and whether to keep it.
async fn ask_courts(settings: &Settings, context: &Context<'_>) -> Result<Courts, Error> {
    let context = context.restart_clock();
    let portal = context.portal(settings)?;
    let known = context.within(select_with_names(&portal, settings)).await;
    confirm_selection(known.ok())
}

/// Offers the sites and activities that the catalogue holds for the settings.
fn confirm_selection(selected: Option<(Selection, Vec<String>)>) -> Result<Courts, Error> {
    let Some((selection, names)) = selected else {
        return Ok(Courts::Unknown);
    };
    say(&format!("Activities:\n  {}", names.join("\n  ")))?;
    let question = "Write these into config.toml (each call then needs one request fewer)?";
    Ok(if confirm(question)? {
        Courts::Chosen(selection)
    } else {
        Courts::Declined
    })
}
