//! The way in on AWS: the function that accepts, behind each of its fronts in turn.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use padel_slack::{filter::Filter, function::accept::Accept, handover::Errand, ledger::Millis};
use serde_json::{Map, Value, json};

use crate::home::{Home, Store, make_event};

pub(crate) const TIME: Millis = 1_531_420_618_000;

/// A function that takes requests.
pub(crate) struct Bridge {
    home: Home,
    accept: Accept,
    pub(crate) ledger: Store,
    lines: Arc<Mutex<Vec<String>>>,
    pub(crate) clock: Arc<AtomicI64>,
    posts: AtomicUsize,
    errands: Mutex<Vec<Errand>>,
}

/// Starts a bridge with these signing secrets, `new,old`.
pub(crate) async fn start_for(filter: Filter, secrets: &str) -> Bridge {
    let home = Home::with_secret(secrets);
    let clock = Arc::new(AtomicI64::new(TIME));
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let join = |list: &std::collections::BTreeSet<String>| {
        Some(list.iter().cloned().collect::<Vec<_>>().join(","))
    };
    let lookup = |name: &str| match name {
        "SLACK_APP_ID" => filter.app.clone(),
        "SLACK_TEAM_ID" => filter.team.clone(),
        "PADEL_SLACK_CHANNELS" => join(&filter.channels),
        "PADEL_SLACK_OWNERS" => join(&filter.owners),
        "PADEL_SLACK_IGNORED" => join(&filter.ignored),
        _ => home.variable(name),
    };
    let (time, written) = (Arc::clone(&clock), Arc::clone(&lines));
    let accept = Accept::new(
        &lookup,
        Arc::new(move || time.load(Ordering::Relaxed)),
        Arc::new(move |entry| {
            let line = entry.to_json("2018-07-12T18:36:58Z");
            written.lock().unwrap().push(line);
        }),
    );
    Bridge {
        accept: accept.unwrap(),
        ledger: home.open_ledger(),
        home,
        lines,
        clock,
        posts: AtomicUsize::new(0),
        errands: Mutex::default(),
    }
}

impl Bridge {
    /// Posts a body with these headers, by one front after the other; returns status and body of
    /// the answer.
    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let front = self.posts.fetch_add(1, Ordering::Relaxed) % 4;
        let answer = self.accept.handle(&write_event(front, headers, body)).await;
        let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
        (status, answer["body"].as_str().unwrap().to_owned())
    }

    /// Errands that the other function was invoked for, in their order.
    pub(crate) fn errands(&self) -> Vec<Errand> {
        let mut errands = self.errands.lock().unwrap();
        let events = self.home.take_events().into_iter();
        errands.extend(events.map(|event| serde_json::from_value::<Errand>(event).unwrap()));
        errands.clone()
    }

    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// A request as a front writes it: an HTTP API, a Function URL, a REST API, a load balancer that
/// passes on each value of a header.
fn write_event(front: usize, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let text = str::from_utf8(body).ok().filter(|_| front != 1);
    let written = text.map_or_else(|| BASE64_STANDARD.encode(body), str::to_owned);
    let mut joined: Vec<(String, String)> = Vec::new();
    let mut lists = Map::new();
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        match joined.iter_mut().find(|(known, _)| *known == lower) {
            Some((_, values)) => *values += &format!(",{value}"),
            None => joined.push((lower, (*value).to_owned())),
        }
        let list = lists.entry(*name).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!(value));
    }
    let joined: Vec<(&str, &str)> = joined
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut event = match front {
        0 | 1 => make_event(&joined, &written),
        2 => {
            let last = lists.iter().map(|(name, values)| {
                (
                    name.clone(),
                    values.as_array().unwrap().last().unwrap().clone(),
                )
            });
            json!({
                "path": "/slack/events", "httpMethod": "POST", "body": written,
                "headers": Value::Object(last.collect()), "multiValueHeaders": lists,
                "requestContext": {"stage": "prod"},
            })
        }
        _ => json!({
            "path": "/slack/events", "httpMethod": "POST", "body": written,
            "multiValueHeaders": lists, "requestContext": {"elb": {"targetGroupArn": "arn"}},
        }),
    };
    event["isBase64Encoded"] = json!(text.is_none());
    event
}
