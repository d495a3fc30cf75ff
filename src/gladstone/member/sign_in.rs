//! One sign-in: by one process at a time, never again by itself after a failure, and never without
//! a note of it on disk.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use http_edge::BeforeSending;
use tokio::time::timeout_at;

use super::{
    answer::SignInAnswer, login, note::Note, sealed::Sealed, session::MemberSession,
    store::MemberStore,
};
use crate::{
    config::Credentials,
    gladstone::{
        cache::Draft,
        context::PortalContext,
        failure::{Failure, Refuser},
        visitor::Visitor,
    },
};

pub(super) struct SignIn<'a> {
    context: &'a PortalContext,
    visitor: &'a Visitor,
    credentials: &'a Credentials,
    store: MemberStore<'a>,
    /// Notes that do not count: the member wants the pair to be sent again.
    overlooked: Vec<Sealed>,
}

impl<'a> SignIn<'a> {
    pub(super) fn new(
        context: &'a PortalContext,
        visitor: &'a Visitor,
        credentials: &'a Credentials,
        overlooked: Vec<Sealed>,
    ) -> Self {
        Self {
            context,
            visitor,
            credentials,
            store: MemberStore::new(context, credentials),
            overlooked,
        }
    }

    /// Signs in once, while no other process does. Whoever waited for another process uses what
    /// that one got, a refusal included; but not the session that was `rejected`.
    pub(super) async fn sign_in_once(
        &self,
        rejected: Option<&MemberSession>,
    ) -> Result<MemberSession, Failure> {
        // Another process may still wait for its answer: only who has the turn counts open notes.
        self.refuse_repetition(false)?;
        let turn = Arc::new(self.store.wait_for_turn().await);
        let kept = self.store.kept_session();
        if let Some(session) =
            kept.filter(|session| rejected.is_none_or(|rejected| !session.is_same(rejected)))
        {
            return Ok(session);
        }
        self.refuse_repetition(true)?;
        self.probe_before_login().await?;

        // Whatever becomes of this process: once the password may have been sent, a note says so.
        let (draft, note) = self.store.draft_open_note()?.unzip();
        let noted = Arc::new(AtomicBool::new(false));
        let before = {
            let (noted, turn) = (Arc::clone(&noted), Arc::downgrade(&turn));
            Arc::new(move || {
                noted.store(draft.as_ref().is_some_and(Draft::keep), Ordering::Relaxed);
                // After the note: who takes the turn away from here on reads it.
                turn.upgrade().map_or(Ok(()), |turn| turn.check_held())
            })
        };
        let deadline = self.context.transport.deadline();
        let outcome = match timeout_at(deadline, self.send_and_read(before)).await {
            Ok(outcome) => outcome,
            Err(_) if noted.load(Ordering::Relaxed) => Err(Failure::Late),
            // Nothing was sent: the caller's deadline is over, too, and says so.
            Err(_) => pending().await,
        };
        self.context.log.decision(|| {
            let words = ["not signed in", "signed in"];
            words[usize::from(outcome.is_ok())].to_owned()
        });
        let failure = match outcome {
            Ok(session) => {
                self.store.keep_session(Some(&session));
                self.store.forget_notes(note.as_ref());
                return Ok(session);
            }
            Err(failure) => failure,
        };
        if rejected.is_some() {
            self.store.keep_session(None);
        }
        if !noted.load(Ordering::Relaxed) {
            return Err(failure);
        }
        let note = self.store.keep_outcome(&failure)?;
        Err(match failure {
            failure if failure.is_verdict() => failure,
            Failure::Late => self.hold_back(note.at, note.blocked_until(), Failure::Late),
            _ => self.hold_back_for(note)?,
        })
    }

    async fn send_and_read(&self, before: BeforeSending) -> Result<MemberSession, Failure> {
        let (context, profile) = (self.context, self.context.profile()?);
        let visitor = self.visitor.session();
        let visitor = visitor.as_ref();
        let posted = login::send_login(
            &context.transport,
            profile,
            self.credentials,
            visitor,
            before,
        )
        .await?;
        let answer = SignInAnswer {
            context,
            profile,
            origin: &self.credentials.origin,
            visitor,
        };
        answer.read_answer(posted).await
    }

    /// Lets a portal that refuses the first request of all (403) refuse one that may be repeated: a
    /// sign-in is sent once. Costs a request only where no anonymous session shows that the portal
    /// has let us in from here.
    async fn probe_before_login(&self) -> Result<(), Failure> {
        if self.visitor.has_session() {
            return Ok(());
        }
        self.context
            .log
            .decision(|| "asked as a visitor first: a sign-in could not be repeated".to_owned());
        match self.visitor.open_session().await {
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

    /// Fails where the pair brought no session a short while ago.
    fn refuse_repetition(&self, count_open: bool) -> Result<(), Failure> {
        match self.store.blocking_note(&self.overlooked, count_open)? {
            Some(note) => Err(self.hold_back_for(note)?),
            None => Ok(()),
        }
    }

    fn hold_back_for(&self, note: Note) -> Result<Failure, Failure> {
        let (at, until) = (note.at, note.blocked_until());
        let (host, origin) = (
            self.context.host().to_owned(),
            self.credentials.origin.clone(),
        );
        let assumed = self.context.profile()?.is_assumed("login");
        Ok(self.hold_back(at, until, note.why.into_failure(host, origin, assumed)))
    }

    fn hold_back(&self, at: DateTime<Utc>, until: DateTime<Utc>, last: Failure) -> Failure {
        let zone = &self.context.zone;
        Failure::Withheld {
            last: Box::new(last),
            at: at.with_timezone(zone),
            minutes: (self.context.now - at).num_minutes(),
            until: until.with_timezone(zone),
        }
    }
}
