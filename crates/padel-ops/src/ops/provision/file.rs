//! The member's `.env` as an uploaded file. Files have no metadata, and what was uploaded cannot be
//! read back: the name says whose it is and, by the lock's salt, which content it has.

use claude_platform::File;

use super::{Part, Provision};
use crate::{
    context::StepContext,
    deploy::SecretHash,
    error::{Code, Error},
    ops::{creation::create_once, skills::check_id},
};

const PREFIX: &str = "pslc-padel";

/// Returns the name of the upload that was made with this salt. A deployment's name has no dot.
pub(crate) fn file_name(deployment: &str, salt: &str) -> String {
    format!("{PREFIX}.{deployment}.{salt}.env")
}

/// Returns whether a file is an upload of this deployment, of now or before.
pub(crate) fn is_file_of(file: &File, deployment: &str) -> bool {
    let name = file.filename.as_deref().unwrap_or_default();
    let salt = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix('.')?.strip_prefix(deployment))
        .and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".env"));
    salt.is_some_and(|salt| salt.len() == 32 && salt.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Provision {
    /// Uploads the credentials: with the lock's salt where an upload was begun with it, else with a
    /// new one. The old upload is deleted later, when nothing refers to it.
    pub(crate) async fn upload_credentials(
        &mut self,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let is_new = !self.has_sent_credentials();
        let Some(credentials) = &self.credentials else {
            let message = "there are no credentials to upload";
            return Err(Error::new(Code::Internal, message, "report this command"));
        };
        let lock = &mut self.file.lock;
        if is_new {
            let SecretHash { salt, hash } = credentials.hash()?;
            lock.secret_salt = Some(salt);
            lock.secret_hash = Some(hash);
            // Before the upload, so that the next run knows it by its name.
            self.file.write()?;
        }
        let salt = self.file.lock.secret_salt.clone().unwrap_or_default();
        let name = file_name(&self.declaration.name, &salt);
        let client = &context.client;
        let text = &credentials.env_file;
        let made = create_once(
            "the file",
            async || client.upload_secret_file(&name, "text/plain", text).await,
            async || {
                let mut files = client.list_files().await?.into_iter();
                Ok(files.find(|file| file.filename.as_ref() == Some(&name)))
            },
            context,
        )
        .await?;
        let id = check_id(&made.id)?;
        self.found.old_files.extend(self.found.file.take());
        self.found.file = Some(id.clone());
        self.file.lock.file_id = Some(id.clone());
        self.note_created(Part::File, &id);
        self.file.write()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_known_by_its_name() {
        let salt = "0123456789abcdef0123456789abcdef";
        let file =
            |name: String| serde_json::from_value(serde_json::json!({"id": "f", "filename": name}));
        assert!(is_file_of(
            &file(file_name("padel", salt)).unwrap(),
            "padel"
        ));
        for name in [
            file_name("padel-2", salt),
            file_name("padel", "0123"),
            ".env".to_owned(),
            format!("pslc-padel.padel.{salt}"),
        ] {
            assert!(!is_file_of(&file(name).unwrap(), "padel"));
        }
    }
}
