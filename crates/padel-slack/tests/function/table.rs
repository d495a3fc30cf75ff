//! A table for each test: on the simulated region, or on the server that `PADEL_DYNAMODB_URL` names
//! (`scripts/conformance-aws`).

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        KeyType, Projection, ProjectionType, ScalarAttributeType,
    },
};
use aws_sim::{ADMIN_KEY_ID, ADMIN_SECRET, DEFAULT_REGION, Region};
use padel_slack::function::{cloud::Cloud, dynamodb::DynamoLedger, units::PATIENT};
use serde_json::{Value, json};

/// The program that the functions' processes run: this build's, or another one such as that of a zip.
pub(crate) fn find_program() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests are an edge")]
    let named = std::env::var("PADEL_BOOTSTRAP");
    named
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_bootstrap").to_owned())
        .into()
}

/// A table, and the region that it is in if that is ours.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) region: Option<Region>,
}

impl Table {
    pub(crate) async fn make() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        #[expect(clippy::disallowed_methods, reason = "tests are an edge")]
        let named = std::env::var("PADEL_DYNAMODB_URL");
        let (region, url) = match named {
            Ok(url) => (None, url),
            Err(_) => {
                let region = Region::builder().start();
                let url = region.url();
                (Some(region), url)
            }
        };
        let client = make_cloud(&url).dynamodb();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("padel-{}-{number}", std::process::id());
        create_table(&client, &name).await;
        Self {
            client,
            name,
            region,
        }
    }

    pub(crate) fn ledger(&self) -> DynamoLedger {
        DynamoLedger::new(self.client.clone(), self.name.clone())
    }
}

/// Clients of a region at `url`, with the administrator's credentials.
pub(crate) fn make_cloud(url: &str) -> Cloud {
    let lookup = |name: &str| {
        let value = match name {
            "AWS_ACCESS_KEY_ID" => ADMIN_KEY_ID,
            "AWS_SECRET_ACCESS_KEY" => ADMIN_SECRET,
            "AWS_REGION" => DEFAULT_REGION,
            "AWS_ENDPOINT_URL" => url,
            _ => return None,
        };
        Some(value.to_owned())
    };
    Cloud::new(&lookup, PATIENT).unwrap()
}

/// Makes the table as `deploy/aws/template.yaml` describes it.
async fn create_table(client: &Client, name: &str) {
    let attribute = |name: &str, kind| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(kind).build().unwrap()
    };
    let key = |name: &str, kind| {
        let key = KeySchemaElement::builder().attribute_name(name);
        key.key_type(kind).build().unwrap()
    };
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
    let index = GlobalSecondaryIndex::builder()
        .index_name("open")
        .key_schema(key("open", KeyType::Hash))
        .key_schema(key("since", KeyType::Range))
        .projection(keys_only.build())
        .build()
        .unwrap();
    let creating = client
        .create_table()
        .table_name(name)
        .attribute_definitions(attribute("id", ScalarAttributeType::S))
        .attribute_definitions(attribute("open", ScalarAttributeType::S))
        .attribute_definitions(attribute("since", ScalarAttributeType::N))
        .key_schema(key("id", KeyType::Hash))
        .global_secondary_indexes(index)
        .billing_mode(BillingMode::PayPerRequest);
    creating.send().await.unwrap();
    // Some servers make it in a while.
    loop {
        let described = client.describe_table().table_name(name).send().await;
        let table = described.unwrap().table.unwrap();
        if table
            .table_status
            .is_some_and(|status| status.as_str() == "ACTIVE")
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The table as `deploy/aws/template.yaml` has it.
pub(crate) fn describe_table(name: &str) -> Value {
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "open", "AttributeType": "S"},
            {"AttributeName": "since", "AttributeType": "N"},
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "open",
            "KeySchema": [
                {"AttributeName": "open", "KeyType": "HASH"},
                {"AttributeName": "since", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
    })
}

/// Makes everything in a ledger's table three minutes older: the functions go by the machine's
/// clock, which no test can move.
pub(crate) async fn age_ledger(region: &Region, table: &str) {
    let client = make_cloud(&region.url()).dynamodb();
    for item in region.items(table) {
        let item = item.as_object().unwrap();
        let Some(since) = item.get("since") else {
            continue;
        };
        let age = |number: &Value| {
            let number: i64 = number["N"].as_str().unwrap().parse().unwrap();
            AttributeValue::N((number - 180_000).to_string())
        };
        let id = item["id"]["S"].as_str().unwrap().to_owned();
        let mut aging = client
            .update_item()
            .table_name(table)
            .key("id", AttributeValue::S(id))
            .expression_attribute_names("#since", "since")
            .expression_attribute_values(":since", age(since));
        let mut set = "SET #since = :since".to_owned();
        if let Some(until) = item.get("until") {
            set += ", #until = :until";
            aging = aging
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":until", age(until));
        }
        let questions = item.iter().filter(|(name, _)| name.starts_with("q#"));
        for (index, (name, question)) in questions.enumerate() {
            set += &format!(", #q{index}.#accepted_at = :q{index}");
            aging = aging
                .expression_attribute_names("#accepted_at", "accepted_at")
                .expression_attribute_names(format!("#q{index}"), name)
                .expression_attribute_values(
                    format!(":q{index}"),
                    age(&question["M"]["accepted_at"]),
                );
        }
        aging.update_expression(set).send().await.unwrap();
    }
}
