//! What a request carried that no text may repeat: a service may send it back in any header and in
//! any body.

use printable::line;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Shown in place of a secret.
const SHOWN: &str = "[secret]";
/// Shorter ones are looked for in messages only: a body that was understood is not changed for a
/// word of it.
const SHORTEST_IN_BODIES: usize = 8;
/// A message without a shorter one would show by its gaps what it was, so none of it is shown.
const SHORTEST_IN_WORDS: usize = 4;

/// The secrets of one request or proxy. They are secret, so no `Debug`.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl FromIterator<String> for Secrets {
    fn from_iter<I: IntoIterator<Item = String>>(secrets: I) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().collect();
        secrets.retain(|secret| !secret.is_empty());
        Self(secrets)
    }
}

impl Secrets {
    /// Adds those in sensitive headers, without their schemes.
    #[must_use]
    pub fn with_headers(mut self, headers: &HeaderMap) -> Self {
        let sensitive = headers
            .values()
            .filter(|value| value.is_sensitive())
            .filter_map(|value| value.to_str().ok());
        self.0.extend(
            sensitive
                .map(|value| value.split_once(' ').map_or(value, |(_, secret)| secret))
                .filter(|secret| !secret.is_empty())
                .map(str::to_owned),
        );
        self
    }

    /// Returns whether the text repeats one.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }

    /// Makes one printable line of at most `limit` characters, without secrets.
    #[must_use]
    pub fn clean_line(&self, text: &str, limit: usize) -> String {
        // First cleaned, for what is dropped may stand amid a secret; cut last, for half of one is
        // too much.
        let mut clean = line(text, text.len());
        // The longest first: a shorter one may be part of it.
        let mut secrets: Vec<&str> = self.0.iter().map(String::as_str).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            if secret.chars().count() >= SHORTEST_IN_WORDS {
                clean = clean.replace(secret, SHOWN);
            } else if clean.replace(SHOWN, "").contains(secret) {
                return line(SHOWN, limit);
            }
        }
        line(&clean, limit)
    }

    /// Takes secrets out of all texts of an answer.
    pub fn clean_json(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.long_ones_are_in(text) => {
                *text = self.clean_line(text, text.len());
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_json(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.clean_json(field)),
            _ => {}
        }
    }

    fn long_ones_are_in(&self, text: &str) -> bool {
        let mut long = self
            .0
            .iter()
            .filter(|secret| (SHORTEST_IN_BODIES..=text.len()).contains(&secret.len()))
            .peekable();
        // Cleaning takes time, and most texts are short.
        if long.peek().is_none() {
            return false;
        }
        let clean = line(text, text.len());
        long.any(|secret| text.contains(secret.as_str()) || clean.contains(secret.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out_of_all_texts_of_an_answer() {
        let secrets: Secrets = ["sk-0123456789", "id", ""]
            .map(str::to_owned)
            .into_iter()
            .collect();
        let mut answer = json!({
            "id": "skill_1",
            "list": [{"name": "x sk-0123456789\n"}, "sk-\u{200b}0123456789", "a valid name", 5],
        });
        secrets.clean_json(&mut answer);
        let clean = json!({
            "id": "skill_1",
            "list": [{"name": "x [secret]"}, "[secret]", "a valid name", 5],
        });
        assert_eq!(answer, clean);
    }

    #[test]
    fn a_line_with_a_short_secret_goes_as_a_whole() {
        let secrets: Secrets = ["a1", "sk-0123456789"]
            .map(str::to_owned)
            .into_iter()
            .collect();
        assert_eq!(secrets.clean_line("`a1` is too simple", 80), "[secret]");
        assert_eq!(
            secrets.clean_line("sk-0123456789 is wrong", 80),
            "[secret] is wrong"
        );
        let within: Secrets = ["se".to_owned(), "sk-0123456789".to_owned()]
            .into_iter()
            .collect();
        assert_eq!(within.clean_line("sk-0123456789", 80), "[secret]");
    }

    #[test]
    fn a_line_is_cut_after_secrets_are_out() {
        let secrets: Secrets = [String::from("sk-0123456789")].into_iter().collect();
        assert_eq!(secrets.clean_line("id sk-0123456789 x", 9), "id [secr…");
    }
}
