//! `down`: what a deployment has on the platform goes, and nothing else.

use std::fmt;

use serde::Serialize;

use super::step::Step;
use crate::{
    cli::{self, Access, Change},
    context::StepContext,
    error::Error,
    ops::provision::{self, Found, Part, Provision, Removal, list_removals},
    plan,
};

/// One thing that is taken away.
pub(crate) enum Action {
    Remove(Removal),
    /// There is nothing of it.
    RemoveNothing(String),
    /// The lock goes last.
    RemoveLock(String),
}

#[derive(Serialize)]
struct Document<'a> {
    deployment: Option<&'a str>,
    changes: &'a [provision::Change],
}

impl plan::Action for Action {
    type State = Option<Provision>;

    async fn perform(
        self,
        provision: &mut Option<Provision>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Some(provision) = provision else {
            return Ok(());
        };
        match self {
            Self::Remove(removal) => provision.remove(removal, context).await,
            Self::RemoveNothing(_) => Ok(()),
            Self::RemoveLock(_) => provision.file.remove(),
        }
    }

    fn part(&self) -> &'static str {
        match self {
            Self::Remove(removal) => removal.part.name(),
            Self::RemoveNothing(_) => "down",
            Self::RemoveLock(_) => "lock",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove(Removal { part, id }) => match part {
                Part::Session => write!(out, "interrupt `{id}` and delete it with its events"),
                Part::Agent | Part::Schedule => {
                    write!(out, "archive `{id}`: the platform deletes none")
                }
                Part::Environment => {
                    write!(
                        out,
                        "delete `{id}`, or archive it while sessions refer to it"
                    )
                }
                Part::Vault => write!(out, "delete `{id}` with its credentials"),
                Part::File | Part::Credentials | Part::Skill => write!(out, "delete `{id}`"),
            },
            Self::RemoveNothing(name) => {
                write!(out, "the platform has nothing of the deployment `{name}`")
            }
            Self::RemoveLock(path) => write!(out, "delete `{path}`"),
        }
    }
}

impl Step for cli::Down {
    const NAME: &'static str = "down";
    type Action<'a> = Action;
    type State = Option<Provision>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    async fn plan_by_reading(
        &self,
        state: &mut Option<Provision>,
        context: &StepContext<'_>,
    ) -> Result<Vec<Action>, Error> {
        let (declaration, file) = context.open_deployment(&self.deployment)?;
        let provision = state.insert(Provision {
            declaration,
            file,
            credentials: None,
            resend: false,
            found: Found::default(),
            changes: Vec::new(),
        });
        let removals = list_removals(provision, context).await?;
        let mut actions: Vec<Action> = removals.into_iter().map(Action::Remove).collect();
        if actions.is_empty() {
            let name = provision.declaration.name.clone();
            actions.push(Action::RemoveNothing(name));
        }
        if provision.file.exists {
            let path = provision.file.path().display().to_string();
            actions.push(Action::RemoveLock(path));
        }
        Ok(actions)
    }

    fn conclude(
        &self,
        state: &mut Option<Provision>,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        outcome?;
        let changes = state.iter().flat_map(|provision| &provision.changes);
        let lines = changes.map(|change| format!("{change}\n"));
        context.answer.tell(lines.collect::<String>())
    }

    fn document(state: &Option<Provision>) -> impl Serialize {
        Document {
            deployment: state.as_ref().map(|it| it.declaration.name.as_str()),
            changes: state.as_ref().map_or(&[], |it| &it.changes),
        }
    }
}
