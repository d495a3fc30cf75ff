//! Bodies of type `multipart/form-data`, built whole in memory: a signature covers every byte.

use std::fmt::Write as _;

/// A form that is being built.
pub(crate) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty form with a boundary of its own, long enough never to occur in a part.
    pub(crate) fn new() -> Self {
        let mut boundary = String::from("claude-platform-");
        for _ in 0..2 {
            // Writing to a string cannot fail.
            let _ = write!(boundary, "{:016x}", fastrand::u64(..));
        }
        Self {
            boundary,
            body: Vec::new(),
        }
    }

    /// Adds a field of text.
    pub(crate) fn add_text(&mut self, name: &str, value: &str) {
        self.add_part(&format!("name=\"{}\"", quote(name)), "", value.as_bytes());
    }

    /// Adds a file.
    pub(crate) fn add_file(&mut self, name: &str, filename: &str, media_type: &str, data: &[u8]) {
        let disposition = format!("name=\"{}\"; filename=\"{}\"", quote(name), quote(filename));
        let media_type: String = media_type
            .chars()
            .filter(|char| !char.is_control())
            .collect();
        self.add_part(
            &disposition,
            &format!("Content-Type: {media_type}\r\n"),
            data,
        );
    }

    /// Returns the content type and the body.
    pub(crate) fn finish(mut self) -> (String, Vec<u8>) {
        self.body
            .extend(format!("--{}--\r\n", self.boundary).bytes());
        (
            format!("multipart/form-data; boundary={}", self.boundary),
            self.body,
        )
    }

    fn add_part(&mut self, disposition: &str, headers: &str, data: &[u8]) {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n",
            self.boundary
        );
        self.body.reserve(head.len() + data.len() + 64);
        self.body.extend(head.bytes());
        self.body.extend(data);
        self.body.extend(b"\r\n");
    }
}

/// Quotes a value as browsers do: what would end it is percent-encoded.
fn quote(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
