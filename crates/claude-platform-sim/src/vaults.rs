//! Requests about vaults, which hold the credentials of sessions.

use std::{ops::RangeInclusive, sync::Arc};

use serde_json::json;
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::{merge_metadata, only_known, read_metadata, require_text},
    objects::Vault,
    pages::{UP_TO_100, page},
    request::Request,
    sim::Sim,
};

const FIELDS: [&str; 2] = ["display_name", "metadata"];
pub(crate) const NAME_LENGTH: RangeInclusive<usize> = 1..=255;

/// `POST /v1/vaults`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let (id, now) = (sim.stamps.id("vlt"), sim.stamps.now());
    let object = json!({
        "id": id, "type": "vault",
        "display_name": require_text(&body, "display_name", NAME_LENGTH)?,
        "metadata": read_metadata(body.get("metadata"))?,
        "created_at": now, "updated_at": now, "archived_at": null,
    });
    let answer = Answer::json(&object);
    locked(&sim.objects).vaults.push(Vault {
        id,
        object,
        credentials: Vec::new(),
    });
    Ok(answer)
}

/// `GET /v1/vaults`, newest first, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let newest_first = objects.vaults.iter().rev();
    let shown = newest_first
        .filter(|vault| request.includes_archived() || !vault.is_archived())
        .map(|vault| vault.object.clone())
        .collect();
    page(shown, request, UP_TO_100, sim.setup.page_size)
}

/// `GET /v1/vaults/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .vault(request.id())
        .map(|vault| Answer::json(&vault.object))
}

/// `POST /v1/vaults/{id}`: absent fields stay, metadata is merged.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    refuse_archived(vault)?;
    let mut after = vault.object.clone();
    if body.contains_key("display_name") {
        after["display_name"] = require_text(&body, "display_name", NAME_LENGTH)?;
    }
    if let Some(patch) = body.get("metadata") {
        after["metadata"] = merge_metadata(&after["metadata"], patch)?;
    }
    after["updated_at"] = json!(sim.stamps.now());
    vault.object = after;
    Ok(Answer::json(&vault.object))
}

/// `POST /v1/vaults/{id}/archive`: purges all secrets; its sessions go on.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    vault.archive(&sim.stamps.now());
    Ok(Answer::json(&vault.object))
}

/// `DELETE /v1/vaults/{id}`, with its credentials.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    objects.vault(request.id())?;
    objects.vaults.retain(|vault| vault.id != request.id());
    Ok(Answer::json(
        &json!({"id": request.id(), "type": "vault_deleted"}),
    ))
}

pub(crate) fn refuse_archived(vault: &Vault) -> Result<(), Refusal> {
    match vault.is_archived() {
        true => Err(Refusal::invalid(format!(
            "the vault `{}` is archived",
            vault.id
        ))),
        false => Ok(()),
    }
}
