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

    fn plan(&self, _: &mut Delivery, _: Answer) -> Result<Option<Vec<Action<'_>>>, Error> {
        let cli::Smoke {
            target,
            version,
            agent,
            environment,
            trial,
            ..
        } = self;
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

    async fn perform<'a>(
        &'a self,
        delivery: &mut Delivery,
        action: Action<'a>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        delivery.perform(action, context).await
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        Document {
            smoke: &delivery.trial_report,
        }
    }
}
