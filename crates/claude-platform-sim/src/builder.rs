//! What a platform is to be like.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};
use sim_server::{Options, Order};

use crate::{
    egress::Upstream,
    fault::Fault,
    setup::{AwsAccess, Federation, Model, Setup},
};

/// The key that is accepted when no other is named.
pub const DEFAULT_API_KEY: &str = "sk-test-simulated-platform";

/// Describes a platform, then starts it; [`Platform::builder`](crate::Platform::builder) makes one.
#[derive(Debug)]
pub struct Builder {
    pub(crate) setup: Setup,
    pub(crate) agents: BTreeMap<String, Value>,
    /// By id: whether it is archived.
    pub(crate) environments: BTreeMap<String, bool>,
    pub(crate) server: Options<Fault>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            setup: Setup {
                api_keys: Vec::new(),
                aws: None,
                aws_keys: Vec::new(),
                federation: None,
                token_life: Duration::from_secs(3600),
                denied: BTreeSet::new(),
                page_size: usize::MAX,
                model: Model::default(),
                sandbox_now: None,
                tool_limit: Duration::from_secs(30),
                unrouted_deployments: false,
                noisy_events: false,
                status_lag: Duration::ZERO,
                stale_mounts: false,
                normalised_downloads: false,
                upstreams: Vec::new(),
                escaping_egress: false,
                stable_placeholders: false,
            },
            agents: BTreeMap::new(),
            environments: BTreeMap::new(),
            server: Options::default(),
        }
    }
}

impl Builder {
    /// A key of the direct API; repeatable. Without any it is [`DEFAULT_API_KEY`].
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.setup.api_keys.push(key.into());
        self
    }

    /// Makes it Claude Platform on AWS, with signed requests. Keys of the direct API are then
    /// refused.
    pub fn aws(mut self, access: AwsAccess) -> Self {
        self.setup.aws = Some(access);
        self
    }

    /// Makes it Claude Platform on AWS, with this key as the bearer; repeatable, also beside
    /// [`aws`](Self::aws). Without that, any workspace will do, but one must be named.
    pub fn aws_key(mut self, key: impl Into<String>) -> Self {
        self.setup.aws_keys.push(key.into());
        self
    }

    /// Exchanges identity tokens by this rule, at `/v1/oauth/token`; not on AWS.
    pub fn federation(mut self, rule: Federation) -> Self {
        self.setup.federation = Some(rule);
        self
    }

    /// Life of a token from an exchange; an hour by default.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.setup.token_life = life;
        self
    }

    /// An agent, with defaults for the fields that are left out. Skills are taken as they are,
    /// existing or not; an update may keep such an entry, but not make one.
    pub fn agent(mut self, id: impl Into<String>, fields: Value) -> Self {
        self.agents.insert(id.into(), fields);
        self
    }

    /// An agent with these skills, an array.
    pub fn agent_with(self, id: impl Into<String>, skills: &Value) -> Self {
        self.agent(id, json!({ "skills": skills }))
    }

    /// An environment that sessions may name, of a network that reaches no host; repeatable.
    pub fn environment(mut self, id: impl Into<String>) -> Self {
        self.environments.insert(id.into(), false);
        self
    }

    /// An environment that is archived, so that no session can start there; repeatable.
    pub fn archived_environment(mut self, id: impl Into<String>) -> Self {
        self.environments.insert(id.into(), true);
        self
    }

    /// Takes a permission away, for example `UpdateSkill`; repeatable. What needs it is answered
    /// 403, in AWS's words.
    pub fn deny(mut self, action: impl Into<String>) -> Self {
        self.setup.denied.insert(action.into());
        self
    }

    /// Stops the clock of objects at an RFC 3339 time; by default it is the real one, which
    /// signatures and tokens keep.
    pub fn now(mut self, now: impl Into<String>) -> Self {
        self.server.now = Some(now.into());
        self
    }

    /// Stops the clock of commands in sandboxes at an RFC 3339 time, and no other: a client that
    /// knows the real time takes sessions for as old as they are.
    pub fn sandbox_now(mut self, now: impl Into<String>) -> Self {
        self.setup.sandbox_now = Some(now.into());
        self
    }

    /// No page has more items than this, whatever its limit; no such cap by default.
    pub fn page_size(mut self, size: usize) -> Self {
        self.setup.page_size = size.max(1);
        self
    }

    /// The model in the sessions; [`Model::Obedient`] by default.
    pub fn model(mut self, model: Model) -> Self {
        self.setup.model = model;
        self
    }

    /// The most time of a tool call; 30 seconds by default.
    pub fn tool_limit(mut self, limit: Duration) -> Self {
        self.setup.tool_limit = limit;
        self
    }

    /// On AWS the paths of deployments are unknown; by default they are routed. Which of the two is
    /// true is not established.
    pub fn unrouted_deployments(mut self) -> Self {
        self.setup.unrouted_deployments = true;
        self
    }

    /// Between the events that matter there are others, as in reality: spans with their usage, and a
    /// type that no client knows yet.
    pub fn noisy_events(mut self) -> Self {
        self.setup.noisy_events = true;
        self
    }

    /// A session that has come to rest is shown as running for so long; not at all by default.
    pub fn status_lag(mut self, lag: Duration) -> Self {
        self.setup.status_lag = lag;
        self
    }

    /// Sessions get the version before the one that they name, where there is one, as from a stale
    /// cache.
    pub fn stale_mounts(mut self) -> Self {
        self.setup.stale_mounts = true;
        self
    }

    /// A version's download is not what was sent: no executable bits, a file more, texts without
    /// their last newline.
    pub fn normalised_downloads(mut self) -> Self {
        self.setup.normalised_downloads = true;
        self
    }

    /// Gives the sandboxes a proxy as their only way out, by which they reach this host;
    /// repeatable. The environment of a session must allow the host as well.
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.setup.upstreams.push(upstream);
        self
    }

    /// A vault's secret stays one value of JSON and forms; by default it is written in byte by
    /// byte. Which of the two a platform does is not known.
    pub fn escaping_egress(mut self) -> Self {
        self.setup.escaping_egress = true;
        self
    }

    /// A credential has the same placeholder in each session; by default each session has its own.
    /// Which of the two a platform does is not known.
    pub fn stable_placeholders(mut self) -> Self {
        self.setup.stable_placeholders = true;
        self
    }

    /// A fault from the start on; several are tried in this order.
    pub fn fault(mut self, order: Order<Fault>) -> Self {
        self.server.faults.push(order);
        self
    }

    /// The port on 127.0.0.1; a free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.server.port = port;
        self
    }

    /// Port, clock, faults and log at once.
    pub fn server(mut self, options: Options<Fault>) -> Self {
        self.server = options;
        self
    }
}
