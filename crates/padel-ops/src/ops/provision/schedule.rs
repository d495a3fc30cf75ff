//! The schedule: a deployment of the platform that starts sessions of the agent.

use claude_platform::{Deployment, DeploymentFields, Kind};
use serde_json::{Map, Value, json};

use super::{
    Part, Provision,
    resource::{mend, pick_ours, take},
};
use crate::{
    context::StepContext,
    deploy::{CredentialKind, Difference, ScheduleIds, Shape, compare},
    error::{Code, Error},
    ops::{creation::create_once, skills::check_id},
};

/// Returns false where the platform has no schedules: on AWS their routes and permissions are not
/// established.
pub(crate) fn is_routed(kind: Kind, context: &StepContext<'_>) -> bool {
    match kind {
        Kind::NotFound => false,
        Kind::Denied | Kind::Invalid => !context.is_aws(),
        _ => true,
    }
}

impl Provision {
    /// Returns what of the schedule is not as declared, as far as the ids are known by now.
    pub(crate) fn compare_schedule(&self, found: &Deployment) -> Vec<Difference> {
        let desired = self.desired_schedule();
        desired.map_or(Vec::new(), |desired| {
            compare(Shape::Schedule, &desired, &describe(found))
        })
    }

    /// Makes the schedule. Gives false where the platform has none.
    pub(crate) async fn create_schedule(
        &mut self,
        context: &StepContext<'_>,
    ) -> Result<bool, Error> {
        let Some(desired) = self.desired_schedule() else {
            return Err(incomplete());
        };
        let name = &self.declaration.name;
        let fields = into_fields(desired);
        let client = &context.client;
        let made = create_once(
            "the schedule",
            async || match client.create_deployment(&fields).await {
                Err(error) if !is_routed(error.kind, context) => Ok(None),
                made => made.map(Some),
            },
            async || {
                let found = pick_ours(client.list_deployments().await?, name);
                Ok(found.into_iter().next().map(Some))
            },
            context,
        )
        .await?;
        let Some(made) = made else {
            return Ok(false);
        };
        let id = check_id(&made.id)?;
        self.file.lock.deployment_id = Some(id.clone());
        self.found.schedule = Some(made);
        self.note_created(Part::Schedule, &id);
        self.file.write()?;
        Ok(true)
    }

    /// Makes the schedule agree with what is declared, and moves it to the agent's version.
    pub(crate) async fn mend_schedule(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        let (Some(found), Some(desired)) = (self.found.schedule.clone(), self.desired_schedule())
        else {
            return Err(incomplete());
        };
        let (client, id) = (&context.client, found.id.clone());
        let (found, differences) = mend(
            Shape::Schedule,
            &desired,
            found,
            describe,
            async |found: &Deployment, mut body| {
                let is_paused = body.remove("status").is_some();
                let mut answer = found.clone();
                if !body.is_empty() {
                    let fields = into_fields(body.into());
                    answer = client.update_deployment(&found.id, &fields).await?;
                }
                if is_paused {
                    answer = client.unpause_deployment(&found.id).await?;
                }
                Ok(answer)
            },
            async || client.get_deployment(&id).await,
            context,
        )
        .await?;
        self.file.lock.deployment_id = Some(id.clone());
        self.found.schedule = Some(found);
        self.note_mended(Part::Schedule, &id, differences);
        self.file.write()
    }

    /// The schedule's body; none while something that it refers to is not there.
    fn desired_schedule(&self) -> Option<Value> {
        let (lock, found) = (&self.file.lock, &self.found);
        let agent = found.agent.as_ref()?;
        let vault = found.vault.as_ref().map(|vault| vault.id.as_str());
        let needs_file = self.declaration.uses(CredentialKind::File);
        self.declaration.schedule_body(&ScheduleIds {
            agent: &agent.id,
            agent_version: agent.version,
            environment: &found.environment.as_ref()?.id,
            vault: vault.filter(|_| self.declaration.needs_vault()),
            file: lock.file_id.as_deref().filter(|_| needs_file),
        })
    }
}

fn incomplete() -> Error {
    let message = "the schedule refers to something that was not made";
    Error::new(Code::Internal, message, "report this command")
}

fn describe(found: &Deployment) -> Value {
    json!({
        "name": found.name,
        "status": found.status,
        "agent": found.agent,
        "environment_id": found.environment_id,
        "vault_ids": found.vault_ids,
        "resources": found.resources,
        "budget": found.budget,
        "initial_events": found.initial_events,
        "schedule": found.schedule,
        "metadata": found.metadata,
    })
}

fn into_fields(body: Value) -> DeploymentFields {
    let mut body: Map<String, Value> = serde_json::from_value(body).unwrap_or_default();
    DeploymentFields {
        name: take(&mut body, "name"),
        agent: body.remove("agent"),
        environment_id: take(&mut body, "environment_id"),
        initial_events: take(&mut body, "initial_events"),
        schedule: body.remove("schedule"),
        vault_ids: take(&mut body, "vault_ids"),
        resources: take(&mut body, "resources"),
        budget: body.remove("budget"),
        metadata: take(&mut body, "metadata").unwrap_or_default(),
    }
}
