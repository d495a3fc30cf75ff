//! The command line, and the platform that it describes.

use std::path::PathBuf;

use clap::Parser;
use claude_platform_sim::{
    AwsAccess, Builder, CONTROL_HELP, Fault, Federation, Model, Platform, Upstream,
};
use serde_json::json;
use sim_server::{Order, ServerArgs, control_help};

/// A simulated Claude Platform on 127.0.0.1.
///
/// Prints one line on stdout once it listens: its URL. Serves until it is stopped. Sessions really
/// run what they are asked to, as the user who started this.
#[derive(Debug, Parser)]
#[command(version, after_help = control_help(Fault::NAMES) + CONTROL_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    server: ServerArgs,
    /// A key of the direct API; repeatable [default: sk-test-simulated-platform]
    #[arg(long, value_name = "KEY")]
    api_key: Vec<String>,
    /// An agent; repeatable
    #[arg(long, value_name = "ID")]
    agent: Vec<String>,
    /// An environment; repeatable
    #[arg(long, value_name = "ID")]
    environment: Vec<String>,
    /// An agent that is archived; repeatable
    #[arg(long, value_name = "ID")]
    archived_agent: Vec<String>,
    /// An environment that is archived; repeatable
    #[arg(long, value_name = "ID")]
    archived_environment: Vec<String>,
    /// Downloads are not what was sent: no executable bits, a file more, texts without their last
    /// newline
    #[arg(long)]
    normalised_downloads: bool,
    /// The model that works in the sessions
    #[arg(long, value_enum, default_value_t = Model::Obedient)]
    model: Model,
    /// Give the sandboxes a proxy as their only way out, and this host behind it; repeatable
    #[arg(long, value_name = "HOST=URL")]
    upstream: Vec<Upstream>,
    /// Write the variables by which an operator on this machine gets out the same way, one a line
    #[arg(long, value_name = "FILE", requires = "upstream")]
    pub(crate) operator_env: Option<PathBuf>,
    /// The proxy escapes a vault's secrets for the body that they go into
    #[arg(long, requires = "upstream")]
    escaping_egress: bool,
    /// A vault's credential has one placeholder for all sessions
    #[arg(long, requires = "upstream")]
    stable_placeholders: bool,
    /// Exchange identity tokens by this rule
    #[arg(long, num_args = 2, value_names = ["RULE", "ORGANIZATION"])]
    federation: Vec<String>,
    /// Claude Platform on AWS, with signed requests
    #[arg(
        long,
        num_args = 4,
        value_names = ["REGION", "WORKSPACE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"]
    )]
    aws: Vec<String>,
    /// The session token of those credentials
    #[arg(long, value_name = "TOKEN", requires = "aws")]
    aws_session_token: Option<String>,
    /// Claude Platform on AWS, with this key; repeatable
    #[arg(long, value_name = "KEY")]
    aws_key: Vec<String>,
    /// Take a permission away, for example UpdateSkill; repeatable
    #[arg(long, value_name = "ACTION")]
    deny: Vec<String>,
    /// Most items on a page
    #[arg(long, value_name = "ITEMS")]
    page_size: Option<usize>,
    /// A fault, FAULT[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Order<Fault>>,
}

impl Cli {
    /// The platform that it asks for.
    pub(crate) fn into_builder(self) -> Builder {
        let mut builder = Platform::builder()
            .server(self.server.into_options(self.fault))
            .model(self.model);
        for key in self.api_key {
            builder = builder.api_key(key);
        }
        for key in self.aws_key {
            builder = builder.aws_key(key);
        }
        for id in self.environment {
            builder = builder.environment(id);
        }
        for id in self.archived_environment {
            builder = builder.archived_environment(id);
        }
        for action in self.deny {
            builder = builder.deny(action);
        }
        for id in self.agent {
            builder = builder.agent(id, json!({}));
        }
        for id in self.archived_agent {
            builder = builder.agent(id, json!({"archived_at": "2026-01-01T00:00:00Z"}));
        }
        for upstream in self.upstream {
            builder = builder.upstream(upstream);
        }
        if self.escaping_egress {
            builder = builder.escaping_egress();
        }
        if self.stable_placeholders {
            builder = builder.stable_placeholders();
        }
        if self.normalised_downloads {
            builder = builder.normalised_downloads();
        }
        if let Some(size) = self.page_size {
            builder = builder.page_size(size);
        }
        if let [rule, organization] = &self.federation[..] {
            builder = builder.federation(Federation {
                rule: rule.clone(),
                organization: organization.clone(),
                ..Federation::default()
            });
        }
        if let [region, workspace, access_key_id, secret_access_key] = &self.aws[..] {
            builder = builder.aws(AwsAccess {
                region: region.clone(),
                workspace: workspace.clone(),
                access_key_id: access_key_id.clone(),
                secret_access_key: secret_access_key.clone(),
                session_token: self.aws_session_token,
            });
        }
        builder
    }
}
