//! `release`: pack, check, publish, smoke, pin. Each can be repeated, so the whole can.

use std::path::PathBuf;

use super::{pack, pin, publish, ready, smoke};
use crate::{
    SKILL, VERSION, cli,
    error::Error,
    ops::{agents::Wanted, facts, package::Package},
    report::Report,
    rules, sums,
    world::World,
};

/// Reads and checks a zip that is there already; packing waits for `--execute`.
pub(super) fn prepare(step: &cli::Release, report: &mut Report) -> Result<Option<Package>, Error> {
    let package = step
        .zip
        .as_ref()
        .map(|zip| publish::read(zip, &step.arches, &step.target.skill, report));
    let package = package.transpose()?;
    let Some(plan) = &mut report.plan else {
        return Ok(package);
    };
    let zip = zip(step);
    match &package {
        Some(package) => plan.add(
            "check",
            format!(
                "`{}` keeps the rules: {}",
                zip.display(),
                package.describe()
            ),
        ),
        None => {
            let cli::Packing {
                skill_dir, bin_dir, ..
            } = &step.packing;
            plan.add(
                "pack",
                format!(
                    "`{}` and `{}` become `{}`",
                    skill_dir.display(),
                    bin_dir.display(),
                    zip.display()
                ),
            );
            plan.add("check", format!("`{}` must keep the rules", zip.display()));
        }
    }
    let ids = step.agents.ids();
    let used = step
        .smoke_agent
        .iter()
        .chain(&step.environment)
        .map(|id| format!(", `{id}`"));
    let used: String = used.collect();
    plan.add(
        "pin",
        format!(
            "read {}{used}; stop unless each can be used",
            pin::list(&ids)
        ),
    );
    publish::describe(&step.target.skill, step.create, plan);
    if let (Some(environment), Some(agent)) =
        (&step.environment, step.smoke_agent.as_ref().or(ids.first()))
    {
        plan.add("smoke", "skip it when each agent pins the version already");
        smoke::describe("the version", agent, environment, &step.trial, plan);
    }
    let pre_release = package
        .as_ref()
        .and_then(|package| rules::pre_release(&package.tree));
    match pre_release.or_else(|| packs_pre_release(step)) {
        Some(release) => plan.add(
            "pin",
            format!("pin nothing, for {release} is a pre-release"),
        ),
        None => pin::describe("the version", &ids, step.add, plan),
    }
    Ok(package)
}

/// What is packed has this tool's version.
fn packs_pre_release(step: &cli::Release) -> Option<String> {
    let is_plain = !VERSION.contains(['-', '+']);
    (step.zip.is_none() && !is_plain).then(|| VERSION.to_owned())
}

fn zip(step: &cli::Release) -> PathBuf {
    step.zip
        .clone()
        .unwrap_or_else(|| step.packing.out.join(format!("{SKILL}.zip")))
}

pub(super) async fn run(
    step: &cli::Release,
    package: Option<Package>,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let zip = zip(step);
    let package = match package {
        Some(package) => package,
        None => {
            let packed = pack::run(&step.packing, &step.arches)?;
            let failure = packed.failure();
            report.pack = Some(packed);
            report.show()?;
            failure.map_or(Ok(()), Err)?;
            publish::read(&zip, &step.arches, &step.target.skill, report)?
        }
    };
    // Before a version is made: whether each agent can be pinned in the end.
    let skill = publish::find(&step.target.skill, step.create, world).await?;
    let mut wanted = Wanted {
        skill: skill.clone().unwrap_or_else(|| package.name.clone()),
        version: String::new(),
        facts: facts::of_package(&package, &zip),
        add: step.add,
    };
    let ids = step.agents.ids();
    let mut agents = pin::read(&ids, world).await?;
    ready::agents(&agents, &wanted)?;
    if let Some(agent) = &step.smoke_agent {
        ready::smoke_agent(agent, world).await?;
    }
    if let Some(environment) = &step.environment {
        ready::environment(environment, world).await?;
    }
    pin::point_out_followers(&agents, &wanted.skill, world)?;
    let published = publish::publish(skill, (&package, &zip), &agents, world, report).await?;
    report.show()?;
    (wanted.skill, wanted.version) = (published.skill_id.clone(), published.version.clone());
    let mut pinned = !published.pre_release;
    for agent in &agents {
        pinned &= wanted.change_for(agent)?.is_none();
    }
    match (&step.environment, step.smoke_agent.as_ref().or(ids.first())) {
        (Some(_), _) if pinned => world
            .log
            .progress("smoke: skipped, for the version is pinned already"),
        (Some(environment), Some(agent)) => {
            let attempt = smoke::Attempt {
                skill: &published.skill_id,
                name: &package.name,
                version: &published.version,
                sums: sums::seals(&package.tree),
                agent,
                environment,
                limits: &step.trial,
            };
            smoke::smoke(&attempt, world, report).await?;
            report.show()?;
        }
        _ => {}
    }
    if let Some(release) = rules::pre_release(&package.tree) {
        world.log.progress(&format!(
            "pin: skipped, for {release} is a pre-release: those are published, never pinned"
        ));
        return Ok(());
    }
    if !pinned {
        // The trial took its time: the agents may have changed, and that may have been another pin.
        let now = pin::read(&ids, world).await?;
        for (seen, now) in agents.iter().zip(&now) {
            wanted.undisturbed(seen, now, world)?;
        }
        agents = now;
    }
    pin::pin(
        agents
            .into_iter()
            .map(|agent| (agent, wanted.clone()))
            .collect(),
        world,
        report,
    )
    .await
}
