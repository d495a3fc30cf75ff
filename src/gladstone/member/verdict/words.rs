//! Names of fields and words for programs, by what they are about. Nothing here reads a whole body.
//!
//! Lists are texts: words apart by white space, phrases of sentences by `|`.

use serde_json::Value;

/// Returns lower-case letters and digits only: `Is_Success` and `isSuccess` are one name.
pub(in crate::gladstone::member) fn plain(name: &str) -> String {
    name.chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns `true` where a word is in a list.
pub(super) fn is_one_of(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// Returns `true` where a word holds one of a list.
pub(in crate::gladstone::member) fn holds_any(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace()
        .any(|part| word.contains(part))
}

/// Returns `true` where a sentence holds a phrase of a list.
pub(super) fn says_any(sentence: &str, list: &str) -> bool {
    list.split('|').any(|phrase| sentence.contains(phrase))
}

fn ends_with_any(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|end| word.ends_with(end))
}

/// `true` in such a field says that the sign-in worked, `false` that it failed. Not every
/// `…Accepted`, `…Valid` or `…Granted`: terms, addresses and consents have those.
pub(super) fn is_success(name: &str) -> bool {
    let whole = "ok isok loginok authorized authorised isauthorized isauthorised valid isvalid
        validuser isvaliduser validlogin isvalidlogin validcredentials credentialsvalid
        passwordvalid ispasswordvalid accepted granted accessgranted allowed";
    name.contains("succe")
        || ends_with_any(name, "authenticated loggedin signedin")
        || is_one_of(name, whole)
}

/// `true` in such a field says that the sign-in failed, such as `isFailed` or `loginFailed`; not
/// `paymentFailed`.
pub(super) fn is_negative(name: &str) -> bool {
    let negative = "unsucc unauth invalid fail denied reject notauth notallowed wrong error";
    let about = "login logon signin auth credential password user access account succ";
    let whole = "fail failed failure invalid denied rejected wrong notallowed error";
    let bare = name.strip_prefix("is").or_else(|| name.strip_prefix("has"));
    is_one_of(bare.unwrap_or(name), whole)
        || (holds_any(name, negative)
            && holds_any(name, about)
            && !holds_any(name, "last previous"))
}

/// Fields about the request or the sign-in, such as `loginStatus`; not `paymentStatus`.
fn is_of_the_sign_in(name: &str, ends: &str) -> bool {
    let about = "login logon auth authentication authorization account access signin response
        result http return error api operation status challenge failure next";
    ends.split_ascii_whitespace().any(|end| {
        let rest = name.strip_suffix(end);
        rest.is_some_and(|rest| rest.is_empty() || is_one_of(rest, about))
    })
}

/// Fields that are there, with something in them, where something failed.
pub(super) fn is_error(name: &str) -> bool {
    name.starts_with("error")
        || name.starts_with("exception")
        || name.ends_with("errors")
        || is_one_of(name, "err errs fault modelstate failure failurereason")
}

/// A status or a code.
pub(super) fn is_code(name: &str) -> bool {
    is_of_the_sign_in(name, "status statuscode code")
}

/// Fields whose value is a word for programs.
pub(super) fn is_outcome(name: &str) -> bool {
    let ends = "result outcome state response name step action type reason challenge";
    name == "access" || (name != "name" && is_of_the_sign_in(name, ends))
}

/// Fields whose value is a sentence.
pub(super) fn is_message(name: &str) -> bool {
    let ends = "message messages msg detail details description title reason text info alert";
    ends_with_any(name, ends)
}

/// An object around what is said of the sign-in.
pub(super) fn is_wrapper(name: &str) -> bool {
    let whole = "data value payload body d status outcome meta content model output";
    let parts = "result response login logon signin auth detail message envelope challenge";
    is_one_of(name, whole) || holds_any(name, parts)
}

pub(super) fn is_about_lock(name: &str) -> bool {
    let name = name.replace("blocked", "");
    // `accountNonLocked` is what Spring calls an account that is in order.
    holds_any(&name, "locked lockout")
        && !holds_any(&name, "unlock notlocked nonlocked enabled lockouts")
}

pub(super) fn is_about_second_factor(name: &str) -> bool {
    let parts = "twofactor 2fa mfa multifactor secondfactor twostep 2step otprequired requiresotp
        requireotp needotp needsotp totp onetimepass onetimecode verificationcode
        verificationrequired requiresverification authenticatorcode stepuprequired";
    // A number in hexadecimal digits may hold `2fa`.
    let is_number = name.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.len() > 3;
    !is_number && holds_any(name, parts) || name == "otp"
}

/// Words that ask for a code, which need not say what for: `ENTER_CODE`.
pub(super) fn asks_for_code(word: &str) -> bool {
    let verbs = "enter verify submit confirm send sent provide input require required requires
        await awaiting need needs check";
    let is_verb = |rest: &str| !rest.is_empty() && is_one_of(rest, verbs);
    "securitycode verificationcode smscode emailcode code otp"
        .split_ascii_whitespace()
        .any(|code| {
            word.strip_suffix(code).is_some_and(is_verb)
                || word.strip_prefix(code).is_some_and(is_verb)
        })
}

/// Fields and words that ask for a new password, wherever they stand.
pub(super) fn is_about_new_password(name: &str) -> bool {
    let is_wanted = holds_any(name, "requir must need force")
        && holds_any(name, "change reset renew update new");
    let is_over = name.contains("expired") && !holds_any(name, "nonexpired notexpired");
    holds_any(name, "password passwd pwd") && (is_over || is_wanted)
        || is_one_of(name, "credentialsexpired credentialexpired")
}

/// Fields that ask for a new password where they are about the sign-in. Elsewhere they may name
/// what a portal can do.
pub(super) fn names_new_password(name: &str) -> bool {
    let whole = "changepassword resetpassword passwordchange passwordreset temporarypassword";
    is_one_of(name, whole) || is_about_new_password(name)
}

pub(super) fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => is_one_of(&plain(text), "true yes y 1"),
        _ => false,
    }
}

pub(super) fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => is_one_of(&plain(text), "false no n 0 fail failed"),
        _ => false,
    }
}

/// Returns `true` for a value that says nothing.
pub(super) fn is_nothing(value: &Value) -> bool {
    let nothing = "none null ok success noerror noerrors no false na undefined";
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            let word = plain(text);
            word.chars().all(|char| char == '0') || is_one_of(&word, nothing)
        }
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
    }
}
