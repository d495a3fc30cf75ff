//! Asking somebody at a terminal: `padel setup`, and `padel portal learn` where no credentials are found.

use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

use crate::{
    config::Credentials,
    error::{Code, Error},
};

/// Whether there is somebody to ask. Questions go to stderr: stdout is for data.
pub(super) fn is_there() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

pub(super) fn say(text: &str) -> Result<(), Error> {
    writeln!(stderr(), "{text}").map_err(|error| unusable(&error))
}

/// One line, without the white space around it.
pub(super) fn ask(question: &str) -> Result<String, Error> {
    let mut answer = String::new();
    write!(stderr(), "{question}").map_err(|error| unusable(&error))?;
    let length = stdin().lock().read_line(&mut answer).map_err(|error| unusable(&error))?;
    if length == 0 {
        return Err(Error::new(Code::Interrupted, "the questions were not answered", "run the command again"));
    }
    Ok(answer.trim().to_owned())
}

/// Anything but a clear yes is a no.
pub(super) fn yes(question: &str) -> Result<bool, Error> {
    Ok(matches!(ask(&format!("{question} [y/N] "))?.to_lowercase().as_str(), "y" | "yes"))
}

/// E-mail and password; the password is not shown and taken as it is.
pub(super) fn credentials() -> Result<Credentials, Error> {
    let user = ask("E-mail: ")?;
    let password = rpassword::prompt_password("Password (not shown): ").map_err(|error| unusable(&error))?;
    if user.is_empty() || password.is_empty() {
        return Err(Error::new(Code::Usage, "e-mail and password are needed", "run the command again"));
    }
    Ok(Credentials::typed(user.into(), password.into()))
}

fn unusable(error: &std::io::Error) -> Error {
    Error::new(Code::Internal, format!("the terminal could not be used ({error})"), "run the command in a terminal")
}
