//! A member at the portal: one sign-in for all calls of half an hour, and what only members may
//! see.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;
use tokio::time::{Duration, Instant, sleep, timeout_at};

mod answer;
mod login;
mod note;
mod sealed;
pub(crate) mod verdict;

pub(super) use self::login::Member;
use self::{login::masked, note::Note, sealed::Sealed};
use super::{
    Portal, bookings,
    cache::{Draft, Turn},
    endpoints::path_of,
    failure::{Failure, Part, Refuser},
    sending::BeforeSending,
    token::is_fresh,
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
/// So many pairs that brought no session are remembered. More in ten minutes are no member's.
const NOTES: usize = 32;
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
        /// Such as `refused` or `locked out`.
        how: &'static str,
        /// When it was sent.
        at: DateTime<Utc>,
    },
}

impl Portal {
    /// Signs in, unless a session is kept. A pair that was refused before this call is sent again
    /// only if `anew`.
    ///
    /// The request is the profile's; `POST /api/samlauthentication/login` is assumed. Times are
    /// UTC.
    ///
    /// # Errors
    ///
    /// `Rejected`, `Locked`, `Unverified` where the portal is not as assumed; `Withheld` in place
    /// of sending the pair again; any other [`Failure`].
    pub async fn sign_in(
        &self,
        credentials: &Credentials,
        anew: bool,
    ) -> Result<SignedIn, Failure> {
        let overlooked = if anew {
            self.cache.read(REFUSAL).unwrap_or_default()
        } else {
            Vec::new()
        };
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

    /// Forgets the member's session; `false` when none was kept. Sends nothing: how to sign out at
    /// a portal is not known. That a pair was refused is not forgotten.
    pub fn sign_out(&self) -> bool {
        self.cache.forget(SESSION)
    }

    /// What is kept of the last sign-in with this pair; sends nothing.
    #[must_use]
    pub fn last_sign_in(&self, credentials: &Credentials) -> LastSignIn {
        if let Some(member) = self.kept_session(credentials) {
            return LastSignIn::Worked { until: member.ends };
        }
        match self.kept_note(credentials, &[], true) {
            Ok(Some(note)) => LastSignIn::Failed {
                how: note.outcome(),
                at: note.at,
            },
            _ => LastSignIn::Unknown,
        }
    }

    /// The member's bookings of a period as the portal lists them, and what was skipped. Times are
    /// UTC.
    ///
    /// The request is the profile's; `GET /api/bookings?dateFrom=…&dateTo=…` and all fields are
    /// assumed.
    ///
    /// # Errors
    ///
    /// Those of signing in; `Unverified` where the portal's bookings are not as assumed; any other
    /// [`Failure`].
    pub async fn bookings(
        &self,
        credentials: &Credentials,
        period: Period,
        zone: Zone,
    ) -> Result<(Vec<Booking>, Vec<String>), Failure> {
        let request = bookings::request(&self.profile()?.bookings, period, self.now, zone);
        let assumed = self.profile()?.is_assumed("bookings");
        let unverified = |endpoint, got| Failure::Unverified {
            part: Part::Bookings,
            endpoint,
            got,
        };
        let reply = self
            .get_as_member(credentials, &request, &[])
            .await
            .map_err(|failure| match failure {
                Failure::Absent { endpoint, .. } => unverified(endpoint, "404".to_owned()),
                // A wrong guess at a path or its parameters may be answered in many ways.
                Failure::Status { endpoint, got, .. } if assumed => unverified(endpoint, got),
                Failure::Refused {
                    by: Refuser::Portal,
                    ..
                } if assumed => unverified(path_of(&request).to_owned(), "403".to_owned()),
                failure => failure,
            })?;
        bookings::read(&reply, &self.profile()?.bookings, zone)
    }

    /// GETs as a member. A 401 drops the session, signs in once and repeats the request once; not
    /// where that did not help a short while ago.
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
        let mut outcome = self
            .transport
            .get(path, query, &member.identity(self.profile()?))
            .await;
        let is_refused =
            |outcome: &Result<_, Failure>| matches!(outcome, Err(Failure::Unauthorized { .. }));
        if is_refused(&outcome) && !new && self.not_refused(credentials, &[], false).is_ok() {
            self.log
                .decision(|| "the member's session is no longer good".to_owned());
            (member, new) = (
                self.new_member(credentials, Some(&member), &[]).await?,
                true,
            );
            outcome = self
                .transport
                .get(path, query, &member.identity(self.profile()?))
                .await;
        }
        if let Ok(reply) = &outcome
            && member.keep_cookies(reply.cookies.all.clone(), self.profile()?)
            && let Some(_turn) = self.cache.take_turn(SESSION, LOOK)
        {
            self.keep_session(Some(&member), credentials);
        }
        *self.member.borrow_mut() = Some(member);
        if !is_refused(&outcome) {
            return outcome;
        }
        let (endpoint, got) = (
            path_of(path).to_owned(),
            "401, although the sign-in worked".to_owned(),
        );
        let failure = Failure::Unverified {
            part: Part::SignIn,
            endpoint,
            got,
        };
        if new {
            // Where a new session does not help, the next call need not ask for another.
            let _turn = self.wait_for_turn().await;
            self.keep_note(&Note::of(&failure, self.request()?, self.now), credentials)?;
        }
        Err(failure)
    }

    /// Signs in once, while no other process does. Whoever waited for another process uses what
    /// that one got, a refusal included; only refusals that are `overlooked` do not count.
    async fn new_member(
        &self,
        credentials: &Credentials,
        rejected: Option<&Member>,
        overlooked: &[Sealed],
    ) -> Result<Member, Failure> {
        self.not_refused(credentials, overlooked, false)?;
        let turn = Arc::new(self.wait_for_turn().await);
        let kept = self.kept_session(credentials);
        if let Some(member) =
            kept.filter(|member| rejected.is_none_or(|rejected| !member.is(rejected)))
        {
            return Ok(member);
        }
        self.not_refused(credentials, overlooked, true)?;
        self.knock().await?;

        // Whatever becomes of this process: once the password may have been sent, a note says so.
        let (draft, note) = self
            .draft_note(
                &Note::before_sending(self.request()?, self.now),
                credentials,
            )?
            .unzip();
        let noted = Arc::new(AtomicBool::new(false));
        let before = {
            let (noted, turn) = (Arc::clone(&noted), Arc::downgrade(&turn));
            BeforeSending::new(move || {
                noted.store(draft.as_ref().is_some_and(Draft::keep), Ordering::Relaxed);
                // After the note: who takes the turn away from here on reads it.
                turn.upgrade().map_or(Ok(()), |turn| turn.check())
            })
        };
        let visitor = self.session.borrow().clone();
        let visitor = visitor.as_ref();
        let signing_in = Member::sign_in(
            &self.transport,
            self.profile()?,
            credentials,
            visitor,
            self.now,
            before,
        );
        let outcome = match timeout_at(self.transport.deadline(), signing_in).await {
            Ok(outcome) => outcome,
            Err(_) if noted.load(Ordering::Relaxed) => Err(Failure::Late),
            // Nothing was sent: the caller's deadline is over, too, and says so.
            Err(_) => pending().await,
        };
        self.log.decision(|| {
            if outcome.is_ok() {
                "signed in"
            } else {
                "not signed in"
            }
            .to_owned()
        });
        let failure = match outcome {
            Ok(member) => {
                self.keep_session(Some(&member), credentials);
                self.keep_sealed(REFUSAL, None, credentials, note.as_ref());
                return Ok(member);
            }
            Err(failure) => failure,
        };
        if rejected.is_some() {
            self.keep_session(None, credentials);
        }
        if !noted.load(Ordering::Relaxed) {
            return Err(failure);
        }
        let note = Note::of(&failure, self.request()?, self.now);
        self.keep_note(&note, credentials)?;
        Err(match failure {
            failure if failure.is_verdict() => failure,
            Failure::Late => self.held_back(note.at, note.until(), Failure::Late),
            _ => self.withheld(note, credentials)?,
        })
    }

    /// Lets a portal that refuses the first request of all (403) refuse one that may be repeated: a
    /// sign-in is sent once. Costs a request only where no anonymous session shows that the portal
    /// has let us in from here.
    async fn knock(&self) -> Result<(), Failure> {
        if self.has_session() {
            return Ok(());
        }
        self.log
            .decision(|| "asked as a visitor first: a sign-in could not be repeated".to_owned());
        match self.sign_in_anonymously().await {
            Err(
                failure @ (Failure::Refused {
                    by: Refuser::Firewall | Refuser::Edge,
                    ..
                }
                | Failure::Network { .. }
                | Failure::UnknownHost { .. }
                | Failure::Proxy { .. }
                | Failure::RateLimited { .. }),
            ) => Err(failure),
            // Whatever else the portal says to visitors, it has answered, and may let members in.
            _ => Ok(()),
        }
    }

    /// An error when the pair brought no session a short while ago. Only who has the turn counts
    /// `open` notes: another process may still wait for its answer.
    fn not_refused(
        &self,
        credentials: &Credentials,
        overlooked: &[Sealed],
        open: bool,
    ) -> Result<(), Failure> {
        match self.kept_note(credentials, overlooked, open)? {
            Some(note) => Err(self.withheld(note, credentials)?),
            None => Ok(()),
        }
    }

    fn withheld(&self, note: Note, credentials: &Credentials) -> Result<Failure, Failure> {
        let (at, until) = (note.at, note.until());
        let (host, source_name) = (self.transport.host().to_owned(), credentials.source.clone());
        let last = note
            .why
            .failure(host, source_name, self.profile()?.is_assumed("login"));
        Ok(self.held_back(at, until, last))
    }

    fn held_back(&self, at: DateTime<Utc>, until: DateTime<Utc>, last: Failure) -> Failure {
        let in_zone = |time: DateTime<Utc>| time.with_timezone(&self.zone);
        let minutes = (self.now - at).num_minutes();
        Failure::Withheld {
            last: Box::new(last),
            at: in_zone(at),
            minutes,
            until: in_zone(until),
        }
    }

    /// The note of this pair that holds it back.
    fn kept_note(
        &self,
        credentials: &Credentials,
        overlooked: &[Sealed],
        open: bool,
    ) -> Result<Option<Note>, Failure> {
        let all: Vec<Sealed> = self.cache.read(REFUSAL).unwrap_or_default();
        let counting = all
            .iter()
            .filter(|sealed| !overlooked.contains(sealed) && self.is_of_use(sealed));
        let notes: Vec<Note> = counting
            .filter_map(|sealed| sealed.open(credentials, self.cache.base()))
            .collect();
        if notes.is_empty() {
            return Ok(None);
        }
        let request = self.request()?;
        let counting = notes.into_iter().filter(|note| open || !note.is_open());
        Ok(counting
            .filter(|note| note.holds(&request, self.now))
            .max_by_key(|note| note.at))
    }

    /// Keeps what came of a pair; it is not sent again for a while.
    fn keep_note(&self, note: &Note, credentials: &Credentials) -> Result<(), Failure> {
        if let Some((draft, _)) = self.draft_note(note, credentials)? {
            draft.keep();
        }
        Ok(())
    }

    /// The file of notes with this one in place of what was noted of the same pair and request, and
    /// what is new in it.
    fn draft_note(
        &self,
        note: &Note,
        credentials: &Credentials,
    ) -> Result<Option<(Draft, Sealed)>, Failure> {
        let (base, request) = (self.cache.base(), self.request()?);
        let mut all: Vec<Sealed> = self.cache.read(REFUSAL).unwrap_or_default();
        let is_replaced = |sealed: &Sealed| {
            sealed
                .open(credentials, base)
                .is_some_and(|note: Note| note.is_of(&request))
        };
        all.retain(|sealed| self.is_of_use(sealed) && !is_replaced(sealed));
        let Some(new) = Sealed::new(note, note.until(), credentials, base) else {
            return Ok(None);
        };
        all.insert(0, new.clone());
        all.truncate(NOTES);
        Ok(self.cache.draft(REFUSAL, &all).map(|draft| (draft, new)))
    }

    /// Whether what is sealed has not ended yet.
    fn is_of_use(&self, sealed: &Sealed) -> bool {
        sealed.ends.is_none_or(|ends| self.now < ends)
    }

    /// The session that is kept for these credentials and can still be used.
    fn kept_session(&self, credentials: &Credentials) -> Option<Member> {
        let all: Vec<Sealed> = self.cache.read(SESSION)?;
        let mut counting = all.iter().filter(|sealed| self.is_of_use(sealed));
        let member = counting.find_map(|sealed| sealed.open(credentials, self.cache.base()));
        member.filter(|member: &Member| is_fresh(member.ends, self.now))
    }

    /// Keeps a session for these credentials, or none.
    fn keep_session(&self, member: Option<&Member>, credentials: &Credentials) {
        let sealed = member
            .and_then(|member| Sealed::new(member, member.ends, credentials, self.cache.base()));
        self.keep_sealed(SESSION, sealed, credentials, None);
    }

    /// Keeps something for these credentials, or nothing, in place of what was kept for them; what
    /// is kept for others stays. `theirs` goes also where there is no memory left to open it.
    fn keep_sealed(
        &self,
        kind: &str,
        new: Option<Sealed>,
        credentials: &Credentials,
        theirs: Option<&Sealed>,
    ) {
        let mut all: Vec<Sealed> = self.cache.read(kind).unwrap_or_default();
        let before = all.len();
        all.retain(|sealed| {
            theirs != Some(sealed)
                && sealed
                    .open::<IgnoredAny>(credentials, self.cache.base())
                    .is_none()
        });
        if new.is_none() && all.len() == before {
            return;
        }
        all.splice(..0, new);
        all.truncate(if kind == SESSION { MEMBERS } else { NOTES });
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

    /// Waits until no other process signs in, if need be until the caller's deadline.
    async fn wait_for_turn(&self) -> Turn {
        // The deadline cuts off the wait for an answer, and a second later the process ends.
        let longest = self
            .transport
            .deadline()
            .saturating_duration_since(Instant::now())
            + Duration::from_secs(1);
        loop {
            match self.cache.take_turn(SESSION, longest) {
                Some(turn) => return turn,
                None => sleep(LOOK).await,
            }
        }
    }
}
