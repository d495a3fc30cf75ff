//! Files: `/v1/files`. Generally available, so no beta header (documented).

use bytes::Bytes;
use serde::Deserialize;

use crate::{Client, Error, iam, multipart::Form, request::Request};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct File {
    /// Opaque; `file_…`.
    pub id: String,
}

impl Client {
    /// Uploads a file, sent once; only the last path component of `name` is kept. `POST /v1/files`,
    /// part `file` (recorded).
    pub async fn upload_file(
        &self,
        name: &str,
        media_type: &str,
        data: Bytes,
    ) -> Result<File, Error> {
        let mut form = Form::new();
        form.add_file("file", name, media_type, &data);
        self.fetch_json(&Request::post(&["files"], iam::CREATE_FILE)?.with_form(form))
            .await
    }
}
