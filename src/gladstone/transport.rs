//! One exchange with the portal: a GET with retries and redirects on the same host, or a sign-in
//! that is sent once. Bounds bodies and waits. Knows no endpoint.

use std::{cell::Cell, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use http_edge::{
    BeforeSending, BodyError, Cause, ClientOptions, InvalidProxy, PROXY_FORM, Proxy, ProxyTrouble,
    Source, ask_for_reason, build_client, find_cause, find_route, load_roots, name_proxy,
    read_body, read_date, read_wait, tls_config,
};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{self, HeaderMap},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};

use super::{
    body,
    cookies::Received,
    failure::Failure,
    identity::Identity,
    redirect::{elsewhere, location, shown_url},
    retry::{self, Trouble},
    status::{self, Refusal},
    times::Clocks,
};
use crate::{
    config::{Club, Environment},
    error::{Code, Error},
    limits,
    log::Log,
    zone::Zone,
};

/// The most redirects of one GET.
const REDIRECTS: usize = 5;
/// How long before the command's deadline a proxy that stays silent is given up: the deadline
/// itself could not name it.
const BEFORE_DEADLINE: Duration = Duration::from_millis(100);
/// Product and version, which every request names.
const USER_AGENT: &str = concat!("padel/", env!("CARGO_PKG_VERSION"));

/// A try that brought no success, and what another one may bring.
type Failed = (Failure, Option<Trouble>);

/// A request that is sent once and never again: its answer counts whatever its status is.
pub(super) struct Post<'a> {
    pub(super) method: Method,
    /// With a query or without; the query may hold the password, and is told nowhere.
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) headers: Identity,
    pub(super) body: SecretString,
}

/// The answer to a [`Post`]. Redirects are not followed: what was posted goes to the club's own
/// host only.
pub(super) struct Posted {
    pub(super) status: StatusCode,
    /// The header `Location` of a redirect.
    pub(super) location: Option<Url>,
    /// The same as it came, with what is behind its `#`; it may hold a token.
    pub(super) target: String,
    pub(super) reply: Reply,
    /// What the status says where it is not about the password.
    pub(super) trouble: Option<Failure>,
}

/// A successful answer.
pub(super) struct Reply {
    /// The path that was asked, for messages.
    pub(super) endpoint: String,
    /// The whole body, decompressed.
    pub(super) body: Vec<u8>,
    /// Cookies that were set on the way.
    pub(super) cookies: Received,
    /// The path of the page that redirects led to.
    pub(super) landed: String,
    /// The portal's clock, from the header `Date`.
    pub(super) date: Option<DateTime<Utc>>,
    /// Where it is told what cannot be read of it.
    pub(super) log: Log,
}

/// Everything that requests share.
pub(super) struct Transport {
    client: Client,
    /// For the connection of a [`Post`].
    tls: rustls::ClientConfig,
    proxy: Option<Proxy>,
    trust_warnings: Vec<String>,
    base: Url,
    host: String,
    zone: Zone,
    now: DateTime<Utc>,
    deadline: Instant,
    log: Log,
    started: Instant,
    /// How far this machine's clock is ahead of the portal's, by its last answer.
    ahead: Cell<Option<TimeDelta>>,
}

impl Transport {
    /// Makes the client for one club. `deadline` ends waits; cutting off requests at it is the
    /// caller's business.
    ///
    /// # Errors
    ///
    /// `config_invalid` when the proxy's variable holds no proxy's address; `internal` when the
    /// client cannot be made.
    pub(super) fn new(
        club: &Club,
        env: &Environment,
        zone: Zone,
        now: DateTime<Utc>,
        deadline: Instant,
        log: Log,
    ) -> Result<Self, Error> {
        let variables = |name: &str| env.get(name).map(Into::into);
        // Plain http is to this machine: it needs no roots, which take a millisecond to read.
        let (roots, sources) = if club.base().scheme() == "http" {
            (rustls::RootCertStore::empty(), Vec::new())
        } else {
            load_roots(&variables)
        };
        let trust_warnings = sources.iter().filter_map(Source::warning).collect();
        let tls = tls_config(roots).map_err(|error| no_client(&error))?;
        let invalid =
            |error: InvalidProxy| Error::new(Code::ConfigInvalid, error.to_string(), PROXY_FORM);
        let route = find_route(club.base(), &variables).map_err(invalid)?;
        let proxy = route.into_proxy();
        let client = build_client(&tls, proxy.as_ref(), &client_options(&proxy, deadline))
            .map_err(|error| no_client(&error))?;
        Ok(Self {
            client,
            tls,
            proxy,
            trust_warnings,
            base: club.base().clone(),
            host: club.host().to_owned(),
            zone,
            now,
            deadline,
            log,
            started: Instant::now(),
            ahead: Cell::default(),
        })
    }

    /// When the command gives up.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The portal's host name.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// What is wrong with the trusted certificates that the environment names.
    pub(super) fn trust_warnings(&self) -> &[String] {
        &self.trust_warnings
    }

    /// How far this machine's clock is ahead of the portal's, where the portal has told its time.
    pub(super) fn ahead(&self) -> Option<TimeDelta> {
        self.ahead.get()
    }

    /// GETs `path`, with retries as [`retry::wait`] has them.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        identity: &Identity,
    ) -> Result<Reply, Failure> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.get_with_retries(&url, &url, identity).await
    }

    /// GETs the page on this host that an answer leads to. What a portal hands on in a query may be
    /// a token.
    pub(super) async fn get_page(
        &self,
        target: &Url,
        identity: &Identity,
    ) -> Result<Reply, Failure> {
        self.get_with_retries(target, &shown_url(target), identity)
            .await
    }

    /// GETs `url`, which messages call `shown`.
    async fn get_with_retries(
        &self,
        url: &Url,
        shown: &Url,
        identity: &Identity,
    ) -> Result<Reply, Failure> {
        let (mut tries, mut refusals) = (0, 0);
        // As in a browser, also what a failed try has set.
        let mut cookies = Received::after(identity.own_cookies().clone());
        loop {
            tries += 1;
            let outcome = self
                .get_once(url.clone(), shown.clone(), identity, &mut cookies)
                .await;
            let (mut failure, trouble) = match outcome {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if let Failure::Refused { times, .. } = &mut failure {
                refusals += 1;
                *times = refusals;
            }
            if !self.wait_for_retry(&failure, trouble, tries).await {
                return Err(failure);
            }
        }
    }

    /// Waits for the next try; `false` where there is to be none.
    async fn wait_for_retry(
        &self,
        failure: &Failure,
        trouble: Option<Trouble>,
        tries: u32,
    ) -> bool {
        let Some(wait) = trouble.and_then(|trouble| retry::wait(trouble, tries, fastrand::f64()))
        else {
            return false;
        };
        // A host may state any number of seconds, also more than a clock can count.
        let again = Instant::now().checked_add(wait);
        if again.is_none_or(|again| again >= self.deadline) {
            self.log.decision(|| {
                let seconds = wait.as_secs();
                format!("not tried again: {seconds} s to wait is past the deadline")
            });
            return false;
        }
        self.log
            .decision(|| format!("tried again in {} ms: {failure}", wait.as_millis()));
        sleep(wait).await;
        true
    }

    /// Makes the address of a path, which may have a query.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Sends `post` once, over a connection of its own: one that was kept may be closed already,
    /// and then nobody knows what the host has read. `before` is called when that connection is
    /// there.
    pub(super) async fn post(
        &self,
        post: Post<'_>,
        before: BeforeSending,
    ) -> Result<Posted, Failure> {
        let (url, started) = (self.url(post.path), Instant::now());
        let options = ClientOptions {
            before_sending: Some(before),
            ..client_options(&self.proxy, self.deadline)
        };
        let client = build_client(&self.tls, self.proxy.as_ref(), &options)
            .map_err(|error| self.explain_error(&error).0)?;
        let cookies = post.headers.own_cookies();
        let request = client
            .request(post.method.clone(), url.clone())
            .header(header::ACCEPT, "application/json");
        let own = post.headers.headers(cookies, &url, self.now);
        let request = match post.method {
            // The credentials are in its headers or its query.
            Method::GET => request.headers(own),
            _ => request
                .header(header::CONTENT_TYPE, post.content_type)
                .headers(own)
                .body(post.body.expose_secret().to_owned()),
        };
        let response = self.send_once_connected(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let endpoint = url.path().to_owned();
        let body = self
            .read_body(response, &endpoint)
            .await
            .map_err(|(failure, _)| failure)?;
        self.log.request(|| {
            let (method, shown, size) = (&post.method, shown_url(&url), body.len());
            let elapsed = started.elapsed().as_millis();
            format!("{method} {shown} -> {status}, {size} bytes, {elapsed} ms")
        });
        let location = location(&headers, &url).filter(|_| status.is_redirection());
        if let Some(target) = location
            .as_ref()
            .filter(|target| target.origin() != url.origin())
        {
            return Err(elsewhere(&endpoint, target));
        }
        let is_trouble = headers.contains_key(status::DENY_REASON)
            || matches!(status.as_u16(), 407 | 408 | 429 | 500..=599);
        let trouble = is_trouble.then(|| self.judge_status(&endpoint, status, &headers, &body).0);
        let mut received = Received::after(cookies.clone());
        let date = read_date(&headers);
        received.take(&headers, &url, self.clocks(date));
        let target = headers
            .get(header::LOCATION)
            .map(|target| String::from_utf8_lossy(target.as_bytes()).into_owned());
        Ok(Posted {
            status,
            location,
            target: target.unwrap_or_default(),
            reply: Reply {
                landed: endpoint.clone(),
                endpoint,
                body,
                cookies: received,
                date,
                log: self.log,
            },
            trouble,
        })
    }

    /// Sends a request once; tries again only where there was no connection to send it over.
    async fn send_once_connected(&self, mut request: RequestBuilder) -> Result<Response, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let again = request.try_clone();
            let error = match request.send().await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let (failure, trouble) = self.explain_no_answer(&error).await;
            let trouble = trouble.filter(|_| error.is_connect());
            match again {
                Some(again) if self.wait_for_retry(&failure, trouble, tries).await => {
                    request = again;
                }
                _ => return Err(failure),
            }
        }
    }

    /// Makes one try, redirects on the same host included.
    async fn get_once(
        &self,
        mut url: Url,
        mut shown: Url,
        identity: &Identity,
        cookies: &mut Received,
    ) -> Result<Reply, Failed> {
        let endpoint = shown.path().to_owned();
        for _ in 0..=REDIRECTS {
            let started = Instant::now();
            // Redirected on the way to a session: the next step must show what those before it set.
            let request = self
                .client
                .get(url.clone())
                .header(header::ACCEPT, "application/json")
                .headers(identity.headers(&cookies.all, &url, self.now));
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => return Err(self.explain_no_answer(&error).await),
            };
            let (status, headers) = (response.status(), response.headers().clone());
            let date = read_date(&headers);
            cookies.take(&headers, &url, self.clocks(date));
            if status.is_redirection()
                && let Some(target) = location(&headers, &url)
            {
                let from = std::mem::replace(&mut shown, shown_url(&target));
                self.log
                    .request(|| format!("GET {from} -> {status}, on to {shown}"));
                if target.origin() != url.origin() {
                    return Err((elsewhere(&endpoint, &target), None));
                }
                url = target;
                continue;
            }
            let body = self.read_body(response, &endpoint).await?;
            self.log.request(|| {
                let (size, elapsed) = (body.len(), started.elapsed().as_millis());
                format!("GET {shown} -> {status}, {size} bytes, {elapsed} ms")
            });
            if !status.is_success() {
                return Err(self.judge_status(&endpoint, status, &headers, &body));
            }
            self.compare_clocks(&headers);
            return Ok(Reply {
                endpoint,
                body,
                cookies: std::mem::take(cookies),
                landed: url.path().to_owned(),
                date,
                log: self.log,
            });
        }
        let got = "one redirect after the other";
        Err((Failure::changed(&endpoint, "an answer", got, ""), None))
    }

    async fn read_body(&self, response: Response, endpoint: &str) -> Result<Vec<u8>, Failed> {
        match read_body(response, body::LIMIT).await {
            Ok(body) => match body::check_count(&body, endpoint) {
                Ok(()) => Ok(body),
                Err(failure) => Err((failure, None)),
            },
            Err(BodyError::Broken(error)) => Err(self.explain_error(&error)),
            Err(BodyError::TooLarge) => {
                let most = "at most 64 MiB";
                Err((Failure::changed(endpoint, most, "more than that", ""), None))
            }
            Err(BodyError::Packed(error)) => {
                let failure = Failure::Network {
                    host: self.host.clone(),
                    reason: format!("its answer cannot be unpacked ({error})"),
                    passing: true,
                };
                Err((failure, Some(Trouble::Connection)))
            }
        }
    }

    fn clocks(&self, portals: Option<DateTime<Utc>>) -> Clocks {
        Clocks {
            ours: self.now,
            portals,
        }
    }

    /// Holds this machine's clock against the portal's. What lay in a cache on the way says by
    /// `Age` for how long.
    fn compare_clocks(&self, headers: &HeaderMap) {
        let age = headers
            .get(header::AGE)
            .and_then(|age| age.to_str().ok()?.parse::<u32>().ok())
            .unwrap_or(0);
        let now = TimeDelta::from_std(self.started.elapsed()).map(|elapsed| self.now + elapsed);
        if let (Some(date), Ok(now)) = (read_date(headers), now) {
            self.ahead
                .set(Some(now - date - TimeDelta::seconds(age.into())));
        }
    }

    /// Explains a connection that was not made, or broke off.
    fn explain_error(&self, error: &reqwest::Error) -> Failed {
        if let Some(limit) = limits::find_limit(error, "no connection could be made") {
            return (Failure::Settings(Box::new(limit)), None);
        }
        let cause = find_cause(error, self.proxy.as_ref(), &self.trust_warnings);
        let may_pass = cause.may_pass();
        let host = self.host.clone();
        let failure = match cause {
            Cause::UnknownHost => Failure::UnknownHost { host },
            Cause::Proxy(trouble) => self.proxy_failure(trouble),
            Cause::Connection { reason, passing } => Failure::Network {
                host,
                reason,
                passing,
            },
        };
        (failure, may_pass.then_some(Trouble::Connection))
    }

    /// Explains a request that was not answered: a proxy that refuses is asked why.
    async fn explain_no_answer(&self, error: &reqwest::Error) -> Failed {
        let (failure, trouble) = self.explain_error(error);
        let (
            Failure::Proxy {
                trouble: ProxyTrouble::Refuses(None),
                ..
            },
            Some(proxy),
        ) = (&failure, &self.proxy)
        else {
            return (failure, trouble);
        };
        self.log
            .decision(|| "the proxy refuses: asked once more for its reason".to_owned());
        let port = self.base.port_or_known_default().unwrap_or(443);
        let Some(refusal) = ask_for_reason(proxy, &self.host, port).await else {
            return (failure, trouble);
        };
        let trouble = match refusal.status.as_u16() {
            200..=299 => Some(Trouble::Connection),
            status @ (408 | 429 | 500..=599) => {
                let stated = read_wait(&refusal.headers, self.now);
                Some(Trouble::Status(status, stated))
            }
            _ => None,
        };
        (self.proxy_failure(refusal.explain(proxy)), trouble)
    }

    fn proxy_failure(&self, trouble: ProxyTrouble) -> Failure {
        Failure::Proxy {
            host: self.host.clone(),
            proxy: name_proxy(self.proxy.as_ref()),
            trouble,
        }
    }

    /// Returns what an answer that is no success means.
    fn judge_status(
        &self,
        endpoint: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Failed {
        let stated = read_wait(headers, self.now);
        let retry_at =
            stated.and_then(|wait| self.now.checked_add_signed(TimeDelta::from_std(wait).ok()?));
        let refusal = Refusal {
            host: &self.host,
            endpoint,
            proxy: self.proxy.as_ref(),
            status,
            headers,
            body,
            retry_at: retry_at.map(|at| at.with_timezone(&self.zone)),
        };
        let failure = refusal.explain();
        let trouble = match failure {
            // Not the portal's answer: what it says does not pass.
            Failure::Proxy { .. } => None,
            _ => Some(Trouble::Status(status.as_u16(), stated)),
        };
        (failure, trouble)
    }
}

fn no_client(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        Code::Internal,
        format!("the HTTP client could not be made ({error})"),
        "look at the proxy variables with `padel doctor`",
    )
}

fn client_options(proxy: &Option<Proxy>, deadline: Instant) -> ClientOptions {
    ClientOptions {
        user_agent: USER_AGENT,
        connect_deadline: proxy
            .as_ref()
            .and_then(|_| deadline.checked_sub(BEFORE_DEADLINE)),
        ..ClientOptions::default()
    }
}
