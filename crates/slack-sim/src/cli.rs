//! The command line, and the workspace that it describes.

use clap::{Parser, Subcommand};
use sim_server::{Order, ServerArgs, control_help};
use slack_sim::{Builder, CONTROL_HELP, Fault, Mishap, Workspace};

/// A simulated Slack workspace on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a workspace with one app
    ///
    /// Prints one line on stdout once it listens: its URL. The Web API is below it at /api. Serves
    /// until it is stopped. The app's tokens and signing secret are in the README.
    #[command(after_help = serve_help())]
    Serve(Box<ServeArgs>),
    /// Type a message, print its ts
    Type {
        /// The workspace
        url: String,
        /// The person who types it: a name or an id
        #[arg(long = "as", value_name = "PERSON")]
        person: String,
        /// The channel: a name or an id
        #[arg(long)]
        channel: String,
        /// Below the message with this ts
        #[arg(long, value_name = "TS")]
        thread: Option<String>,
        /// The text
        text: String,
    },
    /// Print a channel or a thread as a person reads it
    Read {
        /// The workspace
        url: String,
        /// The channel: a name or an id
        #[arg(long)]
        channel: String,
        /// The thread below the message with this ts
        #[arg(long, value_name = "TS")]
        thread: Option<String>,
        /// Wait until the app has posted so many answers into the thread
        #[arg(long, value_name = "COUNT", requires = "thread")]
        answers: Option<usize>,
        /// Give up waiting after so many seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        within: u64,
    },
    /// Set the app's request URL: Slack sends a challenge there
    Point {
        /// The workspace
        url: String,
        /// The address for events
        request_url: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// A person; repeatable
    #[arg(long, value_name = "ID=NAME", value_parser = parse_named)]
    person: Vec<(String, String)>,
    /// A public channel; repeatable
    #[arg(long, value_name = "ID=NAME", value_parser = parse_named)]
    channel: Vec<(String, String)>,
    /// A private channel; repeatable
    #[arg(long, value_name = "ID=NAME", value_parser = parse_named)]
    private_channel: Vec<(String, String)>,
    /// A channel shared with another company; repeatable
    #[arg(long, value_name = "ID=NAME", value_parser = parse_named)]
    shared_channel: Vec<(String, String)>,
    /// Take the app out of a channel; repeatable
    #[arg(long, value_name = "CHANNEL")]
    without_app: Vec<String>,
    /// The name of the app's bot
    #[arg(long, value_name = "NAME", default_value = "padel")]
    bot_name: String,
    /// A scope of the bot token, in place of the default ones; repeatable
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// An event that the app subscribes to, in place of the default ones; repeatable
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,
    /// Send events over Socket Mode
    #[arg(long)]
    socket_mode: bool,
    /// No rate limits of the Web API
    #[arg(long)]
    no_rate_limits: bool,
    /// A fault of the Web API, FAULT[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Order<Fault>>,
    /// A mishap of deliveries, MISHAP[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "MISHAP")]
    mishap: Vec<Order<Mishap>>,
}

impl ServeArgs {
    /// The workspace that it asks for.
    pub(crate) fn into_builder(self) -> Builder {
        let mut builder = Workspace::builder()
            .server(self.server.into_options(self.fault))
            .bot_name(self.bot_name);
        for (id, name) in self.person {
            builder = builder.person(id, name);
        }
        for (id, name) in self.channel {
            builder = builder.channel(id, name);
        }
        for (id, name) in self.private_channel {
            builder = builder.private_channel(id, name);
        }
        for (id, name) in self.shared_channel {
            builder = builder.shared_channel(id, name);
        }
        for channel in self.without_app {
            builder = builder.without_app(&channel);
        }
        if !self.scope.is_empty() {
            builder = builder.scopes(self.scope);
        }
        if !self.event.is_empty() {
            builder = builder.events(self.event);
        }
        if self.socket_mode {
            builder = builder.socket_mode();
        }
        if self.no_rate_limits {
            builder = builder.without_rate_limits();
        }
        for order in self.mishap {
            builder = builder.mishap(order);
        }
        builder
    }
}

fn serve_help() -> String {
    format!(
        "Mishaps: {}\n\
         WHERE is the number of an attempt to deliver, or the beginning of the event's type and \
         subtype: late=5@/app_mention, answer-lost@/message*2\n\n{}{CONTROL_HELP}",
        Mishap::NAMES.join(", "),
        control_help(Fault::NAMES)
    )
}

fn parse_named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, name)) if !id.is_empty() && !name.is_empty() => {
            Ok((id.to_owned(), name.to_owned()))
        }
        _ => Err(format!("`{text}` is not ID=NAME")),
    }
}
