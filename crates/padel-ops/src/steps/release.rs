//! `release`: pack, check, publish, smoke, pin. Each can be repeated, so the whole can.

use serde::Serialize;

use super::{
    delivery::{Action, Delivery, Targets, Zip},
    step::Step,
    targets::Locked,
};
use crate::{
    SKILL, VERSION,
    cli::{self, Access, Change},
    context::Answer,
    error::Error,
    ops::{
        follow::Followed,
        pinning::Pins,
        publishing::Published,
        trial_session::{TrialPlace, TrialReport},
    },
    output::{CheckReport, PackReport},
    rules,
};

#[derive(Serialize)]
struct Document<'a> {
    pack: &'a Option<PackReport>,
    check: &'a Option<CheckReport>,
    publish: &'a Option<Published>,
    smoke: &'a Option<TrialReport>,
    pin: &'a Option<Pins>,
    deployment: &'a Option<Followed>,
}

/// Packs and checks, or checks the zip that is there. Gives the pre-release that it holds, if it
/// holds one: what is packed has this tool's version.
fn plan_zip<'a>(
    options: &'a cli::Release,
    delivery: &mut Delivery,
    answer: Answer,
    actions: &mut Vec<Action<'a>>,
) -> Result<Option<String>, Error> {
    let cli::Release {
        packing, arches, ..
    } = options;
    let packed = packing.out.join(format!("{SKILL}.zip"));
    let zip = Zip {
        path: options.zip.clone().unwrap_or(packed),
        arches,
        skill: &options.target.skill,
    };
    if options.zip.is_none() {
        actions.push(Action::Pack(packing, arches));
        actions.push(Action::Check(zip, None));
        let is_pre_release = VERSION.contains(['-', '+']);
        return Ok(is_pre_release.then(|| VERSION.to_owned()));
    }
    let package = delivery.check_now(&zip, answer)?;
    actions.push(Action::Check(zip, Some(package.describe())));
    Ok(rules::pre_release(&package.tree))
}

impl Step for cli::Release {
    const NAME: &'static str = "release";
    type Action<'a> = Action<'a>;
    type State = Delivery;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    fn plan(
        &self,
        delivery: &mut Delivery,
        answer: Answer,
    ) -> Result<Option<Vec<Action<'_>>>, Error> {
        let mut actions = Vec::new();
        let pre_release = plan_zip(self, delivery, answer, &mut actions)?;
        actions.push(Action::FindSkill {
            skill: &self.target.skill,
            create: self.create,
        });
        let locked = Locked::read(&self.deployment)?;
        let agents = locked.choose_agents(&self.agents)?;
        let deployment = locked.has_one_of(&agents).then_some(&self.deployment);
        let place = if self.skip_smoke {
            None
        } else {
            let first = self.smoke_agent.as_ref().or(agents.first());
            Some(TrialPlace {
                agent: locked.choose_agent(first)?,
                environment: locked.choose_environment(self.environment.as_ref())?,
            })
        };
        actions.push(Action::ReadTargets(Targets {
            part: "pin",
            agents,
            add: self.add,
            smoke_agent: self.smoke_agent.as_deref(),
            environment: place.as_ref().map(|place| place.environment.clone()),
            deployment,
        }));
        actions.push(Action::Upload);
        if let Some(place) = place {
            actions.push(Action::StartTrial {
                version: None,
                place,
                max_cost: self.trial.max_cost,
                unless_pinned: true,
            });
            actions.push(Action::WatchTrial(&self.trial));
        }
        match pre_release {
            Some(release) => actions.push(Action::LeaveUnpinned(release)),
            None => {
                actions.push(Action::ReadAgain);
                actions.push(Action::Pin {
                    version: None,
                    add: self.add,
                });
                actions.extend(deployment.map(Action::Follow));
            }
        }
        Ok(Some(actions))
    }

    fn document(delivery: &Delivery) -> impl Serialize {
        Document {
            pack: &delivery.pack,
            check: &delivery.check,
            publish: &delivery.publish,
            smoke: &delivery.smoke,
            pin: &delivery.pin,
            deployment: &delivery.deployment,
        }
    }

    fn has_results(delivery: &Delivery) -> bool {
        delivery.check.is_some()
    }

    fn outputs(delivery: &Delivery) -> Vec<(&'static str, String)> {
        delivery.outputs()
    }
}
