//! Signatures, policies and faults of every call.

use std::time::Duration;

use aws_sim::{Credentials, ErrorName, Fault};
use serde_json::{Value, json};

use crate::{
    client::{Caller, key, send_plain},
    region,
};

fn get(caller: &Caller) -> crate::client::Answer {
    let wanted = json!({"TableName": "padel", "Key": key("a")});
    caller.dynamodb("GetItem", &wanted)
}

#[test]
fn a_signature_of_anything_else_is_refused() {
    let region = region().start();
    assert_eq!(get(&Caller::admin(region.url())).status, 200);
    let admin = || Caller::admin(region.url());
    let with = |change: &dyn Fn(&mut Credentials)| {
        let mut caller = admin();
        change(&mut caller.credentials);
        get(&caller)
    };
    let wrong_secret = with(&|keys| keys.secret_access_key.push('x'));
    assert_eq!(wrong_secret.status, 400);
    assert_eq!(wrong_secret.error(), "InvalidSignatureException");
    let unknown = with(&|keys| keys.access_key_id = "AKIANOBODY".to_owned());
    assert_eq!(unknown.error(), "UnrecognizedClientException");
    let token = with(&|keys| keys.session_token = Some("token".to_owned()));
    assert_eq!(token.error(), "UnrecognizedClientException");
    for minutes in [14, 16] {
        let mut caller = admin();
        caller.clock_ahead = Duration::from_secs(minutes * 60);
        assert_eq!(get(&caller).status == 200, minutes < 15, "{minutes}");
    }
    let mut elsewhere = admin();
    elsewhere.region = "eu-west-2".to_owned();
    assert_eq!(get(&elsewhere).error(), "InvalidSignatureException");
}

#[test]
fn a_call_without_a_signature_is_refused() {
    let region = region().start();
    let headers = [("x-amz-target", "DynamoDB_20120810.ListTables")];
    let answer = send_plain("POST", &region.url(), &headers, "{}");
    assert_eq!(answer.error(), "MissingAuthenticationTokenException");
    let signed = [
        headers[0],
        ("authorization", "AWS4-HMAC-SHA256 Credential=x"),
    ];
    let answer = send_plain("POST", &region.url(), &signed, "{}");
    assert_eq!(answer.error(), "IncompleteSignatureException");
}

#[test]
fn a_role_may_do_what_its_policy_says() {
    let policy = json!({"Statement": [{
        "Effect": "Allow",
        "Action": "dynamodb:GetItem",
        "Resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/padel",
    }]});
    let region = region().role("accept", &policy).unwrap().start();
    let caller = Caller::role(region.url(), "accept");
    assert_eq!(get(&caller).status, 200);
    let put = json!({"TableName": "padel", "Item": key("a")});
    let answer = caller.dynamodb("PutItem", &put);
    assert_eq!(
        (answer.status, answer.error()),
        (400, "AccessDeniedException")
    );
    assert!(region.items("padel").is_empty());
    let used = region.used_permissions();
    let told: Vec<(&str, bool)> = used
        .iter()
        .map(|used| (used.action.as_str(), used.was_allowed))
        .collect();
    assert_eq!(
        told,
        [("dynamodb:GetItem", true), ("dynamodb:PutItem", false)]
    );
}

#[test]
fn a_fault_strikes_the_operation_that_it_names() {
    let region = region().start();
    let caller = Caller::admin(region.url());
    let throttled = Fault::Error(ErrorName("ThrottlingException"));
    region.push_fault(throttled, "/dynamodb/PutItem", 1);
    assert_eq!(get(&caller).status, 200);
    let put = json!({"TableName": "padel", "Item": key("a")});
    let answer = caller.dynamodb("PutItem", &put);
    assert_eq!(
        (answer.status, answer.error()),
        (400, "ThrottlingException")
    );
    assert_eq!(caller.dynamodb("PutItem", &put).status, 200);
    region.push_fault(Fault::Status(503), "/dynamodb", 1);
    assert_eq!((get(&caller).status, get(&caller).status), (503, 200));
}

#[test]
fn a_lost_answer_is_that_of_something_done() {
    let region = region().start();
    let caller = Caller::admin(region.url());
    let put = |id: &str| {
        let body = json!({"TableName": "padel", "Item": key(id)}).to_string();
        let headers = [("x-amz-target", "DynamoDB_20120810.PutItem")];
        caller.send("dynamodb", "POST", "/", &headers, &body)
    };
    for (fault, is_done) in [
        (Fault::LostBefore, false),
        (Fault::Reset, false),
        (Fault::LostAfter, true),
        (Fault::ResetAfter, true),
        (Fault::Truncated, true),
    ] {
        region.push_fault(fault, "/dynamodb/PutItem", 1);
        put(&fault.to_string()).unwrap_err();
        let items = region.items("padel");
        let is_there = items.contains(&key(&fault.to_string()));
        assert_eq!(is_there, is_done, "{fault}");
    }
    region.push_fault(Fault::Malformed, "/dynamodb/PutItem", 1);
    assert_eq!(put("malformed").unwrap().body, Value::Null);
    assert_eq!(region.items("padel").len(), 4);
}
