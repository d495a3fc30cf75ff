//! `publish`: the zip becomes a version of its skill, once.

use std::{cmp::Ordering, path::Path};

use serde::Serialize;

use crate::{
    cli::{self, Arches},
    error::{Code, Error},
    ids,
    ops::{
        content::{self, Likeness},
        package::Package,
        skills, upload,
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
}

pub(super) fn prepare(step: &cli::Publish, report: &mut Report) -> Result<Package, Error> {
    let package = read(&step.zip, &step.arches, &step.target.skill, report)?;
    if let Some(plan) = &mut report.plan {
        plan.add("check", format!("`{}` keeps the rules: {}", step.zip.display(), package.describe()));
        describe(&step.target.skill, step.create, plan);
    }
    Ok(package)
}

/// The lines of the plan that are the same in `release`.
pub(super) fn describe(skill: &ids::Skill, create: bool, plan: &mut Plan) {
    let or = if create { "make the skill if it does not exist" } else { "stop if it does not exist" };
    plan.add("publish", format!("find the skill `{skill}` ({or}) and download its newest version"));
    plan.add(
        "publish",
        "send the zip as a new version, unless the newest holds the same files; stop if that is of a newer release",
    );
}

/// Reads and checks the zip, and that it is of the skill that is meant.
pub(super) fn read(zip: &Path, arches: &Arches, skill: &ids::Skill, report: &mut Report) -> Result<Package, Error> {
    let (check, package) = Package::read(zip, arches)?;
    let failure = check.failure();
    report.check = Some(check);
    let package = match (package, failure) {
        (Some(package), None) => package,
        (_, failure) => return Err(failure.unwrap_or_else(|| unnamed(zip))),
    };
    match skill {
        ids::Skill::Name(name) if *name != package.name => {
            let message = format!("`{}` holds the skill `{}`, not `{name}`", zip.display(), package.name);
            Err(Error::new(Code::Usage, message, "give the other zip, or the other name with --skill"))
        }
        _ => Ok(package),
    }
}

fn unnamed(zip: &Path) -> Error {
    Error::new(Code::Violations, format!("`{}` holds no skill", zip.display()), "pack it again")
}

pub(super) async fn run(
    step: &cli::Publish,
    package: &Package,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let skill = find(&step.target.skill, step.create, world).await?;
    publish(skill, package, world, report).await.map(drop)
}

/// The skill's id; none when it is to be made.
pub(super) async fn find(skill: &ids::Skill, create: bool, world: &World<'_>) -> Result<Option<String>, Error> {
    let found = skills::find(&world.client, skill).await?;
    if found.is_none() && !create {
        return Err(skills::missing(skill).hint("add --create to make it, or look at the name and the workspace"));
    }
    Ok(found)
}

/// With `find`, three requests when nothing has changed: skills, newest version, its content.
pub(super) async fn publish(
    skill: Option<String>,
    package: &Package,
    world: &World<'_>,
    report: &mut Report,
) -> Result<Published, Error> {
    let published = match skill {
        Some(id) => next(&id, package, world).await?,
        None => {
            let (skill_id, version) = upload::skill(world, package).await?;
            Published { skill_id, version, skipped: false, created: true }
        }
    };
    report.outputs.push(("skill_id", published.skill_id.clone()));
    report.outputs.push(("skill_version", published.version.clone()));
    report.outputs.push(("skipped", published.skipped.to_string()));
    report.publish = Some(published.clone());
    Ok(published)
}

async fn next(id: &str, package: &Package, world: &World<'_>) -> Result<Published, Error> {
    let newest = world.client.newest_versions(id, 1).await?.into_iter().next();
    let skill_id = id.to_owned();
    let Some(newest) = newest else {
        let version = upload::version(world, id, None, package).await?;
        return Ok(Published { skill_id, version, skipped: false, created: false });
    };
    if let Some(name) = newest.name.as_deref().filter(|name| *name != package.name) {
        let name = padel::text::line(name, 80);
        let message = format!("the skill `{id}` is named `{name}`, and the zip's is `{}`", package.name);
        return Err(Error::new(
            Code::Conflict,
            message,
            "a skill keeps its name: choose the other skill or the other zip",
        ));
    }
    let base = skills::plain(&newest.id)?;
    let there = content::download(&world.client, id, &base).await?;
    match content::compare(&package.tree, &there) {
        Likeness::Same => return Ok(Published { skill_id, version: base, skipped: true, created: false }),
        Likeness::SameButModes => world.log.warning(&format!(
            "`{base}` holds the same files without their executable bits, so the zip is sent; if this comes up again, \
             the platform does not keep them"
        )),
        Likeness::Other => follow(package, &there, (id, &base), world)?,
    }
    let version = upload::version(world, id, Some(&base), package).await?;
    Ok(Published { skill_id, version, skipped: false, created: false })
}

/// Stops before a newer release is followed by an older one, as when the jobs of an older tag are run again: agents would
/// go back unasked. Two contents of one release are only pointed out: while a release is made, that is usual.
fn follow(package: &Package, there: &Tree, (skill, version): (&str, &str), world: &World<'_>) -> Result<(), Error> {
    let release = |tree| semver::Version::parse(&rules::stated_version(tree)?).ok();
    let (Some(ours), Some(theirs)) = (release(&package.tree), release(there)) else { return Ok(()) };
    match theirs.cmp_precedence(&ours) {
        Ordering::Less => {}
        Ordering::Equal => world.log.warning(&format!(
            "`{version}` holds other files of the same release {ours}: the trial tells them apart by their checksums, \
             people cannot; raise the version where that matters"
        )),
        Ordering::Greater => {
            let message = format!("the skill's newest version `{version}` is release {theirs}, the zip's is {ours}");
            let hint = format!(
                "agents go back with {}; to publish these files, raise their version above {theirs}",
                world.command(&format!("rollback --skill {skill} --agent AGENT --execute"))
            );
            return Err(Error::new(Code::Conflict, message, hint));
        }
    }
    Ok(())
}
