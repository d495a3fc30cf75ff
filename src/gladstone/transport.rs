//! One exchange with the portal: a GET with retries and redirects on the same host, or a sign-in
//! that is sent once. Bounds bodies and waits. Knows no endpoint.

use std::cell::Cell;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{
    Method, Response, StatusCode, Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};

use super::{
    body::{self, refuser},
    cookies::{Jar, Received},
    failure::{Failure, ProxyTrouble},
    proxy::{self, Proxy},
    redirect::{elsewhere, location, shown_url},
    resolver::Resolver,
    retry::{self, Trouble},
    sending::BeforeSending,
    times::Clocks,
    trust, tunnel, waits,
};
use crate::{
    config::{Club, Environment},
    error::{Code, Error},
    log::Log,
    text,
    zone::Zone,
};

/// The most redirects of one GET.
const REDIRECTS: usize = 5;
/// In which a sandbox's egress proxy says why it refuses.
const DENY_REASON: HeaderName = HeaderName::from_static("x-deny-reason");

/// What a request carries to show which session it belongs to. Sensitive values, so no `Debug`.
#[derive(Clone, Default)]
pub(super) struct Identity {
    headers: HeaderMap,
    cookies: Jar,
}

impl Identity {
    /// Cookies. Values that no header can carry are left out, and the portal will say 401.
    pub(super) fn cookies(cookies: &Jar) -> Self {
        Self {
            cookies: cookies.clone(),
            ..Self::default()
        }
    }

    /// A token of any kind.
    pub(super) fn bearer(token: &str) -> Self {
        Self::default().with(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// The same with these cookies.
    pub(super) fn with_cookies(self, cookies: &Jar) -> Self {
        Self {
            cookies: cookies.clone(),
            ..self
        }
    }

    /// The headers of a request for `url` that carries `cookies`.
    fn headers(&self, cookies: &Jar, url: &Url, now: DateTime<Utc>) -> HeaderMap {
        let mut headers = self.headers.clone();
        // A header of the profile's own counts.
        if let (false, Some(line)) = (
            headers.contains_key(header::COOKIE),
            cookies.header(url, now),
        ) {
            headers.insert(header::COOKIE, line);
        }
        headers
    }

    /// One more header; `None` where none can carry the value.
    pub(super) fn with_bytes(
        mut self,
        name: impl TryInto<HeaderName>,
        value: &[u8],
    ) -> Option<Self> {
        let (name, mut value) = (name.try_into().ok()?, HeaderValue::from_bytes(value).ok()?);
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Some(self)
    }

    /// The value of a header.
    #[cfg(test)]
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(HeaderValue::as_bytes)
    }

    /// One more header.
    pub(super) fn with(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        if let (Ok(name), Ok(mut value)) = (name.try_into(), HeaderValue::try_from(value)) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }
}

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
    client: reqwest::Client,
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
    /// A client for one club. `deadline` ends waits; cutting off requests at it is the caller's
    /// business.
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
        let internal = |error: &dyn std::fmt::Display| {
            Error::new(
                Code::Internal,
                format!("the HTTP client could not be made ({error})"),
                "look at the proxy variables with `padel doctor`",
            )
        };
        // Plain http is to this machine: it needs no roots, which take a millisecond to read.
        let is_http = club.base().scheme() == "http";
        let (roots, sources) = if is_http {
            (rustls::RootCertStore::empty(), Vec::new())
        } else {
            trust::roots(env)
        };
        let trust_warnings = sources.iter().filter_map(trust::Source::warning).collect();
        let tls = trust::tls(roots).map_err(|error| internal(&error))?;
        let proxy = proxy::route(club, env)?.through();
        let client = build_client(&tls, proxy.as_ref(), None).map_err(|error| internal(&error))?;
        let (base, host) = (club.base().clone(), club.host().to_owned());
        Ok(Self {
            client,
            tls,
            proxy,
            trust_warnings,
            base,
            host,
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
        self.persist(&url, &url, identity).await
    }

    /// The same for the page on this host that an answer leads to. What a portal hands on in a
    /// query may be a token.
    pub(super) async fn go_on(&self, target: &Url, identity: &Identity) -> Result<Reply, Failure> {
        self.persist(target, &shown_url(target), identity).await
    }

    /// GETs `url`, told as `shown`.
    async fn persist(&self, url: &Url, shown: &Url, identity: &Identity) -> Result<Reply, Failure> {
        let (mut tried, mut refused) = (0, 0);
        // As in a browser, also what a failed try has set.
        let mut cookies = Received::after(identity.cookies.clone());
        loop {
            tried += 1;
            let (mut failure, trouble) = match self
                .follow(url.clone(), shown.clone(), identity, &mut cookies)
                .await
            {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if let Failure::Refused { times, .. } = &mut failure {
                refused += 1;
                *times = refused;
            }
            let Some(wait) =
                trouble.and_then(|trouble| retry::wait(trouble, tried, fastrand::f64()))
            else {
                return Err(failure);
            };
            // A host may state any number of seconds, also more than a clock can count.
            if Instant::now()
                .checked_add(wait)
                .is_none_or(|again| again >= self.deadline)
            {
                self.log.decision(|| {
                    format!(
                        "not tried again: {} s to wait is past the deadline",
                        wait.as_secs()
                    )
                });
                return Err(failure);
            }
            self.log
                .decision(|| format!("tried again in {} ms: {failure}", wait.as_millis()));
            sleep(wait).await;
        }
    }

    /// The address of a path, which may have a query.
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
        let client = build_client(&self.tls, self.proxy.as_ref(), Some(before));
        let client = client.map_err(|error| self.broken(&error).0)?;
        let request = client
            .request(post.method.clone(), url.clone())
            .header(header::ACCEPT, "application/json");
        let own = post.headers.headers(&post.headers.cookies, &url, self.now);
        let request = match post.method {
            // The credentials are in its headers or its query.
            Method::GET => request.headers(own),
            _ => request
                .header(header::CONTENT_TYPE, post.content_type)
                .headers(own)
                .body(post.body.expose_secret().to_owned()),
        };
        let response = self.send_once(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let location = location(&headers, &url).filter(|_| status.is_redirection());
        let body = self
            .read(response, url.path())
            .await
            .map_err(|(failure, _)| failure)?;
        self.log.request(|| {
            let (bytes, shown) = (body.len(), shown_url(&url));
            format!(
                "{} {shown} -> {status}, {bytes} bytes, {} ms",
                post.method,
                started.elapsed().as_millis()
            )
        });
        if let Some(target) = location
            .as_ref()
            .filter(|target| target.origin() != url.origin())
        {
            return Err(elsewhere(url.path(), target));
        }
        let is_trouble = headers.contains_key(DENY_REASON)
            || matches!(status.as_u16(), 407 | 408 | 429 | 500..=599);
        let trouble = is_trouble.then(|| {
            self.refused(url.path().to_owned(), status, &headers, &body)
                .0
        });
        let mut cookies = Received::after(post.headers.cookies);
        let date = waits::date(&headers);
        cookies.take(
            &headers,
            &url,
            Clocks {
                ours: self.now,
                portals: date,
            },
        );
        let target = headers
            .get(header::LOCATION)
            .map(|target| String::from_utf8_lossy(target.as_bytes()).into_owned());
        let (endpoint, landed) = (url.path().to_owned(), url.path().to_owned());
        let reply = Reply {
            endpoint,
            body,
            cookies,
            landed,
            date,
            log: self.log,
        };
        Ok(Posted {
            status,
            location,
            target: target.unwrap_or_default(),
            reply,
            trouble,
        })
    }

    /// Sends a request once; tries again only where there was no connection to send it over.
    async fn send_once(&self, mut request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let mut tried = 0;
        loop {
            tried += 1;
            let again = request.try_clone();
            let error = match request.send().await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let (failure, trouble) = self.unreached(&error).await;
            let trouble = trouble.filter(|_| error.is_connect());
            let wait = trouble.and_then(|trouble| retry::wait(trouble, tried, fastrand::f64()));
            match (again, wait) {
                (Some(again), Some(wait)) if Instant::now() + wait < self.deadline => {
                    self.log
                        .decision(|| format!("tried again in {} ms: {failure}", wait.as_millis()));
                    sleep(wait).await;
                    request = again;
                }
                _ => return Err(failure),
            }
        }
    }

    /// One try, redirects on the same host included.
    async fn follow(
        &self,
        mut url: Url,
        mut shown: Url,
        identity: &Identity,
        cookies: &mut Received,
    ) -> Result<Reply, (Failure, Option<Trouble>)> {
        let endpoint = shown.path().to_owned();
        for _ in 0..=REDIRECTS {
            let started = Instant::now();
            // Redirected on the way to a session: the next step must show what those before it set.
            let headers = identity.headers(&cookies.all, &url, self.now);
            let request = self
                .client
                .get(url.clone())
                .header(header::ACCEPT, "application/json")
                .headers(headers);
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => return Err(self.unreached(&error).await),
            };
            let status = response.status();
            let date = waits::date(response.headers());
            cookies.take(
                response.headers(),
                &url,
                Clocks {
                    ours: self.now,
                    portals: date,
                },
            );
            if status.is_redirection()
                && let Some(target) = location(response.headers(), &url)
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
            let headers = response.headers().clone();
            let body = self.read(response, &endpoint).await?;
            self.log.request(|| {
                format!(
                    "GET {shown} -> {status}, {} bytes, {} ms",
                    body.len(),
                    started.elapsed().as_millis()
                )
            });
            if status.is_success() {
                self.compare_clocks(&headers);
                let (cookies, landed) = (std::mem::take(cookies), url.path().to_owned());
                return Ok(Reply {
                    endpoint,
                    body,
                    cookies,
                    landed,
                    date,
                    log: self.log,
                });
            }
            return Err(self.refused(endpoint, status, &headers, &body));
        }
        Err((
            Failure::changed(&endpoint, "an answer", "one redirect after the other", ""),
            None,
        ))
    }

    async fn read(
        &self,
        mut response: Response,
        endpoint: &str,
    ) -> Result<Vec<u8>, (Failure, Option<Trouble>)> {
        let stated = response
            .content_length()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(0);
        let mut body = Vec::with_capacity(stated.min(body::LIMIT));
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(&error))?
        {
            if body.len() + chunk.len() > body::LIMIT {
                return Err((
                    Failure::changed(endpoint, "at most 64 MiB", "more than that", ""),
                    None,
                ));
            }
            body.extend_from_slice(&chunk);
        }
        body::plain(body, endpoint, &self.host).map_err(|failure| {
            let may_pass = matches!(failure, Failure::Network { passing: true, .. });
            (failure, may_pass.then_some(Trouble::Connection))
        })
    }

    /// Holds this machine's clock against the portal's. What lay in a cache on the way says by
    /// `Age` for how long.
    fn compare_clocks(&self, headers: &HeaderMap) {
        let age = headers
            .get(header::AGE)
            .and_then(|age| age.to_str().ok()?.parse::<u32>().ok())
            .unwrap_or(0);
        let now = TimeDelta::from_std(self.started.elapsed()).map(|elapsed| self.now + elapsed);
        if let (Some(date), Ok(now)) = (waits::date(headers), now) {
            self.ahead
                .set(Some(now - date - TimeDelta::seconds(age.into())));
        }
    }

    fn broken(&self, error: &reqwest::Error) -> (Failure, Option<Trouble>) {
        let failure =
            Failure::from_reqwest(error, &self.host, self.proxy.as_ref(), &self.trust_warnings);
        let passing = matches!(
            failure,
            Failure::Network { passing: true, .. }
                | Failure::Proxy {
                    trouble: ProxyTrouble::Fails { passing: true, .. },
                    ..
                }
        );
        (failure, passing.then_some(Trouble::Connection))
    }

    /// The same for a request that was not answered: a proxy that refuses is asked why.
    async fn unreached(&self, error: &reqwest::Error) -> (Failure, Option<Trouble>) {
        let (failure, trouble) = self.broken(error);
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
        match tunnel::ask(proxy, &self.host, port).await {
            None => (failure, trouble),
            Some(answer) => answer.judge(&self.host, proxy, self.now),
        }
    }

    /// What an answer that is no success means.
    fn refused(
        &self,
        endpoint: String,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> (Failure, Option<Trouble>) {
        let host = self.host.clone();
        let stated = waits::stated_wait(headers, self.now);
        let retry_at =
            stated.and_then(|wait| self.now.checked_add_signed(TimeDelta::from_std(wait).ok()?));
        let retry_at = retry_at.map(|at| at.with_timezone(&self.zone));
        let failure = match status.as_u16() {
            401 => Failure::Unauthorized { host },
            403 => match headers.get(DENY_REASON) {
                Some(reason) => {
                    let reason = text::line(&String::from_utf8_lossy(reason.as_bytes()), 80);
                    let reason = self
                        .proxy
                        .as_ref()
                        .map_or(reason.clone(), |proxy| proxy.without_secrets(reason));
                    return (
                        tunnel::judge(status, host, self.proxy.as_ref(), reason),
                        None,
                    );
                }
                None => Failure::Refused {
                    host,
                    by: refuser(body),
                    times: 1,
                    retry_at,
                },
            },
            404 => Failure::Absent { host, endpoint },
            407 => tunnel::judge(status, host, self.proxy.as_ref(), String::new()),
            429 => Failure::RateLimited { host, retry_at },
            408 | 500..=599 => Failure::Server {
                host,
                status: status.to_string(),
                retry_at,
            },
            status_code => {
                let said = String::from_utf8_lossy(&body[..body.len().min(400)]);
                // An e-mail or a token that was sent may come back.
                let said = if said.contains('@') || said.contains("eyJ") {
                    "…"
                } else {
                    &*said
                };
                Failure::Status {
                    endpoint,
                    status: status_code,
                    got: text::line(&format!("{status} {said}"), 160),
                }
            }
        };
        (failure, Some(Trouble::Status(status.as_u16(), stated)))
    }
}

/// The HTTP client, which looks at no variable itself; with `before` for one request.
fn build_client(
    tls: &rustls::ClientConfig,
    proxy: Option<&Proxy>,
    before: Option<BeforeSending>,
) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder();
    let builder = match proxy {
        Some(proxy) => builder.proxy(proxy.for_client()?),
        None => builder.no_proxy(),
    };
    let builder = match before {
        Some(before) => builder.connector_layer(before),
        None => builder,
    };
    builder
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Resolver)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_gzip()
        .default_headers(HeaderMap::from_iter([(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("gzip"),
        )]))
        .user_agent(concat!("padel/", env!("CARGO_PKG_VERSION")))
        .build()
}
