//! `padel`: parse, run, print, exit code.

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use diagnostic::{Parsed, print_answer};
use padel::{
    cli::{Color, Format},
    commands,
    config::Environment,
    ending,
    output::{self, Style},
    signals, usage,
};

#[cfg(feature = "no-unwinder")]
use no_unwinder as _;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    ending::hide_panic_messages();
    let args: Vec<OsString> = std::env::args_os().collect();
    ending::set_json_errors(usage::wants_json(&args));
    let env = Environment::of_process();
    let style = Style::detect(Color::Auto, &env, io::stderr().is_terminal());
    ending::set_error_style(
        style.width.filter(|_| io::stderr().is_terminal()),
        style.color,
    );
    let cli = match usage::parse(&args, &env) {
        Ok(Parsed::Run(cli)) => cli,
        Ok(Parsed::Show(text)) => {
            let shown = print_answer(|out| out.write_all(text.as_bytes()));
            return ending::finish(shown.map(|()| 0));
        }
        Err(_) if args.len() < 2 => return usage::show_help(),
        Err(error) => return ending::finish(Err(error)),
    };
    // Not for help and version, which end at once: it takes a twentieth of their time.
    signals::watch_signals();
    let (format, quiet) = (cli.format(), cli.global.quiet);
    ending::set_json_errors(format == Format::Json);
    let style = Style::detect(cli.global.color, &env, io::stdout().is_terminal());
    ending::finish(commands::run(cli, &env, |report| {
        if !quiet {
            report
                .warnings()
                .iter()
                .for_each(|warning| drop(writeln!(io::stderr(), "warning: {warning}")));
        }
        print_answer(|out| output::write(&*report, format, style, out))?;
        report.into_failure().map_or(Ok(()), Err)
    }))
}
