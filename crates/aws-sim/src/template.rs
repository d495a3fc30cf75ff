//! A CloudFormation template, made into a region: its table, functions with their roles, the queue's
//! settings, schedules and fronts. Nothing is allowed that the template does not allow.
//!
//! What the simulator has no use for (logs, alarms, queues) is known by its type and left out; a
//! type that it does not know is an error.

mod intrinsics;
mod resources;
mod yaml;

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

use crate::{builder::Builder, policy::PolicyError};

/// What a stack is made with.
#[derive(Debug, Clone, Copy)]
pub struct Stack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The template's parameters that differ from their defaults.
    pub parameters: &'a [(&'a str, &'a str)],
    /// The program of all its functions: what their zip holds as `bootstrap`.
    pub program: &'a Path,
}

#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("the template is no YAML: {0}")]
    Yaml(String),
    #[error("the template: {0}")]
    Content(String),
    #[error("{role}: {source}")]
    Policy { role: String, source: PolicyError },
}

impl TemplateError {
    /// The same, with what it is about in front.
    fn about(self, what: &str) -> Self {
        match self {
            Self::Content(message) => Self::Content(format!("{what}: {message}")),
            other => other,
        }
    }
}

fn wrong(message: impl Into<String>) -> TemplateError {
    TemplateError::Content(message.into())
}

/// A template with its parameters filled in.
#[derive(Debug)]
struct Template<'a> {
    region: &'a str,
    stack: &'a str,
    parameters: BTreeMap<String, String>,
    conditions: Map<String, Value>,
    /// Those whose condition holds, by logical id.
    resources: BTreeMap<String, Value>,
}

impl Builder {
    /// Adds what a template declares, for the region's name as it is by now.
    pub fn template(mut self, text: &str, stack: Stack<'_>) -> Result<Self, TemplateError> {
        let region = self.setup.region.clone();
        let template = Template::read(text, &region, stack)?;
        template.add_to(&mut self, stack.program)?;
        Ok(self)
    }
}

impl<'a> Template<'a> {
    fn read(text: &str, region: &'a str, stack: Stack<'a>) -> Result<Self, TemplateError> {
        let document = yaml::parse(text).map_err(TemplateError::Yaml)?;
        let section = |name: &str| document[name].as_object().cloned().unwrap_or_default();
        if document.get("Transform").is_some() {
            return Err(wrong("the simulator does not know Transform"));
        }
        let mut template = Self {
            region,
            stack: stack.name,
            parameters: read_parameters(&section("Parameters"), stack.parameters)?,
            conditions: section("Conditions"),
            resources: BTreeMap::new(),
        };
        for (id, resource) in section("Resources") {
            let is_there = match resource["Condition"].as_str() {
                None => true,
                Some(condition) => template.holds(condition)?,
            };
            if is_there {
                template.resources.insert(id, resource);
            }
        }
        // Outputs are not used, but have to make sense.
        for (name, output) in section("Outputs") {
            let value = template.resolve(&output["Value"]);
            value.map_err(|error| error.about(&format!("output {name}")))?;
        }
        Ok(template)
    }

    /// The resolved properties of a resource.
    fn properties(&self, id: &str) -> Result<Value, TemplateError> {
        let resource = self.resources.get(id);
        let properties = resource.map_or(&Value::Null, |resource| &resource["Properties"]);
        let resolved = self.resolve(properties);
        resolved.map_err(|error| error.about(id))
    }

    /// The logical ids of all resources of a type.
    fn ids_of(&self, kind: &str) -> Vec<&str> {
        let resources = self.resources.iter();
        let of_kind = resources.filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(id, _)| id.as_str()).collect()
    }
}

fn read_parameters(
    declared: &Map<String, Value>,
    given: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, TemplateError> {
    if let Some((name, _)) = given.iter().find(|(name, _)| !declared.contains_key(*name)) {
        return Err(wrong(format!("there is no parameter {name}")));
    }
    let mut parameters = BTreeMap::new();
    for (name, declaration) in declared {
        let given = given.iter().find(|(known, _)| known == name);
        let value = match (given, &declaration["Default"]) {
            (Some((_, value)), _) => (*value).to_owned(),
            (None, Value::String(text)) => text.clone(),
            (None, Value::Null) => return Err(wrong(format!("parameter {name} needs a value"))),
            (None, other) => other.to_string(),
        };
        let allowed = declaration["AllowedValues"].as_array();
        let fits = |allowed: &Value| {
            allowed
                .as_str()
                .map_or_else(|| allowed.to_string(), str::to_owned)
                == value
        };
        if allowed.is_some_and(|allowed| !allowed.iter().any(fits)) {
            return Err(wrong(format!("parameter {name} may not be {value}")));
        }
        parameters.insert(name.clone(), value);
    }
    Ok(parameters)
}
