//! Vaults, and their credentials with the secrets that no answer tells.

use serde_json::{Value, json};

use crate::answer::Refusal;

#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) id: String,
    /// As the API shows it.
    pub(crate) object: Value,
    /// Oldest first.
    pub(crate) credentials: Vec<Credential>,
}

#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) id: String,
    /// As the API shows it, but for `auth`.
    pub(crate) object: Value,
    /// With its secrets, until it is archived.
    pub(crate) auth: Value,
}

impl Vault {
    pub(crate) fn is_archived(&self) -> bool {
        !self.object["archived_at"].is_null()
    }

    pub(crate) fn credential(&self, id: &str) -> Result<&Credential, Refusal> {
        let found = self.credentials.iter().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::not_found("credential", id))
    }

    pub(crate) fn credential_mut(&mut self, id: &str) -> Result<&mut Credential, Refusal> {
        let found = self.credentials.iter_mut().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::not_found("credential", id))
    }

    /// Purges all secrets.
    pub(crate) fn archive(&mut self, now: &str) {
        for credential in &mut self.credentials {
            credential.archive(now);
        }
        if !self.is_archived() {
            self.object["archived_at"] = json!(now);
        }
    }
}

impl Credential {
    pub(crate) fn is_archived(&self) -> bool {
        !self.object["archived_at"].is_null()
    }

    /// Purges its secrets, and makes its name free.
    pub(crate) fn archive(&mut self, now: &str) {
        remove_secrets(&mut self.auth);
        if !self.is_archived() {
            self.object["archived_at"] = json!(now);
        }
    }

    /// As the API shows it: secrets are written, never read.
    pub(crate) fn to_json(&self) -> Value {
        let mut shown = self.object.clone();
        shown["auth"] = self.auth.clone();
        remove_secrets(&mut shown["auth"]);
        shown
    }
}

fn remove_secrets(auth: &mut Value) {
    let places = ["", "/refresh", "/refresh/token_endpoint_auth"];
    for place in places {
        if let Some(fields) = auth.pointer_mut(place).and_then(Value::as_object_mut) {
            let secrets = [
                "secret_value",
                "token",
                "access_token",
                "refresh_token",
                "client_secret",
            ];
            fields.retain(|key, _| !secrets.contains(&key.as_str()));
        }
    }
}
