//! `publish`: the zip becomes a version of its skill, once.

use std::{cmp::Ordering, path::Path};

use claude_platform::Agent;
use serde::Serialize;

use super::{pin, ready};
use crate::{
    cli::{self, Arches},
    error::{Code, Error, from_platform},
    ids,
    ops::{
        agents::{self, Wanted},
        content::{self, Likeness},
        facts, history,
        package::Package,
        record, skills, upload,
    },
    plan::Plan,
    report::Report,
    rules,
    source::Tree,
    world::World,
};

/// The version that holds the zip's files.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Published {
    pub(crate) skill_id: String,
    pub(crate) version: String,
    /// Whether it was there already, so that nothing was sent.
    pub(crate) skipped: bool,
    /// Whether the skill was made for it.
    pub(crate) created: bool,
    /// Whether its release is a pre-release, which is never pinned.
    pub(crate) pre_release: bool,
}

pub(super) fn prepare(step: &cli::Publish, report: &mut Report) -> Result<Package, Error> {
    let package = read(&step.zip, &step.arches, &step.target.skill, report)?;
    if let Some(plan) = &mut report.plan {
        plan.add(
            "check",
            format!(
                "`{}` keeps the rules: {}",
                step.zip.display(),
                package.describe()
            ),
        );
        look(&step.next, plan);
        describe(&step.target.skill, step.create, plan);
    }
    Ok(package)
}

/// The line of the plan about what later steps use.
fn look(next: &cli::Next, plan: &mut Plan) {
    let agents = ids::Agents::all(&next.agents);
    let used: Vec<&String> = agents
        .iter()
        .chain(&next.smoke_agent)
        .chain(&next.environment)
        .collect();
    if !used.is_empty() {
        let used: Vec<String> = used.iter().map(|id| format!("`{id}`")).collect();
        plan.add(
            "publish",
            format!(
                "read {}; stop unless each can be used afterwards",
                used.join(", ")
            ),
        );
    }
}

/// The lines of the plan that are the same in `release`.
pub(super) fn describe(skill: &ids::Skill, create: bool, plan: &mut Plan) {
    let or = if create {
        "make the skill if it does not exist"
    } else {
        "stop if it does not exist"
    };
    plan.add(
        "publish",
        format!("find the skill `{skill}` ({or}) and download its newest version"),
    );
    plan.add(
        "publish",
        "send the zip as a new version, unless the newest holds the same files; stop if that is of a newer release",
    );
}

/// Reads and checks the zip, and that it is of the skill that is meant.
pub(super) fn read(
    zip: &Path,
    arches: &Arches,
    skill: &ids::Skill,
    report: &mut Report,
) -> Result<Package, Error> {
    let (check, package) = Package::read(zip, arches)?;
    let failure = check.failure();
    report.check = Some(check);
    let package = match (package, failure) {
        (Some(package), None) => package,
        (_, failure) => return Err(failure.unwrap_or_else(|| unnamed(zip))),
    };
    match skill {
        ids::Skill::Name(name) if *name != package.name => {
            let message = format!(
                "`{}` holds the skill `{}`, not `{name}`",
                zip.display(),
                package.name
            );
            Err(Error::new(
                Code::Usage,
                message,
                "give the other zip, or the other name with --skill",
            ))
        }
        _ => Ok(package),
    }
}

fn unnamed(zip: &Path) -> Error {
    Error::new(
        Code::Violations,
        format!("`{}` holds no skill", zip.display()),
        "pack it again",
    )
}

pub(super) async fn run(
    step: &cli::Publish,
    package: &Package,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let skill = find(&step.target.skill, step.create, world).await?;
    let agents = pin::read(&ids::Agents::all(&step.next.agents), world).await?;
    let mut wanted = Wanted {
        skill: skill.clone().unwrap_or_else(|| package.name.clone()),
        version: String::new(),
        facts: facts::of_package(package, &step.zip),
        add: step.next.add,
    };
    ready::agents(&agents, &wanted)?;
    if let Some(agent) = &step.next.smoke_agent {
        ready::smoke_agent(agent, world).await?;
    }
    if let Some(environment) = &step.next.environment {
        ready::environment(environment, world).await?;
    }
    let published = publish(skill, (package, &step.zip), &agents, world, report).await?;
    (wanted.skill, wanted.version) = (published.skill_id, published.version);
    let mut pinned = !agents.is_empty();
    for agent in &agents {
        pinned &= wanted.change_for(agent)?.is_none();
    }
    // So that CI tries no version that its agents use.
    report.outputs.push(("pinned", pinned.to_string()));
    Ok(())
}

/// The skill's id; none when it is to be made.
pub(super) async fn find(
    skill: &ids::Skill,
    create: bool,
    world: &World<'_>,
) -> Result<Option<String>, Error> {
    let found = skills::find(&world.client, skill).await?;
    if found.is_none() && !create {
        return Err(skills::missing(skill)
            .with_hint("add --create to make it, or look at the name and the workspace"));
    }
    Ok(found)
}

/// With `find`, three requests when nothing has changed: skills, newest version, its content. Where
/// that comes back as other files than were sent, `agents` may remember the zip of which the
/// version was made.
pub(super) async fn publish(
    skill: Option<String>,
    (package, zip): (&Package, &Path),
    agents: &[Agent],
    world: &World<'_>,
    report: &mut Report,
) -> Result<Published, Error> {
    let pre_release = rules::pre_release(&package.tree).is_some();
    let published = match skill {
        Some(id) => next(&id, (package, zip), agents, world).await?,
        None => {
            let (skill_id, version) = upload::skill(world, package).await?;
            Published {
                skill_id,
                version,
                skipped: false,
                created: true,
                pre_release,
            }
        }
    };
    record::write(
        zip,
        package,
        (&published.skill_id, &published.version),
        world,
    );
    report
        .outputs
        .push(("skill_id", published.skill_id.clone()));
    report
        .outputs
        .push(("skill_version", published.version.clone()));
    report
        .outputs
        .push(("skipped", published.skipped.to_string()));
    report
        .outputs
        .push(("pre_release", pre_release.to_string()));
    report.publish = Some(published.clone());
    Ok(published)
}

async fn next(
    id: &str,
    (package, zip): (&Package, &Path),
    agents: &[Agent],
    world: &World<'_>,
) -> Result<Published, Error> {
    let newest = world
        .client
        .newest_versions(id, 1)
        .await
        .map_err(from_platform)?
        .into_iter()
        .next();
    let skill_id = id.to_owned();
    let pre_release = rules::pre_release(&package.tree).is_some();
    let Some(newest) = newest else {
        let version = upload::version(world, id, None, package).await?;
        return Ok(Published {
            skill_id,
            version,
            skipped: false,
            created: false,
            pre_release,
        });
    };
    if let Some(name) = newest.name.as_deref().filter(|name| *name != package.name) {
        let name = printable::line(name, 80);
        let message = format!(
            "the skill `{id}` is named `{name}`, and the zip's is `{}`",
            package.name
        );
        return Err(Error::new(
            Code::Conflict,
            message,
            "a skill keeps its name: choose the other skill or the other zip",
        ));
    }
    let base = skills::plain(&newest.id)?;
    let there = content::download(&world.client, id, &base).await?;
    let is_there = match content::compare(&package.tree, &there) {
        Likeness::Same => true,
        Likeness::Changed(what) => {
            world.log.progress(&format!(
                "`{base}` holds the same files; the platform gives them back with {what}"
            ));
            true
        }
        Likeness::Other if record::names(zip, package, (id, &base), world) => true,
        Likeness::Other => {
            let zips = history::zips(&world.client, agents, id).await?;
            zips.get(&base)
                .and_then(Option::as_ref)
                .is_some_and(|zip| zip.eq_ignore_ascii_case(&package.sha256))
        }
    };
    if is_there {
        let version = pinned_twin(id, &base, package, agents, world)
            .await?
            .unwrap_or(base);
        return Ok(Published {
            skill_id,
            version,
            skipped: true,
            created: false,
            pre_release,
        });
    }
    follow(package, &there, (id, &base), world)?;
    let version = upload::version(world, id, Some(&newest), package).await?;
    Ok(Published {
        skill_id,
        version,
        skipped: false,
        created: false,
        pre_release,
    })
}

/// The version that all agents pin, where that is another one than `newest`, made of the same zip:
/// a run whose answer was lost may have left such a twin, and nothing is better about it.
async fn pinned_twin(
    skill: &str,
    newest: &str,
    package: &Package,
    agents: &[Agent],
    world: &World<'_>,
) -> Result<Option<String>, Error> {
    let mut pinned = Vec::new();
    for agent in agents {
        pinned.push(agents::version(agent, skill)?.unwrap_or_default());
    }
    pinned.dedup();
    let [version] = pinned[..] else {
        return Ok(None);
    };
    if matches!(version, "" | "latest") || version == newest {
        return Ok(None);
    }
    let zips = history::zips(&world.client, agents, skill).await?;
    let is_twin = zips
        .get(version)
        .is_some_and(|zip| zip.as_ref() == Some(&package.sha256));
    if is_twin {
        skills::plain(version).map(Some)
    } else {
        Ok(None)
    }
}

/// Stops before a newer release is followed by an older one, as when the jobs of an older tag are
/// run again: agents would go back unasked. Two contents of one release are only pointed out: while
/// a release is made, that is usual.
fn follow(
    package: &Package,
    there: &Tree,
    (skill, version): (&str, &str),
    world: &World<'_>,
) -> Result<(), Error> {
    let release = |tree| semver::Version::parse(&rules::stated_version(tree)?).ok();
    let (Some(ours), Some(theirs)) = (release(&package.tree), release(there)) else {
        return Ok(());
    };
    match theirs.cmp_precedence(&ours) {
        Ordering::Less => {}
        Ordering::Equal => world.log.warning(&format!(
            "`{version}` holds other files of the same release {ours}: the trial tells them apart by their checksums, \
             people cannot; raise the version where that matters"
        )),
        Ordering::Greater => {
            let message = format!("the skill's newest version `{version}` is release {theirs}, the zip's is {ours}");
            let back = world.command(&format!("rollback --skill {skill} --agent AGENT --execute"));
            let back = if rules::pre_release(there).is_some() {
                "no agent pins that pre-release".to_owned()
            } else {
                format!("agents go back with {back}")
            };
            let hint = format!("{back}; to publish these files, raise their version above {theirs}");
            return Err(Error::new(Code::Conflict, message, hint));
        }
    }
    Ok(())
}
