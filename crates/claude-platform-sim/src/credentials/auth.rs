//! The three forms of `auth`: how each begins, and what of it can change.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    fields::{Fields, only_known, read_hosts, require_object, require_text},
};

/// The most hosts of a credential. Documented.
const MOST_HOSTS: usize = 16;

/// Documented for the servers of an agent.
const LONGEST_URL: usize = 2048;

/// Assumed: no limit is documented.
const LONGEST_SECRET: usize = 65_536;

/// Name of the variable or address of the server, which is unique in a vault. Two addresses are the
/// same when only the case of scheme and host, the default port or a slash at the end differ.
pub(super) fn key(auth: &Value) -> String {
    if let Some(name) = auth["secret_name"].as_str() {
        return name.to_owned();
    }
    let url = auth["mcp_server_url"].as_str().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (scheme, rest) = (scheme.to_ascii_lowercase(), rest.trim_end_matches('/'));
    let (host, path) = match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let default_port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    format!("{scheme}://{host}{path}")
}

/// The `auth` of a new credential.
pub(super) fn create(wanted: &Fields) -> Result<Value, Refusal> {
    match wanted.get("type").and_then(Value::as_str) {
        Some("environment_variable") => create_variable(wanted),
        Some("static_bearer") => {
            only_known(wanted, &["type", "mcp_server_url", "token"])?;
            Ok(json!({
                "type": "static_bearer",
                "mcp_server_url": read_url(wanted)?,
                "token": read_secret(wanted, "token")?,
            }))
        }
        Some("mcp_oauth") => create_oauth(wanted),
        _ => Err(Refusal::invalid(
            "auth: of type `mcp_oauth`, `static_bearer` or `environment_variable`",
        )),
    }
}

fn create_variable(wanted: &Fields) -> Result<Value, Refusal> {
    let name = require_text(wanted, "secret_name", 1..=255)?;
    let letters = name.as_str().unwrap_or_default();
    let fits = letters
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !fits || letters.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Err(Refusal::invalid("secret_name: the name of a variable"));
    }
    let known = [
        "type",
        "secret_name",
        "secret_value",
        "networking",
        "injection_location",
    ];
    only_known(wanted, &known)?;
    let places = match wanted.get("injection_location") {
        None => json!({"header": true, "body": true}),
        Some(places) => {
            let nowhere = json!({"header": false, "body": false});
            merge_places(&nowhere, places)?
        }
    };
    Ok(json!({
        "type": "environment_variable",
        "secret_name": name,
        "secret_value": read_secret(wanted, "secret_value")?,
        "networking": read_networking(wanted.get("networking").unwrap_or(&Value::Null))?,
        "injection_location": places,
    }))
}

fn create_oauth(wanted: &Fields) -> Result<Value, Refusal> {
    let known = [
        "type",
        "mcp_server_url",
        "access_token",
        "expires_at",
        "refresh",
    ];
    only_known(wanted, &known)?;
    let refresh = match wanted.get("refresh") {
        None | Some(Value::Null) => Value::Null,
        Some(refresh) => create_refresh(require_object(refresh, "refresh")?)?,
    };
    Ok(json!({
        "type": "mcp_oauth",
        "mcp_server_url": read_url(wanted)?,
        "access_token": read_secret(wanted, "access_token")?,
        "expires_at": read_time(wanted.get("expires_at").unwrap_or(&Value::Null))?,
        "refresh": refresh,
    }))
}

fn create_refresh(wanted: &Fields) -> Result<Value, Refusal> {
    let known = [
        "client_id",
        "refresh_token",
        "token_endpoint",
        "token_endpoint_auth",
        "scope",
        "resource",
    ];
    only_known(wanted, &known)?;
    let auth = wanted.get("token_endpoint_auth").unwrap_or(&Value::Null);
    Ok(json!({
        "client_id": require_text(wanted, "client_id", 1..=LONGEST_URL)?,
        "refresh_token": read_secret(wanted, "refresh_token")?,
        "token_endpoint": require_text(wanted, "token_endpoint", 1..=LONGEST_URL)?,
        "token_endpoint_auth": read_endpoint_auth(auth)?,
        "scope": wanted.get("scope"),
        "resource": wanted.get("resource"),
    }))
}

/// An `auth` after an update. The key is immutable, as are client and endpoint of a refresh.
pub(super) fn merge(before: &Value, patch: &Fields) -> Result<Value, Refusal> {
    if patch.get("type") != Some(&before["type"]) {
        return Err(Refusal::invalid(
            "auth: its type must be named and cannot change",
        ));
    }
    let known: &[&str] = match before["type"].as_str() {
        Some("environment_variable") => {
            &["type", "secret_value", "networking", "injection_location"]
        }
        Some("static_bearer") => &["type", "token"],
        _ => &["type", "access_token", "expires_at", "refresh"],
    };
    only_known(patch, known)?;
    let mut after = before.clone();
    for (key, value) in patch {
        after[key] = match key.as_str() {
            "secret_value" | "token" | "access_token" => read_secret(patch, key)?,
            "networking" => read_networking(value)?,
            "injection_location" => merge_places(&before[key], value)?,
            "expires_at" => read_time(value)?,
            "refresh" => merge_refresh(&before[key], require_object(value, key)?)?,
            _ => continue,
        };
    }
    Ok(after)
}

fn merge_refresh(before: &Value, patch: &Fields) -> Result<Value, Refusal> {
    if before.is_null() {
        return Err(Refusal::invalid(
            "refresh: the credential has none to change",
        ));
    }
    only_known(patch, &["refresh_token", "scope", "token_endpoint_auth"])?;
    let mut after = before.clone();
    for (key, value) in patch {
        after[key] = match key.as_str() {
            "refresh_token" => read_secret(patch, key)?,
            "token_endpoint_auth" => read_endpoint_auth(value)?,
            // An empty text clears it.
            _ if value == "" => Value::Null,
            _ => value.clone(),
        };
    }
    Ok(after)
}

/// The places where the secret may go, at least one. Null is refused, as documented.
fn merge_places(before: &Value, patch: &Value) -> Result<Value, Refusal> {
    let patch = require_object(patch, "injection_location")?;
    only_known(patch, &["header", "body"])?;
    let mut after = before.clone();
    for (place, value) in patch {
        if !value.is_boolean() {
            return Err(Refusal::invalid(format!("{place}: true or false")));
        }
        after[place] = value.clone();
    }
    match after["header"] == false && after["body"] == false {
        true => Err(Refusal::invalid("injection_location: header, body or both")),
        false => Ok(after),
    }
}

fn read_networking(wanted: &Value) -> Result<Value, Refusal> {
    let fields = require_object(wanted, "networking")?;
    match fields.get("type").and_then(Value::as_str) {
        Some("unrestricted") => {
            only_known(fields, &["type"])?;
            Ok(wanted.clone())
        }
        Some("limited") => {
            only_known(fields, &["type", "allowed_hosts"])?;
            let hosts = fields.get("allowed_hosts").unwrap_or(&Value::Null);
            Ok(json!({"type": "limited", "allowed_hosts": read_hosts(hosts, MOST_HOSTS)?}))
        }
        _ => Err(Refusal::invalid(
            "networking: of type `unrestricted` or `limited`",
        )),
    }
}

fn read_endpoint_auth(wanted: &Value) -> Result<Value, Refusal> {
    let fields = require_object(wanted, "token_endpoint_auth")?;
    match fields.get("type").and_then(Value::as_str) {
        Some("none") => only_known(fields, &["type"])?,
        Some("client_secret_basic" | "client_secret_post") => {
            only_known(fields, &["type", "client_secret"])?;
            read_secret(fields, "client_secret")?;
        }
        _ => {
            return Err(Refusal::invalid(
                "token_endpoint_auth: of type `none`, `client_secret_basic` or \
                 `client_secret_post`",
            ));
        }
    }
    Ok(wanted.clone())
}

/// Never told, also not when it is refused.
fn read_secret(fields: &Fields, key: &str) -> Result<Value, Refusal> {
    require_text(fields, key, 1..=LONGEST_SECRET)
}

fn read_url(fields: &Fields) -> Result<Value, Refusal> {
    let url = require_text(fields, "mcp_server_url", 1..=LONGEST_URL)?;
    let text = url.as_str().unwrap_or_default().to_ascii_lowercase();
    match text.starts_with("https://") || text.starts_with("http://") {
        true => Ok(url),
        false => Err(Refusal::invalid("mcp_server_url: an http address")),
    }
}

fn read_time(value: &Value) -> Result<Value, Refusal> {
    match value.as_str().map(DateTime::parse_from_rfc3339) {
        Some(Ok(_)) => Ok(value.clone()),
        None if value.is_null() => Ok(Value::Null),
        _ => Err(Refusal::invalid("expires_at: an RFC 3339 time")),
    }
}
