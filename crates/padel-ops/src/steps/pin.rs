//! `pin`: agents use a version, and nothing else of them changes.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Purpose, Targets},
    step::Step,
    targets::Locked,
};
use crate::{
    cli::{self, Access, Change},
    context::Answer,
    error::Error,
    ops::{follow::Followed, pinning::Pins},
};

/// The same for `rollback`.
#[derive(Serialize)]
pub(super) struct PinDocument<'a> {
    pub(super) pin: &'a Option<Pins>,
    pub(super) deployment: &'a Option<Followed>,
}

impl Step for cli::Pin {
    const NAME: &'static str = "pin";
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
        let agents = locked.choose_agents(&self.agents)?;
        let deployment = locked.has_one_of(&agents).then_some(&self.deployment);
        let mut actions = vec![
            Action::ReadVersion {
                skill: &self.target.skill,
                version: &self.version,
                purpose: Purpose::Pin {
                    manifest: self.manifest.as_deref(),
                },
            },
            Action::ReadTargets(Targets {
                part: Self::NAME,
                agents,
                add: self.add,
                smoke_agent: None,
                environment: None,
                deployment,
            }),
            Action::Pin {
                version: Some(&self.version),
                add: self.add,
            },
        ];
        actions.extend(deployment.map(Action::Follow));
        Ok(Some(actions))
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        PinDocument {
            pin: &delivery.pin,
            deployment: &delivery.deployment,
        }
    }

    fn outputs(delivery: &Delivery) -> Vec<(&'static str, String)> {
        delivery.outputs()
    }
}
