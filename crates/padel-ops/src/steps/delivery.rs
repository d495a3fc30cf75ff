//! The way of a version to the agents: the actions that `publish`, `smoke`, `pin` and `release` are
//! made of. Each of those steps lists some of them. Here they are described, and performed one
//! after the other on what the earlier ones found.

use std::{
    fmt, mem,
    path::{Path, PathBuf},
};

use claude_platform::Agent;

use super::pack;
use crate::{
    cli::{self, Arches},
    context::{Answer, StepContext},
    error::{Code, Error, from_platform},
    ids,
    ops::{
        agents::DesiredPin,
        content,
        follow::{self, Followed},
        package::Package,
        pinning::{self, Pins, list_ids},
        provenance,
        publishing::{self, Published},
        readiness, skills,
        trial_session::{Candidate, TrialPlace, TrialReport, TrialSession},
    },
    output::{self, CheckReport, PackReport},
    plan, sums,
};

/// One action. A version that is not known before another action was performed is left out.
pub(crate) enum Action<'a> {
    /// Makes the zip.
    Pack(&'a cli::Packing, &'a Arches),
    /// Checks the zip. One that is there already was checked for the plan, which tells what it is.
    Check(Zip<'a>, Option<String>),
    /// Finds the skill.
    FindSkill { skill: &'a ids::Skill, create: bool },
    /// Reads the version that is tried or pinned.
    ReadVersion {
        skill: &'a ids::Skill,
        version: &'a str,
        purpose: Purpose<'a>,
    },
    /// Stops unless what later actions use can be used.
    ReadTargets(Targets<'a>),
    /// Makes a version of the zip, or finds the one that holds the same files.
    Upload,
    /// Starts the session that tries the version.
    StartTrial {
        version: Option<&'a str>,
        place: TrialPlace,
        max_cost: u32,
        unless_pinned: bool,
    },
    /// Waits for what the session says, and archives it.
    WatchTrial(&'a cli::Trial),
    /// A pre-release is not pinned.
    LeaveUnpinned(String),
    /// Looks for changes that came during the trial.
    ReadAgain,
    /// Makes the agents use the version.
    Pin { version: Option<&'a str>, add: bool },
    /// Moves the deployment of one of them to its new version.
    Follow(&'a cli::Deployment),
}

/// The zip that is delivered.
pub(super) struct Zip<'a> {
    pub(super) path: PathBuf,
    pub(super) arches: &'a Arches,
    pub(super) skill: &'a ids::Skill,
}

/// The use that a version is read for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    Trial,
    Pin { manifest: Option<&'a Path> },
}

/// The agents and the environment that later actions use.
pub(super) struct Targets<'a> {
    /// `publish`, or `pin` where agents are pinned in the end.
    pub(super) part: &'static str,
    pub(super) agents: Vec<String>,
    /// Allows agents that lack the skill.
    pub(super) add: bool,
    pub(super) smoke_agent: Option<&'a str>,
    pub(super) environment: Option<String>,
    /// The deployment that one of the agents belongs to: its lock must be of this platform.
    pub(super) deployment: Option<&'a cli::Deployment>,
}

impl Targets<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.smoke_agent.is_none() && self.environment.is_none()
    }
}

impl plan::Action for Action<'_> {
    type State = Delivery;

    async fn perform(
        self,
        delivery: &mut Delivery,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        delivery.perform(self, context).await
    }

    fn part(&self) -> &'static str {
        match self {
            Self::Pack(..) => "pack",
            Self::Check(..) => "check",
            Self::FindSkill { .. } | Self::Upload => "publish",
            Self::ReadTargets(targets) => targets.part,
            Self::StartTrial { .. } | Self::WatchTrial(_) => "smoke",
            Self::ReadVersion { purpose, .. } => match purpose {
                Purpose::Trial => "smoke",
                Purpose::Pin { .. } => "pin",
            },
            Self::LeaveUnpinned(_) | Self::ReadAgain | Self::Pin { .. } | Self::Follow(_) => "pin",
        }
    }
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack(packing, _) => write!(
                out,
                "`{}` and `{}` become a zip in `{}`",
                packing.skill_dir.display(),
                packing.bin_dir.display(),
                packing.out.display()
            ),
            Self::Check(zip, Some(found)) => {
                write!(out, "`{}` keeps the rules: {found}", zip.path.display())
            }
            Self::Check(zip, None) => write!(out, "`{}` must keep the rules", zip.path.display()),
            Self::FindSkill { skill, create } => {
                let or = if *create { "make it" } else { "stop" };
                write!(out, "find the skill `{skill}`; {or} if it does not exist")
            }
            Self::ReadVersion { skill, version, .. } => {
                write!(out, "find the skill `{skill}` and download `{version}`")
            }
            Self::ReadTargets(targets) => {
                let mut ids = targets.agents.clone();
                ids.extend(targets.smoke_agent.map(str::to_owned));
                ids.extend(targets.environment.clone());
                write!(out, "read {}; stop unless each can be used", list_ids(&ids))
            }
            Self::Upload => out.write_str(
                "download the newest version; send the zip as a new one, unless that holds the \
                 same files; stop if that is of a newer release",
            ),
            Self::StartTrial {
                version,
                place: TrialPlace { agent, environment },
                max_cost,
                unless_pinned,
            } => {
                let dollars = format!("{}.{:02}", max_cost / 100, max_cost % 100);
                let version = version.unwrap_or("the version");
                write!(
                    out,
                    "start a session of `{agent}` in `{environment}` with {version}, for \
                     at most ${dollars}"
                )?;
                let unless = ", unless each agent pins it already";
                out.write_str(if *unless_pinned { unless } else { "" })
            }
            Self::WatchTrial(limits) => write!(
                out,
                "want the version's checksums and `padel {}` from its launcher within {} s; \
                 archive the session",
                limits.expect_version, limits.timeout
            ),
            Self::LeaveUnpinned(release) => {
                write!(out, "pin nothing, for {release} is a pre-release")
            }
            Self::ReadAgain => out
                .write_str("read the agents again; stop if somebody else changed the skill of one"),
            Self::Follow(deployment) => out.write_str(&follow::describe_follow(deployment)),
            Self::Pin { version, add } => {
                let add = if *add {
                    ", added where it is missing"
                } else {
                    ""
                };
                let version = version.unwrap_or("the version");
                let keys = provenance::KEYS.join(", ");
                write!(
                    out,
                    "set the skill's entry to {version}{add}, and the metadata {keys}; keep \
                     everything else"
                )
            }
        }
    }
}

/// The findings and results of the actions so far.
#[derive(Default)]
pub(crate) struct Delivery {
    package: Option<Package>,
    /// The skill's id; none where it does not exist yet.
    skill: Option<String>,
    agents: Vec<Agent>,
    desired: DesiredPin,
    /// The skill's name and the hashes that its `SHA256SUMS` may have in a session.
    name: String,
    sums: Vec<String>,
    trial: Option<TrialSession>,
    pub(super) pack: Option<PackReport>,
    pub(super) check: Option<CheckReport>,
    pub(super) publish: Option<Published>,
    pub(super) smoke: Option<TrialReport>,
    pub(super) pin: Option<Pins>,
    pub(super) deployment: Option<Followed>,
}

impl Delivery {
    /// Reads and checks the zip while the plan is made, and prints what was found.
    pub(super) fn check_now(&mut self, zip: &Zip<'_>, answer: Answer) -> Result<&Package, Error> {
        let outcome = self.read_zip(zip);
        let check = self.check.as_ref();
        answer.tell(check.map_or(String::new(), |check| output::lines(check.findings())))?;
        outcome?;
        self.package()
    }

    /// Refuses what breaks a rule, and a zip of another skill than is meant.
    fn read_zip(&mut self, zip: &Zip<'_>) -> Result<(), Error> {
        let (check, package) = Package::read(&zip.path, zip.arches)?;
        let failure = check.failure();
        self.check = Some(check);
        let package = match (package, failure) {
            (Some(package), None) => package,
            (_, failure) => return Err(failure.unwrap_or_else(|| unnamed(&zip.path))),
        };
        if let ids::Skill::Name(name) = zip.skill
            && *name != package.name
        {
            let path = zip.path.display();
            let message = format!("`{path}` holds the skill `{}`, not `{name}`", package.name);
            let hint = "give the other zip, or the other name with --skill";
            return Err(Error::new(Code::Usage, message, hint));
        }
        self.sums = sums::accepted_hashes(&package.tree);
        self.name.clone_from(&package.name);
        self.desired.provenance = provenance::of_package(&package);
        self.package = Some(package);
        Ok(())
    }

    fn package(&self) -> Result<&Package, Error> {
        self.package
            .as_ref()
            .ok_or_else(|| Error::new(Code::Internal, "no zip was read", "report this command"))
    }

    async fn perform(
        &mut self,
        action: Action<'_>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        match action {
            Action::Pack(packing, arches) => {
                let packed = pack::pack_skill(packing, arches)?;
                context.answer.tell(packed.text(false))?;
                self.pack.insert(packed).failure().map_or(Ok(()), Err)
            }
            Action::Check(zip, _) => {
                if self.package.is_some() {
                    return Ok(());
                }
                self.read_zip(&zip)
            }
            Action::FindSkill { skill, create } => {
                self.skill = skills::find_skill(&context.client, skill).await?;
                if self.skill.is_none() && !create {
                    let hint = "add --create to make it, or look at the name and the workspace";
                    return Err(skills::skill_missing(skill).with_hint(hint));
                }
                self.desired.skill = self.skill.as_ref().unwrap_or(&self.name).clone();
                Ok(())
            }
            Action::ReadVersion {
                skill,
                version,
                purpose,
            } => self.read_version(skill, version, purpose, context).await,
            Action::ReadTargets(targets) => self.read_targets(&targets, context).await,
            Action::Upload => self.upload(context).await,
            Action::StartTrial {
                place,
                max_cost,
                unless_pinned,
                ..
            } => {
                if unless_pinned && self.is_pinned()? {
                    let skipped = "smoke: skipped, for the version is pinned already";
                    context.log.progress(skipped);
                    return Ok(());
                }
                let candidate = Candidate {
                    skill: self.desired.skill.clone(),
                    name: self.name.clone(),
                    version: self.desired.version.clone(),
                    sums: self.sums.clone(),
                };
                self.trial = Some(TrialSession::start(candidate, place, max_cost, context).await?);
                Ok(())
            }
            Action::WatchTrial(limits) => {
                let Some(session) = self.trial.take() else {
                    return Ok(());
                };
                let (report, failure) = session.watch(limits, context).await?;
                context.answer.tell(self.smoke.insert(report))?;
                failure.map_or(Ok(()), Err)
            }
            Action::LeaveUnpinned(release) => {
                context.log.progress(&format!(
                    "pin: skipped, for {release} is a pre-release: those are published, never \
                     pinned"
                ));
                Ok(())
            }
            Action::ReadAgain => self.read_again(context).await,
            Action::Pin { .. } => {
                // All are checked before the first is changed.
                for agent in &self.agents {
                    self.desired.update_for(agent)?;
                }
                let pins = self.pin.get_or_insert_default();
                for agent in &self.agents {
                    pins.pin(agent, &self.desired, context).await;
                }
                context.answer.tell(&*pins)?;
                pins.take_failure()
            }
            Action::Follow(deployment) => {
                let (_, file) = context.open_deployment(deployment)?;
                self.deployment = follow::follow_agent(file, context).await?;
                let followed = self.deployment.as_ref();
                followed.map_or(Ok(()), |followed| context.answer.tell(followed))
            }
        }
    }

    async fn read_version(
        &mut self,
        skill: &ids::Skill,
        version: &str,
        purpose: Purpose<'_>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let client = &context.client;
        let skill = skills::require_skill(client, skill).await?;
        if let Purpose::Trial = purpose {
            let name = client
                .get_skill_version(&skill, version)
                .await
                .map_err(from_platform)?
                .name;
            self.name = name.unwrap_or_else(|| crate::SKILL.to_owned());
        }
        let files = content::download_version(client, &skill, version).await?;
        if let Purpose::Pin { manifest } = purpose {
            pinning::refuse_pre_release(version, &files)?;
            self.desired.provenance = provenance::of_download(&files, manifest)?;
        }
        self.sums = sums::accepted_hashes(&files);
        self.desired.skill = skill;
        self.desired.version = version.to_owned();
        Ok(())
    }

    /// A version that can be neither tried nor pinned should not be made.
    async fn read_targets(
        &mut self,
        targets: &Targets<'_>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        self.desired.add = targets.add;
        if let Some(deployment) = targets.deployment {
            context.open_deployment(deployment)?;
        }
        self.agents = pinning::read_agents(&targets.agents, context).await?;
        for agent in &self.agents {
            self.desired.update_for(agent)?;
        }
        if let Some(agent) = targets.smoke_agent {
            readiness::check_smoke_agent(agent, context).await?;
        }
        if let Some(environment) = &targets.environment {
            readiness::check_environment(environment, context).await?;
        }
        if targets.part == "pin" {
            pinning::point_out_followers(&self.agents, &self.desired.skill, context)?;
        }
        Ok(())
    }

    async fn upload(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        let package = self.package()?;
        let published =
            publishing::publish_zip(self.skill.clone(), package, &self.agents, context).await?;
        self.desired.skill.clone_from(&published.skill_id);
        self.desired.version.clone_from(&published.version);
        context.answer.tell(self.publish.insert(published))
    }

    /// The agents, one at least, have all that is wanted.
    pub(super) fn is_pinned(&self) -> Result<bool, Error> {
        let mut pinned = !self.agents.is_empty();
        for agent in &self.agents {
            pinned &= self.desired.update_for(agent)?.is_none();
        }
        Ok(pinned)
    }

    async fn read_again(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        if self.is_pinned()? {
            return Ok(());
        }
        let ids: Vec<String> = self.agents.iter().map(|agent| agent.id.clone()).collect();
        let now = pinning::read_agents(&ids, context).await?;
        let seen = mem::take(&mut self.agents);
        for (seen, now) in seen.iter().zip(now) {
            match self.desired.check_undisturbed(seen, &now, context).await? {
                Some(twin) => {
                    let pins = self.pin.get_or_insert_default();
                    pins.add_twin(&now.id, twin, &self.desired);
                }
                None => self.agents.push(now),
            }
        }
        Ok(())
    }

    /// The lines for CI's file.
    pub(super) fn outputs(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        if let Some(published) = &self.publish {
            lines.push(("skill_id", published.skill_id.clone()));
            lines.push(("skill_version", published.version.clone()));
            lines.push(("skipped", published.skipped.to_string()));
            lines.push(("pre_release", published.pre_release.to_string()));
        }
        lines.extend(self.pin.as_ref().map(Pins::output));
        lines
    }
}

fn unnamed(zip: &Path) -> Error {
    let message = format!("`{}` holds no skill", zip.display());
    Error::new(Code::Violations, message, "pack it again")
}
