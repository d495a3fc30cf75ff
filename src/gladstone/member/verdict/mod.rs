//! What the body of an answer to a sign-in says of it: no, locked, a second factor, a new password,
//! or nothing.
//!
//! No public client shows such a body, so every usual form is read. Names of fields and words for
//! programs count before sentences, which may be in any language.

mod words;

use serde_json::{Map, Value};

use self::words::{
    asks_for_code, is_about_lock, is_about_new_password, is_about_second_factor, is_code, is_error,
    is_message, is_negative, is_no, is_nothing, is_one_of, is_outcome, is_success, is_wrapper,
    is_yes, names_new_password, says_any,
};
pub(super) use self::words::{holds_any, plain};

/// Deeper than this no portal says how a sign-in went.
const DEPTH: usize = 6;
/// Longer texts are no messages.
const MESSAGE: usize = 2000;

/// A body's words on a sign-in.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The sign-in failed.
    pub(crate) no: bool,
    /// The account is locked for a while.
    pub(crate) locked: bool,
    /// A second factor is wanted.
    pub(crate) second_factor: bool,
    /// The password must be changed first.
    pub(crate) password_expired: bool,
    /// A second factor is spoken of, which need not mean that it is wanted.
    pub(crate) mentions_second_factor: bool,
    /// A sentence says that e-mail or password are wrong, and not merely the request.
    pub(crate) blames_the_pair: bool,
    /// A status other than the answer's own, 400 to 599.
    pub(crate) status: Option<u16>,
    /// The page that the app is to show next.
    pub(crate) next: Option<String>,
}

/// Returns `true` for a body that says that the sign-in failed, as some portals do with a 200.
pub(crate) fn says_no(body: &[u8]) -> bool {
    Verdict::of(body, false).is_no()
}

/// Subject of the object that a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    SignIn,
    /// The member, whose password may be over.
    Person,
    /// Somebody's membership or card, or what a portal can do.
    Elsewhere,
}

impl Scope {
    /// Returns the scope of a field's own fields.
    fn inside(self, name: &str) -> Self {
        match self {
            Self::SignIn if is_wrapper(name) || is_error(name) => Self::SignIn,
            Self::SignIn if is_one_of(name, "user member account profile") => Self::Person,
            _ => Self::Elsewhere,
        }
    }
}

impl Verdict {
    /// Reads a body; of one that came with a 4xx (`is_refusal`), every text is taken for a message.
    pub(crate) fn of(body: &[u8], is_refusal: bool) -> Self {
        let mut verdict = Self::default();
        let body = body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(body)
            .trim_ascii();
        if body.starts_with(b"<") {
            return verdict;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Bool(false)) => verdict.no = true,
            Ok(Value::String(text)) => verdict.read_text(&text),
            Ok(value) => verdict.read(&value, Scope::SignIn, is_refusal, DEPTH),
            Err(_) if body.len() <= MESSAGE => verdict.read_text(&String::from_utf8_lossy(body)),
            Err(_) => {}
        }
        verdict
    }

    /// Returns `true` for a no of any kind.
    pub(crate) fn is_no(&self) -> bool {
        self.no
            || self.locked
            || self.second_factor
            || self.password_expired
            || self.status.is_some()
    }

    /// Reads a whole body that is a text: a sentence, or one word for programs. A long word may be a
    /// token.
    fn read_text(&mut self, text: &str) {
        if text.trim().contains(char::is_whitespace) {
            self.read_sentence(text);
        } else if !text.contains(|char: char| char.is_ascii_digit()) {
            self.read_word(text);
        }
    }

    fn read(&mut self, value: &Value, scope: Scope, is_refusal: bool, depth: usize) {
        if depth == 0 {
            return;
        }
        match value {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.read(item, scope, is_refusal, depth - 1)),
            Value::Object(fields) => self.read_fields(fields, scope, is_refusal, depth),
            Value::String(text) if is_refusal => {
                self.read_sentence(text);
                self.read_word(text);
            }
            _ => {}
        }
    }

    fn read_fields(
        &mut self,
        fields: &Map<String, Value>,
        scope: Scope,
        is_refusal: bool,
        depth: usize,
    ) {
        for (name, value) in fields {
            let name = plain(name);
            self.read_demand(&name, value, scope, is_refusal);
            if scope == Scope::SignIn {
                self.read_outcome(&name, value);
            }
            let is_refusal = is_refusal || is_error(&name);
            self.read(value, scope.inside(&name), is_refusal, depth - 1);
        }
    }

    /// Reads a field that asks for something, wherever it stands.
    fn read_demand(&mut self, name: &str, value: &Value, scope: Scope, is_refusal: bool) {
        let (yes, something) = (is_yes(value), !is_nothing(value) && !is_no(value));
        if is_about_lock(name) && (yes || (is_refusal && something)) {
            self.locked = true;
        }
        if is_about_second_factor(name) {
            let wanted = "requir need pending challenge must expected prompt token";
            let text = value.as_str().map(plain).unwrap_or_default();
            self.second_factor |= (something && holds_any(name, wanted)) || text.contains("requir");
            self.mentions_second_factor |= yes;
        }
        self.password_expired |= yes
            && (is_about_new_password(name)
                || (scope != Scope::Elsewhere && names_new_password(name)));
        // Such as `{"mfa":{"required":true}}`.
        for (part, value) in value.as_object().into_iter().flatten() {
            let part = plain(part);
            let wanted = "required isrequired needed pending expired changerequired";
            if is_yes(value) && is_one_of(&part, wanted) {
                self.second_factor |= is_about_second_factor(name) && part != "expired";
                self.password_expired |= is_about_new_password(&format!("{name}{part}"));
            }
        }
    }

    /// Reads a field that says how the sign-in went.
    fn read_outcome(&mut self, name: &str, value: &Value) {
        let word = value.as_str().map(plain).unwrap_or_default();
        if is_negative(name) {
            self.no |= *value == Value::Bool(true) || word == "true";
        } else if is_success(name) {
            self.no |= is_no(value);
        } else if is_one_of(name, "result status login authentication response") {
            let bad = "false fail failed failure error denied rejected invalid";
            self.no |= *value == Value::Bool(false) || is_one_of(&word, bad);
        }
        if is_error(name) && !is_nothing(value) {
            self.no = true;
        }
        if is_code(name) && self.status.is_none() {
            let number = value
                .as_u64()
                .or_else(|| value.as_str()?.trim().parse().ok());
            let status = number.and_then(|number| u16::try_from(number).ok());
            self.status = status.filter(|status| (400..600).contains(status));
        }
        if name.contains("redirect") && self.next.is_none() {
            let target = value.as_str().filter(|target| !target.is_empty());
            self.next = target.map(str::to_owned);
        }
        let texts = match value {
            Value::Array(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for text in texts.iter().filter_map(Value::as_str) {
            if is_code(name) || is_outcome(name) || is_error(name) {
                self.read_word(text);
            }
            if is_message(name) || is_error(name) {
                self.read_sentence(text);
            }
        }
    }

    /// Reads a word for programs, such as `MFA_REQUIRED` or `Failed`.
    fn read_word(&mut self, text: &str) {
        let word = plain(text);
        if word.len() > 60 || text.split_whitespace().count() > 3 {
            return;
        }
        self.second_factor |= is_about_second_factor(&word) || asks_for_code(&word);
        self.password_expired |= names_new_password(&word) || word == "updatepassword";
        let locked = "accountblocked userblocked blockedaccount blockeduser toomanyattempts
            toomanyfailed";
        self.locked |= is_about_lock(&word) || holds_any(&word, locked);
        let good = (word.contains("succe") && !holds_any(&word, "unsucc notsucc"))
            || word.contains("noerror");
        let bad = "fail error denied invalid reject unauth notauth forbid incorrect wrong badcred
            badpassword notfound unknownuser nosuchuser notok declined disallow unsucc notsucc notallowed
            mismatch";
        let is_bad = holds_any(&word, bad) || is_one_of(&word, "no nok ko false bad err");
        self.no |= is_bad && !good;
        let of_the_pair = "invalidgrant invalidcred badcred wrongpassword incorrectpassword";
        self.blames_the_pair |= holds_any(&word, of_the_pair);
    }

    /// Reads a sentence for people, in English.
    fn read_sentence(&mut self, text: &str) {
        if text.len() > MESSAGE {
            return;
        }
        let text = text.to_lowercase().replace('’', "'");
        let says = |phrases: &str| says_any(&text, phrases);
        let is_warning =
            says("be locked|before|remaining|attempts left|more attempt|unlock|not locked");
        let mut after_too_many = text.split("too many ").skip(1);
        let is_locked = text.replace("blocked", "").contains("locked")
            || says(
                "lockout|temporarily disabled|temporarily suspended|temporarily blocked|\
                 account is blocked|account has been blocked|account was blocked",
            )
            || after_too_many.any(|rest| {
                let attempts = "failed|attempt|invalid|incorrect|unsuccessful|login|log in|sign";
                attempts.split('|').any(|word| rest.starts_with(word))
            });
        self.locked |= is_locked && !is_warning;
        self.mentions_second_factor |= says(
            "two-factor|two factor|2fa|mfa|multi-factor|multifactor|second factor|\
             verification code|security code|one-time|one time pass|authenticator|two-step|\
             code we sent|code sent to",
        );
        self.password_expired |=
            says("password has expired|password expired|password is expired|expired password")
                || (text.contains("password")
                    && says(
                        "must be changed|must change|must reset|must be reset|need to change|\
                 needs to be changed|need to reset|needs to be reset|required to change|\
                 has to be changed|change is required|reset is required|must be updated|\
                 must update",
                    ));
        let denied = says(
            "invalid|incorrect|wrong |not recogni|unrecogni|denied|not match|n't match|mismatch|\
             login failed|log in failed|log-in failed|sign in failed|sign-in failed|\
             signin failed|login failure|authentication fail|failed to log|failed to sign|\
             failed to authenticate|unauthori|unauthenti|not authori|not authenti|\
             bad credentials|not valid|unable to log|unable to sign|unable to authenticate|\
             could not log|could not sign|could not authenticate|couldn't log|couldn't sign|\
             can't log|cannot log|can't sign|cannot sign|no account|unknown user|\
             user not found|account not found|member not found|not registered|not exist|\
             n't exist|unsuccessful|wasn't right|isn't right|not right|not correct|isn't correct",
        );
        self.no |= denied;
        let of_the_pair = "password|credential|login|logon|log in|sign in|sign-in|username";
        let of_the_request =
            "required|field|format|not a valid|valid e|json|body|content|header|missing";
        self.blames_the_pair |= denied && says(of_the_pair) && !says(of_the_request);
    }
}

#[cfg(test)]
mod tests;
