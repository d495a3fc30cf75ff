//! Requests about the credentials of a vault.

mod auth;

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::{merge_metadata, only_known, optional_text, read_metadata, require_object},
    objects::{Credential, Vault},
    pages::{UP_TO_100, page},
    request::Request,
    sim::Sim,
    vaults,
};

const FIELDS: [&str; 3] = ["auth", "display_name", "metadata"];

/// The most credentials of a vault that are not archived. Documented.
const MOST_CREDENTIALS: usize = 20;

/// `POST /v1/vaults/{id}/credentials`. Nothing is tried out, as documented.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let wanted = body.get("auth").unwrap_or(&Value::Null);
    let auth = auth::create(require_object(wanted, "auth")?)?;
    let (id, now) = (sim.stamps.id("vcrd"), sim.stamps.now());
    let object = json!({
        "id": id, "type": "vault_credential", "vault_id": request.id(),
        "display_name": optional_text(&body, "display_name", *vaults::NAME_LENGTH.end())?,
        "metadata": read_metadata(body.get("metadata"))?,
        "created_at": now, "updated_at": now, "archived_at": null,
    });
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    vaults::refuse_archived(vault)?;
    refuse_taken_key(vault, &auth)?;
    let credential = Credential { id, object, auth };
    let answer = Answer::json(&credential.to_json());
    vault.credentials.push(credential);
    Ok(answer)
}

fn refuse_taken_key(vault: &Vault, auth: &Value) -> Result<(), Refusal> {
    let active = || vault.credentials.iter().filter(|one| !one.is_archived());
    let key = auth::key(auth);
    if active().any(|other| auth::key(&other.auth) == key) {
        return Err(Refusal::new(
            409,
            format!("auth: an active credential for `{key}` exists; archive it first"),
        ));
    }
    if active().count() >= MOST_CREDENTIALS {
        return Err(Refusal::invalid(format!(
            "a vault holds at most {MOST_CREDENTIALS} credentials"
        )));
    }
    Ok(())
}

/// `GET /v1/vaults/{id}/credentials`, newest first, without archived ones unless
/// `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let newest_first = objects.vault(request.id())?.credentials.iter().rev();
    let shown = newest_first
        .filter(|one| request.includes_archived() || !one.is_archived())
        .map(Credential::to_json)
        .collect();
    page(shown, request, UP_TO_100, sim.setup.page_size)
}

/// `GET /v1/vaults/{id}/credentials/{credential}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let credential = objects.vault(request.id())?.credential(request.sub_id())?;
    Ok(Answer::json(&credential.to_json()))
}

/// `POST /v1/vaults/{id}/credentials/{credential}`: what it is for stays, secrets are replaced.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    let credential = vault.credential_mut(request.sub_id())?;
    if credential.is_archived() {
        return Err(Refusal::invalid("an archived credential cannot be changed"));
    }
    let (mut object, mut auth) = (credential.object.clone(), credential.auth.clone());
    if let Some(patch) = body.get("auth") {
        auth = auth::merge(&auth, require_object(patch, "auth")?)?;
    }
    if body.contains_key("display_name") {
        object["display_name"] = optional_text(&body, "display_name", *vaults::NAME_LENGTH.end())?;
    }
    if let Some(patch) = body.get("metadata") {
        object["metadata"] = merge_metadata(&object["metadata"], patch)?;
    }
    object["updated_at"] = json!(sim.stamps.now());
    (credential.object, credential.auth) = (object, auth);
    Ok(Answer::json(&credential.to_json()))
}

/// `POST /v1/vaults/{id}/credentials/{credential}/archive`.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    let credential = vault.credential_mut(request.sub_id())?;
    credential.archive(&sim.stamps.now());
    Ok(Answer::json(&credential.to_json()))
}

/// `DELETE /v1/vaults/{id}/credentials/{credential}`.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let vault = objects.vault_mut(request.id())?;
    let id = request.sub_id();
    vault.credential(id)?;
    vault.credentials.retain(|one| one.id != id);
    Ok(Answer::json(
        &json!({"id": id, "type": "vault_credential_deleted"}),
    ))
}

/// `POST /v1/vaults/{id}/credentials/{credential}/mcp_oauth_validate`. No server is asked: a token
/// is good until it expires, and after that as long as there is another to refresh it with.
pub(crate) fn validate(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let credential = objects.vault(request.id())?.credential(request.sub_id())?;
    let auth = &credential.auth;
    if auth["type"] != "mcp_oauth" || credential.is_archived() {
        return Err(Refusal::invalid(
            "only an active credential of the type `mcp_oauth` can be validated",
        ));
    }
    let now = sim.stamps.now();
    let expires = auth["expires_at"]
        .as_str()
        .map(DateTime::parse_from_rfc3339);
    let has_expired = match (expires, DateTime::parse_from_rfc3339(&now)) {
        (Some(Ok(expires)), Ok(now)) => expires <= now,
        _ => false,
    };
    let can_refresh = auth["refresh"]["refresh_token"].is_string();
    let refresh = match can_refresh {
        true => json!({"status": "succeeded", "http_response": null}),
        false => json!({"status": "no_refresh_token", "http_response": null}),
    };
    Ok(Answer::json(&json!({
        "type": "vault_credential_validation",
        "vault_id": request.id(),
        "credential_id": request.sub_id(),
        "status": if has_expired && !can_refresh { "invalid" } else { "valid" },
        "has_refresh_token": can_refresh,
        "mcp_probe": null,
        "refresh": if has_expired { refresh } else { Value::Null },
        "validated_at": now,
    })))
}
