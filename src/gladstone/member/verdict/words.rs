//! Names of fields and words for programs, by what they are about. Nothing here reads a whole body.

use serde_json::Value;

/// Lower-case letters and digits only: `Is_Success` and `isSuccess` are one name.
pub(in crate::gladstone::member) fn plain(name: &str) -> String {
    name.chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn is_success(name: &str) -> bool {
    // Not every `…Accepted`, `…Valid` or `…Granted`: terms, addresses and consents have those.
    let whole = [
        "ok",
        "isok",
        "loginok",
        "authorized",
        "authorised",
        "isauthorized",
        "isauthorised",
        "valid",
        "isvalid",
        "validuser",
        "isvaliduser",
        "validlogin",
        "isvalidlogin",
        "validcredentials",
        "credentialsvalid",
        "passwordvalid",
        "ispasswordvalid",
        "accepted",
        "granted",
        "accessgranted",
        "allowed",
    ];
    let ends = ["authenticated", "loggedin", "signedin"];
    name.contains("succe") || ends.iter().any(|end| name.ends_with(end)) || whole.contains(&name)
}

/// Whether `true` in a field says that the sign-in failed, such as `isFailed` or `loginFailed`; not
/// `paymentFailed`.
pub(super) fn is_negative(name: &str) -> bool {
    let negative = [
        "unsucc",
        "unauth",
        "invalid",
        "fail",
        "denied",
        "reject",
        "notauth",
        "notallowed",
        "wrong",
        "error",
    ];
    let about = [
        "login",
        "logon",
        "signin",
        "auth",
        "credential",
        "password",
        "user",
        "access",
        "account",
        "succ",
    ];
    let whole = [
        "fail",
        "failed",
        "failure",
        "invalid",
        "denied",
        "rejected",
        "wrong",
        "notallowed",
        "error",
    ];
    let bare = ["is", "has"]
        .iter()
        .find_map(|verb| name.strip_prefix(verb))
        .unwrap_or(name);
    let contains = |words: &[&str]| words.iter().any(|word| name.contains(word));
    whole.contains(&bare)
        || (contains(&negative) && contains(&about) && !contains(&["last", "previous"]))
}

/// Whether a name is that of a field about the request or the sign-in, such as `loginStatus`; not
/// `paymentStatus`.
pub(super) fn is_of_the_sign_in(name: &str, ends: &[&str]) -> bool {
    let about = [
        "",
        "login",
        "logon",
        "auth",
        "authentication",
        "authorization",
        "account",
        "access",
        "signin",
        "response",
        "result",
        "http",
        "return",
        "error",
        "api",
        "operation",
        "status",
        "challenge",
        "failure",
        "next",
    ];
    ends.iter().any(|end| {
        name.strip_suffix(end)
            .is_some_and(|about_what| about.contains(&about_what))
    })
}

pub(super) fn is_error(name: &str) -> bool {
    let whole = [
        "err",
        "errs",
        "fault",
        "modelstate",
        "failure",
        "failurereason",
    ];
    name.starts_with("error")
        || name.starts_with("exception")
        || name.ends_with("errors")
        || whole.contains(&name)
}

/// A status or a code, by its name.
pub(super) fn is_code(name: &str) -> bool {
    is_of_the_sign_in(name, &["status", "statuscode", "code"])
}

pub(super) fn is_outcome(name: &str) -> bool {
    let ends = [
        "result",
        "outcome",
        "state",
        "response",
        "name",
        "step",
        "action",
        "type",
        "reason",
        "challenge",
    ];
    name == "access" || (name != "name" && is_of_the_sign_in(name, &ends))
}

pub(super) fn is_message(name: &str) -> bool {
    let ends = [
        "message",
        "messages",
        "msg",
        "detail",
        "details",
        "description",
        "title",
        "reason",
        "text",
        "info",
        "alert",
    ];
    ends.iter().any(|end| name.ends_with(end))
}

/// An object around what is said of the sign-in.
pub(super) fn is_wrapper(name: &str) -> bool {
    let whole = [
        "data", "value", "payload", "body", "d", "status", "outcome", "meta", "content", "model",
        "output",
    ];
    let parts = [
        "result",
        "response",
        "login",
        "logon",
        "signin",
        "auth",
        "detail",
        "message",
        "envelope",
        "challenge",
    ];
    whole.contains(&name) || parts.iter().any(|part| name.contains(part))
}

pub(super) fn is_about_lock(name: &str) -> bool {
    let name = name.replace("blocked", "");
    let locked = name.contains("locked") || name.contains("lockout");
    locked
        && !["unlock", "notlocked", "enabled", "lockouts"]
            .iter()
            .any(|other| name.contains(other))
}

pub(super) fn is_about_second_factor(name: &str) -> bool {
    let parts = [
        "twofactor",
        "2fa",
        "mfa",
        "multifactor",
        "secondfactor",
        "twostep",
        "2step",
        "otprequired",
        "requiresotp",
        "requireotp",
        "needotp",
        "needsotp",
        "totp",
        "onetimepass",
        "onetimecode",
        "verificationcode",
        "verificationrequired",
        "requiresverification",
        "authenticatorcode",
        "stepuprequired",
    ];
    // A number in hexadecimal digits may hold `2fa`.
    let is_number = name.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.len() > 3;
    !is_number && parts.iter().any(|part| name.contains(part)) || name == "otp"
}

pub(super) fn is_about_new_password(name: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let wanted = has(&["requir", "must", "need", "force"])
        && has(&["change", "reset", "renew", "update", "new"]);
    let whole = [
        "changepassword",
        "resetpassword",
        "passwordchange",
        "passwordreset",
        "temporarypassword",
    ];
    has(&["password", "passwd", "pwd"])
        && (name.contains("expired") || wanted || whole.contains(&name))
}

pub(super) fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => ["true", "yes", "y", "1"].contains(&plain(text).as_str()),
        _ => false,
    }
}

pub(super) fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            ["false", "no", "n", "0", "fail", "failed"].contains(&plain(text).as_str())
        }
        _ => false,
    }
}

/// Whether a field's value says that there is nothing to say.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            let word = plain(text);
            let nothing = [
                "none",
                "null",
                "ok",
                "success",
                "noerror",
                "noerrors",
                "no",
                "false",
                "na",
                "undefined",
            ];
            word.chars().all(|char| char == '0') || nothing.contains(&word.as_str())
        }
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
    }
}
