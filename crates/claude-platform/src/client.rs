//! The client: sends requests, again where that is safe, and reads answers and pages of them.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use reqwest::{
    Method, Url,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Error, Exchange, Kind, Limits, Settings,
    auth::{Auth, Login},
    request::Request,
    retry::RetryState,
    text,
    transport::{Answer, RequestFacts, Transport},
};

/// The API's version (recorded).
const API_VERSION: &str = "2026-10-21";
/// Items that are asked for per page; every list allows it (documented).
const PAGE_SIZE: u32 = 100;
/// The most pages of one list, and the most bytes of all of them: a service that never ends is out
/// of order.
const PAGES: usize = 1000;
const LIST_LIMIT: usize = 64 * 1024 * 1024;

/// A client of the platform; clones share connections and tokens. `Debug` shows
/// [`Settings::describe`] only.
#[derive(Clone)]
pub struct Client {
    settings: Settings,
    auth: Arc<Auth>,
    transport: Transport,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.settings.describe())
    }
}

/// One page of a list.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    /// The next page, if there is one.
    next_page: Option<String>,
}

impl Client {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when the HTTP client cannot be made, [`Kind::Credentials`] when a key
    /// cannot be sent.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let auth = Arc::new(Auth::new(&settings.login)?);
        let transport = Transport::new(settings.limits, &settings.network)?;
        Ok(Self {
            settings,
            auth,
            transport,
        })
    }

    /// Calls `observer` after every exchange, failed ones and those for tokens included.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Fn(&Exchange) + Send + Sync>) -> Self {
        self.transport.observer = Some(observer);
        self
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// Sends a request for a body.
    pub(crate) async fn fetch_bytes(&self, request: &Request) -> Result<Bytes, Error> {
        Ok(self.send_with_retries(request).await?.body)
    }

    /// Sends a request for JSON.
    pub(crate) async fn fetch_json<T: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<T, Error> {
        parse_json(self.send_with_retries(request).await?, request, None)
            .map_err(|error| self.add_hint(error))
    }

    /// Sends a request about the object `id` for that object.
    pub(crate) async fn fetch_object<T: DeserializeOwned>(
        &self,
        request: &Request,
        id: &str,
    ) -> Result<T, Error> {
        parse_json(self.send_with_retries(request).await?, request, Some(id))
            .map_err(|error| self.add_hint(error))
    }

    /// Deletes something, and wants the answer to name it, if it names anything.
    pub(crate) async fn send_delete(&self, request: &Request, id: &str) -> Result<(), Error> {
        let body = self.fetch_bytes(request).await?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        match answer.get("id").and_then(Value::as_str) {
            Some(answered) => check_id(request, id, answered),
            None => Ok(()),
        }
    }

    /// Sends a request as often as is safe.
    pub(crate) async fn send_with_retries(&self, request: &Request) -> Result<Answer, Error> {
        let operation = request.operation();
        let facts = RequestFacts {
            operation: &operation,
            limit: request.limit,
            streams: request.streams,
            secrets: request.secrets.clone(),
        };
        let mut retries = RetryState::new(self.settings.limits, request.method.clone());
        let mut renewed = false;
        loop {
            let mut attempt = self
                .build_attempt(request)
                .map_err(|error| error.of_operation(&operation))?;
            self.auth
                .authorize(&mut attempt, &self.transport)
                .await
                .map_err(|error| self.add_hint(error.of_operation(&operation)))?;
            let shown = attempt.headers().get(AUTHORIZATION).cloned();
            let mut error = match self.transport.exchange(attempt, &facts).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // A rejected request was not carried out; a fresh token gets one chance.
            if error.kind == Kind::Rejected
                && !renewed
                && self.auth.renew_after(shown.as_ref()).await
            {
                renewed = true;
                continue;
            }
            if retries.already_deleted(&error) {
                return Ok(Answer {
                    status: error.status,
                    request_id: error.request_id,
                    body: Bytes::new(),
                    ..Answer::default()
                });
            }
            // Only AWS has the header, and actions to allow.
            if error.kind == Kind::Denied && self.settings.workspace.is_some() {
                error.action = Some(request.action).filter(|action| !action.is_empty());
            }
            retries
                .wait_or_fail(error)
                .await
                .map_err(|error| self.add_hint(error))?;
        }
    }

    /// Adds a hint at the variable that may be wrong.
    fn add_hint(&self, error: Error) -> Error {
        if error.hint().is_some() {
            return error;
        }
        let Settings {
            base,
            base_variable,
            login,
            workspace,
            ..
        } = &self.settings;
        let hint = match (error.kind, login, base_variable) {
            (Kind::Rejected, Login::Bearer(variable, _), _) => {
                format!("look whether {variable} is whole, current and meant for this address")
            }
            (Kind::Rejected, Login::Signature(account), _) => format!(
                "look whether AWS's credentials are current, at AWS_REGION (`{}`), and at this \
                    machine's clock",
                account.region
            ),
            (Kind::Connect, _, Some(variable)) => {
                format!(
                    "look at {variable}, the network and the proxy: the address is `{}`",
                    base.origin().ascii_serialization()
                )
            }
            (Kind::Config | Kind::Malformed, _, Some(variable)) => {
                format!("look whether {variable} is the platform's address")
            }
            (Kind::NotFound, _, Some(variable)) if base.path() != "/" => {
                format!("look at the id, and at the path of {variable}")
            }
            (Kind::NotFound, ..) if workspace.is_some() => {
                "look at the id, and whether it is of the workspace that \
                    ANTHROPIC_AWS_WORKSPACE_ID names"
                    .to_owned()
            }
            _ => return error,
        };
        error.with_hint(hint)
    }

    /// Fetches the items of one page.
    pub(crate) async fn fetch_page<T: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<Vec<T>, Error> {
        Ok(self.fetch_json::<Page<T>>(request).await?.data)
    }

    /// Fetches the items of all pages.
    pub(crate) async fn fetch_all<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<Vec<T>, Error> {
        self.fetch_up_to(request, |_| true, |_| false).await
    }

    /// Fetches the items of all pages up to the one that holds an item that `is_last`; keeps those
    /// that are `wanted`, so that a long list needs the memory of one page.
    pub(crate) async fn fetch_up_to<T: DeserializeOwned>(
        &self,
        request: Request,
        wanted: impl Fn(&T) -> bool,
        is_last: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Error> {
        let first = request.with_query("limit", &PAGE_SIZE.to_string());
        let (mut items, mut request, mut left) = (Vec::new(), first.clone(), LIST_LIMIT);
        let endless =
            |what: String| Error::new(Kind::Malformed, what).of_operation(&first.operation());
        for _ in 0..PAGES {
            let answer = self.send_with_retries(&request).await?;
            let too_large = || endless(format!("the list is larger than {} MiB", LIST_LIMIT >> 20));
            left = left.checked_sub(answer.body.len()).ok_or_else(too_large)?;
            let page: Page<T> =
                parse_json(answer, &request, None).map_err(|error| self.add_hint(error))?;
            let is_enough = page.data.iter().any(&is_last);
            items.extend(page.data.into_iter().filter(|item| wanted(item)));
            let Some(next) = page.next_page.filter(|next| !next.is_empty() && !is_enough) else {
                return Ok(items);
            };
            request = first.clone().with_query("page", &next);
        }
        Err(endless(format!("the list has more than {PAGES} pages")))
    }

    /// Builds the request as it goes out, but for who we are.
    fn build_attempt(&self, request: &Request) -> Result<reqwest::Request, Error> {
        let base = self.settings.base.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}{}", request.target()));
        let url = url.map_err(|error| {
            Error::new(
                Kind::Config,
                format!("no request can be addressed: {error}"),
            )
        })?;
        let mut attempt = reqwest::Request::new(request.method.clone(), url);
        let headers = attempt.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(request.accept));
        headers.insert("anthropic-version", HeaderValue::from_static(API_VERSION));
        if let Some(beta) = request.beta {
            headers.insert("anthropic-beta", HeaderValue::from_static(beta));
        }
        if request.streams {
            // Packed events would wait for more of them.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(workspace) = &self.settings.workspace {
            headers.insert("anthropic-workspace-id", workspace.clone());
        }
        if let Some((content_type, body)) = &request.body {
            let content_type = HeaderValue::try_from(content_type.as_str());
            headers.insert(
                CONTENT_TYPE,
                content_type.map_err(|error| Error::new(Kind::Invalid, error.to_string()))?,
            );
            *attempt.body_mut() = Some(body.clone().into());
        } else if request.method == Method::POST {
            // Left out for no body otherwise, and a front end may insist on it (RFC 9110, 8.6).
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(attempt)
    }
}

/// Reads an answer as JSON, without the request's secrets, and wants it to be about the object
/// `asked`.
fn parse_json<T: DeserializeOwned>(
    answer: Answer,
    request: &Request,
    asked: Option<&str>,
) -> Result<T, Error> {
    let Answer {
        status,
        request_id,
        body,
        secrets,
        ..
    } = answer;
    let malformed = |error: serde_json::Error| {
        let reason = secrets.clean_line(&error.to_string(), text::SHORT);
        let error = Error::new(
            Kind::Malformed,
            format!("the answer is not what was expected: {reason}"),
        );
        Error {
            status,
            request_id: request_id.clone(),
            ..error.of_operation(&request.operation())
        }
    };
    let mut value: Value = serde_json::from_slice(&body).map_err(malformed)?;
    secrets.clean_json(&mut value);
    let answered = value.get("id").and_then(Value::as_str);
    if let (Some(asked), Some(answered)) = (asked, answered) {
        check_id(request, asked, answered)?;
    }
    serde_json::from_value(value).map_err(malformed)
}

/// Refuses an answer about something else than was asked for: what follows would change that.
pub(crate) fn check_id(request: &Request, asked: &str, answered: &str) -> Result<(), Error> {
    if asked == answered {
        return Ok(());
    }
    let (asked, answered) = (
        text::line(asked, text::SHORT),
        text::line(answered, text::SHORT),
    );
    let message = format!("the answer is about `{answered}`, not about `{asked}`");
    Err(Error::new(Kind::Malformed, message).of_operation(&request.operation()))
}
