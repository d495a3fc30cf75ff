//! Skills and their versions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    package::{Package, StoredFile},
    stamps::Stamps,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// `skver_…`.
    pub id: String,
    /// The skill's name, from the front matter.
    pub name: String,
    pub description: String,
    /// RFC 3339.
    pub created_at: String,
    /// By path below the skill's directory, with the modes that were uploaded.
    pub files: BTreeMap<String, StoredFile>,
}

/// A skill, never without a version.
#[derive(Debug)]
pub(crate) struct Skill {
    pub(crate) id: String,
    display_name: String,
    created_at: String,
    updated_at: String,
    /// Oldest first.
    pub(crate) versions: Vec<StoredVersion>,
}

impl StoredVersion {
    fn new(stamps: &Stamps, package: Package) -> Self {
        let Package {
            name,
            description,
            files,
        } = package;
        Self {
            id: stamps.id("skver"),
            name,
            description,
            created_at: stamps.now(),
            files,
        }
    }

    pub(crate) fn to_json(&self, skill_id: &str) -> Value {
        json!({
            "id": self.id, "type": "skill_version", "created_at": self.created_at,
            "description": self.description, "name": self.name, "skill_id": skill_id,
        })
    }
}

impl Skill {
    pub(crate) fn new(stamps: &Stamps, package: Package, display_name: Option<String>) -> Self {
        let version = StoredVersion::new(stamps, package);
        let display_name = display_name.unwrap_or_else(|| version.name.clone());
        Self {
            id: stamps.id("skill"),
            display_name,
            created_at: stamps.now(),
            updated_at: stamps.now(),
            versions: vec![version],
        }
    }

    /// Adds a version, which must have the same name.
    pub(crate) fn add_version(
        &mut self,
        stamps: &Stamps,
        package: Package,
    ) -> Result<Value, Refusal> {
        let name = self.name();
        if package.name != name {
            let message = format!(
                "name: `{}` differs from the skill's, `{name}`, which cannot change",
                package.name
            );
            return Err(Refusal::invalid(message));
        }
        let version = StoredVersion::new(stamps, package);
        let object = version.to_json(&self.id);
        self.updated_at.clone_from(&version.created_at);
        self.versions.push(version);
        Ok(object)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "type": "skill", "display_name": self.display_name,
            "source": {"type": "custom"},
            "latest_version_id": self.newest().map(|version| &version.id),
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }

    /// The version with that id, or the newest one for `latest`.
    pub(crate) fn find_version(&self, id: &str) -> Result<&StoredVersion, Refusal> {
        let found = if id == "latest" {
            self.newest()
        } else {
            self.versions.iter().find(|version| version.id == id)
        };
        found.ok_or_else(|| Refusal::not_found("skill version", id))
    }

    /// The version before that one; the first has itself.
    pub(crate) fn version_before<'a>(&'a self, version: &'a StoredVersion) -> &'a StoredVersion {
        self.versions
            .iter()
            .take_while(|earlier| earlier.id != version.id)
            .last()
            .unwrap_or(version)
    }

    pub(crate) fn name(&self) -> &str {
        self.newest().map_or("", |version| &version.name)
    }

    fn newest(&self) -> Option<&StoredVersion> {
        self.versions.last()
    }
}
