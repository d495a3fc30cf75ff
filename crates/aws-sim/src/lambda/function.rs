//! The description of a function.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::{Front, throttle::Throttle};

/// A function: the program that it runs, and its settings.
#[derive(Debug, Clone)]
pub struct Function {
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) role: String,
    pub(super) timeout: Duration,
    pub(super) memory: u32,
    pub(super) concurrency: usize,
    pub(super) retries: u32,
    pub(super) longest_age: Duration,
    pub(super) routes: Vec<String>,
    pub(super) fronts: Vec<Front>,
    pub(super) has_destination: bool,
    pub(super) has_quota: bool,
    pub(super) is_by_hand: bool,
    pub(super) throttle: Option<Throttle>,
}

impl Function {
    /// A function with the defaults of Lambda; its role is named like itself. `program` is what a
    /// zip holds as `bootstrap`.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        let name = name.into();
        Self {
            role: name.clone(),
            name,
            program: program.into(),
            variables: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            memory: 128,
            concurrency: 10,
            retries: 2,
            longest_age: Duration::from_hours(6),
            routes: Vec::new(),
            fronts: Front::ALL.to_vec(),
            has_destination: true,
            has_quota: false,
            is_by_hand: false,
            throttle: None,
        }
    }

    /// A function without processes. Its events wait for
    /// [`Region::take_events`](crate::Region::take_events): a test is its queue and runs it.
    pub fn by_hand(name: impl Into<String>) -> Self {
        Self {
            is_by_hand: true,
            ..Self::new(name, "")
        }
    }

    /// The throttle of its HTTP API: requests a second, and how many at once after a rest. It goes by
    /// the region's clock.
    pub fn throttle(mut self, rate: f64, burst: u32) -> Self {
        self.throttle = Some(Throttle::new(rate, burst));
        self
    }

    pub(crate) fn role_name(&self) -> &str {
        &self.role
    }

    /// A variable of its environment.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The role whose credentials it gets.
    pub fn role(mut self, name: impl Into<String>) -> Self {
        self.role = name.into();
        self
    }

    /// The longest that an invocation takes before its process is killed; 3 seconds by default, in
    /// real time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Memory in MB, which decides the share of a processor; 128 by default.
    pub fn memory(mut self, megabytes: u32) -> Self {
        self.memory = megabytes;
        self
    }

    /// The most environments at one time: reserved concurrency, or what the account has; 10 by
    /// default, as new accounts have.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.concurrency = most;
        self
    }

    /// How often an event that failed is tried again; twice by default.
    pub fn retries(mut self, times: u32) -> Self {
        self.retries = times;
        self
    }

    /// The age at which a queued event is given up; six hours by default.
    pub fn longest_age(mut self, age: Duration) -> Self {
        self.longest_age = age;
        self
    }

    /// The only route of its HTTP API, for example `POST /slack/events`; repeatable. Without any it
    /// has the route `$default`: everything.
    pub fn route(mut self, route: impl Into<String>) -> Self {
        self.routes.push(route.into());
        self
    }

    /// The fronts that it has; all of them by default.
    pub fn fronts(mut self, fronts: &[Front]) -> Self {
        self.fronts = fronts.to_vec();
        self
    }

    /// Whether records of events that were given up go anywhere; they do by default.
    pub fn destination(mut self, has_one: bool) -> Self {
        self.has_destination = has_one;
        self
    }

    /// Holds its processes to the share of a processor that its memory gives.
    pub fn with_quota(mut self) -> Self {
        self.has_quota = true;
        self
    }
}
