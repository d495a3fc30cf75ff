//! A running platform.

mod state;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{body::Bytes, http::HeaderMap};
use serde_json::json;
use sim_server::{At, Call, Control, Order, Server, StartError, locked};
use tempfile::TempDir;

use crate::{
    builder::{Builder, DEFAULT_API_KEY},
    control,
    egress::{Access, Egress},
    environments,
    fault::Fault,
    objects::{Agent, Objects},
    request::Request,
    routes::find_route,
    sandbox, server,
    sim::Sim,
    stamps::Stamps,
};

/// A simulated platform that serves HTTP on 127.0.0.1 until it is dropped.
///
/// Its runtime and threads are its own, so a plain `#[test]` can use it. Dropping it fails the test
/// when a handler panicked.
///
/// ```
/// use claude_platform_sim::{Fault, Platform};
///
/// let agent = serde_json::json!({});
/// let platform = Platform::builder().agent("agent_01", agent).environment("env_01").start();
/// platform.push_fault(Fault::LostAfter, "POST /v1/skills", 1);
/// assert!(platform.url().starts_with("http://127.0.0.1:"));
/// ```
#[derive(Debug)]
pub struct Platform {
    sim: Arc<Sim>,
    server: Server<Fault>,
    /// Removed last.
    sessions_dir: TempDir,
}

impl Builder {
    /// Starts the platform. Panics when [`try_start`](Self::try_start) fails.
    pub fn start(self) -> Platform {
        match self.try_start() {
            Ok(platform) => platform,
            Err(error) => panic!("the simulated platform does not start: {error}"),
        }
    }

    /// Starts the platform. Fails when the time is not RFC 3339, the port is taken or there is no
    /// room for the sessions' files.
    pub fn try_start(mut self) -> Result<Platform, StartError> {
        if self.setup.api_keys.is_empty() {
            self.setup.api_keys.push(DEFAULT_API_KEY.to_owned());
        }
        let control = Control::new(&self.server)?;
        let stamps = Stamps::new(Arc::clone(&control.clock));
        let agents = self.agents.into_iter().map(|(id, fields)| {
            let agent = Agent::new(&id, &fields, &stamps.now());
            (id, agent)
        });
        let environments = self.environments.into_iter().map(|(id, is_archived)| {
            let mut environment = environments::seed(&id, &stamps.now());
            if is_archived {
                environment["archived_at"] = json!(stamps.now());
            }
            environment
        });
        let objects = Objects {
            environments: environments.collect(),
            agents: agents.collect(),
            ..Objects::default()
        };
        let sessions_dir = tempfile::Builder::new()
            .prefix("claude-platform-sim-")
            .tempdir()?;
        let egress = match &self.setup.upstreams[..] {
            [] => None,
            upstreams => Some(Egress::start(
                upstreams.to_vec(),
                self.setup.escaping_egress,
            )?),
        };
        let sim = Arc::new(Sim {
            egress,
            setup: self.setup,
            control: Arc::clone(&control),
            stamps,
            sessions_dir: sessions_dir.path().to_owned(),
            objects: Mutex::new(objects),
            tokens: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        let answer = {
            let sim = Arc::clone(&sim);
            move |arrival| server::answer(Arc::clone(&sim), arrival)
        };
        let server = Server::start(&self.server, control, control::routes(&sim), answer)?;
        Ok(Platform {
            sim,
            server,
            sessions_dir,
        })
    }
}

impl Platform {
    /// A platform with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Prints the URL, then serves until the process is told to stop. Fails when nobody reads the
    /// URL.
    pub fn run(&self) -> io::Result<()> {
        self.server.run()
    }

    /// Every request so far, in order of arrival; those to the control endpoint are left out.
    pub fn calls(&self) -> Vec<Call> {
        self.server.control().calls()
    }

    /// The permissions that the calls after the first so many needed, as AWS names them without the
    /// prefix `aws-external-anthropic:`.
    pub fn needed_actions(&self, after: usize) -> BTreeSet<&'static str> {
        let calls = self.calls().into_iter().skip(after);
        let requests = calls.filter_map(|call| {
            let (method, uri) = (call.method.parse().ok()?, call.target.parse().ok()?);
            Some(Request::new(method, uri, HeaderMap::new(), Bytes::new()))
        });
        let routes = requests.filter_map(|request| find_route(&request));
        let actions = routes.map(|route| route.action);
        actions.filter(|action| !action.is_empty()).collect()
    }

    /// Adds a fault: at the request with a number, the next one being 1, and those after it; or at
    /// paths that begin so, with the method or without. It strikes that many times; earlier faults
    /// come first.
    pub fn push_fault(&self, fault: Fault, at: impl Into<At>, times: u32) {
        self.server.control().push_fault(Order {
            fault,
            at: Some(at.into()),
            times: Some(times),
        });
    }

    /// Lets all requests go on that have arrived and are held by [`Fault::Held`].
    pub fn release_held(&self) {
        self.server.control().release_held();
    }

    /// Moves the clock of objects to an RFC 3339 time, where it stands still. Panics when it is no
    /// such time.
    pub fn set_clock(&self, now: &str) {
        if let Err(error) = self.server.control().clock.set(now) {
            panic!("{error}");
        }
    }

    /// No more faults.
    pub fn clear_faults(&self) {
        self.server.control().clear_faults();
    }

    /// The variables by which an operator on this machine gets out as the sandboxes do, to every host
    /// and without a secret; none without an upstream.
    pub fn operator_variables(&self) -> BTreeMap<String, String> {
        let egress = self.sim.egress.as_ref();
        egress.map_or_else(BTreeMap::new, |egress| {
            egress.admit_session("operator", Access::unrestricted())
        })
    }

    /// Ends all tokens from exchanges, so that they answer 401.
    pub fn expire_tokens(&self) {
        locked(&self.sim.tokens).expire_bearers();
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.sim.closed.store(true, Ordering::Relaxed);
        self.server.stop();
        sandbox::make_removable(self.sessions_dir.path());
    }
}
