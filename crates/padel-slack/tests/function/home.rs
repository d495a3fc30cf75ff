//! The bridge on AWS, with the ledger in DynamoDB: where this program's stages have it. What takes
//! deliveries and answers are the two functions themselves, in this process.

use std::{sync::Arc, time::Duration};

use aws_sim::{ADMIN_KEY_ID, ADMIN_SECRET, DEFAULT_REGION, Function, Region};
use claude_platform::Limits;
use padel_slack::{
    answer::{Progress, Reply},
    clock::Clock,
    function::{
        accept::Accept,
        answer::{Answer, AnswerError, Variables},
        dynamodb::DynamoLedger,
        units::Pace,
    },
    handover::Errand,
    ledger::Millis,
};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, sign_body};

use crate::{
    stage::{AGENT, CHANNEL, ENVIRONMENT, KEY, OWNER, Stage},
    table::{describe_table, make_cloud},
};

pub(crate) type Store = DynamoLedger;

/// Length of leases in histories with crashes. What a run that died has sent has arrived by then, on a busy machine, too.
pub(crate) const LEASE: Duration = Duration::from_millis(400);
/// Histories with crashes that a test run plays.
pub(crate) const HISTORIES: u64 = 150;
/// Short histories without them.
pub(crate) const SHORT_HISTORIES: u64 = 4;

const TABLE: &str = "padel-slack";
const SIGNING_SECRET: &str = "/padel/signing-secret";
const BOT_TOKEN: &str = "/padel/bot-token";
const API_KEY: &str = "/padel/api-key";
/// The function that is invoked, by hand.
const INVOKED: &str = "padel-slack-answer";

pub(crate) struct Home {
    pub(crate) region: Region,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::with_secret(DEFAULT_SIGNING_SECRET)
    }

    pub(crate) fn with_secret(secret: &str) -> Self {
        let region = Region::builder()
            .table(describe_table(TABLE), Some("expires"))
            .secret(SIGNING_SECRET, secret)
            .secret(BOT_TOKEN, DEFAULT_BOT_TOKEN)
            .secret(API_KEY, KEY)
            .function(Function::by_hand(INVOKED))
            .start();
        Self { region }
    }

    /// The ledger as one more process has it.
    pub(crate) fn open_ledger(&self) -> Store {
        let client = make_cloud(&self.region.url()).dynamodb();
        DynamoLedger::new(client, TABLE.to_owned())
    }

    /// Checks that the questions of one thread were answered in their order, given their keys in the
    /// order of the posts: one that was typed earlier comes later only if it arrived later.
    pub(crate) async fn check_order(&self, keys: &[String]) {
        let items = self.region.items(TABLE);
        let find = |key: &String| -> (String, i64) {
            let name = format!("q#{key}");
            let mut found = items.iter().filter_map(|item| item.get(&name)?.get("M"));
            let question = found.next().unwrap();
            let accepted_at = question["accepted_at"]["N"].as_str().unwrap();
            let ts = question["ts"]["S"].as_str().unwrap();
            (ts.to_owned(), accepted_at.parse().unwrap())
        };
        let places: Vec<(String, i64)> = keys.iter().map(find).collect();
        for (index, (ts, arrival)) in places.iter().enumerate() {
            for (later_ts, later_arrival) in &places[index..] {
                let is_in_order = ts <= later_ts || later_arrival >= arrival;
                assert!(is_in_order, "{keys:?}: {places:?}");
            }
        }
    }

    /// Events that the answering function was invoked with since the last time.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        self.region.take_events(INVOKED)
    }

    /// The variables that both functions have.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let value = match name {
            "AWS_ACCESS_KEY_ID" => ADMIN_KEY_ID,
            "AWS_SECRET_ACCESS_KEY" => ADMIN_SECRET,
            "AWS_REGION" => DEFAULT_REGION,
            "AWS_ENDPOINT_URL" => return Some(self.region.url()),
            "PADEL_TABLE" => TABLE,
            "PADEL_ANSWER_FUNCTION" => INVOKED,
            "SLACK_SIGNING_SECRET_PARAMETER" => SIGNING_SECRET,
            "SLACK_BOT_TOKEN_PARAMETER" => BOT_TOKEN,
            "ANTHROPIC_API_KEY_PARAMETER" => API_KEY,
            _ => return None,
        };
        Some(value.to_owned())
    }
}

/// An event of an HTTP API with these headers.
pub(crate) fn make_event(headers: &[(&str, &str)], body: &str) -> Value {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    let headers = Value::Object(headers.collect());
    json!({
        "version": "2.0", "rawPath": "/slack/events", "isBase64Encoded": false, "body": body,
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "path": "/slack/events"}},
    })
}

/// A delivery as Slack signs it at this time.
pub(crate) fn sign_event(delivery: &Value, now: Millis) -> Value {
    let (body, seconds) = (delivery.to_string(), (now / 1000).to_string());
    let signature = sign_body(DEFAULT_SIGNING_SECRET, &seconds, body.as_bytes());
    let headers = [
        ("x-slack-request-timestamp", seconds.as_str()),
        ("x-slack-signature", &signature),
    ];
    make_event(&headers, &body)
}

impl Stage {
    /// One more environment of the function that accepts.
    pub(crate) fn accepting(&self) -> Accept {
        self.accepting_by(self.clock())
    }

    /// The same, by another clock.
    pub(crate) fn accepting_by(&self, clock: Clock) -> Accept {
        let rate = self.limit.questions.to_string();
        let lookup = |name: &str| match name {
            "PADEL_SLACK_CHANNELS" => Some(CHANNEL.to_owned()),
            "PADEL_SLACK_OWNERS" => Some(OWNER.to_owned()),
            "PADEL_SLACK_RATE" => Some(rate.clone()),
            _ => self.home.variable(name),
        };
        Accept::new(&lookup, clock, self.log()).unwrap()
    }

    /// One more environment of the function that answers.
    pub(crate) fn answering(&self) -> Answer {
        let owned = |name: &str| self.home.variable(name);
        let names = [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION",
            "AWS_ENDPOINT_URL",
            "PADEL_TABLE",
            "SLACK_BOT_TOKEN_PARAMETER",
            "ANTHROPIC_API_KEY_PARAMETER",
        ];
        let mut variables: Vec<(&str, String)> = names
            .into_iter()
            .filter_map(|name| Some((name, owned(name)?)))
            .collect();
        variables.extend([
            ("SLACK_API_URL", self.workspace.api_url()),
            ("ANTHROPIC_BASE_URL", self.platform.url()),
            ("PADEL_AGENT_ID", AGENT.to_owned()),
            ("PADEL_ENVIRONMENT_ID", ENVIRONMENT.to_owned()),
            ("PADEL_VAULT_IDS", self.credentials.vault_ids.join(",")),
        ]);
        if let Some(file) = self.credentials.resources.first() {
            let id = file["file_id"].as_str().unwrap();
            variables.push(("PADEL_FILE_ID", id.to_owned()));
        }
        if let Some(cost) = &self.max_cost {
            let cents: u32 = cost.amount.parse().unwrap();
            let dollars = format!("{}.{:02}", cents / 100, cents % 100);
            variables.push(("PADEL_MAX_COST", dollars));
        }
        if let Reply::Agent(session) = &self.reply {
            variables.push(("PADEL_SESSION_ID", session.clone()));
        }
        let lookup: Variables = Arc::new(move |name| {
            let mut found = variables
                .iter()
                .filter(|(known, value)| *known == name && !value.is_empty());
            found.next().map(|(_, value)| value.clone())
        });
        let pace = Pace {
            timing: self.timing,
            patience: Duration::from_secs(10),
            first_wait: Duration::from_millis(5),
            platform: Limits {
                first_wait: Duration::from_millis(1),
                ..Limits::default()
            },
        };
        Answer::new(lookup, pace, self.clock(), self.log()).unwrap()
    }

    /// Takes a delivery by the function that accepts; returns the status for Slack.
    pub(crate) async fn take(&self, delivery: &Value) -> u16 {
        let event = sign_event(delivery, (self.clock())());
        let answer = self.accepting().handle(&event).await;
        u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap()
    }

    /// Invokes the function that answers, and again while it fails as Lambda does.
    pub(crate) async fn answer(&self, errand: &Errand) -> Progress {
        let (function, event) = (self.answering(), serde_json::to_value(errand).unwrap());
        for _ in 0..3 {
            match function.handle(event.clone(), 0).await {
                Ok(()) => return Progress::Done,
                Err(AnswerError::Later) => {}
                Err(error) => panic!("{error}: {}", self.lines()),
            }
        }
        panic!("it never ends: {}", self.lines())
    }
}
