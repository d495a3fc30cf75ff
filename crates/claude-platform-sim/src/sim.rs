//! A platform's state: what all handlers share.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use sim_server::Control;

use crate::{
    egress::Egress, fault::Fault, objects::Objects, setup::Setup, stamps::Stamps, tokens::Tokens,
};

#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) setup: Setup,
    pub(crate) control: Arc<Control<Fault>>,
    pub(crate) stamps: Stamps,
    pub(crate) sessions_dir: PathBuf,
    pub(crate) objects: Mutex<Objects>,
    pub(crate) tokens: Mutex<Tokens>,
    /// The sandboxes' only way out, if it was asked for.
    pub(crate) egress: Option<Egress>,
    /// Nobody is served any more: whoever still works may stop.
    pub(crate) closed: AtomicBool,
}
