//! A region's state: what all handlers share.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use sim_server::Control;

use crate::{
    dynamodb::DynamoDb, fault::Fault, gate::UsedPermission, setup::Setup, ssm::Parameters,
};

#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) setup: Setup,
    pub(crate) control: Arc<Control<Fault>>,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) parameters: Parameters,
    pub(crate) used: Mutex<BTreeSet<UsedPermission>>,
}

impl Sim {
    /// The id of a request, in the shape of a UUID.
    pub(crate) fn request_id(&self, number: u32) -> String {
        format!("5113a7ed-0000-4000-8000-{number:012x}")
    }
}
