//! Claude Platform on AWS: a key of its own, or AWS's credentials and a signature. `ANTHROPIC_API_KEY` counts for
//! nothing there.

use aws_config::{meta::region::ProvideRegion as _, profile::ProfileFileRegionProvider};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use reqwest::header::HeaderValue;

use super::{Limits, Settings, Variables, base};
use crate::{
    Error, Kind,
    auth::{
        Login,
        signature::{Account, Keys},
    },
};

const KEY: &str = "ANTHROPIC_AWS_API_KEY";
const BASE: &str = "ANTHROPIC_AWS_BASE_URL";
const WORKSPACE: &str = "ANTHROPIC_AWS_WORKSPACE_ID";

pub(super) async fn settings(env: &Variables<'_>) -> Result<(Settings, Vec<String>), Error> {
    let bad = |message: String| Error::early(Kind::Config, message);
    let workspace = env.get(WORKSPACE).ok_or_else(|| bad(format!("no workspace: set {WORKSPACE}")))?;
    let header = HeaderValue::try_from(&workspace).map_err(|_| bad(format!("`{WORKSPACE}` is no id")))?;
    let region = region(env).await;
    if region.as_ref().is_some_and(|region| !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) {
        return Err(bad("the AWS region is no name of one".to_owned()));
    }
    let no_region = || bad("no AWS region: set AWS_REGION, AWS_DEFAULT_REGION or the profile's region".to_owned());
    let base = match (env.get(BASE), &region) {
        (Some(text), _) => base(&text, BASE)?,
        (None, Some(region)) => base(&format!("https://aws-external-anthropic.{region}.api.aws"), "AWS_REGION")?,
        (None, None) => return Err(no_region()),
    };
    let mut warnings = Vec::new();
    if env.has("ANTHROPIC_API_KEY") {
        warnings.push("ANTHROPIC_API_KEY is set, but means nothing on AWS".to_owned());
    }
    let (login, how) = if let Some(key) = env.secret(KEY) {
        let losers = ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"];
        if let Some(loser) = losers.into_iter().find(|loser| env.has(loser)) {
            warnings.push(format!("{KEY} is set and wins over {loser}"));
        }
        (Login::Bearer(KEY, key), "an AWS API key")
    } else {
        let region = region.ok_or_else(no_region)?;
        (Login::Signature(Account { region, profile: env.get("AWS_PROFILE"), keys: keys(env)? }), "AWS credentials")
    };
    let how = format!("{how} in workspace {workspace}");
    Ok((Settings { base, login, workspace: Some(header), limits: Limits::default(), how }, warnings))
}

/// The environment's own keys.
fn keys(env: &Variables<'_>) -> Result<Option<Keys>, Error> {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    match (env.get(id), env.secret(secret)) {
        (Some(id), Some(secret)) => Ok(Some(Keys { id, secret, session: env.secret("AWS_SESSION_TOKEN") })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::early(Kind::Credentials, format!("{id} is set, but {secret} is not"))),
        (None, Some(_)) => Err(Error::early(Kind::Credentials, format!("{secret} is set, but {id} is not"))),
    }
}

/// The variables, else the profile in AWS's configuration file. The machine's metadata service is not asked.
async fn region(env: &Variables<'_>) -> Option<String> {
    if let Some(region) = env.get("AWS_REGION").or_else(|| env.get("AWS_DEFAULT_REGION")) {
        return Some(region);
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(file) = env.get("AWS_CONFIG_FILE") {
        profile = profile.profile_files(EnvConfigFiles::builder().with_file(EnvConfigFileKind::Config, file).build());
    }
    if let Some(name) = env.get("AWS_PROFILE") {
        profile = profile.profile_name(name);
    }
    Some(profile.build().region().await?.to_string())
}
