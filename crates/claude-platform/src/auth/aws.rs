//! AWS's credentials: the places of its default chain, asked one after another, so that a failure
//! names the place.
//!
//! The order is the chain's own: the profile of the configuration files, a role for a web identity,
//! the container's endpoint, the machine's metadata service. The environment's own keys come before
//! all of them, and never get here.

pub(crate) mod files;
mod http;
mod process;
mod reasons;

use std::{path::Path, pin::Pin, time::Duration};

use aws_config::{
    BehaviorVersion, Region,
    ecs::EcsCredentialsProvider,
    imds::credentials::ImdsCredentialsProvider,
    profile::{Profile, ProfileFileCredentialsProvider},
    provider_config::ProviderConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError},
};

use self::{files::ConfigFiles, http::AwsHttp};
use crate::{Error, Kind, connections::Connections, local, text};

/// The longest time for one place, with its repetitions.
const PLACE_TIME: Duration = Duration::from_secs(60);
/// No token in a file is larger.
const TOKEN_LIMIT: usize = 64 * 1024;
/// Keys of a profile that say where its credentials come from.
const SOURCES: [&str; 10] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "sso_account_id",
    "login_session",
    "aws_access_key_id",
    "aws_secret_access_key",
];

/// The places, as the environment names them.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) files: ConfigFiles,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub(crate) web_token: Option<String>,
    /// `AWS_ROLE_ARN`.
    pub(crate) role: Option<String>,
    /// The variable of the container's endpoint, and its value.
    pub(crate) container: Option<(&'static str, String)>,
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    pub(crate) container_token_file: Option<String>,
    /// `AWS_EC2_METADATA_DISABLED`.
    pub(crate) no_metadata: bool,
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT` is set.
    pub(crate) has_metadata_endpoint: bool,
}

impl Sources {
    /// Reads where credentials may be.
    pub(crate) fn read(env: impl Fn(&str) -> Option<String>, files: ConfigFiles) -> Self {
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ];
        Self {
            files,
            web_token: env("AWS_WEB_IDENTITY_TOKEN_FILE"),
            role: env("AWS_ROLE_ARN"),
            container: variables
                .into_iter()
                .find_map(|variable| Some((variable, env(variable)?))),
            container_token_file: env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
            no_metadata: env("AWS_EC2_METADATA_DISABLED")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            has_metadata_endpoint: env("AWS_EC2_METADATA_SERVICE_ENDPOINT").is_some(),
        }
    }
}

/// Finds credentials for requests to the region.
pub(crate) async fn find_credentials(
    sources: &Sources,
    region: &str,
    connections: Connections,
) -> Result<Credentials, Error> {
    let config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_region(Some(Region::new(region.to_owned())))
        .with_http_client(AwsHttp::new(connections));
    let mut missing = vec!["AWS_ACCESS_KEY_ID is not set".to_owned()];
    // A future does nothing before it is awaited, so a place is asked only after those before it.
    let places: [Asking<'_>; 4] = [
        Box::pin(from_profile(sources, &config)),
        Box::pin(from_web_identity(sources, &config)),
        Box::pin(from_container(sources, &config)),
        Box::pin(from_metadata(sources, &config)),
    ];
    for place in places {
        match place.await? {
            Found::Credentials(credentials) => return Ok(credentials),
            Found::Nothing(why) => missing.push(why),
        }
    }
    let message = format!("no AWS credentials were found: {}", missing.join("; "));
    let hint =
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or ANTHROPIC_AWS_API_KEY";
    Err(credentials_error(&message, hint))
}

/// A place that is being asked.
type Asking<'a> = Pin<Box<dyn Future<Output = Result<Found, Error>> + Send + 'a>>;

/// A place's answer.
enum Found {
    Credentials(Credentials),
    /// It is not set up; where it is and fails, that is an error.
    Nothing(String),
}

async fn from_profile(sources: &Sources, config: &ProviderConfig) -> Result<Found, Error> {
    let files = &sources.files;
    let (name, set) = (files.profile_name(), files.load().await?);
    let shown = files.describe_profile();
    let Some(profile) = set.get_profile(name) else {
        return Ok(Found::Nothing(format!("there is no {shown}")));
    };
    let is_set = |key: &&&str| profile.get(key).is_some();
    if let Some(command) = profile.get("credential_process")
        && SOURCES[..8].iter().find(is_set).is_none()
    {
        let credentials = process::run_command(command).await.map_err(|why| {
            let hint = format!(
                "run the `credential_process` of the profile `{name}` by hand to see what it says"
            );
            credentials_error(
                &format!("the `credential_process` of the {shown} {why}"),
                &hint,
            )
        })?;
        return Ok(Found::Credentials(credentials));
    }
    if SOURCES.iter().find(is_set).is_none() && profile.get("credential_process").is_none() {
        return Ok(Found::Nothing(format!("the {shown} holds none")));
    }
    if profile.get("login_session").is_some() && profile.get("role_arn").is_none() {
        let hint = format!(
            "set AWS_PROFILE to another profile, or export its keys: `aws configure \
                export-credentials --profile {name}`"
        );
        return Err(credentials_error(
            &format!("the {shown} uses `login_session`, which is not supported here"),
            &hint,
        ));
    }
    if let Some(file) = profile.get("web_identity_token_file") {
        read_token(file, &format!("`web_identity_token_file` of the {shown}")).await?;
    }
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(config)
        .profile_name(name)
        .profile_files(files.build().await?)
        .build();
    let hint = hint_of_profile(name, profile);
    ask_provider(
        provider,
        &format!("the {shown} gives no AWS credentials"),
        &hint,
        &[],
    )
    .await
    .map(Found::Credentials)
}

fn hint_of_profile(name: &str, profile: &Profile) -> String {
    let name = text::line(name, 60);
    if profile
        .get("sso_session")
        .or_else(|| profile.get("sso_start_url"))
        .is_some()
    {
        format!(
            "sign in with `aws sso login --profile {name}`, or set AWS_PROFILE to another profile"
        )
    } else {
        format!("correct the profile `{name}`, or set AWS_PROFILE to another one")
    }
}

async fn from_web_identity(sources: &Sources, config: &ProviderConfig) -> Result<Found, Error> {
    let (file, role) = match (&sources.web_token, &sources.role) {
        (Some(file), Some(role)) => (file, role),
        (Some(_), None) => {
            return Err(credentials_error(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not",
                "set AWS_ROLE_ARN",
            ));
        }
        (None, _) => {
            return Ok(Found::Nothing(
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned(),
            ));
        }
    };
    let token = read_token(file, "AWS_WEB_IDENTITY_TOKEN_FILE").await?;
    let provider = WebIdentityTokenCredentialsProvider::builder()
        .configure(config)
        .build();
    let what = format!(
        "the role `{}` of AWS_ROLE_ARN is not given for the token of AWS_WEB_IDENTITY_TOKEN_FILE",
        text::line(role, 100)
    );
    let hint = "look at AWS_ROLE_ARN, its trust policy, and AWS_WEB_IDENTITY_TOKEN_FILE, whose \
        token may have ended";
    ask_provider(provider, &what, hint, &[token.trim()])
        .await
        .map(Found::Credentials)
}

async fn from_container(sources: &Sources, config: &ProviderConfig) -> Result<Found, Error> {
    let Some((variable, value)) = &sources.container else {
        return Ok(Found::Nothing(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set".to_owned(),
        ));
    };
    let mut secrets = vec![value.clone()];
    if let Some(file) = &sources.container_token_file {
        secrets.push(
            read_token(file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
                .await?
                .trim()
                .to_owned(),
        );
    }
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let provider = EcsCredentialsProvider::builder().configure(config).build();
    let hint = format!("look at {variable} and AWS_CONTAINER_AUTHORIZATION_TOKEN");
    ask_provider(
        provider,
        &format!("the address of {variable} gives no AWS credentials"),
        &hint,
        &secrets,
    )
    .await
    .map(Found::Credentials)
}

async fn from_metadata(sources: &Sources, config: &ProviderConfig) -> Result<Found, Error> {
    if sources.no_metadata {
        return Ok(Found::Nothing(
            "AWS_EC2_METADATA_DISABLED says not to ask the machine".to_owned(),
        ));
    }
    let provider = ImdsCredentialsProvider::builder().configure(config).build();
    let what = "the machine's metadata service";
    if sources.has_metadata_endpoint {
        let variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        let hint = format!("look at {variable}, or set AWS_EC2_METADATA_DISABLED=true");
        return ask_provider(
            provider,
            &format!("{what} of {variable} gives no AWS credentials"),
            &hint,
            &[],
        )
        .await
        .map(Found::Credentials);
    }
    match tokio::time::timeout(PLACE_TIME, provider.provide_credentials()).await {
        Ok(Ok(credentials)) => Ok(Found::Credentials(credentials)),
        // Most machines have none.
        Ok(Err(CredentialsError::CredentialsNotLoaded(_))) | Err(_) => Ok(Found::Nothing(format!(
            "{what} does not answer, or knows no role"
        ))),
        Ok(Err(error)) => Ok(Found::Nothing(format!(
            "{what} gives none ({})",
            reasons::describe_error(&error, &[])
        ))),
    }
}

/// Asks a place that is set up.
async fn ask_provider(
    provider: impl ProvideCredentials,
    what: &str,
    hint: &str,
    secrets: &[&str],
) -> Result<Credentials, Error> {
    match tokio::time::timeout(PLACE_TIME, provider.provide_credentials()).await {
        Ok(Ok(credentials)) => Ok(credentials),
        Ok(Err(error)) => Err(credentials_error(
            &format!("{what}: {}", reasons::describe_error(&error, secrets)),
            hint,
        )),
        Err(_) => Err(credentials_error(
            &format!("{what} within {} s", PLACE_TIME.as_secs()),
            hint,
        )),
    }
}

/// A token in a file, read here first: AWS's own reader has no bound, and its errors name neither
/// file nor variable.
async fn read_token(file: &str, what: &str) -> Result<String, Error> {
    let hint = format!("look at {what}");
    let shown = text::line(file, 150);
    let token = local::read(Path::new(file), TOKEN_LIMIT)
        .await
        .map_err(|error| {
            credentials_error(
                &format!("the file `{shown}` of {what} cannot be read: {error}"),
                &hint,
            )
        })?;
    let token = String::from_utf8(token)
        .ok()
        .filter(|token| !token.trim().is_empty());
    token.ok_or_else(|| {
        credentials_error(
            &format!("the file `{shown}` of {what} holds no token"),
            &hint,
        )
    })
}

fn credentials_error(message: &str, hint: &str) -> Error {
    Error::new(Kind::Credentials, text::line(message, text::MESSAGE)).with_hint(hint)
}
