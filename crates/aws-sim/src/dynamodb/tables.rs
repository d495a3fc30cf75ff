//! Operations on tables: made, described, deleted; the attribute of expiry.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sim_server::locked;

use super::{
    DynamoDb,
    input::{Input, constraint, missing},
    table::{Index, KeyAttribute, KeySchema, Projected, Table},
};
use crate::{
    answer::{Refusal, Reply},
    setup::Setup,
};

/// The name of a table; its ARN is as good.
pub(super) fn read_name(input: &Input<'_>) -> Result<String, Refusal> {
    let text = input.needed_text("TableName")?;
    let name = text.rsplit('/').next().unwrap_or(text);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !name.bytes().all(fits) {
        return Err(constraint(
            "TableName",
            name,
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ));
    }
    if name.len() < 3 || name.len() > 255 {
        return Err(Refusal::validation(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    Ok(name.to_owned())
}

pub(super) fn create(db: &DynamoDb, setup: &Setup, input: &Input<'_>) -> Reply {
    let name = read_name(input)?;
    let mut kinds = BTreeMap::new();
    for definition in input.list("AttributeDefinitions")? {
        let definition = Input::new(definition)?;
        let kind = definition.needed_text("AttributeType")?;
        if !["S", "N", "B"].contains(&kind) {
            return Err(constraint(
                "attributeDefinitions.1.member.attributeType",
                kind,
                "Member must satisfy enum value set: [B, N, S]",
            ));
        }
        let name = definition.needed_text("AttributeName")?;
        kinds.insert(name.to_owned(), kind.to_owned());
    }
    if input.field("LocalSecondaryIndexes").is_some() {
        return Err(Refusal::validation(
            "the simulator does not know LocalSecondaryIndexes",
        ));
    }
    if input.choice("BillingMode", &["PROVISIONED", "PAY_PER_REQUEST"])? == "PROVISIONED"
        && input.field("ProvisionedThroughput").is_none()
    {
        return Err(Refusal::invalid(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is \
             PROVISIONED",
        ));
    }
    let mut table = Table::new(name.clone(), read_schema(input, &kinds)?);
    table.lag = db.lag;
    for index in input.list("GlobalSecondaryIndexes")? {
        let index = Input::new(index)?;
        let schema = read_schema(&index, &kinds)?;
        let projected = read_projection(&index)?;
        let name = index.needed_text("IndexName")?.to_owned();
        table.indexes.insert(name, Index { schema, projected });
    }
    if has_unused_definition(&table, &kinds) {
        return Err(Refusal::invalid(
            "Some AttributeDefinitions are not used. AttributeDefinitions must be those of the \
             keys of the table and its indexes",
        ));
    }
    let description = table.describe(&table_arn(setup, &name));
    let mut tables = locked(&db.tables);
    if tables.contains_key(&name) {
        return Err(Refusal::new(
            "ResourceInUseException",
            &format!("Table already exists: {name}"),
        ));
    }
    tables.insert(name, table);
    Ok(json!({ "TableDescription": description }))
}

fn has_unused_definition(table: &Table, kinds: &BTreeMap<String, String>) -> bool {
    kinds.keys().any(|name| {
        let of_indexes = table.indexes.values().map(|index| &index.schema);
        !std::iter::once(&table.schema)
            .chain(of_indexes)
            .any(|schema| schema.contains(name))
    })
}

fn read_schema(input: &Input<'_>, kinds: &BTreeMap<String, String>) -> Result<KeySchema, Refusal> {
    let elements = input.list("KeySchema")?;
    let mut attributes = elements
        .iter()
        .zip(["HASH", "RANGE"])
        .map(|(element, wanted)| {
            let element = Input::new(element)?;
            let name = element.needed_text("AttributeName")?;
            if element.needed_text("KeyType")? != wanted {
                return Err(Refusal::invalid(
                    "Invalid KeySchema: The first KeySchemaElement is not a HASH key type, or the \
                 second is not a RANGE key type",
                ));
            }
            let kind = kinds.get(name).ok_or_else(|| {
            Refusal::invalid(&format!(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [{name}]"
            ))
        })?;
            Ok(KeyAttribute {
                name: name.to_owned(),
                kind: kind.clone(),
            })
        });
    let hash = attributes.next().ok_or_else(|| missing("KeySchema"))??;
    let range = attributes.next().transpose()?;
    if elements.len() > 2 {
        return Err(constraint(
            "KeySchema",
            "[…]",
            "Member must have length less than or equal to 2",
        ));
    }
    Ok(KeySchema { hash, range })
}

fn read_projection(index: &Input<'_>) -> Result<Projected, Refusal> {
    let projection = index.inner("Projection")?;
    let projection = projection.ok_or_else(|| missing("Projection"))?;
    match projection.needed_text("ProjectionType")? {
        "ALL" => Ok(Projected::All),
        "KEYS_ONLY" => Ok(Projected::Keys),
        "INCLUDE" => {
            let names = projection.list("NonKeyAttributes")?.iter();
            let names = names.filter_map(|name| name.as_str().map(str::to_owned));
            Ok(Projected::Include(names.collect()))
        }
        other => Err(constraint(
            "ProjectionType",
            other,
            "Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]",
        )),
    }
}

fn table_arn(setup: &Setup, name: &str) -> String {
    setup.arn("dynamodb", &format!("table/{name}"))
}

pub(super) fn describe(db: &DynamoDb, setup: &Setup, input: &Input<'_>) -> Reply {
    let name = read_name(input)?;
    let tables = locked(&db.tables);
    let table = tables.get(&name).ok_or_else(|| no_table(&name))?;
    Ok(json!({"Table": table.describe(&table_arn(setup, &name))}))
}

pub(super) fn delete(db: &DynamoDb, setup: &Setup, input: &Input<'_>) -> Reply {
    let name = read_name(input)?;
    let table = locked(&db.tables).remove(&name);
    let table = table.ok_or_else(|| no_table(&name))?;
    Ok(json!({"TableDescription": table.describe(&table_arn(setup, &name))}))
}

fn no_table(name: &str) -> Refusal {
    Refusal::new(
        "ResourceNotFoundException",
        &format!("Requested resource not found: Table: {name} not found"),
    )
}

pub(super) fn list(db: &DynamoDb) -> Json {
    let names: Vec<String> = locked(&db.tables).keys().cloned().collect();
    json!({ "TableNames": names })
}

pub(super) fn set_ttl(db: &DynamoDb, input: &Input<'_>) -> Reply {
    let specification = input.inner("TimeToLiveSpecification")?;
    let specification = specification.ok_or_else(|| missing("TimeToLiveSpecification"))?;
    let attribute = specification.needed_text("AttributeName")?;
    let enabled = specification.flag("Enabled")?;
    let is_enabled = enabled.ok_or_else(|| missing("Enabled"))?;
    db.with_table(input, |table| {
        if table.ttl.is_some() == is_enabled {
            let state = if is_enabled { "enabled" } else { "disabled" };
            return Err(Refusal::validation(&format!(
                "TimeToLive is already {state}"
            )));
        }
        table.ttl = is_enabled.then(|| attribute.to_owned());
        Ok(json!({
            "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": is_enabled}
        }))
    })
}

pub(super) fn describe_ttl(db: &DynamoDb, input: &Input<'_>) -> Reply {
    db.with_table(input, |table| {
        let mut description = json!({"TimeToLiveStatus": "DISABLED"});
        if let Some(attribute) = &table.ttl {
            description = json!({"TimeToLiveStatus": "ENABLED", "AttributeName": attribute});
        }
        Ok(json!({ "TimeToLiveDescription": description }))
    })
}
