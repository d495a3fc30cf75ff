//! A vault's credentials: `/v1/vaults/{vault}/credentials`, in beta (recorded).
//!
//! Secrets go in and never come out: they cannot be read back, `Debug` hides them, and no message
//! and no answer repeats one.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    Client, Error, iam,
    json::{or_default, without_nulls},
    request::Request,
};

/// A credential, without its secrets (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Credential {
    /// Opaque; `vcrd_…`.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// `{"type":…}` and what is not secret: `secret_name`, `mcp_server_url`, `networking`,
    /// `injection_location`, `expires_at`.
    #[serde(default)]
    pub auth: Value,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// RFC 3339.
    #[serde(default)]
    pub archived_at: Option<String>,
}

/// A credential to be made. Its key, `secret_name` or `mcp_server_url`, is unique among the
/// vault's active ones (409) and cannot be changed (documented).
#[derive(Debug, Clone)]
pub enum NewAuth {
    /// A variable that holds a placeholder in the sandbox; what leaves for `hosts` carries the
    /// secret in its place (documented).
    EnvironmentVariable {
        /// The variable.
        name: String,
        /// The secret.
        value: SecretString,
        /// Names, IPv4 addresses or `*.suffix`; at most 16. The environment must allow them, too.
        hosts: Vec<String>,
        /// Where the secret may stand in a request.
        places: Places,
    },
    /// A fixed token for an MCP server.
    StaticBearer {
        /// The server's URL.
        mcp_server_url: String,
        /// The token.
        token: SecretString,
    },
    /// A token for an MCP server, by OAuth.
    McpOauth {
        /// The server's URL.
        mcp_server_url: String,
        /// The token as it is now.
        access_token: SecretString,
        /// RFC 3339.
        expires_at: Option<String>,
        /// The way to another token.
        refresh: Option<OauthRefresh>,
    },
}

/// The places of a request in which a placeholder is swapped. At least one, else 400 (read in the
/// SDK's types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Values of headers.
    pub header: bool,
    /// The body.
    pub body: bool,
}

/// The way to another OAuth token.
#[derive(Debug, Clone)]
pub struct OauthRefresh {
    /// Fixed, once made.
    pub client_id: String,
    /// The token for it.
    pub refresh_token: SecretString,
    /// Fixed, once made.
    pub token_endpoint: String,
    /// The client's secret, sent in the form (`client_secret_post`); none for a public client.
    pub client_secret: Option<SecretString>,
    /// The scopes, separated by blanks.
    pub scope: Option<String>,
}

/// A change of a credential; what is not set is kept.
#[derive(Debug, Clone)]
pub enum AuthUpdate {
    /// Of a variable.
    EnvironmentVariable {
        /// Another secret.
        value: Option<SecretString>,
        /// Other hosts, replaced whole (read in the SDK's types).
        hosts: Option<Vec<String>>,
        /// Other places.
        places: Option<Places>,
    },
    /// Another fixed token.
    StaticBearer {
        /// The token.
        token: SecretString,
    },
    /// Another OAuth token.
    McpOauth {
        /// The token.
        access_token: SecretString,
        /// RFC 3339; without it, the old one's expiry stays.
        expires_at: Option<String>,
        /// Another token for refreshing.
        refresh_token: Option<SecretString>,
    },
}

/// An OAuth credential's state, as the platform found it (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CredentialValidation {
    /// `valid`, `invalid` or `unknown`.
    pub status: String,
    /// True when the platform can get another token by itself.
    #[serde(default)]
    pub has_refresh_token: bool,
}

impl NewAuth {
    /// The body's `auth` (recorded for all three), and the secrets in it.
    fn expose(&self) -> (Value, Vec<&str>) {
        match self {
            Self::EnvironmentVariable {
                name,
                value,
                hosts,
                places,
            } => {
                let value = value.expose_secret();
                let auth = json!({
                    "type": "environment_variable",
                    "secret_name": name,
                    "secret_value": value,
                    "networking": limited(hosts),
                    "injection_location": places.body(),
                });
                (auth, vec![value])
            }
            Self::StaticBearer {
                mcp_server_url,
                token,
            } => {
                let token = token.expose_secret();
                let auth = json!({
                    "type": "static_bearer",
                    "mcp_server_url": mcp_server_url,
                    "token": token,
                });
                (auth, vec![token])
            }
            Self::McpOauth {
                mcp_server_url,
                access_token,
                expires_at,
                refresh,
            } => {
                let mut secrets = vec![access_token.expose_secret()];
                let refresh = refresh.as_ref().map(|refresh| {
                    let (body, more) = refresh.expose();
                    secrets.extend(more);
                    body
                });
                let auth = without_nulls(json!({
                    "type": "mcp_oauth",
                    "mcp_server_url": mcp_server_url,
                    "access_token": access_token.expose_secret(),
                    "expires_at": expires_at,
                    "refresh": refresh,
                }));
                (auth, secrets)
            }
        }
    }
}

impl OauthRefresh {
    fn expose(&self) -> (Value, Vec<&str>) {
        let client_secret = self.client_secret.as_ref().map(ExposeSecret::expose_secret);
        let endpoint_auth = match client_secret {
            Some(secret) => json!({"type": "client_secret_post", "client_secret": secret}),
            None => json!({"type": "none"}),
        };
        let refresh_token = self.refresh_token.expose_secret();
        let body = without_nulls(json!({
            "client_id": self.client_id,
            "refresh_token": refresh_token,
            "token_endpoint": self.token_endpoint,
            "token_endpoint_auth": endpoint_auth,
            "scope": self.scope,
        }));
        (
            body,
            client_secret.into_iter().chain([refresh_token]).collect(),
        )
    }
}

impl AuthUpdate {
    /// The body's `auth` (recorded for variables and OAuth), and the secrets in it.
    fn expose(&self) -> (Value, Vec<&str>) {
        match self {
            Self::EnvironmentVariable {
                value,
                hosts,
                places,
            } => {
                let value = value.as_ref().map(ExposeSecret::expose_secret);
                let auth = without_nulls(json!({
                    "type": "environment_variable",
                    "secret_value": value,
                    "networking": hosts.as_ref().map(|hosts| limited(hosts)),
                    "injection_location": places.map(Places::body),
                }));
                (auth, value.into_iter().collect())
            }
            Self::StaticBearer { token } => {
                let token = token.expose_secret();
                let auth = json!({"type": "static_bearer", "token": token});
                (auth, vec![token])
            }
            Self::McpOauth {
                access_token,
                expires_at,
                refresh_token,
            } => {
                let access_token = access_token.expose_secret();
                let refresh_token = refresh_token.as_ref().map(ExposeSecret::expose_secret);
                let auth = without_nulls(json!({
                    "type": "mcp_oauth",
                    "access_token": access_token,
                    "expires_at": expires_at,
                    "refresh": refresh_token.map(|token| json!({"refresh_token": token})),
                }));
                (
                    auth,
                    refresh_token.into_iter().chain([access_token]).collect(),
                )
            }
        }
    }
}

impl Places {
    /// Both are named always: a creation turns the one that is left out off, a change keeps it
    /// (read in the SDK's types).
    fn body(self) -> Value {
        json!({"header": self.header, "body": self.body})
    }
}

fn limited(hosts: &[String]) -> Value {
    json!({"type": "limited", "allowed_hosts": hosts})
}

impl Client {
    /// A new credential, sent once; nothing of it is checked (documented).
    /// `POST /v1/vaults/{vault}/credentials` (recorded).
    pub async fn create_credential(
        &self,
        vault: &str,
        display_name: &str,
        auth: &NewAuth,
        metadata: &Map<String, Value>,
    ) -> Result<Credential, Error> {
        let (auth, secrets) = auth.expose();
        let metadata = Some(metadata).filter(|metadata| !metadata.is_empty());
        let body = json!({"display_name": display_name, "auth": auth, "metadata": metadata});
        let request = Request::post(&["vaults", vault, "credentials"], iam::UPDATE_VAULT)?
            .with_json(&without_nulls(body))?
            .with_secrets(secrets);
        self.fetch_json(&request).await
    }

    /// All of a vault's credentials but archived ones, at most 20 (documented), without secrets.
    /// `GET /v1/vaults/{vault}/credentials` (recorded).
    pub async fn list_credentials(&self, vault: &str) -> Result<Vec<Credential>, Error> {
        self.fetch_all(Request::get(
            &["vaults", vault, "credentials"],
            iam::GET_VAULT,
        )?)
        .await
    }

    /// Changes a credential, sent once; running sessions have it soon (documented).
    /// `POST /v1/vaults/{vault}/credentials/{id}` (recorded).
    pub async fn update_credential(
        &self,
        vault: &str,
        id: &str,
        auth: &AuthUpdate,
    ) -> Result<Credential, Error> {
        let (auth, secrets) = auth.expose();
        let request = Request::post(&["vaults", vault, "credentials", id], iam::UPDATE_VAULT)?
            .with_json(&json!({ "auth": auth }))?
            .with_secrets(secrets);
        self.fetch_object(&request, id).await
    }

    /// Deletes a credential; running sessions lose it soon (documented).
    /// `DELETE /v1/vaults/{vault}/credentials/{id}` (recorded).
    pub async fn delete_credential(&self, vault: &str, id: &str) -> Result<(), Error> {
        let path = ["vaults", vault, "credentials", id];
        self.send_delete(&Request::delete(&path, iam::UPDATE_VAULT)?, id)
            .await
    }

    /// Lets the platform try an OAuth credential. Not routed on AWS (documented).
    /// `POST /v1/vaults/{vault}/credentials/{id}/mcp_oauth_validate`, without a body (recorded).
    pub async fn validate_credential(
        &self,
        vault: &str,
        id: &str,
    ) -> Result<CredentialValidation, Error> {
        let path = ["vaults", vault, "credentials", id, "mcp_oauth_validate"];
        self.fetch_json(&Request::post(&path, iam::NOT_ROUTED)?)
            .await
    }
}
