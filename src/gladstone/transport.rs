//! One exchange with the portal: a GET with retries and redirects on the same host, or a sign-in
//! that is sent once. Bounds bodies and waits. Knows no endpoint.

use std::{cell::Cell, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use http_edge::{
    BeforeSending, ClientOptions, InvalidProxy, PROXY_FORM, Proxy, Source, build_client,
    find_route, load_roots, read_date, tls_config,
};
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{self, HeaderMap},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};

use super::{
    body::Intake,
    cookies::Received,
    failure::Failure,
    identity::Identity,
    peer::{DENY_REASON, Failed, Peer},
    redirect::{elsewhere, location, shown_url},
    retry::{self, Trouble},
    times::Clocks,
};
use crate::{
    config::{Club, Environment},
    error::{Code, Error},
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
    /// The status's meaning where it is not about the password.
    pub(super) trouble: Option<Failure>,
}

/// A successful answer.
pub(super) struct Reply {
    /// The path that was asked, for messages.
    pub(super) endpoint: String,
    /// The whole body, decompressed; empty where an [`Intake`] has taken it.
    pub(super) body: Vec<u8>,
    /// Cookies that were set on the way.
    pub(super) cookies: Received,
    /// The path of the page that redirects led to.
    pub(super) landed: String,
    /// The portal's clock, from the header `Date`.
    pub(super) date: Option<DateTime<Utc>>,
    /// The log for what cannot be read of it.
    pub(super) log: Log,
}

/// Everything that requests share.
pub(super) struct Transport {
    client: Client,
    /// For the connection of a [`Post`].
    tls: rustls::ClientConfig,
    peer: Peer,
    deadline: Instant,
    started: Instant,
    /// The lead of this machine's clock over the portal's, by its last answer.
    ahead: Cell<Option<TimeDelta>>,
    /// Number of requests that were sent.
    requests: Cell<u32>,
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
            peer: Peer {
                base: club.base().clone(),
                host: club.host().to_owned(),
                proxy,
                trust_warnings,
                zone,
                now,
                log,
            },
            deadline,
            started: Instant::now(),
            ahead: Cell::default(),
            requests: Cell::default(),
        })
    }

    /// The time at which the command gives up.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Returns the number of requests so far.
    pub(super) fn requests(&self) -> u32 {
        self.requests.get()
    }

    fn count_request(&self) {
        self.requests.set(self.requests.get().saturating_add(1));
    }

    /// The portal's host name.
    pub(super) fn host(&self) -> &str {
        &self.peer.host
    }

    /// Complaints about the trusted certificates that the environment names.
    pub(super) fn trust_warnings(&self) -> &[String] {
        &self.peer.trust_warnings
    }

    /// Returns how far this machine's clock is ahead of the portal's, where the portal has told its
    /// time.
    pub(super) fn ahead(&self) -> Option<TimeDelta> {
        self.ahead.get()
    }

    /// GETs `path`, with retries as [`retry::wait`] has them. `intake` takes a successful answer's
    /// body.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        identity: &Identity,
        intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.get_with_retries(&url, &url, identity, intake).await
    }

    /// GETs the page on this host that an answer leads to. What a portal hands on in a query may be
    /// a token.
    pub(super) async fn get_page(
        &self,
        target: &Url,
        identity: &Identity,
    ) -> Result<Reply, Failure> {
        self.get_with_retries(target, &shown_url(target), identity, None)
            .await
    }

    /// GETs `url`, which messages call `shown`.
    async fn get_with_retries(
        &self,
        url: &Url,
        shown: &Url,
        identity: &Identity,
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        let (mut tries, mut refusals) = (0, 0);
        // As in a browser, also what a failed try has set.
        let mut cookies = Received::after(identity.own_cookies().clone());
        loop {
            tries += 1;
            let outcome = self
                .get_once(
                    (url.clone(), shown.clone()),
                    identity,
                    &mut cookies,
                    intake.as_deref_mut(),
                )
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
            self.peer.log.decision(|| {
                let seconds = wait.as_secs();
                format!("not tried again: {seconds} s to wait is past the deadline")
            });
            return false;
        }
        self.peer
            .log
            .decision(|| format!("tried again in {} ms: {failure}", wait.as_millis()));
        sleep(wait).await;
        true
    }

    /// Makes the address of a path, which may have a query.
    fn url(&self, path: &str) -> Url {
        let mut url = self.peer.base.clone();
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
            ..client_options(&self.peer.proxy, self.deadline)
        };
        let client = build_client(&self.tls, self.peer.proxy.as_ref(), &options)
            .map_err(|error| self.peer.explain_error(&error).0)?;
        let cookies = post.headers.own_cookies();
        let request = client
            .request(post.method.clone(), url.clone())
            .header(header::ACCEPT, "application/json");
        let own = post.headers.headers(cookies, &url, self.peer.now);
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
        let mut body = Vec::new();
        let size = self
            .peer
            .read_body(response, &endpoint, &mut body)
            .await
            .map_err(|(failure, _)| failure)?;
        self.peer.log.request(|| {
            let (method, shown) = (&post.method, shown_url(&url));
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
        let is_trouble = headers.contains_key(DENY_REASON)
            || matches!(status.as_u16(), 407 | 408 | 429 | 500..=599);
        let trouble = is_trouble.then(|| {
            self.peer
                .explain_status(&endpoint, status, &headers, &body)
                .0
        });
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
                log: self.peer.log,
            },
            trouble,
        })
    }

    /// Sends a request once; tries again only where there was no connection to send it over.
    async fn send_once_connected(&self, mut request: RequestBuilder) -> Result<Response, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.count_request();
            let again = request.try_clone();
            let error = match request.send().await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let (failure, trouble) = self.peer.explain_no_answer(&error).await;
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
        (mut url, mut shown): (Url, Url),
        identity: &Identity,
        cookies: &mut Received,
        intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failed> {
        let endpoint = shown.path().to_owned();
        for _ in 0..=REDIRECTS {
            let started = Instant::now();
            self.count_request();
            // Redirected on the way to a session: the next step must show what those before it set.
            let request = self
                .client
                .get(url.clone())
                .header(header::ACCEPT, "application/json")
                .headers(identity.headers(&cookies.all, &url, self.peer.now));
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => return Err(self.peer.explain_no_answer(&error).await),
            };
            let (status, headers) = (response.status(), response.headers().clone());
            let date = read_date(&headers);
            cookies.take(&headers, &url, self.clocks(date));
            if status.is_redirection()
                && let Some(target) = location(&headers, &url)
            {
                let from = std::mem::replace(&mut shown, shown_url(&target));
                self.peer
                    .log
                    .request(|| format!("GET {from} -> {status}, on to {shown}"));
                if target.origin() != url.origin() {
                    return Err((elsewhere(&endpoint, &target), None));
                }
                url = target;
                continue;
            }
            let mut body = Vec::new();
            let intake = match intake {
                Some(intake) if status.is_success() => intake,
                _ => &mut body,
            };
            let size = self.peer.read_body(response, &endpoint, intake).await?;
            self.peer.log.request(|| {
                let elapsed = started.elapsed().as_millis();
                format!("GET {shown} -> {status}, {size} bytes, {elapsed} ms")
            });
            if !status.is_success() {
                return Err(self.peer.explain_status(&endpoint, status, &headers, &body));
            }
            self.compare_clocks(&headers);
            return Ok(Reply {
                endpoint,
                body,
                cookies: std::mem::take(cookies),
                landed: url.path().to_owned(),
                date,
                log: self.peer.log,
            });
        }
        let got = "one redirect after the other";
        Err((Failure::changed(&endpoint, "an answer", got, ""), None))
    }

    fn clocks(&self, portals: Option<DateTime<Utc>>) -> Clocks {
        Clocks {
            ours: self.peer.now,
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
        let now =
            TimeDelta::from_std(self.started.elapsed()).map(|elapsed| self.peer.now + elapsed);
        if let (Some(date), Ok(now)) = (read_date(headers), now) {
            self.ahead
                .set(Some(now - date - TimeDelta::seconds(age.into())));
        }
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
