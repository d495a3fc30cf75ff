//! `Ref`, `Fn::GetAtt`, `Fn::Sub` and the conditions of a template.

use serde_json::{Map, Value, json};

use super::{Template, TemplateError, wrong};
use crate::setup::ACCOUNT;

/// Stands for `AWS::NoValue` until it is taken out.
const NO_VALUE: &str = "\u{0}no value";

impl Template<'_> {
    /// A value with everything put in; what is `AWS::NoValue` is left out.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, TemplateError> {
        match value {
            Value::Array(values) => {
                let mut resolved = Vec::new();
                for value in values {
                    let value = self.resolve(value)?;
                    if value != NO_VALUE {
                        resolved.push(value);
                    }
                }
                Ok(Value::Array(resolved))
            }
            Value::Object(fields) => match single_function(fields) {
                Some((name, argument)) => self.call(name, argument),
                None => {
                    let mut resolved = Map::new();
                    for (name, value) in fields {
                        let value = self.resolve(value)?;
                        if value != NO_VALUE {
                            resolved.insert(name.clone(), value);
                        }
                    }
                    Ok(Value::Object(resolved))
                }
            },
            other => Ok(other.clone()),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, TemplateError> {
        match (name, argument) {
            ("Ref", Value::String(id)) => self.find(id),
            ("Fn::GetAtt", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(id), Value::String(attribute)] => self.attribute(id, attribute),
                _ => Err(wrong(format!("Fn::GetAtt of {argument}"))),
            },
            ("Fn::Sub", Value::String(text)) => self.substitute(text).map(Value::from),
            ("Fn::If", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(condition), yes, no] => {
                    let chosen = if self.holds(condition)? { yes } else { no };
                    self.resolve(chosen)
                }
                _ => Err(wrong(format!("Fn::If of {argument}"))),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(between), Value::Array(texts)] => {
                    let texts = texts.iter().map(|text| self.resolve_text(text));
                    let texts = texts.collect::<Result<Vec<_>, _>>()?;
                    Ok(Value::from(texts.join(between)))
                }
                _ => Err(wrong(format!("Fn::Join of {argument}"))),
            },
            _ => Err(wrong(format!(
                "the simulator does not know {name} of {argument}"
            ))),
        }
    }

    fn resolve_text(&self, value: &Value) -> Result<String, TemplateError> {
        match self.resolve(value)? {
            Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        }
    }

    /// A text with its `${…}` put in; `${!…}` stays.
    fn substitute(&self, text: &str) -> Result<String, TemplateError> {
        let mut pieces = text.split("${");
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let Some((name, rest)) = piece.split_once('}') else {
                return Err(wrong(format!("an open ${{ in {text}")));
            };
            let value = match (name.strip_prefix('!'), name.split_once('.')) {
                (Some(literal), _) => json!(format!("${{{literal}}}")),
                (None, Some((id, attribute))) => self.attribute(id, attribute)?,
                (None, None) => self.find(name)?,
            };
            whole.push_str(value.as_str().unwrap_or_default());
            whole.push_str(rest);
        }
        Ok(whole)
    }

    /// True where a condition holds.
    pub(super) fn holds(&self, name: &str) -> Result<bool, TemplateError> {
        let condition = self.conditions.get(name);
        let condition = condition.ok_or_else(|| wrong(format!("there is no condition {name}")))?;
        self.judge(condition)
    }

    fn judge(&self, condition: &Value) -> Result<bool, TemplateError> {
        let function = condition.as_object().and_then(single_function);
        let parts = |argument: &Value| argument.as_array().cloned().unwrap_or_default();
        match function {
            Some(("Condition", Value::String(name))) => self.holds(name),
            Some(("Fn::Equals", argument)) => match parts(argument).as_slice() {
                [one, two] => Ok(self.resolve_text(one)? == self.resolve_text(two)?),
                _ => Err(wrong(format!("Fn::Equals of {argument}"))),
            },
            Some(("Fn::Not", argument)) => match parts(argument).as_slice() {
                [one] => Ok(!self.judge(one)?),
                _ => Err(wrong(format!("Fn::Not of {argument}"))),
            },
            Some((name @ ("Fn::And" | "Fn::Or"), argument)) => {
                let parts = parts(argument);
                let judged = parts.iter().map(|part| self.judge(part));
                let judged = judged.collect::<Result<Vec<_>, _>>()?;
                let is_all = name == "Fn::And";
                Ok(judged.iter().all(|one| *one) && is_all || judged.contains(&true) && !is_all)
            }
            _ => Err(wrong(format!("the condition {condition}"))),
        }
    }

    /// What `Ref` is: a parameter, a pseudo parameter, or a resource's name.
    fn find(&self, id: &str) -> Result<Value, TemplateError> {
        let pseudo = match id {
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::NoValue" => Some(NO_VALUE),
            "AWS::Partition" => Some("aws"),
            "AWS::Region" => Some(self.region),
            "AWS::StackName" => Some(self.stack),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            _ => None,
        };
        if let Some(pseudo) = pseudo {
            return Ok(json!(pseudo));
        }
        if let Some(parameter) = self.parameters.get(id) {
            return Ok(json!(parameter));
        }
        let resource = self.resource(id)?;
        Ok(json!(match resource["Type"].as_str() {
            Some("AWS::SQS::Queue") => format!(
                "https://sqs.{}.amazonaws.com/{ACCOUNT}/{}",
                self.region,
                self.physical_name(id)?
            ),
            _ => self.physical_name(id)?,
        }))
    }

    fn resource(&self, id: &str) -> Result<&Value, TemplateError> {
        let resource = self.resources.get(id);
        resource.ok_or_else(|| wrong(format!("there is no {id}, or its condition does not hold")))
    }

    /// The name that a resource is given, or that CloudFormation makes.
    pub(super) fn physical_name(&self, id: &str) -> Result<String, TemplateError> {
        let properties = &self.resource(id)?["Properties"];
        let fields = [
            "FunctionName",
            "TableName",
            "RoleName",
            "QueueName",
            "LogGroupName",
        ];
        match fields.iter().find_map(|field| properties.get(*field)) {
            // Of a permission or another thing that names a function, it is not its own.
            Some(name) if self.resource(id)?["Type"] != "AWS::Lambda::Permission" => {
                self.resolve_text(name)
            }
            _ => Ok(format!("{}-{id}-SIMULATED", self.stack)),
        }
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<Value, TemplateError> {
        let resource = self.resource(id)?;
        let name = self.physical_name(id)?;
        let region = self.region;
        let kind = resource["Type"].as_str().unwrap_or_default();
        let arn =
            |service: &str, rest: String| format!("arn:aws:{service}:{region}:{ACCOUNT}:{rest}");
        Ok(json!(match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", format!("table/{name}")),
            ("AWS::Lambda::Function", "Arn") => arn("lambda", format!("function:{name}")),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            ("AWS::SQS::Queue", "Arn") => arn("sqs", name),
            ("AWS::SQS::Queue", "QueueName") => name,
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", format!("log-group:{name}:*")),
            ("AWS::Events::Rule", "Arn") => arn("events", format!("rule/{name}")),
            ("AWS::Lambda::Url", "FunctionUrl") =>
                format!("https://{name}.lambda-url.{region}.on.aws/"),
            _ =>
                return Err(wrong(format!(
                    "the simulator does not know {id}.{attribute}"
                ))),
        }))
    }
}

/// The function of an object that is one.
fn single_function(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut fields = fields.iter();
    let (name, argument) = fields.next()?;
    let is_function =
        name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::");
    (is_function && fields.next().is_none()).then_some((name, argument))
}
