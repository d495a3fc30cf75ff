//! `smoke`: a version is tried in a session before any agent uses it.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Purpose},
    step::Step,
    targets::Locked,
};
use crate::{
    cli::{self, Access, Change},
    context::Answer,
    error::Error,
    ops::trial_session::{TrialPlace, TrialReport},
};

#[derive(Serialize)]
struct Document<'a> {
    smoke: &'a Option<TrialReport>,
}

impl Step for cli::Smoke {
    const NAME: &'static str = "smoke";
    type Action<'a> = Action<'a>;
    type State = Delivery;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    fn plan(&self, _: &mut Delivery, _: Answer) -> Result<Option<Vec<Action<'_>>>, Error> {
        let locked = Locked::read(&self.deployment)?;
        Ok(Some(vec![
            Action::ReadVersion {
                skill: &self.target.skill,
                version: &self.version,
                purpose: Purpose::Trial,
            },
            Action::StartTrial {
                version: Some(&self.version),
                place: TrialPlace {
                    agent: locked.choose_agent(self.agent.as_ref())?,
                    environment: locked.choose_environment(self.environment.as_ref())?,
                },
                max_cost: self.trial.max_cost,
                unless_pinned: false,
            },
            Action::WatchTrial(&self.trial),
        ]))
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        Document {
            smoke: &delivery.smoke,
        }
    }
}
