//! The conditions of every call: a signature, and a policy that allows it.

use serde::Serialize;
use sim_server::{locked, machine_time};

use crate::{
    answer::Refusal,
    dynamodb::Permission,
    service::Service,
    setup::Principal,
    signature::{self, Authorization, SignedRequest},
    sim::Sim,
};

/// A permission that somebody needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UsedPermission {
    /// The ARN of the user or the role.
    pub caller: String,
    /// For example `dynamodb:GetItem`.
    pub action: String,
    /// The ARN of what it was wanted for.
    pub resource: String,
    pub was_allowed: bool,
}

pub(crate) fn identify_caller<'a>(
    sim: &'a Sim,
    service: Service,
    request: &SignedRequest<'_>,
) -> Result<&'a Principal, Refusal> {
    let authorization = Authorization::read(request.headers)?;
    let principal = sim.setup.find_principal(authorization.key_id);
    let principal = principal.ok_or_else(|| {
        Refusal::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    })?;
    let scope = (sim.setup.region.as_str(), service.name());
    let credentials = &principal.credentials;
    // Clients sign by the machine's clock.
    signature::verify(request, &authorization, credentials, scope, machine_time())?;
    Ok(principal)
}

pub(crate) fn admit_caller(
    sim: &Sim,
    caller: &Principal,
    permissions: &[Permission],
) -> Result<(), Refusal> {
    for (action, resource) in permissions {
        let allows = |policy: &crate::policy::Policy| policy.allows(action, resource);
        let was_allowed = caller.policy.as_ref().is_none_or(allows);
        locked(&sim.used).insert(UsedPermission {
            caller: caller.arn.clone(),
            action: action.clone(),
            resource: resource.clone(),
            was_allowed,
        });
        if !was_allowed {
            return Err(Refusal::access_denied(&caller.arn, action, resource));
        }
    }
    Ok(())
}
