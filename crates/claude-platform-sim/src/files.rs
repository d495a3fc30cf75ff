//! Files: uploaded, to be mounted in sessions. What was uploaded cannot be downloaded, as
//! documented.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    pages::page,
    request::Request,
    sim::{Sim, World, locked},
};

/// A file of the Files API.
#[derive(Debug)]
pub(crate) struct StoredObject {
    id: String,
    filename: String,
    mime_type: String,
    created_at: String,
    pub(crate) bytes: Vec<u8>,
}

impl StoredObject {
    /// As the API shows it.
    pub(crate) fn object(&self) -> Value {
        json!({
            "id": self.id, "type": "file", "filename": self.filename, "mime_type": self.mime_type,
            "size_bytes": self.bytes.len(), "created_at": self.created_at, "downloadable": false, "expires_at": null,
        })
    }
}

/// The file with that id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a StoredObject, Refusal> {
    world
        .files
        .iter()
        .find(|file| file.id == id)
        .ok_or_else(|| Refusal::not_found("file", id))
}

/// `POST /v1/files`: one part `file`, of whose filename only the last component is kept.
pub(crate) fn upload(sim: &Arc<Sim>, request: &Request) -> Reply {
    let parts = request.parts()?;
    let [part] = parts.as_slice() else {
        return Err(Refusal::invalid("send exactly one part, named `file`"));
    };
    let Some(filename) = part.filename.as_deref().filter(|_| part.name == "file") else {
        return Err(Refusal::invalid(
            "file: send one part of this name, with a filename",
        ));
    };
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = StoredObject {
        id: sim.id("file"),
        filename: if last.is_empty() {
            "unnamed".to_owned()
        } else {
            last.to_owned()
        },
        mime_type: part
            .content_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        created_at: sim.now(),
        bytes: part.bytes.to_vec(),
    };
    let answer = Answer::json(&file.object());
    locked(&sim.world).files.push(file);
    Ok(answer)
}

/// `GET /v1/files`, newest first.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let files: Vec<_> = locked(&sim.world)
        .files
        .iter()
        .rev()
        .map(StoredObject::object)
        .collect();
    page(&files, request, 1000, sim.setup.page_size)
}

/// `GET /v1/files/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    find(&locked(&sim.world), request.id()).map(|file| Answer::json(&file.object()))
}

/// `DELETE /v1/files/{id}`.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    find(&world, request.id())?;
    world.files.retain(|file| file.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "file_deleted"}),
    ))
}
