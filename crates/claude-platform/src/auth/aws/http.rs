//! Our HTTP client as the one of AWS's credential chain: the same roots, proxies and TLS, and no
//! second HTTP stack.

use std::{fmt, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use http_edge::{BodyError, from_smithy, read_body, smithy_timeout, to_smithy};
use reqwest::Url;

use crate::{
    Kind,
    connections::{Connections, SendError},
};

/// No answer with credentials is larger; an endless one would fill the memory.
const ANSWER_LIMIT: usize = 1024 * 1024;
/// Of one request, where AWS's crates set no time themselves.
const LONGEST: Duration = Duration::from_secs(30);

/// A connector, and the maker of it.
#[derive(Clone)]
pub(crate) struct AwsHttp {
    connections: Connections,
    /// Of one request with its answer.
    timeout: Duration,
}

impl AwsHttp {
    pub(crate) fn new(connections: Connections) -> Self {
        Self {
            connections,
            timeout: LONGEST,
        }
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = from_smithy(request, self.timeout)?;
        let url = request.url().clone();
        let response = match self.connections.execute(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.to_connector_error(error, &url).await),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match read_body(response, ANSWER_LIMIT).await {
            Ok(body) => body,
            Err(BodyError::Broken(error)) => {
                return Err(self.to_connector_error(SendError::Http(error), &url).await);
            }
            Err(error) => {
                let error = self
                    .connections
                    .explain_body(error, ANSWER_LIMIT, &url)
                    .await;
                return Err(ConnectorError::user(error.into()));
            }
        };
        to_smithy(status, headers, body)
    }

    async fn to_connector_error(&self, error: SendError, url: &Url) -> ConnectorError {
        let error = self.connections.explain(error, url).await;
        match error.kind {
            Kind::Timeout => ConnectorError::timeout(error.into()),
            Kind::Config => ConnectorError::user(error.into()),
            _ => ConnectorError::io(error.into()),
        }
    }
}

/// A proxy's password is in it.
impl fmt::Debug for AwsHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsHttp")
    }
}

impl HttpConnector for AwsHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl HttpClient for AwsHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            timeout: smithy_timeout(settings, LONGEST),
            ..self.clone()
        })
    }
}
