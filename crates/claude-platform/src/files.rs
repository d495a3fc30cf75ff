//! Files: `/v1/files`. Generally available, so no beta header (documented).

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{Client, Error, iam, multipart::Form, request::Request};

/// An uploaded file (read in the SDK's types). What was uploaded cannot be downloaded
/// (documented).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct File {
    /// Opaque; `file_…`.
    pub id: String,
    /// The last path component of the name that it was uploaded with.
    #[serde(default)]
    pub filename: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
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
        self.fetch_json(&upload(name, media_type, &data)?).await
    }

    /// Uploads a text that is secret, such as a `.env`, sent once. No message repeats one of its
    /// lines, or what stands behind a line's first `=`, with or without quotes; one that would
    /// repeat fewer than four characters is left out. `POST /v1/files`, part `file` (recorded).
    pub async fn upload_secret_file(
        &self,
        name: &str,
        media_type: &str,
        text: &SecretString,
    ) -> Result<File, Error> {
        let text = text.expose_secret();
        let secrets = text.lines().flat_map(|line| {
            let value = line.split_once('=').map_or("", |(_, value)| value.trim());
            let quotes = ['"', '\''];
            [line.trim(), value, value.trim_matches(quotes)]
        });
        let request = upload(name, media_type, text.as_bytes())?;
        self.fetch_json(&request.with_secrets(secrets)).await
    }

    /// All files of the workspace. `GET /v1/files` (recorded).
    pub async fn list_files(&self) -> Result<Vec<File>, Error> {
        self.fetch_all(Request::get(&["files"], iam::LIST_FILES)?)
            .await
    }

    /// Deletes a file; what becomes of sessions that have it mounted is not established.
    /// `DELETE /v1/files/{id}` (recorded).
    pub async fn delete_file(&self, id: &str) -> Result<(), Error> {
        let request = Request::delete(&["files", id], iam::DELETE_FILE)?;
        self.send_delete(&request, id).await
    }
}

fn upload(name: &str, media_type: &str, data: &[u8]) -> Result<Request, Error> {
    let mut form = Form::new();
    form.add_file("file", name, media_type, data);
    Ok(Request::post(&["files"], iam::CREATE_FILE)?.with_form(form))
}
