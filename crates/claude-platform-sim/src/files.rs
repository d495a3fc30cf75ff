//! Requests about files: uploaded, to be mounted in sessions. What was uploaded cannot be
//! downloaded, as documented.

use std::{ops::RangeInclusive, sync::Arc};

use serde_json::json;
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    objects::UploadedFile,
    pages::{UP_TO_1000, page},
    request::{MANAGED_AGENTS, Part, Request},
    sim::Sim,
};

/// Seconds: an hour to 90 days. Documented.
const LIFE: RangeInclusive<u32> = 3600..=7_776_000;

/// The most ids that a list is narrowed to. Documented.
const MOST_IDS: usize = 100;

/// `POST /v1/files`: `expires_in_seconds` if any, then `file`, of whose filename only the last
/// component is kept.
pub(crate) fn upload(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut parts = request.parts()?;
    let expires_at = match parts.first() {
        Some(part) if part.name == "expires_in_seconds" => {
            Some(sim.stamps.after(read_life(&parts.remove(0))?))
        }
        _ => None,
    };
    let [part] = parts.as_slice() else {
        return Err(Refusal::invalid(
            "send one part named `file`, and before it at most `expires_in_seconds`",
        ));
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
        expires_at,
        scope: None,
        bytes: part.bytes.to_vec(),
    };
    let answer = Answer::json(&file.to_json());
    locked(&sim.objects).files.push(file);
    Ok(answer)
}

fn read_life(part: &Part) -> Result<u32, Refusal> {
    let text = String::from_utf8_lossy(&part.bytes);
    let seconds = text.parse().ok().filter(|seconds| LIFE.contains(seconds));
    seconds.ok_or_else(|| {
        Refusal::invalid(format!(
            "expires_in_seconds: a number from {} to {}",
            LIFE.start(),
            LIFE.end()
        ))
    })
}

/// `GET /v1/files`, newest first. `ids[]` narrows it; `scope_id` shows the files of a session: here
/// the copies of what was mounted.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let ids: Vec<_> = request.query_all("ids[]").collect();
    if ids.len() > MOST_IDS {
        return Err(Refusal::invalid(format!("ids: at most {MOST_IDS}")));
    }
    let scope = request.query("scope_id");
    if scope.is_some() && !request.has_beta(MANAGED_AGENTS) {
        return Err(Refusal::invalid(format!(
            "scope_id: send `anthropic-beta: {MANAGED_AGENTS}`"
        )));
    }
    let now = sim.stamps.now();
    let objects = locked(&sim.objects);
    let newest_first = objects.files.iter().rev();
    let shown = newest_first
        .filter(|file| file.scope.as_deref() == scope && !file.has_expired(&now))
        .filter(|file| ids.is_empty() || ids.contains(&file.id.as_str()))
        .map(UploadedFile::to_json)
        .collect();
    page(shown, request, UP_TO_1000, sim.setup.page_size)
}

/// `GET /v1/files/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let file = objects.file(request.id())?;
    file.refuse_expired(&sim.stamps.now())?;
    Ok(Answer::json(&file.to_json()))
}

/// `GET /v1/files/{id}/content`: only what sessions made can be downloaded.
pub(crate) fn download(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let file = objects.file(request.id())?;
    file.refuse_expired(&sim.stamps.now())?;
    Err(
        Refusal::invalid(format!("the file `{}` is not downloadable", file.id))
            .with_code("file_not_downloadable"),
    )
}

/// `DELETE /v1/files/{id}`. The copies in sessions stay, which is assumed.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    objects.file(request.id())?;
    objects.files.retain(|file| file.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "file_deleted"}),
    ))
}
