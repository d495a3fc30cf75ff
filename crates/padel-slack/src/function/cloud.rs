//! The clients of AWS's services: the function's own credentials, our HTTP client, short waits.

use std::{fmt, time::Duration};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_types::{
    SdkConfig,
    region::Region,
    sdk_config::{
        RetryConfig, SharedCredentialsProvider, StalledStreamProtectionConfig, TimeoutConfig,
    },
};
use http_edge::{
    ClientOptions, build_client, from_smithy, load_roots, read_body, smithy_timeout, tls_config,
    to_smithy,
};
use reqwest::header::{ACCEPT_ENCODING, HeaderValue};

use super::units::CallTimes;
use crate::settings::{Lookup, SettingsError};

/// A page of an index has at most 1 MB (documented).
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Shorter than servers keep idle connections. A function that was frozen finds its connections
/// closed.
const IDLE: Duration = Duration::from_secs(20);
/// Characters of a failure that are shown.
const SHORT: usize = 200;

/// Builds a client's configuration; the crates' builders have no trait in common.
macro_rules! build_config {
    ($config:expr, $endpoint:expr) => {
        match $endpoint {
            Some(endpoint) => $config.endpoint_url(endpoint).build(),
            None => $config.build(),
        }
    };
}

/// What all clients share.
#[derive(Debug, Clone)]
pub struct Cloud {
    config: SdkConfig,
    endpoints: [Option<String>; 3],
}

impl Cloud {
    /// Reads region, credentials and addresses from the variables that Lambda sets.
    ///
    /// # Errors
    ///
    /// A variable that is missing, or an HTTP client that cannot be made.
    pub fn new(lookup: &Lookup<'_>, times: CallTimes) -> Result<Self, SettingsError> {
        let need = |name: &'static str| lookup(name).ok_or(SettingsError::Missing(vec![name]));
        let credentials = Credentials::new(
            need("AWS_ACCESS_KEY_ID")?,
            need("AWS_SECRET_ACCESS_KEY")?,
            lookup("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(times.connect)
            .read_timeout(times.read)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(times.attempts)
            .with_initial_backoff(Duration::from_millis(50));
        let config = SdkConfig::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(Region::new(need("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Connector::new(lookup, times)?)
            .timeout_config(timeouts)
            .retry_config(retries)
            // Answers are small and read at once.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let all = lookup("AWS_ENDPOINT_URL");
        let endpoints = ["DYNAMODB", "LAMBDA", "SSM"]
            .map(|service| lookup(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| all.clone()));
        Ok(Self { config, endpoints })
    }

    /// Makes the client of the ledger's table.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        let [endpoint, _, _] = self.endpoints.clone();
        aws_sdk_dynamodb::Client::from_conf(build_config!(config, endpoint))
    }

    /// Makes the client that invokes functions.
    #[must_use]
    pub fn lambda(&self) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::config::Builder::from(&self.config);
        let [_, endpoint, _] = self.endpoints.clone();
        aws_sdk_lambda::Client::from_conf(build_config!(config, endpoint))
    }

    /// Makes the client that reads secrets.
    #[must_use]
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::config::Builder::from(&self.config);
        let [_, _, endpoint] = self.endpoints.clone();
        aws_sdk_ssm::Client::from_conf(build_config!(config, endpoint))
    }
}

/// Says in one line why a call failed: AWS's code and message, else the innermost reason. Neither
/// repeats what was sent.
pub(super) fn describe_failure<E, R>(operation: &str, error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug + 'static,
{
    let reason = match (error.code(), error.message()) {
        (Some(code), message) => format!("{code}: {}", message.unwrap_or_default()),
        (None, _) => {
            let mut reason: &dyn std::error::Error = error;
            while let Some(inner) = (*reason).source() {
                reason = inner;
            }
            reason.to_string()
        }
    };
    printable::line(&format!("{operation}: {reason}"), SHORT)
}

/// Our HTTP client as AWS's crates take it.
#[derive(Clone)]
struct Connector {
    client: reqwest::Client,
    timeout: Duration,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl Connector {
    fn new(lookup: &Lookup<'_>, times: CallTimes) -> Result<Self, SettingsError> {
        let refuse = |error: &dyn fmt::Display| SettingsError::Invalid {
            name: "SSL_CERT_FILE",
            reason: format!("gives no HTTP client: {error}"),
        };
        let (roots, _) = load_roots(&|name| lookup(name).map(Into::into));
        let tls = tls_config(roots).map_err(|error| refuse(&error))?;
        let options = ClientOptions {
            user_agent: concat!("padel-slack/", env!("CARGO_PKG_VERSION")),
            connect_timeout: Some(times.connect),
            idle: Some(IDLE),
            ..ClientOptions::default()
        };
        let client = build_client(&tls, None, &options).map_err(|error| refuse(&error))?;
        Ok(Self {
            client,
            timeout: times.connect + times.read,
        })
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = from_smithy(request, self.timeout)?;
        // DynamoDB's checksum is of the packed bytes, and answers are small.
        let plain = HeaderValue::from_static("identity");
        request.headers_mut().insert(ACCEPT_ENCODING, plain);
        let explain = |error: reqwest::Error| {
            if error.is_timeout() {
                ConnectorError::timeout(error.into())
            } else {
                ConnectorError::io(error.into())
            }
        };
        let response = self.client.execute(request).await.map_err(explain)?;
        let (status, headers) = (response.status(), response.headers().clone());
        match read_body(response, LARGEST_ANSWER).await {
            Ok(body) => to_smithy(status, headers, body),
            Err(http_edge::BodyError::Broken(error)) => Err(explain(error)),
            Err(_) => Err(ConnectorError::user("too large an answer".into())),
        }
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            timeout: smithy_timeout(settings, self.timeout),
            ..self.clone()
        })
    }
}
