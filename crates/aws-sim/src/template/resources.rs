//! The resources of a template that a region is made of.

use std::{path::Path, time::Duration};

use chrono::TimeDelta;
use serde_json::Value;

use super::{Template, TemplateError, wrong};
use crate::{
    builder::Builder,
    lambda::{Front, Function},
    policy::Policy,
};

/// Types that are known and not used, and those that others of these functions look at.
const OTHERS: [&str; 11] = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::SQS::Queue",
];

impl Template<'_> {
    pub(super) fn add_to(
        &self,
        builder: &mut Builder,
        program: &Path,
    ) -> Result<(), TemplateError> {
        for (id, resource) in &self.resources {
            match resource["Type"].as_str().unwrap_or_default() {
                "AWS::DynamoDB::Table" => self.add_table(builder, id)?,
                "AWS::IAM::Role" => self.add_role(builder, id)?,
                "AWS::Events::Rule" => self.add_rule(builder, id)?,
                "AWS::Scheduler::Schedule" => self.add_schedule(builder, id)?,
                "AWS::Lambda::Function" => {
                    let function = self.read_function(id, program)?;
                    builder.functions.push(function);
                }
                kind if OTHERS.contains(&kind) => {
                    self.properties(id)?;
                }
                kind => return Err(wrong(format!("{id}: the simulator does not know {kind}"))),
            }
        }
        Ok(())
    }

    fn add_table(&self, builder: &mut Builder, id: &str) -> Result<(), TemplateError> {
        let mut table = self.properties(id)?;
        let ttl = table["TimeToLiveSpecification"].take();
        let ttl = match (ttl["Enabled"].as_bool(), ttl["AttributeName"].as_str()) {
            (Some(true), Some(attribute)) => Some(attribute.to_owned()),
            _ => None,
        };
        table["TableName"] = Value::from(self.physical_name(id)?);
        builder.tables.push((table, ttl));
        Ok(())
    }

    fn add_role(&self, builder: &mut Builder, id: &str) -> Result<(), TemplateError> {
        let policy = self.read_policy(id)?;
        builder.add_role(&self.physical_name(id)?, Some(policy));
        Ok(())
    }

    fn read_policy(&self, id: &str) -> Result<Policy, TemplateError> {
        let properties = self.properties(id)?;
        if properties.get("ManagedPolicyArns").is_some() {
            return Err(wrong(format!(
                "{id}: the simulator does not know ManagedPolicyArns"
            )));
        }
        let mut all = Policy::default();
        for policy in list(&properties["Policies"]) {
            let read = Policy::parse(&policy["PolicyDocument"]);
            all.extend(read.map_err(|source| TemplateError::Policy {
                role: id.to_owned(),
                source,
            })?);
        }
        Ok(all)
    }

    fn read_function(&self, id: &str, program: &Path) -> Result<Function, TemplateError> {
        let properties = self.properties(id)?;
        let role = properties["Role"].as_str().unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or(role);
        let timeout = number(&properties["Timeout"]).unwrap_or(3);
        let memory = number(&properties["MemorySize"]).unwrap_or(128);
        let mut function = Function::new(self.physical_name(id)?, program)
            .role(role)
            .timeout(Duration::from_secs(timeout))
            .memory(u32::try_from(memory).unwrap_or(u32::MAX))
            .destination(false)
            .fronts(&[]);
        if let Some(most) = number(&properties["ReservedConcurrentExecutions"]) {
            function = function.concurrency(usize::try_from(most).unwrap_or(usize::MAX));
        }
        for (name, value) in properties["Environment"]["Variables"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            function = function.variable(name, value);
        }
        let function = self.add_queue_settings(id, function)?;
        self.add_fronts(id, function)
    }

    /// True where a property names a function: by its name or its ARN.
    fn names_function(&self, value: &Value, id: &str) -> Result<bool, TemplateError> {
        let name = self.physical_name(id)?;
        let text = value.as_str().unwrap_or_default();
        Ok(text == name || text.ends_with(&format!(":function:{name}")))
    }

    fn add_queue_settings(
        &self,
        id: &str,
        mut function: Function,
    ) -> Result<Function, TemplateError> {
        for config in self.ids_of("AWS::Lambda::EventInvokeConfig") {
            let properties = self.properties(config)?;
            if !self.names_function(&properties["FunctionName"], id)? {
                continue;
            }
            if let Some(times) = number(&properties["MaximumRetryAttempts"]) {
                function = function.retries(u32::try_from(times).unwrap_or(u32::MAX));
            }
            if let Some(seconds) = number(&properties["MaximumEventAgeInSeconds"]) {
                function = function.longest_age(Duration::from_secs(seconds));
            }
            let destination = &properties["DestinationConfig"]["OnFailure"]["Destination"];
            if let Some(arn) = destination.as_str() {
                self.check_destination(id, arn)?;
                function = function.destination(true);
            }
        }
        Ok(function)
    }

    /// A destination gets its records by the function's own role.
    fn check_destination(&self, id: &str, arn: &str) -> Result<(), TemplateError> {
        let role = self.properties(id)?;
        let role = role["Role"].as_str().unwrap_or_default();
        for candidate in self.ids_of("AWS::IAM::Role") {
            let name = self.physical_name(candidate)?;
            if role.ends_with(&format!("/{name}")) {
                let policy = self.read_policy(candidate)?;
                if policy.allows("sqs:SendMessage", arn) {
                    return Ok(());
                }
            }
        }
        Err(wrong(format!(
            "{id}: its role may not send to its destination {arn}"
        )))
    }

    fn add_fronts(&self, id: &str, mut function: Function) -> Result<Function, TemplateError> {
        let mut fronts = Vec::new();
        for route in self.ids_of("AWS::ApiGatewayV2::Route") {
            let properties = self.properties(route)?;
            let target = properties["Target"].as_str().unwrap_or_default();
            let integrations = self.ids_of("AWS::ApiGatewayV2::Integration");
            for integration in integrations {
                let name = self.physical_name(integration)?;
                let settings = self.properties(integration)?;
                if target != format!("integrations/{name}")
                    || !self.names_function(&settings["IntegrationUri"], id)?
                {
                    continue;
                }
                if settings["PayloadFormatVersion"] != "2.0" {
                    return Err(wrong(format!(
                        "{integration}: the simulator knows format 2.0 only"
                    )));
                }
                self.check_permission(id, "apigateway.amazonaws.com", "lambda:InvokeFunction")?;
                function = function.route(properties["RouteKey"].as_str().unwrap_or_default());
                function = self.add_throttle(&settings["ApiId"], function)?;
                fronts.push(Front::HttpApi);
            }
        }
        for url in self.ids_of("AWS::Lambda::Url") {
            let properties = self.properties(url)?;
            if self.names_function(&properties["TargetFunctionArn"], id)? {
                // Both are needed since October 2025.
                self.check_permission(id, "*", "lambda:InvokeFunctionUrl")?;
                self.check_permission(id, "*", "lambda:InvokeFunction")?;
                fronts.push(Front::FunctionUrl);
            }
        }
        Ok(function.fronts(&fronts))
    }

    /// Adds the throttle that the stage of an API has for all its routes.
    fn add_throttle(&self, api: &Value, function: Function) -> Result<Function, TemplateError> {
        for stage in self.ids_of("AWS::ApiGatewayV2::Stage") {
            let properties = self.properties(stage)?;
            let settings = &properties["DefaultRouteSettings"];
            let rate = settings["ThrottlingRateLimit"].as_f64();
            let burst = number(&settings["ThrottlingBurstLimit"]);
            if let (true, Some(rate), Some(burst)) = (properties["ApiId"] == *api, rate, burst) {
                return Ok(function.throttle(rate, u32::try_from(burst).unwrap_or(u32::MAX)));
            }
        }
        Ok(function)
    }

    fn check_permission(&self, id: &str, who: &str, action: &str) -> Result<(), TemplateError> {
        for permission in self.ids_of("AWS::Lambda::Permission") {
            let properties = self.properties(permission)?;
            let is_it = properties["Principal"] == who && properties["Action"] == action;
            if is_it && self.names_function(&properties["FunctionName"], id)? {
                return Ok(());
            }
        }
        Err(wrong(format!("{id}: {who} has no permission for {action}")))
    }

    fn add_rule(&self, builder: &mut Builder, id: &str) -> Result<(), TemplateError> {
        let properties = self.properties(id)?;
        for target in list(&properties["Targets"]) {
            let function = self.add_target(builder, id, &properties, target)?;
            self.check_permission(&function, "events.amazonaws.com", "lambda:InvokeFunction")?;
        }
        Ok(())
    }

    /// `EventBridge` Scheduler invokes by a role of its own, which the service must be trusted with.
    fn add_schedule(&self, builder: &mut Builder, id: &str) -> Result<(), TemplateError> {
        let properties = self.properties(id)?;
        let target = &properties["Target"];
        if properties["FlexibleTimeWindow"]["Mode"] != "OFF" {
            return Err(wrong(format!(
                "{id}: the simulator knows FlexibleTimeWindow OFF only"
            )));
        }
        self.add_target(builder, id, &properties, target)?;
        let arn = target["Arn"].as_str().unwrap_or_default();
        for role in self.ids_of("AWS::IAM::Role") {
            let name = self.physical_name(role)?;
            let own = target["RoleArn"].as_str().unwrap_or_default();
            let trust = self.properties(role)?["AssumeRolePolicyDocument"].to_string();
            if own.ends_with(&format!("/{name}"))
                && trust.contains("\"scheduler.amazonaws.com\"")
                && self.read_policy(role)?.allows("lambda:InvokeFunction", arn)
            {
                return Ok(());
            }
        }
        Err(wrong(format!(
            "{id}: no role of the scheduler's may invoke {arn}"
        )))
    }

    /// Has a function invoked at a rate; returns the function.
    fn add_target(
        &self,
        builder: &mut Builder,
        id: &str,
        properties: &Value,
        target: &Value,
    ) -> Result<String, TemplateError> {
        let expression = properties["ScheduleExpression"]
            .as_str()
            .unwrap_or_default();
        let every = parse_rate(expression)
            .ok_or_else(|| wrong(format!("{id}: the simulator does not know {expression}")))?;
        let mut functions = self.ids_of("AWS::Lambda::Function").into_iter();
        let function = functions.find(|function| {
            self.names_function(&target["Arn"], function)
                .unwrap_or(false)
        });
        let function = function.ok_or_else(|| wrong(format!("{id}: its target is no function")))?;
        let input = target["Input"].as_str().unwrap_or("{}");
        let input = serde_json::from_str(input);
        let input = input.map_err(|error| wrong(format!("{id}: its input: {error}")))?;
        builder
            .schedules
            .push((self.physical_name(function)?, every, input));
        Ok(function.to_owned())
    }
}

/// `rate(5 minutes)`.
fn parse_rate(expression: &str) -> Option<TimeDelta> {
    let rate = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = rate.split_once(' ')?;
    let count: i64 = count.parse().ok()?;
    match unit {
        "minute" | "minutes" => Some(TimeDelta::minutes(count)),
        "hour" | "hours" => Some(TimeDelta::hours(count)),
        "day" | "days" => Some(TimeDelta::days(count)),
        _ => None,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A whole number, perhaps as text, as parameters are.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
