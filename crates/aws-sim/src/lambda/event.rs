//! Requests as events, in the shapes of the four fronts (documented, but for what is marked).

use axum::http::{HeaderMap, Method};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use sim_server::machine_time;

use super::Front;
use crate::setup::ACCOUNT;

/// A request that a front received.
#[derive(Debug)]
pub(super) struct Received<'a> {
    pub(super) method: &'a Method,
    /// Without what names front and function.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) request_id: String,
    /// The route that it came by.
    pub(super) route: String,
}

pub(super) fn make_event(front: Front, request: &Received<'_>) -> Value {
    match front {
        Front::HttpApi | Front::FunctionUrl => make_second(front, request),
        Front::RestApi => make_first(request),
        Front::Alb | Front::AlbMultiValue => make_balanced(front, request),
    }
}

/// Version 2.0: names in small letters, values of one name joined.
fn make_second(front: Front, request: &Received<'_>) -> Value {
    let domain = match front {
        Front::HttpApi => "simulated.execute-api.eu-west-1.amazonaws.com",
        _ => "simulated.lambda-url.eu-west-1.on.aws",
    };
    let now = machine_time();
    let mut event = json!({
        "version": "2.0",
        "routeKey": request.route,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": joined_headers(request.headers),
        "requestContext": {
            "accountId": if front == Front::HttpApi { ACCOUNT } else { "anonymous" },
            "apiId": "simulated",
            "domainName": domain,
            "domainPrefix": "simulated",
            "http": {
                "method": request.method.as_str(),
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": header(request.headers, "user-agent"),
            },
            "requestId": request.request_id,
            "routeKey": request.route,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": false,
    });
    let query = parse_query(request.query);
    if !query.is_empty() {
        let joined = query
            .iter()
            .map(|(name, values)| (name.clone(), json!(values.join(","))));
        event["queryStringParameters"] = Value::Object(joined.collect());
    }
    let cookies: Vec<&str> = header(request.headers, "cookie")
        .split("; ")
        .filter(|cookie| !cookie.is_empty())
        .collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    // An empty one is left out.
    if !request.body.is_empty() {
        put_body(&mut event, request, is_text(request.headers));
    }
    event
}

/// Version 1.0 of REST APIs: names as Slack writes them.
fn make_first(request: &Received<'_>) -> Value {
    let headers = listed_headers(request.headers, to_title_case);
    let single = last_values(&headers);
    let query = parse_query(request.query);
    let lists: Map<String, Value> = query
        .into_iter()
        .map(|(name, values)| (name, json!(values)))
        .collect();
    let mut event = json!({
        "resource": request.path,
        "path": request.path,
        "httpMethod": request.method.as_str(),
        "headers": single,
        "multiValueHeaders": headers,
        "queryStringParameters": null_if_empty(last_values(&lists)),
        "multiValueQueryStringParameters": null_if_empty(lists),
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "simulated",
            "httpMethod": request.method.as_str(),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": header(request.headers, "user-agent")},
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": request.request_id,
            "requestTimeEpoch": machine_time().timestamp_millis(),
            "resourcePath": request.path,
            "stage": "prod",
        },
        "body": null,
        "isBase64Encoded": false,
    });
    if !request.body.is_empty() {
        // Without binary media types everything is taken for text.
        put_body(&mut event, request, true);
    }
    event
}

/// Of an Application Load Balancer.
fn make_balanced(front: Front, request: &Received<'_>) -> Value {
    let group = format!(
        "arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:targetgroup/simulated/6d0ecf831eec9f09"
    );
    let headers = listed_headers(request.headers, str::to_owned);
    let query = parse_query(request.query);
    let query: Map<String, Value> = query
        .into_iter()
        .map(|(name, values)| (name, json!(values)))
        .collect();
    let mut event = json!({
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": request.method.as_str(),
        "path": request.path,
        "body": "",
        "isBase64Encoded": false,
    });
    if front == Front::AlbMultiValue {
        event["multiValueHeaders"] = json!(headers);
        event["multiValueQueryStringParameters"] = json!(query);
    } else {
        event["headers"] = json!(last_values(&headers));
        event["queryStringParameters"] = json!(last_values(&query));
    }
    if !request.body.is_empty() {
        put_body(&mut event, request, is_text(request.headers));
    }
    event
}

fn put_body(event: &mut Value, request: &Received<'_>, as_text: bool) {
    if as_text {
        event["body"] = json!(String::from_utf8_lossy(request.body));
    } else {
        event["body"] = json!(BASE64_STANDARD.encode(request.body));
        event["isBase64Encoded"] = json!(true);
    }
}

/// The types that stay text; that of forms does not (assumed for HTTP APIs and Function URLs).
fn is_text(headers: &HeaderMap) -> bool {
    let kind = header(headers, "content-type").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let texts = [
        "application/json",
        "application/javascript",
        "application/xml",
    ];
    kind.starts_with("text/") || texts.contains(&kind)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The headers that a front adds.
fn added_headers() -> [(&'static str, &'static str); 3] {
    [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ]
}

fn joined_headers(headers: &HeaderMap) -> Map<String, Value> {
    let lists = listed_headers(headers, str::to_owned);
    let joined = lists.into_iter().map(|(name, values)| {
        let values: Vec<&str> = values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        (name, json!(values.join(",")))
    });
    joined.collect()
}

fn listed_headers(headers: &HeaderMap, write: impl Fn(&str) -> String) -> Map<String, Value> {
    let mut lists = Map::new();
    let sent = headers.iter().map(|(name, value)| {
        (
            name.as_str(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let added = added_headers()
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()));
    for (name, value) in sent.chain(added) {
        let list = lists.entry(write(name)).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(value));
        }
    }
    lists
}

/// Where one value is kept of several, it is the last.
fn last_values(lists: &Map<String, Value>) -> Map<String, Value> {
    let last = lists.iter().map(|(name, values)| {
        let last = values.as_array().and_then(|values| values.last());
        (name.clone(), last.cloned().unwrap_or(Value::Null))
    });
    last.collect()
}

fn null_if_empty(fields: Map<String, Value>) -> Value {
    if fields.is_empty() {
        Value::Null
    } else {
        Value::Object(fields)
    }
}

fn to_title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    words.collect::<Vec<_>>().join("-")
}

fn parse_query(query: &str) -> Vec<(String, Vec<String>)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => found.push((name, vec![value])),
        }
    }
    found
}
