//! The request that signs in: found by the credentials that it carries, kept as a template without them.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;

use super::{
    har::Exchange,
    leaf::{Leaf, leaves},
    secret::{Secrets, looks_secret, names_person, names_secret},
    words::{has, words},
};
use crate::{
    config::Credentials,
    gladstone::{
        envelope,
        login::says_no,
        profile::{Encoding, Sealing},
    },
};

/// A request that may be the one that signs in.
pub(super) struct SignIn {
    /// Which exchange it is.
    pub(super) index: usize,
    pub(super) body: Template,
    pub(super) sealing: Sealing,
    /// Around `{sealed}`, where the whole of `body` is sealed.
    pub(super) wrapper: Option<Template>,
    /// Whether its answer is no refusal.
    pub(super) succeeded: bool,
}

/// A text with placeholders in place of the credentials.
pub(super) struct Template {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    /// Whether the user was recognised; `None` where there is none.
    user: Option<bool>,
    /// Whether the password was recognised; `None` where there is none.
    password: Option<bool>,
    /// How single fields are sealed.
    sealing: Sealing,
    /// Names of the fields whose values were left out, because they look secret.
    pub(super) emptied: Vec<String>,
}

impl SignIn {
    /// How many of user and password were recognised by their values.
    pub(super) fn recognised(&self) -> usize {
        let parts = [Some(&self.body), self.wrapper.as_ref()].into_iter().flatten();
        parts.map(|part| usize::from(part.user == Some(true)) + usize::from(part.password == Some(true))).sum()
    }
}

/// Every request that carries the credentials, or one of them beside what must be the other.
pub(super) fn candidates(
    exchanges: &[Exchange],
    host: &str,
    credentials: &Credentials,
    secrets: &mut Secrets,
) -> Vec<SignIn> {
    let posted =
        exchanges.iter().enumerate().filter(|(_, exchange)| matches!(exchange.method.as_str(), "POST" | "PUT"));
    let mut found = Vec::new();
    for (index, exchange) in posted {
        let Some(body) = &exchange.body else { continue };
        let form = exchange.content_type.contains("urlencoded");
        let succeeded = (200..400).contains(&exchange.status) && !says_no(&exchange.answer);
        let search = Search { host, credentials };
        let all = [search.clear(body, form, secrets), search.sealed(body, form, secrets)];
        let all = all.into_iter().flatten().map(|(body, sealing, wrapper)| SignIn {
            index,
            body,
            sealing,
            wrapper,
            succeeded,
        });
        found.extend(all.max_by_key(SignIn::recognised));
    }
    found
}

type Found = (Template, Sealing, Option<Template>);

#[derive(Clone, Copy)]
struct Search<'a> {
    host: &'a str,
    credentials: &'a Credentials,
}

impl Search<'_> {
    /// A body that carries the credentials, in clear or each sealed by itself.
    fn clear(self, body: &str, form: bool, secrets: &mut Secrets) -> Option<Found> {
        let template = self.template(body, form, None, secrets)?;
        let whole = template.user.is_some() && template.password.is_some();
        let sealing = template.sealing;
        whole.then_some((template, sealing, None))
    }

    /// A body that is, or holds, a sealed text with the credentials in it.
    fn sealed(self, body: &str, form: bool, secrets: &mut Secrets) -> Option<Found> {
        let Some((_, leaves)) = leaves(body, form) else {
            let (plain, sealing) = self.open(body.trim())?;
            let (inner, ..) = self.inner(&plain, secrets)?;
            let (user, password, emptied) = (None, None, Vec::new());
            let text = "{sealed}".to_owned();
            let around = Template { text, encoding: Encoding::Json, user, password, sealing: Sealing::None, emptied };
            return Some((inner, sealing, Some(around)));
        };
        leaves.iter().enumerate().find_map(|(index, leaf)| {
            let (plain, sealing) = self.open(&leaf.value)?;
            let (inner, ..) = self.inner(&plain, secrets)?;
            let around = self.template(body, form, Some(index), secrets)?;
            Some((inner, sealing, Some(around)))
        })
    }

    /// What was sealed: JSON, or a form without a content type.
    fn inner(self, plain: &str, secrets: &mut Secrets) -> Option<Found> {
        let form = plain.contains('=') && plain.contains('&');
        self.clear(plain, form, secrets).filter(|(template, ..)| template.sealing == Sealing::None)
    }

    fn open(self, text: &str) -> Option<(String, Sealing)> {
        // The shortest are a nonce with a tag or a block.
        if text.len() < 36 {
            return None;
        }
        [Sealing::Gcm, Sealing::Cbc].into_iter().find_map(|sealing| {
            let plain = envelope::open(text, self.host, sealing).ok()?;
            Some((String::from_utf8(plain).ok()?, sealing))
        })
    }

    /// The text with placeholders; `None` when nothing of the credentials is in it, nor the leaf `sealed`.
    fn template(self, text: &str, form: bool, sealed: Option<usize>, secrets: &mut Secrets) -> Option<Template> {
        let (encoding, leaves) = leaves(text, form)?;
        let Assigned { roles, user, password } = self.assign(&leaves, sealed.is_some(), secrets);
        if sealed.is_none() && user.is_none() && password.is_none() {
            return None;
        }
        let (mut filled, mut emptied, mut at) = (String::new(), Vec::new(), 0);
        for (index, leaf) in leaves.iter().enumerate() {
            let twin = leaves.iter().zip(&roles).find(|(twin, role)| role.is_some() && twin.value == leaf.value);
            let role = roles[index].or_else(|| twin.and_then(|(_, role)| *role));
            let raw = &text[leaf.span.clone()];
            let new = match role {
                _ if sealed == Some(index) && encoding == Encoding::Form => "{sealed_form}".to_owned(),
                _ if sealed == Some(index) => "\"{sealed}\"".to_owned(),
                Some(role) => {
                    secrets.add(&leaf.value);
                    role.placeholder()
                }
                None if must_go(leaf, secrets) => {
                    secrets.add(&leaf.value);
                    emptied.push(leaf.name.clone());
                    empty(leaf, encoding).to_owned()
                }
                None => raw.to_owned(),
            };
            filled.push_str(&text[at..leaf.span.start]);
            filled.push_str(&new);
            at = leaf.span.end;
        }
        filled.push_str(&text[at..]);
        let sealing = roles.iter().flatten().map(|role| role.sealing).find(|sealing| *sealing != Sealing::None);
        let sealing = sealing.unwrap_or(Sealing::None);
        Some(Template { text: filled, encoding, user, password, sealing, emptied })
    }

    /// Whose each value is. Where one of the two is known and nothing is sealed around them, the other must be there, too.
    fn assign(self, leaves: &[Leaf], is_around: bool, secrets: &mut Secrets) -> Assigned {
        let mut roles: Vec<Option<Role>> = leaves.iter().map(|leaf| self.role(&leaf.value)).collect();
        let known = |whose| roles.iter().flatten().any(|role| role.whose == whose).then_some(true);
        let (mut user, mut password) = (known(Whose::User), known(Whose::Password));
        let (missing, concluded) = match (user, password) {
            (Some(_), None) => (Whose::Password, &mut password),
            (None, Some(_)) => (Whose::User, &mut user),
            _ => return Assigned { roles, user, password },
        };
        if let Some(index) = beside(leaves, &roles, missing).filter(|_| !is_around) {
            roles[index] = Some(self.form(&leaves[index].value, missing));
            *concluded = Some(false);
            secrets.add(&leaves[index].value);
        }
        Assigned { roles, user, password }
    }

    /// Whose value this is, if it is one of the credentials.
    fn role(self, value: &str) -> Option<Role> {
        let role = self.plain_role(value).map(|whose| Role { whose, base64: false, sealing: Sealing::None });
        let decoded = || String::from_utf8(STANDARD.decode(value).ok()?).ok();
        let base64 = || Some(Role { whose: self.plain_role(&decoded()?)?, base64: true, sealing: Sealing::None });
        let sealed = || {
            let (plain, sealing) = self.open(value)?;
            Some(Role { whose: self.plain_role(&plain)?, base64: false, sealing })
        };
        role.or_else(base64).or_else(sealed)
    }

    fn plain_role(self, value: &str) -> Option<Whose> {
        let user = self.credentials.user.expose_secret().trim();
        if value == self.credentials.password.expose_secret() {
            Some(Whose::Password)
        } else if !user.is_empty() && value.trim().to_lowercase() == user.to_lowercase() {
            Some(Whose::User)
        } else {
            None
        }
    }

    /// The form in which an unknown value is written.
    fn form(self, value: &str, whose: Whose) -> Role {
        let sealing = self.open(value).map_or(Sealing::None, |(_, sealing)| sealing);
        Role { whose, base64: false, sealing }
    }
}

/// The role of each leaf; user and password as in [`Template`].
struct Assigned {
    roles: Vec<Option<Role>>,
    user: Option<bool>,
    password: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    User,
    Password,
}

/// What a value is, and how it is written.
#[derive(Clone, Copy)]
struct Role {
    whose: Whose,
    base64: bool,
    sealing: Sealing,
}

impl Role {
    fn placeholder(self) -> String {
        let whose = if self.whose == Whose::User { "user" } else { "password" };
        let form = match (self.base64, self.sealing) {
            (true, _) => "_base64",
            (_, Sealing::None) => "",
            _ => "_sealed",
        };
        format!("{{{whose}{form}}}")
    }
}

/// The value that must be the other one: by its name, else by its place in a list.
fn beside(leaves: &[Leaf], roles: &[Option<Role>], missing: Whose) -> Option<usize> {
    let names: &[&str] = match missing {
        Whose::Password => &["pass", "password", "passwd", "pwd", "pin", "secret", "credential"],
        Whose::User => &["user", "email", "mail", "login", "member", "account", "card", "name", "id"],
    };
    let free = |index: &usize| roles[*index].is_none() && !leaves[*index].value.is_empty();
    let named = (0..leaves.len()).filter(free).find(|index| has(&words(&leaves[*index].name), names));
    let known = roles.iter().position(Option::is_some)?;
    let neighbour = if missing == Whose::Password { Some(known + 1) } else { known.checked_sub(1) };
    let neighbour = neighbour.filter(|index| *index < leaves.len() && leaves[*index].name == leaves[known].name);
    named.or(neighbour.filter(free).filter(|index| !leaves[*index].number))
}

/// Whether a value may not be written: it is, or looks like, a secret, something made for one time, or about a person.
fn must_go(leaf: &Leaf, secrets: &Secrets) -> bool {
    let Leaf { name, value, .. } = leaf;
    if value.is_empty() || matches!(value.as_str(), "true" | "false") {
        return false;
    }
    // A short setting such as `tokenType: "bearer"` is none.
    let random = value.len() >= 12 || (value.len() >= 4 && value.bytes().any(|byte| byte.is_ascii_digit()));
    secrets.touch(value)
        || looks_secret(value)
        || (names_secret(name) && random)
        || names_person(name)
        || value.contains(['{', '}'])
        || value.len() > 400
}

fn empty(leaf: &Leaf, encoding: Encoding) -> &'static str {
    match (encoding, leaf.number) {
        (Encoding::Form | Encoding::Multipart, _) => "",
        (Encoding::Json, true) => "0",
        (Encoding::Json, false) => "\"\"",
    }
}

/// Headers that the app adds, and the names of those that may not be written.
pub(super) fn custom_headers(exchange: &Exchange, secrets: &Secrets) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut kept, mut left_out) = (BTreeMap::new(), Vec::new());
    for (name, value) in exchange.headers.iter().filter(|(name, value)| !is_browsers(name) && !value.is_empty()) {
        let plain = value.len() <= 200 && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !plain || looks_secret(value) || names_secret(name) || names_person(name) || secrets.touch(value) {
            left_out.push(name.clone());
        } else {
            kept.insert(name.clone(), value.clone());
        }
    }
    (kept, left_out)
}

/// Whether a header is the browser's own, the session's, or one that only traces.
fn is_browsers(name: &str) -> bool {
    const NAMES: [&str; 29] = [
        "authorization",
        "baggage",
        "cache-control",
        "connection",
        "device-memory",
        "dnt",
        "downlink",
        "dpr",
        "ect",
        "expires",
        "host",
        "keep-alive",
        "newrelic",
        "origin",
        "pragma",
        "priority",
        "range",
        "referer",
        "request-id",
        "rtt",
        "save-data",
        "sentry-trace",
        "te",
        "traceparent",
        "tracestate",
        "upgrade-insecure-requests",
        "user-agent",
        "x-request-id",
        "x-correlation-id",
    ];
    const PREFIXES: [&str; 8] = ["accept", "content-", "if-", "proxy-", "sec-", "x-b3-", "x-devtools-", "cookie"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
