//! Requests about what is mounted in a session: files, as read-only copies with ids of their own.

use std::{io, sync::Arc};

use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::{only_known, require_object},
    objects::{Objects, UploadedFile},
    pages::{ALL_OF_1000, page},
    request::{Request, text_field},
    sandbox::{Sandbox, UPLOADS},
    sim::Sim,
};

/// The most resources of a session. Documented.
pub(crate) const MOST_RESOURCES: usize = 500;

/// A resource that was mounted, and the copy that it is.
#[derive(Debug)]
pub(super) struct Mount {
    pub(super) resource: Value,
    pub(super) copy: UploadedFile,
}

/// Mounts a file below the uploads. A path that another resource has is refused, which is assumed.
pub(super) fn mount(
    sim: &Sim,
    objects: &Objects,
    sandbox: &Sandbox,
    session_id: &str,
    others: &[Value],
    wanted: &Value,
) -> Result<Mount, Refusal> {
    let fields = require_object(wanted, "resources: an entry")?;
    if wanted["type"] != "file" {
        return Err(Refusal::invalid("resources: only files are simulated"));
    }
    only_known(fields, &["type", "file_id", "mount_path"])?;
    let file_id = text_field(wanted, "file_id");
    let file = objects.file(file_id)?;
    file.refuse_expired(&sim.stamps.now())?;
    let path = match fields.get("mount_path") {
        None | Some(Value::Null) => file_id,
        Some(Value::String(path)) => path
            .strip_prefix('/')
            .ok_or_else(|| Refusal::invalid("resources: mount_path must be absolute"))?,
        Some(_) => return Err(Refusal::invalid("resources: mount_path must be a text")),
    };
    if path
        .split('/')
        .any(|piece| matches!(piece, "" | "." | ".."))
    {
        return Err(Refusal::invalid(
            "resources: mount_path must be a path to a file",
        ));
    }
    let mount_path = format!("/{UPLOADS}/{path}");
    if others.iter().any(|other| other["mount_path"] == mount_path) {
        return Err(Refusal::invalid(format!(
            "resources: `{mount_path}` is taken; delete that resource first"
        )));
    }
    sandbox
        .mount_file(path, &file.bytes)
        .map_err(file_system_error)?;
    let now = sim.stamps.now();
    let copy = UploadedFile {
        id: sim.stamps.id("file"),
        filename: file.filename.clone(),
        mime_type: file.mime_type.clone(),
        created_at: now.clone(),
        expires_at: None,
        scope: Some(session_id.to_owned()),
        bytes: file.bytes.clone(),
    };
    let resource = json!({
        "id": sim.stamps.id("sesrsc"), "type": "file", "file_id": copy.id,
        "mount_path": mount_path, "created_at": now, "updated_at": now,
    });
    Ok(Mount { resource, copy })
}

/// `POST /v1/sessions/{id}/resources`: a file more. A live sandbox has it at once; that is assumed.
pub(crate) fn add_resource(sim: &Arc<Sim>, request: &Request) -> Reply {
    let wanted = Value::Object(request.json()?);
    let mut objects = locked(&sim.objects);
    let session = objects.session(request.id())?;
    session.refuse_archived()?;
    let others = resources(&session.object);
    if others.len() >= MOST_RESOURCES {
        return Err(Refusal::invalid(format!(
            "resources: at most {MOST_RESOURCES}"
        )));
    }
    let (sandbox, id) = (&session.sandbox, request.id());
    let Mount { resource, copy } = mount(sim, &objects, sandbox, id, others, &wanted)?;
    let answer = Answer::json(&resource);
    objects.files.push(copy);
    let session = objects.session_mut(id)?;
    if let Some(list) = session.object["resources"].as_array_mut() {
        list.push(resource);
    }
    Ok(answer)
}

/// `GET /v1/sessions/{id}/resources`, all of them unless a limit says otherwise.
pub(crate) fn list_resources(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let list = resources(&objects.session(request.id())?.object).to_vec();
    page(list, request, ALL_OF_1000, sim.setup.page_size)
}

/// `GET /v1/sessions/{id}/resources/{resource}`.
pub(crate) fn retrieve_resource(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let session = objects.session(request.id())?;
    find_resource(&session.object, request.sub_id()).map(Answer::json)
}

/// `POST /v1/sessions/{id}/resources/{resource}`: only the token of a repository can change, and
/// there are none.
pub(crate) fn update_resource(sim: &Arc<Sim>, request: &Request) -> Reply {
    only_known(&request.json()?, &["authorization_token"])?;
    let objects = locked(&sim.objects);
    find_resource(&objects.session(request.id())?.object, request.sub_id())?;
    Err(Refusal::invalid(
        "authorization_token: the resource is no `github_repository`",
    ))
}

/// `DELETE /v1/sessions/{id}/resources/{resource}`, with the copy in the sandbox.
pub(crate) fn delete_resource(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let session = objects.session_mut(request.id())?;
    session.refuse_archived()?;
    let resource = find_resource(&session.object, request.sub_id())?.clone();
    let top = format!("/{UPLOADS}/");
    let path = text_field(&resource, "mount_path");
    let path = path.strip_prefix(&top).unwrap_or(path);
    session
        .sandbox
        .unmount_file(path)
        .map_err(file_system_error)?;
    if let Some(list) = session.object["resources"].as_array_mut() {
        list.retain(|other| other["id"] != resource["id"]);
    }
    objects.files.retain(|file| resource["file_id"] != file.id);
    Ok(Answer::json(
        &json!({"id": resource["id"], "type": "session_resource_deleted"}),
    ))
}

fn resources(session: &Value) -> &[Value] {
    session["resources"].as_array().map_or(&[], Vec::as_slice)
}

fn find_resource<'a>(session: &'a Value, id: &str) -> Result<&'a Value, Refusal> {
    let found = resources(session).iter().find(|one| one["id"] == id);
    found.ok_or_else(|| Refusal::not_found("session resource", id))
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
pub(super) fn file_system_error(error: io::Error) -> Refusal {
    Refusal::new(500, format!("the session's file system: {error}"))
}
