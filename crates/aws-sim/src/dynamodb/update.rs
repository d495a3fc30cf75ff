//! `UpdateItem`: makes the item if there is none.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    DynamoDb,
    capacity::note_capacity,
    expression::{Placeholders, Update, read_expression},
    input::Input,
    items::{Guard, check_size},
    value::{Item, item_to_json},
};
use crate::answer::{Refusal, Reply};

const RETURNED: [&str; 5] = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];

pub(super) fn update(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    let placeholders = Placeholders::read(input)?;
    let update = read_expression(input, "UpdateExpression", &placeholders, Update::parse)?;
    let update = update.unwrap_or_default();
    let guard = Guard::read(input, &placeholders)?;
    placeholders.check_used()?;
    let key = input.needed_item("Key")?;
    let returned = input.choice("ReturnValues", &RETURNED)?;
    db.with_table(input, |table| {
        let place = table.place_of_key(&key)?;
        if let Some(name) = update.attributes().find(|name| table.schema.contains(name)) {
            return Err(Refusal::invalid(&format!(
                "Cannot update attribute {name}. This attribute is part of the key"
            )));
        }
        let before = table.item(&place).cloned();
        let mut after = before.clone().unwrap_or_else(|| key.clone());
        let checked = guard.check(before.as_ref());
        let applied = match &checked {
            Ok(()) => apply(&update, &mut after),
            Err(_) => Ok(()),
        };
        let units = db.consume_write(table, before.as_ref(), Some(&after));
        checked?;
        applied?;
        // Keys of indexes have a type.
        table.place_of_item(&after)?;
        table.replace(place, Some(after.clone()), now);
        let old = || before.clone().unwrap_or_default();
        let told = match returned {
            "ALL_OLD" => old(),
            "ALL_NEW" => after,
            "UPDATED_OLD" => update.changed_part(&old()),
            "UPDATED_NEW" => update.changed_part(&after),
            _ => Item::new(),
        };
        let mut answer = json!({});
        if !told.is_empty() {
            answer["Attributes"] = item_to_json(&told);
        }
        note_capacity(input, &table.name, units, &mut answer)?;
        Ok(answer)
    })
}

fn apply(update: &Update, item: &mut Item) -> Result<(), Refusal> {
    let applied = update.apply(item);
    applied.map_err(|message| Refusal::validation(&message))?;
    check_size(
        item,
        "Item size to update has exceeded the maximum allowed size",
    )
}
