//! What the body of an answer to a sign-in says of it: no, locked, a second factor, a new password, or nothing.
//!
//! No public client shows such a body, so every usual form is read. Names of fields and words for programs count before
//! sentences, which may be in any language.

use serde_json::{Map, Value};

/// Deeper than this no portal says how a sign-in went.
const DEPTH: usize = 6;
/// Longer texts are no messages.
const MESSAGE: usize = 2000;

/// What a body says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The sign-in failed.
    pub(super) no: bool,
    /// The account is locked for a while.
    pub(super) locked: bool,
    /// A second factor is wanted.
    pub(super) second_factor: bool,
    /// The password must be changed first.
    pub(super) password_expired: bool,
    /// A second factor is spoken of, which need not mean that it is wanted.
    pub(super) mentions_second_factor: bool,
    /// A sentence says that e-mail or password are wrong, and not merely the request.
    pub(super) blames_the_pair: bool,
    /// A status other than the answer's own, 400 to 599.
    pub(super) status: Option<u16>,
    /// The page that the app is to show next.
    pub(super) next: Option<String>,
}

/// Whether a body says that the sign-in failed, as some portals do with a 200.
pub(super) fn says_no(body: &[u8]) -> bool {
    Verdict::of(body, false).is_no()
}

impl Verdict {
    /// Reads a body; of one that came with a 4xx (`is_refusal`), every text is taken for a message.
    pub(super) fn of(body: &[u8], is_refusal: bool) -> Self {
        let mut verdict = Self::default();
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        if body.starts_with(b"<") {
            return verdict;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Bool(false)) => verdict.no = true,
            Ok(Value::String(text)) => verdict.read_text(&text),
            Ok(value) => verdict.read(&value, true, is_refusal, DEPTH),
            Err(_) if body.len() <= MESSAGE => verdict.read_text(&String::from_utf8_lossy(body)),
            Err(_) => {}
        }
        verdict
    }

    /// Whether it is a no of any kind.
    pub(super) fn is_no(&self) -> bool {
        self.no || self.locked || self.second_factor || self.password_expired || self.status.is_some()
    }

    /// A whole body that is a text: a sentence, or one word for programs. A long word may be a token.
    fn read_text(&mut self, text: &str) {
        if text.trim().contains(char::is_whitespace) {
            self.read_sentence(text);
        } else if !text.contains(|char: char| char.is_ascii_digit()) {
            self.read_word(text);
        }
    }

    /// `whole`: what stands here is about the sign-in, not about somebody's membership or card.
    fn read(&mut self, value: &Value, whole: bool, is_refusal: bool, depth: usize) {
        if depth == 0 {
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.read(item, whole, is_refusal, depth - 1)),
            Value::Object(fields) => self.read_fields(fields, whole, is_refusal, depth),
            Value::String(text) if is_refusal => {
                self.read_sentence(text);
                self.read_word(text);
            }
            _ => {}
        }
    }

    fn read_fields(&mut self, fields: &Map<String, Value>, whole: bool, is_refusal: bool, depth: usize) {
        for (name, value) in fields {
            let name = plain(name);
            self.read_demand(&name, value, is_refusal);
            if whole {
                self.read_outcome(&name, value);
            }
            let is_about_it = whole && (is_wrapper(&name) || is_error(&name));
            self.read(value, is_about_it, is_refusal || is_error(&name), depth - 1);
        }
    }

    /// A field that asks for something, wherever it stands.
    fn read_demand(&mut self, name: &str, value: &Value, is_refusal: bool) {
        let (yes, something) = (is_yes(value), !is_nothing(value) && !is_no(value));
        if is_about_lock(name) && (yes || (is_refusal && something)) {
            self.locked = true;
        }
        if is_about_second_factor(name) {
            let wanted = ["requir", "need", "pending", "challenge", "must", "expected", "prompt", "token"];
            let asked = something && wanted.iter().any(|word| name.contains(word));
            let said = value.as_str().is_some_and(|text| plain(text).contains("requir"));
            self.second_factor |= asked || said;
            self.mentions_second_factor |= yes;
        }
        if is_about_new_password(name) && yes {
            self.password_expired = true;
        }
        // Such as `{"mfa":{"required":true}}`.
        for (part, value) in value.as_object().into_iter().flatten() {
            let part = plain(part);
            if is_yes(value)
                && ["required", "isrequired", "needed", "pending", "expired", "changerequired"].contains(&&*part)
            {
                self.second_factor |= is_about_second_factor(name) && part != "expired";
                self.password_expired |= is_about_new_password(&format!("{name}{part}"));
            }
        }
    }

    /// A field that says how the sign-in went.
    fn read_outcome(&mut self, name: &str, value: &Value) {
        if is_negative(name) {
            self.no |= *value == Value::Bool(true) || value.as_str().is_some_and(|text| plain(text) == "true");
        } else if is_success(name) {
            self.no |= is_no(value);
        } else if ["result", "status", "login", "authentication", "response"].contains(&name) {
            let bad = ["false", "fail", "failed", "failure", "error", "denied", "rejected", "invalid"];
            self.no |= *value == Value::Bool(false) || value.as_str().is_some_and(|text| bad.contains(&&*plain(text)));
        }
        if is_error(name) && !is_nothing(value) {
            self.no = true;
        }
        if is_code(name) {
            let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
            let status = number.and_then(|number| u16::try_from(number).ok());
            self.status = self.status.or(status.filter(|status| (400..600).contains(status)));
        }
        if name.contains("redirect") && self.next.is_none() {
            self.next = value.as_str().filter(|target| !target.is_empty()).map(str::to_owned);
        }
        let texts: Vec<&str> = match value {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for text in texts {
            if is_code(name) || is_outcome(name) || is_error(name) {
                self.read_word(text);
            }
            if is_message(name) || is_error(name) {
                self.read_sentence(text);
            }
        }
    }

    /// A word for programs, such as `MFA_REQUIRED` or `Failed`.
    fn read_word(&mut self, text: &str) {
        let word = plain(text);
        if word.len() > 60 || text.split_whitespace().count() > 3 {
            return;
        }
        let is_second_factor = is_about_second_factor(&word);
        let is_new_password = is_about_new_password(&word)
            || ["updatepassword", "credentialsexpired", "credentialexpired"].contains(&word.as_str());
        let is_blocked =
            ["accountblocked", "userblocked", "blockedaccount", "blockeduser"].iter().any(|sign| word.contains(sign));
        let is_locked =
            is_about_lock(&word) || is_blocked || word.contains("toomanyattempts") || word.contains("toomanyfailed");
        self.second_factor |= is_second_factor;
        self.password_expired |= is_new_password;
        self.locked |= is_locked;
        let good = (word.contains("succe") && !word.contains("unsucc") && !word.contains("notsucc"))
            || word.contains("noerror");
        let bad = [
            "fail",
            "error",
            "denied",
            "invalid",
            "reject",
            "unauth",
            "notauth",
            "forbid",
            "incorrect",
            "wrong",
            "badcred",
            "badpassword",
            "notfound",
            "unknownuser",
            "nosuchuser",
            "notok",
            "declined",
            "disallow",
            "unsucc",
            "notallowed",
            "mismatch",
        ];
        let bad =
            bad.iter().any(|sign| word.contains(sign)) || ["no", "nok", "ko", "false", "bad", "err"].contains(&&*word);
        self.no |= bad && !good;
        self.blames_the_pair |= ["invalidgrant", "invalidcred", "badcred", "wrongpassword", "incorrectpassword"]
            .iter()
            .any(|sign| word.contains(sign));
    }

    /// A sentence for people, in English.
    fn read_sentence(&mut self, text: &str) {
        if text.len() > MESSAGE {
            return;
        }
        let text = text.to_lowercase().replace('’', "'");
        let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
        let is_warning =
            has(&["be locked", "before", "remaining", "attempts left", "more attempt", "unlock", "not locked"]);
        let too_many = ["failed", "attempt", "invalid", "incorrect", "unsuccessful", "login", "log in", "sign"];
        let is_locked = text.replace("blocked", "").contains("locked")
            || has(&["lockout", "temporarily disabled", "temporarily suspended", "temporarily blocked"])
            || has(&["account is blocked", "account has been blocked", "account was blocked"])
            || text.split("too many ").skip(1).any(|rest| too_many.iter().any(|word| rest.starts_with(word)));
        self.locked |= is_locked && !is_warning;
        self.mentions_second_factor |= has(&[
            "two-factor",
            "two factor",
            "2fa",
            "mfa",
            "multi-factor",
            "multifactor",
            "second factor",
            "verification code",
            "security code",
            "one-time",
            "one time pass",
            "authenticator",
            "two-step",
            "code we sent",
            "code sent to",
        ]);
        self.password_expired |=
            has(&["password has expired", "password expired", "password is expired", "expired password"])
                || (text.contains("password")
                    && has(&[
                        "must be changed",
                        "must change",
                        "must reset",
                        "must be reset",
                        "need to change",
                        "needs to be changed",
                        "need to reset",
                        "needs to be reset",
                        "required to change",
                        "has to be changed",
                        "change is required",
                        "reset is required",
                        "must be updated",
                        "must update",
                    ]));
        let denied = has(&[
            "invalid",
            "incorrect",
            "wrong ",
            "not recogni",
            "unrecogni",
            "denied",
            "not match",
            "n't match",
            "mismatch",
            "login failed",
            "log in failed",
            "log-in failed",
            "sign in failed",
            "sign-in failed",
            "signin failed",
            "login failure",
            "authentication fail",
            "failed to log",
            "failed to sign",
            "failed to authenticate",
            "unauthori",
            "unauthenti",
            "not authori",
            "not authenti",
            "bad credentials",
            "not valid",
            "unable to log",
            "unable to sign",
            "unable to authenticate",
            "could not log",
            "could not sign",
            "could not authenticate",
            "couldn't log",
            "couldn't sign",
            "can't log",
            "cannot log",
            "can't sign",
            "cannot sign",
            "no account",
            "unknown user",
            "user not found",
            "account not found",
            "member not found",
            "not registered",
            "not exist",
            "n't exist",
            "unsuccessful",
            "wasn't right",
            "isn't right",
            "not right",
            "not correct",
            "isn't correct",
        ]);
        self.no |= denied;
        let of_the_pair =
            has(&["password", "credential", "login", "logon", "log in", "sign in", "sign-in", "username"]);
        let of_the_request = has(&[
            "required",
            "field",
            "format",
            "not a valid",
            "valid e",
            "json",
            "body",
            "content",
            "header",
            "missing",
        ]);
        self.blames_the_pair |= denied && of_the_pair && !of_the_request;
    }
}

/// Lower-case letters and digits only: `Is_Success` and `isSuccess` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_success(name: &str) -> bool {
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

/// Whether `true` in a field says that the sign-in failed, such as `isFailed` or `loginFailed`; not `paymentFailed`.
fn is_negative(name: &str) -> bool {
    let negative =
        ["unsucc", "unauth", "invalid", "fail", "denied", "reject", "notauth", "notallowed", "wrong", "error"];
    let about = ["login", "logon", "signin", "auth", "credential", "password", "user", "access", "account", "succ"];
    let whole = ["fail", "failed", "failure", "invalid", "denied", "rejected", "wrong", "notallowed", "error"];
    let bare = ["is", "has"].iter().find_map(|verb| name.strip_prefix(verb)).unwrap_or(name);
    let contains = |words: &[&str]| words.iter().any(|word| name.contains(word));
    whole.contains(&bare) || (contains(&negative) && contains(&about) && !contains(&["last", "previous"]))
}

/// Whether a name is that of a field about the request or the sign-in, such as `loginStatus`; not `paymentStatus`.
fn is_of_the_sign_in(name: &str, ends: &[&str]) -> bool {
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
    ends.iter().any(|end| name.strip_suffix(end).is_some_and(|about_what| about.contains(&about_what)))
}

fn is_error(name: &str) -> bool {
    let whole = ["err", "errs", "fault", "modelstate", "failure", "failurereason"];
    name.starts_with("error") || name.starts_with("exception") || name.ends_with("errors") || whole.contains(&name)
}

/// A status or a code, by its name.
fn is_code(name: &str) -> bool {
    is_of_the_sign_in(name, &["status", "statuscode", "code"])
}

fn is_outcome(name: &str) -> bool {
    let ends = ["result", "outcome", "state", "response", "name", "step", "action", "type", "reason", "challenge"];
    name == "access" || (name != "name" && is_of_the_sign_in(name, &ends))
}

fn is_message(name: &str) -> bool {
    let ends =
        ["message", "messages", "msg", "detail", "details", "description", "title", "reason", "text", "info", "alert"];
    ends.iter().any(|end| name.ends_with(end))
}

/// An object around what is said of the sign-in.
fn is_wrapper(name: &str) -> bool {
    let whole = ["data", "value", "payload", "body", "d", "status", "outcome", "meta", "content", "model", "output"];
    let parts =
        ["result", "response", "login", "logon", "signin", "auth", "detail", "message", "envelope", "challenge"];
    whole.contains(&name) || parts.iter().any(|part| name.contains(part))
}

fn is_about_lock(name: &str) -> bool {
    let name = name.replace("blocked", "");
    let locked = name.contains("locked") || name.contains("lockout");
    locked && !["unlock", "notlocked", "enabled", "lockouts"].iter().any(|other| name.contains(other))
}

fn is_about_second_factor(name: &str) -> bool {
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

fn is_about_new_password(name: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let wanted = has(&["requir", "must", "need", "force"]) && has(&["change", "reset", "renew", "update", "new"]);
    let whole = ["changepassword", "resetpassword", "passwordchange", "passwordreset", "temporarypassword"];
    has(&["password", "passwd", "pwd"]) && (name.contains("expired") || wanted || whole.contains(&name))
}

fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => ["true", "yes", "y", "1"].contains(&plain(text).as_str()),
        _ => false,
    }
}

fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => ["false", "no", "n", "0", "fail", "failed"].contains(&plain(text).as_str()),
        _ => false,
    }
}

/// Whether a field's value says that there is nothing to say.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            let word = plain(text);
            let nothing = ["none", "null", "ok", "success", "noerror", "noerrors", "no", "false", "na", "undefined"];
            word.chars().all(|char| char == '0') || nothing.contains(&word.as_str())
        }
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(body: &str) -> Verdict {
        Verdict::of(body.as_bytes(), false)
    }

    #[test]
    fn a_no_is_read_in_every_usual_form() {
        for body in [
            r#"{"success":false}"#,
            r#"{"Success":"False","message":"Falsches Kennwort"}"#,
            r#"{"isSuccess":"false"}"#,
            r#"{"IS_SUCCESS":0}"#,
            r#"{"succeeded":false,"isLockedOut":false,"isNotAllowed":false,"requiresTwoFactor":false}"#,
            r#"{"isSuccessful":false,"token":null}"#,
            r#"{"ok":false}"#,
            r#"{"authenticated":false}"#,
            r#"{"IsAuthenticated":false,"user":null}"#,
            r#"{"loggedIn":false}"#,
            r#"{"valid":false}"#,
            r#"{"result":false}"#,
            r#"{"result":"failed"}"#,
            r#"{"result":{"success":false}}"#,
            r#"{"data":{"login":{"isAuthenticated":false}}}"#,
            r#"{"d":{"Success":false}}"#,
            r#"[{"success":false}]"#,
            r#"{"status":"error"}"#,
            r#"{"status":"FAIL"}"#,
            r#"{"status":"ko"}"#,
            r#"{"status":false}"#,
            r#"{"loginStatus":"InvalidCredentials"}"#,
            r#"{"outcome":"Denied"}"#,
            r#"{"access":"denied"}"#,
            r#"{"statusCode":401}"#,
            r#"{"status":"403"}"#,
            r#"{"httpStatusCode":400,"message":"x"}"#,
            r#"{"code":401,"msg":"x"}"#,
            r#"{"meta":{"status":401}}"#,
            r#"{"Error":"no"}"#,
            r#"{"errors":["x"]}"#,
            r#"{"errors":{"password":["x"]}}"#,
            r#"{"errorCode":17}"#,
            r#"{"error_description":"x"}"#,
            r#"{"response":{"errors":[{"code":"E1"}]}}"#,
            r#"{"hasErrors":true}"#,
            r#"{"hasError":true}"#,
            r#"{"isInvalidLogin":true}"#,
            r#"{"isNotAllowed":true}"#,
            r#"{"unsuccessful":true}"#,
            r#"{"IsError":true}"#,
            r#"{"ExceptionMessage":"x","ExceptionType":"System.Exception"}"#,
            r#"{"login":"failed"}"#,
            r#"{"responseCode":"ERR"}"#,
            r#"{"alert":"Incorrect password"}"#,
            r#"{"failed":true}"#,
            r#"{"loginFailed":"true"}"#,
            r#"{"message":"Invalid username or password"}"#,
            r#"{"Message":"The e-mail address or password you entered is incorrect."}"#,
            r#"{"detail":"We don't recognise you: login failed"}"#,
            r#"{"messages":["Your details do not match our records"]}"#,
            "Invalid login attempt.",
            "\"Login failed\"",
            "Unauthorized",
            "false",
            "\u{feff}{\"success\":false}",
        ] {
            assert!(read(body).is_no(), "{body}");
        }
    }

    #[test]
    fn what_says_yes_or_nothing_is_no_refusal() {
        for body in [
            "",
            "[]",
            "{}",
            "null",
            "true",
            "OK",
            "eyJhbGciOiJIUzI1NiJ9.eyJmYWlsIjoxfQ.invalid-fail",
            r#"{"success":true,"errors":[],"error":null}"#,
            r#"{"error":"","errorCode":0}"#,
            r#"{"error":"none","errorCode":"0","errorMessage":"No error"}"#,
            r#"{"error":{"code":0,"message":""}}"#,
            r#"{"status":"success"}"#,
            r#"{"status":200,"code":0}"#,
            r#"{"statusCode":"200"}"#,
            r#"{"result":0}"#,
            r#"{"result":"Succeeded","failedAttempts":2}"#,
            r#"{"unsuccessful":false,"isInvalid":false}"#,
            r#"{"hasError":false,"isError":false,"login":"alex@failsworth.example"}"#,
            r#"{"success":true,"lastPaymentFailed":true,"directDebitRejected":true}"#,
            r#"{"cookiesRejected":true,"emailInvalid":true,"lastLoginFailed":true}"#,
            r#"{"message":"Welcome back! Your password expires in 3 days."}"#,
            r#"{"user":{"membership":{"valid":false,"status":"error"},"marketing":{"success":false}}}"#,
            r#"{"user":{"lockoutEnabled":true,"lockoutEnd":"2020-01-01T00:00:00Z","isLocked":false}}"#,
            r#"{"accountStatus":"Active","mfa":{"enabled":true,"tokenProvider":"sms"},"accountUnlocked":true,"twoFactorEnabled":true,"passwordExpired":false}"#,
            r#"{"success":true,"termsAccepted":false,"paymentStatus":"Failed","emailValid":false,"userName":"Wrong Fail"}"#,
            r#"{"postcode":"404","passwordExpiresAt":"2027-01-01","mustChangePassword":null}"#,
            "<html><body>error</body></html>",
        ] {
            assert!(!read(body).is_no(), "{body}: {:?}", read(body));
        }
    }

    #[test]
    fn a_second_factor_and_a_new_password_are_told_apart() {
        for body in [
            r#"{"requiresTwoFactor":true}"#,
            r#"{"succeeded":false,"RequiresTwoFactor":true}"#,
            r#"{"mfaRequired":"true"}"#,
            r#"{"status":"MFA_REQUIRED"}"#,
            r#"{"error":"mfa_required","mfa_token":"abc"}"#,
            r#"{"data":{"is2faRequired":1}}"#,
            r#"{"user":{"two_factor_required":true}}"#,
            r#"{"challengeName":"SMS_MFA"}"#,
            r#"{"otpRequired":true}"#,
            r#"{"mfa":"required"}"#,
            r#"{"authenticated":true,"mfa":{"required":true}}"#,
            r#"{"challenge":{"type":"otp"}}"#,
            r#"{"nextStep":"two-factor"}"#,
        ] {
            assert!(read(body).second_factor && !read(body).locked, "{body}: {:?}", read(body));
        }
        for body in [
            r#"{"passwordExpired":true}"#,
            r#"{"password":{"expired":true}}"#,
            r#"{"success":true,"mustChangePassword":true}"#,
            r#"{"requiresPasswordChange":true}"#,
            r#"{"forcePasswordReset":"true"}"#,
            r#"{"status":"PASSWORD_EXPIRED"}"#,
            r#"{"challengeName":"NEW_PASSWORD_REQUIRED"}"#,
            r#"{"error":"Your password has expired."}"#,
            r#"{"message":"You must change your password before you continue"}"#,
            r#"{"user":{"passwordResetRequired":true}}"#,
        ] {
            assert!(read(body).password_expired && !read(body).locked, "{body}: {:?}", read(body));
        }
        assert!(read(r#"{"message":"Enter the verification code"}"#).mentions_second_factor);
        assert!(!read(r#"{"message":"Wrong password. Click here to reset it."}"#).password_expired);
    }

    #[test]
    fn an_account_is_locked_where_a_text_says_so_or_a_field_that_is_set() {
        for body in [
            "Account locked",
            r#"{"error":["Too many attempts"]}"#,
            r#"[{"isLockedOut":true}]"#,
            r#""LOCKED""#,
            r#"{"code":"ACCOUNT_LOCKED"}"#,
            r#"{"accountStatus":"Locked"}"#,
            r#"{"user":{"lockedOut":"true"}}"#,
            r#"{"message":"Too many failed login attempts. Try again later."}"#,
        ] {
            assert!(read(body).locked, "{body}");
        }
        for body in [
            "",
            r#"{"succeeded":false,"isLockedOut":false,"lockedUntil":null}"#,
            r#"{"message":"wrong"}"#,
            r#"{"message":"Request blocked","traceId":"00-4bf92f2fa577b34d-01"}"#,
            r#"{"message":"The service is temporarily unavailable"}"#,
            r#"{"error":"Invalid password. Your account will be locked after 2 more attempts."}"#,
            r#"{"error":"Wrong password: 3 attempts left before your account is locked"}"#,
        ] {
            assert!(!read(body).locked, "{body}");
            assert!(!Verdict::of(body.as_bytes(), true).locked, "{body}");
        }
        assert!(Verdict::of(br#"{"lockedUntil":"2026-11-23T10:00:00Z"}"#, true).locked);
    }

    #[test]
    fn a_sentence_about_the_request_does_not_blame_the_pair() {
        for body in
            [r#"{"message":"Invalid username or password"}"#, r#"{"error":"invalid_grant"}"#, "Incorrect password"]
        {
            assert!(Verdict::of(body.as_bytes(), true).blames_the_pair, "{body}");
        }
        for body in [
            r#"{"title":"One or more validation errors occurred.","errors":{"Password":["The Password field is required."]}}"#,
            r#"{"message":"The request is invalid."}"#,
            r#"{"error":"invalid_request"}"#,
            r#"{"errors":{"Email":["The Email field is not a valid e-mail address."]}}"#,
        ] {
            assert!(!Verdict::of(body.as_bytes(), true).blames_the_pair, "{body}");
        }
    }
}
