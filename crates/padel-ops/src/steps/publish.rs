//! `publish`: the zip becomes a version of its skill, once.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Targets, Zip},
    step::Step,
};
use crate::{
    cli::{self, Access, Change},
    context::Answer,
    error::Error,
    ids,
    ops::publishing::Published,
    output::CheckReport,
};

#[derive(Serialize)]
struct Document<'a> {
    check: &'a Option<CheckReport>,
    publish: &'a Option<Published>,
}

impl Step for cli::Publish {
    const NAME: &'static str = "publish";
    type Action<'a> = Action<'a>;
    type State = Delivery;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn plan(
        &self,
        delivery: &mut Delivery,
        answer: Answer,
    ) -> Result<Option<Vec<Action<'_>>>, Error> {
        let (skill, next) = (&self.target.skill, &self.next);
        let zip = Zip {
            path: self.zip.clone(),
            arches: &self.arches,
            skill,
        };
        let found = delivery.check_now(&zip, answer)?.describe();
        let mut actions = vec![
            Action::Check(zip, Some(found)),
            Action::FindSkill {
                skill,
                create: self.create,
            },
        ];
        let targets = Targets {
            part: Self::NAME,
            agents: ids::Agents::merge(&next.agents),
            add: next.add,
            smoke_agent: next.smoke_agent.as_deref(),
            environment: next.environment.clone(),
            deployment: None,
        };
        if !targets.is_empty() {
            actions.push(Action::ReadTargets(targets));
        }
        actions.push(Action::Upload);
        Ok(Some(actions))
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        Document {
            check: &delivery.check,
            publish: &delivery.publish,
        }
    }

    fn has_results(delivery: &Delivery) -> bool {
        delivery.check.is_some()
    }

    fn outputs(delivery: &Delivery) -> Vec<(&'static str, String)> {
        let mut lines = delivery.outputs();
        // So that CI tries no version that its agents use.
        if delivery.publish.is_some()
            && let Ok(pinned) = delivery.is_pinned()
        {
            lines.push(("pinned", pinned.to_string()));
        }
        lines
    }
}
