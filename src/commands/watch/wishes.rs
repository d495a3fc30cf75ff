//! What is watched and who is told, from the command line and `config.toml`.

use chrono::{DateTime, Utc};

use crate::{
    cli::{self, First},
    config::{Body, Settings, Target, Way},
    courts::{Day, watch::Wish},
    error::{Code, Error},
    sort::sort_by_key,
};

/// The target where nobody else is told.
pub(super) const STDOUT: &str = "stdout";
/// The target of `--exec`.
const EXEC: &str = "exec";

/// What is watched and who is told.
pub(super) struct Plan {
    pub(super) wishes: Vec<Wish>,
    pub(super) targets: Vec<Target>,
}

impl Plan {
    /// Takes the wish of the command line if it has one, and else those of `config.toml`. Without
    /// either, everything of the next two weeks is watched.
    ///
    /// # Errors
    ///
    /// `usage` for a wrong day or window, or a target that there is not.
    pub(super) fn new(
        args: &cli::Watch,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let today = now.with_timezone(&settings.timezone.value).date_naive();
        let mut targets = settings.watch.targets.clone();
        let plain = |name: &str, way| Target {
            name: name.to_owned(),
            way,
            quiet: None,
        };
        targets.push(plain(STDOUT, Way::Stdout));
        if !args.exec.is_empty() {
            let (words, body) = (args.exec.clone(), Body::Text);
            targets.push(plain(EXEC, Way::Exec { words, body }));
        }
        for name in &args.notify {
            if !targets.iter().any(|target| target.name == *name) {
                let message = format!("there is no [notify.{name}] in config.toml");
                let hint = "write that table, or name another one with --notify";
                return Err(Error::new(Code::Usage, message, hint));
            }
        }
        let is_own = has_wish(args) || settings.watch.wishes.is_empty();
        let mut wishes = if is_own {
            vec![wish_of_line(args, today)?]
        } else {
            settings.watch.wishes.clone()
        };
        for wish in &mut wishes {
            if let Some(minutes) = args.opens {
                wish.notice = Some(chrono::TimeDelta::minutes(minutes.into()));
            }
            wish.gone |= args.gone;
            wish.quiet_first |= args.first == First::Quiet;
            wish.until = args.until.map(|day| day.resolve(today)).or(wish.until);
            if !args.exec.is_empty() {
                wish.targets = vec![EXEC.to_owned()];
            } else if !args.notify.is_empty() {
                wish.targets.clone_from(&args.notify);
            }
            if wish.targets.is_empty() {
                wish.targets.push(STDOUT.to_owned());
            }
            sort_by_key(&mut wish.targets, String::clone);
            wish.targets.dedup();
        }
        Ok(Self { wishes, targets })
    }

    /// Lists the targets of all wishes.
    pub(super) fn list_used(&self) -> Vec<String> {
        let mut used: Vec<String> = Vec::new();
        for name in self.wishes.iter().flat_map(|wish| &wish.targets) {
            if !used.contains(name) {
                used.push(name.clone());
            }
        }
        used
    }

    /// Names what is watched.
    pub(super) fn describe(&self) -> String {
        match &self.wishes[..] {
            [wish] => wish.name.clone(),
            wishes => format!("{} wishes", wishes.len()),
        }
    }
}

/// Returns whether the command line says which games are meant.
fn has_wish(args: &cli::Watch) -> bool {
    args.date.is_some()
        || args.days.is_some()
        || args.duration.is_some()
        || args.from.is_some()
        || args.to.is_some()
        || args.at.is_some()
        || !args.weekday.is_empty()
        || !args.site.is_empty()
        || !args.activity.is_empty()
        || !args.court.is_empty()
}

fn wish_of_line(args: &cli::Watch, today: chrono::NaiveDate) -> Result<Wish, Error> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        let message = format!("--from {from} is not before --to {to}");
        let hint =
            "a window lies within one day, such as --from 18:00 --to 22:00; 24:00 is its end";
        return Err(Error::new(Code::Usage, message, hint));
    }
    let (date, date_text) = match (&args.date, args.once) {
        (None, _) => (None, String::new()),
        (Some(text), is_once) => {
            let day: Day = text.parse().map_err(|error| {
                let message = format!("--date `{}`: {error}", printable::line(text, 40));
                let hint = "write the day in one of these forms; `padel watch --help` lists them";
                Error::new(Code::Usage, message, hint)
            })?;
            // Somebody who starts a loop on a Friday means the Saturday after it, also when that
            // is over; a timer's line means the next one each time.
            if is_once {
                (Some(day), text.clone())
            } else {
                let date = day.resolve(today);
                (Some(Day::On(date)), date.to_string())
            }
        }
    };
    let mut wish = Wish {
        name: String::new(),
        date,
        date_text,
        days: args.days,
        weekdays: args.weekday.clone(),
        minutes: args.duration,
        from: args.from,
        to: args.to,
        at: args.at,
        courts: args.court.clone(),
        sites: args.site.clone(),
        activities: args.activity.clone(),
        notice: None,
        gone: false,
        until: None,
        quiet_first: false,
        targets: Vec::new(),
    };
    wish.name = printable::line(&wish.describe(), 120);
    Ok(wish)
}
