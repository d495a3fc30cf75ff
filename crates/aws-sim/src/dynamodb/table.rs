//! Tables: keys, indexes, rows, and what a read that need not be consistent sees.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::value::{Item, Value};
use crate::answer::Refusal;

/// An attribute of a key, and its type: `S`, `N` or `B`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyAttribute {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// The attributes that identify an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySchema {
    pub(crate) hash: KeyAttribute,
    pub(crate) range: Option<KeyAttribute>,
}

/// The attributes of items that an index holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Projected {
    All,
    Keys,
    Include(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) schema: KeySchema,
    pub(crate) projected: Projected,
}

/// The place of an item. The hash in front scatters the order of a scan, as partitions do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    scatter: [u8; 8],
    key: Vec<Value>,
}

/// An item as it is, and as it was before its last change.
#[derive(Debug)]
struct Row {
    /// `None` once it was deleted.
    item: Option<Item>,
    before: Option<Item>,
    changed: DateTime<Utc>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) schema: KeySchema,
    pub(crate) indexes: BTreeMap<String, Index>,
    /// The attribute with the time, in seconds, from which on an item may be removed.
    pub(crate) ttl: Option<String>,
    /// The time for which reads that need not be consistent miss a change.
    pub(crate) lag: TimeDelta,
    rows: BTreeMap<Place, Row>,
}

/// A read: what is seen, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    pub(crate) is_consistent: bool,
    pub(crate) now: DateTime<Utc>,
}

impl Projected {
    fn describe(&self) -> Json {
        match self {
            Self::All => json!({"ProjectionType": "ALL"}),
            Self::Keys => json!({"ProjectionType": "KEYS_ONLY"}),
            Self::Include(names) => {
                json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names})
            }
        }
    }
}

impl KeySchema {
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    /// The key's values, in order, as an index sees them: none where one is missing or of
    /// another type.
    pub(crate) fn values_of(&self, item: &Item) -> Option<Vec<Value>> {
        let values = self.attributes().map(|attribute| {
            let value = item.get(&attribute.name)?;
            (value.kind() == attribute.kind).then(|| value.clone())
        });
        values.collect()
    }

    /// The attributes of the key alone.
    pub(crate) fn key_of(&self, item: &Item) -> Item {
        let names = self.attributes().map(|attribute| &attribute.name);
        let fields = names.filter_map(|name| Some((name.clone(), item.get(name)?.clone())));
        fields.collect()
    }
}

impl Table {
    pub(crate) fn new(name: String, schema: KeySchema) -> Self {
        Self {
            name,
            schema,
            indexes: BTreeMap::new(),
            ttl: None,
            lag: TimeDelta::zero(),
            rows: BTreeMap::new(),
        }
    }

    /// The place of an item to be stored; its key must be whole and of the right types.
    pub(crate) fn place_of_item(&self, item: &Item) -> Result<Place, Refusal> {
        for attribute in self.schema.attributes() {
            let name = &attribute.name;
            match item.get(name) {
                None => {
                    return Err(Refusal::invalid(&format!(
                        "Missing the key {name} in the item"
                    )));
                }
                Some(value) => check_key_value(attribute, value, "key")?,
            }
        }
        for (index_name, index) in &self.indexes {
            for attribute in index.schema.attributes() {
                if let Some(value) = item.get(&attribute.name)
                    && value.kind() != attribute.kind
                {
                    return Err(Refusal::invalid(&format!(
                        "Type mismatch for Index Key {} Expected: {} Actual: {} IndexName: \
                         {index_name}",
                        attribute.name,
                        attribute.kind,
                        value.kind()
                    )));
                }
            }
        }
        Ok(place(self.schema.values_of(item).unwrap_or_default()))
    }

    /// The place for a key that is all that is given.
    pub(crate) fn place_of_key(&self, key: &Item) -> Result<Place, Refusal> {
        let mismatch = || Refusal::validation("The provided key element does not match the schema");
        if key.len() != self.schema.attributes().count() {
            return Err(mismatch());
        }
        for attribute in self.schema.attributes() {
            match key.get(&attribute.name) {
                Some(value) if value.kind() == attribute.kind => {
                    check_key_value(attribute, value, "key")?;
                }
                _ => return Err(mismatch()),
            }
        }
        Ok(place(self.schema.values_of(key).unwrap_or_default()))
    }

    /// The item as it is now.
    pub(crate) fn item(&self, place: &Place) -> Option<&Item> {
        self.rows.get(place)?.item.as_ref()
    }

    /// The item as a read sees it.
    pub(crate) fn seen_item(&self, place: &Place, view: View) -> Option<&Item> {
        self.see(self.rows.get(place)?, view)
    }

    fn see<'a>(&self, row: &'a Row, view: View) -> Option<&'a Item> {
        let is_fresh = view.now - row.changed < self.lag;
        if is_fresh && !view.is_consistent {
            row.before.as_ref()
        } else {
            row.item.as_ref()
        }
    }

    /// All items as they are now.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.rows.values().filter_map(|row| row.item.as_ref())
    }

    /// All items as a read sees them, in the order of a scan.
    pub(crate) fn seen_items(&self, view: View) -> impl Iterator<Item = (&Place, &Item)> {
        let rows = self.rows.iter();
        rows.filter_map(move |(place, row)| Some((place, self.see(row, view)?)))
    }

    /// Stores an item, or takes it away; returns what was there.
    pub(crate) fn replace(
        &mut self,
        place: Place,
        item: Option<Item>,
        now: DateTime<Utc>,
    ) -> Option<Item> {
        let before = self.rows.remove(&place).and_then(|row| row.item);
        if item.is_some() || before.is_some() {
            let row = Row {
                item,
                before: before.clone(),
                changed: now,
            };
            self.rows.insert(place, row);
        }
        before
    }

    /// Removes the items whose time has come; returns their number. The real service does so
    /// within days.
    pub(crate) fn remove_expired(&mut self, now: DateTime<Utc>) -> usize {
        let Some(attribute) = self.ttl.clone() else {
            return 0;
        };
        let seconds = now.timestamp();
        let expired: Vec<Place> = self
            .rows
            .iter()
            .filter(|(_, row)| {
                row.item
                    .as_ref()
                    .is_some_and(|item| is_expired(item, &attribute, seconds))
            })
            .map(|(place, _)| place.clone())
            .collect();
        for place in &expired {
            self.replace(place.clone(), None, now);
        }
        expired.len()
    }

    fn count(&self) -> usize {
        self.items().count()
    }

    pub(crate) fn describe(&self, arn: &str) -> Json {
        let describe_schema = |schema: &KeySchema| {
            let attributes = schema.attributes().zip(["HASH", "RANGE"]);
            let keys = attributes
                .map(|(attribute, kind)| json!({"AttributeName": attribute.name, "KeyType": kind}));
            keys.collect::<Vec<_>>()
        };
        let schemas =
            std::iter::once(&self.schema).chain(self.indexes.values().map(|index| &index.schema));
        let definitions: BTreeMap<&str, &str> = schemas
            .flat_map(KeySchema::attributes)
            .map(|attribute| (attribute.name.as_str(), attribute.kind.as_str()))
            .collect();
        let definitions: Vec<Json> = definitions
            .into_iter()
            .map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind}))
            .collect();
        let mut described = json!({
            "TableName": self.name,
            "TableArn": arn,
            "TableStatus": "ACTIVE",
            "KeySchema": describe_schema(&self.schema),
            "AttributeDefinitions": definitions,
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            "ItemCount": self.count(),
        });
        let indexes: Vec<Json> = self
            .indexes
            .iter()
            .map(|(name, index)| {
                json!({
                    "IndexName": name,
                    "IndexArn": format!("{arn}/index/{name}"),
                    "IndexStatus": "ACTIVE",
                    "KeySchema": describe_schema(&index.schema),
                    "Projection": index.projected.describe(),
                })
            })
            .collect();
        if !indexes.is_empty() {
            described["GlobalSecondaryIndexes"] = json!(indexes);
        }
        described
    }
}

fn is_expired(item: &Item, attribute: &str, seconds: i64) -> bool {
    match item.get(attribute) {
        Some(Value::N(at)) => {
            // What is no whole number of seconds, or more than five years ago, is never removed:
            // milliseconds are thousands of years ahead.
            let at = at.to_string().parse::<i64>();
            at.is_ok_and(|at| at < seconds && seconds - at < 5 * 366 * 86_400)
        }
        _ => false,
    }
}

fn place(key: Vec<Value>) -> Place {
    let mut scatter = [0; 8];
    if let Some(hash) = key.first() {
        let digest = Sha256::digest(hash.to_json().to_string());
        scatter.copy_from_slice(&digest[..8]);
    }
    Place { scatter, key }
}

fn check_key_value(attribute: &KeyAttribute, value: &Value, what: &str) -> Result<(), Refusal> {
    let name = &attribute.name;
    if value.kind() != attribute.kind {
        return Err(Refusal::invalid(&format!(
            "Type mismatch for {what} {name} expected: {} actual: {}",
            attribute.kind,
            value.kind()
        )));
    }
    if value.length() == Some(0) {
        return Err(Refusal::invalid(&format!(
            "The AttributeValue for a key attribute cannot contain an empty string value. Key: \
             {name}"
        )));
    }
    // Documented limits of hash and range.
    if value.length().is_some_and(|length| length > 2048) {
        return Err(Refusal::invalid(
            "Size of hashkey has exceeded the maximum size limit of 2048 bytes",
        ));
    }
    Ok(())
}
