//! The actions that make the platform agree with a deployment: `up` carries them out, `status` only
//! shows them.

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
        pinning::list_ids,
        provenance,
        provision::{self, ChosenSkill, Part, Provision, Removal, refuse_unfit_secrets},
        publishing, skills,
    },
    plan,
    source::Tree,
};

/// One thing that is done, or kept as it is.
#[derive(Debug)]
pub(crate) enum Action {
    /// It is as declared.
    Keep { part: Part, ids: Vec<String> },
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
    /// Steps for a person, each with the exact place.
    pub(super) manual_steps: Vec<String>,
}

impl plan::Action for Action {
    type State = Work;

    async fn perform(self, work: &mut Work, context: &StepContext<'_>) -> Result<(), Error> {
        let Some(provision) = &mut work.provision else {
            return Ok(());
        };
        match self {
            Self::Keep { part, ids } => provision.keep(part, ids),
            Self::Create { part, .. } => match part {
                Part::Environment => provision.create_environment(context).await,
                Part::Vault => provision.create_vault(context).await,
                Part::File => provision.upload_credentials(context).await,
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
            Self::SendCredentials { .. } => provision.send_credentials(context).await,
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
            Self::Keep { ids, .. } => write!(out, "keep {}", list_ids(ids)),
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

impl Action {
    /// Returns whether the platform gets the credentials by it.
    pub(super) fn sends_credentials(&self) -> bool {
        let is_upload = matches!(
            self,
            Self::Create {
                part: Part::File,
                ..
            }
        );
        is_upload || matches!(self, Self::SendCredentials { .. })
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
        resend: false,
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
