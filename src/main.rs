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
    error::{Code, Error},
    output::{self, Look, Output},
};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    output::quiet_panics();
    let args: Vec<OsString> = std::env::args_os().collect();
    let env = Environment::of_process();
    let cli = match Line::read(&args) {
        Ok(Line::Command(cli)) => *cli,
        Ok(Line::Text(text)) => return finish(print(&Output::Text(text), Format::Table, Look::PLAIN), Format::Table),
        Err((error, format)) => return finish(Err(error), format),
    };
    let (format, quiet) = (cli.format(), cli.global.quiet);
    let look = Look::of(cli.global.color, &env, io::stdout().is_terminal());
    let outcome = commands::run(cli, &env).and_then(|output| {
        if !quiet {
            output.warnings().iter().for_each(|warning| drop(writeln!(io::stderr(), "warning: {warning}")));
        }
        print(&output, format, look)?;
        output.into_failure().map_or(Ok(()), Err)
    });
    finish(outcome, format)
}

/// Writes to stdout. Whoever closes the pipe has seen enough.
fn print(output: &Output, format: Format, look: Look) -> Result<(), Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    match output::write(output, format, look, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("the answer could not be written ({error})");
            Err(Error::new(Code::Internal, message, "look at where stdout goes"))
        }
        _ => Ok(()),
    }
}

fn finish(outcome: Result<(), Error>, format: Format) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // With stderr closed the exit code still tells.
    let _ = output::write_error(&error, format, &mut io::stderr().lock());
    ExitCode::from(error.code.exit())
}
