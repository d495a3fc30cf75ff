//! A member at the portal: one sign-in for all calls of half an hour, and what only members may
//! see.

mod answer;
mod login;
mod note;
mod page;
mod sealed;
mod session;
mod sign_in;
mod store;
mod token_place;
pub(crate) mod verdict;

use std::{cell::RefCell, rc::Rc};

use chrono::{DateTime, Utc};

use self::{login::mask_user, session::MemberSession, sign_in::SignIn, store::MemberStore};
use super::{
    body::Intake,
    cache::Cache,
    context::PortalContext,
    endpoints::path_of,
    failure::{Failure, Part},
    transport::Reply,
    visitor::Visitor,
};
use crate::config::Credentials;

/// A session that is there now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The member, without the e-mail's local part.
    pub user: String,
    /// Origin of the credentials.
    pub source: String,
    /// Begin of the session.
    pub since: DateTime<Utc>,
    /// End of the session.
    pub until: DateTime<Utc>,
    /// `true` where it was there already, so that the club was not asked.
    pub already: bool,
}

/// The last sign-in with a pair of credentials, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastSignIn {
    /// Nothing.
    Unknown,
    /// There is a session.
    Worked {
        /// Its end.
        until: DateTime<Utc>,
    },
    /// There is none, and the pair is not sent again for a while.
    Failed {
        /// Such as `refused` or `locked out`.
        how: &'static str,
        /// Time of sending.
        at: DateTime<Utc>,
    },
}

pub(super) struct Member {
    context: Rc<PortalContext>,
    session: RefCell<Option<MemberSession>>,
}

impl Member {
    pub(super) fn new(context: Rc<PortalContext>) -> Self {
        Self {
            context,
            session: RefCell::default(),
        }
    }

    /// Signs in, unless a session is kept. A pair that was refused before this call is sent again
    /// only if `anew`.
    pub(super) async fn sign_in(
        &self,
        visitor: &Visitor,
        credentials: &Credentials,
        anew: bool,
    ) -> Result<SignedIn, Failure> {
        let store = MemberStore::new(&self.context, credentials);
        let overlooked = if anew { store.all_notes() } else { Vec::new() };
        let kept = store.kept_session();
        let already = kept.is_some();
        let session = match kept {
            Some(session) => session,
            None => {
                SignIn::new(&self.context, visitor, credentials, overlooked)
                    .sign_in_once(None)
                    .await?
            }
        };
        let signed_in = SignedIn {
            user: mask_user(&credentials.user),
            source: credentials.origin.to_string(),
            since: session.began,
            until: session.ends,
            already,
        };
        *self.session.borrow_mut() = Some(session);
        Ok(signed_in)
    }

    /// Forgets the kept sessions; `false` where there were none. That a pair was refused is not
    /// forgotten.
    pub(super) fn sign_out(cache: &Cache) -> bool {
        cache.forget(store::SESSIONS)
    }

    /// Returns what is kept of the last sign-in with this pair; sends nothing.
    pub(super) fn last_sign_in(&self, credentials: &Credentials) -> LastSignIn {
        let store = MemberStore::new(&self.context, credentials);
        if let Some(session) = store.kept_session() {
            return LastSignIn::Worked {
                until: session.ends,
            };
        }
        match store.blocking_note(&[], true) {
            Ok(Some(note)) => LastSignIn::Failed {
                how: note.describe_outcome(),
                at: note.at,
            },
            _ => LastSignIn::Unknown,
        }
    }

    /// Returns `true` where a member's session was needed so far.
    pub(super) fn is_signed_in(&self) -> bool {
        self.session.borrow().is_some()
    }

    /// GETs as a member. A 401 drops the session, signs in once and repeats the request once; not
    /// where that did not help a short while ago.
    pub(super) async fn get(
        &self,
        visitor: &Visitor,
        credentials: &Credentials,
        path: &str,
        query: &[(&str, &str)],
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        let context = &*self.context;
        let profile = context.profile()?;
        let store = MemberStore::new(context, credentials);
        let sign_in = SignIn::new(context, visitor, credentials, Vec::new());
        let known = self.session.borrow().clone();
        let (mut session, mut new) = match known.or_else(|| store.kept_session()) {
            Some(session) => (session, false),
            None => (sign_in.sign_in_once(None).await?, true),
        };
        let mut outcome = context
            .transport
            .get(
                path,
                query,
                &session.identity(profile),
                intake.as_deref_mut(),
            )
            .await;
        if is_unauthorized(&outcome) && !new && matches!(store.blocking_note(&[], false), Ok(None))
        {
            context
                .log
                .decision(|| "the member's session is no longer good".to_owned());
            (session, new) = (sign_in.sign_in_once(Some(&session)).await?, true);
            outcome = context
                .transport
                .get(path, query, &session.identity(profile), intake)
                .await;
        }
        if let Ok(reply) = &outcome
            && session.keep_cookies(&reply.cookies.all, profile)
            && let Some(_turn) = store.take_free_turn()
        {
            store.keep_session(Some(&session));
        }
        *self.session.borrow_mut() = Some(session);
        if !is_unauthorized(&outcome) {
            return outcome;
        }
        let failure = Failure::unverified(
            Part::SignIn,
            path_of(path),
            "401, although the sign-in worked",
        );
        if new {
            // Where a new session does not help, the next call need not ask for another.
            let _turn = store.wait_for_turn().await;
            store.keep_outcome(&failure)?;
        }
        Err(failure)
    }
}

fn is_unauthorized(outcome: &Result<Reply, Failure>) -> bool {
    matches!(outcome, Err(Failure::Unauthorized { .. }))
}
