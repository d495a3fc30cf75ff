//! Skills and their versions.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    package::{self, Package, StoredFile},
    pages::page,
    request::{Part, Request},
    sim::{Sim, World, locked},
};

/// The most versions or skills on a page. Documented.
const LARGEST_PAGE: usize = 1000;

/// An immutable version of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// `skver_…`.
    pub id: String,
    /// The skill's name, from the front matter.
    pub name: String,
    /// From the front matter.
    pub description: String,
    /// RFC 3339.
    pub created_at: String,
    /// By path below the skill's directory, with the modes that were uploaded.
    pub files: BTreeMap<String, StoredFile>,
}

/// A skill, never without a version.
#[derive(Debug)]
pub(crate) struct Skill {
    pub(crate) id: String,
    display_name: String,
    created_at: String,
    updated_at: String,
    /// Oldest first.
    pub(crate) versions: Vec<StoredVersion>,
}

impl StoredVersion {
    fn new(sim: &Sim, package: Package) -> Self {
        let Package {
            name,
            description,
            files,
        } = package;
        Self {
            id: sim.id("skver"),
            name,
            description,
            created_at: sim.now(),
            files,
        }
    }

    /// As the API shows it.
    pub(crate) fn object(&self, skill_id: &str) -> Value {
        json!({
            "id": self.id, "type": "skill_version", "created_at": self.created_at,
            "description": self.description, "name": self.name, "skill_id": skill_id,
        })
    }
}

impl Skill {
    /// A skill with its first version, among the others.
    pub(crate) fn found(
        sim: &Sim,
        world: &mut World,
        package: Package,
        display_name: Option<String>,
    ) -> Value {
        let version = StoredVersion::new(sim, package);
        let display_name = display_name.unwrap_or_else(|| version.name.clone());
        let (created_at, updated_at) = (sim.now(), sim.now());
        let skill = Self {
            id: sim.id("skill"),
            display_name,
            created_at,
            updated_at,
            versions: vec![version],
        };
        let object = skill.object();
        world.skills.push(skill);
        object
    }

    /// One version more, which must have the same name.
    pub(crate) fn add(&mut self, sim: &Sim, package: Package) -> Result<Value, Refusal> {
        let name = self
            .newest()
            .map(|version| version.name.as_str())
            .unwrap_or_default();
        if package.name != name {
            let message = format!(
                "name: `{}` differs from the skill's, `{name}`, which cannot change",
                package.name
            );
            return Err(Refusal::invalid(message));
        }
        let version = StoredVersion::new(sim, package);
        let object = version.object(&self.id);
        self.updated_at.clone_from(&version.created_at);
        self.versions.push(version);
        Ok(object)
    }

    /// As the API shows it.
    pub(crate) fn object(&self) -> Value {
        json!({
            "id": self.id, "type": "skill", "display_name": self.display_name, "source": {"type": "custom"},
            "latest_version_id": self.newest().map(|version| &version.id),
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }

    /// The version with that id, or the newest one for `latest`.
    pub(crate) fn version(&self, id: &str) -> Result<&StoredVersion, Refusal> {
        let found = if id == "latest" {
            self.newest()
        } else {
            self.versions.iter().find(|version| version.id == id)
        };
        found.ok_or_else(|| Refusal::not_found("skill version", id))
    }

    /// The version before that one; the first has itself.
    pub(crate) fn before<'a>(&'a self, version: &'a StoredVersion) -> &'a StoredVersion {
        self.versions
            .iter()
            .take_while(|earlier| earlier.id != version.id)
            .last()
            .unwrap_or(version)
    }

    /// The name that all versions share.
    pub(crate) fn name(&self) -> &str {
        self.newest().map_or("", |version| &version.name)
    }

    fn newest(&self) -> Option<&StoredVersion> {
        self.versions.last()
    }
}

/// The skill with that id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Skill, Refusal> {
    world
        .skills
        .iter()
        .find(|skill| skill.id == id)
        .ok_or_else(|| Refusal::not_found("skill", id))
}

fn find_mut<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Skill, Refusal> {
    world
        .skills
        .iter_mut()
        .find(|skill| skill.id == id)
        .ok_or_else(|| Refusal::not_found("skill", id))
}

/// `POST /v1/skills`: `display_name` if any, then `files[]`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut parts = request.parts()?;
    let mut display_name = None;
    if parts
        .first()
        .is_some_and(|part| part.name == "display_name")
    {
        let text = String::from_utf8_lossy(&parts.remove(0).bytes).into_owned();
        if text.is_empty() || text.chars().count() > 255 || text.contains('\n') {
            return Err(Refusal::invalid(
                "display_name: one line of 1 to 255 characters",
            ));
        }
        display_name = Some(text);
    }
    let package = package(&parts)?;
    Ok(Answer::json(&Skill::found(
        sim,
        &mut locked(&sim.world),
        package,
        display_name,
    )))
}

/// `POST /v1/skills/{id}/versions`.
pub(crate) fn create_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    let skill = find_mut(&mut world, request.id())?;
    let package = package(&request.parts()?)?;
    skill
        .add(sim, package)
        .map(|version| Answer::json(&version))
}

fn package(parts: &[Part]) -> Result<Package, Refusal> {
    match parts.iter().find(|part| part.name != "files[]") {
        Some(part) => Err(Refusal::invalid(format!(
            "`{}`: unexpected part; files are named `files[]`",
            part.name
        ))),
        None => Package::from_parts(parts),
    }
}

/// `GET /v1/skills`, newest first. There are none of Anthropic's.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let is_wanted = match request.query("source") {
        None | Some("custom") => true,
        Some("anthropic") => false,
        Some(other) => {
            return Err(Refusal::invalid(format!(
                "source: `{other}` is not `custom` or `anthropic`"
            )));
        }
    };
    let world = locked(&sim.world);
    let skills: Vec<_> = world
        .skills
        .iter()
        .rev()
        .filter(|_| is_wanted)
        .map(Skill::object)
        .collect();
    page(&skills, request, LARGEST_PAGE, sim.setup.page_size)
}

/// `GET /v1/skills/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    find(&locked(&sim.world), request.id()).map(|skill| Answer::json(&skill.object()))
}

/// `DELETE /v1/skills/{id}`, with all its versions.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    find(&world, request.id())?;
    world.skills.retain(|skill| skill.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "skill_deleted"}),
    ))
}

/// `GET /v1/skills/{id}/versions`, newest first.
pub(crate) fn list_versions(sim: &Arc<Sim>, request: &Request) -> Reply {
    let world = locked(&sim.world);
    let skill = find(&world, request.id())?;
    let versions: Vec<_> = skill
        .versions
        .iter()
        .rev()
        .map(|version| version.object(&skill.id))
        .collect();
    page(&versions, request, LARGEST_PAGE, sim.setup.page_size)
}

/// `GET /v1/skills/{id}/versions/{version or latest}`.
pub(crate) fn retrieve_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let world = locked(&sim.world);
    let skill = find(&world, request.id())?;
    skill
        .version(request.sub_id())
        .map(|version| Answer::json(&version.object(&skill.id)))
}

/// `DELETE /v1/skills/{id}/versions/{version}`.
pub(crate) fn delete_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    let skill = find_mut(&mut world, request.id())?;
    let id = concrete(request)?;
    skill.version(id)?;
    if skill.versions.len() == 1 {
        return Err(Refusal::invalid(
            "the only version of a skill cannot be deleted; delete the skill",
        ));
    }
    skill.versions.retain(|version| version.id != id);
    Ok(Answer::json(
        &json!({"id": id, "type": "skill_version_deleted"}),
    ))
}

/// `GET /v1/skills/{id}/versions/{version}/content`, a zip.
pub(crate) fn download(sim: &Arc<Sim>, request: &Request) -> Reply {
    let world = locked(&sim.world);
    let version = find(&world, request.id())?.version(concrete(request)?)?;
    let mut files = version.files.clone();
    if sim.setup.normalised_downloads {
        package::normalise(&mut files);
    }
    let zip = package::zip(&version.name, &files)
        .map_err(|error| Refusal::new(500, error.to_string()))?;
    Ok(Answer::bytes("application/zip", zip))
}

fn concrete(request: &Request) -> Result<&str, Refusal> {
    match request.sub_id() {
        "latest" => Err(Refusal::invalid(
            "version: `latest` is not allowed here; name a version",
        )),
        id => Ok(id),
    }
}
