//! The one door to what a club may show to visitors or to members only.

use std::rc::Rc;

use super::{
    body::Intake, context::PortalContext, failure::Failure, member::Member, transport::Reply,
    visitor::Visitor,
};
use crate::config::Credentials;

pub(super) struct Access {
    context: Rc<PortalContext>,
    pub(super) visitor: Visitor,
    pub(super) member: Member,
    /// A member's, for where visitors are refused.
    credentials: Option<Credentials>,
}

impl Access {
    pub(super) fn new(context: &Rc<PortalContext>, credentials: Option<Credentials>) -> Self {
        Self {
            context: Rc::clone(context),
            visitor: Visitor::new(Rc::clone(context)),
            member: Member::new(Rc::clone(context)),
            credentials,
        }
    }

    /// GETs as a visitor, and as the member where visitors may not; `intake` takes the body.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, String)],
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Failure> {
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let outcome = self.visitor.get(path, &query, intake.as_deref_mut()).await;
        match (outcome, &self.credentials) {
            (Err(Failure::Unauthorized { .. }), Some(credentials)) => {
                self.context
                    .log
                    .decision(|| "anonymous visitors are refused: asked as a member".to_owned());
                self.member
                    .get(&self.visitor, credentials, path, &query, intake)
                    .await
            }
            (outcome, _) => outcome,
        }
    }
}
