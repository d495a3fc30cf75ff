//! The nature of a region: its name, its account, and who may call it.

use sha2::{Digest, Sha256};

use crate::policy::Policy;

/// The region when no other is named.
pub const DEFAULT_REGION: &str = "eu-west-1";
/// The account, documentation's own.
pub const ACCOUNT: &str = "123456789012";

/// The access key of the account's administrator, who may do everything.
pub const ADMIN_KEY_ID: &str = "AKIASIMULATEDADMIN01";
/// The secret of the administrator's access key.
pub const ADMIN_SECRET: &str = "simulated/secret/key/of/the/administrator";

#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) region: String,
    /// Whoever has credentials.
    pub(crate) principals: Vec<Principal>,
}

/// A user or a role, with credentials.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    /// As errors and records name it.
    pub(crate) arn: String,
    /// Its name, if it is a role.
    pub(crate) role: Option<String>,
    pub(crate) credentials: Credentials,
    /// May do everything without one.
    pub(crate) policy: Option<Policy>,
}

/// What a caller signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Roles have one.
    pub session_token: Option<String>,
}

impl Credentials {
    /// The administrator's.
    pub fn admin() -> Self {
        Self {
            access_key_id: ADMIN_KEY_ID.to_owned(),
            secret_access_key: ADMIN_SECRET.to_owned(),
            session_token: None,
        }
    }

    /// Those of a role, always the same for one name.
    pub fn of_role(role: &str) -> Self {
        let digest = Sha256::digest(role);
        let id: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Self {
            access_key_id: format!("ASIA{id}"),
            secret_access_key: format!("simulated/secret/key/of/{role}"),
            session_token: Some(format!("simulated-session-token-of-{role}")),
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        let admin = Principal {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/admin"),
            role: None,
            credentials: Credentials::admin(),
            policy: None,
        };
        Self {
            region: DEFAULT_REGION.to_owned(),
            principals: vec![admin],
        }
    }
}

impl Setup {
    /// The ARN of something in the region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.region)
    }

    /// Whoever has an access key.
    pub(crate) fn find_principal(&self, key_id: &str) -> Option<&Principal> {
        let mut principals = self.principals.iter();
        principals.find(|principal| principal.credentials.access_key_id == key_id)
    }
}
