//! Files of the Files API.

use serde_json::{Value, json};

use crate::answer::Refusal;

#[derive(Debug)]
pub(crate) struct UploadedFile {
    pub(crate) id: String,
    pub(crate) filename: String,
    pub(crate) mime_type: String,
    pub(crate) created_at: String,
    /// RFC 3339 in UTC with milliseconds, as all times of objects, so that they compare as texts.
    pub(crate) expires_at: Option<String>,
    /// The session whose copy it is.
    pub(crate) scope: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

impl UploadedFile {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "type": "file", "filename": self.filename, "mime_type": self.mime_type,
            "size_bytes": self.bytes.len(), "created_at": self.created_at, "downloadable": false,
            "expires_at": self.expires_at,
        })
    }

    pub(crate) fn has_expired(&self, now: &str) -> bool {
        self.expires_at.as_deref().is_some_and(|end| end <= now)
    }

    pub(crate) fn refuse_expired(&self, now: &str) -> Result<(), Refusal> {
        match self.has_expired(now) {
            true => Err(Refusal::not_found("file", &self.id).with_code("file_expired")),
            false => Ok(()),
        }
    }
}
