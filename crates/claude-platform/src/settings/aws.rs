//! Claude Platform on AWS: a key of its own, or AWS's credentials and a signature.
//! `ANTHROPIC_API_KEY` counts for nothing there.

use reqwest::{Url, header::HeaderValue};

use super::{Limits, PUBLIC_HOST, Settings, Variables, parse_base};
use crate::{
    Error, Kind,
    auth::{
        Login,
        aws::{Sources, files::ConfigFiles},
        signature::{Account, Keys},
    },
    connections::NetworkSettings,
    text,
};

const KEY: &str = "ANTHROPIC_AWS_API_KEY";
const BASE: &str = "ANTHROPIC_AWS_BASE_URL";
const WORKSPACE: &str = "ANTHROPIC_AWS_WORKSPACE_ID";

pub(super) async fn read_settings(env: &Variables<'_>) -> Result<(Settings, Vec<String>), Error> {
    let set_workspace = format!("set {WORKSPACE} to the workspace's id, `wrkspc_…`");
    let workspace = env.value(WORKSPACE).ok_or_else(|| {
        Error::new(Kind::Config, format!("no workspace: set {WORKSPACE}")).with_hint(&set_workspace)
    })?;
    let is_id = workspace
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let header = HeaderValue::try_from(&workspace).ok().filter(|_| is_id);
    let header = header.ok_or_else(|| {
        Error::new(Kind::Config, format!("`{WORKSPACE}` is no id")).with_hint(&set_workspace)
    })?;
    let files = ConfigFiles::new(|name| env.value(name));
    let fixed = env.secret(KEY);
    let keys = if fixed.is_some() {
        None
    } else {
        read_keys(env)?
    };
    // A key of its own needs a region for the address only.
    let region = if fixed.is_some() && env.is_set(BASE) {
        None
    } else {
        Some(find_region(env, &files).await?)
    };
    let (base, base_variable) = match (env.value(BASE), &region) {
        (Some(text), _) => {
            let base = parse_base(&text, BASE)?;
            if base.host_str() == Some(PUBLIC_HOST) {
                let message = format!(
                    "`{BASE}` is the address of the direct API, not of Claude Platform on AWS"
                );
                return Err(Error::new(Kind::Config, message)
                    .with_hint(format!("unset {BASE}, or leave out --aws")));
            }
            (base, BASE)
        }
        (None, Some(Region { name, variable })) => (
            parse_base(
                &format!("https://aws-external-anthropic.{name}.api.aws"),
                variable,
            )?,
            *variable,
        ),
        (None, None) => return Err(no_region(&files)),
    };
    let mut warnings = Vec::new();
    if env.is_set("ANTHROPIC_WORKSPACE_ID") {
        warnings.push(format!(
            "ANTHROPIC_WORKSPACE_ID is set, but means nothing on AWS: {WORKSPACE} counts there"
        ));
    }
    if env.is_set("ANTHROPIC_API_KEY") {
        warnings.push("ANTHROPIC_API_KEY is set, but means nothing on AWS".to_owned());
    }
    let (login, how) = if let Some(key) = fixed {
        let losers = [
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_PROFILE",
        ];
        if let Some(loser) = losers.into_iter().find(|loser| env.is_set(loser)) {
            warnings.push(format!("{KEY} is set and wins over {loser}"));
        }
        (Login::Bearer(KEY, key), "an AWS API key")
    } else {
        let region = region.ok_or_else(|| no_region(&files))?;
        check_same_region(&base, &region)?;
        if keys
            .as_ref()
            .is_some_and(|keys| keys.id.starts_with("ASIA") && keys.session.is_none())
        {
            warnings.push(
                "AWS_ACCESS_KEY_ID is a temporary key, but AWS_SESSION_TOKEN is not set".to_owned(),
            );
        }
        if keys.is_none() {
            // A profile that is not there is told with the plan already.
            files.check().await?;
        }
        let account = Account {
            region: region.name,
            sources: Sources::read(|name| env.value(name), files),
            keys,
        };
        (Login::Signature(account), "AWS credentials")
    };
    let how = format!("{how} in workspace {workspace}");
    let settings = Settings {
        base,
        base_variable: Some(base_variable),
        login,
        workspace: Some(header),
        limits: Limits::default(),
        network: NetworkSettings::default(),
        how,
    };
    Ok((settings, warnings))
}

/// The environment's own keys.
fn read_keys(env: &Variables<'_>) -> Result<Option<Keys>, Error> {
    let (id, secret, session) = (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    );
    // None of them can hold one, and the platform would only say that the signature is wrong.
    let is_broken = |variable: &&str| {
        env.value(variable)
            .is_some_and(|value| value.contains(char::is_whitespace))
    };
    if let Some(variable) = [id, secret, session]
        .into_iter()
        .find(|variable| is_broken(variable))
    {
        let message = format!("`{variable}` holds a blank or a line break");
        return Err(Error::new(Kind::Credentials, message)
            .with_hint(format!("write the value of {variable} as it was given")));
    }
    match (env.value(id), env.secret(secret)) {
        (Some(id), Some(secret)) => Ok(Some(Keys {
            id,
            secret,
            session: env.secret(session),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half_set(id, secret)),
        (None, Some(_)) => Err(half_set(secret, id)),
    }
}

fn half_set(set: &str, missing: &str) -> Error {
    let message = format!("{set} is set, but {missing} is not");
    Error::new(Kind::Credentials, message).with_hint(format!("set {missing}, or unset {set}"))
}

/// A region, and the variable to look at when it is the wrong one.
struct Region {
    name: String,
    variable: &'static str,
}

/// The variables, else the profile in AWS's configuration file. The machine's metadata service is
/// not asked.
async fn find_region(env: &Variables<'_>, files: &ConfigFiles) -> Result<Region, Error> {
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(name) = env.value(variable) {
            return check_region(&name, variable, variable);
        }
    }
    let found = files.find_region().await?.ok_or_else(|| no_region(files))?;
    check_region(
        &found,
        "AWS_REGION",
        &format!("region of the {}", files.describe_profile()),
    )
}

/// Refuses what cannot be a region, such as an availability zone or a region's name in words; it
/// becomes a part of the host.
fn check_region(name: &str, variable: &'static str, place: &str) -> Result<Region, Error> {
    let name = name.trim();
    let mut parts = name.rsplit('-');
    if parts.next().is_some_and(is_number)
        && parts.clone().count() >= 2
        && parts.all(is_word)
        && name.len() <= 40
    {
        return Ok(Region {
            name: name.to_owned(),
            variable,
        });
    }
    let message = format!(
        "`{place}` is `{}`, which is no AWS region",
        text::line(name, 40)
    );
    Err(Error::new(Kind::Config, message)
        .with_hint(format!("set {variable} to a region such as `eu-west-1`")))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn no_region(files: &ConfigFiles) -> Error {
    let message = format!(
        "no AWS region: AWS_REGION is not set, and no region in the {}",
        files.describe_profile()
    );
    Error::new(Kind::Config, message)
        .with_hint("set AWS_REGION (or AWS_DEFAULT_REGION) to the workspace's region")
}

/// Refuses an address of another region than the one that is signed for.
fn check_same_region(base: &Url, region: &Region) -> Result<(), Error> {
    let host = base.host_str().unwrap_or_default();
    let theirs = host
        .strip_prefix("aws-external-anthropic.")
        .and_then(|rest| rest.strip_suffix(".api.aws"));
    match theirs {
        Some(theirs) if theirs != region.name => {
            let message = format!(
                "`{BASE}` is of the region `{theirs}`, {} is `{}`",
                region.variable, region.name
            );
            Err(Error::new(Kind::Config, message)
                .with_hint(format!("correct {BASE} or {}", region.variable)))
        }
        _ => Ok(()),
    }
}
