//! `rotate`: the platform gets the member's credentials as they are now: `up`'s part of them, and
//! which sessions still have the old ones.

use std::fmt;

use claude_platform::{Session, SessionFilter};
use serde::Serialize;

use super::{
    planning::{has_other_upload, list_rotation},
    provisioning::{self, Work, open_provision},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::StepContext,
    deploy::{CredentialKind, OWNER_KEY},
    error::{Code, Error, from_platform},
    ops::provision::{self, Provision},
    plan,
};

/// One thing that is done.
pub(crate) enum Action {
    /// A part of what `up` does.
    Provision(provisioning::Action),
    /// The sessions that mounted the file before are named.
    NameSessions(Vec<String>),
}

/// The deployment at work, and the sessions that have the old credentials.
#[derive(Default)]
pub(crate) struct Rotation {
    work: Work,
    sessions: Vec<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    deployment: Option<&'a str>,
    changes: &'a [provision::Change],
    /// Those that keep the old credentials until they are archived.
    sessions: &'a [String],
}

impl plan::Action for Action {
    type State = Rotation;

    async fn perform(
        self,
        rotation: &mut Rotation,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        match self {
            Self::Provision(action) => action.perform(&mut rotation.work, context).await,
            Self::NameSessions(sessions) => {
                rotation.sessions = sessions;
                Ok(())
            }
        }
    }

    fn part(&self) -> &'static str {
        match self {
            Self::Provision(action) => action.part(),
            Self::NameSessions(_) => "sessions",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provision(action) => action.fmt(out),
            Self::NameSessions(ids) => {
                write!(out, "leave {}: each keeps the old file", ids.join(", "))
            }
        }
    }
}

impl Step for cli::Rotate {
    const NAME: &'static str = "rotate";
    type Action<'a> = Action;
    type State = Rotation;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    async fn plan_by_reading(
        &self,
        rotation: &mut Rotation,
        context: &StepContext<'_>,
    ) -> Result<Vec<Action>, Error> {
        let mut provision = open_provision(&self.deployment, None, context).await?;
        refuse_nothing_to_rotate(&provision)?;
        provision.resend = self.force;
        let actions = list_rotation(&provision);
        let sends = actions.iter().any(provisioning::Action::sends_credentials)
            || has_other_upload(&provision);
        let mut actions: Vec<Action> = actions.into_iter().map(Action::Provision).collect();
        // A vault's credentials reach running sessions by themselves (documented).
        if sends && provision.declaration.uses(CredentialKind::File) {
            let sessions = list_sessions_with_file(&provision, context).await?;
            if !sessions.is_empty() {
                actions.push(Action::NameSessions(sessions));
            }
        }
        rotation.work.provision = Some(provision);
        Ok(actions)
    }

    fn conclude(
        &self,
        rotation: &mut Rotation,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        outcome?;
        if self.change.execute {
            context.answer.tell(&*rotation)?;
        }
        Ok(())
    }

    fn document(rotation: &Rotation) -> impl Serialize {
        let provision = rotation.work.provision.as_ref();
        Document {
            deployment: provision.map(|provision| provision.declaration.name.as_str()),
            changes: provision.map_or(&[], |provision| &provision.changes),
            sessions: &rotation.sessions,
        }
    }
}

/// Tells what was done, and what it means for sessions.
impl fmt::Display for Rotation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(provision) = &self.work.provision else {
            return Ok(());
        };
        let mut changed = provision.changes.iter();
        if changed.all(|change| change.outcome == provision::Outcome::Kept) {
            let name = &provision.declaration.name;
            return writeln!(
                out,
                "the platform has the credentials of `{name}` already; --force sends them again"
            );
        }
        for change in &provision.changes {
            writeln!(out, "{change}")?;
        }
        if provision.declaration.uses(CredentialKind::Vault) {
            return writeln!(
                out,
                "running sessions get the new credentials soon, new ones at once"
            );
        }
        writeln!(out, "new sessions get the new credentials")?;
        for id in &self.sessions {
            writeln!(out, "{id} keeps the old ones until it is archived")?;
        }
        Ok(())
    }
}

fn refuse_nothing_to_rotate(provision: &Provision) -> Result<(), Error> {
    let name = &provision.declaration.name;
    if provision.credentials.is_none() {
        let message = format!("the deployment `{name}` declares no credentials");
        let hint = "write [credentials] into its file, then run `padel-ops up`";
        return Err(Error::new(Code::Usage, message, hint));
    }
    if provision.found.agent.is_none() {
        let message = format!("the deployment `{name}` is not there yet");
        let hint = "run `padel-ops up --execute`, which sends the credentials, too";
        return Err(Error::new(Code::NotFound, message, hint));
    }
    Ok(())
}

/// The open sessions of the deployment that mount a file: it was mounted when they started.
async fn list_sessions_with_file(
    provision: &Provision,
    context: &StepContext<'_>,
) -> Result<Vec<String>, Error> {
    let filter = SessionFilter {
        agent: provision.found.agent.as_ref().map(|agent| agent.id.clone()),
        ..SessionFilter::default()
    };
    let sessions = context.client.list_sessions(&filter).await;
    let schedule = provision.found.schedule.as_ref().map(|found| &found.id);
    let is_ours = |session: &Session| {
        let owner = session
            .metadata
            .get(OWNER_KEY)
            .and_then(|owner| owner.as_str());
        owner == Some(&provision.declaration.name)
            || session.deployment_id.is_some() && session.deployment_id.as_ref() == schedule
    };
    let has_file = |session: &Session| {
        let mut mounts = session.resources.iter();
        session.archived_at.is_none() && mounts.any(|mount| mount.kind == "file")
    };
    let sessions = sessions.map_err(from_platform)?.into_iter();
    let ours = sessions.filter(|session| is_ours(session) && has_file(session));
    Ok(ours
        .map(|session| printable::line(&session.id, 80))
        .collect())
}
