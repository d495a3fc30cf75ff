//! The description of a region, before it starts.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use sim_server::{Certificate, Options, Order};

use crate::{
    fault::Fault,
    lambda::{Function, Mishap},
    policy::{Policy, PolicyError},
    setup::{ACCOUNT, Credentials, Principal, Setup},
};

/// Describes a region, then starts it; [`Region::builder`](crate::Region::builder) makes one.
///
/// Without anything else it has no tables and no parameters, and only the administrator has
/// credentials.
#[derive(Debug, Default)]
pub struct Builder {
    pub(crate) setup: Setup,
    /// Bodies of `CreateTable`, each with the attribute of expiry.
    pub(crate) tables: Vec<(Value, Option<String>)>,
    pub(crate) parameters: Vec<(String, String, bool)>,
    pub(crate) functions: Vec<Function>,
    pub(crate) schedules: Vec<(String, TimeDelta, Value)>,
    pub(crate) mishaps: Vec<Order<Mishap>>,
    pub(crate) lag: Duration,
    pub(crate) page_items: Option<usize>,
    pub(crate) server: Options<Fault>,
}

impl Builder {
    /// The name of the region; `eu-west-1` by default.
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.setup.region = name.into();
        self
    }

    /// A role with its policy. Fails when the policy says what the simulator does not know.
    pub fn role(mut self, name: &str, policy: &Value) -> Result<Self, PolicyError> {
        let policy = Policy::parse(policy)?;
        self.add_role(name, Some(policy));
        Ok(self)
    }

    pub(crate) fn add_role(&mut self, name: &str, policy: Option<Policy>) {
        self.setup.principals.push(Principal {
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{name}"),
            role: Some(name.to_owned()),
            credentials: Credentials::of_role(name),
            policy,
        });
    }

    /// A table, as `CreateTable` describes it, and the attribute of expiry.
    pub fn table(mut self, description: Value, ttl: Option<&str>) -> Self {
        self.tables.push((description, ttl.map(str::to_owned)));
        self
    }

    /// A plain parameter.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into(), false));
        self
    }

    /// A secure parameter: its value comes with `WithDecryption` only.
    pub fn secret(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into(), true));
        self
    }

    /// A function. Its role may do everything, unless [`role`](Self::role) gives it a policy.
    pub fn function(mut self, function: Function) -> Self {
        self.functions.push(function);
        self
    }

    /// A variable of all functions that were named before.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        let functions = self.functions.into_iter();
        self.functions = functions
            .map(|function| function.variable(name, value))
            .collect();
        self
    }

    /// An event that a function gets again and again, by the region's clock: first after one
    /// interval.
    pub fn schedule(mut self, function: &str, every: Duration, input: Value) -> Self {
        let every = TimeDelta::from_std(every).unwrap_or(TimeDelta::MAX);
        self.schedules.push((function.to_owned(), every, input));
        self
    }

    /// A mishap of asynchronous invocations from the start on; several are tried in this order.
    pub fn mishap(mut self, order: impl Into<Order<Mishap>>) -> Self {
        self.mishaps.push(order.into());
        self
    }

    /// The time, by the machine's clock, for which reads that need not be consistent miss a change;
    /// none by default. Reads of an index never need to be.
    pub fn read_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    /// The most items that a page of `Query` and `Scan` evaluates, in place of 1 MB.
    pub fn page_items(mut self, most: usize) -> Self {
        self.page_items = Some(most);
        self
    }

    /// Serves https, with a throw-away CA.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.server.certificate = Some(certificate);
        self
    }

    /// Stops the region's clock at an RFC 3339 time: it is that of retries, schedules and expiry.
    /// Signatures and the lag of reads go by the machine's.
    pub fn now(mut self, now: impl Into<String>) -> Self {
        self.server.now = Some(now.into());
        self
    }

    /// A fault from the start on; several are tried in this order.
    pub fn fault(mut self, order: impl Into<Order<Fault>>) -> Self {
        self.server.faults.push(order.into());
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

    /// Gives the functions' roles credentials, where they have none.
    pub(crate) fn add_roles(&mut self) {
        let roles: Vec<String> = self
            .functions
            .iter()
            .map(|one| one.role_name().to_owned())
            .collect();
        for role in roles {
            let has_role = |principal: &Principal| principal.role.as_ref() == Some(&role);
            if !self.setup.principals.iter().any(has_role) {
                self.add_role(&role, None);
            }
        }
    }

    pub(crate) fn lag(&self) -> TimeDelta {
        TimeDelta::from_std(self.lag).unwrap_or(TimeDelta::MAX)
    }
}
