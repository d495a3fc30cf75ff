//! `publish`: the zip becomes a version of its skill, once.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Targets, Zip},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    error::Error,
    ids,
    ops::publishing::Published,
    output::CheckReport,
};

pub(super) struct Publish<'a> {
    options: &'a cli::Publish,
    delivery: Delivery,
}

#[derive(Serialize)]
struct Document<'a> {
    check: &'a Option<CheckReport>,
    publish: &'a Option<Published>,
}

impl<'a> Publish<'a> {
    pub(super) fn new(options: &'a cli::Publish) -> Self {
        let delivery = Delivery::default();
        Self { options, delivery }
    }
}

impl<'a> Step for Publish<'a> {
    const NAME: &'static str = "publish";
    type Action = Action<'a>;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.options.access, Some(&self.options.change))
    }

    fn plan(&mut self, answer: Answer) -> Result<Option<Vec<Self::Action>>, Error> {
        let cli::Publish {
            zip,
            target: cli::Target { skill },
            create,
            next,
            arches,
            ..
        } = self.options;
        let zip = Zip {
            path: zip.clone(),
            arches,
            skill,
        };
        let found = self.delivery.check_now(&zip, answer)?.describe();
        let mut actions = vec![
            Action::Check(zip, Some(found)),
            Action::FindSkill {
                skill,
                create: *create,
            },
        ];
        let targets = Targets {
            part: Self::NAME,
            agents: ids::Agents::all(&next.agents),
            add: next.add,
            smoke_agent: next.smoke_agent.as_deref(),
            environment: next.environment.as_deref(),
        };
        if !targets.is_empty() {
            actions.push(Action::ReadTargets(targets));
        }
        actions.push(Action::Upload);
        Ok(Some(actions))
    }

    async fn perform(
        &mut self,
        action: Self::Action,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        self.delivery.perform(action, context).await
    }

    fn document(&self) -> impl Serialize {
        let Delivery {
            check, published, ..
        } = &self.delivery;
        Document {
            check,
            publish: published,
        }
    }

    fn has_results(&self) -> bool {
        self.delivery.check.is_some()
    }

    fn outputs(&self) -> Vec<(&'static str, String)> {
        let mut lines = self.delivery.outputs();
        // So that CI tries no version that its agents use.
        if self.delivery.published.is_some()
            && let Ok(pinned) = self.delivery.is_pinned()
        {
            lines.push(("pinned", pinned.to_string()));
        }
        lines
    }
}
