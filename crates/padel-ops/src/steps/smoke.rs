//! `smoke`: a version is tried in a session before any agent uses it.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Purpose},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    error::Error,
    ops::trial_session::{TrialPlace, TrialReport},
};

pub(super) struct Smoke<'a> {
    options: &'a cli::Smoke,
    delivery: Delivery,
}

#[derive(Serialize)]
struct Document<'a> {
    smoke: &'a Option<TrialReport>,
}

impl<'a> Smoke<'a> {
    pub(super) fn new(options: &'a cli::Smoke) -> Self {
        let delivery = Delivery::default();
        Self { options, delivery }
    }
}

impl<'a> Step for Smoke<'a> {
    const NAME: &'static str = "smoke";
    type Action = Action<'a>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.options.access, Some(&self.options.change))
    }

    fn plan(&mut self, _: Answer) -> Result<Option<Vec<Self::Action>>, Error> {
        let cli::Smoke {
            target,
            version,
            agent,
            environment,
            trial,
            ..
        } = self.options;
        Ok(Some(vec![
            Action::ReadVersion {
                skill: &target.skill,
                version,
                purpose: Purpose::Trial,
            },
            Action::StartTrial {
                version: Some(version),
                place: TrialPlace {
                    agent: agent.clone(),
                    environment: environment.clone(),
                },
                max_cost: trial.max_cost,
                unless_pinned: false,
            },
            Action::WatchTrial(trial),
        ]))
    }

    async fn perform(
        &mut self,
        action: Self::Action,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        self.delivery.perform(action, context).await
    }

    fn document(&self) -> impl Serialize {
        Document {
            smoke: &self.delivery.trial_report,
        }
    }
}
