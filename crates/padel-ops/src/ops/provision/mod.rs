//! A deployment and what it has on the platform: found, made once, mended field by field, and noted
//! in the lock after each change.
//!
//! - `resource`: what the kinds of things have in common, and how one is found.
//! - `look`: all that is there; `skill` which version the agent gets; `club` whether the club is.
//! - `environment`, `vault`, `file`, `agent`, `schedule`: make and mend one kind each.
//! - `removal`: takes things away; `sessions` ends those of ours.

mod agent;
mod club;
mod environment;
mod file;
mod look;
mod removal;
mod resource;
mod schedule;
mod sessions;
mod skill;
mod vault;

use std::fmt;

use serde::Serialize;

pub(crate) use self::{
    club::check_club,
    file::{file_name, is_file_of},
    look::{Found, look, refuse_other_workspace},
    removal::{Removal, list_removals},
    resource::Part,
    schedule::is_routed,
    skill::{ChosenSkill, choose_skill},
    vault::{VARIABLES, refuse_unfit_secrets},
};
use crate::{
    deploy::{Declaration, Difference, LockFile, MemberCredentials},
    error::Error,
};

/// A deployment: declared, found, and noted.
pub(crate) struct Provision {
    pub(crate) declaration: Declaration,
    pub(crate) file: LockFile,
    /// The member's, if any are declared.
    pub(crate) credentials: Option<MemberCredentials>,
    /// True when the credentials are sent although the platform has them.
    pub(crate) resend: bool,
    pub(crate) found: Found,
    pub(crate) changes: Vec<Change>,
}

/// One thing, and the end of its change.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) part: Part,
    pub(crate) id: String,
    pub(crate) outcome: Outcome,
    pub(crate) differences: Vec<Difference>,
}

/// The end of a change, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Kept,
    Created,
    Changed,
    Deleted,
    Archived,
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Kept => "kept",
            Outcome::Created => "made",
            Outcome::Changed => "changed",
            Outcome::Deleted => "deleted",
            Outcome::Archived => "archived",
        };
        write!(out, "{outcome} {} {}", self.part.name(), self.id)
    }
}

impl Provision {
    /// Returns whether the platform has the credentials, and need not get them again.
    pub(crate) fn has_sent_credentials(&self) -> bool {
        let credentials = self.credentials.as_ref();
        !self.resend && credentials.is_some_and(|it| it.are_sent(&self.file.lock))
    }

    /// Keeps a thing as it is, and notes it in the lock, which may have been lost.
    pub(crate) fn keep(&mut self, part: Part, ids: Vec<String>) -> Result<(), Error> {
        let before = self.file.lock.clone();
        let lock = &mut self.file.lock;
        let id = ids.join(",");
        match part {
            Part::Environment => lock.environment_id = Some(id.clone()),
            Part::Vault => lock.vault_id = Some(id.clone()),
            Part::Credentials => lock.credential_ids = ids,
            Part::File => lock.file_id = Some(id.clone()),
            Part::Schedule => lock.deployment_id = Some(id.clone()),
            Part::Agent => {
                if let Some(agent) = self.found.agent.clone() {
                    self.keep_agent(agent);
                }
            }
            Part::Skill | Part::Session => return Ok(()),
        }
        self.note(part, &id, Outcome::Kept, Vec::new());
        if self.file.lock == before {
            return Ok(());
        }
        self.file.write()
    }

    /// Notes what became of a thing.
    fn note(&mut self, part: Part, id: &str, outcome: Outcome, differences: Vec<Difference>) {
        self.changes.push(Change {
            part,
            id: id.to_owned(),
            outcome,
            differences,
        });
    }

    /// Notes a thing that was there and now is as declared.
    fn note_mended(&mut self, part: Part, id: &str, differences: Vec<Difference>) {
        let outcome = if differences.is_empty() {
            Outcome::Kept
        } else {
            Outcome::Changed
        };
        self.note(part, id, outcome, differences);
    }

    /// Notes a thing that was made.
    fn note_created(&mut self, part: Part, id: &str) {
        self.note(part, id, Outcome::Created, Vec::new());
    }
}
