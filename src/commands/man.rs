//! `padel man`: one manual page for the command and its subcommands, in the usual sections, from the
//! command line's types.

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::Cli;

const DESCRIPTION: &str = "padel asks the booking portal of a Gladstone Go club which courts are free, and which bookings a \
                           member has. It only reads: it never books, holds, cancels or pays.";

/// Variables and what they are for.
const ENVIRONMENT: [(&str, &str); 8] = [
    (
        "PSLC_CLUB",
        "The club, as in --club. PSLC_TIMEZONE, PSLC_SITES, PSLC_ACTIVITIES and PSLC_SPORT are settings, too; lists with commas.",
    ),
    (
        "pslc_user, pslc_password",
        "A member's e-mail and password.",
    ),
    ("PSLC_ENV_FILE", "A .env file to read first."),
    (
        "HTTPS_PROXY, NO_PROXY",
        "The proxy, and the hosts that need none; also in small letters.",
    ),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "More certificates to trust."),
    ("COLUMNS, NO_COLOR, TERM", "Width and colour of tables."),
    (
        "TZDIR",
        "Where time zones are read that are not compiled in.",
    ),
    (
        "XDG_CONFIG_HOME, XDG_CACHE_HOME",
        "Where the files below are instead.",
    ),
];

/// Files and what is in them.
const FILES: [(&str, &str); 3] = [
    (
        "~/.config/pslc-padel/config.toml",
        "Club, sites, activities and the portal profile; without a secret.",
    ),
    (
        "~/.config/pslc-padel/.env",
        "E-mail and password, for you alone.",
    ),
    (
        "~/.cache/pslc-padel/",
        "Sessions and catalogues that are kept between calls. It may be deleted.",
    ),
];

pub(super) fn generate() -> String {
    let mut command = Cli::command();
    command.build();
    let version = command.get_version().unwrap_or_default();
    let mut page = format!(
        ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH padel 1 \"\" \"padel {version}\" \"User Commands\"\n"
    );
    let about = command.get_about().map(ToString::to_string);
    page.push_str(&format!(
        ".SH NAME\npadel \\- {}\n",
        escape(&about.unwrap_or_default())
    ));
    page.push_str(".SH SYNOPSIS\n\\fBpadel\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n");
    page.push_str(&format!(".SH DESCRIPTION\n{}\n", escape(DESCRIPTION)));
    page.push_str(".SH COMMANDS\n");
    let commands = list_commands(&command);
    for sub in &commands {
        write_command(sub, &mut page);
    }
    page.push_str(".SH OPTIONS\nThese belong to every command.\n");
    write_options(command.get_arguments(), &mut page);
    write_exit_status(&command, &mut page);
    for (title, entries) in [("ENVIRONMENT", &ENVIRONMENT[..]), ("FILES", &FILES[..])] {
        page.push_str(&format!(".SH {title}\n"));
        for (name, text) in entries {
            page.push_str(&format!(
                ".TP\n\\fB{}\\fR\n{}\n",
                escape(name),
                escape(text)
            ));
        }
    }
    page.push_str(".SH EXAMPLES\n.nf\n");
    for sub in std::iter::once(&command).chain(commands) {
        write_examples(sub, &mut page);
    }
    page.push_str(".fi\n");
    page
}

/// Lists the subcommands, of a group its members: the group says nothing that they do not.
fn list_commands(command: &Command) -> Vec<&Command> {
    let groups = command.get_subcommands().map(|sub| {
        let members: Vec<&Command> = sub.get_subcommands().collect();
        if members.is_empty() {
            vec![sub]
        } else {
            members
        }
    });
    groups.flatten().collect()
}

fn write_command(sub: &Command, page: &mut String) {
    let name = sub.get_bin_name().unwrap_or(sub.get_name());
    let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
    page.push_str(&format!(".SS \"{}\"\n{}.\n", escape(name), escape(&about)));
    write_options(sub.get_arguments().filter(|arg| !arg.is_global_set()), page);
    if let Some(after) = sub.get_after_help() {
        page.push_str(&format!(
            ".PP\n.nf\n{}\n.fi\n",
            escape(after.to_string().trim())
        ));
    }
}

fn write_options<'a>(args: impl Iterator<Item = &'a Arg>, page: &mut String) {
    // What every program has goes without saying.
    for arg in args
        .filter(|arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str()))
    {
        let short = arg.get_short().map(|short| format!("\\fB\\-{short}\\fR"));
        let long = arg
            .get_long()
            .map(|long| format!("\\fB{}\\fR", escape(&format!("--{long}"))));
        let names: Vec<String> = short.into_iter().chain(long).collect();
        let takes_value = arg.get_action().takes_values();
        let value = arg.get_value_names().filter(|_| takes_value);
        let value = value.map(|names| {
            names
                .iter()
                .map(|name| escape(name))
                .collect::<Vec<_>>()
                .join(" ")
        });
        let value = value.map_or(String::new(), |value| format!(" \\fI{value}\\fR"));
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let defaults: Vec<String> = arg
            .get_default_values()
            .iter()
            .filter(|_| takes_value)
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let default = if defaults.is_empty() {
            String::new()
        } else {
            format!(" [default: {}]", defaults.join(" "))
        };
        page.push_str(&format!(
            ".TP\n{}{value}\n{}\n",
            names.join(", "),
            escape(&format!("{help}{default}"))
        ));
    }
}

/// Writes the table of exit codes with which the help ends.
fn write_exit_status(command: &Command, page: &mut String) {
    page.push_str(".SH \"EXIT STATUS\"\n");
    let text = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        if let Some((code, meaning)) = line.trim().split_once("  ") {
            page.push_str(&format!(".TP\n\\fB{code}\\fR\n{}\n", escape(meaning)));
        }
    }
}

/// Writes the examples with which a command's help begins, as they stand.
fn write_examples(command: &Command, page: &mut String) {
    let text = command
        .get_before_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        page.push_str(&format!("{}\n", escape(line)));
    }
}

/// Escapes what roff gives a meaning to.
fn escape(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line
            .replace('\\', "\\e")
            .replace('-', "\\-")
            .replace('\'', "\\(aq");
        // A dot at the start of a line would be a request.
        if line.starts_with('.') {
            format!("\\&{line}")
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
