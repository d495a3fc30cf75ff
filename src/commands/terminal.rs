//! Asks somebody at a terminal: `padel setup`, and `padel portal learn` where no credentials are
//! found.

use std::io::{self, BufRead as _, ErrorKind, IsTerminal as _, Write as _, stderr, stdin};

use crate::{
    config::Credentials,
    error::{Code, Error},
    signals,
};

/// Returns whether somebody is there to ask. Questions go to stderr: stdout is for data.
pub(super) fn is_there() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

pub(super) fn say(text: &str) -> Result<(), Error> {
    writeln!(stderr(), "{text}").map_err(|error| unusable_terminal(&error))
}

/// Asks for one line, and returns it without the white space around it.
pub(super) fn ask(question: &str) -> Result<String, Error> {
    Ok(ask_line(question, false)?.trim().to_owned())
}

/// Asks for one line, and returns it without its end; `is_secret` shows nothing of it.
fn ask_line(question: &str, is_secret: bool) -> Result<String, Error> {
    signals::guard_terminal();
    write!(stderr(), "{question}").map_err(|error| unusable_terminal(&error))?;
    let mut answer = String::new();
    let read = if is_secret {
        read_hidden(&mut answer)
    } else {
        stdin().lock().read_line(&mut answer)
    };
    signals::wait_for_end();
    match read {
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(Error::new(
            Code::Usage,
            "what was typed is not UTF-8 text",
            "set the terminal to UTF-8",
        )),
        Err(error) => Err(unusable_terminal(&error)),
        // What stands before an end of input may be half of what was meant.
        Ok(_) => answer.strip_suffix('\n').map(str::to_owned).ok_or_else(|| {
            let _ = writeln!(stderr());
            Error::new(
                Code::Interrupted,
                "the questions were not answered",
                "run the command again",
            )
        }),
    }
}

/// Reads a line that the terminal does not show. The terminal is afterwards as it was.
#[cfg(unix)]
fn read_hidden(answer: &mut String) -> io::Result<usize> {
    use rustix::{
        stdio,
        termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr},
    };
    let before = tcgetattr(stdio::stdin())?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(stdio::stdin(), OptionalActions::Now, &hidden)?;
    let read = stdin().lock().read_line(answer);
    tcsetattr(stdio::stdin(), OptionalActions::Now, &before)?;
    read
}

#[cfg(not(unix))]
fn read_hidden(answer: &mut String) -> io::Result<usize> {
    *answer = rpassword::read_password()? + "\n";
    Ok(answer.len())
}

/// Asks for a yes; anything but a clear one is a no.
pub(super) fn confirm(question: &str) -> Result<bool, Error> {
    Ok(matches!(
        ask(&format!("{question} [y/N] "))?.to_lowercase().as_str(),
        "y" | "yes"
    ))
}

/// Asks for e-mail and password; the password is not shown and taken as it is.
pub(super) fn ask_credentials() -> Result<Credentials, Error> {
    ask_password(ask("E-mail: ")?)
}

/// Asks for the password of an e-mail address.
pub(super) fn ask_password(user: String) -> Result<Credentials, Error> {
    let password = ask_line("Password (not shown): ", true)?;
    if user.is_empty() || password.is_empty() {
        return Err(Error::new(
            Code::Usage,
            "e-mail and password are needed",
            "run the command again",
        ));
    }
    Ok(Credentials::typed(user.into(), password.into()))
}

fn unusable_terminal(error: &std::io::Error) -> Error {
    Error::new(
        Code::Internal,
        format!("the terminal could not be used ({error})"),
        "run the command in a terminal",
    )
}
