//! The forms of single values in `agent.toml`. The platform checks some of them too, but later, and
//! in the middle of the work.

use padel::config::{Environment, Flags, Settings};

use super::section::Setting;
use crate::{error::Error, ids};

/// The efforts that a model takes (documented).
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];
/// The fields of a cron expression with the smallest and largest number of each (POSIX).
const CRON_FIELDS: [(&str, u8, u8); 5] = [
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 6),
];

/// Checks a deployment's name, which also names what is made on the platform.
pub(super) fn check_name(name: &Setting<String>) -> Result<(), Error> {
    if ids::is_name(&name.value) {
        return Ok(());
    }
    Err(name.refuse("a name", "write 1 to 64 of a-z, 0-9 and hyphen"))
}

/// Checks a host as the platform takes it: a bare name or `*.suffix`, without scheme, port and path
/// (documented).
pub(super) fn check_host(host: &Setting<String>) -> Result<(), Error> {
    let name = host.value.strip_prefix("*.").unwrap_or(&host.value);
    // A suffix of one label would be a whole top-level domain.
    let is_whole = name == host.value || name.contains('.');
    if is_whole && name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(());
    }
    let hint = "write a bare host such as booking.example.com, or *.example.com; without \
        https://, port and path, in small letters";
    Err(host.refuse("a host", hint))
}

fn is_label(label: &str) -> bool {
    let mut bytes = label.bytes();
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Checks the form of a model's id; the platform knows which there are.
pub(super) fn check_model(model: &Setting<String>) -> Result<(), Error> {
    let mut bytes = model.value.bytes();
    if (1..=100).contains(&model.value.len())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    {
        return Ok(());
    }
    Err(model.refuse("a model's id", "write one such as claude-sonnet-5-5"))
}

/// Checks an effort.
pub(super) fn check_effort(effort: &Setting<String>) -> Result<(), Error> {
    if EFFORTS.contains(&effort.value.as_str()) {
        return Ok(());
    }
    Err(effort.refuse("an effort", &name_choices(&effort.value, &EFFORTS)))
}

/// Returns the one of `choices` that the value names.
pub(super) fn choose<T: Copy>(
    setting: &Setting<String>,
    what: &str,
    choices: &[(&str, T)],
) -> Result<T, Error> {
    let found = choices.iter().find(|(name, _)| *name == setting.value);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        setting.refuse(what, &name_choices(&setting.value, &names))
    })
}

fn name_choices(wanted: &str, names: &[&str]) -> String {
    let closest = diagnostic::names::closest_names(wanted, names.iter().copied());
    let meant = closest.first();
    let meant = meant.map(|name| format!("did you mean `{name}`? "));
    format!(
        "{}write one of {}",
        meant.unwrap_or_default(),
        names.join(", ")
    )
}

/// Checks the id of a channel or a conversation.
pub(super) fn check_channel(channel: &Setting<String>) -> Result<(), Error> {
    if is_slack_id(&channel.value, "CGD") {
        return Ok(());
    }
    let hint = "write the id, such as C0123456789: in Slack, open the channel's details, where it \
        stands at the bottom";
    Err(channel.refuse("a channel's id", hint))
}

/// Checks the id of a person.
pub(super) fn check_user(user: &Setting<String>) -> Result<(), Error> {
    if is_slack_id(&user.value, "UW") {
        return Ok(());
    }
    let hint = "write the member id, such as U0123456789: in Slack, open the person's profile, \
        then `Copy member ID`";
    Err(user.refuse("a person's id", hint))
}

/// Slack's ids have 9 or 11 characters today and may grow.
fn is_slack_id(text: &str, first: &str) -> bool {
    let mut rest = text.bytes().skip(1);
    (9..=32).contains(&text.len())
        && text.starts_with(|letter| first.contains(letter))
        && rest.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Checks a cron expression: five fields of POSIX with numbers, lists, ranges and steps.
pub(super) fn check_cron(cron: &Setting<String>) -> Result<(), Error> {
    let fields: Vec<&str> = cron.value.split_ascii_whitespace().collect();
    if fields.len() != CRON_FIELDS.len() {
        let hint = "write five fields: minute, hour, day of the month, month, weekday, such as \
            \"0 7 * * *\"";
        return Err(cron.refuse("a cron expression", hint));
    }
    for (field, (name, least, most)) in fields.into_iter().zip(CRON_FIELDS) {
        if !field.split(',').all(|item| is_cron_item(item, least, most)) {
            let what = format!(
                "a cron expression: its {name} is `{}`",
                printable::line(field, 40)
            );
            let hint = format!(
                "write numbers from {least} to {most}, ranges such as {least}-{most}, lists with \
                 commas, or *"
            );
            return Err(cron.refuse(&what, &hint));
        }
    }
    Ok(())
}

fn is_cron_item(item: &str, least: u8, most: u8) -> bool {
    let (range, step) = item.split_once('/').unwrap_or((item, "1"));
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|_| is_number)
    };
    let is_range = match range.split_once('-') {
        _ if range == "*" => true,
        Some((from, to)) => match (number(from), number(to)) {
            (Some(from), Some(to)) => least <= from && from <= to && to <= most,
            _ => false,
        },
        // A step needs something to step through.
        None => !item.contains('/') && number(range).is_some_and(|it| (least..=most).contains(&it)),
    };
    is_range && number(step).is_some_and(|step| step > 0)
}

/// Checks a time zone by padel's own rules: those compiled in, and those of the system.
pub(super) fn check_timezone(timezone: &Setting<String>) -> Result<(), Error> {
    let environment =
        Environment::from_iter([("PSLC_TIMEZONE".into(), timezone.value.clone().into())]);
    let flags = Flags {
        // Not this machine's settings: nothing but the zone is checked.
        config: Some("/dev/null".into()),
        ..Flags::default()
    };
    match Settings::load(&flags, &environment) {
        Err(error) => Err(timezone.refuse("a time zone that this machine knows", &error.hint)),
        Ok(_) => Ok(()),
    }
}
