//! `up`: the platform comes to agree with `agent.toml`. Can be repeated: what agrees is kept.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    planning::list_actions,
    provisioning::{Action, Work, open_provision},
    step::Step,
};
use crate::{
    SKILL,
    cli::{self, Access, Change},
    context::{Answer, StepContext},
    deploy::{Reply, list_bridge_settings},
    error::{Code, Error},
    ops::{package::Package, provision},
    rules,
};

/// The document `padel.up/v1`.
#[derive(Serialize)]
struct Document<'a> {
    deployment: Option<&'a str>,
    changes: &'a [provision::Change],
    /// The variables of `padel-slack`; null until all was carried out.
    settings: Option<Map<String, Value>>,
    manual_steps: &'a [String],
}

impl Step for cli::Up {
    const NAME: &'static str = "up";
    type Action<'a> = Action;
    type State = Work;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    /// Reads the zip, which may be wrong, before anybody is asked for credentials.
    fn plan(&self, work: &mut Work, _: Answer) -> Result<Option<Vec<Action>>, Error> {
        if let Some(zip) = &self.publish {
            work.package = Some(read_package(zip, &self.arches)?);
        }
        Ok(None)
    }

    async fn plan_by_reading(
        &self,
        work: &mut Work,
        context: &StepContext<'_>,
    ) -> Result<Vec<Action>, Error> {
        let package = work.package.as_ref();
        let provision = open_provision(&self.deployment, package, context).await?;
        let actions = list_actions(&provision, package);
        work.provision = Some(provision);
        Ok(actions)
    }

    fn conclude(
        &self,
        work: &mut Work,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        outcome?;
        if !self.change.execute {
            return Ok(());
        }
        if let Some(provision) = &work.provision {
            let steps = list_manual_steps(&provision.declaration.reply);
            work.manual_steps.extend(steps);
        }
        context.answer.tell(Summary(work))
    }

    fn document(work: &Work) -> impl Serialize {
        let provision = work.provision.as_ref();
        let is_done = provision.is_some_and(|it| it.file.lock.agent_id.is_some());
        let settings = provision.filter(|_| is_done).map(|provision| {
            let settings = list_bridge_settings(&provision.declaration, &provision.file.lock);
            let pairs = settings.into_iter();
            pairs
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect()
        });
        Document {
            deployment: provision.map(|provision| provision.declaration.name.as_str()),
            changes: provision.map_or(&[], |provision| &provision.changes),
            settings,
            manual_steps: &work.manual_steps,
        }
    }

    fn outputs(work: &Work) -> Vec<(&'static str, String)> {
        let Some(provision) = &work.provision else {
            return Vec::new();
        };
        let lock = &provision.file.lock;
        let version = lock.agent_version.map(|version| version.to_string());
        let lines = [
            ("agent_id", lock.agent_id.clone()),
            ("agent_version", version),
            ("environment_id", lock.environment_id.clone()),
        ];
        let known = lines.into_iter();
        known
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// Ids, settings and what is left to do.
struct Summary<'a>(&'a Work);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(provision) = &self.0.provision else {
            return Ok(());
        };
        let name = &provision.declaration.name;
        let (lock, path) = (&provision.file.lock, provision.file.path().display());
        writeln!(
            out,
            "the deployment `{name}` is as declared; its ids are in {path}"
        )?;
        writeln!(out, "settings of padel-slack:")?;
        for (name, value) in list_bridge_settings(&provision.declaration, lock) {
            if let Some(value) = value {
                writeln!(out, "{name}={value}")?;
            }
        }
        if !self.0.manual_steps.is_empty() {
            writeln!(out, "left to do by hand:")?;
        }
        for (place, step) in self.0.manual_steps.iter().enumerate() {
            writeln!(out, "  {}. {step}", place + 1)?;
        }
        Ok(())
    }
}

fn list_manual_steps(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Bridge => vec![
            "make the Slack app and start the bridge with these settings, as deploy/slack/README.md \
             says: https://api.slack.com/apps, Create New App, From a manifest"
                .to_owned(),
        ],
        Reply::Agent => Vec::new(),
    }
}

/// A zip of ours that agents may use.
fn read_package(zip: &std::path::Path, arches: &cli::Arches) -> Result<Package, Error> {
    let (check, package) = Package::read(zip, arches)?;
    let path = zip.display();
    let Some(package) = package else {
        let hint =
            format!("`padel-ops check {path}` names each line; a zip with one binary needs --arch");
        let broken = Error::new(
            Code::Violations,
            format!("`{path}` breaks a rule"),
            hint.clone(),
        );
        return Err(check
            .failure()
            .map_or(broken, |failure| failure.with_hint(hint)));
    };
    if package.name != SKILL {
        let message = format!("`{path}` holds the skill `{}`, not `{SKILL}`", package.name);
        return Err(Error::new(
            Code::Usage,
            message,
            "give the zip that `padel-ops pack` made",
        ));
    }
    rules::pre_release(&package.tree).map_or(Ok(package), |release| {
        let message = format!("`{path}` is the pre-release {release}, which no agent gets");
        let hint = "publish it with `padel-ops publish`, and try it with `padel-ops smoke`";
        Err(Error::new(Code::Conflict, message, hint))
    })
}
