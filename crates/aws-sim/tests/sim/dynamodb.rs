//! DynamoDB beyond what `conformance/aws.py` tries on others' simulators, too: lag, pages, expiry,
//! capacity.

use std::time::Duration;

use aws_sim::Region;
use serde_json::{Value, json};

use crate::{
    client::{Caller, key},
    region,
};

fn put(caller: &Caller, item: &Value) {
    let answer = caller.dynamodb("PutItem", &json!({"TableName": "padel", "Item": item}));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn get(caller: &Caller, id: &str, consistent: bool) -> Value {
    let wanted = json!({"TableName": "padel", "Key": key(id), "ConsistentRead": consistent});
    caller.dynamodb("GetItem", &wanted).body["Item"].clone()
}

fn query_open(caller: &Caller, start: &Value) -> Value {
    let mut wanted = json!({
        "TableName": "padel",
        "IndexName": "open",
        "KeyConditionExpression": "#open = :open AND since < :before",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":open": {"S": "open"}, ":before": {"N": "1000"}},
    });
    if !start.is_null() {
        wanted["ExclusiveStartKey"] = start.clone();
    }
    caller.dynamodb("Query", &wanted).body
}

fn open(id: &str, since: u32) -> Value {
    json!({"id": {"S": id}, "open": {"S": "open"}, "since": {"N": since.to_string()}})
}

#[test]
fn reads_that_need_not_be_consistent_miss_a_change() {
    let region = region().read_lag(Duration::from_secs(3600)).start();
    let caller = Caller::admin(region.url());
    put(&caller, &open("a", 1));
    assert_eq!(get(&caller, "a", false), Value::Null);
    assert_eq!(get(&caller, "a", true)["since"]["N"], "1");
    assert_eq!(query_open(&caller, &Value::Null)["Count"], 0);
}

#[test]
fn reads_catch_up_once_the_lag_is_over() {
    let region = region().read_lag(Duration::from_millis(1)).start();
    let caller = Caller::admin(region.url());
    put(&caller, &open("a", 1));
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(get(&caller, "a", false)["since"]["N"], "1");
    assert_eq!(query_open(&caller, &Value::Null)["Count"], 1);
}

#[test]
fn small_pages_hold_everything_once() {
    let region = region().page_items(2).start();
    let caller = Caller::admin(region.url());
    for number in 0..5 {
        put(&caller, &open(&format!("q{number}"), 9 - number / 2));
    }
    let (mut seen, mut start, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let page = query_open(&caller, &start);
        let items = page["Items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["id"]["S"].to_string()));
        pages += 1;
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), pages), (5, 3));
}

#[test]
fn expired_items_stay_until_they_are_removed() {
    let region = region().start();
    let caller = Caller::admin(region.url());
    // Of 2026-11-23T09:00:00Z.
    let now = 1_795_424_400_u64;
    for (id, expires) in [
        ("seconds", now - 1),
        ("later", now + 1),
        ("milliseconds", now * 1000 - 1),
        ("ancient", 1),
    ] {
        put(
            &caller,
            &json!({"id": {"S": id}, "expires": {"N": expires.to_string()}}),
        );
    }
    put(
        &caller,
        &json!({"id": {"S": "text"}, "expires": {"S": (now - 1).to_string()}}),
    );
    assert_eq!(region.items("padel").len(), 5);
    assert_eq!(region.remove_expired(), 1);
    assert_eq!(get(&caller, "seconds", true), Value::Null);
    region.advance(Duration::from_secs(2));
    assert_eq!(region.remove_expired(), 1);
    assert_eq!(region.items("padel").len(), 3);
}

#[test]
fn capacity_is_counted_as_it_is_billed() {
    let region = region().start();
    let caller = Caller::admin(region.url());
    put(&caller, &key("small"));
    assert!((region.capacity().write_units - 1.0).abs() < 1e-9);
    // One for the item, one for its place in the index.
    put(&caller, &open("indexed", 1));
    assert!((region.capacity().write_units - 3.0).abs() < 1e-9);
    get(&caller, "small", true);
    get(&caller, "small", false);
    assert!((region.capacity().read_units - 1.5).abs() < 1e-9);
    let told = caller.dynamodb(
        "PutItem",
        &json!({
            "TableName": "padel",
            "Item": {"id": {"S": "large"}, "text": {"S": "x".repeat(3000)}},
            "ReturnConsumedCapacity": "TOTAL",
        }),
    );
    assert_eq!(told.body["ConsumedCapacity"]["CapacityUnits"], 3.0);
}

#[test]
fn what_the_simulator_does_not_know_is_refused() {
    let region = Region::builder().start();
    let caller = Caller::admin(region.url());
    let answer = caller.dynamodb("TransactWriteItems", &json!({"TransactItems": []}));
    assert_eq!(answer.error(), "UnknownOperationException");
    let answer = caller.dynamodb("PutItem", &json!({"TableName": "padel", "Expected": {}}));
    assert_eq!(answer.error(), "ValidationException");
    assert!(answer.text.contains("Expected"), "{}", answer.text);
}
