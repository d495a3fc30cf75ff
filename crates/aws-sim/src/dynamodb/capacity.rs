//! Consumed capacity, as on-demand tables bill it (documented): a write unit is 1 KB, a read unit
//! is 4 KB read consistently or twice that otherwise. A failed condition is billed as a write.

use serde_json::{Value as Json, json};
use sim_server::locked;

use super::{
    DynamoDb,
    input::Input,
    table::Table,
    value::{Item, item_size},
};
use crate::answer::Refusal;

/// Units consumed, all tables and indexes together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Capacity {
    pub read_units: f64,
    pub write_units: f64,
}

impl DynamoDb {
    /// Notes a read of so many bytes; returns its units.
    pub(super) fn consume_read(&self, bytes: usize, is_consistent: bool) -> f64 {
        let units = units(bytes, 4096) * if is_consistent { 1.0 } else { 0.5 };
        locked(&self.capacity).read_units += units;
        units
    }

    /// Notes a write over `before`; returns its units, those of indexes included.
    pub(super) fn consume_write(
        &self,
        table: &Table,
        before: Option<&Item>,
        after: Option<&Item>,
    ) -> f64 {
        let size = |item: Option<&Item>| item.map_or(0, item_size);
        let mut sum = units(size(before).max(size(after)), 1024);
        for index in table.indexes.values() {
            let keys =
                [before, after].map(|item| item.and_then(|item| index.schema.values_of(item)));
            // A changed key is a deletion and an insertion; the units of an entry are assumed to
            // be those of a small item.
            sum += match keys {
                [None, None] => 0.0,
                [Some(before), Some(after)] if before != after => 2.0,
                [Some(_), Some(_)] => 0.0,
                _ => 1.0,
            };
        }
        locked(&self.capacity).write_units += sum;
        sum
    }
}

#[expect(clippy::cast_precision_loss, reason = "units are few")]
fn units(bytes: usize, unit: usize) -> f64 {
    bytes.div_ceil(unit).max(1) as f64
}

/// Adds `ConsumedCapacity` to an answer, if it was asked for.
pub(super) fn note_capacity(
    input: &Input<'_>,
    table: &str,
    units: f64,
    answer: &mut Json,
) -> Result<(), Refusal> {
    let wanted = input.choice("ReturnConsumedCapacity", &["NONE", "TOTAL", "INDEXES"])?;
    if wanted != "NONE" {
        answer["ConsumedCapacity"] = json!({"TableName": table, "CapacityUnits": units});
    }
    Ok(())
}
