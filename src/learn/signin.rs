//! Requests that may sign in: found by the credentials that they carry, kept as templates without
//! them.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    guise,
    har::Exchange,
    keep::Keep,
    leaf::{self, Body, Leaf},
    request::is_browsers,
    template::{Role, Roles, Template, Whose, beside},
};
use crate::{
    config::Credentials,
    gladstone::{envelope, profile::Sealing},
};

/// A request that may be the one that signs in.
pub(super) struct SignIn {
    /// Which exchange it is.
    pub(super) index: usize,
    /// Path and query, with placeholders for credentials in the query.
    pub(super) target: String,
    /// Those that carry credentials, with placeholders.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Template,
    pub(super) sealing: Sealing,
    /// Around `{sealed}`, where the whole of `body` is sealed.
    pub(super) wrapper: Option<Template>,
    /// Whether the user was recognised; `None` where there is none.
    pub(super) user: Option<bool>,
    /// Whether the password was recognised; `None` where there is none.
    pub(super) password: Option<bool>,
    /// Why no profile can say it: the end of "the password is …".
    pub(super) odd: Option<String>,
    /// What was taken for the other credential.
    pub(super) guessed: Option<SecretString>,
}

impl SignIn {
    /// How many of user and password were recognised by their values.
    pub(super) fn recognised(&self) -> usize {
        usize::from(self.user == Some(true)) + usize::from(self.password == Some(true))
    }

    /// Whether it carries more than one password, as what changes one does.
    pub(super) fn has_two_passwords(&self) -> bool {
        [Some(&self.body), self.wrapper.as_ref()]
            .into_iter()
            .flatten()
            .any(|part| part.two_passwords)
    }
}

/// Every request that carries the credentials, or one of them beside what must be the other.
pub(super) fn candidates(
    exchanges: &[Exchange],
    host: &str,
    credentials: &Credentials,
    keep: &Keep,
) -> Vec<SignIn> {
    let search = Search {
        host,
        credentials,
        keep,
    };
    exchanges
        .iter()
        .enumerate()
        .filter_map(|(index, exchange)| search.request(index, exchange))
        .collect()
}

/// What a request carries outside its body.
#[derive(Default)]
struct Outside {
    user: Option<bool>,
    password: Option<bool>,
    headers: BTreeMap<String, String>,
    odd: Option<String>,
}

impl Outside {
    fn saw(&mut self, whose: Whose) {
        match whose {
            Whose::User => self.user = Some(true),
            Whose::Password => self.password = Some(true),
        }
    }
}

type Found = (Template, Sealing, Option<Template>);

#[derive(Clone, Copy)]
struct Search<'a> {
    host: &'a str,
    credentials: &'a Credentials,
    keep: &'a Keep,
}

impl Search<'_> {
    fn request(self, index: usize, exchange: &Exchange) -> Option<SignIn> {
        if exchange.method == "OPTIONS" {
            return None;
        }
        let mut outside = Outside::default();
        let target = self.query(exchange, &mut outside);
        self.headers(exchange, &mut outside);
        let body = exchange
            .body
            .as_deref()
            .filter(|body| !body.trim().is_empty() && exchange.method != "GET");
        let mut found = None;
        if let Some(body) = body {
            found = self.body(body, &exchange.content_type, &outside);
            if found.is_none() && guise::of_text(body, self.credentials.password.expose_secret()) {
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
        let either = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (a, b) => a.or(b),
        };
        let parts = [Some(&body), wrapper.as_ref()];
        let parts = || parts.into_iter().flatten();
        let user = parts().fold(outside.user, |user, part| either(user, part.user));
        let password = parts().fold(outside.password, |password, part| {
            either(password, part.password)
        });
        let mut odd = outside
            .odd
            .or_else(|| parts().find_map(|part| part.odd.clone()));
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
        let guessed = parts().find_map(|part| part.guessed.clone());
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
    fn query(self, exchange: &Exchange, outside: &mut Outside) -> String {
        let path = exchange.path();
        let pieces = || {
            path.split('/')
                .map(|piece| percent_encoding::percent_decode_str(piece).decode_utf8_lossy())
        };
        if pieces().any(|piece| self.plain_role(&piece) == Some(Whose::Password)) {
            outside.odd = Some("in the path of the address".to_owned());
        }
        let query = exchange.query();
        if query.is_empty() {
            return exchange.target.clone();
        }
        let (leaves, _) = leaf::pairs(query);
        let (mut filled, mut at) = (String::new(), 0);
        for leaf in &leaves {
            let Some(role) = self
                .role(&leaf.value)
                .filter(|role| role.sealing == Sealing::None)
            else {
                self.look_for_guise(leaf, outside);
                continue;
            };
            outside.saw(role.whose);
            filled.push_str(&query[at..leaf.span.start]);
            filled.push_str(&role.placeholder());
            at = leaf.span.end;
        }
        filled.push_str(&query[at..]);
        format!("{path}?{filled}")
    }

    fn look_for_guise(self, leaf: &Leaf, outside: &mut Outside) {
        if let Some(what) = guise::of_value(&leaf.value, self.credentials) {
            outside.odd = Some(format!("{what}, in `{}`", self.keep.told(&leaf.name)));
        }
    }

    fn headers(self, exchange: &Exchange, outside: &mut Outside) {
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
                .role(value)
                .filter(|role| role.sealing == Sealing::None)
            {
                outside.saw(role.whose);
                if self.keep.name(name) {
                    outside.headers.insert(name.clone(), role.placeholder());
                }
            } else if guise::of_value(value, self.credentials).is_some() {
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
            .any(|(_, value)| self.plain_role(value) == Some(Whose::Password))
        {
            outside.odd = Some("in a cookie".to_owned());
        }
    }

    /// A body with credentials, or what goes with those outside it.
    fn body(self, body: &str, content_type: &str, outside: &Outside) -> Option<Found> {
        let whole = outside.user.is_some() && outside.password.is_some();
        let clear = self.clear(body, content_type, outside);
        let sealed = || self.sealed(body, content_type);
        let best = match clear {
            Some(clear) if clear.0.recognised() == 2 || whole => Some(clear),
            clear => [clear, sealed()]
                .into_iter()
                .flatten()
                .max_by_key(|(body, ..)| body.recognised()),
        };
        best.or_else(|| {
            let parts = leaf::parse(body, content_type).filter(|_| whole)?;
            Some((
                self.template(body, &parts, None, true, outside)?,
                Sealing::None,
                None,
            ))
        })
    }

    /// A body that carries the credentials, in clear or each sealed by itself.
    fn clear(self, body: &str, content_type: &str, outside: &Outside) -> Option<Found> {
        let template = self.template(
            body,
            &leaf::parse(body, content_type)?,
            None,
            false,
            outside,
        )?;
        let sealing = template.sealing;
        Some((template, sealing, None))
    }

    /// A body that is, or holds, a sealed text with the credentials in it.
    fn sealed(self, body: &str, content_type: &str) -> Option<Found> {
        if let Some((plain, sealing)) = self.open(body.trim()) {
            let inner = self.inner(&plain)?;
            return Some((
                inner,
                sealing,
                Some(Template {
                    text: "{sealed}".to_owned(),
                    ..Template::empty()
                }),
            ));
        }
        let parts = leaf::parse(body, content_type)?;
        let (index, inner, sealing) =
            parts.leaves.iter().enumerate().find_map(|(index, leaf)| {
                let (plain, sealing) = self.open(&leaf.value)?;
                Some((index, self.inner(&plain)?, sealing))
            })?;
        let around = self.template(body, &parts, Some(index), false, &Outside::default())?;
        Some((inner, sealing, Some(around)))
    }

    /// What was sealed: JSON, or a form without a content type.
    fn inner(self, plain: &str) -> Option<Template> {
        let form = if plain.contains('=') && plain.contains('&') {
            "urlencoded"
        } else {
            ""
        };
        let (template, sealing, _) = self.clear(plain, form, &Outside::default())?;
        (sealing == Sealing::None && template.user.is_some() && template.password.is_some())
            .then_some(template)
    }

    fn open(self, text: &str) -> Option<(String, Sealing)> {
        // The shortest are a nonce with a tag or a block.
        if text.len() < 36 {
            return None;
        }
        [Sealing::Gcm, Sealing::Cbc]
            .into_iter()
            .find_map(|sealing| {
                let plain = envelope::open(text, self.host, sealing).ok()?;
                Some((String::from_utf8(plain).ok()?, sealing))
            })
    }

    /// The text with placeholders; `None` when nothing of the credentials is in it, nor the leaf
    /// `sealed`, nor `always`.
    fn template(
        self,
        text: &str,
        parts: &Body,
        sealed: Option<usize>,
        always: bool,
        outside: &Outside,
    ) -> Option<Template> {
        let roles = self.assign(
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
            if let Some((what, leaf)) = free
                .find_map(|(leaf, _)| Some((guise::of_value(&leaf.value, self.credentials)?, leaf)))
            {
                odd = Some(format!("{what}, in `{}`", self.keep.told(&leaf.name)));
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
            self.keep,
        ))
    }

    /// Whose each value is. Where one of the two is known and nothing is around them, the other
    /// must be there, too.
    fn assign(self, leaves: &[Leaf], is_part: bool) -> Roles {
        let mut all: Vec<Option<Role>> = leaves.iter().map(|leaf| self.role(&leaf.value)).collect();
        let known = |whose| {
            all.iter()
                .flatten()
                .any(|role| role.whose == whose)
                .then_some(true)
        };
        let (user, password) = (known(Whose::User), known(Whose::Password));
        let missing = match (user, password) {
            (Some(_), None) => Whose::Password,
            (None, Some(_)) => Whose::User,
            _ => {
                return Roles {
                    all,
                    user,
                    password,
                    guessed: None,
                    odd: None,
                };
            }
        };
        let Some(index) = beside(leaves, &all, missing).filter(|_| !is_part) else {
            return Roles {
                all,
                user,
                password,
                guessed: None,
                odd: None,
            };
        };
        let value = &leaves[index].value;
        let sealing = self
            .open(value)
            .map_or(Sealing::None, |(_, sealing)| sealing);
        let role = Role {
            whose: missing,
            base64: false,
            sealing,
        };
        // Wherever the same value stands, it is the same thing.
        leaves
            .iter()
            .zip(&mut all)
            .filter(|(leaf, _)| leaf.value == *value)
            .for_each(|(_, of)| *of = Some(role));
        let guise = || guise::of_value(value, self.credentials).or_else(|| guise::made_of(value));
        let made = (missing == Whose::Password && sealing == Sealing::None)
            .then(guise)
            .flatten();
        let odd = made.map(|what| format!("{what}, in `{}`", self.keep.told(&leaves[index].name)));
        let (user, password) = (user.or(Some(false)), password.or(Some(false)));
        Roles {
            all,
            user,
            password,
            guessed: Some(value.as_str().into()),
            odd,
        }
    }

    /// Whose value this is, if it is one of the credentials.
    fn role(self, value: &str) -> Option<Role> {
        let role = self.plain_role(value).map(|whose| Role {
            whose,
            base64: false,
            sealing: Sealing::None,
        });
        let decoded = || String::from_utf8(STANDARD.decode(value).ok()?).ok();
        let base64 = || {
            Some(Role {
                whose: self.plain_role(&decoded()?)?,
                base64: true,
                sealing: Sealing::None,
            })
        };
        let sealed = || {
            let (plain, sealing) = self.open(value)?;
            Some(Role {
                whose: self.plain_role(&plain)?,
                base64: false,
                sealing,
            })
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
}
