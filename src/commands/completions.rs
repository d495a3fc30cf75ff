//! `padel completions`: generated from the command line's types, with values to choose from. For the
//! names of sites and activities the scripts ask padel itself, which answers from what it kept.

use clap::{Arg, CommandFactory as _, ValueHint, builder::PossibleValuesParser};
use clap_complete::Shell;

use super::{Context, selection::is_of_sport};
use crate::{
    cli::Cli,
    config::Settings,
    gladstone::{kept_activities, kept_sites},
    sort::sort_by,
    text,
};

/// Values that an option is most often given, by its name.
const VALUES: [(&str, &str); 9] = [
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
    ("shell", "bash elvish fish powershell zsh"),
];
const HOURS: &str = "07:00 08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 \
                     20:00 21:00 22:00";
/// Options whose values are no files, and only the club knows them.
const NAMES: [&str; 5] = ["club", "court", "limit", "timeout", "every"];
/// Options whose values padel knows where it kept the club's catalogue.
const KEPT_NAMES: [&str; 2] = ["site", "activity"];

/// Stands for names that the script asks padel for, before the option's name.
const KEPT: &str = "KEPT_";

/// Offers names quoted as what is typed is, so that nothing in a name is ever carried out. One with an
/// exclamation mark is left out between double quotes, where the mark cannot be escaped.
const BASH: &str = r#"_padel_names() {
    local name char quoted at open=${COMP_WORDS[COMP_CWORD]:0:1}
    COMPREPLY=()
    while IFS= read -r name; do
        quoted=
        for ((at = 0; at < ${#name}; at++)); do
            char=${name:at:1}
            case $open$char in
                "''") char="'\\''" ;;
                \'*) ;;
                \"[\"\$\`\\]) char=\\$char ;;
                \"!) continue 2 ;;
                \"*) ;;
                *[[:alnum:]_.,/+-]) ;;
                *) char=\\$char ;;
            esac
            quoted+=$char
        done
        [[ $quoted == "$cur"* ]] && COMPREPLY+=("$quoted")
    done < <(command padel completions "$1" 2>/dev/null)
}
"#;
/// `compadd` quotes by itself.
const ZSH: &str = r#"_padel_names() {
    local -a names
    names=(${(f)"$(command padel completions $1 2>/dev/null)"})
    compadd -a names
}
"#;

pub(super) fn generate(shell: Shell) -> String {
    let mut script = Vec::new();
    let mut command = Cli::command()
        .mut_args(offer_values)
        .mut_subcommands(|sub| sub.mut_args(offer_values));
    clap_complete::generate(shell, &mut command, "padel", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    let ask = "_padel_names NAME";
    let (offered, asked, function) = match shell {
        Shell::Bash => (r#"COMPREPLY=($(compgen -W "NAME" -- "${cur}"))"#, ask, BASH),
        // After a space a function gets its own arguments only.
        Shell::Zsh => ("(NAME)", " _padel_names NAME", ZSH),
        Shell::Fish => (
            r#""NAME\t''""#,
            r#""(command padel completions NAME 2>/dev/null)""#,
            "",
        ),
        _ => return script,
    };
    for name in KEPT_NAMES {
        let offered = offered.replace("NAME", &format!("{KEPT}{name}"));
        script = script.replace(&offered, &asked.replace("NAME", name));
    }
    match shell {
        // Its last lines already call the function, and its first one says what the file is.
        Shell::Zsh => script.replacen('\n', &format!("\n{function}"), 1),
        _ => script + function,
    }
}

/// Lists the names of the club's sites or activities that an earlier call kept, a line each. Asks
/// nobody, and says nothing where there are none.
pub(super) fn list_names(kind: &str, settings: &Settings, context: &Context<'_>) -> String {
    let Ok(club) = settings.club() else {
        return String::new();
    };
    let cache = context.cache.clone();
    let names: Vec<(String, String)> = match kind {
        "site" => {
            let sites = kept_sites(cache, club).into_iter();
            sites.map(|site| (site.name, site.id)).collect()
        }
        "activity" => {
            let all = kept_activities(cache, club);
            let sport = &settings.sport.value;
            let any = all.iter().any(|one| is_of_sport(one, sport));
            let shown = all
                .into_iter()
                .filter(|one| !any || is_of_sport(one, sport));
            shown.map(|one| (one.name, one.id)).collect()
        }
        _ => Vec::new(),
    };
    let lines = names.into_iter().map(|(name, id)| {
        let name = text::line(&name, text::NAME);
        // A value that begins so would be taken for an option.
        let is_value = !name.is_empty() && !name.starts_with('-');
        let value = if is_value {
            name
        } else {
            text::line(&id, text::NAME)
        };
        value + "\n"
    });
    let mut lines: Vec<String> = lines.collect();
    sort_by(&mut lines, Ord::cmp);
    lines.dedup();
    lines.concat()
}

/// Lets a shell offer values; what else may be written stays allowed, for no script checks it.
fn offer_values(arg: Arg) -> Arg {
    let name = arg.get_id().to_string();
    if KEPT_NAMES.contains(&name.as_str()) {
        arg.value_parser(PossibleValuesParser::new([format!("{KEPT}{name}")]))
    } else if let Some((_, values)) = VALUES.iter().find(|(known, _)| *known == name) {
        arg.value_parser(PossibleValuesParser::new(values.split(' ')))
            .default_value(None)
    } else if NAMES.contains(&name.as_str()) {
        arg.value_hint(ValueHint::Other)
    } else {
        arg
    }
}
