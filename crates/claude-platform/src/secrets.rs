//! What a request carried that nothing may tell: the service may repeat it in any header and in any
//! body.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::text;

const SHOWN: &str = "[secret]";
/// Shorter ones are looked for in failures only: a body that was understood is not changed for a
/// word of it.
const SHORTEST_IN_BODIES: usize = 8;

/// The secrets of one request.
#[derive(Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Those in sensitive headers, without their schemes, and one of the body.
    pub(crate) fn of(headers: &HeaderMap, body: Option<&str>) -> Self {
        let sensitive = headers
            .values()
            .filter(|value| value.is_sensitive())
            .filter_map(|value| value.to_str().ok());
        let bare = sensitive.map(|value| value.split_once(' ').map_or(value, |(_, secret)| secret));
        Self(
            bare.chain(body)
                .filter(|secret| !secret.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// The text as one printable line of at most `limit` characters, without secrets.
    pub(crate) fn clean_line(&self, text: &str, limit: usize) -> String {
        // First cleaned, for what is dropped may stand amid a secret; cut last, for half of one is
        // too much.
        let mut clean = text::line(text, text.len());
        for secret in &self.0 {
            clean = clean.replace(secret.as_str(), SHOWN);
        }
        text::line(&clean, limit)
    }

    /// Takes secrets out of all texts of an answer.
    pub(crate) fn clean_json(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.are_in(text) => *text = self.clean_line(text, text.len()),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_json(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.clean_json(field)),
            _ => {}
        }
    }

    fn are_in(&self, text: &str) -> bool {
        let long = || {
            self.0
                .iter()
                .filter(|secret| secret.len() >= SHORTEST_IN_BODIES)
        };
        if long().all(|secret| text.len() < secret.len()) {
            return false;
        }
        let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let clean = if is_plain {
            text.to_owned()
        } else {
            text::line(text, text.len())
        };
        long().any(|secret| text.contains(secret.as_str()) || clean.contains(secret.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out_of_all_texts_of_an_answer() {
        let secrets = Secrets(vec!["sk-0123456789".to_owned(), "id".to_owned()]);
        let mut answer = json!({"id": "skill_1", "list": [{"name": "x sk-0123456789\n"}, "sk-\u{200b}0123456789", "a valid name", 5]});
        secrets.clean_json(&mut answer);
        assert_eq!(
            answer,
            json!({"id": "skill_1", "list": [{"name": "x [secret]"}, "[secret]", "a valid name", 5]})
        );
    }

    #[test]
    fn a_line_is_cut_after_secrets_are_out() {
        let secrets = Secrets(vec!["sk-0123456789".to_owned()]);
        assert_eq!(secrets.clean_line("id sk-0123456789 x", 9), "id [secr…");
    }
}
