//! `status` of a deployment: what of it is not as declared. Only reads.

use std::fmt;

use serde::Serialize;

use super::{
    planning::list_actions,
    provisioning::{Action, open_provision},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    deploy::Difference,
    error::Error,
    ops::pinning::list_ids,
    plan::{self, Action as _},
};

/// The step: `status` without a skill.
pub(super) struct Drift<'a>(pub(super) &'a cli::Status);

/// The one thing that it does.
pub(crate) struct Look<'a>(&'a cli::Status);

/// The document `padel.drift/v1`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    deployment: String,
    /// True when `up` would change nothing.
    agrees: bool,
    parts: Vec<PartState>,
}

/// One thing of the deployment.
#[derive(Debug, Serialize)]
struct PartState {
    part: &'static str,
    id: Option<String>,
    state: State,
    /// The action of `up`, in words; the ids where there is none.
    does: String,
    differences: Vec<Difference>,
}

/// The relation of a thing to what is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    AsDeclared,
    Differs,
    Missing,
    LeftOver,
}

impl plan::Action for Look<'_> {
    type State = Option<Report>;

    async fn perform(
        self,
        report: &mut Option<Report>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let provision = open_provision(&self.0.deployment, None, context).await?;
        let actions = list_actions(&provision, None);
        let parts: Vec<PartState> = actions.into_iter().filter_map(describe).collect();
        let found = Report {
            deployment: provision.declaration.name,
            agrees: parts.iter().all(|part| part.state == State::AsDeclared),
            parts,
        };
        context.answer.tell(report.insert(found))
    }

    fn part(&self) -> &'static str {
        "status"
    }
}

impl fmt::Display for Look<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("compare what is declared with what is on the platform")
    }
}

impl Step for Drift<'_> {
    const NAME: &'static str = "drift";
    type Action<'a>
        = Look<'a>
    where
        Self: 'a;
    type State = Option<Report>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.0.access, None)
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.0.deployment)
    }

    fn plan(&self, _: &mut Option<Report>, _: Answer) -> Result<Option<Vec<Look<'_>>>, Error> {
        Ok(Some(vec![Look(self.0)]))
    }

    fn document(report: &Option<Report>) -> impl Serialize {
        report
    }

    fn has_results(report: &Option<Report>) -> bool {
        report.is_some()
    }
}

fn describe(action: Action) -> Option<PartState> {
    let part = action.part();
    let does = match &action {
        Action::Keep { ids, .. } => list_ids(ids),
        action => action.to_string(),
    };
    let (id, state, differences) = match action {
        Action::Keep { ids, .. } => (Some(ids.join(",")), State::AsDeclared, Vec::new()),
        Action::Create { .. } => (None, State::Missing, Vec::new()),
        Action::Mend {
            id, differences, ..
        } => (Some(id), State::Differs, differences),
        Action::SendCredentials { .. } => (None, State::Differs, Vec::new()),
        Action::Remove { removal, .. } => (Some(removal.id), State::LeftOver, Vec::new()),
        Action::Forget(_) => (None, State::LeftOver, Vec::new()),
        // Neither is a state of what is declared.
        Action::Publish { .. } | Action::CheckSlack => return None,
    };
    Some(PartState {
        part,
        id,
        state,
        does,
        differences,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for PartState {
            part, state, does, ..
        } in &self.parts
        {
            let state = match state {
                State::AsDeclared => "as declared",
                State::Differs => "drifts",
                State::Missing => "missing",
                State::LeftOver => "left over",
            };
            writeln!(out, "{part}: {state}: {does}")?;
        }
        let name = &self.deployment;
        if self.agrees {
            writeln!(out, "the deployment `{name}` is as declared")
        } else {
            writeln!(out, "`padel-ops up --execute` mends it")
        }
    }
}
