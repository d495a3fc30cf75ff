//! What makes the platform agree with a deployment: the actions that `up` carries out, and that
//! `status` only shows.

use std::fmt;

use claude_platform::Kind;
use padel::{config::check_file, gladstone::Profile};

use crate::{
    SKILL, cli,
    context::StepContext,
    deploy::{CredentialKind, Difference, MemberCredentials},
    error::{Code, Error, from_platform},
    ids,
    ops::{
        content,
        package::Package,
        provenance,
        provision::{
            self, ChosenSkill, Found, Part, Provision, Removal, VARIABLES, refuse_unfit_secrets,
        },
        publishing, skills,
    },
    plan,
    source::Tree,
};

/// One thing that is done, or kept as it is.
#[derive(Debug)]
pub(crate) enum Action {
    /// It is as declared.
    Keep { part: Part, id: String },
    /// It is not there.
    Create { part: Part, what: String },
    /// Fields of it differ.
    Mend {
        part: Part,
        id: String,
        differences: Vec<Difference>,
    },
    /// The vault's credentials are not there, differ, or have other secrets.
    SendCredentials { what: String },
    /// The zip becomes a version, and the agent's.
    Publish { zip: String },
    /// It is not declared any more, or was replaced.
    Remove { removal: Removal, why: &'static str },
    /// The lock names it, and it is neither declared nor there.
    Forget(Part),
    /// The agent posts in Slack with a credential that is made by hand.
    CheckSlack,
}

/// The deployment at work.
#[derive(Default)]
pub(crate) struct Work {
    pub(super) provision: Option<Provision>,
    pub(super) package: Option<Package>,
    /// What a person has to do, each with the exact place.
    pub(super) manual_steps: Vec<String>,
}

impl plan::Action for Action {
    type State = Work;

    async fn perform(self, work: &mut Work, context: &StepContext<'_>) -> Result<(), Error> {
        let Some(provision) = &mut work.provision else {
            return Ok(());
        };
        match self {
            Self::Keep { part, id } => provision.keep(part, &id),
            Self::Create { part, .. } => match part {
                Part::Environment => provision.create_environment(context).await,
                Part::Vault => provision.create_vault(context).await,
                Part::File => provision.upload_credentials(false, context).await,
                Part::Agent => provision.create_agent(context).await,
                Part::Schedule => {
                    if !provision.create_schedule(context).await? {
                        work.manual_steps.push(explain_missing_schedules(context));
                    }
                    Ok(())
                }
                Part::Credentials | Part::Skill | Part::Session => Ok(()),
            },
            Self::Mend { part, .. } => match part {
                Part::Environment => provision.mend_environment(context).await,
                Part::Agent => provision.mend_agent(context).await,
                Part::Schedule => provision.mend_schedule(context).await,
                _ => Ok(()),
            },
            Self::SendCredentials { .. } => provision.send_credentials(false, context).await,
            Self::Publish { .. } => {
                let Some(package) = &work.package else {
                    return Ok(());
                };
                provision.found.skill = Some(publish(package, provision, context).await?);
                Ok(())
            }
            Self::Remove { removal, .. } => provision.remove(removal, context).await,
            Self::Forget(part) => provision.forget_missing(part),
            Self::CheckSlack => {
                let step = provision.check_slack_credential(context).await?;
                work.manual_steps.extend(step);
                Ok(())
            }
        }
    }

    fn part(&self) -> &'static str {
        match self {
            Self::Keep { part, .. }
            | Self::Create { part, .. }
            | Self::Mend { part, .. }
            | Self::Forget(part) => part.name(),
            Self::SendCredentials { .. } | Self::CheckSlack => Part::Credentials.name(),
            Self::Publish { .. } => Part::Skill.name(),
            Self::Remove { removal, .. } => removal.part.name(),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep { id, .. } => write!(out, "keep `{id}`"),
            Self::Create { what, .. } | Self::SendCredentials { what } => out.write_str(what),
            Self::Mend {
                id, differences, ..
            } => {
                write!(out, "change `{id}`: ")?;
                for (place, difference) in differences.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "; " };
                    write!(out, "{comma}{difference}")?;
                }
                Ok(())
            }
            Self::Publish { zip } => write!(
                out,
                "send `{zip}` as a new version, unless the newest holds the same files; the agent \
                 gets it"
            ),
            Self::Remove { removal, why } => write!(out, "take `{}` away: {why}", removal.id),
            Self::Forget(_) => out.write_str("take it out of the lock: it is not there any more"),
            Self::CheckSlack => out.write_str("look whether the vault holds Slack's credential"),
        }
    }
}

/// On AWS: the other way to a schedule.
fn explain_missing_schedules(context: &StepContext<'_>) -> String {
    format!(
        "the platform took no schedule here: let cron, or a Lambda that EventBridge Scheduler \
         starts, run {}",
        context.hint_command("ask \"…\"")
    )
}

/// Reads what is declared, and everything that it has on the platform. What is wrong on this
/// machine, at the club or with the model is told before the first thing is changed.
pub(super) async fn open_provision(
    deployment: &cli::Deployment,
    package: Option<&Package>,
    context: &StepContext<'_>,
) -> Result<Provision, Error> {
    let (declaration, file) = context.open_deployment(deployment)?;
    let credentials = match &declaration.credentials {
        Some(declared) => Some(MemberCredentials::read(
            &declared.env_file,
            &declaration.club,
        )?),
        None => None,
    };
    provision::check_club(&declaration, context).await?;
    check_model(&declaration.model, context).await?;
    let found = provision::look(&declaration, &file.lock, context).await?;
    provision::refuse_other_workspace(&file, &found)?;
    let mut provision = Provision {
        declaration,
        file,
        credentials,
        found,
        changes: Vec::new(),
    };
    if package.is_none() {
        let (lock, agent) = (&provision.file.lock, provision.found.agent.as_ref());
        provision.found.skill = Some(provision::choose_skill(lock, agent, context).await?);
    }
    if provision.declaration.uses(CredentialKind::Vault) {
        check_placeholders(&provision, package, context).await?;
    }
    Ok(provision)
}

async fn check_model(model: &str, context: &StepContext<'_>) -> Result<(), Error> {
    match context.client.get_model(model).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == Kind::NotFound => {
            let message = format!("the platform has no model `{model}`");
            let hint = "write another `model` into [agent], such as claude-sonnet-5-5";
            Err(Error::new(Code::NotFound, message, hint))
        }
        // A role that may not look at models may still make agents.
        Err(error) if error.kind == Kind::Denied => {
            let warning = format!("whether the model `{model}` is there is not known: {error}");
            context.log.warning(&warning);
            Ok(())
        }
        Err(error) => Err(from_platform(error)),
    }
}

/// Refuses a vault where the sign-in, as the skill's settings describe it, cannot work with a
/// placeholder.
async fn check_placeholders(
    provision: &Provision,
    package: Option<&Package>,
    context: &StepContext<'_>,
) -> Result<(), Error> {
    let downloaded;
    let files = match (package, &provision.found.skill) {
        (Some(package), _) => &package.tree,
        (None, Some(ChosenSkill { id, version, .. })) => {
            downloaded = content::download_version(&context.client, id, version).await?;
            &downloaded
        }
        (None, None) => return Ok(()),
    };
    let profile = read_profile(files)?;
    if let Some(why) = profile.placeholder_obstacle() {
        let message = format!(
            "a vault cannot deliver the credentials: by the skill's config.toml, the club's sign-in \
             {why}"
        );
        let hint = "write kind = \"file\" in [credentials]";
        return Err(Error::new(Code::Usage, message, hint));
    }
    let credentials = provision.credentials.as_ref();
    credentials.map_or(Ok(()), |credentials| {
        refuse_unfit_secrets(credentials, profile.signs_in_by_form())
    })
}

fn read_profile(files: &Tree) -> Result<Profile, Error> {
    let text = files.text("config.toml").unwrap_or_default();
    let path = format!("{SKILL}/config.toml");
    check_file(text, path.as_ref())
        .and_then(|portal| Profile::new(&portal))
        .map_err(|error| {
            let message = format!("the skill's settings cannot be read: {}", error.message);
            Error::new(
                Code::Refused,
                message,
                "publish a version that `check` accepts",
            )
        })
}

/// Publishes the zip, or finds the version that holds it.
async fn publish(
    package: &Package,
    provision: &Provision,
    context: &StepContext<'_>,
) -> Result<ChosenSkill, Error> {
    let skill = match &provision.file.lock.skill_id {
        Some(id) => Some(id.clone()),
        None => {
            let name = ids::Skill::Name(SKILL.to_owned());
            skills::find_skill(&context.client, &name).await?
        }
    };
    let agents = provision.found.agent.as_slice();
    let published = publishing::publish_zip(skill, package, agents, context).await?;
    context.answer.tell(&published)?;
    let provenance = provenance::of_package(package);
    let pairs = provenance.pairs().into_iter();
    Ok(ChosenSkill {
        id: published.skill_id,
        version: published.version,
        provenance: pairs
            .filter_map(|(key, value)| Some((key, value?.to_owned())))
            .collect(),
    })
}

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
            let id = format!("{} at {}", skill.id, skill.version);
            actions.push(Action::Keep {
                part: Part::Skill,
                id,
            });
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

fn keep_or_mend(part: Part, id: &str, differences: Vec<Difference>) -> Action {
    let id = id.to_owned();
    if differences.is_empty() {
        Action::Keep { part, id }
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
        declaration,
        file,
        credentials,
        found,
        ..
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
    let Some(credentials) = credentials else {
        return actions;
    };
    let are_sent = credentials.are_sent(&file.lock);
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
        keep_or_mend(Part::Credentials, &ids.join(","), Vec::new())
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
            _ => false,
        });
        if is_new && differences.iter().all(|known| known.field != field) {
            differences.push(Difference::to_come(field, what));
        }
    };
    follow("agent", Part::Agent, "its next version");
    follow("resources", Part::File, "the new upload");
    Some(keep_or_mend(Part::Schedule, &found.id, differences))
}

/// What is not declared any more goes last, when nothing refers to it.
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
        let credentials = provision.credentials.as_ref();
        let are_sent = credentials.is_none_or(|it| it.are_sent(&file.lock));
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
