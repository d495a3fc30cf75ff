//! Requests about files: uploaded, to be mounted in sessions. What was uploaded cannot be
//! downloaded, as documented.

use std::sync::Arc;

use serde_json::json;
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    objects::UploadedFile,
    pages::page,
    request::Request,
    sim::Sim,
};

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
    let file = UploadedFile {
        id: sim.stamps.id("file"),
        filename: if last.is_empty() {
            "unnamed".to_owned()
        } else {
            last.to_owned()
        },
        mime_type: part
            .content_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        created_at: sim.stamps.now(),
        bytes: part.bytes.to_vec(),
    };
    let answer = Answer::json(&file.to_json());
    locked(&sim.objects).files.push(file);
    Ok(answer)
}

/// `GET /v1/files`, newest first.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let files: Vec<_> = locked(&sim.objects)
        .files
        .iter()
        .rev()
        .map(UploadedFile::to_json)
        .collect();
    page(&files, request, 1000, sim.setup.page_size)
}

/// `GET /v1/files/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .file(request.id())
        .map(|file| Answer::json(&file.to_json()))
}

/// `DELETE /v1/files/{id}`.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    objects.file(request.id())?;
    objects.files.retain(|file| file.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "file_deleted"}),
    ))
}
