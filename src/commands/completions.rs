//! `padel completions`: generated from the command line's types, with values to choose from.

use clap::{Arg, CommandFactory as _, ValueHint, builder::PossibleValuesParser};

use crate::cli::Cli;

/// Values that an option is most often given, by its name.
const VALUES: [(&str, &str); 8] = [
    (
        "date",
        "today tomorrow yesterday mon tue wed thu fri sat sun next-sat last-sat",
    ),
    ("weekday", "mon tue wed thu fri sat sun sat,sun"),
    ("duration", "30 60 90 120"),
    ("days", "2 7 14 28"),
    ("from", HOURS),
    ("to", HOURS),
    ("at", HOURS),
    ("month", "this last"),
];
const HOURS: &str = "07:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 \
                     20:00 21:00 22:00";
/// Options whose values are no files, and only the club knows them.
const NAMES: [&str; 7] = [
    "club", "site", "activity", "court", "limit", "timeout", "every",
];

pub(super) fn generate(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    let mut command = Cli::command()
        .mut_args(offer_values)
        .mut_subcommands(|sub| sub.mut_args(offer_values));
    clap_complete::generate(shell, &mut command, "padel", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Lets a shell offer values; what else may be written stays allowed, for no script checks it.
fn offer_values(arg: Arg) -> Arg {
    let name = arg.get_id().to_string();
    if let Some((_, values)) = VALUES.iter().find(|(known, _)| *known == name) {
        arg.value_parser(PossibleValuesParser::new(values.split(' ')))
            .default_value(None)
    } else if NAMES.contains(&name.as_str()) {
        arg.value_hint(ValueHint::Other)
    } else {
        arg
    }
}
