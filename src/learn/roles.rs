//! Which values are the member's credentials, in clear, in base64 or sealed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    allow_list::AllowList,
    body::Leaf,
    disguise,
    words::{has_word, split_words},
};
use crate::{
    config::Credentials,
    gladstone::{envelope, profile::Sealing},
};

/// Recognises the credentials, in texts that may be sealed with the key of `host`.
#[derive(Clone, Copy)]
pub(super) struct Recogniser<'a> {
    pub(super) host: &'a str,
    pub(super) credentials: &'a Credentials,
    pub(super) allow_list: &'a AllowList,
}

/// Credential each value of a body is.
pub(super) struct Roles {
    pub(super) all: Vec<Option<Role>>,
    pub(super) user: Option<bool>,
    pub(super) password: Option<bool>,
    pub(super) guessed: Option<SecretString>,
    /// The reason why no profile can express it.
    pub(super) odd: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    User,
    Password,
}

/// A credential, and the form in which a value carries it.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub(super) whose: Credential,
    pub(super) base64: bool,
    pub(super) sealing: Sealing,
}

impl Role {
    pub(super) fn placeholder(self) -> String {
        let whose = if self.whose == Credential::User {
            "user"
        } else {
            "password"
        };
        let form = match (self.base64, self.sealing) {
            (true, _) => "_base64",
            (_, Sealing::None) => "",
            _ => "_sealed",
        };
        format!("{{{whose}{form}}}")
    }
}

impl Recogniser<'_> {
    pub(super) fn open_sealed(self, text: &str) -> Option<(String, Sealing)> {
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

    /// Credential each value is. Where one of the two is known and nothing is around them, the
    /// other must be there, too.
    pub(super) fn assign_roles(self, leaves: &[Leaf], is_part: bool) -> Roles {
        let mut all: Vec<Option<Role>> = leaves
            .iter()
            .map(|leaf| self.role_of_value(&leaf.value))
            .collect();
        let [user, password] = [Credential::User, Credential::Password].map(|whose| {
            let mut roles = all.iter().flatten();
            roles.any(|role| role.whose == whose).then_some(true)
        });
        let missing = match (user, password) {
            (Some(_), None) => Some(Credential::Password),
            (None, Some(_)) => Some(Credential::User),
            _ => None,
        };
        let guess = missing.filter(|_| !is_part).and_then(|missing| {
            let index = guess_other_credential(leaves, &all, missing)?;
            Some((missing, index))
        });
        let Some((missing, index)) = guess else {
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
            .open_sealed(value)
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
        let made = match (missing, sealing) {
            (Credential::Password, Sealing::None) => {
                disguise::password_form(value, self.credentials)
                    .or_else(|| disguise::derived_form(value))
            }
            _ => None,
        };
        let odd = made.map(|what| {
            format!(
                "{what}, in `{}`",
                self.allow_list.shown_name(&leaves[index].name)
            )
        });
        let (user, password) = (user.or(Some(false)), password.or(Some(false)));
        Roles {
            all,
            user,
            password,
            guessed: Some(value.as_str().into()),
            odd,
        }
    }

    /// Credential value this is, if it is one of the credentials.
    pub(super) fn role_of_value(self, value: &str) -> Option<Role> {
        if let Some(whose) = self.plain_role(value) {
            return Some(Role {
                whose,
                base64: false,
                sealing: Sealing::None,
            });
        }
        let decoded = STANDARD.decode(value).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(whose) = decoded.and_then(|text| self.plain_role(&text)) {
            return Some(Role {
                whose,
                base64: true,
                sealing: Sealing::None,
            });
        }
        let (plain, sealing) = self.open_sealed(value)?;
        Some(Role {
            whose: self.plain_role(&plain)?,
            base64: false,
            sealing,
        })
    }

    pub(super) fn plain_role(self, value: &str) -> Option<Credential> {
        let user = self.credentials.user.expose_secret().trim();
        if value == self.credentials.password.expose_secret() {
            Some(Credential::Password)
        } else if !user.is_empty() && value.trim().to_lowercase() == user.to_lowercase() {
            Some(Credential::User)
        } else {
            None
        }
    }
}

/// The value that must be the other one: by its name, else by its place in a list.
fn guess_other_credential(
    leaves: &[Leaf],
    roles: &[Option<Role>],
    missing: Credential,
) -> Option<usize> {
    let names = match missing {
        Credential::Password => "pass password passwd pwd passcode secret credential pin",
        Credential::User => "user email mail login member account card name",
    };
    let is_free: Vec<bool> = roles
        .iter()
        .zip(leaves)
        .map(|(role, leaf)| role.is_none() && !leaf.value.is_empty())
        .collect();
    // The first word of the list that is there counts: where there is a password, the PIN is
    // something else.
    let named = names.split(' ').find_map(|name| {
        (0..leaves.len())
            .find(|index| is_free[*index] && has_word(&split_words(&leaves[*index].name), name))
    });
    let known = roles.iter().position(Option::is_some)?;
    let neighbour = if missing == Credential::Password {
        Some(known + 1)
    } else {
        known.checked_sub(1)
    };
    let neighbour = neighbour
        .filter(|index| *index < leaves.len() && leaves[*index].name == leaves[known].name);
    named
        .or(neighbour
            .filter(|index| is_free[*index] && matches!(leaves[*index].blank, "\"\"" | "")))
}
