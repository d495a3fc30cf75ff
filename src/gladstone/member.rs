//! A member at the portal: one sign-in for all calls of half an hour, and what only members may see.

use std::fs::{File, TryLockError};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant, sleep};

use super::{
    Portal, bookings,
    failure::Failure,
    login::{Member, masked},
    sealed::Sealed,
    session::is_fresh,
    transport::Reply,
};
use crate::{
    config::Credentials,
    courts::{Booking, Period},
};

const KIND: &str = "member";
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
    /// When the session ends.
    pub until: DateTime<Utc>,
    /// Whether it was there already.
    pub already: bool,
}

/// What is kept, sealed, of the last sign-in with a pair of credentials.
#[derive(Serialize, Deserialize)]
enum Kept {
    Session(Member),
    Refused { at: DateTime<Utc>, locked: bool },
}

impl Portal {
    /// Signs in, unless a session is kept. A pair that was refused is sent again only if `anew`.
    ///
    /// # Errors
    ///
    /// `Rejected`, `Locked`, `Unverified` where the portal is not as assumed; any other [`Failure`].
    pub async fn sign_in(&self, credentials: &Credentials, anew: bool) -> Result<SignedIn, Failure> {
        let kept = self.kept_member(credentials, anew)?;
        let already = kept.is_some();
        let member = match kept {
            Some(member) => member,
            None => self.new_member(credentials, None, anew).await?,
        };
        let signed_in = SignedIn {
            user: masked(&credentials.user),
            source: credentials.source.clone(),
            until: member.ends,
            already,
        };
        *self.member.borrow_mut() = Some(member);
        Ok(signed_in)
    }

    /// Forgets the member's session; `false` when none was kept.
    pub fn sign_out(&self) -> bool {
        self.cache.forget(KIND)
    }

    /// The member's bookings of a period as the portal lists them, and what was skipped.
    ///
    /// # Errors
    ///
    /// Those of signing in; `Unverified` where the portal's bookings are not as assumed; any other [`Failure`].
    pub async fn bookings(
        &self,
        credentials: &Credentials,
        period: Period,
        zone: Tz,
    ) -> Result<(Vec<Booking>, Vec<String>), Failure> {
        let request = bookings::request(&self.profile()?.bookings, period, self.now);
        let reply = self.get_as_member(credentials, &request, &[]).await.map_err(|failure| match failure {
            Failure::Absent { endpoint, .. } => Failure::Unverified { endpoint, got: "404".to_owned() },
            failure => failure,
        })?;
        bookings::read(&reply, &self.profile()?.bookings, zone)
    }

    /// GETs as a member. A 401 drops the session, signs in once and repeats the request once.
    pub(super) async fn get_as_member(
        &self,
        credentials: &Credentials,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        let known = self.member.borrow().clone();
        let (mut member, new) =
            match known.map_or_else(|| self.kept_member(credentials, false), |member| Ok(Some(member)))? {
                Some(member) => (member, false),
                None => (self.new_member(credentials, None, false).await?, true),
            };
        let mut outcome = self.transport.get(path, query, &member.identity(self.profile()?)).await;
        if matches!(outcome, Err(Failure::Unauthorized { .. })) && !new {
            self.log.decision(|| "the member's session is no longer good".to_owned());
            member = self.new_member(credentials, Some(&member), false).await?;
            outcome = self.transport.get(path, query, &member.identity(self.profile()?)).await;
        }
        *self.member.borrow_mut() = Some(member);
        outcome.map_err(|failure| match failure {
            Failure::Unauthorized { .. } => Failure::Unverified {
                endpoint: path.split('?').next().unwrap_or(path).to_owned(),
                got: "401, although the sign-in worked".to_owned(),
            },
            failure => failure,
        })
    }

    /// Signs in once, while no other process does. Whoever waited for another process uses what that one got.
    async fn new_member(
        &self,
        credentials: &Credentials,
        rejected: Option<&Member>,
        anew: bool,
    ) -> Result<Member, Failure> {
        let _lock = self.lock().await;
        match self.kept_member(credentials, anew)? {
            Some(member) if rejected.is_none_or(|rejected| !member.is(rejected)) => return Ok(member),
            _ => {}
        }
        let outcome = Member::sign_in(&self.transport, self.profile()?, credentials, self.now).await;
        let kept = match &outcome {
            Ok(member) => Kept::Session(member.clone()),
            Err(Failure::Rejected { .. }) => Kept::Refused { at: self.now, locked: false },
            Err(Failure::Locked { .. }) => Kept::Refused { at: self.now, locked: true },
            Err(_) => return outcome,
        };
        if let Some(sealed) = Sealed::new(&kept, credentials, self.cache.base()) {
            self.cache.write(KIND, &sealed);
        }
        self.log.decision(|| if outcome.is_ok() { "signed in" } else { "not signed in" }.to_owned());
        outcome
    }

    /// The session that is kept for these credentials; an error when they were refused a short while ago.
    fn kept_member(&self, credentials: &Credentials, anew: bool) -> Result<Option<Member>, Failure> {
        let kept = self.cache.read::<Sealed>(KIND).and_then(|sealed| sealed.open(credentials, self.cache.base()));
        match kept {
            Some(Kept::Session(member)) => Ok(is_fresh(member.ends, self.now).then_some(member)),
            Some(Kept::Refused { at, locked }) if !anew => {
                let rest = if locked { LOCKED } else { REFUSED };
                let recent = (TimeDelta::zero()..rest).contains(&(self.now - at));
                let (host, source_name) = (self.transport.host().to_owned(), credentials.source.clone());
                match (recent, locked) {
                    (false, _) => Ok(None),
                    (true, false) => Err(Failure::Rejected { host, source_name }),
                    (true, true) => Err(Failure::Locked { host, source_name }),
                }
            }
            _ => Ok(None),
        }
    }

    /// Waits until no other process signs in; without a cache, or at the deadline, goes on without.
    async fn lock(&self) -> Option<File> {
        let file = self.cache.lock_file(KIND)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Some(file),
                Err(TryLockError::WouldBlock) if Instant::now() + LOOK < self.transport.deadline() => sleep(LOOK).await,
                Err(_) => return None,
            }
        }
    }
}
