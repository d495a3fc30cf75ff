//! The settings of a server.

use crate::{Certificate, Order};

#[derive(Debug)]
pub struct Options<F> {
    /// On 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The RFC 3339 time at which the clock stands; the machine's clock without.
    pub now: Option<String>,
    /// Tried in this order.
    pub faults: Vec<Order<F>>,
    /// Each answered call is a line on stderr.
    pub log: bool,
    /// Of https; plain HTTP without.
    pub certificate: Option<Certificate>,
}

impl<F> Default for Options<F> {
    fn default() -> Self {
        Self {
            port: 0,
            now: None,
            faults: Vec::new(),
            log: false,
            certificate: None,
        }
    }
}
