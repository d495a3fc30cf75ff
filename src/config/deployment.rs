//! What an `agent.toml` says of watching for a club's channels: the club, `[[watch]]`,
//! `[notify.NAME]`. The rest of that file is `padel-ops`'s.

use std::path::Path;

use toml::{Table, Value};

use super::{
    Origin, WatchSettings,
    file::{explain_syntax, invalid},
    layer::Layer,
    origin::Sourced,
    watch,
};
use crate::error::Error;

/// Reads the file's text.
///
/// Without `[notify.NAME]` the only channel of `[slack]` is told.
///
/// # Errors
///
/// `config_invalid`: not TOML, no club, a wish or a channel that cannot be meant.
pub(super) fn parse(text: &str, path: &Path) -> Result<Layer, Error> {
    let table: Result<Table, _> = text.parse();
    let mut table = table.map_err(|error| explain_syntax(&error, text, path))?;
    let Some(Value::String(club)) = table.remove("club") else {
        let hint = "write club = \"brunelsport\"".to_owned();
        return Err(invalid(path, "`club` is missing", hint));
    };
    let watch = table.remove("watch");
    let mut notify = table.remove("notify");
    if watch.is_some() && notify.is_none() {
        notify = Some(Value::Table(name_only_channel(&table, path)?));
    }
    let read = watch::read(watch, notify, watch::Ways::Channels);
    let read = read.map_err(|(what, hint)| invalid(path, &what, hint))?;
    let origin = Origin::of_file(path);
    Ok(Layer {
        club: Some(Sourced::new(club, &origin)),
        watch: read.map(|settings| WatchSettings { origin, ..settings }),
        ..Layer::default()
    })
}

/// Makes the `[notify]` of a file that has none.
fn name_only_channel(table: &Table, path: &Path) -> Result<Table, Error> {
    let channels = table.get("slack").and_then(|slack| slack.get("channels"));
    let channels = channels.and_then(Value::as_array).map(Vec::as_slice);
    match channels {
        Some([Value::String(channel)]) => {
            let target = Table::from_iter([("channel".to_owned(), channel.clone().into())]);
            Ok(Table::from_iter([("channel".to_owned(), target.into())]))
        }
        _ => {
            let what = "[[watch]] names nobody, and `channels` of [slack] is not one channel";
            let hint = "write [notify.club], and below it channel = \"C0123456789\"";
            Err(invalid(path, what, hint.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Way;

    const WISH: &str = "[[watch]]\nweekday = [\"sat\"]\nat = \"18:00\"\ncourt = [\"3\"]\n";

    fn read(text: &str) -> Result<WatchSettings, String> {
        let read = parse(&format!("club = \"a\"\n{text}"), Path::new("agent.toml"));
        let watch = read.map(|layer| layer.watch.unwrap_or_default());
        watch.map_err(|error| error.message)
    }

    #[test]
    fn the_only_channel_is_told_where_nobody_is_named() {
        let read = read(&format!("[slack]\nchannels = [\"C1\"]\n{WISH}")).unwrap();
        assert_eq!(read.targets[0].way, Way::Channel("C1".to_owned()));
        assert_eq!(read.wishes[0].targets, ["channel"]);
        assert_eq!(read.wishes[0].describe(), "Saturday, at 18:00, court 3");
        assert!(read.wishes[0].filters().ends_with("|at 18:00|court 3"));
    }

    #[test]
    fn channels_are_named_with_their_quiet_hours() {
        let notify = "[notify.club]\nchannel = \"C1\"\nquiet = \"22:30-07:00\"\n";
        let read = read(&format!("{notify}{WISH}")).unwrap();
        assert!(read.targets[0].quiet.is_some());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, what) in [
            (WISH.to_owned(), "names nobody"),
            (
                format!("[slack]\nchannels = [\"C1\", \"C2\"]\n{WISH}"),
                "one channel",
            ),
            (
                "[notify.a]\nchannel = \"#padel\"".to_owned(),
                "names no channel",
            ),
            (
                "[notify.a]\nchannel = \"C1\"\nexec = [\"rm\"]".to_owned(),
                "unknown key `exec`",
            ),
            (
                "[[watch]]\nduration = 61\n[notify.a]\nchannel = \"C1\"".to_owned(),
                "`duration`",
            ),
        ] {
            let fault = read(&text).unwrap_err();
            assert!(fault.contains(what), "{text}: {fault}");
        }
        let fault = parse("name = \"x\"", Path::new("agent.toml")).unwrap_err();
        assert!(fault.message.contains("`club` is missing"));
    }
}
