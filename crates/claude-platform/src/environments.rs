//! Environments that sessions run in: `/v1/environments`, in beta (recorded).

use serde::Deserialize;

use crate::{Client, Error, agents::MANAGED_AGENTS, iam, request::Request};

/// An environment (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Environment {
    /// Opaque; `env_…`.
    pub id: String,
    /// RFC 3339; an archived environment takes no new session (documented).
    #[serde(default)]
    pub archived_at: Option<String>,
}

impl Client {
    /// One environment. `GET /v1/environments/{id}` (recorded).
    pub async fn get_environment(&self, id: &str) -> Result<Environment, Error> {
        self.fetch_json(
            &Request::get(&["environments", id], iam::GET_ENVIRONMENT)?.with_beta(MANAGED_AGENTS),
        )
        .await
    }
}
