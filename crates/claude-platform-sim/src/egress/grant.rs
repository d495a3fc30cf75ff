//! A session's access, from its environment.

use serde_json::Value;

use super::Access;
use crate::objects::Session;

/// What a session may reach: the hosts that its environment allowed when it started, as documented.
pub(crate) fn grant_access(session: &Session) -> Access {
    Access {
        hosts: read_hosts(&session.networking),
        injections: Vec::new(),
    }
}

/// The hosts of a `networking` object.
fn read_hosts(networking: &Value) -> Option<Vec<String>> {
    if networking["type"] == "unrestricted" {
        return None;
    }
    let hosts = networking["allowed_hosts"].as_array().into_iter().flatten();
    Some(hosts.filter_map(Value::as_str).map(str::to_owned).collect())
}
