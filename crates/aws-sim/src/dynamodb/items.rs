//! Operations on one item: read, stored, deleted; and the condition of whoever writes.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::{
    DynamoDb,
    capacity::note_capacity,
    expression::{Condition, Placeholders, Projection, read_expression},
    input::Input,
    table::View,
    value::{Item, item_size, item_to_json},
};
use crate::answer::{Refusal, Reply};

/// The largest item.
const LARGEST: usize = 400 * 1024;

/// The condition of a write.
#[derive(Debug)]
pub(super) struct Guard {
    condition: Option<Condition>,
    tells_item: bool,
}

impl Guard {
    pub(super) fn read(input: &Input<'_>, placeholders: &Placeholders) -> Result<Self, Refusal> {
        let field = "ConditionExpression";
        let told = input.choice("ReturnValuesOnConditionCheckFailure", &["NONE", "ALL_OLD"])?;
        Ok(Self {
            condition: read_expression(input, field, placeholders, Condition::parse)?,
            tells_item: told == "ALL_OLD",
        })
    }

    pub(super) fn check(&self, item: Option<&Item>) -> Result<(), Refusal> {
        let Some(condition) = &self.condition else {
            return Ok(());
        };
        if condition.holds(item) {
            return Ok(());
        }
        let refusal = Refusal::new(
            "ConditionalCheckFailedException",
            "The conditional request failed",
        );
        Err(match item {
            Some(item) if self.tells_item => refusal.with("Item", item_to_json(item)),
            _ => refusal,
        })
    }
}

pub(super) fn check_size(item: &Item, message: &str) -> Result<(), Refusal> {
    if item_size(item) <= LARGEST {
        return Ok(());
    }
    Err(Refusal::validation(message))
}

/// The read's view, and whether it is consistent.
pub(super) fn read_view(input: &Input<'_>, now: DateTime<Utc>) -> Result<View, Refusal> {
    Ok(View {
        is_consistent: input.flag("ConsistentRead")?.unwrap_or(false),
        now,
    })
}

pub(super) fn get(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    let placeholders = Placeholders::read(input)?;
    let field = "ProjectionExpression";
    let projection = read_expression(input, field, &placeholders, Projection::parse)?;
    placeholders.check_used()?;
    let key = input.needed_item("Key")?;
    let view = read_view(input, now)?;
    db.with_table(input, |table| {
        let place = table.place_of_key(&key)?;
        let item = table.seen_item(&place, view);
        let units = db.consume_read(item.map_or(0, item_size), view.is_consistent);
        let mut answer = match (item, &projection) {
            (None, _) => json!({}),
            (Some(item), None) => json!({"Item": item_to_json(item)}),
            (Some(item), Some(projection)) => {
                json!({"Item": item_to_json(&projection.apply(item))})
            }
        };
        note_capacity(input, &table.name, units, &mut answer)?;
        Ok(answer)
    })
}

pub(super) fn put(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    let placeholders = Placeholders::read(input)?;
    let guard = Guard::read(input, &placeholders)?;
    placeholders.check_used()?;
    let item = input.needed_item("Item")?;
    check_size(&item, "Item size has exceeded the maximum allowed size")?;
    let place_of = |table: &super::Table| table.place_of_item(&item);
    replace(db, input, &guard, place_of, Some(&item), now)
}

pub(super) fn delete(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    let placeholders = Placeholders::read(input)?;
    let guard = Guard::read(input, &placeholders)?;
    placeholders.check_used()?;
    let key = input.needed_item("Key")?;
    let place_of = |table: &super::Table| table.place_of_key(&key);
    replace(db, input, &guard, place_of, None, now)
}

fn replace(
    db: &DynamoDb,
    input: &Input<'_>,
    guard: &Guard,
    place_of: impl FnOnce(&super::Table) -> Result<super::table::Place, Refusal>,
    item: Option<&Item>,
    now: DateTime<Utc>,
) -> Reply {
    let returned = input.choice("ReturnValues", &["NONE", "ALL_OLD"])?;
    db.with_table(input, |table| {
        let place = place_of(table)?;
        let units = db.consume_write(table, table.item(&place), item);
        guard.check(table.item(&place))?;
        let before = table.replace(place, item.cloned(), now);
        let mut answer: Json = match before {
            Some(before) if returned == "ALL_OLD" => {
                json!({"Attributes": item_to_json(&before)})
            }
            _ => json!({}),
        };
        note_capacity(input, &table.name, units, &mut answer)?;
        Ok(answer)
    })
}
