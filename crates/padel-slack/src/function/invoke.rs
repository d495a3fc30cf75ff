//! Handing over by an asynchronous invocation: Lambda queues it and tries it again. It may still be
//! lost or run twice, which the ledger knows of.

use aws_sdk_lambda::{Client, primitives::Blob, types::InvocationType};
use tokio::time::timeout;

use super::{cloud::describe_failure, units::HANDOVER_TIME};
use crate::handover::{Errand, Handover, HandoverError};

/// The function that answers.
#[derive(Debug, Clone)]
pub struct Invoker {
    client: Client,
    function: String,
}

impl Invoker {
    /// Names the function by its ARN or name.
    #[must_use]
    pub const fn new(client: Client, function: String) -> Self {
        Self { client, function }
    }
}

impl Handover for Invoker {
    async fn hand_over(&self, errand: Errand) -> Result<(), HandoverError> {
        // Two texts cannot fail.
        let event = serde_json::to_vec(&errand).unwrap_or_default();
        let invocation = self
            .client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event));
        match timeout(HANDOVER_TIME, invocation.send()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(HandoverError(describe_failure("Invoke", &error))),
            Err(_) => Err(HandoverError("Invoke: no answer in time".to_owned())),
        }
    }
}
