//! A workspace's state: what all handlers share.

use std::sync::{Arc, Mutex};

use sim_server::Control;

use crate::{
    app::App, events::Deliveries, fault::Fault, limits::Limits, objects::Objects, setup::Setup,
    socket::Sockets, stamps::Stamps,
};

/// Locks are taken in the order of the fields.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) setup: Setup,
    pub(crate) control: Arc<Control<Fault>>,
    pub(crate) stamps: Stamps,
    pub(crate) objects: Mutex<Objects>,
    pub(crate) app: Mutex<App>,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) deliveries: Deliveries,
    pub(crate) sockets: Sockets,
}
