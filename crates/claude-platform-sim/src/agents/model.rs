//! The model of an agent, with its defaults.

use serde_json::{Value, json};

use crate::{answer::Refusal, fields::only_known, request::text_field};

const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// A model by its id or as an object. Effort is kept where the model stays the same, else it is the
/// model's own; everything else is replaced.
pub(crate) fn read(before: &Value, wanted: &Value) -> Result<Value, Refusal> {
    let mut model = match wanted {
        Value::String(id) => json!({ "id": id }),
        Value::Object(fields) => {
            only_known(fields, &["id", "effort", "inference_geo", "speed"])?;
            wanted.clone()
        }
        _ => return Err(Refusal::invalid("model: an id, or an object with one")),
    };
    if model["id"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::invalid("model: an id is required"));
    }
    let effort = match &model["effort"] {
        Value::Null if before["id"] == model["id"] => before["effort"].clone(),
        Value::Null => json!({"type": usual_effort(text_field(&model, "id"))}),
        Value::String(effort) => json!({ "type": effort }),
        effort => effort.clone(),
    };
    model["effort"] = effort;
    if model["speed"].is_null() {
        model["speed"] = json!("standard");
    }
    require_one_of("effort", &model["effort"]["type"], &EFFORTS)?;
    require_one_of("speed", &model["speed"], &["standard", "fast"])?;
    if model.get("inference_geo").is_some() {
        require_one_of("inference_geo", &model["inference_geo"], &["us", "global"])?;
    }
    Ok(model)
}

/// Documented for Sonnet 5.5 and Haiku 5.5, assumed for the others.
fn usual_effort(id: &str) -> &'static str {
    match id {
        "claude-haiku-5-5" => "medium",
        _ => "high",
    }
}

fn require_one_of(key: &str, value: &Value, known: &[&str]) -> Result<(), Refusal> {
    match value.as_str().is_some_and(|text| known.contains(&text)) {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "model: {key} is one of {}",
            known.join(", ")
        ))),
    }
}
