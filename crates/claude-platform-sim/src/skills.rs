//! Requests about skills and their versions.

use std::sync::Arc;

use serde_json::json;
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    objects::Skill,
    package::{self, Package},
    pages::{UP_TO_1000, page},
    request::{Part, Request},
    sim::Sim,
};

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
    let package = read_package(&parts)?;
    let skill = Skill::new(&sim.stamps, package, display_name);
    let answer = Answer::json(&skill.to_json());
    locked(&sim.objects).skills.push(skill);
    Ok(answer)
}

/// `POST /v1/skills/{id}/versions`.
pub(crate) fn create_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let skill = objects.skill_mut(request.id())?;
    let package = read_package(&request.parts()?)?;
    skill
        .add_version(&sim.stamps, package)
        .map(|version| Answer::json(&version))
}

fn read_package(parts: &[Part]) -> Result<Package, Refusal> {
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
    let objects = locked(&sim.objects);
    let skills: Vec<_> = objects
        .skills
        .iter()
        .rev()
        .filter(|_| is_wanted)
        .map(Skill::to_json)
        .collect();
    page(skills, request, UP_TO_1000, sim.setup.page_size)
}

/// `GET /v1/skills/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .skill(request.id())
        .map(|skill| Answer::json(&skill.to_json()))
}

/// `DELETE /v1/skills/{id}`, with all its versions.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    objects.skill(request.id())?;
    objects.skills.retain(|skill| skill.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "skill_deleted"}),
    ))
}

/// `GET /v1/skills/{id}/versions`, newest first.
pub(crate) fn list_versions(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let skill = objects.skill(request.id())?;
    let versions: Vec<_> = skill
        .versions
        .iter()
        .rev()
        .map(|version| version.to_json(&skill.id))
        .collect();
    page(versions, request, UP_TO_1000, sim.setup.page_size)
}

/// `GET /v1/skills/{id}/versions/{version or latest}`.
pub(crate) fn retrieve_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let skill = objects.skill(request.id())?;
    skill
        .find_version(request.sub_id())
        .map(|version| Answer::json(&version.to_json(&skill.id)))
}

/// `DELETE /v1/skills/{id}/versions/{version}`.
pub(crate) fn delete_version(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let skill = objects.skill_mut(request.id())?;
    let id = concrete_version(request)?;
    skill.find_version(id)?;
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
    let objects = locked(&sim.objects);
    let version = objects
        .skill(request.id())?
        .find_version(concrete_version(request)?)?;
    let mut files = version.files.clone();
    if sim.setup.normalised_downloads {
        package::normalise_files(&mut files);
    }
    let zip = package::write_zip(&version.name, &files)
        .map_err(|error| Refusal::new(500, error.to_string()))?;
    Ok(Answer::bytes("application/zip", zip))
}

fn concrete_version(request: &Request) -> Result<&str, Refusal> {
    match request.sub_id() {
        "latest" => Err(Refusal::invalid(
            "version: `latest` is not allowed here; name a version",
        )),
        id => Ok(id),
    }
}
