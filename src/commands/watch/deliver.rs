//! Hands messages to their targets. None of them stops another, and no message of an error repeats
//! an address: it is a secret.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use http_edge::{
    Cause, ClientOptions, build_client, find_cause, find_route, load_roots, tls_config,
};
use reqwest::{Url, header::CONTENT_TYPE};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::{
    config::{Body, Environment, Target, Way},
    courts::watch::Event,
    output::watch::{Place, Wording, events_json, message_json, slack_json, write_message},
};

/// The time that a target has for a message.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// The pause between two looks at a program that runs.
const PAUSE: Duration = Duration::from_millis(20);
/// The most events in a variable: the system bounds its length.
const MOST_IN_VARIABLE: usize = 100;

/// A message for a target of any kind.
pub(super) struct Message<'a> {
    pub(super) events: &'a [Event],
    pub(super) place: &'a Place,
    /// Replaces the events' own words.
    pub(super) text: Option<String>,
}

impl Message<'_> {
    fn write(&self, wording: Wording) -> String {
        let text = self.text.clone();
        text.unwrap_or_else(|| write_message(self.events, self.place, wording))
    }
}

/// Delivers a message.
///
/// # Errors
///
/// The target's fault, as the end of a sentence that names it.
pub(super) async fn deliver(
    target: &Target,
    message: &Message<'_>,
    env: &Environment,
) -> Result<(), String> {
    match &target.way {
        // What goes to stdout is printed with the look.
        Way::Stdout => Ok(()),
        Way::Channel(_) => Err("only padel-slack posts into channels".to_owned()),
        Way::Exec { words, body } => run_program(words, *body, message, env),
        Way::Post { address, body } => {
            let address = address.read(env)?;
            let (kind, text) = match body {
                Body::Slack => (
                    "application/json",
                    slack_json(&message.write(Wording::Slack)),
                ),
                Body::Json => {
                    let text = message.write(Wording::Text);
                    let json = message_json(&text, message.events, message.place);
                    ("application/json", json)
                }
                Body::Text => ("text/plain; charset=utf-8", message.write(Wording::Text)),
            };
            post(&address, kind, text, env).await
        }
    }
}

/// Posts a message. Only a status of success counts as delivered; redirects are not followed.
async fn post(
    address: &SecretString,
    kind: &str,
    text: String,
    env: &Environment,
) -> Result<(), String> {
    let url: Url = address
        .expose_secret()
        .parse()
        .map_err(|_| "its address is not a URL".to_owned())?;
    if !(url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url))) {
        return Err("its address must begin with https://".to_owned());
    }
    let variables = |name: &str| env.get(name).map(Into::into);
    let proxy = find_route(&url, &variables)
        .map_err(|error| error.to_string())?
        .into_proxy();
    let roots = if url.scheme() == "http" {
        rustls::RootCertStore::empty()
    } else {
        load_roots(&variables).0
    };
    let options = ClientOptions {
        user_agent: concat!("padel/", env!("CARGO_PKG_VERSION")),
        timeout: Some(PATIENCE),
        ..ClientOptions::default()
    };
    let client = tls_config(roots)
        .map_err(|error| error.to_string())
        .and_then(|tls| {
            build_client(&tls, proxy.as_ref(), &options).map_err(|error| error.to_string())
        })
        .map_err(|error| format!("the HTTP client could not be made ({error})"))?;
    let request = client.post(url).header(CONTENT_TYPE, kind).body(text);
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status().as_u16())),
        Err(error) if error.is_timeout() => {
            Err(format!("it did not answer within {} s", PATIENCE.as_secs()))
        }
        Err(error) => Err(match find_cause(&error, proxy.as_ref(), &[]) {
            Cause::UnknownHost => "its host has no address".to_owned(),
            Cause::Proxy(_) => "the proxy does not let padel reach it".to_owned(),
            Cause::Connection { reason, .. } => reason,
        }),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = address
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    is_loopback || host == "localhost"
}

/// Runs a program with the text on its standard input and the events in `PADEL_EVENTS`. The member's
/// e-mail and password are not in its environment.
fn run_program(
    words: &[String],
    body: Body,
    message: &Message<'_>,
    env: &Environment,
) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("it names no program")?;
    let few = &message.events[..message.events.len().min(MOST_IN_VARIABLE)];
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("PADEL_EVENTS", events_json(few, message.place))
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    for name in env.names() {
        if name
            .to_string_lossy()
            .to_ascii_lowercase()
            .starts_with("pslc_")
        {
            command.env_remove(name);
        }
    }
    // What it starts itself ends with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|error| format!("`{program}` could not be started ({error})"))?;
    let text = match body {
        Body::Slack => message.write(Wording::Slack),
        Body::Text => message.write(Wording::Text),
        Body::Json => {
            let text = message.write(Wording::Text);
            message_json(&text, message.events, message.place)
        }
    };
    let text = text + "\n";
    if let Some(mut stdin) = child.stdin.take() {
        // It need not read, and must not be waited for if it does not.
        let writer = thread::Builder::new().stack_size(128 * 1024);
        let _ = writer.spawn(move || drop(stdin.write_all(text.as_bytes())));
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("`{program}` ended with {status}")),
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => {
                end_program(&mut child);
                let seconds = PATIENCE.as_secs();
                return Err(format!("`{program}` took longer than {seconds} s"));
            }
            Err(error) => return Err(format!("`{program}` was lost ({error})")),
        }
    }
}

fn end_program(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
    }
    let _ = child.kill();
    let _ = child.wait();
}
