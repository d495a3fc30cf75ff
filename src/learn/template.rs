//! A body as a template: the credentials become placeholders, what may not be written is emptied,
//! all else stays.

use std::ops::Range;

use secrecy::SecretString;

use super::{
    allow_list::AllowList,
    body::{Body, Leaf},
    roles::{Credential, Role, Roles},
    words::{has_word, is_listed, split_words},
};
use crate::gladstone::profile::{Encoding, Sealing};
use crate::sort::sort_by_key;

/// The most values of a body that are kept: a sign-in has a handful, and each is told.
const KEPT: usize = 60;

/// A text with placeholders in place of the credentials.
pub(super) struct Template {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    /// The user was recognised by its value (`true`) or guessed; `None` where there is none.
    pub(super) user: Option<bool>,
    /// The password was recognised by its value (`true`) or guessed; `None` where there is none.
    pub(super) password: Option<bool>,
    /// Sealing of single fields.
    pub(super) sealing: Sealing,
    /// Names of the fields whose values were left out, as they may be told.
    pub(super) emptied: Vec<String>,
    /// Names and values that were kept.
    pub(super) kept: Vec<(String, String)>,
    pub(super) odd: Option<String>,
    pub(super) guessed: Option<SecretString>,
    /// Another password is in it, new or repeated.
    pub(super) two_passwords: bool,
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

    /// Counts how many of user and password were recognised by their values.
    pub(super) fn recognised_credentials(&self) -> usize {
        usize::from(self.user == Some(true)) + usize::from(self.password == Some(true))
    }

    /// The template of a text; the leaf `sealed` is a sealed text.
    pub(super) fn write(
        text: &str,
        body: &Body,
        roles: &Roles,
        sealed: Option<usize>,
        allow_list: &AllowList,
    ) -> Self {
        let (text, encoding) = (body.text.as_deref().unwrap_or(text), body.encoding);
        let (mut emptied, mut kept, mut pieces): (Vec<String>, _, Vec<(Range<usize>, String)>) =
            (Vec::new(), Vec::new(), Vec::new());
        for name in body
            .names
            .iter()
            .filter(|name| !allow_list.allows_name(&name.text))
        {
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
                None if kept.len() < KEPT && allow_list.allows_value(&leaf.name, &leaf.value) => {
                    if !leaf.value.is_empty() {
                        kept.push((leaf.name.clone(), leaf.value.clone()));
                    }
                    continue;
                }
                None => {
                    emptied.push(allow_list.shown_name(&leaf.name).to_owned());
                    leaf.blank.to_owned()
                }
            };
            pieces.push((leaf.span.clone(), new));
        }
        sort_by_key(&mut pieces, |(span, _)| span.start);
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
            two_passwords: has_two_passwords(&body.leaves, &roles.all, allow_list),
        }
    }
}

const PASSWORDS: &str = "pass password passwd pwd passcode";

/// Finds a password besides the member's, or the same once more to confirm it.
fn has_two_passwords(leaves: &[Leaf], roles: &[Option<Role>], allow_list: &AllowList) -> bool {
    let again = "new old confirm confirmation confirmed repeat again retype current verify";
    if !roles
        .iter()
        .flatten()
        .any(|role| role.whose == Credential::Password)
    {
        return false;
    }
    leaves
        .iter()
        .zip(roles)
        .filter(|(leaf, _)| !leaf.value.is_empty())
        .any(|(leaf, role)| {
            let words = split_words(&leaf.name);
            let is_password = role.is_some_and(|role| role.whose == Credential::Password);
            let named = words
                .last()
                .is_some_and(|last| has_word(std::slice::from_ref(last), PASSWORDS));
            let twice = words.iter().any(|word| is_listed(word, again));
            if is_password {
                twice && named
            } else {
                role.is_none() && named && !allow_list.allows_value(&leaf.name, &leaf.value)
            }
        })
}
