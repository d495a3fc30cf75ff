//! `agent.toml`: one deployment as the operator declares it, read and checked as a whole before
//! anything is sent.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use padel::config::{Club, Environment, Settings};

use super::{
    section::{Section, Setting, Source},
    values,
};
use crate::{
    cli::parse_dollars,
    error::{Code, Error, unreadable},
};

/// The most characters of a system prompt (documented).
const LONGEST_SYSTEM: usize = 100_000;
/// The most characters that a schedule says: far below the limit of a request.
const LONGEST_SAYING: usize = 10_000;

/// One deployment.
#[derive(Debug)]
pub(crate) struct Declaration {
    /// The file.
    pub(crate) path: PathBuf,
    /// In the metadata of everything that is ours; also the name of what is made.
    pub(crate) name: String,
    pub(crate) club: Club,
    /// Hosts that sessions may reach besides the club's.
    pub(crate) extra_hosts: Vec<String>,
    /// None for an agent that knows courts only.
    pub(crate) credentials: Option<DeclaredCredentials>,
    pub(crate) model: String,
    /// The model's own default where none is named.
    pub(crate) effort: Option<String>,
    /// The system prompt, with the club and the channels in place.
    pub(crate) system: String,
    /// In US cents a session.
    pub(crate) max_cost: u32,
    pub(crate) reply: Reply,
    pub(crate) channels: Vec<String>,
    /// The people whose bookings the credentials show.
    pub(crate) owners: Vec<String>,
    pub(crate) schedule: Option<DeclaredSchedule>,
}

/// The member's credentials, and the way that they reach a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeclaredCredentials {
    pub(crate) kind: CredentialKind,
    pub(crate) env_file: PathBuf,
}

/// The way of the credentials into a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    /// The `.env` is mounted.
    File,
    /// The session sees placeholders, which the egress proxy fills in.
    Vault,
}

/// The one who posts the answer in Slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// `padel-slack`.
    Bridge,
    /// The agent, through Slack's MCP server.
    Agent,
}

/// A schedule of the platform that says something to a new session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeclaredSchedule {
    pub(crate) cron: String,
    pub(crate) timezone: String,
    pub(crate) say: String,
}

impl Declaration {
    /// Reads and checks a file. `home` is what `~` stands for.
    ///
    /// # Errors
    ///
    /// `usage` with file and line: not TOML, an unknown key with the closest one, a value of a
    /// wrong type or form; a file that is named and cannot be read.
    pub(crate) fn read(path: &Path, home: Option<&Path>) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|error| {
            let hint = "name the file with --deployment FILE, or start with `deploy/agent.toml`";
            unreadable(path, &error).with_hint(hint)
        })?;
        Self::parse(&text, path, home, |path| fs::read_to_string(path))
    }

    /// Checks a file's text; `read` gives that of the instructions.
    pub(super) fn parse(
        text: &str,
        path: &Path,
        home: Option<&Path>,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Error> {
        let mut file = Source { path, text }.parse()?;
        let name = file.require_text("name", "\"padel\"")?;
        values::check_name(&name)?;
        let club = parse_club(&file.require_text("club", "\"brunelsport\"")?)?;
        let extra_hosts = match file.take_section("environment")? {
            Some(section) => read_hosts(section)?,
            None => Vec::new(),
        };
        let credentials = match file.take_section("credentials")? {
            Some(section) => Some(read_credentials(section, path, home)?),
            None => None,
        };
        let agent = file.take_section("agent")?;
        let slack = file.take_section("slack")?;
        let schedule = match file.take_section("schedule")? {
            Some(section) => Some(read_schedule(section)?),
            None => None,
        };
        let is_watching = file.take_unread("watch")? | file.take_unread("notify")?;
        file.finish()?;
        if is_watching {
            // `padel-slack` looks, with padel's words for what is wrong.
            let env = Environment::default();
            let read = Settings::of_deployment(text, path, &env);
            read.map_err(|error| Error::new(Code::Usage, error.message, error.hint))?;
        }
        let slack = slack.map_or_else(|| Ok(DeclaredSlack::default()), read_slack)?;
        let agent = agent.ok_or_else(|| {
            let message = format!("{}: [agent] is missing", path.display());
            let hint = "write [agent], and below it model = \"claude-sonnet-5-5\"";
            Error::new(Code::Usage, message, hint)
        })?;
        let agent = read_agent(agent, path, home, read)?;
        let system = agent.fill_system(&club, &slack.channels)?;
        Ok(Self {
            path: path.to_owned(),
            name: name.value,
            extra_hosts,
            credentials,
            model: agent.model,
            effort: agent.effort,
            system,
            max_cost: agent.max_cost,
            reply: slack.reply,
            channels: slack.channels,
            owners: slack.owners,
            schedule,
            club,
        })
    }

    /// Returns the hosts that sessions may reach, the club's first. The sign-in is at the club's
    /// own host: padel's profile holds paths only.
    pub(crate) fn allowed_hosts(&self) -> Vec<String> {
        let mut hosts = vec![self.club.host().to_owned()];
        for host in &self.extra_hosts {
            if !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
        hosts
    }
}

fn parse_club(club: &Setting<String>) -> Result<Club, Error> {
    club.value
        .parse()
        .map_err(|error: <Club as std::str::FromStr>::Err| {
            club.refuse("a club", &error.to_string())
        })
}

fn read_hosts(mut section: Section<'_>) -> Result<Vec<String>, Error> {
    let hosts = section.take_list("extra_hosts", "[\"booking.example.com\"]")?;
    section.finish()?;
    hosts.iter().try_for_each(values::check_host)?;
    Ok(into_values(hosts))
}

fn read_credentials(
    mut section: Section<'_>,
    path: &Path,
    home: Option<&Path>,
) -> Result<DeclaredCredentials, Error> {
    let kind = section.require_text("kind", "\"file\"")?;
    let kinds = [
        ("file", CredentialKind::File),
        ("vault", CredentialKind::Vault),
    ];
    let kind = values::choose(&kind, "a kind of credentials", &kinds)?;
    let env_file = section.require_text("env_file", "\"~/.config/pslc-padel/.env\"")?;
    section.finish()?;
    Ok(DeclaredCredentials {
        kind,
        env_file: resolve_path(&env_file, path, home)?,
    })
}

/// `[agent]`, before the system prompt is filled in.
struct DeclaredAgent {
    model: String,
    effort: Option<String>,
    system: Setting<String>,
    template: String,
    max_cost: u32,
}

fn read_agent(
    mut section: Section<'_>,
    path: &Path,
    home: Option<&Path>,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<DeclaredAgent, Error> {
    let model = section.require_text("model", "\"claude-sonnet-5-5\"")?;
    values::check_model(&model)?;
    let effort = section.take_text("effort", "\"low\"")?;
    effort.iter().try_for_each(values::check_effort)?;
    let system = section.require_text("system", "\"system.md\"")?;
    let max_cost = section.require_text("max_cost", "\"0.50\"")?;
    section.finish()?;
    let cents = parse_dollars(&max_cost.value);
    let max_cost = cents.map_err(|hint| max_cost.refuse("an amount in US dollars", hint))?;
    let file = resolve_path(&system, path, home)?;
    let template = read(&file).map_err(|error| {
        let what = format!("the file {} cannot be read: {error}", file.display());
        system.refuse_words(&what, "name the file with the agent's instructions")
    })?;
    Ok(DeclaredAgent {
        model: model.value,
        effort: effort.map(|effort| effort.value),
        system,
        template,
        max_cost,
    })
}

impl DeclaredAgent {
    /// Returns the system prompt with the club and the channels in place of `{club}` and
    /// `{channel}`.
    fn fill_system(&self, club: &Club, channels: &[String]) -> Result<String, Error> {
        let channel = match channels {
            [] => "no channel".to_owned(),
            channels => channels.join(", "),
        };
        let system = self.template.replace("{club}", &club.setting());
        let system = system.replace("{channel}", &channel);
        let length = system.chars().count();
        if !system.trim().is_empty() && length <= LONGEST_SYSTEM {
            return Ok(system);
        }
        let what = format!("the instructions have {length} characters");
        let hint = format!("write 1 to {LONGEST_SYSTEM} characters into that file");
        Err(self.system.refuse_words(&what, &hint))
    }
}

/// `[slack]`.
struct DeclaredSlack {
    reply: Reply,
    channels: Vec<String>,
    owners: Vec<String>,
}

impl Default for DeclaredSlack {
    fn default() -> Self {
        Self {
            reply: Reply::Bridge,
            channels: Vec::new(),
            owners: Vec::new(),
        }
    }
}

fn read_slack(mut section: Section<'_>) -> Result<DeclaredSlack, Error> {
    let reply = section.take_text("reply", "\"bridge\"")?;
    let channels = section.take_list("channels", "[\"C0123456789\"]")?;
    let owners = section.take_list("owners", "[\"U0123456789\"]")?;
    section.finish()?;
    channels.iter().try_for_each(values::check_channel)?;
    owners.iter().try_for_each(values::check_user)?;
    let replies = [("bridge", Reply::Bridge), ("agent", Reply::Agent)];
    let reply = reply.map_or(Ok(Reply::Bridge), |reply| {
        values::choose(&reply, "a way to reply", &replies)
    })?;
    Ok(DeclaredSlack {
        reply,
        channels: into_values(channels),
        owners: into_values(owners),
    })
}

fn read_schedule(mut section: Section<'_>) -> Result<DeclaredSchedule, Error> {
    let cron = section.require_text("cron", "\"0 7 * * *\"")?;
    let timezone = section.require_text("timezone", "\"Europe/London\"")?;
    let say = section.require_text("say", "\"Is a court free tonight?\"")?;
    section.finish()?;
    values::check_cron(&cron)?;
    values::check_timezone(&timezone)?;
    if say.value.trim().is_empty() || say.value.chars().count() > LONGEST_SAYING {
        let hint = format!("write what the agent is asked, in 1 to {LONGEST_SAYING} characters");
        return Err(say.refuse("something to say", &hint));
    }
    let fields: Vec<&str> = cron.value.split_ascii_whitespace().collect();
    Ok(DeclaredSchedule {
        cron: fields.join(" "),
        timezone: timezone.value,
        say: say.value,
    })
}

/// Each value once: the order is the file's.
fn into_values(settings: Vec<Setting<String>>) -> Vec<String> {
    let mut values = Vec::new();
    for setting in settings {
        if !values.contains(&setting.value) {
            values.push(setting.value);
        }
    }
    values
}

/// Resolves a path, relative to the file that names it.
fn resolve_path(
    setting: &Setting<String>,
    file: &Path,
    home: Option<&Path>,
) -> Result<PathBuf, Error> {
    let Some(rest) = setting.value.strip_prefix("~/") else {
        let directory = file.parent().unwrap_or(Path::new(""));
        return Ok(directory.join(&setting.value));
    };
    let hint = "set HOME, or write the whole path";
    home.map(|home| home.join(rest))
        .ok_or_else(|| setting.refuse_words("`~` stands for HOME, which is not set", hint))
}

#[cfg(test)]
mod tests;
