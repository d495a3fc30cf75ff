//! Skills and their versions: `/v1/skills`. Generally available, so no beta header (documented).

use bytes::Bytes;
use serde::Deserialize;

use crate::{Client, Error, client::check_id, iam, multipart::Form, request::Request};

/// The largest archive that is downloaded.
const ARCHIVE_LIMIT: usize = 64 * 1024 * 1024;

/// A zip with one skill, as it is uploaded.
#[derive(Debug, Clone)]
pub struct Archive {
    /// Ends in `.zip`; the service takes the zip form by it.
    pub filename: String,
    /// The zip: under 30 MB uncompressed, one top directory named like the skill (documented).
    pub data: Bytes,
}

/// A skill (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Skill {
    /// Opaque; `skill_…`.
    pub id: String,
    /// A label for people, not unique.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The newest version; `skver_…`.
    #[serde(default)]
    pub latest_version_id: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub updated_at: Option<String>,
}

/// A version of a skill: an immutable snapshot (read in the SDK's types). It carries no hash of its
/// content.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SkillVersion {
    /// Opaque; `skver_…`.
    pub id: String,
    /// The skill that it belongs to.
    pub skill_id: String,
    /// The front matter's `name`.
    #[serde(default)]
    pub name: Option<String>,
    /// The front matter's `description`.
    #[serde(default)]
    pub description: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
}

impl Client {
    /// All custom skills of the workspace. `GET /v1/skills` (recorded).
    pub async fn list_skills(&self) -> Result<Vec<Skill>, Error> {
        self.fetch_all(Request::get(&["skills"], iam::LIST_SKILLS)?.with_query("source", "custom"))
            .await
    }

    /// One skill. `GET /v1/skills/{id}` (recorded).
    pub async fn get_skill(&self, id: &str) -> Result<Skill, Error> {
        let request = Request::get(&["skills", id], iam::GET_SKILL)?;
        self.fetch_object(&request, id).await
    }

    /// A new skill with its first version, sent once. `POST /v1/skills`, the zip form (recorded).
    ///
    /// # Errors
    ///
    /// If it may have happened, list the skills before sending again: there is
    /// no idempotency.
    pub async fn create_skill(
        &self,
        archive: Archive,
        display_name: Option<&str>,
    ) -> Result<Skill, Error> {
        let mut form = Form::new();
        if let Some(name) = display_name {
            form.add_text("display_name", name);
        }
        self.fetch_json(
            &Request::post(&["skills"], iam::CREATE_SKILL)?.with_form(archived(form, &archive)),
        )
        .await
    }

    /// Deletes a skill with all of its versions. `DELETE /v1/skills/{id}` (recorded).
    pub async fn delete_skill(&self, id: &str) -> Result<(), Error> {
        self.send_delete(&Request::delete(&["skills", id], iam::DELETE_SKILL)?, id)
            .await
    }

    /// All versions, newest first (documented). `GET /v1/skills/{id}/versions` (recorded).
    pub async fn list_skill_versions(&self, skill: &str) -> Result<Vec<SkillVersion>, Error> {
        let request = Request::get(&["skills", skill, "versions"], iam::GET_SKILL)?;
        of_skill(skill, self.fetch_all(request.clone()).await?, &request)
    }

    /// The newest versions, at most `limit` (1 to 1000, documented) of them, newest first, in one
    /// request. `GET /v1/skills/{id}/versions` (recorded).
    pub async fn list_newest_versions(
        &self,
        skill: &str,
        limit: u32,
    ) -> Result<Vec<SkillVersion>, Error> {
        let request = Request::get(&["skills", skill, "versions"], iam::GET_SKILL)?
            .with_query("limit", &limit.to_string());
        of_skill(skill, self.fetch_page(&request).await?, &request)
    }

    /// One version. `GET /v1/skills/{id}/versions/{version}` (recorded); `latest` is an id, too.
    pub async fn get_skill_version(
        &self,
        skill: &str,
        version: &str,
    ) -> Result<SkillVersion, Error> {
        let request = Request::get(&["skills", skill, "versions", version], iam::GET_SKILL)?;
        let found: SkillVersion = self.fetch_json(&request).await?;
        check_id(&request, skill, &found.skill_id)?;
        if version != "latest" {
            check_id(&request, version, &found.id)?;
        }
        Ok(found)
    }

    /// A new version, sent once. `POST /v1/skills/{id}/versions`, the zip form (recorded).
    ///
    /// # Errors
    ///
    /// If it may have happened, list the versions before sending again: there is
    /// no idempotency.
    pub async fn create_version(
        &self,
        skill: &str,
        archive: Archive,
    ) -> Result<SkillVersion, Error> {
        let request = Request::post(&["skills", skill, "versions"], iam::UPDATE_SKILL)?;
        let request = request.with_form(archived(Form::new(), &archive));
        let made: SkillVersion = self.fetch_json(&request).await?;
        check_id(&request, skill, &made.skill_id).map(|()| made)
    }

    /// Deletes a version; the only one left is refused with 400 (documented).
    /// `DELETE /v1/skills/{id}/versions/{version}` (recorded).
    pub async fn delete_version(&self, skill: &str, version: &str) -> Result<(), Error> {
        self.send_delete(
            &Request::delete(&["skills", skill, "versions", version], iam::UPDATE_SKILL)?,
            version,
        )
        .await
    }

    /// The files of a version as a zip of at most 64 MiB; a concrete id, not `latest`.
    /// `GET /v1/skills/{id}/versions/{version}/content` (recorded).
    pub async fn download_version(&self, skill: &str, version: &str) -> Result<Bytes, Error> {
        let request = Request::get(
            &["skills", skill, "versions", version, "content"],
            iam::GET_SKILL,
        )?;
        self.fetch_bytes(&request.accept("application/binary").at_most(ARCHIVE_LIMIT))
            .await
    }
}

/// The versions, when all of them are of this skill.
fn of_skill(
    skill: &str,
    versions: Vec<SkillVersion>,
    request: &Request,
) -> Result<Vec<SkillVersion>, Error> {
    versions
        .iter()
        .try_for_each(|version| check_id(request, skill, &version.skill_id))
        .map(|()| versions)
}

/// The zip form: exactly one part `files[]`, after everything else (recorded).
fn archived(mut form: Form, archive: &Archive) -> Form {
    form.add_file(
        "files[]",
        &archive.filename,
        "application/zip",
        &archive.data,
    );
    form
}
