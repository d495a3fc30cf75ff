//! The vault and its credentials. Secrets go in and never come back, so the lock's hash tells
//! whether they changed, and changed ones are sent again.

use claude_platform::{AuthUpdate, Credential, NewAuth, Places, Vault};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{Outcome, Part, Provision, resource::pick_first};
use crate::{
    context::StepContext,
    deploy::{Difference, MemberCredentials, SLACK_SERVER, SecretHash, Shape, compare},
    error::{Code, Error, from_platform},
    ops::{
        creation::{WAITS, create_once, explain_failure},
        skills::check_id,
    },
};

/// The variables that a session sees, each with a placeholder for its secret.
pub(crate) const VARIABLES: [&str; 2] = ["pslc_user", "pslc_password"];
/// The proxy puts a secret into a body as it is, and each of these would have to be escaped there.
const AWKWARD: [char; 5] = ['"', '\\', '&', '%', '+'];
/// In a form, these too.
const AWKWARD_IN_FORMS: [char; 4] = ['=', '#', ';', ' '];
/// A secret goes into bodies only: padel sends it in none of its headers.
const PLACES: Places = Places {
    header: false,
    body: true,
};

/// Refuses credentials that the proxy cannot put into a body as they are. Names no character.
pub(crate) fn refuse_unfit_secrets(
    credentials: &MemberCredentials,
    is_form: bool,
) -> Result<(), Error> {
    for (what, secret) in [
        ("e-mail", &credentials.user),
        ("password", &credentials.password),
    ] {
        let is_unfit = secret.expose_secret().chars().any(|char| {
            char.is_control()
                || AWKWARD.contains(&char)
                || is_form && (AWKWARD_IN_FORMS.contains(&char) || !char.is_ascii())
        });
        if is_unfit {
            let message = format!(
                "the {what} holds a character that a vault cannot deliver: the proxy puts it into \
                 the sign-in as it is, where that character would have to be escaped"
            );
            let hint = "write kind = \"file\" in [credentials], or choose a password of letters, \
                digits and . - _ * ! $";
            return Err(Error::new(Code::Usage, message, hint));
        }
    }
    Ok(())
}

impl Provision {
    /// Makes the vault.
    pub(crate) async fn create_vault(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        let name = &self.declaration.name;
        let metadata = self.declaration.owner_metadata();
        let client = &context.client;
        let made: Vault = create_once(
            "the vault",
            async || client.create_vault(name, &metadata).await,
            async || Ok(pick_first(client.list_vaults().await?, name)),
            context,
        )
        .await?;
        let id = check_id(&made.id)?;
        self.file.lock.vault_id = Some(id.clone());
        self.found.vault = Some(made);
        self.note_created(Part::Vault, &id);
        self.file.write()
    }

    /// Returns the credential of a variable.
    pub(crate) fn find_credential(&self, variable: &str) -> Option<&Credential> {
        let mut credentials = self.found.credentials.iter();
        credentials.find(|it| it.auth["secret_name"].as_str() == Some(variable))
    }

    /// Returns what of a credential is not as declared, its secret apart.
    pub(crate) fn compare_credential(&self, variable: &str, found: &Credential) -> Vec<Difference> {
        let desired = self.declaration.credential_body(variable);
        compare(Shape::Credential, &desired, &describe(found))
    }

    /// Makes the credentials agree with what is declared. The secrets are sent where the platform
    /// does not have them.
    pub(crate) async fn send_credentials(
        &mut self,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let (Some(credentials), Some(vault)) = (&self.credentials, &self.found.vault) else {
            let message = "there is no vault for the credentials";
            return Err(Error::new(Code::Internal, message, "report this command"));
        };
        let is_new = !self.has_sent_credentials();
        let hash = if is_new {
            Some(credentials.hash()?)
        } else {
            None
        };
        let secrets = [credentials.user.clone(), credentials.password.clone()];
        let vault = vault.id.clone();
        let mut ids = Vec::new();
        for (variable, secret) in VARIABLES.into_iter().zip(secrets) {
            let found = self.find_credential(variable).cloned();
            ids.push(match found {
                None => {
                    self.create_credential(&vault, variable, secret, context)
                        .await?
                }
                Some(found) => {
                    let secret = is_new.then_some(secret);
                    self.mend_credential(&vault, variable, &found, secret, context)
                        .await?
                }
            });
        }
        let lock = &mut self.file.lock;
        lock.credential_ids = ids;
        if let Some(SecretHash { salt, hash }) = hash {
            lock.secret_salt = Some(salt);
            lock.secret_hash = Some(hash);
        }
        self.file.write()
    }

    async fn create_credential(
        &mut self,
        vault: &str,
        variable: &str,
        secret: SecretString,
        context: &StepContext<'_>,
    ) -> Result<String, Error> {
        let auth = NewAuth::EnvironmentVariable {
            name: variable.to_owned(),
            value: secret,
            hosts: vec![self.declaration.club.host().to_owned()],
            places: PLACES,
        };
        let metadata = self.declaration.owner_metadata();
        let client = &context.client;
        let made = create_once(
            "the credential",
            async || {
                client
                    .create_credential(vault, variable, &auth, &metadata)
                    .await
            },
            async || {
                let mut all = client.list_credentials(vault).await?.into_iter();
                Ok(all.find(|it| it.auth["secret_name"].as_str() == Some(variable)))
            },
            context,
        )
        .await?;
        let id = check_id(&made.id)?;
        self.found.credentials.push(made);
        self.file.lock.credential_ids.push(id.clone());
        self.note_created(Part::Credentials, &id);
        self.file.write()?;
        Ok(id)
    }

    async fn mend_credential(
        &mut self,
        vault: &str,
        variable: &str,
        found: &Credential,
        secret: Option<SecretString>,
        context: &StepContext<'_>,
    ) -> Result<String, Error> {
        let id = check_id(&found.id)?;
        let differences = self.compare_credential(variable, found);
        let differs = |field: &str| differences.iter().any(|it| it.field == field);
        if secret.is_none() && differences.is_empty() {
            return Ok(id);
        }
        let hosts = vec![self.declaration.club.host().to_owned()];
        let update = AuthUpdate::EnvironmentVariable {
            value: secret,
            hosts: differs("auth.networking").then_some(hosts),
            places: differs("auth.injection_location").then_some(PLACES),
        };
        let mut failed = None;
        for wait in WAITS {
            match context.client.update_credential(vault, &id, &update).await {
                Ok(_) => {
                    self.note(Part::Credentials, &id, Outcome::Changed, differences);
                    return Ok(id);
                }
                // The same secret twice is the same secret.
                Err(error) if error.may_have_happened() => {
                    tokio::time::sleep(context.wait_after(&error, wait)?).await;
                    failed = Some(error);
                }
                Err(error) => return Err(from_platform(error)),
            }
        }
        Err(explain_failure(failed, "the credential was not changed"))
    }

    /// Returns what is left to do by hand so that the agent can post in Slack itself; none where
    /// its credential is there and works, as far as the platform tells.
    pub(crate) async fn check_slack_credential(
        &self,
        context: &StepContext<'_>,
    ) -> Result<Option<String>, Error> {
        let Some(vault) = &self.found.vault else {
            return Ok(None);
        };
        let is_slack = |it: &&Credential| {
            let url = it.auth["mcp_server_url"].as_str().unwrap_or_default();
            it.auth["type"] == "mcp_oauth" && url.trim_end_matches('/') == SLACK_SERVER
        };
        let Some(found) = self.found.credentials.iter().find(is_slack) else {
            return Ok(Some(format!(
                "in the Console, open Vaults, `{}`, Add credential, MCP OAuth, and connect \
                 {SLACK_SERVER}; then run the same command again",
                vault.id
            )));
        };
        let checked = context
            .client
            .validate_credential(&vault.id, &found.id)
            .await;
        Ok(match checked {
            Ok(validation) if validation.status == "invalid" => Some(format!(
                "in the Console, open Vaults, `{}`, and connect Slack again: the platform says \
                 the credential `{}` does not work",
                vault.id,
                printable::line(&found.id, 80)
            )),
            Ok(_) => None,
            // The check has no route on AWS (documented).
            Err(error) => {
                let warning = format!("whether Slack's credential works is not known: {error}");
                context.log.warning(&warning);
                None
            }
        })
    }
}

fn describe(found: &Credential) -> Value {
    json!({"auth": found.auth})
}
