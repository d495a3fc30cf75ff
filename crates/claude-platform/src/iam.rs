//! The IAM actions that operations need on AWS (documented; those of deployments by analogy),
//! named in errors.
//!
//! Some resources have no actions of their own: a skill's versions are read with `GetSkill` and
//! made or deleted with `UpdateSkill`, a vault's credentials with `GetVault` and `UpdateVault`, a
//! session's events and resources with `GetSession` and `UpdateSession`, a deployment's runs with
//! `GetDeployment`.

/// The action of what AWS does not route (documented).
pub(crate) const NOT_ROUTED: &str = "";

macro_rules! actions {
    ($($name:ident = $action:literal;)*) => {
        $(pub(crate) const $name: &str = concat!("aws-external-anthropic:", $action);)*
    };
}

actions! {
    GET_SKILL = "GetSkill";
    LIST_SKILLS = "ListSkills";
    CREATE_SKILL = "CreateSkill";
    UPDATE_SKILL = "UpdateSkill";
    DELETE_SKILL = "DeleteSkill";
    LIST_AGENTS = "ListAgents";
    GET_AGENT = "GetAgent";
    CREATE_AGENT = "CreateAgent";
    UPDATE_AGENT = "UpdateAgent";
    ARCHIVE_AGENT = "ArchiveAgent";
    LIST_ENVIRONMENTS = "ListEnvironments";
    GET_ENVIRONMENT = "GetEnvironment";
    CREATE_ENVIRONMENT = "CreateEnvironment";
    UPDATE_ENVIRONMENT = "UpdateEnvironment";
    ARCHIVE_ENVIRONMENT = "ArchiveEnvironment";
    DELETE_ENVIRONMENT = "DeleteEnvironment";
    LIST_VAULTS = "ListVaults";
    GET_VAULT = "GetVault";
    CREATE_VAULT = "CreateVault";
    UPDATE_VAULT = "UpdateVault";
    ARCHIVE_VAULT = "ArchiveVault";
    DELETE_VAULT = "DeleteVault";
    LIST_SESSIONS = "ListSessions";
    GET_SESSION = "GetSession";
    CREATE_SESSION = "CreateSession";
    UPDATE_SESSION = "UpdateSession";
    ARCHIVE_SESSION = "ArchiveSession";
    DELETE_SESSION = "DeleteSession";
    LIST_FILES = "ListFiles";
    CREATE_FILE = "CreateFile";
    DELETE_FILE = "DeleteFile";
    LIST_DEPLOYMENTS = "ListDeployments";
    GET_DEPLOYMENT = "GetDeployment";
    CREATE_DEPLOYMENT = "CreateDeployment";
    UPDATE_DEPLOYMENT = "UpdateDeployment";
    PAUSE_DEPLOYMENT = "PauseDeployment";
    UNPAUSE_DEPLOYMENT = "UnpauseDeployment";
    RUN_DEPLOYMENT = "RunDeployment";
    ARCHIVE_DEPLOYMENT = "ArchiveDeployment";
    GET_MODEL = "GetModel";
}
