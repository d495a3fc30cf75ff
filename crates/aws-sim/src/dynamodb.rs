//! DynamoDB: the operations that a ledger needs, with their conditions, and those that make its
//! table.
//!
//! A row keeps what it was before its last change, so that reads that need not be consistent may
//! miss that change for a while, as the real ones may.

mod capacity;
mod expression;
mod input;
mod items;
mod number;
mod page;
mod table;
mod tables;
mod update;
mod value;

use std::{collections::BTreeMap, sync::Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value as Json;
use sim_server::locked;

pub use capacity::Capacity;
use input::Input;
use table::Table;
pub(crate) use value::item_to_json;

use crate::{
    answer::{Refusal, Reply},
    setup::Setup,
};

/// `X-Amz-Target` of its operations begins so.
pub(crate) const TARGET: &str = "DynamoDB_20120810.";
/// What the error types begin with.
pub(crate) const ERROR_PREFIX: &str = "com.amazonaws.dynamodb.v20120810#";

/// All tables of the region.
#[derive(Debug)]
pub(crate) struct DynamoDb {
    tables: Mutex<BTreeMap<String, Table>>,
    capacity: Mutex<Capacity>,
    /// Of tables that are made from now on.
    lag: TimeDelta,
    /// The most items that a page evaluates, in place of the 1 MB.
    page_items: Option<usize>,
}

/// A permission that an operation needs: action and resource.
pub(crate) type Permission = (String, String);

impl DynamoDb {
    pub(crate) fn new(lag: TimeDelta, page_items: Option<usize>) -> Self {
        Self {
            tables: Mutex::default(),
            capacity: Mutex::default(),
            lag,
            page_items,
        }
    }

    /// The permission for an operation, by the table or the index that it names.
    pub(crate) fn permission(setup: &Setup, operation: &str, body: &Json) -> Permission {
        let table = body["TableName"].as_str().unwrap_or("*");
        let table = table.rsplit('/').next().unwrap_or(table);
        let mut resource = setup.arn("dynamodb", &format!("table/{table}"));
        if let Some(index) = body["IndexName"].as_str() {
            resource = format!("{resource}/index/{index}");
        }
        (format!("dynamodb:{operation}"), resource)
    }

    /// Carries an operation out.
    pub(crate) fn call(
        &self,
        setup: &Setup,
        operation: &str,
        body: &Json,
        now: DateTime<Utc>,
    ) -> Reply {
        let input = Input::new(body)?;
        match operation {
            "CreateTable" => tables::create(self, setup, &input),
            "DeleteTable" => tables::delete(self, setup, &input),
            "DescribeTable" => tables::describe(self, setup, &input),
            "ListTables" => Ok(tables::list(self)),
            "UpdateTimeToLive" => tables::set_ttl(self, &input),
            "DescribeTimeToLive" => tables::describe_ttl(self, &input),
            "GetItem" => items::get(self, &input, now),
            "PutItem" => items::put(self, &input, now),
            "DeleteItem" => items::delete(self, &input, now),
            "UpdateItem" => update::update(self, &input, now),
            "Query" => page::query(self, &input, now),
            "Scan" => page::scan(self, &input, now),
            _ => Err(Refusal::new(
                "UnknownOperationException",
                &format!("the simulator does not know the operation {operation}"),
            )),
        }
    }

    /// Does something with a table that must exist.
    fn with_table<T>(
        &self,
        input: &Input<'_>,
        work: impl FnOnce(&mut Table) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let name = tables::read_name(input)?;
        let mut tables = locked(&self.tables);
        let table = tables.get_mut(&name).ok_or_else(|| {
            Refusal::new("ResourceNotFoundException", "Requested resource not found")
        })?;
        work(table)
    }

    /// Makes a table; fails with the sentence of `CreateTable`.
    pub(crate) fn make_table(
        &self,
        setup: &Setup,
        description: &Json,
        ttl: Option<&str>,
    ) -> Result<(), String> {
        let input = Input::new(description).map_err(|refusal| refusal.message)?;
        tables::create(self, setup, &input).map_err(|refusal| refusal.message)?;
        let ttl = ttl.map(str::to_owned);
        let made = self.with_table(&input, |table| {
            table.ttl = ttl;
            Ok(())
        });
        made.map_err(|refusal| refusal.message)
    }

    /// All items of a table, in no order; none of a table that does not exist.
    pub(crate) fn items(&self, table: &str) -> Vec<Json> {
        let tables = locked(&self.tables);
        let items = tables.get(table).map(|table| {
            let items = table.items();
            items.map(item_to_json).collect()
        });
        items.unwrap_or_default()
    }

    /// Removes what has expired from all tables; returns the number.
    pub(crate) fn remove_expired(&self, now: DateTime<Utc>) -> usize {
        let mut tables = locked(&self.tables);
        tables
            .values_mut()
            .map(|table| table.remove_expired(now))
            .sum()
    }

    /// The capacity consumed so far.
    pub(crate) fn capacity(&self) -> Capacity {
        *locked(&self.capacity)
    }
}
