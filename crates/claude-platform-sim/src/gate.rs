//! What every request must bring before it is looked at: credentials, the API's version, the right
//! betas, permission.

use sim_server::locked;

use crate::{
    answer::Refusal,
    aws,
    federation::{self, BEARER_BETA, EXCHANGE_BETA},
    request::{MANAGED_AGENTS, Request},
    routes::{self, Route},
    sim::Sim,
    tokens::BearerState,
};

/// Betas of what is simulated; others are refused, as documented.
const BETAS: [&str; 3] = [MANAGED_AGENTS, BEARER_BETA, EXCHANGE_BETA];

/// Versions of the API that are accepted.
const VERSIONS: [&str; 2] = ["2026-10-21", "2023-06-01"];

/// Lets a request in, to the operation that it asks for.
pub(crate) fn admit_request(sim: &Sim, request: &Request) -> Result<Route, Refusal> {
    let route = routes::find_route(request);
    let is_exchange = request.uri.path() == federation::EXCHANGE;
    if is_exchange && !sim.setup.on_aws() {
        return route.ok_or_else(|| unknown_path(request));
    }
    if sim.setup.on_aws() {
        check_aws(sim, request)?;
    } else {
        check_direct(sim, request)?;
    }
    match request.header("anthropic-version") {
        Some(version) if VERSIONS.contains(&version) => {}
        Some(version) => {
            return Err(Refusal::invalid(format!(
                "anthropic-version: `{version}` is not a valid version"
            )));
        }
        None => return Err(Refusal::invalid("anthropic-version: header is required")),
    }
    // Not routed on AWS, so as unknown as any other path.
    let route = route
        .filter(|route| !sim.setup.on_aws() || is_routed_on_aws(sim, route))
        .ok_or_else(|| unknown_path(request))?;
    check_betas(&route, request)?;
    if sim.setup.denied.contains(route.action) {
        return Err(deny_action(sim, route.action));
    }
    Ok(route)
}

/// Routing of deployments is not established, so it is a setting.
fn is_routed_on_aws(sim: &Sim, route: &Route) -> bool {
    let is_deployment = route.action.ends_with("Deployment") || route.action == "ListDeployments";
    match is_deployment {
        true => !sim.setup.unrouted_deployments,
        false => !route.action.is_empty(),
    }
}

fn check_direct(sim: &Sim, request: &Request) -> Result<(), Refusal> {
    if let Some(token) = request.bearer() {
        match locked(&sim.tokens).check_bearer(token) {
            BearerState::Good if request.has_beta(BEARER_BETA) => return Ok(()),
            BearerState::Good => {
                return Err(Refusal::new(
                    401,
                    format!("a federation token needs the beta `{BEARER_BETA}`"),
                ));
            }
            BearerState::Expired => return Err(Refusal::new(401, "the access token has expired")),
            BearerState::Unknown => {}
        }
    }
    check_key(&sim.setup.api_keys, request)
}

fn check_aws(sim: &Sim, request: &Request) -> Result<(), Refusal> {
    let workspace = request.header("anthropic-workspace-id").unwrap_or_default();
    let is_signed = request
        .header("authorization")
        .is_some_and(|value| value.starts_with(aws::ALGORITHM));
    match &sim.setup.aws {
        Some(access) if is_signed => aws::verify_signature(access, request)?,
        _ => check_key(&sim.setup.aws_keys, request)?,
    }
    if !workspace.starts_with("wrkspc_") {
        return Err(Refusal::invalid(
            "anthropic-workspace-id: header is required",
        ));
    }
    match &sim.setup.aws {
        Some(access) if access.workspace != workspace => {
            Err(Refusal::not_found("workspace", workspace))
        }
        _ => Ok(()),
    }
}

fn check_key(keys: &[String], request: &Request) -> Result<(), Refusal> {
    match request.bearer().or_else(|| request.header("x-api-key")) {
        None => Err(Refusal::new(
            401,
            "no credentials: neither `authorization` nor `x-api-key`",
        )),
        Some(key) if keys.iter().any(|known| known == key) => Ok(()),
        Some(_) => Err(Refusal::new(401, "invalid bearer token or API key")),
    }
}

fn check_betas(route: &Route, request: &Request) -> Result<(), Refusal> {
    if route.managed && !request.has_beta(MANAGED_AGENTS) {
        return Err(Refusal::invalid(format!(
            "this endpoint is in beta: send `anthropic-beta: {MANAGED_AGENTS}`"
        )));
    }
    let refused = request.betas().find(|beta| !BETAS.contains(beta));
    match refused {
        // The real platform takes these and answers in old shapes, which is worse.
        Some(beta) if beta.starts_with("skills-") || beta.starts_with("files-api-") => {
            Err(Refusal::invalid(format!(
                "anthropic-beta: `{beta}` would flip the answers to old shapes"
            )))
        }
        Some(beta) => Err(Refusal::invalid(format!(
            "anthropic-beta: `{beta}` is not a known value"
        ))),
        None => Ok(()),
    }
}

/// In AWS's words, with and without AWS.
fn deny_action(sim: &Sim, action: &str) -> Refusal {
    let (region, workspace) = sim
        .setup
        .aws
        .as_ref()
        .map_or(("us-east-1", "wrkspc_sim"), |aws| {
            (aws.region.as_str(), aws.workspace.as_str())
        });
    Refusal::new(
        403,
        format!(
            "User: arn:aws:sts::123456789012:assumed-role/release/ci is not authorized to perform: \
             aws-external-anthropic:{action} on resource: \
             arn:aws:aws-external-anthropic:{region}:123456789012:workspace/{workspace}"
        ),
    )
}

fn unknown_path(request: &Request) -> Refusal {
    Refusal::not_found("path", request.uri.path())
}
