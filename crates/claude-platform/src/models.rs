//! Models: `/v1/models`. Generally available, so no beta header (recorded).

use serde::Deserialize;

use crate::{Client, Error, iam, request::Request};

/// A model (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Model {
    /// Such as `claude-sonnet-5-5`; of an alias, the model that it stands for.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
}

impl Client {
    /// One model, by its id or an alias. `GET /v1/models/{id}` (recorded).
    pub async fn get_model(&self, id: &str) -> Result<Model, Error> {
        self.fetch_json(&Request::get(&["models", id], iam::GET_MODEL)?)
            .await
    }
}
