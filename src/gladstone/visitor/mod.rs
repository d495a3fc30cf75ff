//! An anonymous visitor at the portal: one session for all calls until it ends.

mod session;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use chrono::{DateTime, Utc};

pub use self::session::Flow;
pub(super) use self::session::VisitorSession;
use super::{body::Intake, context::PortalContext, failure::Failure, transport::Reply};

/// The file with the session.
const SESSION: &str = "session";

/// Flow of a session that was opened, and the portal's clock where it told it.
pub type OpenedSession = (Flow, Option<DateTime<Utc>>);

pub(super) struct Visitor {
    context: Rc<PortalContext>,
    session: RefCell<Option<VisitorSession>>,
    opened: Cell<Option<OpenedSession>>,
}

impl Visitor {
    pub(super) fn new(context: Rc<PortalContext>) -> Self {
        Self {
            context,
            session: RefCell::default(),
            opened: Cell::default(),
        }
    }

    /// GETs with the session that is at hand; a 401 gets one new session.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        if !self.has_session() {
            self.open_session().await?;
        }
        let outcome = self.send_request(path, query, intake.as_deref_mut()).await;
        match outcome {
            Err(Failure::Unauthorized { .. }) => {}
            outcome => return outcome,
        }
        self.context
            .log
            .decision(|| "the session is no longer good".to_owned());
        self.open_session().await?;
        self.send_request(path, query, intake).await
    }

    async fn send_request(
        &self,
        path: &str,
        query: &[(&str, &str)],
        intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        let identity = self.session.borrow().as_ref().map(VisitorSession::identity);
        let identity = identity.unwrap_or_default();
        let transport = &self.context.transport;
        let reply = transport.get(path, query, &identity, intake).await?;
        if let Some(session) = self.session.borrow_mut().as_mut()
            && session.keep_cookies(&reply.cookies.all)
        {
            self.context.cache.write(SESSION, session);
        }
        Ok(reply)
    }

    /// Asks for a new session, whatever is kept.
    pub(super) async fn open_session(&self) -> Result<OpenedSession, Failure> {
        let context = &self.context;
        let (session, date) =
            session::open_session(&context.transport, context.profile()?, context.now).await?;
        let opened = (session.flow(), date);
        context
            .log
            .decision(|| format!("a new anonymous session ({:?} flow)", opened.0));
        context.cache.write(SESSION, &session);
        *self.session.borrow_mut() = Some(session);
        self.opened.set(Some(opened));
        Ok(opened)
    }

    /// Returns what came of asking for a session; `None` where none was asked for, or none came.
    pub(super) fn opened_session(&self) -> Option<OpenedSession> {
        self.opened.get()
    }

    /// Returns `true` where a session is at hand or kept; a kept one is at hand then.
    pub(super) fn has_session(&self) -> bool {
        let mut session = self.session.borrow_mut();
        if session.is_none() {
            let kept: Option<VisitorSession> = self.context.cache.read(SESSION);
            *session = kept.filter(|session| session.is_fresh(self.context.now));
        }
        session.is_some()
    }

    /// Returns the session that is at hand.
    pub(super) fn session(&self) -> Option<VisitorSession> {
        self.session.borrow().clone()
    }
}
