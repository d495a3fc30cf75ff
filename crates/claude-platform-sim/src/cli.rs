//! The command line: clap types, and the platform that they describe.

use clap::Parser;
use claude_platform_sim::{AwsAccess, Builder, Fault, Federation, Model, Order, Platform};
use serde_json::json;

/// A simulated Claude Platform on 127.0.0.1.
///
/// Prints one line on stdout once it listens: its URL. Serves until it is stopped. Sessions really
/// run what they are asked to, as the user who started this.
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
pub(crate) struct Cli {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
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
    /// Who works in the sessions
    #[arg(long, value_enum, default_value_t = Model::Obedient)]
    model: Model,
    /// Exchange identity tokens by this rule
    #[arg(long, num_args = 2, value_names = ["RULE", "ORGANIZATION"])]
    federation: Vec<String>,
    /// Claude Platform on AWS, with signed requests
    #[arg(long, num_args = 4, value_names = ["REGION", "WORKSPACE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"])]
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
    /// Stop the clock of objects at an RFC 3339 time [default: the real clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Something that goes wrong, FAULT[@WHERE][*TIMES]; repeatable, see below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Order>,
}

impl Cli {
    /// The platform it asks for.
    pub(crate) fn builder(self) -> Builder {
        let mut builder = Platform::builder().port(self.port).model(self.model);
        builder = self.api_key.into_iter().fold(builder, Builder::api_key);
        builder = self.aws_key.into_iter().fold(builder, Builder::aws_key);
        builder = self
            .environment
            .into_iter()
            .fold(builder, Builder::environment);
        builder = self.deny.into_iter().fold(builder, Builder::deny);
        builder = self.fault.into_iter().fold(builder, Builder::fault);
        builder = self
            .agent
            .into_iter()
            .fold(builder, |builder, id| builder.agent(id, json!({})));
        let archived = json!({"archived_at": "2026-01-01T00:00:00Z"});
        builder = self
            .archived_agent
            .into_iter()
            .fold(builder, |builder, id| builder.agent(id, archived.clone()));
        builder = self
            .archived_environment
            .into_iter()
            .fold(builder, Builder::archived_environment);
        if self.normalised_downloads {
            builder = builder.normalised_downloads();
        }
        builder = self.page_size.into_iter().fold(builder, Builder::page_size);
        builder = self.now.into_iter().fold(builder, Builder::now);
        if let [rule, organization] = self.federation.as_slice() {
            let (rule, organization) = (rule.clone(), organization.clone());
            builder = builder.federation(Federation {
                rule,
                organization,
                ..Federation::default()
            });
        }
        match self.aws.as_slice() {
            [region, workspace, access_key_id, secret_access_key] => builder.aws(AwsAccess {
                region: region.clone(),
                workspace: workspace.clone(),
                access_key_id: access_key_id.clone(),
                secret_access_key: secret_access_key.clone(),
                session_token: self.aws_session_token,
            }),
            _ => builder,
        }
    }
}

fn after_help() -> String {
    let names: Vec<_> = Fault::names().collect();
    format!(
        "Faults: {}\n\
         WHERE is the number of a request, the next one being 1 (the default), or the beginning of a path, with the \
         method or without: lost-after@POST /v1/skills, 529@3*2\n\n\
         Control endpoint, without credentials, faults and journal:\n  \
         POST   /__sim/faults  {{\"fault\":\"529@3*2\"}}\n  \
         DELETE /__sim/faults  no more faults\n  \
         GET    /__sim/calls   every call so far, as JSON\n  \
         GET    /__sim/state   skills, agents, sessions and files, as JSON\n  \
         GET    /__sim/github/token?audience=https://api.anthropic.com  an identity token, as GitHub gives them to jobs",
        names.join(", ")
    )
}
