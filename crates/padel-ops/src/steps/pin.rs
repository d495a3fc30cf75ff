//! `pin`: agents use a version, and nothing else of them changes.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Purpose, Targets},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::Answer,
    error::Error,
    ops::pinning::Pins,
};

/// The same for `rollback`.
#[derive(Serialize)]
pub(super) struct PinDocument<'a> {
    pub(super) pin: &'a Option<Pins>,
}

impl Step for cli::Pin {
    const NAME: &'static str = "pin";
    type Action<'a> = Action<'a>;
    type State = Delivery;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn plan(&self, _: &mut Delivery, _: Answer) -> Result<Option<Vec<Action<'_>>>, Error> {
        Ok(Some(vec![
            Action::ReadVersion {
                skill: &self.target.skill,
                version: &self.version,
                purpose: Purpose::Pin {
                    manifest: self.manifest.as_deref(),
                },
            },
            Action::ReadTargets(Targets {
                part: Self::NAME,
                agents: self.agents.ids(),
                add: self.add,
                smoke_agent: None,
                environment: None,
            }),
            Action::Pin {
                version: Some(&self.version),
                add: self.add,
            },
        ]))
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        PinDocument { pin: &delivery.pin }
    }

    fn outputs(delivery: &Delivery) -> Vec<(&'static str, String)> {
        delivery.outputs()
    }
}
