//! A JSON text with values of its own in some places, sealed or not: written by one side, read by
//! the other.

use serde_json::Value;

use crate::envelope::Seal;

/// A template of JSON in which words in capitals, such as `"TOKEN"`, stand for values.
pub(super) struct Document {
    pub(super) template: &'static str,
    /// How the text is sealed, and the template that has it as `SEALED`; without one it is all
    /// there is.
    pub(super) seal: Option<(Seal, Option<&'static str>)>,
}

impl Document {
    pub(super) const fn plain(template: &'static str) -> Self {
        Self {
            template,
            seal: None,
        }
    }

    /// Whether it is sealed text and no JSON.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.seal, Some((_, None)))
    }

    pub(super) fn write(&self, host: &str, iv: [u8; 16], values: &[(&str, &str)]) -> String {
        let text = fill(&parse(self.template), values).to_string();
        let Some((seal, around)) = &self.seal else {
            return text;
        };
        let sealed = seal.close(host, iv, &text);
        match around {
            None => sealed,
            Some(around) => fill(&parse(around), &[("SEALED", &sealed)]).to_string(),
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

fn parse(template: &str) -> Value {
    serde_json::from_str(template).unwrap_or_default()
}

fn fill(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(word) => {
            let value = values.iter().find(|(known, _)| known == word);
            value.map_or(word.as_str(), |(_, value)| value).into()
        }
        Value::Array(items) => items.iter().map(|item| fill(item, values)).collect(),
        Value::Object(fields) => {
            let filled = fields
                .iter()
                .map(|(key, value)| (key.clone(), fill(value, values)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn read_json<const N: usize>(template: &str, text: &[u8], words: [&str; N]) -> Option<[String; N]> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let mut found = words.map(|_| None);
    matches(&parse(template), &value, &words, &mut found).then_some(())?;
    let found: Vec<String> = found.into_iter().collect::<Option<_>>()?;
    found.try_into().ok()
}

/// Whether a value is as the template has it; keys that the template does not have may be there.
fn matches(template: &Value, value: &Value, words: &[&str], found: &mut [Option<String>]) -> bool {
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
            .all(|(index, item)| matches(item, &value[index], words, found)),
        Value::Object(fields) => fields
            .iter()
            .all(|(key, item)| matches(item, &value[key], words, found)),
        other => other == value,
    }
}
