//! The environment.

use claude_platform::{Environment, EnvironmentFields};
use serde_json::{Map, Value, json};

use super::{
    Outcome, Part, Provision,
    resource::{mend, pick_first, take},
};
use crate::{
    context::StepContext,
    deploy::{Difference, Shape, compare},
    error::{Code, Error},
    ops::{creation::create_once, skills::check_id},
};

impl Provision {
    /// Returns what of the environment is not as declared.
    pub(crate) fn compare_environment(&self, found: &Environment) -> Vec<Difference> {
        let desired = self.declaration.environment_body();
        compare(Shape::Environment, &desired, &describe(found))
    }

    /// Makes the environment.
    pub(crate) async fn create_environment(
        &mut self,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let name = &self.declaration.name;
        let fields = into_fields(self.declaration.environment_body());
        let client = &context.client;
        let made = create_once(
            "the environment",
            async || client.create_environment(&fields).await,
            async || Ok(pick_first(client.list_environments().await?, name)),
            context,
        )
        .await
        .map_err(|error| explain_name(error, name))?;
        let id = check_id(&made.id)?;
        self.file.lock.environment_id = Some(id.clone());
        self.found.environment = Some(made);
        self.note_created(Part::Environment, &id);
        self.file.write()
    }

    /// Makes the environment agree with what is declared.
    pub(crate) async fn mend_environment(
        &mut self,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Some(found) = self.found.environment.clone() else {
            return Ok(());
        };
        let (client, id) = (&context.client, found.id.clone());
        let (found, differences) = mend(
            Shape::Environment,
            &self.declaration.environment_body(),
            found,
            describe,
            async |found: &Environment, body| {
                let fields = into_fields(body.into());
                client.update_environment(&found.id, &fields).await
            },
            async || client.get_environment(&id).await,
            context,
        )
        .await?;
        self.file.lock.environment_id = Some(id.clone());
        self.found.environment = Some(found);
        self.note(Part::Environment, &id, Outcome::Changed, differences);
        self.file.write()
    }
}

/// Two environments of one name may be refused (documented for another route; assumed here).
fn explain_name(error: Error, name: &str) -> Error {
    if error.code != Code::Conflict {
        return error;
    }
    let hint = format!(
        "if somebody else's environment is called `{name}`, write another `name` into the \
         deployment's file; else run the same command again"
    );
    error.with_hint(hint)
}

fn describe(found: &Environment) -> Value {
    json!({"name": found.name, "config": found.config, "metadata": found.metadata})
}

fn into_fields(body: Value) -> EnvironmentFields {
    let mut body: Map<String, Value> = serde_json::from_value(body).unwrap_or_default();
    EnvironmentFields {
        name: take(&mut body, "name"),
        description: None,
        config: body.remove("config"),
        metadata: take(&mut body, "metadata").unwrap_or_default(),
    }
}
