//! `padel`: parse, run, print, exit code.

use std::{
    ffi::OsString,
    io::{self, BufWriter, ErrorKind, IsTerminal as _, Write as _},
    process::ExitCode,
};

use padel::{
    cli::{Format, Line},
    commands,
    config::Environment,
    ending,
    error::{Code, Error},
    output::{self, Look, Output},
    signals,
};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    ending::quiet_panics();
    let args: Vec<OsString> = std::env::args_os().collect();
    ending::set_format(Line::error_format(&args));
    let env = Environment::of_process();
    let cli = match Line::read(&args) {
        Ok(Line::Command(cli)) => *cli,
        Ok(Line::Text(text)) => {
            return ending::finish(print(&Output::Text(text), Format::Table, Look::PLAIN));
        }
        Err(error) => return ending::finish(Err(error)),
    };
    // Not for help and version, which end at once: it takes a twentieth of their time.
    signals::watch();
    let (format, quiet) = (cli.format(), cli.global.quiet);
    ending::set_format(format);
    let look = Look::of(cli.global.color, &env, io::stdout().is_terminal());
    ending::finish(commands::run(cli, &env, |output| {
        if !quiet {
            output
                .warnings()
                .iter()
                .for_each(|warning| drop(writeln!(io::stderr(), "warning: {warning}")));
        }
        print(&output, format, look)?;
        output.into_failure().map_or(Ok(()), Err)
    }))
}

/// Writes to stdout. Whoever closes the pipe has seen enough.
fn print(output: &Output, format: Format, look: Look) -> Result<(), Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    match output::write(output, format, look, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("the answer could not be written ({error})");
            Err(Error::new(
                Code::Internal,
                message,
                "look at where stdout goes",
            ))
        }
        _ => Ok(()),
    }
}
