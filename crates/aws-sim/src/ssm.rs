//! SSM's Parameter Store: parameters are read, secure ones decrypted.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    answer::{Refusal, Reply},
    setup::Setup,
};

/// `X-Amz-Target` of its operations begins so.
pub(crate) const TARGET: &str = "AmazonSSM.";

/// The most names of `GetParameters`.
const MOST_NAMES: usize = 10;

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) value: String,
    pub(crate) is_secure: bool,
    pub(crate) version: u32,
}

/// All parameters of the region, by name.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Mutex<BTreeMap<String, Parameter>>);

impl Parameters {
    /// Sets a parameter, or gives it another value.
    pub(crate) fn set(&self, name: &str, value: &str, is_secure: bool) {
        let mut parameters = locked(&self.0);
        let version = parameters.get(name).map_or(1, |before| before.version + 1);
        let parameter = Parameter {
            value: value.to_owned(),
            is_secure,
            version,
        };
        parameters.insert(name.to_owned(), parameter);
    }

    /// The permissions that an operation needs.
    pub(crate) fn permissions(
        setup: &Setup,
        operation: &str,
        body: &Value,
    ) -> Vec<(String, String)> {
        let names = body["Names"].as_array().map_or(&[][..], Vec::as_slice);
        let names = names
            .iter()
            .chain([&body["Name"]])
            .filter_map(Value::as_str);
        let resource = |name: &str| setup.arn("ssm", &format!("parameter/{}", plain_name(name)));
        let action = format!("ssm:{operation}");
        names.map(|name| (action.clone(), resource(name))).collect()
    }

    pub(crate) fn call(&self, setup: &Setup, operation: &str, body: &Value) -> Reply {
        let decrypts = body["WithDecryption"].as_bool().unwrap_or(false);
        let find = |name: &str| {
            let parameters = locked(&self.0);
            let mut parameters = parameters.iter();
            let (name, parameter) =
                parameters.find(|(known, _)| plain_name(known) == plain_name(name))?;
            Some(describe(setup, name, parameter, decrypts))
        };
        match operation {
            "GetParameter" => {
                let name = body["Name"].as_str().ok_or_else(missing_name)?;
                let parameter = find(name).ok_or_else(|| Refusal::new("ParameterNotFound", ""))?;
                Ok(json!({ "Parameter": parameter }))
            }
            "GetParameters" => {
                let names = body["Names"].as_array().ok_or_else(missing_name)?;
                if names.is_empty() || names.len() > MOST_NAMES {
                    return Err(Refusal::validation(
                        "1 validation error detected: Value at 'names' failed to satisfy \
                         constraint: Member must have length less than or equal to 10",
                    ));
                }
                let names = names.iter().filter_map(Value::as_str);
                let (mut found, mut invalid) = (Vec::new(), Vec::new());
                for name in names {
                    match find(name) {
                        Some(parameter) => found.push(parameter),
                        None => invalid.push(name),
                    }
                }
                Ok(json!({"Parameters": found, "InvalidParameters": invalid}))
            }
            _ => Err(Refusal::new(
                "UnknownOperationException",
                &format!("the simulator does not know the operation {operation}"),
            )),
        }
    }
}

fn missing_name() -> Refusal {
    Refusal::validation(
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member \
         must not be null",
    )
}

/// The name without its first slash, out of an ARN as well.
fn plain_name(name: &str) -> &str {
    let name = name
        .split_once(":parameter/")
        .map_or(name, |(_, name)| name);
    name.strip_prefix('/').unwrap_or(name)
}

fn describe(setup: &Setup, name: &str, parameter: &Parameter, decrypts: bool) -> Value {
    let (kind, value) = match (parameter.is_secure, decrypts) {
        (false, _) => ("String", parameter.value.clone()),
        (true, true) => ("SecureString", parameter.value.clone()),
        // What the key service makes of it.
        (true, false) => ("SecureString", "AQICAHsimulatedciphertext==".to_owned()),
    };
    json!({
        "Name": name,
        "Type": kind,
        "Value": value,
        "Version": parameter.version,
        "ARN": setup.arn("ssm", &format!("parameter/{}", plain_name(name))),
        "DataType": "text",
    })
}
