//! The direct API: a key, a token, or workload identity federation, in this order.

use super::{Limits, Settings, Variables, parse_address, parse_base};
use crate::{
    Error, Kind,
    auth::{Login, federation::Rule, identity::Identity},
    connections::NetworkSettings,
};

const BASE: &str = "ANTHROPIC_BASE_URL";
const API: &str = "https://api.anthropic.com";
const RULE: &str = "ANTHROPIC_FEDERATION_RULE_ID";
const ORGANIZATION: &str = "ANTHROPIC_ORGANIZATION_ID";
const WORKSPACE: &str = "ANTHROPIC_WORKSPACE_ID";

pub(super) fn read_settings(env: &Variables<'_>) -> Result<(Settings, Vec<String>), Error> {
    let given = env.value(BASE);
    let base_variable = given.as_ref().map(|_| BASE);
    let base = parse_base(&given.unwrap_or_else(|| API.to_owned()), BASE)?;
    if base
        .host_str()
        .is_some_and(|host| host.starts_with("aws-external-anthropic."))
    {
        let message = format!("`{BASE}` is an address of Claude Platform on AWS");
        let hint = format!("add --aws, and unset {BASE}: AWS_REGION gives the address");
        return Err(Error::new(Kind::Config, message).with_hint(hint));
    }
    let mut warnings = Vec::new();
    if env.is_set("ANTHROPIC_PROFILE") {
        warnings.push("ANTHROPIC_PROFILE is set, but profiles are not read here".to_owned());
    }
    let fixed = [
        ("ANTHROPIC_API_KEY", "an API key"),
        ("ANTHROPIC_AUTH_TOKEN", "a token"),
    ]
    .into_iter()
    .filter_map(|(variable, how)| Some((variable, how, env.secret(variable)?)));
    let mut fixed: Vec<_> = fixed.collect();
    if fixed.len() > 1 {
        warnings.push("ANTHROPIC_API_KEY is set and wins over ANTHROPIC_AUTH_TOKEN".to_owned());
    }
    let (login, how) = if fixed.is_empty() {
        read_federation(env, &base)?
    } else {
        let (variable, how, token) = fixed.swap_remove(0);
        if env.is_set(RULE) {
            warnings.push(format!(
                "{variable} is set and wins over the federation variables"
            ));
        }
        if env.is_set(WORKSPACE) {
            warnings.push(format!(
                "{WORKSPACE} is set, but is for federation only: with {how} the \
                    workspace is its own"
            ));
        }
        (Login::Bearer(variable, token), how.to_owned())
    };
    Ok((
        Settings {
            base,
            base_variable,
            login,
            workspace: None,
            limits: Limits::default(),
            network: NetworkSettings::default(),
            how,
        },
        warnings,
    ))
}

/// The rule, and the identity from a file, a variable, or GitHub Actions, in this order.
fn read_federation(env: &Variables<'_>, base: &reqwest::Url) -> Result<(Login, String), Error> {
    let identity = if let Some(path) = env.value("ANTHROPIC_IDENTITY_TOKEN_FILE") {
        Some((Identity::File(path.into()), "a token file"))
    } else if let Some(token) = env.secret("ANTHROPIC_IDENTITY_TOKEN") {
        Some((Identity::Given(token), "a given token"))
    } else if let Some(url) = env.value("ACTIONS_ID_TOKEN_REQUEST_URL")
        && let Some(token) = env.secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    {
        Some((
            Identity::GitHub(parse_address(&url, "ACTIONS_ID_TOKEN_REQUEST_URL")?, token),
            "GitHub Actions",
        ))
    } else {
        None
    };
    let (rule, organization) = match (env.value(RULE), env.value(ORGANIZATION)) {
        (None, None) => {
            return Err(bad_credentials(
                "no credentials: set ANTHROPIC_API_KEY, or ANTHROPIC_FEDERATION_RULE_ID and \
                            ANTHROPIC_ORGANIZATION_ID with an identity token"
                    .to_owned(),
            ));
        }
        (Some(_), None) => {
            return Err(bad_credentials(format!(
                "{RULE} is set, but {ORGANIZATION} is not"
            )));
        }
        (None, Some(_)) => {
            return Err(bad_credentials(format!(
                "{ORGANIZATION} is set, but {RULE} is not"
            )));
        }
        (Some(rule), Some(organization)) => (rule, organization),
    };
    let half = [
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ]
    .map(|variable| (variable, env.is_set(variable)));
    if let (None, [(set, true), (missing, false)] | [(missing, false), (set, true)]) =
        (&identity, half)
    {
        return Err(
            bad_credentials(format!("{set} is set, but {missing} is not"))
                .with_hint(format!("set {missing}, as GitHub does")),
        );
    }
    let (identity, whose) = identity.ok_or_else(|| {
        bad_credentials(format!(
            "{RULE} is set, but there is no identity token: set ANTHROPIC_IDENTITY_TOKEN_FILE or \
             ANTHROPIC_IDENTITY_TOKEN, or give the GitHub job `permissions: id-token: write`"
        ))
    })?;
    let mut fields = vec![
        ("federation_rule_id", rule.clone()),
        ("organization_id", organization),
    ];
    let optional = [
        ("service_account_id", "ANTHROPIC_SERVICE_ACCOUNT_ID"),
        ("workspace_id", WORKSPACE),
    ];
    fields.extend(
        optional
            .into_iter()
            .filter_map(|(field, variable)| Some((field, env.value(variable)?))),
    );
    let how = format!("workload identity federation ({whose})");
    Ok((
        Login::Federation(Rule {
            identity,
            id: rule,
            base: base.clone(),
            fields,
        }),
        how,
    ))
}

fn bad_credentials(message: String) -> Error {
    Error::new(Kind::Credentials, message)
}
