//! Requests that may sign in: found by the credentials that they carry, kept as templates without
//! them.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    allow_list::AllowList,
    body::{self, Body, Leaf},
    disguise,
    exchange::Exchange,
    request::is_browsers,
    roles::{Credential, Recogniser, Roles},
    template::Template,
};
use crate::{config::Credentials, gladstone::profile::Sealing};

/// A request that may be the one that signs in.
pub(super) struct SignIn {
    /// Index of the exchange.
    pub(super) index: usize,
    /// Path and query, with placeholders for credentials in the query.
    pub(super) target: String,
    /// Those that carry credentials, with placeholders.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Template,
    pub(super) sealing: Sealing,
    /// Around `{sealed}`, where the whole of `body` is sealed.
    pub(super) wrapper: Option<Template>,
    /// The user was recognised by its value (`true`) or guessed; `None` where there is none.
    pub(super) user: Option<bool>,
    /// The password was recognised by its value (`true`) or guessed; `None` where there is none.
    pub(super) password: Option<bool>,
    /// The reason why no profile can express it: the end of "the password is …".
    pub(super) odd: Option<String>,
    /// Value that was taken for the other credential.
    pub(super) guessed: Option<SecretString>,
}

impl SignIn {
    /// Counts how many of user and password were recognised by their values.
    pub(super) fn recognised_credentials(&self) -> usize {
        usize::from(self.user == Some(true)) + usize::from(self.password == Some(true))
    }

    /// Tells whether it carries more than one password, as a change of password does.
    pub(super) fn has_two_passwords(&self) -> bool {
        [Some(&self.body), self.wrapper.as_ref()]
            .into_iter()
            .flatten()
            .any(|part| part.two_passwords)
    }
}

/// Every request that carries the credentials, or one of them beside what must be the other.
pub(super) fn find_candidates(
    exchanges: &[Exchange],
    host: &str,
    credentials: &Credentials,
    allow_list: &AllowList,
) -> Vec<SignIn> {
    let recogniser = Recogniser {
        host,
        credentials,
        allow_list,
    };
    exchanges
        .iter()
        .enumerate()
        .filter_map(|(index, exchange)| recogniser.read_request(index, exchange))
        .collect()
}

/// Credentials that a request carries outside its body.
#[derive(Default)]
struct OutsideBody {
    user: Option<bool>,
    password: Option<bool>,
    headers: BTreeMap<String, String>,
    odd: Option<String>,
}

impl OutsideBody {
    fn note(&mut self, whose: Credential) {
        match whose {
            Credential::User => self.user = Some(true),
            Credential::Password => self.password = Some(true),
        }
    }
}

type BodyTemplates = (Template, Sealing, Option<Template>);

impl Recogniser<'_> {
    fn read_request(self, index: usize, exchange: &Exchange) -> Option<SignIn> {
        if exchange.method == "OPTIONS" {
            return None;
        }
        let mut outside = OutsideBody::default();
        let target = self.template_query(exchange, &mut outside);
        self.template_headers(exchange, &mut outside);
        let body = exchange
            .body
            .as_deref()
            .filter(|body| !body.trim().is_empty() && exchange.method != "GET");
        let mut found = None;
        if let Some(body) = body {
            found = self.template_body(body, &exchange.content_type, &outside);
            if found.is_none()
                && disguise::holds_password(body, self.credentials.password.expose_secret())
            {
                let what = if body.trim_start().starts_with('<') {
                    "in XML"
                } else {
                    "in a body of an unknown form"
                };
                outside.odd = outside
                    .odd
                    .or_else(|| Some(format!("{what}, which padel does not write")));
            }
        }
        let (body, sealing, wrapper) =
            found.unwrap_or_else(|| (Template::empty(), Sealing::None, None));
        let parts = [Some(&body), wrapper.as_ref()];
        let user = parts
            .into_iter()
            .flatten()
            .fold(outside.user, |user, part| user.max(part.user));
        let password = parts
            .into_iter()
            .flatten()
            .fold(outside.password, |password, part| {
                password.max(part.password)
            });
        let mut odd = outside.odd.or_else(|| {
            parts
                .into_iter()
                .flatten()
                .find_map(|part| part.odd.clone())
        });
        if user.is_none() && password.is_none() && odd.is_none() {
            return None;
        }
        // Other requests tell the e-mail, too.
        if password.is_none() && odd.is_none() {
            return None;
        }
        if odd.is_none() && !matches!(exchange.method.as_str(), "GET" | "POST" | "PUT") {
            odd = Some("in a request of a method that padel does not send".to_owned());
        }
        if odd.is_none() && user.is_none() && password == Some(false) {
            return None;
        }
        let guessed = parts
            .into_iter()
            .flatten()
            .find_map(|part| part.guessed.clone());
        Some(SignIn {
            index,
            target,
            headers: outside.headers,
            body,
            sealing,
            wrapper,
            user,
            password,
            odd,
            guessed,
        })
    }

    /// Path and query with placeholders.
    fn template_query(self, exchange: &Exchange, outside: &mut OutsideBody) -> String {
        let path = exchange.path();
        let mut pieces = path
            .split('/')
            .map(|piece| percent_encoding::percent_decode_str(piece).decode_utf8_lossy());
        if pieces.any(|piece| self.plain_role(&piece) == Some(Credential::Password)) {
            outside.odd = Some("in the path of the address".to_owned());
        }
        let query = exchange.query();
        if query.is_empty() {
            return exchange.target.clone();
        }
        let (leaves, _) = body::parse_pairs(query);
        let (mut filled, mut at) = (String::new(), 0);
        for leaf in &leaves {
            let Some(role) = self
                .role_of_value(&leaf.value)
                .filter(|role| role.sealing == Sealing::None)
            else {
                self.look_for_guise(leaf, outside);
                continue;
            };
            outside.note(role.whose);
            filled.push_str(&query[at..leaf.span.start]);
            filled.push_str(&role.placeholder());
            at = leaf.span.end;
        }
        filled.push_str(&query[at..]);
        format!("{path}?{filled}")
    }

    fn look_for_guise(self, leaf: &Leaf, outside: &mut OutsideBody) {
        if let Some(what) = disguise::password_form(&leaf.value, self.credentials) {
            outside.odd = Some(format!(
                "{what}, in `{}`",
                self.allow_list.shown_name(&leaf.name)
            ));
        }
    }

    fn template_headers(self, exchange: &Exchange, outside: &mut OutsideBody) {
        let (user, password) = (
            self.credentials.user.expose_secret().trim(),
            self.credentials.password.expose_secret(),
        );
        for (name, value) in &exchange.headers {
            let basic = value
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
            if let Some((_, encoded)) = basic.filter(|_| name == "authorization") {
                let text = STANDARD
                    .decode(encoded.trim())
                    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                let text = text.unwrap_or_default();
                let Some((of_user, of_password)) = text.split_once(':') else {
                    continue;
                };
                let same = (
                    of_user.trim().to_lowercase() == user.to_lowercase(),
                    of_password == password,
                );
                if same.0 || same.1 {
                    (outside.user, outside.password) = (Some(same.0), Some(same.1));
                    outside
                        .headers
                        .insert(name.clone(), "Basic {basic}".to_owned());
                } else {
                    let leaf = Leaf {
                        span: 0..0,
                        name: name.clone(),
                        value: encoded.to_owned(),
                        blank: "",
                    };
                    self.look_for_guise(&leaf, outside);
                }
            } else if is_browsers(name) && name != "authorization" {
                // A form's answer is fetched with the form's address as its referrer.
            } else if let Some(role) = self
                .role_of_value(value)
                .filter(|role| role.sealing == Sealing::None)
            {
                outside.note(role.whose);
                if self.allow_list.allows_name(name) {
                    outside.headers.insert(name.clone(), role.placeholder());
                }
            } else if disguise::password_form(value, self.credentials).is_some() {
                let leaf = Leaf {
                    span: 0..0,
                    name: name.clone(),
                    value: value.clone(),
                    blank: "",
                };
                self.look_for_guise(&leaf, outside);
            }
        }
        if exchange
            .cookies
            .iter()
            .any(|(_, value)| self.plain_role(value) == Some(Credential::Password))
        {
            outside.odd = Some("in a cookie".to_owned());
        }
    }

    /// A body with credentials, or what goes with those outside it.
    fn template_body(
        self,
        body: &str,
        content_type: &str,
        outside: &OutsideBody,
    ) -> Option<BodyTemplates> {
        let whole = outside.user.is_some() && outside.password.is_some();
        let clear = self.template_clear(body, content_type, outside);
        let best = match clear {
            Some(clear) if clear.0.recognised_credentials() == 2 || whole => Some(clear),
            clear => [clear, self.template_sealed(body, content_type)]
                .into_iter()
                .flatten()
                .max_by_key(|(body, ..)| body.recognised_credentials()),
        };
        best.or_else(|| {
            let parts = body::parse_body(body, content_type).filter(|_| whole)?;
            Some((
                self.template_text(body, &parts, None, true, outside)?,
                Sealing::None,
                None,
            ))
        })
    }

    /// A body that carries the credentials, in clear or each sealed by itself.
    fn template_clear(
        self,
        body: &str,
        content_type: &str,
        outside: &OutsideBody,
    ) -> Option<BodyTemplates> {
        let template = self.template_text(
            body,
            &body::parse_body(body, content_type)?,
            None,
            false,
            outside,
        )?;
        let sealing = template.sealing;
        Some((template, sealing, None))
    }

    /// A body that is, or holds, a sealed text with the credentials in it.
    fn template_sealed(self, body: &str, content_type: &str) -> Option<BodyTemplates> {
        if let Some((plain, sealing)) = self.open_sealed(body.trim()) {
            let inner = self.template_inner(&plain)?;
            return Some((
                inner,
                sealing,
                Some(Template {
                    text: "{sealed}".to_owned(),
                    ..Template::empty()
                }),
            ));
        }
        let parts = body::parse_body(body, content_type)?;
        let (index, inner, sealing) =
            parts.leaves.iter().enumerate().find_map(|(index, leaf)| {
                let (plain, sealing) = self.open_sealed(&leaf.value)?;
                Some((index, self.template_inner(&plain)?, sealing))
            })?;
        let around =
            self.template_text(body, &parts, Some(index), false, &OutsideBody::default())?;
        Some((inner, sealing, Some(around)))
    }

    /// Templates the text that was sealed: JSON, or a form without a content type.
    fn template_inner(self, plain: &str) -> Option<Template> {
        let form = if plain.contains('=') && plain.contains('&') {
            "urlencoded"
        } else {
            ""
        };
        let (template, sealing, _) = self.template_clear(plain, form, &OutsideBody::default())?;
        (sealing == Sealing::None && template.user.is_some() && template.password.is_some())
            .then_some(template)
    }

    /// The text with placeholders; `None` when nothing of the credentials is in it, nor the leaf
    /// `sealed`, nor `always`.
    fn template_text(
        self,
        text: &str,
        parts: &Body,
        sealed: Option<usize>,
        always: bool,
        outside: &OutsideBody,
    ) -> Option<Template> {
        let roles = self.assign_roles(
            &parts.leaves,
            sealed.is_some() || outside.user.or(outside.password).is_some(),
        );
        let mut odd = roles.odd;
        if roles.password != Some(true) {
            let mut free = parts
                .leaves
                .iter()
                .zip(&roles.all)
                .filter(|(_, role)| role.is_none() && sealed.is_none());
            if let Some((what, leaf)) = free.find_map(|(leaf, _)| {
                Some((
                    disguise::password_form(&leaf.value, self.credentials)?,
                    leaf,
                ))
            }) {
                odd = Some(format!(
                    "{what}, in `{}`",
                    self.allow_list.shown_name(&leaf.name)
                ));
            }
        }
        if sealed.is_none()
            && !always
            && odd.is_none()
            && roles.user.is_none()
            && roles.password.is_none()
        {
            return None;
        }
        Some(Template::write(
            text,
            parts,
            &Roles { odd, ..roles },
            sealed,
            self.allow_list,
        ))
    }
}
