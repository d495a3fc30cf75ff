//! `Query` and `Scan`: pages of items of a table or an index.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::{
    DynamoDb,
    capacity::note_capacity,
    expression::{Comparison, Condition, Operand, Path, Placeholders, Projection, read_expression},
    input::Input,
    items::read_view,
    table::{Index, KeySchema, Place, Projected, Table},
    value::{Item, Value, item_size, item_to_json},
};
use crate::answer::{Refusal, Reply};

/// Bytes that one page evaluates (documented).
const LARGEST_PAGE: usize = 1024 * 1024;

const SELECTED: [&str; 4] = ["", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT"];

/// The order of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// As the partitions have them.
    Scattered,
    /// By the key's range.
    Ascending,
    Descending,
}

/// Which items, and what is wanted of them.
struct Wanted {
    key: Option<Condition>,
    order: Order,
    filter: Option<Condition>,
    projection: Option<Projection>,
    counts_only: bool,
}

pub(super) fn query(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    let order = match input.flag("ScanIndexForward")? {
        Some(false) => Order::Descending,
        _ => Order::Ascending,
    };
    let wanted = Wanted::read(input, order)?;
    if wanted.key.is_none() {
        return Err(Refusal::validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in \
             the request.",
        ));
    }
    find_page(db, input, now, &wanted)
}

pub(super) fn scan(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>) -> Reply {
    find_page(db, input, now, &Wanted::read(input, Order::Scattered)?)
}

impl Wanted {
    fn read(input: &Input<'_>, order: Order) -> Result<Self, Refusal> {
        let placeholders = Placeholders::read(input)?;
        let condition = |field| read_expression(input, field, &placeholders, Condition::parse);
        let projection = "ProjectionExpression";
        let wanted = Self {
            key: match order {
                Order::Scattered => None,
                _ => condition("KeyConditionExpression")?,
            },
            order,
            filter: condition("FilterExpression")?,
            projection: read_expression(input, projection, &placeholders, Projection::parse)?,
            counts_only: input.choice("Select", &SELECTED)? == "COUNT",
        };
        placeholders.check_used()?;
        Ok(wanted)
    }

    /// A query's filter is for what is no key.
    fn check_filter(&self, schema: &KeySchema) -> Result<(), Refusal> {
        let paths = self.filter.iter().flat_map(Condition::paths);
        match paths
            .map(Path::attribute)
            .find(|name| schema.contains(name))
        {
            None => Ok(()),
            Some(name) => Err(Refusal::validation(&format!(
                "Filter Expression can only contain non-primary key attributes: Primary key \
                 attribute: {name}"
            ))),
        }
    }

    /// The place of an item in the order.
    fn rank(&self, schema: &KeySchema, place: &Place, item: &Item) -> (Option<Value>, Place) {
        let range = schema
            .range
            .as_ref()
            .filter(|_| self.order != Order::Scattered);
        let value = range.and_then(|range| item.get(&range.name).cloned());
        (value, place.clone())
    }

    /// Takes the items of a table or an index that are meant, behind `start`, in their order.
    fn choose(
        &self,
        schema: &KeySchema,
        start: Option<(Place, &Item)>,
        mut items: Vec<(Place, Item)>,
    ) -> Result<Vec<(Place, Item)>, Refusal> {
        if let Some(condition) = &self.key {
            check_key_condition(condition, schema)?;
            self.check_filter(schema)?;
            items.retain(|(_, item)| condition.holds(Some(item)));
        }
        if let Some((place, item)) = start {
            let end = self.rank(schema, &place, item);
            items.retain(|(place, item)| {
                let rank = self.rank(schema, place, item);
                if self.order == Order::Descending {
                    rank < end
                } else {
                    rank > end
                }
            });
        }
        items.sort_by_cached_key(|(place, item)| self.rank(schema, place, item));
        if self.order == Order::Descending {
            items.reverse();
        }
        Ok(items)
    }
}

fn find_page(db: &DynamoDb, input: &Input<'_>, now: DateTime<Utc>, wanted: &Wanted) -> Reply {
    let mut view = read_view(input, now)?;
    let start = input.item("ExclusiveStartKey")?;
    let limit = [input.count("Limit")?, db.page_items];
    let limit = limit.into_iter().flatten().min().unwrap_or(usize::MAX);
    let index_name = input.text("IndexName")?;
    db.with_table(input, |table| {
        let index = find_index(table, index_name)?;
        if index.is_some() && view.is_consistent {
            return Err(Refusal::validation(
                "Consistent reads are not supported on global secondary indexes",
            ));
        }
        view.is_consistent &= index.is_none();
        let schema = index.map_or(&table.schema, |index| &index.schema);
        let start = match &start {
            None => None,
            Some(start) => Some((place_of_start(table, schema, start)?, start)),
        };
        let items = table
            .seen_items(view)
            .filter(|(_, item)| schema.values_of(item).is_some())
            .map(|(place, item)| (place.clone(), seen_through(table, index, item)));
        let items = wanted.choose(schema, start, items.collect())?;
        let mut answer = json!({});
        let (mut found, mut scanned, mut bytes) = (Vec::new(), 0_usize, 0_usize);
        for (_, item) in &items {
            scanned += 1;
            bytes += item_size(item);
            if wanted
                .filter
                .as_ref()
                .is_none_or(|filter| filter.holds(Some(item)))
            {
                found.push(item);
            }
            if scanned == limit || bytes >= LARGEST_PAGE {
                let mut key = table.schema.key_of(item);
                key.extend(schema.key_of(item));
                answer["LastEvaluatedKey"] = item_to_json(&key);
                break;
            }
        }
        answer["Count"] = json!(found.len());
        answer["ScannedCount"] = json!(scanned);
        if !wanted.counts_only {
            let items = found.into_iter().map(|item| match &wanted.projection {
                None => item_to_json(item),
                Some(projection) => item_to_json(&projection.apply(item)),
            });
            answer["Items"] = Json::Array(items.collect());
        }
        let units = db.consume_read(bytes, view.is_consistent);
        note_capacity(input, &table.name, units, &mut answer)?;
        Ok(answer)
    })
}

/// The place of the item with which the last page ended. It may be gone by now.
fn place_of_start(table: &Table, schema: &KeySchema, start: &Item) -> Result<Place, Refusal> {
    let wrong = || Refusal::validation("The provided starting key is invalid");
    let place = table.place_of_key(&table.schema.key_of(start));
    schema.values_of(start).ok_or_else(wrong)?;
    place.map_err(|_| wrong())
}

fn find_index<'a>(table: &'a Table, name: Option<&str>) -> Result<Option<&'a Index>, Refusal> {
    let Some(name) = name else {
        return Ok(None);
    };
    let index = table.indexes.get(name);
    index.map(Some).ok_or_else(|| {
        Refusal::validation(&format!(
            "The table does not have the specified index: {name}"
        ))
    })
}

/// The attributes of an item that an index holds.
fn seen_through(table: &Table, index: Option<&Index>, item: &Item) -> Item {
    let Some(index) = index else {
        return item.clone();
    };
    let more: &[String] = match &index.projected {
        Projected::All => return item.clone(),
        Projected::Keys => &[],
        Projected::Include(names) => names,
    };
    let mut kept = table.schema.key_of(item);
    kept.extend(index.schema.key_of(item));
    for name in more {
        if let Some(value) = item.get(name) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

/// Checks that a key condition names the hash with `=`, and perhaps the range once.
fn check_key_condition(condition: &Condition, schema: &KeySchema) -> Result<(), Refusal> {
    let mut terms = Vec::new();
    collect_terms(condition, &mut terms);
    let not_supported = || Refusal::validation("Query key condition not supported");
    let (mut has_hash, mut ranges) = (false, 0);
    for term in terms {
        let (path, is_equality) = match term {
            Condition::Compare(Operand::Path(path), comparison, Operand::Value(_))
                if *comparison != Comparison::NotEqual =>
            {
                (path, *comparison == Comparison::Equal)
            }
            Condition::Between(Operand::Path(path), Operand::Value(_), Operand::Value(_))
            | Condition::BeginsWith(Operand::Path(path), Operand::Value(_)) => (path, false),
            _ => {
                return Err(Refusal::validation(
                    "Invalid operator used in KeyConditionExpression",
                ));
            }
        };
        let name = path.attribute();
        if name == schema.hash.name {
            if !is_equality || has_hash {
                return Err(not_supported());
            }
            has_hash = true;
        } else if schema
            .range
            .as_ref()
            .is_some_and(|range| range.name == name)
        {
            ranges += 1;
        } else {
            let key = schema.attributes().map(|attribute| attribute.name.as_str());
            return Err(Refusal::validation(&format!(
                "Query condition missed key schema element: {}",
                key.last().unwrap_or_default()
            )));
        }
    }
    if !has_hash {
        return Err(Refusal::validation(&format!(
            "Query condition missed key schema element: {}",
            schema.hash.name
        )));
    }
    if ranges > 1 {
        return Err(Refusal::validation(
            "KeyConditionExpressions must only contain one condition per key",
        ));
    }
    Ok(())
}

fn collect_terms<'a>(condition: &'a Condition, terms: &mut Vec<&'a Condition>) {
    match condition {
        Condition::And(one, two) => {
            collect_terms(one, terms);
            collect_terms(two, terms);
        }
        other => terms.push(other),
    }
}
