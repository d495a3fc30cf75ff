//! Files of the Files API.

use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) struct UploadedFile {
    pub(crate) id: String,
    pub(crate) filename: String,
    pub(crate) mime_type: String,
    pub(crate) created_at: String,
    pub(crate) bytes: Vec<u8>,
}

impl UploadedFile {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "type": "file", "filename": self.filename, "mime_type": self.mime_type,
            "size_bytes": self.bytes.len(), "created_at": self.created_at, "downloadable": false,
            "expires_at": null,
        })
    }
}
