//! `padel man`: one manual page for the command and its subcommands, generated from the command
//! line's types.

use std::io::{Result as IoResult, Write as _};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::{
    cli::Cli,
    error::{Code, Error},
};

pub(super) fn generate() -> Result<String, Error> {
    render_page()
        .map(|page| String::from_utf8_lossy(&page).into_owned())
        .map_err(|error| {
            let message = format!("the manual page could not be made ({error})");
            Error::new(Code::Internal, message, "report this")
        })
}

fn render_page() -> IoResult<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let main = Man::new(command.clone());
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_description_section(&mut page)?;
    main.render_options_section(&mut page)?;
    write_examples(&command, ".SH", &mut page)?;
    for sub in command.get_subcommands() {
        match sub.get_subcommands().next() {
            None => write_section(sub, &mut page)?,
            // A group says nothing that its members do not.
            Some(_) => sub
                .get_subcommands()
                .try_for_each(|sub| write_section(sub, &mut page))?,
        }
    }
    main.render_extra_section(&mut page)?;
    Ok(page)
}

fn write_section(sub: &Command, page: &mut Vec<u8>) -> IoResult<()> {
    writeln!(
        page,
        ".SH {}",
        sub.get_bin_name().unwrap_or(sub.get_name()).to_uppercase()
    )?;
    let man = Man::new(sub.clone());
    let mut section = Vec::new();
    man.render_synopsis_section(&mut section)?;
    man.render_description_section(&mut section)?;
    man.render_options_section(&mut section)?;
    man.render_extra_section(&mut section)?;
    // Sections of a subcommand become subsections of its own.
    page.extend_from_slice(
        String::from_utf8_lossy(&section)
            .replace(".SH ", ".SS ")
            .as_bytes(),
    );
    write_examples(sub, ".SS", page)
}

/// Writes the examples with which a command's help begins, as they stand.
fn write_examples(command: &Command, heading: &str, page: &mut Vec<u8>) -> IoResult<()> {
    let Some(text) = command.get_before_help() else {
        return Ok(());
    };
    writeln!(page, "{heading} EXAMPLES\n.nf")?;
    for line in text
        .to_string()
        .lines()
        .filter(|line| line.starts_with(' '))
    {
        writeln!(page, "{}", line.replace('\\', "\\\\").replace('-', "\\-"))?;
    }
    writeln!(page, ".fi")
}
