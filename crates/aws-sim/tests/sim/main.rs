//! The simulated region from outside: signed calls of its services.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not count a test's helpers as tests"
)]

mod client;
mod dynamodb;
mod front;
mod gate;
mod lambda;
mod program;
mod queue;
mod ssm;
mod template;

use aws_sim::{Builder, Region};
use serde_json::{Value, json};

/// A region with the table `padel`, and a secret.
fn region() -> Builder {
    Region::builder()
        .table(table(), Some("expires"))
        .secret("/padel/secret", "s3cret")
        .now("2026-11-23T09:00:00Z")
}

fn table() -> Value {
    json!({
        "TableName": "padel",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "open", "AttributeType": "S"},
            {"AttributeName": "since", "AttributeType": "N"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "open",
            "KeySchema": [
                {"AttributeName": "open", "KeyType": "HASH"},
                {"AttributeName": "since", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}
