//! What makes the platform agree with a deployment, as a list: decided from what was found, without
//! a request.

use super::provisioning::Action;
use crate::{
    deploy::{CredentialKind, Difference},
    ops::{
        package::Package,
        provision::{Found, Part, Provision, Removal, VARIABLES},
    },
};

/// Lists what makes the platform agree with what is declared, in the order in which each thing
/// needs the ones before.
pub(super) fn list_actions(provision: &Provision, package: Option<&Package>) -> Vec<Action> {
    let Provision {
        declaration, found, ..
    } = provision;
    let mut actions = vec![match &found.environment {
        None => Action::Create {
            part: Part::Environment,
            what: format!(
                "make `{}`, which reaches {} and nothing else",
                declaration.name,
                declaration.allowed_hosts().join(", ")
            ),
        },
        Some(environment) => keep_or_mend(
            Part::Environment,
            &environment.id,
            provision.compare_environment(environment),
        ),
    }];
    actions.extend(list_credential_actions(provision));
    match (package, &found.skill) {
        (Some(package), _) => {
            let zip = package.path.display().to_string();
            actions.push(Action::Publish { zip });
        }
        (None, Some(skill)) => {
            let ids = vec![skill.id.clone(), skill.version.clone()];
            let part = Part::Skill;
            actions.push(Action::Keep { part, ids });
        }
        (None, None) => {}
    }
    actions.push(plan_agent(provision, package.is_some()));
    if declaration.posts_itself() {
        actions.push(Action::CheckSlack);
    }
    actions.extend(plan_schedule(provision, &actions));
    actions.extend(list_removals(provision));
    actions
}

/// Lists what gives the platform the credentials as they are now, and what follows from that: the
/// schedule mounts the upload, and earlier uploads are of no use.
pub(super) fn list_rotation(provision: &Provision) -> Vec<Action> {
    let mut actions = list_credential_actions(provision);
    // Also one that an earlier run did not get to.
    actions.extend(
        plan_schedule(provision, &actions).filter(|action| match action {
            Action::Mend { differences, .. } => {
                differences.iter().any(|it| it.field == "resources")
            }
            _ => false,
        }),
    );
    let removals = list_removals(provision).into_iter();
    actions.extend(removals.filter(|action| match action {
        Action::Remove { removal, .. } => removal.part == Part::File,
        _ => false,
    }));
    actions
}

/// Returns whether an upload is there that the lock does not name yet, as after a run that was
/// killed: nothing mounts it.
pub(super) fn has_other_upload(provision: &Provision) -> bool {
    let Provision { file, found, .. } = provision;
    found.file.is_some() && found.file != file.lock.file_id
}

fn keep_or_mend(part: Part, id: &str, differences: Vec<Difference>) -> Action {
    let id = id.to_owned();
    if differences.is_empty() {
        let ids = vec![id];
        Action::Keep { part, ids }
    } else {
        Action::Mend {
            part,
            id,
            differences,
        }
    }
}

fn list_credential_actions(provision: &Provision) -> Vec<Action> {
    let Provision {
        declaration, found, ..
    } = provision;
    let mut actions = Vec::new();
    if declaration.needs_vault() {
        actions.push(match &found.vault {
            Some(vault) => keep_or_mend(Part::Vault, &vault.id, Vec::new()),
            None => Action::Create {
                part: Part::Vault,
                what: format!("make `{}`", declaration.name),
            },
        });
    }
    if provision.credentials.is_none() {
        return actions;
    }
    let are_sent = provision.has_sent_credentials();
    if declaration.uses(CredentialKind::File) {
        actions.push(match &found.file {
            Some(id) if are_sent => keep_or_mend(Part::File, id, Vec::new()),
            _ => Action::Create {
                part: Part::File,
                what: "upload e-mail and password as a `.env` for the member's sessions".to_owned(),
            },
        });
        return actions;
    }
    let mut reasons = Vec::new();
    let mut ids = Vec::new();
    for variable in VARIABLES {
        match provision.find_credential(variable) {
            None => reasons.push(format!("make `{variable}`")),
            Some(known) => {
                ids.push(known.id.clone());
                for difference in provision.compare_credential(variable, known) {
                    reasons.push(format!("change `{}`: {difference}", known.id));
                }
                if !are_sent {
                    reasons.push(format!("send the secret of `{}` again", known.id));
                }
            }
        }
    }
    actions.push(if reasons.is_empty() {
        let part = Part::Credentials;
        Action::Keep { part, ids }
    } else {
        let host = declaration.club.host();
        let what = format!("{}; in bodies for {host} only", reasons.join("; "));
        Action::SendCredentials { what }
    });
    actions
}

fn plan_agent(provision: &Provision, is_publishing: bool) -> Action {
    let declaration = &provision.declaration;
    let Some(agent) = &provision.found.agent else {
        let effort = declaration.effort.as_deref().unwrap_or("the model's own");
        let what = format!(
            "make `{}` with {}, effort {effort}, the tools bash and read, and the skill",
            declaration.name, declaration.model
        );
        return Action::Create {
            part: Part::Agent,
            what,
        };
    };
    let mut differences = provision.compare_agent(agent);
    if is_publishing {
        differences.push(Difference::to_come(
            "skills",
            "the version that is published",
        ));
    }
    keep_or_mend(Part::Agent, &agent.id, differences)
}

/// The schedule pins a version of the agent, and mounts the upload: it follows where they change.
fn plan_schedule(provision: &Provision, before: &[Action]) -> Option<Action> {
    let schedule = provision.declaration.schedule.as_ref()?;
    let Some(found) = &provision.found.schedule else {
        let what = format!(
            "make `{}`, which asks at `{}` of {}",
            provision.declaration.name, schedule.cron, schedule.timezone
        );
        return Some(Action::Create {
            part: Part::Schedule,
            what,
        });
    };
    let mut differences = provision.compare_schedule(found);
    let mut follow = |field: &str, part: Part, what: &str| {
        let is_new = before.iter().any(|action| match action {
            Action::Create { part: made, .. } | Action::Mend { part: made, .. } => *made == part,
            _ => part == Part::File && has_other_upload(provision),
        });
        if is_new && differences.iter().all(|known| known.field != field) {
            differences.push(Difference::to_come(field, what));
        }
    };
    follow("agent", Part::Agent, "its next version");
    follow("resources", Part::File, "the new upload");
    Some(keep_or_mend(Part::Schedule, &found.id, differences))
}

/// Lists what is not declared any more: it goes last, when nothing refers to it.
fn list_removals(provision: &Provision) -> Vec<Action> {
    let Provision {
        declaration,
        file,
        found,
        ..
    } = provision;
    let Found {
        vault, schedule, ..
    } = found;
    let mut actions = Vec::new();
    let mut remove = |part: Part, id: &str, why: &'static str| {
        let id = id.to_owned();
        let removal = Removal { part, id };
        actions.push(Action::Remove { removal, why });
    };
    const UNDECLARED: &str = "it is not declared any more";
    if let Some(schedule) = schedule.as_ref().filter(|_| declaration.schedule.is_none()) {
        remove(Part::Schedule, &schedule.id, UNDECLARED);
    }
    if let Some(vault) = vault.as_ref().filter(|_| !declaration.needs_vault()) {
        remove(Part::Vault, &vault.id, UNDECLARED);
    } else if !declaration.uses(CredentialKind::Vault) {
        for variable in VARIABLES {
            if let Some(known) = provision.find_credential(variable) {
                remove(Part::Credentials, &known.id, UNDECLARED);
            }
        }
    }
    for id in &found.old_files {
        remove(Part::File, id, "it is an earlier upload");
    }
    if declaration.uses(CredentialKind::File) {
        let are_sent = provision.credentials.is_none() || provision.has_sent_credentials();
        if let Some(id) = found.file.as_ref().filter(|_| !are_sent) {
            remove(Part::File, id, "it is an earlier upload");
        }
    } else if let Some(id) = &found.file {
        remove(Part::File, id, UNDECLARED);
    }
    let lock = &file.lock;
    let is_stale = |id: &Option<String>, is_found: bool, is_declared: bool| {
        id.is_some() && !is_found && !is_declared
    };
    for (part, id, is_found, is_declared) in [
        (
            Part::Schedule,
            &lock.deployment_id,
            schedule.is_some(),
            declaration.schedule.is_some(),
        ),
        (
            Part::Vault,
            &lock.vault_id,
            vault.is_some(),
            declaration.needs_vault(),
        ),
        (
            Part::File,
            &lock.file_id,
            found.file.is_some() || !found.old_files.is_empty(),
            declaration.uses(CredentialKind::File),
        ),
    ] {
        if is_stale(id, is_found, is_declared) {
            actions.push(Action::Forget(part));
        }
    }
    actions
}
