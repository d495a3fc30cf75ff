//! `padel-slack check`: asks Slack and the platform, and tells what works and what does not. Changes
//! nothing, anywhere.

use std::collections::BTreeSet;

use claude_platform::Client;
use padel::courts::watch::WatchState;

use super::{
    error::{Code, Error},
    manifest,
    serve::{Plan, Surroundings, connect_platform, open_transport},
    settings::Settings,
    watching::read_wishes,
};
use crate::{
    answer::Reply,
    clock::{Clock, read_time},
    slack::{Identity, SlackClient},
    watch::{
        preview::{Preview, preview},
        wishes::{WishList, read_pause},
    },
};

/// Something that was looked at, and its fault if there is one.
struct Finding {
    what: String,
    trouble: Option<String>,
}

fn fine(what: impl Into<String>) -> Finding {
    Finding {
        what: what.into(),
        trouble: None,
    }
}

fn broken(what: impl Into<String>, trouble: impl std::fmt::Display) -> Finding {
    Finding {
        what: what.into(),
        trouble: Some(trouble.to_string()),
    }
}

/// Looks at everything, and returns the lines to print.
///
/// # Errors
///
/// Settings that cannot work; `check_failed`, with the lines, when something does not.
pub async fn check(plan: Plan<'_>, around: Surroundings) -> Result<String, (String, Error)> {
    let early = |error| (String::new(), error);
    let Surroundings {
        variables,
        log,
        clock,
    } = around;
    let settings = Settings::read(&variables, plan.lock, plan.is_socket).map_err(early)?;
    let client = connect_platform(&variables, plan.is_aws, &log)
        .await
        .map_err(early)?;
    let transport = open_transport(&settings, &variables).map_err(early)?;
    let mut findings = vec![fine("settings: complete")];
    let slack = SlackClient::new(transport.clone(), settings.bot_token.clone());
    findings.extend(check_slack(&slack, &settings).await);
    if let Some(token) = settings.app_token.clone().filter(|_| plan.is_socket) {
        let opened = SlackClient::new(transport, token).open_connection().await;
        findings.push(match opened {
            Ok(_) => fine("Socket Mode: the app-level token opens a connection"),
            Err(error) => broken("Socket Mode", error),
        });
    }
    findings.extend(check_platform(&client, &settings).await);
    findings.push(describe_owners(&settings));
    if let Some(path) = plan.deployment {
        let wishes = read_wishes(path, &variables).map_err(early)?;
        read_pause(&|name| variables.get(name)).map_err(|error| early(error.into()))?;
        findings.extend(check_watch(wishes, &slack, &settings, clock).await);
    }
    report(&findings)
}

fn report(findings: &[Finding]) -> Result<String, (String, Error)> {
    let mut text = String::new();
    for Finding { what, trouble } in findings {
        let line = match trouble {
            None => format!("ok {what}"),
            Some(trouble) => format!("FAIL {what}: {trouble}"),
        };
        text.push_str(&printable::line(&line, 500));
        text.push('\n');
    }
    match findings
        .iter()
        .filter(|finding| finding.trouble.is_some())
        .count()
    {
        0 => Ok(text),
        count => {
            let message = format!("{count} of {} checks failed", findings.len());
            let hint = "mend what the lines that begin with FAIL name, then run it again";
            Err((text, Error::new(Code::CheckFailed, message, hint)))
        }
    }
}

/// Looks at the club as each look does, and into channels that only watching posts to.
async fn check_watch(
    wishes: Option<WishList>,
    slack: &SlackClient,
    settings: &Settings,
    clock: Clock,
) -> Vec<Finding> {
    let Some(wishes) = wishes else {
        return vec![fine("watching: nothing; there is no [[watch]]")];
    };
    let mut findings = Vec::new();
    for wish in &wishes.wishes {
        findings.push(fine(format!(
            "watching: {} ({}), told in {}",
            wish.name,
            wish.describe(),
            wishes.list_channels(wish)
        )));
    }
    for target in &wishes.targets {
        if !settings.filter.channels.contains(&target.channel) {
            findings.push(check_channel(slack, &target.channel).await);
        }
    }
    let now = read_time(&clock);
    let what = format!("club {}", wishes.name);
    findings.push(match preview(&wishes, WatchState::default(), now).await {
        Ok(Preview {
            obstacle: Some(obstacle),
            ..
        }) => broken(what, obstacle),
        Ok(found) => fine(format!(
            "{what}: {} games that are watched are free",
            found.free
        )),
        Err(error) => broken(what, error),
    });
    findings
}

async fn check_slack(slack: &SlackClient, settings: &Settings) -> Vec<Finding> {
    let identity = match slack.identify().await {
        Ok(identity) => identity,
        Err(error) => return vec![broken("Slack's bot token", error)],
    };
    let mut findings = vec![
        fine(format!(
            "Slack: bot {} of workspace {}",
            identity.user, identity.team
        )),
        check_scopes(&identity, settings),
    ];
    for channel in &settings.filter.channels {
        findings.push(check_channel(slack, channel).await);
    }
    findings
}

async fn check_channel(slack: &SlackClient, channel: &str) -> Finding {
    let what = format!("channel {channel}");
    match slack.look_into(channel).await {
        Ok(()) => fine(format!("{what}: the bot is in it")),
        Err(error) if error.is("not_in_channel") => {
            broken(what, "the bot is not in it; type `/invite @padel` there")
        }
        Err(error) => broken(what, error),
    }
}

fn check_scopes(identity: &Identity, settings: &Settings) -> Finding {
    let mut needed: BTreeSet<&str> = manifest::SCOPES.into();
    if settings.filter.direct_messages {
        needed.insert("im:history");
    }
    if settings.filter.mentions {
        needed.insert("app_mentions:read");
    }
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|scope| !identity.scopes.iter().any(|has| has == scope))
        .collect();
    if missing.is_empty() {
        return fine("scopes: all that are needed");
    }
    let missing = missing.join(", ");
    broken(
        "scopes",
        format!("{missing} missing; add them and install the app again"),
    )
}

async fn check_platform(client: &Client, settings: &Settings) -> Vec<Finding> {
    let (agent, environment) = tokio::join!(
        client.get_agent(&settings.agent),
        client.get_environment(&settings.environment),
    );
    let (agent_id, environment_id) = (&settings.agent, &settings.environment);
    let mut findings = vec![
        match agent {
            Ok(agent) if agent.archived_at.is_some() => {
                broken(format!("agent {agent_id}"), "it is archived")
            }
            Ok(agent) => fine(format!("agent {agent_id}: version {}", agent.version)),
            Err(error) => broken(format!("agent {agent_id}"), error),
        },
        match environment {
            Ok(environment) if environment.archived_at.is_some() => {
                broken(format!("environment {environment_id}"), "it is archived")
            }
            Ok(_) => fine(format!("environment {environment_id}")),
            Err(error) => broken(format!("environment {environment_id}"), error),
        },
    ];
    if let Reply::Agent(session) = &settings.reply {
        findings.push(match client.get_session(session).await {
            Ok(found) if found.archived_at.is_some() => {
                broken(format!("session {session}"), "it is archived")
            }
            Ok(_) => fine(format!("session {session}: the agent posts by itself")),
            Err(error) => broken(format!("session {session}"), error),
        });
    }
    findings
}

/// Tells who gets bookings: what looks right here may still not be what was meant.
fn describe_owners(settings: &Settings) -> Finding {
    let credentials = &settings.credentials;
    let has_credentials = !credentials.vault_ids.is_empty() || !credentials.resources.is_empty();
    let owners: Vec<&str> = settings.filter.owners.iter().map(String::as_str).collect();
    match (has_credentials, owners.is_empty()) {
        (false, true) => fine("bookings: for nobody; there are no credentials"),
        (false, false) => fine(
            "bookings: for nobody; there are owners, but no credentials (`[credentials]` in agent.toml)",
        ),
        (true, false) => fine(format!("bookings: for {} only", owners.join(", "))),
        (true, true) => broken(
            "bookings",
            "there are credentials and no owner; set PADEL_SLACK_OWNERS to the ids of their owners",
        ),
    }
}
