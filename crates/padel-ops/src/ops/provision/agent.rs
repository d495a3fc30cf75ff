//! The agent, with one version of the skill.

use claude_platform::{Agent, AgentFields, AgentUpdate};
use serde_json::{Map, Value, json};

use super::{
    ChosenSkill, Part, Provision,
    resource::{mend, pick_first, take},
};
use crate::{
    context::StepContext,
    deploy::{Difference, Shape, compare},
    error::{Code, Error},
    ops::{creation::create_once, skills::check_id},
};

impl Provision {
    /// Returns what of the agent is not as declared; of the skill nothing while its version is not
    /// known.
    pub(crate) fn compare_agent(&self, found: &Agent) -> Vec<Difference> {
        let described = describe(found);
        match &self.found.skill {
            Some(ChosenSkill { id, version, .. }) => {
                let desired = self.declaration.agent_body(id, version);
                compare(Shape::Agent, &desired, &described)
            }
            None => {
                let desired = self.declaration.agent_body("", "");
                let mut differences = compare(Shape::Agent, &desired, &described);
                differences.retain(|difference| difference.field != "skills");
                differences
            }
        }
    }

    /// Makes the agent.
    pub(crate) async fn create_agent(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        let name = &self.declaration.name;
        let fields = into_fields(self.desired_agent()?);
        let client = &context.client;
        let made = create_once(
            "the agent",
            async || client.create_agent(&fields).await,
            async || Ok(pick_first(client.list_agents().await?, name)),
            context,
        )
        .await?;
        let id = check_id(&made.id)?;
        self.keep_agent(made);
        self.note_created(Part::Agent, &id);
        self.file.write()
    }

    /// Makes the agent agree with what is declared; a change makes another version of it.
    pub(crate) async fn mend_agent(&mut self, context: &StepContext<'_>) -> Result<(), Error> {
        let Some(found) = self.found.agent.clone() else {
            return Ok(());
        };
        let (client, id) = (&context.client, found.id.clone());
        // Of another version of the skill, the metadata tell where it comes from, as after a pin.
        let desired = self.desired_agent()?;
        let (found, differences) = mend(
            Shape::Agent,
            &desired,
            found,
            describe,
            async |found: &Agent, mut body: Map<String, Value>| {
                if body.contains_key("skills") {
                    body.insert("metadata".to_owned(), desired["metadata"].clone());
                }
                let update = AgentUpdate {
                    version: found.version,
                    fields: into_fields(body.into()),
                };
                client.update_agent(&found.id, &update).await
            },
            async || client.get_agent(&id).await,
            context,
        )
        .await?;
        self.keep_agent(found);
        self.note_mended(Part::Agent, &id, differences);
        self.file.write()
    }

    /// Notes the agent, and the version of the skill that it has.
    pub(super) fn keep_agent(&mut self, agent: Agent) {
        let lock = &mut self.file.lock;
        lock.agent_id = Some(agent.id.clone());
        lock.agent_version = Some(agent.version);
        if let Some(skill) = &self.found.skill {
            lock.skill_id = Some(skill.id.clone());
            lock.skill_version = Some(skill.version.clone());
        }
        self.found.agent = Some(agent);
    }

    fn desired_agent(&self) -> Result<Value, Error> {
        let skill = self.found.skill.as_ref().ok_or_else(|| {
            let hint = "report this command";
            Error::new(Code::Internal, "no version of the skill was chosen", hint)
        })?;
        let mut body = self.declaration.agent_body(&skill.id, &skill.version);
        for (key, value) in &skill.provenance {
            body["metadata"][*key] = value.clone().into();
        }
        Ok(body)
    }
}

fn describe(found: &Agent) -> Value {
    json!({
        "name": found.name,
        "model": found.model,
        "system": found.system,
        "tools": found.tools,
        "mcp_servers": found.mcp_servers,
        "skills": found.skills,
        "metadata": found.metadata,
    })
}

fn into_fields(body: Value) -> AgentFields {
    let mut body: Map<String, Value> = serde_json::from_value(body).unwrap_or_default();
    AgentFields {
        name: take(&mut body, "name"),
        description: None,
        model: body.remove("model"),
        system: take(&mut body, "system"),
        tools: take(&mut body, "tools"),
        mcp_servers: take(&mut body, "mcp_servers"),
        skills: take(&mut body, "skills"),
        metadata: take(&mut body, "metadata").unwrap_or_default(),
    }
}
