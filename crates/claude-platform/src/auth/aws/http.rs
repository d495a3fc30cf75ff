//! Our HTTP client as the one of AWS's credential chain: the same roots, proxies and TLS, and no
//! second HTTP stack.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::{connections::Connections, transport};

/// No answer with credentials is larger; an endless one would fill the memory.
const ANSWER_LIMIT: usize = 1024 * 1024;
/// Of one request, where AWS's crates set no time themselves.
const LONGEST: Duration = Duration::from_secs(30);

/// A connector, and the maker of it.
#[derive(Debug, Clone)]
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
        let (parts, body) = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?
            .into_parts();
        let body = body
            .bytes()
            .map(Bytes::copy_from_slice)
            .ok_or_else(|| ConnectorError::user("a stream".into()))?;
        let request = reqwest::Request::try_from(http::Request::from_parts(parts, body));
        let mut request = request.map_err(|error| ConnectorError::user(error.into()))?;
        *request.timeout_mut() = Some(self.timeout);
        let response = self.connections.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = transport::body(response, ANSWER_LIMIT)
            .await
            .map_err(failed)?;
        let body = body.ok_or_else(|| {
            ConnectorError::user(
                format!("the answer is larger than {} MiB", ANSWER_LIMIT >> 20).into(),
            )
        })?;
        let mut answer = http::Response::new(SdkBody::from(body));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
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
        let times = [settings.connect_timeout(), settings.read_timeout()];
        let timeout = times
            .into_iter()
            .flatten()
            .reduce(|a, b| a + b)
            .unwrap_or(LONGEST)
            .min(LONGEST);
        SharedHttpConnector::new(Self {
            timeout,
            ..self.clone()
        })
    }
}

fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
