//! A running region.

use std::{io, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::Value;
use sim_server::{At, Authority, Call, Control, Order, Server, StartError, locked};

use crate::{
    builder::Builder,
    control,
    dynamodb::{Capacity, DynamoDb},
    fault::Fault,
    gate::UsedPermission,
    server,
    sim::Sim,
    ssm::Parameters,
};

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
    pub fn try_start(self) -> Result<Region, StartError> {
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
        let sim = Arc::new(Sim {
            setup: self.setup,
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

    /// The permissions that were needed so far.
    pub fn used_permissions(&self) -> Vec<UsedPermission> {
        locked(&self.sim.used).iter().cloned().collect()
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
