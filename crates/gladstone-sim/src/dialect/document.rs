//! A JSON text with values of its own in some places, sealed or not: written by one side, read by
//! the other.

use serde_json::Value;

use crate::envelope::Seal;

/// A template of JSON in which words in capitals, such as `"TOKEN"`, stand for values.
pub(super) struct Document {
    pub(super) template: &'static str,
    /// The seal, and the template that has the sealed text as `SEALED`; without one it is all there
    /// is.
    pub(super) seal: Option<(Seal, Option<&'static str>)>,
}

impl Document {
    pub(super) const fn plain(template: &'static str) -> Self {
        Self {
            template,
            seal: None,
        }
    }

    /// True for sealed text that is no JSON.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.seal, Some((_, None)))
    }

    pub(super) fn write(&self, host: &str, iv: [u8; 16], values: &[(&str, &str)]) -> String {
        let text = fill_template(&parse_template(self.template), values).to_string();
        let Some((seal, around)) = &self.seal else {
            return text;
        };
        let sealed = seal.close(host, iv, &text);
        match around {
            None => sealed,
            Some(around) => {
                fill_template(&parse_template(around), &[("SEALED", &sealed)]).to_string()
            }
        }
    }

    /// The values of these words; nothing where a text differs from the template elsewhere.
    pub(super) fn read<const N: usize>(
        &self,
        host: &str,
        text: &[u8],
        words: [&str; N],
    ) -> Option<[String; N]> {
        let Some((seal, around)) = &self.seal else {
            return read_json(self.template, text, words);
        };
        let opened = match around {
            None => seal.open(host, text)?,
            Some(around) => {
                let [sealed] = read_json(around, text, ["SEALED"])?;
                seal.open(host, sealed.as_bytes())?
            }
        };
        read_json(self.template, &opened, words)
    }
}

fn parse_template(template: &str) -> Value {
    serde_json::from_str(template).unwrap_or_default()
}

fn fill_template(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(word) => {
            let value = values.iter().find(|(known, _)| known == word);
            value.map_or(word.as_str(), |(_, value)| value).into()
        }
        Value::Array(items) => items
            .iter()
            .map(|item| fill_template(item, values))
            .collect(),
        Value::Object(fields) => {
            let filled = fields
                .iter()
                .map(|(key, value)| (key.clone(), fill_template(value, values)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn read_json<const N: usize>(template: &str, text: &[u8], words: [&str; N]) -> Option<[String; N]> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let mut found = words.map(|_| None);
    match_template(&parse_template(template), &value, &words, &mut found).then_some(())?;
    let found: Vec<String> = found.into_iter().collect::<Option<_>>()?;
    found.try_into().ok()
}

/// Compares a value with its template; keys that the template does not have may be there.
fn match_template(
    template: &Value,
    value: &Value,
    words: &[&str],
    found: &mut [Option<String>],
) -> bool {
    match template {
        Value::String(word) if words.contains(&word.as_str()) => {
            let place = words.iter().position(|known| known == word);
            let text = value.as_str().map(str::to_owned);
            let fits = text.is_some();
            if let Some(place) = place {
                found[place] = text;
            }
            fits
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .all(|(index, item)| match_template(item, &value[index], words, found)),
        Value::Object(fields) => fields
            .iter()
            .all(|(key, item)| match_template(item, &value[key], words, found)),
        other => other == value,
    }
}
