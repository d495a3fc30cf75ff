//! A region's state: what all handlers share.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use sim_server::Control;

use crate::{
    dynamodb::DynamoDb, fault::Fault, gate::UsedPermission, lambda::Lambda, setup::Setup,
    ssm::Parameters,
};

#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) setup: Setup,
    pub(crate) control: Arc<Control<Fault>>,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) parameters: Parameters,
    pub(crate) lambda: Lambda,
    pub(crate) used: Mutex<BTreeSet<UsedPermission>>,
    pub(crate) requests: AtomicU64,
}

impl Sim {
    /// The id of a request or an invocation, in the shape of a UUID.
    pub(crate) fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("5113a7ed-0000-4000-8000-{number:012x}")
    }
}
