//! A body as a template: the credentials become placeholders, what may not be written is emptied,
//! all else stays.

use std::ops::Range;

use secrecy::SecretString;

use super::{
    keep::Keep,
    leaf::{Body, Leaf},
    words::{has_word, is_listed, split_words},
};
use crate::gladstone::profile::{Encoding, Sealing};

/// The most values of a body that are kept: a sign-in has a handful, and each is told.
const KEPT: usize = 60;

/// A text with placeholders in place of the credentials.
pub(super) struct Template {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    /// Whether the user was recognised; `None` where there is none.
    pub(super) user: Option<bool>,
    /// Whether the password was recognised; `None` where there is none.
    pub(super) password: Option<bool>,
    /// How single fields are sealed.
    pub(super) sealing: Sealing,
    /// Names of the fields whose values were left out, as they may be told.
    pub(super) emptied: Vec<String>,
    /// Names and values that were kept.
    pub(super) kept: Vec<(String, String)>,
    pub(super) odd: Option<String>,
    pub(super) guessed: Option<SecretString>,
    /// Whether another password is in it, new or repeated.
    pub(super) two_passwords: bool,
}

/// Whose each value of a body is.
pub(super) struct Roles {
    pub(super) all: Vec<Option<Role>>,
    pub(super) user: Option<bool>,
    pub(super) password: Option<bool>,
    pub(super) guessed: Option<SecretString>,
    /// Why no profile can say it.
    pub(super) odd: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    User,
    Password,
}

/// What a value is, and how it is written.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub(super) whose: Whose,
    pub(super) base64: bool,
    pub(super) sealing: Sealing,
}

impl Role {
    pub(super) fn placeholder(self) -> String {
        let whose = if self.whose == Whose::User {
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

impl Template {
    /// No body at all.
    pub(super) fn empty() -> Self {
        Self {
            text: String::new(),
            encoding: Encoding::Json,
            user: None,
            password: None,
            sealing: Sealing::None,
            emptied: Vec::new(),
            kept: Vec::new(),
            odd: None,
            guessed: None,
            two_passwords: false,
        }
    }

    /// How many of user and password were recognised by their values.
    pub(super) fn recognised(&self) -> usize {
        usize::from(self.user == Some(true)) + usize::from(self.password == Some(true))
    }

    /// The template of a text; the leaf `sealed` is a sealed text.
    pub(super) fn write(
        text: &str,
        body: &Body,
        roles: &Roles,
        sealed: Option<usize>,
        keep: &Keep,
    ) -> Self {
        let (text, encoding) = (body.text.as_deref().unwrap_or(text), body.encoding);
        let (mut emptied, mut kept, mut pieces): (Vec<String>, _, Vec<(Range<usize>, String)>) =
            (Vec::new(), Vec::new(), Vec::new());
        for name in body.names.iter().filter(|name| !keep.name(&name.text)) {
            let removed = if encoding == Encoding::Json {
                "\"removed\""
            } else {
                "removed"
            };
            pieces.push((name.span.clone(), removed.to_owned()));
        }
        for (index, leaf) in body.leaves.iter().enumerate() {
            let new = match roles.all[index] {
                _ if sealed == Some(index) && encoding == Encoding::Form => {
                    "{sealed_form}".to_owned()
                }
                _ if sealed == Some(index) => "\"{sealed}\"".to_owned(),
                Some(role) => role.placeholder(),
                None if kept.len() < KEPT && keep.value(&leaf.name, &leaf.value) => {
                    if !leaf.value.is_empty() {
                        kept.push((leaf.name.clone(), leaf.value.clone()));
                    }
                    continue;
                }
                None => {
                    emptied.push(keep.told(&leaf.name).to_owned());
                    leaf.blank.to_owned()
                }
            };
            pieces.push((leaf.span.clone(), new));
        }
        pieces.sort_by_key(|(span, _)| span.start);
        let (mut filled, mut at) = (String::new(), 0);
        for (span, new) in pieces {
            filled.push_str(&text[at..span.start]);
            filled.push_str(&new);
            at = span.end;
        }
        filled.push_str(&text[at..]);
        emptied.dedup();
        let sealing = roles
            .all
            .iter()
            .flatten()
            .map(|role| role.sealing)
            .find(|sealing| *sealing != Sealing::None);
        Self {
            text: filled,
            encoding,
            user: roles.user,
            password: roles.password,
            sealing: sealing.unwrap_or(Sealing::None),
            emptied,
            kept,
            odd: roles.odd.clone(),
            guessed: roles.guessed.clone(),
            two_passwords: has_two_passwords(&body.leaves, &roles.all, keep),
        }
    }
}

const PASSWORDS: &str = "pass password passwd pwd passcode";

/// Whether there is a password besides the member's, or the same once more to confirm it.
fn has_two_passwords(leaves: &[Leaf], roles: &[Option<Role>], keep: &Keep) -> bool {
    let again = "new old confirm confirmation confirmed repeat again retype current verify";
    if !roles
        .iter()
        .flatten()
        .any(|role| role.whose == Whose::Password)
    {
        return false;
    }
    leaves
        .iter()
        .zip(roles)
        .filter(|(leaf, _)| !leaf.value.is_empty())
        .any(|(leaf, role)| {
            let words = split_words(&leaf.name);
            let is_password = role.is_some_and(|role| role.whose == Whose::Password);
            let named = words
                .last()
                .is_some_and(|last| has_word(std::slice::from_ref(last), PASSWORDS));
            let twice = words.iter().any(|word| is_listed(word, again));
            if is_password {
                twice && named
            } else {
                role.is_none() && named && !keep.value(&leaf.name, &leaf.value)
            }
        })
}

/// The value that must be the other one: by its name, else by its place in a list.
pub(super) fn beside(leaves: &[Leaf], roles: &[Option<Role>], missing: Whose) -> Option<usize> {
    let names = match missing {
        Whose::Password => "pass password passwd pwd passcode secret credential pin",
        Whose::User => "user email mail login member account card name",
    };
    let free = |index: &usize| roles[*index].is_none() && !leaves[*index].value.is_empty();
    // The first word of the list that is there counts: where there is a password, the PIN is
    // something else.
    let named = names.split(' ').find_map(|name| {
        let is = |index: &usize| has_word(&split_words(&leaves[*index].name), name);
        (0..leaves.len()).filter(free).find(is)
    });
    let known = roles.iter().position(Option::is_some)?;
    let neighbour = if missing == Whose::Password {
        Some(known + 1)
    } else {
        known.checked_sub(1)
    };
    let neighbour = neighbour
        .filter(|index| *index < leaves.len() && leaves[*index].name == leaves[known].name);
    named.or(neighbour
        .filter(free)
        .filter(|index| matches!(leaves[*index].blank, "\"\"" | "")))
}
