//! The client: sends requests, again where nothing can have happened, and reads answers.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, Kind, Settings, request::Request};

/// One request that was sent, for logs. Holds no secret and no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Such as `POST`.
    pub method: String,
    /// The host that it went to, which is another one when an identity token is fetched.
    pub host: String,
    /// The encoded path.
    pub path: String,
    /// The answer's status; none when no answer came.
    pub status: Option<u16>,
    /// From the first byte sent to the last one read.
    pub elapsed: Duration,
    /// The service's `request-id`.
    pub request_id: Option<String>,
}

/// Called after every exchange.
pub(crate) type Observer = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// A client of the platform; clones share everything. `Debug` shows [`Settings::describe`] only.
#[derive(Clone)]
pub struct Client {
    settings: Settings,
    observer: Option<Observer>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.settings.describe())
    }
}

/// One page of a list.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
pub(crate) struct Page<T> {
    pub(crate) data: Vec<T>,
    #[serde(default)]
    next_page: Option<String>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when the HTTP client cannot be made, [`Kind::Credentials`] when a key cannot be sent.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Self { settings, observer: None })
    }

    /// Calls `observer` after every exchange, failed ones and those for tokens included.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Fn(&Exchange) + Send + Sync>) -> Self {
        self.observer = Some(observer);
        self
    }

    pub(crate) async fn bytes(&self, request: &Request) -> Result<Bytes, Error> {
        let _ = (
            &self.observer,
            request.target(),
            &request.beta,
            request.accept,
            &request.body,
            request.action,
            request.limit,
        );
        Err(Error::early(Kind::Config, "not yet").of(&request.operation()))
    }

    pub(crate) async fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let body = self.bytes(request).await?;
        serde_json::from_slice(&body).map_err(|error| Error::early(Kind::Malformed, error.to_string()))
    }

    pub(crate) async fn page<T: DeserializeOwned>(&self, request: &Request) -> Result<Page<T>, Error> {
        self.json(request).await
    }

    pub(crate) async fn all<T: DeserializeOwned>(&self, request: Request) -> Result<Vec<T>, Error> {
        let page = self.page(&request).await?;
        let _ = page.next_page;
        Ok(page.data)
    }
}
