//! A member at the portal: one sign-in for all calls of half an hour, and what only members may see.

use std::fs::{File, TryLockError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use tokio::time::{Duration, sleep};

use super::{
    Portal, bookings,
    failure::{Failure, Part, Refuser},
    login::{Member, masked},
    sealed::Sealed,
    session::is_fresh,
    transport::Reply,
};
use crate::{
    config::Credentials,
    courts::{Booking, Period},
    zone::Zone,
};

/// The file with the sessions.
const SESSION: &str = "member";
/// The file with the last refusals. Not the same: forgetting the session must not forget those.
const REFUSAL: &str = "refusal";
/// So many members share a file: each pair that nobody opens costs a few milliseconds.
const MEMBERS: usize = 4;
/// For so long a refused pair is not sent again by itself: some clubs lock accounts after five failures.
const REFUSED: TimeDelta = TimeDelta::minutes(10);
/// How long one club keeps an account locked.
const LOCKED: TimeDelta = TimeDelta::minutes(30);
/// How often it is looked whether another process has signed in.
const LOOK: Duration = Duration::from_millis(25);

/// A session that is there now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The member, without the e-mail's local part.
    pub user: String,
    /// Where the credentials came from.
    pub source: String,
    /// When the session began.
    pub since: DateTime<Utc>,
    /// When the session ends.
    pub until: DateTime<Utc>,
    /// Whether it was there already, so that the club was not asked.
    pub already: bool,
}

/// What is kept of the last sign-in with a pair of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastSignIn {
    /// Nothing.
    Unknown,
    /// There is a session.
    Worked {
        /// When it ends.
        until: DateTime<Utc>,
    },
    /// There is none, and the pair is not sent again for a while.
    Failed {
        /// `refused`, `locked out` or `not understood`.
        how: &'static str,
        /// When it was sent.
        at: DateTime<Utc>,
    },
}

/// What is kept, sealed, of a sign-in that brought no session, or none that helped.
#[derive(Serialize, Deserialize)]
struct Refusal {
    at: DateTime<Utc>,
    why: Why,
    /// The request that was sent, as the profile had it then: another one may fare better.
    request: String,
}

#[derive(Serialize, Deserialize)]
enum Why {
    Rejected,
    Locked,
    /// An answer that says nothing of the password, which may be wrong all the same.
    Unverified {
        endpoint: String,
        got: String,
    },
    Changed {
        endpoint: String,
        expected: String,
        got: String,
    },
}

impl Why {
    /// `None` where the password was not looked at, as far as one can tell.
    fn of(failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Rejected { .. } => Some(Self::Rejected),
            Failure::Locked { .. } => Some(Self::Locked),
            Failure::Unverified { endpoint, got, .. } => {
                Some(Self::Unverified { endpoint: endpoint.clone(), got: got.clone() })
            }
            Failure::Changed { endpoint, expected, got, .. } => {
                Some(Self::Changed { endpoint: endpoint.clone(), expected: expected.clone(), got: got.clone() })
            }
            _ => None,
        }
    }

    fn rest(&self) -> TimeDelta {
        if matches!(self, Self::Locked) { LOCKED } else { REFUSED }
    }
}

impl Portal {
    /// Signs in, unless a session is kept. A pair that was refused before this call is sent again only if `anew`.
    ///
    /// The request is the profile's; `POST /api/samlauthentication/login` is assumed. Times are UTC.
    ///
    /// # Errors
    ///
    /// `Rejected`, `Locked`, `Unverified` where the portal is not as assumed; `Withheld` in place of sending the pair
    /// again; any other [`Failure`].
    pub async fn sign_in(&self, credentials: &Credentials, anew: bool) -> Result<SignedIn, Failure> {
        let overlooked = if anew { self.cache.read(REFUSAL).unwrap_or_default() } else { Vec::new() };
        let kept = self.kept_session(credentials);
        let already = kept.is_some();
        let member = match kept {
            Some(member) => member,
            None => self.new_member(credentials, None, &overlooked).await?,
        };
        let signed_in = SignedIn {
            user: masked(&credentials.user),
            source: credentials.source.clone(),
            since: member.began,
            until: member.ends,
            already,
        };
        *self.member.borrow_mut() = Some(member);
        Ok(signed_in)
    }

    /// Forgets the member's session; `false` when none was kept. Sends nothing: how to sign out at a portal is not known.
    /// That a pair was refused is not forgotten.
    pub fn sign_out(&self) -> bool {
        self.cache.forget(SESSION)
    }

    /// What is kept of the last sign-in with this pair; sends nothing.
    #[must_use]
    pub fn last_sign_in(&self, credentials: &Credentials) -> LastSignIn {
        if let Some(member) = self.kept_session(credentials) {
            return LastSignIn::Worked { until: member.ends };
        }
        match self.kept_refusal(credentials, &[]) {
            Ok(Some(Refusal { at, why, .. })) => {
                let how = match why {
                    Why::Rejected => "refused",
                    Why::Locked => "locked out",
                    Why::Unverified { .. } | Why::Changed { .. } => "not understood",
                };
                LastSignIn::Failed { how, at }
            }
            _ => LastSignIn::Unknown,
        }
    }

    /// The member's bookings of a period as the portal lists them, and what was skipped. Times are UTC.
    ///
    /// The request is the profile's; `GET /api/bookings?dateFrom=…&dateTo=…` and all fields are assumed.
    ///
    /// # Errors
    ///
    /// Those of signing in; `Unverified` where the portal's bookings are not as assumed; any other [`Failure`].
    pub async fn bookings(
        &self,
        credentials: &Credentials,
        period: Period,
        zone: Zone,
    ) -> Result<(Vec<Booking>, Vec<String>), Failure> {
        let request = bookings::request(&self.profile()?.bookings, period, self.now, zone);
        let assumed = self.profile()?.is_assumed("bookings");
        let unverified = |endpoint, got| Failure::Unverified { part: Part::Bookings, endpoint, got };
        let reply = self.get_as_member(credentials, &request, &[]).await.map_err(|failure| match failure {
            Failure::Absent { endpoint, .. } => unverified(endpoint, "404".to_owned()),
            // A wrong guess at a path or its parameters may be answered in many ways.
            Failure::Status { endpoint, got, .. } if assumed => unverified(endpoint, got),
            Failure::Refused { by: Refuser::Portal, .. } if assumed => {
                unverified(path_of(&request).to_owned(), "403".to_owned())
            }
            failure => failure,
        })?;
        bookings::read(&reply, &self.profile()?.bookings, zone)
    }

    /// GETs as a member. A 401 drops the session, signs in once and repeats the request once; not where that did not help
    /// a short while ago.
    pub(super) async fn get_as_member(
        &self,
        credentials: &Credentials,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        let known = self.member.borrow().clone();
        let (mut member, mut new) = match known.or_else(|| self.kept_session(credentials)) {
            Some(member) => (member, false),
            None => (self.new_member(credentials, None, &[]).await?, true),
        };
        let mut outcome = self.transport.get(path, query, &member.identity(self.profile()?)).await;
        let is_refused = |outcome: &Result<_, Failure>| matches!(outcome, Err(Failure::Unauthorized { .. }));
        if is_refused(&outcome) && !new && self.not_refused(credentials, &[]).is_ok() {
            self.log.decision(|| "the member's session is no longer good".to_owned());
            (member, new) = (self.new_member(credentials, Some(&member), &[]).await?, true);
            outcome = self.transport.get(path, query, &member.identity(self.profile()?)).await;
        }
        *self.member.borrow_mut() = Some(member);
        if !is_refused(&outcome) {
            return outcome;
        }
        let (endpoint, got) = (path_of(path).to_owned(), "401, although the sign-in worked".to_owned());
        let failure = Failure::Unverified { part: Part::SignIn, endpoint, got };
        if new {
            // Where a new session does not help, the next call need not ask for another.
            self.keep_refusal(&failure, credentials)?;
        }
        Err(failure)
    }

    /// Signs in once, while no other process does. Whoever waited for another process uses what that one got, a refusal
    /// included; only refusals that are `overlooked` do not count.
    async fn new_member(
        &self,
        credentials: &Credentials,
        rejected: Option<&Member>,
        overlooked: &[Sealed],
    ) -> Result<Member, Failure> {
        self.not_refused(credentials, overlooked)?;
        let _lock = self.lock().await;
        let kept = self.kept_session(credentials);
        if let Some(member) = kept.filter(|member| rejected.is_none_or(|rejected| !member.is(rejected))) {
            return Ok(member);
        }
        self.not_refused(credentials, overlooked)?;
        self.knock().await?;
        let outcome = Member::sign_in(&self.transport, self.profile()?, credentials, self.now).await;
        match &outcome {
            Ok(member) => {
                self.keep_sealed(SESSION, Some(member), credentials);
                self.keep_sealed::<Refusal>(REFUSAL, None, credentials);
            }
            Err(failure) => {
                self.keep_refusal(failure, credentials)?;
                if rejected.is_some() {
                    self.keep_sealed::<Member>(SESSION, None, credentials);
                }
            }
        }
        self.log.decision(|| if outcome.is_ok() { "signed in" } else { "not signed in" }.to_owned());
        outcome
    }

    /// Lets a portal that refuses the first request of all (403) refuse one that may be repeated: a sign-in is sent once.
    /// Costs a request only where no anonymous session shows that the portal has let us in from here.
    async fn knock(&self) -> Result<(), Failure> {
        if self.has_session() {
            return Ok(());
        }
        self.log.decision(|| "asked as a visitor first: a sign-in could not be repeated".to_owned());
        match self.sign_in_anonymously().await {
            Err(
                failure @ (Failure::Refused { by: Refuser::Firewall | Refuser::Edge, .. }
                | Failure::Network { .. }
                | Failure::UnknownHost { .. }
                | Failure::ProxyRefused { .. }
                | Failure::RateLimited { .. }),
            ) => Err(failure),
            // Whatever else the portal says to visitors, it has answered, and may let members in.
            _ => Ok(()),
        }
    }

    /// An error when the pair brought no session a short while ago.
    fn not_refused(&self, credentials: &Credentials, overlooked: &[Sealed]) -> Result<(), Failure> {
        let Some(Refusal { at, why, .. }) = self.kept_refusal(credentials, overlooked)? else { return Ok(()) };
        let until = (at + why.rest()).with_timezone(&self.zone);
        let (host, source_name) = (self.transport.host().to_owned(), credentials.source.clone());
        let last = match why {
            Why::Rejected => Failure::Rejected { host, source_name, assumed: self.profile()?.is_assumed("login") },
            Why::Locked => Failure::Locked { host, source_name },
            Why::Unverified { endpoint, got } => Failure::Unverified { part: Part::SignIn, endpoint, got },
            Why::Changed { endpoint, expected, got } => Failure::changed(&endpoint, &expected, &got, ""),
        };
        Err(Failure::Withheld { last: Box::new(last), minutes: (self.now - at).num_minutes(), until })
    }

    /// The refusal of this pair that still counts.
    fn kept_refusal(&self, credentials: &Credentials, overlooked: &[Sealed]) -> Result<Option<Refusal>, Failure> {
        let Some(refusal) = self.kept_sealed::<Refusal>(REFUSAL, credentials, overlooked) else { return Ok(None) };
        let recent = (TimeDelta::zero()..refusal.why.rest()).contains(&(self.now - refusal.at));
        // A locked account is locked to any request.
        let same = matches!(refusal.why, Why::Locked) || refusal.request == self.request()?;
        Ok((recent && same).then_some(refusal))
    }

    /// Keeps what came of a pair, if it is not to be sent again for a while.
    fn keep_refusal(&self, failure: &Failure, credentials: &Credentials) -> Result<(), Failure> {
        if let Some(why) = Why::of(failure) {
            let refusal = Refusal { at: self.now, why, request: self.request()? };
            self.keep_sealed(REFUSAL, Some(&refusal), credentials);
        }
        Ok(())
    }

    /// The session that is kept for these credentials and can still be used.
    fn kept_session(&self, credentials: &Credentials) -> Option<Member> {
        self.kept_sealed(SESSION, credentials, &[]).filter(|member: &Member| is_fresh(member.ends, self.now))
    }

    fn kept_sealed<T: DeserializeOwned>(
        &self,
        kind: &str,
        credentials: &Credentials,
        overlooked: &[Sealed],
    ) -> Option<T> {
        let all: Vec<Sealed> = self.cache.read(kind)?;
        let mut counting = all.iter().filter(|sealed| !overlooked.contains(sealed));
        counting.find_map(|sealed| sealed.open(credentials, self.cache.base()))
    }

    /// Keeps a value for these credentials, or none, in place of what was kept for them; what is kept for others stays.
    fn keep_sealed<T: Serialize>(&self, kind: &str, value: Option<&T>, credentials: &Credentials) {
        let base = self.cache.base();
        let mut all: Vec<Sealed> = self.cache.read(kind).unwrap_or_default();
        let before = all.len();
        all.retain(|sealed| sealed.open::<IgnoredAny>(credentials, base).is_none());
        let new = value.and_then(|value| Sealed::new(value, credentials, base));
        if new.is_none() && all.len() == before {
            return;
        }
        all.splice(..0, new);
        all.truncate(MEMBERS);
        if all.is_empty() {
            self.cache.forget(kind);
        } else {
            self.cache.write(kind, &all);
        }
    }

    /// How the profile signs in, to compare.
    fn request(&self) -> Result<String, Failure> {
        let profile = self.profile()?;
        Ok(format!("{:?} {:?}", profile.login, profile.token))
    }

    /// Waits until no other process signs in, if need be until the caller's deadline; goes on without where nothing can
    /// be locked.
    async fn lock(&self) -> Option<File> {
        let file = self.cache.lock_file(SESSION)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Some(file),
                Err(TryLockError::WouldBlock) => sleep(LOOK).await,
                Err(TryLockError::Error(_)) => return None,
            }
        }
    }
}

/// A request's path without its query.
fn path_of(request: &str) -> &str {
    request.split('?').next().unwrap_or(request)
}
