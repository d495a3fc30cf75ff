//! `pin`: agents use a version, and nothing else of them changes.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Purpose, Targets},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    error::Error,
    ops::pinning::Pins,
};

pub(super) struct Pin<'a> {
    options: &'a cli::Pin,
    delivery: Delivery,
}

/// The same for `rollback`.
#[derive(Serialize)]
pub(super) struct PinDocument<'a> {
    pub(super) pin: &'a Option<Pins>,
}

impl<'a> Pin<'a> {
    pub(super) fn new(options: &'a cli::Pin) -> Self {
        let delivery = Delivery::default();
        Self { options, delivery }
    }
}

impl<'a> Step for Pin<'a> {
    const NAME: &'static str = "pin";
    type Action = Action<'a>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.options.access, Some(&self.options.change))
    }

    fn plan(&mut self, _: Answer) -> Result<Option<Vec<Self::Action>>, Error> {
        let cli::Pin {
            target,
            version,
            agents,
            add,
            manifest,
            ..
        } = self.options;
        Ok(Some(vec![
            Action::ReadVersion {
                skill: &target.skill,
                version,
                purpose: Purpose::Pin {
                    manifest: manifest.as_deref(),
                },
            },
            Action::ReadTargets(Targets {
                part: Self::NAME,
                agents: agents.ids(),
                add: *add,
                smoke_agent: None,
                environment: None,
            }),
            Action::Pin {
                version: Some(version),
                add: *add,
            },
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
        PinDocument {
            pin: &self.delivery.pins,
        }
    }

    fn outputs(&self) -> Vec<(&'static str, String)> {
        self.delivery.outputs()
    }
}
