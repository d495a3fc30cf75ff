//! A running region.

use std::{future::Future, io, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::Value;
use sim_server::{At, Authority, Call, Control, Order, Server, StartError, locked};
use tokio::time::{sleep, timeout};

use crate::{
    builder::Builder,
    control,
    dynamodb::{Capacity, DynamoDb},
    fault::Fault,
    gate::UsedPermission,
    lambda::{Deployed, Front, Invocation, Lambda, Mishap, push_event, run_schedule},
    policy::Policy,
    server,
    sim::Sim,
    ssm::Parameters,
};

/// Between two looks at what is awaited.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// The most real time that invocations take under way.
const LONGEST_WORK: Duration = Duration::from_secs(60);

/// A simulated region that serves HTTP on 127.0.0.1 until it is dropped.
///
/// Its runtime and threads are its own, so a plain `#[test]` can use it. Dropping it fails the test
/// when a handler panicked. One URL is that of all services.
///
/// ```
/// use aws_sim::Region;
/// use serde_json::json;
///
/// let region = Region::builder()
///     .table(
///         json!({
///             "TableName": "padel",
///             "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
///             "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
///             "BillingMode": "PAY_PER_REQUEST",
///         }),
///         Some("expires"),
///     )
///     .secret("/padel/signing-secret", "secret")
///     .start();
/// assert!(region.items("padel").is_empty());
/// ```
#[derive(Debug)]
pub struct Region {
    sim: Arc<Sim>,
    server: Server<Fault>,
}

impl Builder {
    /// Starts the region. Panics when [`try_start`](Self::try_start) fails.
    pub fn start(self) -> Region {
        match self.try_start() {
            Ok(region) => region,
            Err(error) => panic!("the simulated region does not start: {error}"),
        }
    }

    /// Starts the region. Fails when the time is not RFC 3339 or the port is taken. Panics when a
    /// table's description is none, as a mistake of the test.
    pub fn try_start(mut self) -> Result<Region, StartError> {
        self.add_roles();
        let control = Control::new(&self.server)?;
        let dynamodb = DynamoDb::new(self.lag(), self.page_items);
        for (description, ttl) in &self.tables {
            if let Err(message) = dynamodb.make_table(&self.setup, description, ttl.as_deref()) {
                panic!("the table: {message}");
            }
        }
        let parameters = Parameters::default();
        for (name, value, is_secure) in &self.parameters {
            parameters.set(name, value, *is_secure);
        }
        let lambda = Lambda::new(&self.setup, self.functions, self.mishaps);
        let sim = Arc::new(Sim {
            setup: self.setup,
            lambda,
            requests: Default::default(),
            control: Arc::clone(&control),
            dynamodb,
            parameters,
            used: Default::default(),
        });
        let answer = {
            let sim = Arc::clone(&sim);
            move |arrival| server::answer(Arc::clone(&sim), arrival)
        };
        let server = Server::start(&self.server, control, control::routes(&sim), answer)?;
        sim.lambda.set_endpoint(&server.url());
        for (function, every, input) in self.schedules {
            if let Some(runtime) = server.runtime() {
                runtime.spawn(run_schedule(Arc::clone(&sim), function, every, input));
            }
        }
        Ok(Region { sim, server })
    }
}

impl Region {
    /// A region with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The endpoint of all services, for example `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The throw-away CA, where it serves https.
    pub fn authority(&self) -> Option<&Authority> {
        self.server.authority()
    }

    /// Prints the URL, then serves until the process is told to stop. Fails when nobody reads the
    /// URL.
    pub fn run(&self) -> io::Result<()> {
        self.server.run()
    }

    /// All items of a table as they are now, in DynamoDB's JSON and in no order.
    pub fn items(&self, table: &str) -> Vec<Value> {
        self.sim.dynamodb.items(table)
    }

    /// Removes the items that have expired by the region's clock; returns their number. Nothing
    /// else does: the real service takes days.
    pub fn remove_expired(&self) -> usize {
        self.sim
            .dynamodb
            .remove_expired(self.sim.control.clock.now())
    }

    /// The capacity that DynamoDB billed so far.
    pub fn capacity(&self) -> Capacity {
        self.sim.dynamodb.capacity()
    }

    /// Gives a secure parameter another value, or makes it.
    pub fn set_secret(&self, name: &str, value: &str) {
        self.sim.parameters.set(name, value, true);
    }

    /// The policy of a role; none of a role that does not exist or may do everything.
    pub fn policy(&self, role: &str) -> Option<&Policy> {
        let mut principals = self.sim.setup.principals.iter();
        let principal = principals.find(|one| one.role.as_deref() == Some(role))?;
        principal.policy.as_ref()
    }

    /// The permissions that were needed so far.
    pub fn used_permissions(&self) -> Vec<UsedPermission> {
        locked(&self.sim.used).iter().cloned().collect()
    }

    // Functions. One that does not exist panics, as a mistake of the test.

    /// The address of a function behind a front, without a slash behind it.
    pub fn front_url(&self, front: Front, function: &str) -> String {
        format!("{}/{}/{function}", self.url(), front.name())
    }

    /// Queues an event for a function, as `Invoke` with `InvocationType: Event` does.
    pub fn send_event(&self, function: &str, payload: Value) {
        self.deployed(function);
        if let Some(runtime) = self.server.runtime() {
            let _within = runtime.enter();
            push_event(&self.sim, function, payload);
        }
    }

    /// Takes the events that came for a function [by hand](crate::Function::by_hand), in their order.
    pub fn take_events(&self, function: &str) -> Vec<Value> {
        self.deployed(function).take_events()
    }

    /// Every invocation that has ended, in the order of their ends.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.sim.lambda.invocations()
    }

    /// The records that failure destinations received.
    pub fn failures(&self) -> Vec<Value> {
        self.sim.lambda.failures()
    }

    /// What a function's processes wrote so far.
    pub fn log(&self, function: &str) -> String {
        self.deployed(function).log()
    }

    /// The processes of a function, at work or frozen.
    pub fn environments(&self, function: &str) -> usize {
        self.deployed(function).count()
    }

    /// Kills all processes of a function, as Lambda does with environments now and then; returns
    /// their number.
    pub fn kill(&self, function: &str) -> usize {
        self.deployed(function).kill(false)
    }

    /// Returns once no invocation is under way, and none can begin before the clock goes on. Inside
    /// another runtime, too. Panics after a minute of real time.
    pub async fn settle(&self) {
        let sim = Arc::clone(&self.sim);
        let Some(runtime) = self.server.runtime() else {
            panic!("the region is stopped");
        };
        let rest = runtime.spawn(async move {
            let rest = async {
                while !sim.lambda.is_at_rest(sim.control.clock.now()) {
                    sleep(BETWEEN_LOOKS).await;
                }
            };
            timeout(LONGEST_WORK, rest).await
        });
        let rested = rest.await;
        assert!(
            matches!(rested, Ok(Ok(()))),
            "invocations are still under way after a minute"
        );
    }

    /// Runs a future on the region's own runtime, for tests without one.
    ///
    /// Panics inside another runtime, and once the region is stopped.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.server.runtime() {
            Some(runtime) => runtime.block_on(future),
            None => panic!("the region is stopped"),
        }
    }

    /// A mishap of asynchronous invocations, for example `"doubled=1@/padel-answer"`; earlier ones
    /// come first.
    pub fn push_mishap(&self, order: impl Into<Order<Mishap>>) {
        self.sim.lambda.push_mishap(order.into());
    }

    pub fn clear_mishaps(&self) {
        self.sim.lambda.clear_mishaps();
    }

    fn deployed(&self, function: &str) -> &Deployed {
        match self.sim.lambda.function(function) {
            Some(deployed) => deployed,
            None => panic!("there is no function `{function}`"),
        }
    }

    /// Moves the clock by so much: one that stands stands there, one that runs goes on from there.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
        self.sim.control.clock.advance(by);
    }

    /// Every request so far, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.server.control().calls()
    }

    /// Adds a fault: at the request with a number, the next one being 1, and those after it; or at
    /// places that begin so: `/dynamodb/UpdateItem`. It strikes that many times; earlier faults come
    /// first.
    pub fn push_fault(&self, fault: Fault, at: impl Into<At>, times: u32) {
        self.server.control().push_fault(Order {
            fault,
            at: Some(at.into()),
            times: Some(times),
        });
    }

    pub fn clear_faults(&self) {
        self.server.control().clear_faults();
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // Nothing starts a process after that, and tasks that are not gone yet hold the others.
        self.server.stop();
        self.sim.lambda.kill_all();
    }
}
